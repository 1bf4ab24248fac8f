//! English that looks foreign: accents show which words are messages, and its length what has no room to grow.

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
        let (own, others) = rest.split_at(letter.len_utf8());
        shown.push_str(match letter {
            'a' => "áá",
            'e' => "éé",
            'i' => "ïï",
            'o' => "öö",
            'u' => "ûû",
            'A' => "Â",
            'E' => "Ê",
            'I' => "Î",
            'O' => "Ô",
            'U' => "Û",
            'c' => "ç",
            'n' => "ñ",
            's' => "š",
            _ => own,
        });
        rest = others;
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
