//! What the pictures of an archive are called: as their people are, safe on every file system, and no two alike.

use std::collections::HashSet;

/// The longest part of a name that is kept, in characters.
const LONGEST: usize = 80;

/// What no name on Windows may have in it; a slash would be a folder anywhere.
const REFUSED: [char; 9] = ['<', '>', ':', '"', '/', '\\', '|', '?', '*'];

/// The names given so far.
#[derive(Default)]
pub(super) struct Names(HashSet<String>);

impl Names {
    /// `Jane Doe - headshot.jpg`; the next Jane Doe is `Jane Doe (2) - headshot.jpg`. `Jane` and `JANE` are the same file to Windows
    /// and macOS.
    pub(super) fn give(&mut self, person: &str) -> String {
        let person = safe(person);
        let name = |nth: usize| match nth {
            1 => format!("{person} - headshot.jpg"),
            nth => format!("{person} ({nth}) - headshot.jpg"),
        };
        let mut nth = 1;
        while !self.0.insert(name(nth).to_lowercase()) {
            nth += 1;
        }
        name(nth)
    }
}

/// What is left of a name when everything is gone that a file system, or whoever reads it, would stumble over: signs with a meaning,
/// signs that can't be seen or turn the reading around, dots and blanks at the ends.
fn safe(name: &str) -> String {
    let invisible = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let kept: String = name
        .chars()
        .map(|letter| if REFUSED.contains(&letter) || letter.is_whitespace() { ' ' } else { letter })
        .filter(|letter| !invisible(*letter))
        .collect();
    let words = kept.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let short: String = words.trim_matches(['.', ' ']).chars().take(LONGEST).collect();
    let short = short.trim_matches(['.', ' ']);
    if short.is_empty() { "Without a name".to_owned() } else { short.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_people_of_one_name_have_two_files() {
        let mut names = Names::default();
        let given = ["Jane Doe", "jane doe", "Jane Doe (2)", "Jane Doe", "Ann"].map(|name| names.give(name));
        assert_eq!(
            given,
            [
                "Jane Doe - headshot.jpg",
                "jane doe (2) - headshot.jpg",
                "Jane Doe (2) (2) - headshot.jpg",
                "Jane Doe (3) - headshot.jpg",
                "Ann - headshot.jpg"
            ]
        );
    }

    #[test]
    fn a_name_is_a_file_on_every_system() {
        for (name, left) in [
            ("Łukasz  O'Brien-Åse", "Łukasz O'Brien-Åse"),
            ("../../etc/passwd", "etc passwd"),
            ("C:\\Windows|<b>\"Kim\"?*", "C Windows b Kim"),
            ("kim@acme.test", "kim@acme.test"),
            ("Kim.\u{202e}gpj\n\0", "Kim.gpj"),
            (" ... ", "Without a name"),
            ("", "Without a name"),
        ] {
            assert_eq!(safe(name), left, "{name:?}");
        }
        assert_eq!(safe(&"ab ".repeat(60)).chars().count(), 80);
    }
}
