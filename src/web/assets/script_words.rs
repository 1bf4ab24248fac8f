//! What the scripts of the pages say: the messages in their text, and the tables of them in other languages.

use std::{borrow::Cow, collections::BTreeMap};

use crate::i18n::{Language, forms};

/// A message of a script: its form for one, and that for many if it depends on a number.
pub(super) type Said = (String, Option<String>);

/// Those that need a table.
pub(super) const LANGUAGES: [Language; 4] = [Language::German, Language::Spanish, Language::French, Language::Pseudo];

/// The messages of a script: `t('…'` and `many('…', '…'`, in single quotes.
pub(super) fn messages(script: &str) -> Vec<Said> {
    let mut found = Vec::new();
    let mut before = ' ';
    for (at, letter) in script.char_indices() {
        let begins = !(before.is_alphanumeric() || before == '_' || before == '.');
        before = letter;
        let Some(rest) = script.get(at..).filter(|_| begins) else { continue };
        if let Some((text, _)) = rest.strip_prefix("t(").and_then(literal) {
            found.push((text, None));
        } else if let Some((one, rest)) = rest.strip_prefix("many(").and_then(literal)
            && let Some((other, _)) = rest.trim_start().strip_prefix(',').and_then(literal)
        {
            found.push((one, Some(other)));
        }
    }
    found
}

/// What stands in single quotes at the beginning, and what follows.
fn literal(rest: &str) -> Option<(String, &str)> {
    let rest = rest.trim_start().strip_prefix('\'')?;
    let mut text = String::new();
    let mut letters = rest.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\'' => return Some((text, &rest[at + 1..])),
            '\\' => text.push(letters.next()?.1),
            other => text.push(other),
        }
    }
    None
}

/// The messages in a language as JSON: from the English text to its forms.
pub(super) fn table(language: Language, said: &[Said]) -> String {
    let table: BTreeMap<&str, Vec<Cow<'_, str>>> =
        said.iter().map(|(one, other)| (one.as_str(), forms(language, one, other.as_deref()))).collect();
    serde_json::to_string(&table).unwrap_or_else(|_| "{}".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_found_in_a_script() {
        let script = r"a.ariaLabel = t('Remove {file}', { file }); split('no'); x.t('neither');
            many('{n} photo',
              '{n} photos', n); t(`not this`); [t('It\'s you.')]";
        assert_eq!(
            messages(script),
            [
                ("Remove {file}".to_owned(), None),
                ("{n} photo".to_owned(), Some("{n} photos".to_owned())),
                ("It's you.".to_owned(), None)
            ]
        );
    }

    #[test]
    fn a_table_has_the_forms_of_a_language() {
        let said = [("{n} photo".to_owned(), Some("{n} photos".to_owned())), ("Next".to_owned(), None)];
        assert_eq!(
            table(Language::Pseudo, &said),
            r#"{"Next":["⟦Nééxt⟧"],"{n} photo":["⟦{n} phöötöö⟧","⟦{n} phöötööš⟧"]}"#
        );
    }
}
