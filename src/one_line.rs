//! What people type where one line belongs: names, titles, labels.

/// Whether there is something on the line, at most `most` characters of it, and nothing that would break it or hide in it. Blanks
/// around it are the caller's to take off first.
pub fn fits(line: &str, most: usize) -> bool {
    !line.is_empty() && line.chars().count() <= most && !line.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_line_has_something_on_it_and_nothing_below_it() {
        assert!(fits("K", 3) && fits("Łąż", 3) && fits("日本語", 3));
        for wrong in ["", "four", "a\nb", "a\tb", "a\0", "\u{85}"] {
            assert!(!fits(wrong, 3), "{wrong:?}");
        }
    }
}
