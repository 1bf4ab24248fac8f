//! White balance by three witnesses: the hue of the skin, which lies in one range for all people; the whites of the eyes; and the
//! brightest colours of the scene. Each is believed in part, and small casts are left: they are the light's, not a fault.

use super::Features;
use crate::{
    colour::{encoded, linear, seen},
    grid::{Colour, luma},
};

/// Hues of skin, of any tone, in degrees.
const SKIN_HUES: (f32, f32) = (42.0, 66.0);
/// Chroma of skin.
const SKIN_CHROMA: (f32, f32) = (9.0, 36.0);
/// How much each witness is believed: eyes, scene, skin.
const BELIEF: (f32, f32, f32) = (0.45, 0.16, 0.55);
/// More than this is no cast any more but a colour that was wanted, such as a stage's.
const MOST: Shift = Shift { warm: 0.75, tint: 0.25 };
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

/// Gains for linear red, green and blue that keep the brightness.
pub(super) fn gains(person: &Colour, features: &Features, scene: &Colour) -> [f32; 3] {
    let skin = by_skin(person, features);
    let eyes = by_eyes(person, features);
    let scene = by_scene(scene).beyond(0.08, 0.05);
    let (eye_belief, scene_belief, skin_belief) = if eyes.is_some() { BELIEF } else { (0.0, BELIEF.1, BELIEF.2) };
    let eyes = eyes.unwrap_or_default().beyond(0.06, 0.04);
    let sum = eye_belief + scene_belief + skin_belief;
    let mean = |read: fn(Shift) -> f32| {
        (read(eyes) * eye_belief + read(scene) * scene_belief + read(skin) * skin_belief) / sum
    };
    let shift = Shift {
        warm: (mean(|s| s.warm) * 1.25).clamp(-MOST.warm, MOST.warm),
        tint: (mean(|s| s.tint) * 1.25).clamp(-MOST.tint, MOST.tint),
    };
    let gains = shift.gains();
    let brightness = luma(gains);
    gains.map(|gain| gain / brightness)
}

/// The smallest shift that brings the mean of the skin into the range of skin.
fn by_skin(person: &Colour, features: &Features) -> Shift {
    let (mut sum, mut count) = ([0.0_f64; 3], 1e-9_f64);
    for (pixel, &skin) in person.values().iter().zip(features.skin.values()) {
        let most = pixel.iter().copied().fold(0.0, f32::max);
        if skin > 0.5 && most > 0.06 && most < 0.985 {
            for (sum, &value) in sum.iter_mut().zip(pixel) {
                *sum += f64::from(linear(value));
            }
            count += 1.0;
        }
    }
    let mean = sum.map(|sum| (sum / count) as f32);
    let shifts = (-24..=24)
        .flat_map(|warm| (-12..=12).map(move |tint| Shift { warm: warm as f32 * 0.03, tint: tint as f32 * 0.02 }));
    let cost = |shift: Shift| {
        let gains = shift.gains();
        let skin = seen(std::array::from_fn(|c| linear(encoded(mean[c] * gains[c]))));
        let outside = |value: f32, (low, high): (f32, f32)| (low - value).max(0.0).max(value - high);
        let off = outside(skin.hue, SKIN_HUES).powi(2) + outside(skin.chroma, SKIN_CHROMA).powi(2);
        off * 0.02 + shift.warm * shift.warm * 30.0 + shift.tint * shift.tint * 50.0
    };
    shifts.min_by(|a, b| cost(*a).total_cmp(&cost(*b))).unwrap_or_default()
}

/// By the whites of the eyes, if there is enough of them: the brighter part between the lids, without the glints.
fn by_eyes(person: &Colour, features: &Features) -> Option<Shift> {
    let mut whites: Vec<(f32, [f32; 3])> = person
        .values()
        .iter()
        .zip(features.eyes.values())
        .filter(|(_, eye)| **eye > 0.5)
        .map(|(pixel, _)| (luma(*pixel), pixel.map(linear)))
        .collect();
    if whites.len() <= 120 {
        return None;
    }
    whites.sort_by(|a, b| a.0.total_cmp(&b.0));
    let part = &whites[whites.len() * 70 / 100..whites.len() * 96 / 100];
    let dull: Vec<[f32; 3]> = part.iter().filter(|(value, _)| *value < 0.97).map(|(_, light)| *light).collect();
    if dull.len() <= 30 {
        return None;
    }
    let mean = |channel: usize| dull.iter().map(|light| light[channel]).sum::<f32>() / dull.len() as f32;
    Some(Shift::neutralizing(std::array::from_fn(|c| mean(c) / EYE_WHITE[c])))
}

/// By the scene's brighter colours, which as a whole tend to be neutral (shades of grey).
fn by_scene(scene: &Colour) -> Shift {
    let mut sum = [0.0_f64; 3];
    for pixel in scene.values().iter().step_by(5) {
        for (sum, &value) in sum.iter_mut().zip(pixel) {
            *sum += f64::from(linear(value)).powi(5);
        }
    }
    Shift::neutralizing(sum.map(|sum| sum.powf(0.2) as f32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::Plane;

    fn features(width: usize, height: usize) -> Features {
        let (on, off) = (Plane::filled(width, height, 1.0), Plane::filled(width, height, 0.0));
        Features { face: on.clone(), skin: on, holes: off.clone(), eyes: off, width: 40.0 }
    }

    #[test]
    fn skin_of_any_tone_is_left_as_it_is_in_neutral_light() {
        // From very light to very dark, encoded values.
        for tone in [[0.92, 0.80, 0.72], [0.80, 0.62, 0.50], [0.60, 0.43, 0.32], [0.38, 0.26, 0.19], [0.24, 0.16, 0.12]]
        {
            let person = Colour::filled(40, 40, tone);
            let shift = by_skin(&person, &features(40, 40));
            assert!(shift.warm.abs() <= 0.031 && shift.tint.abs() <= 0.021, "{tone:?}: {shift:?}");
        }
    }

    #[test]
    fn a_blue_cast_is_warmed_and_an_orange_one_cooled() {
        let grey = Colour::filled(30, 30, [0.5; 3]);
        let cast = |red: f32, blue: f32| Colour::filled(30, 30, [0.62 * red, 0.48, 0.40 * blue]);
        let cold = gains(&cast(0.75, 1.5), &features(30, 30), &grey);
        let warm = gains(&cast(1.3, 0.5), &features(30, 30), &grey);
        assert!(cold[0] > cold[2] && warm[0] < warm[2], "{cold:?} {warm:?}");
        assert!((luma(cold) - 1.0).abs() < 1e-4);
    }
}
