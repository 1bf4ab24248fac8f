//! Which photo stands before what, for generators that make one headshot of one photo at a time.

use super::{Request, Scene};
use crate::ids::PhotoId;

/// One headshot to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    /// Its place among the others.
    pub(super) index: usize,
    pub(super) photo: PhotoId,
    pub(super) scene: Scene,
}

/// More than anybody looks at.
const MOST: usize = 40;

/// Photos of a person that are sent elsewhere: more help nobody, and would only take long.
pub(super) const MOST_PHOTOS: usize = 10;

/// The best photo before each scene, then the next best: each scene comes about equally often, and few headshots use the best
/// photos only.
pub(super) fn pairs(request: &Request) -> Vec<Pair> {
    let (photos, scenes) = (&request.inputs, &request.scenes);
    if photos.is_empty() || scenes.is_empty() {
        return Vec::new();
    }
    let pair = |index: usize| Pair {
        index,
        photo: photos[index / scenes.len() % photos.len().min(MOST_PHOTOS)].clone(),
        scene: scenes[index % scenes.len()].clone(),
    };
    (0..request.count.min(MOST)).map(pair).collect()
}

/// The same shoot has the same seeds whenever it is made; each of its headshots has another. Below 2^53, which programs in
/// JavaScript can hold.
pub(super) fn seed(shoot: &crate::ids::ShootId, index: usize) -> u64 {
    // FNV-1a: all that is asked of it is to spread.
    let text = format!("{shoot}:{index}");
    let sum = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    sum >> 11
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{generator::Backdrop, ids::ShootId};

    #[test]
    fn each_scene_comes_equally_often_and_the_best_photos_first() {
        let photos: Vec<PhotoId> = (0..5).map(|_| PhotoId::new()).collect();
        let scenes = vec![Backdrop::Grey.into(), Backdrop::Navy.into()];
        let request = Request {
            shoot: ShootId::new(),
            inputs: photos.clone(),
            insisted: Vec::new(),
            seen: Vec::new(),
            scenes,
            count: 6,
            gender: None,
        };
        let used: Vec<(usize, String)> = pairs(&request)
            .iter()
            .map(|pair| (photos.iter().position(|id| *id == pair.photo).unwrap(), pair.scene.to_string()))
            .collect();
        let grey_and_navy = |photo: usize| [(photo, "grey".to_owned()), (photo, "navy".to_owned())];
        assert_eq!(used, [grey_and_navy(0), grey_and_navy(1), grey_and_navy(2)].concat());
        assert!(pairs(&Request { inputs: Vec::new(), ..request }).is_empty());
    }

    #[test]
    fn seeds_are_the_same_for_the_same_and_differ_otherwise() {
        let shoot = ShootId::new();
        let seeds: std::collections::HashSet<u64> = (0..40).map(|index| seed(&shoot, index)).collect();
        assert!(seeds.len() == 40 && seeds.iter().all(|seed| *seed < 1 << 53));
        assert_eq!(seed(&shoot, 3), seed(&shoot, 3));
        assert_ne!(seed(&shoot, 3), seed(&ShootId::new(), 3));
    }
}
