//! The whites of the eyes: what is the same on everybody, and so tells the light from the skin, in colour and in brightness.

use super::Features;
use crate::{
    colour::{encoded, linear, seen},
    grid::{Colour, luma},
};

/// With fewer pixels than this between the lids, they are not to be believed.
const ENOUGH: usize = 120;
/// Of those, so large a part is iris, pupil and lashes.
const DARK: f32 = 0.65;
/// And at least so large a part is white in open eyes.
const OPEN: f32 = 0.08;
/// Whites are so much less red, against blue, than the skin around them, as a logarithm. Lids are not, in any light.
const PALER: f32 = 0.1;
/// Skin of less chroma is in no colours at all: then nothing tells whites from lids.
const GREY: f32 = 3.0;
/// From here on a white is a glint.
const GLINT: f32 = 0.97;
/// A colour that is stronger than this is cut off, and its share unknown. Linear.
const BURNT: f32 = 0.97;

/// How the whites of someone's eyes look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Whites {
    /// Linear.
    pub(super) light: [f32; 3],
    /// On the sRGB curve.
    pub(super) brightness: f32,
}

impl Whites {
    /// The brighter part of what is white between the lids, without the glints; nothing if the eyes are shut, or hidden.
    /// `skin` is the mean light of the skin.
    pub(super) fn of(person: &Colour, features: &Features, skin: [f32; 3]) -> Option<Self> {
        let ruddy = |[red, _, blue]: [f32; 3]| (red.max(1e-4) / blue.max(1e-4)).ln();
        let (most, in_colours) = (ruddy(skin) - PALER, seen(skin).chroma >= GREY);
        let pairs = person.values().iter().zip(features.eyes.values());
        let mut between: Vec<(f32, [f32; 3])> =
            pairs.filter(|(_, eye)| **eye > 0.5).map(|(pixel, _)| (luma(*pixel), pixel.map(linear))).collect();
        if between.len() < ENOUGH {
            return None;
        }
        between.sort_by(|a, b| a.0.total_cmp(&b.0));
        let bright = &between[(between.len() as f32 * DARK) as usize..];
        let is_white = |(brightness, light): &&(f32, [f32; 3])| {
            let whole = light.iter().all(|value| *value < BURNT);
            *brightness < GLINT && whole && (!in_colours || ruddy(*light) < most)
        };
        let whites: Vec<[f32; 3]> = bright.iter().filter(is_white).map(|(_, light)| *light).collect();
        if (whites.len() as f32) < OPEN * between.len() as f32 {
            return None;
        }
        let light = std::array::from_fn(|c| whites.iter().map(|light| light[c]).sum::<f32>() / whites.len() as f32);
        Some(Self { light, brightness: encoded(luma(light)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::Plane;

    const SKIN: [f32; 3] = [0.60, 0.43, 0.32];

    /// A face with an eye of 40 × 20 in it, half of which is a dark iris, and the rest of this colour.
    fn whites(white: [f32; 3], skin: [f32; 3], cast: [f32; 3]) -> Option<Whites> {
        let lit = |colour: [f32; 3]| std::array::from_fn(|c| encoded(linear(colour[c]) * cast[c]).min(1.0));
        let eyes = Plane::made(100, 80, |x, y| f32::from(u8::from((30..70).contains(&x) && (30..50).contains(&y))));
        let person = Colour::made(100, 80, |x, y| match (eyes.row(y)[x] > 0.5, x < 50) {
            (true, true) => lit([0.2, 0.13, 0.1]),
            (true, false) => lit(white),
            _ => lit(skin),
        });
        let rest = Plane::filled(100, 80, 1.0);
        let features = Features { face: rest.clone(), skin: rest.clone(), holes: rest, eyes, width: 60.0 };
        Whites::of(&person, &features, lit(skin).map(linear))
    }

    #[test]
    fn whites_are_found_in_any_light_and_before_any_skin() {
        for skin in [[0.92, 0.80, 0.72], [0.80, 0.62, 0.50], SKIN, [0.38, 0.26, 0.19], [0.24, 0.16, 0.12]] {
            for cast in [[1.0; 3], [1.3, 1.0, 0.5], [0.6, 0.9, 1.2]] {
                let found = whites([0.66, 0.65, 0.63], skin, cast).unwrap();
                assert!((found.brightness - encoded(luma(found.light))).abs() < 1e-5 && found.brightness > 0.5);
            }
        }
    }

    #[test]
    fn lids_are_no_whites() {
        assert_eq!(whites(SKIN, SKIN, [1.0; 3]), None);
        assert_eq!(whites([0.66, 0.475, 0.355], SKIN, [1.3, 1.0, 0.5]), None);
    }

    #[test]
    fn what_has_no_colours_is_told_by_its_brightness() {
        let found = whites([0.7; 3], [0.5; 3], [1.0; 3]).unwrap();
        assert!((found.brightness - 0.7).abs() < 0.01);
    }
}
