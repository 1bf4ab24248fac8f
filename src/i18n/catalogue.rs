//! The translations: one gettext file a language, keyed by the English text.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use super::{Language, pseudo::pseudo};

/// From the English text, with its context before it, to its forms.
type Catalogue = HashMap<String, Vec<String>>;

static GERMAN: LazyLock<Catalogue> = LazyLock::new(|| read(include_str!("../../assets/languages/de.po")));
static SPANISH: LazyLock<Catalogue> = LazyLock::new(|| read(include_str!("../../assets/languages/es.po")));
static FRENCH: LazyLock<Catalogue> = LazyLock::new(|| read(include_str!("../../assets/languages/fr.po")));

/// What a file that can't be read holds is nothing: English shows. A test reads them all.
fn read(file: &str) -> Catalogue {
    let Ok(catalogue) = polib::po_file::parse_from_reader(file.as_bytes()) else { return Catalogue::new() };
    let messages = catalogue.messages().filter(|message| message.is_translated()).filter_map(|message| {
        let (context, text) = (message.msgctxt().unwrap_or_default(), message.msgid());
        let key = if context.is_empty() { text.to_owned() } else { format!("{context}|{text}") };
        let forms = if message.is_plural() {
            message.msgstr_plural().ok()?.clone()
        } else {
            vec![message.msgstr().ok()?.to_owned()]
        };
        Some((key, forms))
    });
    messages.collect()
}

fn of(language: Language) -> Option<&'static Catalogue> {
    match language {
        Language::English | Language::Pseudo => None,
        Language::German => Some(&GERMAN),
        Language::Spanish => Some(&SPANISH),
        Language::French => Some(&FRENCH),
    }
}

/// A message's words in a language, with its places still to fill; English where they are missing.
pub(super) fn pattern<'t>(language: Language, text: &'t str, many: Option<(&'t str, u64)>) -> Cow<'t, str> {
    let form = many.map_or(0, |(_, count)| language.form(count));
    if let Some(translated) = of(language).and_then(|catalogue| catalogue.get(text)?.get(form)) {
        return Cow::Borrowed(translated);
    }
    let english = many.filter(|(_, count)| *count != 1).map_or(text, |(other, _)| other);
    let shown = english.split_once('|').map_or(english, |(_, shown)| shown);
    if language == Language::Pseudo && shown != "{text}" { Cow::Owned(pseudo(shown)) } else { Cow::Borrowed(shown) }
}

/// The forms of a message in a language: one, or that for one and that for many.
pub fn forms<'t>(language: Language, text: &'t str, other: Option<&'t str>) -> Vec<Cow<'t, str>> {
    match other {
        None => vec![pattern(language, text, None)],
        // The smallest numbers that take them in any language.
        Some(other) => [1, 2].map(|count| pattern(language, text, Some((other, count)))).into(),
    }
}
