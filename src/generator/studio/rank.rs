//! Which of someone's photos headshots are made of.

use headroom_studio::{Check, Finding, Verdict, nearly_the_same};

/// A photo that was looked at.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// Its place among those handed in, of which the first are said to be the best.
    pub(super) place: usize,
    pub(super) check: Check,
    pub(super) likeness: u64,
    /// A lead wants it used.
    pub(super) insisted: bool,
}

/// The best `most` of the photos, best first, by their places. Of two that are nearly the same, the better one. Photos that
/// don't do are only used if there are no others or somebody insists, and those of nobody never.
pub(super) fn best(mut seen: Vec<Seen>, most: usize) -> Vec<usize> {
    seen.retain(|photo| !photo.check.findings.contains(&Finding::NoFace));
    if seen.iter().any(usable) {
        seen.retain(usable);
    }
    // Stable: among equals, the order they came in. What somebody insists on is not cut off at the end.
    seen.sort_by(|one, other| {
        let rank = |photo: &Seen| (photo.insisted, photo.check.score);
        let ((a, x), (b, y)) = (rank(other), rank(one));
        a.cmp(&b).then(x.total_cmp(&y))
    });
    let mut chosen: Vec<Seen> = Vec::new();
    for photo in seen {
        if chosen.len() < most && !chosen.iter().any(|better| nearly_the_same(better.likeness, photo.likeness)) {
            chosen.push(photo);
        }
    }
    chosen.into_iter().map(|photo| photo.place).collect()
}

fn usable(photo: &Seen) -> bool {
    photo.insisted || photo.check.verdict() < Verdict::NotUsable
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each unlike the others.
    fn seen(place: usize, score: f32, findings: &[Finding]) -> Seen {
        let likeness = 0xff << (8 * place);
        Seen { place, check: Check { findings: findings.to_vec(), score }, likeness, insisted: false }
    }

    #[test]
    fn the_best_come_first_and_equals_in_their_order() {
        let photos = vec![seen(0, 1.0, &[]), seen(1, 2.5, &[]), seen(2, 1.0, &[]), seen(3, 2.0, &[])];
        assert_eq!(best(photos.clone(), 6), [1, 3, 0, 2]);
        assert_eq!(best(photos, 2), [1, 3]);
    }

    #[test]
    fn of_two_alike_the_better_one_is_used() {
        let mut photos = vec![seen(0, 1.0, &[]), seen(1, 2.0, &[]), seen(2, 0.5, &[])];
        photos[1].likeness = photos[0].likeness ^ (0xff << 56);
        assert_eq!(best(photos, 6), [1, 2]);
    }

    #[test]
    fn what_does_not_do_is_used_for_want_of_others() {
        let poor = |place, score| seen(place, score, &[Finding::EyesClosed]);
        assert_eq!(best(vec![poor(0, -98.0), seen(1, 0.1, &[Finding::Soft]), poor(2, -97.0)], 6), [1]);
        assert_eq!(best(vec![poor(0, -98.0), poor(1, -97.0)], 6), [1, 0]);
        assert_eq!(best(vec![seen(0, -100.0, &[Finding::NoFace]), poor(1, -198.0)], 6), [1]);
        let wanted = Seen { insisted: true, ..poor(0, -98.0) };
        assert_eq!(best(vec![seen(1, 0.1, &[]), wanted], 6), [0, 1]);
        assert!(best(vec![seen(0, -100.0, &[Finding::NoFace])], 6).is_empty());
    }
}
