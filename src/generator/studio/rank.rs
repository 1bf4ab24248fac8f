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

/// The best `most` of the photos, best first, by their places. Of two that are nearly the same, by `alike`, the better one, unless somebody insists on either. Photos that
/// don't do are only used if there are no others or somebody insists, and those of nobody never. What somebody insists on is not cut
/// off at the end, but takes half of the places at most from what is good.
pub(super) fn best(mut seen: Vec<Seen>, most: usize, alike: u32) -> Vec<usize> {
    seen.retain(|photo| !photo.check.findings.contains(&Finding::NoFace));
    if seen.iter().any(usable) {
        seen.retain(usable);
    }
    // Stable: among equals, the order they came in.
    seen.sort_by(|one, other| other.check.score.total_cmp(&one.check.score));
    let mut distinct: Vec<Seen> = Vec::new();
    for photo in seen {
        let is_known = |better: &Seen| !better.insisted && nearly_the_same(better.likeness, photo.likeness, alike);
        if photo.insisted || !distinct.iter().any(is_known) {
            distinct.push(photo);
        }
    }
    let wanted = distinct.iter().filter(|photo| photo.insisted).count();
    let others = (distinct.len() - wanted).min(most - wanted.min(most / 2));
    let (mut places, mut left) = (others, most - others);
    distinct.retain(|photo| {
        let left = if photo.insisted { &mut left } else { &mut places };
        let taken = *left > 0;
        *left = left.saturating_sub(1);
        taken
    });
    distinct.into_iter().map(|photo| photo.place).collect()
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
        assert_eq!(best(photos.clone(), 6, 8), [1, 3, 0, 2]);
        assert_eq!(best(photos, 2, 8), [1, 3]);
    }

    #[test]
    fn of_two_alike_the_better_one_is_used() {
        let mut photos = vec![seen(0, 1.0, &[]), seen(1, 2.0, &[]), seen(2, 0.5, &[])];
        photos[1].likeness = photos[0].likeness ^ (0xff << 56);
        assert_eq!(best(photos, 6, 8), [1, 2]);
    }

    #[test]
    fn what_does_not_do_is_used_for_want_of_others() {
        let poor = |place, score| seen(place, score, &[Finding::EyesClosed]);
        assert_eq!(best(vec![poor(0, -98.0), seen(1, 0.1, &[Finding::Soft]), poor(2, -97.0)], 6, 8), [1]);
        assert_eq!(best(vec![poor(0, -98.0), poor(1, -97.0)], 6, 8), [1, 0]);
        assert_eq!(best(vec![seen(0, -100.0, &[Finding::NoFace]), poor(1, -198.0)], 6, 8), [1]);
        assert!(best(vec![seen(0, -100.0, &[Finding::NoFace])], 6, 8).is_empty());
    }

    #[test]
    fn what_somebody_insists_on_comes_after_the_good_ones_and_is_not_cut_off() {
        let good = |place| seen(place, 2.0, &[]);
        let wanted = |place| Seen { insisted: true, ..seen(place, -98.0, &[Finding::Blurred]) };
        assert_eq!(best(vec![wanted(0), good(1)], 6, 8), [1, 0]);
        assert_eq!(best(vec![wanted(0), wanted(1), wanted(2), good(3), good(4), good(5)], 4, 8), [3, 4, 0, 1]);
        assert_eq!(best(vec![wanted(0), good(1), good(2), good(3)], 3, 8), [1, 2, 0]);
        assert_eq!(best(vec![wanted(0), wanted(1), wanted(2), good(3)], 3, 8), [3, 0, 1]);
        assert_eq!(best(vec![wanted(0), wanted(1), good(2)], 1, 8), [2]);
    }

    #[test]
    fn what_somebody_insists_on_is_used_beside_its_twin() {
        let one = seen(0, 2.0, &[]);
        let twin = Seen { insisted: true, place: 1, check: Check { findings: Vec::new(), score: 1.0 }, ..one.clone() };
        assert_eq!(best(vec![one.clone(), twin.clone()], 6, 8), [0, 1]);
        let better = Seen { insisted: true, ..one.clone() };
        assert_eq!(best(vec![better, Seen { insisted: false, ..twin.clone() }], 6, 8), [0, 1]);
        assert_eq!(best(vec![one, Seen { insisted: false, ..twin }], 6, 8), [0]);
    }
}
