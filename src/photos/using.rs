//! Which photos headshots are made of, and how many those are.

use std::collections::HashSet;

use headroom_studio::Finding;

use super::{Photo, Verdict, of_shoot};
use crate::{db::View, error::Result, ids::ShootId};

impl Photo {
    /// Whether it was turned down: nothing good would come of it, and no lead allows it.
    pub fn is_turned_down(&self) -> bool {
        self.verdict == Some(Verdict::Unusable) && !self.allowed
    }

    /// Whether headshots may be made of it: of all but those that were turned down. `shoots::submit` asks for one such.
    pub fn can_be_used(&self) -> bool {
        !self.is_turned_down()
    }
}

/// How a shoot's photos stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// All of them.
    pub photos: usize,
    /// Those that headshots are made of: of nearly the same ones, one.
    pub used: usize,
    /// Those that were turned down.
    pub turned_down: usize,
    /// Those that a lead allowed.
    pub allowed: usize,
    /// What is wrong with those that were turned down, the most frequent first: the worst finding of each.
    pub troubles: Vec<Finding>,
}

impl Standing {
    /// That of these photos.
    pub fn of(photos: &[Photo]) -> Self {
        let turned_down: Vec<&Photo> = photos.iter().filter(|photo| photo.is_turned_down()).collect();
        Self {
            photos: photos.len(),
            used: if photos.iter().any(Photo::can_be_used) { ranked(photos.to_vec()).len() } else { 0 },
            turned_down: turned_down.len(),
            allowed: photos.iter().filter(|photo| photo.allowed).count(),
            troubles: troubles(&turned_down),
        }
    }
}

/// The worst finding of each photo, the most frequent first.
pub(super) fn troubles(photos: &[&Photo]) -> Vec<Finding> {
    let mut counts: Vec<(Finding, usize)> = Vec::new();
    for worst in photos.iter().filter_map(|photo| photo.findings.first()) {
        match counts.iter_mut().find(|(finding, _)| finding == worst) {
            Some((_, count)) => *count += 1,
            None => counts.push((*worst, 1)),
        }
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.into_iter().map(|(finding, _)| finding).collect()
}

/// The photos to make headshots of, best first; of nearly the same ones the best. A shoot none of whose photos can be used has
/// come this far only because checks merely advise, or because it is made of test data: then it is all of them.
pub fn best_first(view: &View, shoot: &ShootId) -> Result<Vec<Photo>> {
    Ok(ranked(of_shoot(view, shoot)?))
}

fn ranked(mut photos: Vec<Photo>) -> Vec<Photo> {
    if photos.iter().any(Photo::can_be_used) {
        photos.retain(Photo::can_be_used);
    }
    // What nobody looked at stays in the order it was added in, before what has its faults.
    let score = |photo: &Photo| photo.score.unwrap_or_default();
    photos.sort_by(|one, other| score(other).total_cmp(&score(one)));
    let mut seen = HashSet::new();
    // What a lead allows is used beside its twin, whichever of the two that is.
    photos.retain(|photo| photo.allowed || seen.insert(photo.twin.clone().unwrap_or_else(|| photo.id.clone())));
    photos
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Timestamp, ids::PhotoId};

    fn photo(name: &str, verdict: Option<Verdict>, score: f64) -> Photo {
        Photo {
            id: PhotoId::new(),
            shoot: ShootId::new(),
            name: name.to_owned(),
            width: 1,
            height: 1,
            bytes: 1,
            created_at: Timestamp::from_millis(0),
            findings: if verdict == Some(Verdict::Unusable) { vec![Finding::Blurred] } else { Vec::new() },
            score: verdict.map(|_| score),
            likeness: None,
            twin: None,
            allowed: false,
            verdict,
        }
    }

    fn names(photos: Vec<Photo>) -> Vec<String> {
        photos.into_iter().map(|photo| photo.name).collect()
    }

    #[test]
    fn the_best_come_first_and_those_turned_down_not_at_all() {
        let (fine, usable, unusable) = (Some(Verdict::Fine), Some(Verdict::Usable), Some(Verdict::Unusable));
        let all =
            vec![photo("a", usable, 0.5), photo("b", unusable, -98.0), photo("c", fine, 2.0), photo("d", fine, 1.0)];
        assert_eq!(names(ranked(all.clone())), ["c", "d", "a"]);
        let allowed = all.into_iter().map(|photo| Photo { allowed: photo.name == "b", ..photo }).collect();
        assert_eq!(names(ranked(allowed)), ["c", "d", "a", "b"]);
        assert_eq!(names(ranked(vec![photo("a", unusable, -99.0), photo("b", unusable, -98.0)])), ["b", "a"]);
        assert_eq!(names(ranked(vec![photo("a", None, 0.0), photo("b", None, 0.0)])), ["a", "b"]);
    }

    #[test]
    fn of_nearly_the_same_ones_the_best_is_used() {
        let first = photo("first", Some(Verdict::Usable), 0.4);
        let second = Photo { twin: Some(first.id.clone()), ..photo("second", Some(Verdict::Fine), 2.4) };
        let other = photo("other", Some(Verdict::Fine), 1.0);
        let all = vec![first, second, other];
        assert_eq!(Standing::of(&all).used, 2);
        assert_eq!(names(ranked(all.clone())), ["second", "other"]);
        for name in ["first", "second"] {
            let allowed: Vec<Photo> =
                all.iter().map(|photo| Photo { allowed: photo.name == name, ..photo.clone() }).collect();
            assert_eq!(Standing::of(&allowed).used, 3, "{name}");
            assert_eq!(names(ranked(allowed)), ["second", "other", "first"], "{name}");
        }
    }

    #[test]
    fn what_is_wrong_most_often_is_told_first() {
        let bad = |finding| Photo { findings: vec![finding], ..photo("x", Some(Verdict::Unusable), -99.0) };
        let all = vec![bad(Finding::TooDark), bad(Finding::Blurred), bad(Finding::Blurred)];
        let standing = Standing::of(&all);
        assert_eq!((standing.turned_down, standing.used), (3, 0));
        assert_eq!(standing.troubles, [Finding::Blurred, Finding::TooDark]);
    }
}
