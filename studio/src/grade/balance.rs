//! White balance by three witnesses: the hue of the skin, which lies in one range for all people; the whites of the eyes; and the
//! brightest colours of the scene. Each is believed in part, and small casts are left: they are the light's, not a fault.

use super::whites::Whites;
use crate::{
    colour::{encoded, linear, seen},
    grid::{Colour, Plane, ease, luma},
};

/// Hues of skin, of any tone, in degrees.
const SKIN_HUES: (f32, f32) = (42.0, 74.0);
/// Chroma of skin. Dark skin of the same kind has less of it.
const SKIN_CHROMA: (f32, f32) = (9.0, 36.0);
/// Skin of this lightness has as much chroma as light skin.
const LIGHT_SKIN: f32 = 40.0;
/// Below the first, a picture is without colours; from the second on, its skin is believed.
const IN_COLOURS: (f32, f32) = (1.0, 4.0);
/// How much each witness is believed: eyes, scene, skin.
const BELIEF: (f32, f32, f32) = (0.45, 0.16, 0.55);
/// More than this is no cast any more but a colour that was wanted, such as a stage's. Warm light is corrected less: where its red is
/// cut off, what is taken from it turns green.
const COOLEST: Shift = Shift { warm: -0.55, tint: -0.25 };
const WARMEST: Shift = Shift { warm: 0.75, tint: 0.25 };
/// A wall that is more colourful than this, once what eyes and skin say is corrected, is painted and says nothing of the light:
/// the difference between its strongest and its weakest colour, as a part of the strongest.
const PAINTED: f32 = 0.35;
/// So large a part of the picture has to be left that says something.
const ENOUGH: f32 = 0.05;
/// The whites of eyes are slightly warm.
const EYE_WHITE: [f32; 3] = [1.05, 1.0, 0.93];

/// A correction: warmer or cooler, and towards magenta or green, as logarithms of gains.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Shift {
    warm: f32,
    tint: f32,
}

impl Shift {
    fn gains(self) -> [f32; 3] {
        [self.warm.exp(), self.tint.exp(), (-self.warm).exp()]
    }

    /// What makes this light neutral.
    fn neutralizing(light: [f32; 3]) -> Self {
        let [red, green, blue] = light.map(|value| value.max(1e-3).ln());
        Self { warm: 0.5 * (blue - red), tint: 0.5 * (red + blue) - green }
    }

    /// Without what is too small to matter.
    fn beyond(self, warm: f32, tint: f32) -> Self {
        let rest = |value: f32, least: f32| if value.abs() < least { 0.0 } else { value - least * value.signum() };
        Self { warm: rest(self.warm, warm), tint: rest(self.tint, tint) }
    }
}

/// Gains for linear red, green and blue that keep the brightness. `skin` is the mean light of the skin; of the scene only what is
/// not the person counts.
pub(super) fn gains(skin: [f32; 3], whites: Option<Whites>, scene: &Colour, matte: &Plane) -> [f32; 3] {
    let skin = (by_skin(skin), BELIEF.2);
    let eyes = whites.map(|whites| (by_eyes(whites).beyond(0.06, 0.04), BELIEF.0));
    let people = mean(eyes.into_iter().chain([skin]));
    let scene = by_scene(scene, matte, people).map(|scene| (scene.beyond(0.08, 0.05), BELIEF.1));
    // Who can't be asked says that nothing is wrong, but for eyes, which often are not seen.
    let scene = scene.unwrap_or((Shift::default(), BELIEF.1));
    let shift = mean(eyes.into_iter().chain([skin, scene]));
    let shift = Shift {
        warm: (shift.warm * 1.25).clamp(COOLEST.warm, WARMEST.warm),
        tint: (shift.tint * 1.25).clamp(COOLEST.tint, WARMEST.tint),
    };
    let gains = shift.gains();
    let brightness = luma(gains);
    gains.map(|gain| gain / brightness)
}

/// What several witnesses say together, each with how much it is believed.
fn mean(witnesses: impl Iterator<Item = (Shift, f32)>) -> Shift {
    let (mut warm, mut tint, mut beliefs) = (0.0, 0.0, 0.0);
    for (shift, belief) in witnesses {
        warm += shift.warm * belief;
        tint += shift.tint * belief;
        beliefs += belief;
    }
    Shift { warm: warm / beliefs, tint: tint / beliefs }
}

/// The smallest shift that brings the mean of the skin into the range of skin; none for a picture without colours.
fn by_skin(mean: [f32; 3]) -> Shift {
    let shifts = (-24..=24)
        .flat_map(|warm| (-12..=12).map(move |tint| Shift { warm: warm as f32 * 0.03, tint: tint as f32 * 0.02 }));
    let cost = |shift: Shift| {
        let gains = shift.gains();
        let skin = seen(std::array::from_fn(|c| linear(encoded(mean[c] * gains[c]))));
        let outside = |value: f32, (low, high): (f32, f32)| (low - value).max(0.0).max(value - high);
        let least = SKIN_CHROMA.0 * (skin.lightness / LIGHT_SKIN).clamp(0.0, 1.0);
        let off = outside(skin.hue, SKIN_HUES).powi(2) + outside(skin.chroma, (least, SKIN_CHROMA.1)).powi(2);
        off * 0.02 + shift.warm * shift.warm * 30.0 + shift.tint * shift.tint * 50.0
    };
    let shift = shifts.min_by(|a, b| cost(*a).total_cmp(&cost(*b))).unwrap_or_default();
    let believed = ease(IN_COLOURS.0, IN_COLOURS.1, seen(mean).chroma);
    Shift { warm: shift.warm * believed, tint: shift.tint * believed }
}

