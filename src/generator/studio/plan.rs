//! Which headshots are made: of which photo, before what, how framed and lit. Decided by the shoot's id alone, so that doing it
//! again does the same.

use headroom_studio::Look;

use crate::ids::ShootId;

/// One headshot to make.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Take {
    /// Which of the photos, of which the first is the best.
    pub(super) photo: usize,
    /// Which of the scenes.
    pub(super) scene: usize,
    /// How it is framed and lit.
    pub(super) look: Look,
}

/// How far looks go from the plain one.
const CLOSER: f32 = 0.18;
const ASIDE: f32 = 0.025;
const LOWER: f32 = 0.015;
const TURNED: f32 = 2.0;
const LIGHTER: f32 = 0.2;
const WARMER: f32 = 0.15;

/// `count` headshots. Photos and scenes come equally often, the first ones once more if it doesn't go even, and in new pairs
/// while there are any; so neighbours differ in both. The very first is the best photo before the first scene, as it was cut out.
pub(super) fn takes(shoot: &ShootId, count: usize, photos: usize, scenes: usize) -> Vec<Take> {
    if photos == 0 || scenes == 0 {
        return Vec::new();
    }
    // Counted through side by side, the two begin again together after their least common multiple; one photo further then.
    let cycle = photos / common_divisor(photos, scenes) * scenes;
    let start = start(shoot);
    let mut used = vec![0; photos];
    let take = |index: usize| {
        let photo = (index + index / cycle) % photos;
        used[photo] += 1;
        Take { photo, scene: index % scenes, look: look(start, used[photo] - 1) }
    };
    (0..count).map(take).collect()
}

/// The greatest common divisor (Euclid's).
fn common_divisor(one: usize, other: usize) -> usize {
    if other == 0 { one } else { common_divisor(other, one % other) }
}

/// Where a shoot begins, from 0 to 1 (FNV-1a).
fn start(shoot: &ShootId) -> f64 {
    let hash = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    f64::from(shoot.as_str().bytes().fold(0x811c_9dc5, hash)) / f64::from(u32::MAX)
}

/// The look of a photo's use number `nth`. The first is plain: a photo is at its best as it was cut out, and another photo
/// is different enough. From then on each aspect goes its own way in irrational steps: spread evenly, and never twice the same.
fn look(start: f64, nth: usize) -> Look {
    if nth == 0 {
        return Look::default();
    }
    let between = |step: f64| ((start + nth as f64 * step).fract()) as f32;
    let either_way = |step: f64| between(step) * 2.0 - 1.0;
    Look {
        zoom: 1.02 + (CLOSER - 0.02) * between(0.618_034),
        x: ASIDE * either_way(0.754_878),
        y: LOWER * either_way(0.569_840),
        turn: TURNED * either_way(0.324_718),
        light: LIGHTER * either_way(0.414_214),
        warmth: WARMER * either_way(0.732_051),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn shoot() -> ShootId {
        "507f1f77bcf86cd799439011".parse().unwrap()
    }

    #[test]
    fn the_first_is_plain_and_the_first_screen_varied() {
        let takes = takes(&shoot(), 12, 4, 3);
        assert_eq!(takes[0], Take { photo: 0, scene: 0, look: Look::default() });
        for pair in takes.windows(2) {
            assert!(pair[0].photo != pair[1].photo && pair[0].scene != pair[1].scene, "{pair:?}");
        }
    }

    #[test]
    fn photos_and_scenes_come_equally_often_and_meet_each_other() {
        for (photos, scenes) in [(2, 2), (3, 2), (4, 4), (6, 4), (1, 3), (5, 1)] {
            let takes = takes(&shoot(), photos * scenes, photos, scenes);
            let mut pairs = HashMap::new();
            for take in &takes {
                *pairs.entry((take.photo, take.scene)).or_insert(0) += 1;
            }
            assert!(pairs.len() == photos * scenes, "{photos} {scenes}: {pairs:?}");
        }
    }

    #[test]
    fn no_two_are_alike_however_many_there_are_of_one_photo() {
        let takes = takes(&shoot(), 40, 1, 1);
        for (index, one) in takes.iter().enumerate() {
            for other in &takes[..index] {
                let (a, b) = (one.look, other.look);
                let apart = [
                    (a.zoom - b.zoom) / CLOSER,
                    (a.x - b.x) / (2.0 * ASIDE),
                    (a.turn - b.turn) / (2.0 * TURNED),
                    (a.light - b.light) / (2.0 * LIGHTER),
                    (a.warmth - b.warmth) / (2.0 * WARMER),
                ];
                let furthest = apart.into_iter().map(f32::abs).fold(0.0, f32::max);
                assert!(furthest > 0.1, "{index}: {one:?} {other:?}");
            }
        }
    }

    #[test]
    fn looks_stay_within_what_a_photographer_would_do() {
        for take in takes(&shoot(), 100, 1, 2) {
            let Look { zoom, x, y, turn, light, warmth } = take.look;
            assert!((1.0..=1.18).contains(&zoom) && x.abs() <= 0.03 && y.abs() <= 0.03, "{take:?}");
            assert!(turn.abs() <= 2.0 && light.abs() <= 0.2 && warmth.abs() <= 0.15, "{take:?}");
            assert_eq!(take.look, take.look.bounded());
        }
    }

    #[test]
    fn the_same_shoot_is_the_same_and_another_is_another() {
        assert_eq!(takes(&shoot(), 8, 2, 2), takes(&shoot(), 8, 2, 2));
        assert_ne!(takes(&shoot(), 8, 2, 2), takes(&"507f1f77bcf86cd799439012".parse().unwrap(), 8, 2, 2));
        assert!(takes(&shoot(), 8, 0, 2).is_empty());
    }
}
