//! English that looks foreign: accents show which words are messages, and its length what has no room to grow.

use std::fmt::Write;

/// The pattern in it. Places to fill, markup and characters written as references stay as they are.
pub(super) fn pseudo(pattern: &str) -> String {
    let mut shown = String::from("⟦");
    let mut rest = pattern;
    while let Some(letter) = rest.chars().next() {
        let end = match letter {
            '{' => '}',
            '<' => '>',
            '&' => ';',
            _ => ' ',
        };
        let kept = if end == ' ' { None } else { rest.find(end).filter(|at| !rest[..*at].contains(' ') || end == '>') };
        if let Some(at) = kept {
            shown.push_str(&rest[..=at]);
            rest = &rest[at + 1..];
            continue;
        }
        let _infallible = match letter {
            'a' => write!(shown, "áá"),
            'e' => write!(shown, "éé"),
            'i' => write!(shown, "ïï"),
            'o' => write!(shown, "öö"),
            'u' => write!(shown, "ûû"),
            'A' => write!(shown, "Â"),
            'E' => write!(shown, "Ê"),
            'I' => write!(shown, "Î"),
            'O' => write!(shown, "Ô"),
            'U' => write!(shown, "Û"),
            'c' => write!(shown, "ç"),
            'n' => write!(shown, "ñ"),
            's' => write!(shown, "š"),
            other => write!(shown, "{other}"),
        };
        rest = &rest[letter.len_utf8()..];
    }
    shown.push('⟧');
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_change() {
        assert_eq!(pseudo("Add {name} & go"), "⟦Âdd {name} & göö⟧");
        assert_eq!(pseudo("<a href='{href}' class='x'>Ice</a>&nbsp;{"), "⟦<a href='{href}' class='x'>Îçéé</a>&nbsp;{⟧");
    }
}
