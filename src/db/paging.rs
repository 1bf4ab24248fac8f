//! Long lists, part by part: a part begins behind or ends before a row, so that each costs the same at any depth.

use crate::error::Result;

/// Which part of a list that goes from the newest row to the oldest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part<K> {
    /// Its beginning.
    Newest,
    /// What follows this row.
    After(K),
    /// What leads up to this row.
    Before(K),
}

impl<K> Part<K> {
    /// From an address such as `?after=…`; what is no key there is the beginning.
    pub fn named(after: Option<K>, before: Option<K>) -> Self {
        match (after, before) {
            (Some(key), _) => Self::After(key),
            (None, Some(key)) => Self::Before(key),
            (None, None) => Self::Newest,
        }
    }

    /// Reads it: by `older`, which has the rows behind a key (or the first ones) and the newest of them first, or by
    /// `newer`, which has the rows before a key and the oldest of them first.
    pub fn read<T>(
        &self,
        limit: u32,
        older: impl FnOnce(Option<&K>, u32) -> Result<Vec<T>>,
        newer: impl FnOnce(&K, u32) -> Result<Vec<T>>,
    ) -> Result<Slice<T>> {
        let wanted = limit as usize;
        // One more than asked for tells whether the list goes on.
        let mut rows = match self {
            Self::Newest => older(None, limit + 1)?,
            Self::After(key) => older(Some(key), limit + 1)?,
            Self::Before(key) => newer(key, limit + 1)?,
        };
        let more = rows.len() > wanted;
        rows.truncate(wanted);
        Ok(match self {
            Self::Newest => Slice { rows, newer: false, older: more },
            Self::After(_) => Slice { rows, newer: true, older: more },
            Self::Before(_) => {
                rows.reverse();
                Slice { rows, newer: more, older: true }
            }
        })
    }
}

/// A part of a list as programs ask for it, newest first.
#[derive(Clone, Debug)]
pub struct Window<K> {
    /// At most so many rows.
    pub limit: u32,
    /// From here on, for those who count.
    pub offset: u32,
    /// Behind this row, for those who follow a cursor. Costs the same at any depth.
    pub after: Option<K>,
}

impl<K: Clone> Window<K> {
    /// Reads it, and tells whether the list goes on behind it.
    pub fn read<T>(&self, rows: impl FnOnce(&Self) -> Result<Vec<T>>) -> Result<(Vec<T>, bool)> {
        let mut rows = rows(&Self { limit: self.limit + 1, ..self.clone() })?;
        let more = rows.len() > self.limit as usize;
        rows.truncate(self.limit as usize);
        Ok((rows, more))
    }
}

/// A part of a list, newest first.
#[derive(Clone, Debug)]
pub struct Slice<T> {
    /// Its rows.
    pub rows: Vec<T>,
    /// Whether there are rows before them.
    pub newer: bool,
    /// Whether there are rows behind them.
    pub older: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(part: &Part<u32>) -> (Vec<u32>, bool, bool) {
        let older = |after: Option<&u32>, limit| {
            let below = after.copied().unwrap_or(11);
            Ok((1..below).rev().take(limit as usize).collect())
        };
        let newer = |before: &u32, limit| Ok((before + 1..=10).take(limit as usize).collect());
        let slice = part.read(4, older, newer).unwrap();
        (slice.rows, slice.newer, slice.older)
    }

    #[test]
    fn a_list_is_walked_both_ways() {
        assert_eq!(slice(&Part::Newest), (vec![10, 9, 8, 7], false, true));
        assert_eq!(slice(&Part::After(7)), (vec![6, 5, 4, 3], true, true));
        assert_eq!(slice(&Part::After(3)), (vec![2, 1], true, false));
        assert_eq!(slice(&Part::Before(2)), (vec![6, 5, 4, 3], true, true));
        assert_eq!(slice(&Part::Before(6)), (vec![10, 9, 8, 7], false, true));
    }
}
