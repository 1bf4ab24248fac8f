//! Backups that the server makes by itself: where, how often, and how long they are kept.

use std::{path::PathBuf, str::FromStr, time::Duration};

use super::{
    Key, key,
    reader::{Reader, wrong},
};
use crate::error::Result;

/// Backups that the server makes by itself.
#[derive(Clone, Debug)]
pub struct Backups {
    /// The directory they go to.
    pub directory: PathBuf,
    /// How often.
    pub every: Duration,
    /// How long they are kept.
    pub keep: Keep,
}

/// Which backups are kept: those that any of the rules keeps. The newest always is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keep(pub Vec<Rule>);

/// One rule of what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The newest so many.
    Newest(usize),
    /// The newest of each of the last so many spans that have one.
    NewestOf(usize, Span),
}

/// A span of the calendar, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// `h`.
    Hour,
    /// `d`.
    Day,
    /// `w`, from Monday on.
    Week,
}

pub(super) const KEYS: &[Key] = &[
    key(
        "backup_dir",
        "",
        "Directory of the backups that the server makes by itself, best on another disk. Without one it makes none.",
    ),
    key("backup_every", "24h", "How often it makes one. Those of every 24h are made at 03:00 UTC."),
    key(
        "backup_keep",
        "7d,4w",
        "Which of them are kept: 7d,4w is the newest of each of 7 days and of 4 weeks; h is for hours, and a number alone for so many.",
    ),
];

/// A backup of everything is no cheap thing, and its name tells the minute.
const MOST_OFTEN: Duration = Duration::from_secs(60);

impl Backups {
    pub(super) fn read(read: &Reader<'_>) -> Result<Option<Self>> {
        let every = read.time("backup_every", "24h")?;
        if every < MOST_OFTEN {
            return Err(wrong("backup_every", read.text("backup_every"), "24h"));
        }
        let keep = read.parse("backup_keep", "7d,4w")?;
        let directory = read.text("backup_dir");
        Ok((!directory.is_empty()).then(|| Self { directory: directory.into(), every, keep }))
    }
}

/// It is no list of rules.
#[derive(Debug)]
pub struct NoRules;

impl FromStr for Keep {
    type Err = NoRules;

    fn from_str(text: &str) -> Result<Self, NoRules> {
        text.split(',').map(|rule| rule_of(rule.trim()).ok_or(NoRules)).collect::<Result<_, _>>().map(Self)
    }
}

fn rule_of(text: &str) -> Option<Rule> {
    let digits = text.trim_end_matches(['h', 'd', 'w']);
    let count = digits.parse().ok().filter(|count| *count > 0)?;
    match &text[digits.len()..] {
        "" => Some(Rule::Newest(count)),
        "h" => Some(Rule::NewestOf(count, Span::Hour)),
        "d" => Some(Rule::NewestOf(count, Span::Day)),
        "w" => Some(Rule::NewestOf(count, Span::Week)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_and_nonsense_is_not() {
        let read: Keep = "14, 24h,7d,4w".parse().unwrap();
        let spans =
            [(24, Span::Hour), (7, Span::Day), (4, Span::Week)].map(|(count, span)| Rule::NewestOf(count, span));
        assert_eq!(read.0, [&[Rule::Newest(14)][..], &spans].concat());
        for nonsense in ["", "d", "0d", "7y", "7dd", "-1", "7d,,4w"] {
            assert!(nonsense.parse::<Keep>().is_err(), "{nonsense}");
        }
    }
}
