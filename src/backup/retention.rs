//! The directory of the backups that the server makes by itself: their names, and which of them go.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use chrono::{Datelike, NaiveDateTime, Timelike};

use super::files::{on_its_way_to, remove_leftovers};
use crate::{
    clock::Timestamp,
    config::{Keep, Rule, Span},
    error::Result,
};

/// The names of our own; whatever is called otherwise is not ours to remove.
const PATTERN: &str = "headroom-%Y-%m-%dT%H%MZ.zip";

/// A backup in the directory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stored {
    /// When it was made, to the minute.
    pub made_at: Timestamp,
    /// Where it is.
    pub file: PathBuf,
}

/// What a backup made at this moment is called, such as `headroom-2026-11-22T0300Z.zip`.
pub fn name_at(moment: Timestamp) -> String {
    moment.date_time().format(PATTERN).to_string()
}

/// When the backup of this name was made; nothing if it is none of ours.
fn made_at(name: &str) -> Option<Timestamp> {
    let made = NaiveDateTime::parse_from_str(name, PATTERN).ok()?;
    let made = Timestamp::from_millis(made.and_utc().timestamp_millis());
    // Not every text that can be read so is one that we write.
    (name_at(made) == name).then_some(made)
}

/// The backups in a directory, the newest first; none if there is no such directory.
///
/// # Errors
/// It can't be read.
pub fn stored(directory: &Path) -> Result<Vec<Stored>> {
    let mut found: Vec<Stored> = names(directory)?
        .into_iter()
        .filter_map(|name| Some(Stored { made_at: made_at(&name)?, file: directory.join(name) }))
        .collect();
    found.sort_unstable_by(|one, other| other.cmp(one));
    Ok(found)
}

/// Removes the backups that no rule keeps, and what killed processes left of others. Answers how many backups went.
///
/// # Errors
/// One can't be removed, or the directory can't be read.
pub(super) fn prune(directory: &Path, keep: &Keep) -> Result<usize> {
    for name in names(directory)? {
        if let Some(of) = on_its_way_to(&name).filter(|of| made_at(of).is_some()) {
            remove_leftovers(&directory.join(of));
        }
    }
    let all = stored(directory)?;
    let times: Vec<Timestamp> = all.iter().map(|one| one.made_at).collect();
    let kept = kept(&times, keep);
    let old = all.iter().enumerate().filter(|(index, _)| !kept.contains(index));
    let mut gone = 0;
    for (_, one) in old {
        fs::remove_file(&one.file)?;
        gone += 1;
    }
    Ok(gone)
}

fn names(directory: &Path) -> io::Result<Vec<String>> {
    match fs::read_dir(directory) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        entries => {
            let names = entries?.map(|entry| entry.map(|entry| entry.file_name().into_string().ok()));
            Ok(names.collect::<io::Result<Vec<_>>>()?.into_iter().flatten().collect())
        }
    }
}

/// Which of these, newest first, are kept.
fn kept(times: &[Timestamp], keep: &Keep) -> BTreeSet<usize> {
    let mut kept: BTreeSet<usize> = (0..times.len().min(1)).collect();
    for rule in &keep.0 {
        match *rule {
            Rule::Newest(count) => kept.extend(0..times.len().min(count)),
            Rule::NewestOf(count, span) => {
                let firsts = (0..times.len())
                    .filter(|index| *index == 0 || within(times[index - 1], span) != within(times[*index], span));
                kept.extend(firsts.take(count));
            }
        }
    }
    kept
}

/// The hour, day or week that a moment is in: equal for two moments in the same one.
fn within(moment: Timestamp, span: Span) -> (i64, u32) {
    let moment = moment.date_time();
    let day = i64::from(moment.date_naive().num_days_from_ce());
    match span {
        Span::Hour => (day, moment.hour()),
        Span::Day => (day, 0),
        Span::Week => (day - i64::from(moment.weekday().num_days_from_monday()), 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn names_tell_the_minute_and_only_our_own_are_read() {
        let moment = at("2026-11-22T03:00:59.000Z");
        assert_eq!(name_at(moment), "headroom-2026-11-22T0300Z.zip");
        assert_eq!(made_at("headroom-2026-11-22T0300Z.zip"), Some(at("2026-11-22T03:00:00.000Z")));
        for other in [
            "headroom-2026-11-22T0300Z.zip.partial",
            "before-the-move.zip",
            "headroom-2026-13-22T0300Z.zip",
            "headroom-2026-1-2T0300Z.zip",
        ] {
            assert_eq!(made_at(other), None, "{other}");
        }
    }

    #[test]
    fn the_newest_of_each_day_and_week_stay() {
        // Twice a day for 40 days; the newest is from the evening of a Sunday.
        let newest = at("2026-11-22T15:00:00.000Z");
        let half = std::time::Duration::from_secs(12 * 60 * 60);
        let times: Vec<Timestamp> = (0..80).map(|step| newest - half * step).collect();
        let shown = |keep: &str| -> Vec<String> {
            kept(&times, &keep.parse().unwrap())
                .into_iter()
                .map(|index| times[index].to_string()[5..13].to_owned())
                .collect()
        };
        assert_eq!(shown("3d"), ["11-22T15", "11-21T15", "11-20T15"]);
        assert_eq!(shown("2d,3w"), ["11-22T15", "11-21T15", "11-15T15", "11-08T15"]);
        assert_eq!(shown("2"), ["11-22T15", "11-22T03"]);
        assert_eq!(shown("1h"), ["11-22T15"]);
        assert_eq!(kept(&times, &"1000".parse().unwrap()).len(), 80);
        assert!(kept(&[], &"7d".parse().unwrap()).is_empty());
    }

    #[test]
    fn only_what_is_ours_is_removed() {
        let directory = tempfile::tempdir().unwrap();
        let put = |name: &str| fs::write(directory.path().join(name), name).unwrap();
        for name in [
            "headroom-2026-11-20T0300Z.zip",
            "headroom-2026-11-21T0300Z.zip",
            "headroom-2026-11-22T0300Z.zip",
            "headroom-2026-11-19T0300Z.zip.partial",
            "headroom-2026-11-19T0300Z.zip.db.partial",
            "before-the-move.zip",
            "before-the-move.zip.partial",
        ] {
            put(name);
        }
        assert_eq!(prune(directory.path(), &"2".parse().unwrap()).unwrap(), 1);
        let mut left = names(directory.path()).unwrap();
        left.sort();
        assert_eq!(
            left,
            [
                "before-the-move.zip",
                "before-the-move.zip.partial",
                "headroom-2026-11-21T0300Z.zip",
                "headroom-2026-11-22T0300Z.zip"
            ]
        );
        assert!(stored(&directory.path().join("nowhere")).unwrap().is_empty());
    }
}
