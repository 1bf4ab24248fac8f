//! Numbers as people of a language write them.

use super::{Language, language};

/// `12,345`, `12.345`, `12 345`.
pub fn grouped(number: impl Into<i128>) -> String {
    let number = number.into();
    let digits = number.unsigned_abs().to_string();
    let (mark, least) = match language() {
        Language::English | Language::Pseudo => (',', 4),
        Language::German => ('.', 4),
        // Four digits stand together. [RAE]
        Language::Spanish => ('.', 5),
        Language::French => ('\u{202f}', 4),
    };
    let mut shown = String::from(if number < 0 { "-" } else { "" });
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && digits.len() >= least && (digits.len() - nth).is_multiple_of(3) {
            shown.push(mark);
        }
        shown.push(digit);
    }
    shown
}

/// A number that is written with a point, such as `1.5`: `1,5` where people write a comma.
pub fn decimal(written: &str) -> String {
    match language() {
        Language::English | Language::Pseudo => written.to_owned(),
        Language::German | Language::Spanish | Language::French => written.replacen('.', ",", 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::speaking;

    #[test]
    fn digits_are_grouped_as_is_customary() {
        for (language, shown) in [
            (Language::English, ["0", "999", "1,000", "12,345", "-1,234,567", "1.5"]),
            (Language::German, ["0", "999", "1.000", "12.345", "-1.234.567", "1,5"]),
            (Language::Spanish, ["0", "999", "1000", "12.345", "-1.234.567", "1,5"]),
            (Language::French, ["0", "999", "1\u{202f}000", "12\u{202f}345", "-1\u{202f}234\u{202f}567", "1,5"]),
        ] {
            speaking(language, || {
                for (number, shown) in [0, 999, 1_000, 12_345, -1_234_567].into_iter().zip(shown) {
                    assert_eq!(grouped(number), shown);
                }
                assert_eq!(decimal("1.5"), shown[5]);
            });
        }
    }
}
