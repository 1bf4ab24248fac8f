//! Days and moments as people of a language write them.

use chrono::{Datelike, NaiveDateTime, Timelike};

use super::{Language, Message, language};

/// `March 1, 2027`, `1. März 2027`.
pub fn long_day(moment: NaiveDateTime) -> String {
    let months = [
        say!("long|January"),
        say!("long|February"),
        say!("long|March"),
        say!("long|April"),
        say!("long|May"),
        say!("long|June"),
        say!("long|July"),
        say!("long|August"),
        say!("long|September"),
        say!("long|October"),
        say!("long|November"),
        say!("long|December"),
    ];
    let pattern = say!("long|{month} {day}, {year}");
    written(moment, pattern, months)
}

/// `Mar 1, 2027`, `1. März 2027`.
pub fn short_day(moment: NaiveDateTime) -> String {
    let months = [
        say!("short|Jan"),
        say!("short|Feb"),
        say!("short|Mar"),
        say!("short|Apr"),
        say!("short|May"),
        say!("short|Jun"),
        say!("short|Jul"),
        say!("short|Aug"),
        say!("short|Sep"),
        say!("short|Oct"),
        say!("short|Nov"),
        say!("short|Dec"),
    ];
    let pattern = say!("short|{month} {day}, {year}");
    written(moment, pattern, months)
}

/// The day and the minute: `Mar 1, 2027, 18:00`.
pub fn short_moment(moment: NaiveDateTime) -> String {
    format!("{}, {:02}:{:02}", short_day(moment), moment.hour(), moment.minute())
}

/// The day and the second: `Mar 1, 2027, 18:00:05`.
pub fn short_second(moment: NaiveDateTime) -> String {
    format!("{}:{:02}", short_moment(moment), moment.second())
}

/// Each language puts day, month and year in its own order.
fn written(moment: NaiveDateTime, pattern: Message, months: [Message; 12]) -> String {
    let month = usize::try_from(moment.month0()).ok().and_then(|month| months.into_iter().nth(month));
    // The first of a month is an ordinal in French.
    let first = language() == Language::French && moment.day() == 1;
    let day = if first { "1er".to_owned() } else { moment.day().to_string() };
    pattern
        .with("month", month.unwrap_or(Message::new("")))
        .with("day", day)
        .with("year", moment.year().to_string())
        .to_string()
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::i18n::speaking;

    #[test]
    fn days_are_written_as_is_customary() {
        let moment = NaiveDate::from_ymd_opt(2027, 3, 1).and_then(|day| day.and_hms_opt(18, 5, 9)).unwrap();
        for (language, long, second) in [
            (Language::English, "March 1, 2027", "Mar 1, 2027, 18:05:09"),
            (Language::German, "1. März 2027", "1. März 2027, 18:05:09"),
            (Language::Spanish, "1 de marzo de 2027", "1 mar 2027, 18:05:09"),
            (Language::French, "1er mars 2027", "1er mars 2027, 18:05:09"),
        ] {
            speaking(language, || {
                assert_eq!((long_day(moment).as_str(), short_second(moment).as_str()), (long, second));
            });
        }
    }
}