/// By the whites of the eyes.
fn by_eyes(whites: Whites) -> Shift {
    Shift::neutralizing(std::array::from_fn(|c| whites.light[c] / EYE_WHITE[c]))
}

/// By the scene's brighter colours, which as a whole tend to be neutral (shades of grey). Walls that are painted don't count, nor
/// does what the person wears. Nothing if hardly anything is left.
fn by_scene(scene: &Colour, matte: &Plane, people: Shift) -> Option<Shift> {
    let gains = people.gains();
    let (mut sum, mut count, mut all) = ([0.0_f64; 3], 0, 0);
    for (pixel, alpha) in scene.values().iter().zip(matte.values()).step_by(5) {
        all += 1;
        let light = pixel.map(linear);
        let seen: [f32; 3] = std::array::from_fn(|c| light[c] * gains[c]);
        let (least, most) = seen.iter().fold((f32::MAX, 0.0_f32), |(low, high), &v| (low.min(v), high.max(v)));
        if *alpha < 0.05 && most - least <= PAINTED * most {
            count += 1;
            for (sum, value) in sum.iter_mut().zip(light) {
                *sum += f64::from(value).powi(5);
            }
        }
    }
    let enough = count as f32 >= ENOUGH * all as f32;
    enough.then(|| Shift::neutralizing(sum.map(|sum| sum.powf(0.2) as f32)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From very light to very dark, encoded values.
    const TONES: [[f32; 3]; 7] = [
        [0.92, 0.80, 0.72],
        [0.80, 0.62, 0.50],
        [0.60, 0.43, 0.32],
        [0.51, 0.36, 0.25],
        [0.38, 0.26, 0.19],
        [0.24, 0.16, 0.12],
        [0.19, 0.14, 0.11],
    ];
    const WHITES: Whites = Whites { light: [0.315, 0.3, 0.279], brightness: 0.58 };

    fn light(encoded: [f32; 3]) -> [f32; 3] {
        encoded.map(linear)
    }

    /// Somebody who takes half of the picture, before a wall.
    fn before(wall: [f32; 3]) -> (Colour, Plane) {
        let matte = Plane::made(40, 40, |x, _| f32::from(u8::from(x < 20)));
        (matte.map(|alpha| if alpha > 0.5 { [0.1, 0.1, 0.12] } else { wall }), matte)
    }

    fn near_one(gains: [f32; 3], by: f32) -> bool {
        gains.iter().all(|gain| (gain - 1.0).abs() < by)
    }

    #[test]
    fn skin_of_any_tone_is_left_as_it_is_in_neutral_light() {
        for tone in TONES {
            let shift = by_skin(light(tone));
            assert!(shift.warm.abs() <= 0.031 && shift.tint.abs() <= 0.021, "{tone:?}: {shift:?}");
        }
    }

    #[test]
    fn a_painted_wall_recolours_nobody() {
        let walls = [[0.78, 0.08, 0.12], [0.26, 0.56, 0.86], [0.1, 0.5, 0.2], [0.03; 3], [0.97; 3], [0.55, 0.54, 0.52]];
        for tone in TONES {
            for wall in walls {
                let (scene, matte) = before(wall);
                for whites in [Some(WHITES), None] {
                    let gains = gains(light(tone), whites, &scene, &matte);
                    assert!(near_one(gains, 0.06), "{tone:?} before {wall:?}, {whites:?}: {gains:?}");
                }
            }
        }
    }

    #[test]
    fn a_blue_cast_is_warmed_and_an_orange_one_cooled() {
        let made = |cast: [f32; 3]| {
            let (scene, matte) = before(std::array::from_fn(|c| encoded(0.3 * cast[c])));
            let skin: [f32; 3] = std::array::from_fn(|c| light(TONES[2])[c] * cast[c]);
            let whites = Whites { light: std::array::from_fn(|c| WHITES.light[c] * cast[c]), ..WHITES };
            gains(skin, Some(whites), &scene, &matte)
        };
        let (cold, warm) = (made([0.7, 1.0, 1.4]), made([1.4, 1.0, 0.6]));
        assert!(cold[0] / cold[2] > 1.3 && warm[2] / warm[0] > 1.3, "{cold:?} {warm:?}");
        assert!((luma(cold) - 1.0).abs() < 1e-4);
    }

    #[test]
    fn a_picture_without_colours_gets_none() {
        let (scene, matte) = before([0.6; 3]);
        let grey = Whites { light: [0.3; 3], brightness: 0.58 };
        let gains = gains([0.2; 3], Some(grey), &scene, &matte);
        assert!(near_one(gains, 0.02), "{gains:?}");
    }
}
