//! What is measured on the face itself, upright and at a fixed size, so that it doesn't depend on the photo's.

use crate::{
    Error,
    grid::Plane,
    mesh::{EYES, Mesh, OVAL},
    photo::{Frame, Photo},
    shapes,
};

/// The variance of the Laplacian that whole numbers leave in a picture without any detail.
const ROUNDING: f64 = 1.5e-5;
/// A sharp face has two fifths as much of details as of relief. With less than this there are hardly any left, and what looks fine
/// was left by compression.
const LEAST_DETAIL: f64 = 0.15;
/// Faces with less relief than this, beside their own brightness, as in fog, are too flat to be called blurred for it.
const FLAT: f64 = 4.0e-3;
/// A half of which less than this part of the other is seen, as on a face from the side, tells nothing of the light.
const ENOUGH: f32 = 0.1;
/// How bright the middle of a light face is in the light that makes its brightest parts this bright, as a part of those.
const SHINE: f32 = 0.65;
/// So many pixels of the outline are left out: hair, collar and wall begin there.
const EDGE: usize = 3;

/// What is measured.
#[derive(Clone, Debug)]
pub(super) struct Skin {
    /// How much of the detail is the finest, in thousandths.
    pub(super) sharpness: f32,
    /// There is too little shape to tell what is blurred.
    pub(super) is_flat: bool,
    /// How much light falls on the face, from 0 to 1: its middle brightness where skin is light. Where skin is dark, light shows
    /// on what is bright on everyone, the whites of the eyes and what the skin mirrors.
    pub(super) light: f32,
    /// Which part of it is plain white.
    pub(super) white: f32,
    /// How many times brighter one half is than the other.
    pub(super) side: f32,
}

impl Skin {
    const SIDE: usize = 256;

    pub(super) fn of(photo: &Photo, mesh: &Mesh) -> Result<Self, Error> {
        let frame = Frame { centre: mesh.nose(), turn: mesh.roll(), scale: mesh.height() * 1.25 / Self::SIDE as f32 };
        let (face, _) = photo.crop(&frame, Self::SIDE, Self::SIDE)?;
        let placed = |line: &[usize]| {
            let points = mesh.line(line).into_iter();
            points.map(|point| frame.of_photo(point, Self::SIDE, Self::SIDE)).collect::<Vec<_>>()
        };
        let oval = shapes::filled(Self::SIDE, Self::SIDE, &placed(&OVAL)).shrunk(EDGE);
        let eyes: Vec<_> = EYES.iter().map(|lids| placed(lids)).collect();
        let eyes = shapes::all(Self::SIDE, Self::SIDE, eyes.iter().map(Vec::as_slice));
        Ok(Self::measured(&face.luma(), &oval, &eyes))
    }

    /// Of a face of this brightness, where `oval` says it is.
    fn measured(luma: &Plane, oval: &Plane, eyes: &Plane) -> Self {
        // How much of the detail is the finest: the variance of the Laplacian over that of details a few pixels wide, which haze,
        // darkness and noise-free enlargement change alike.
        let shape = luma.blurred(6.0);
        let (mut fine, mut coarse) = (Spread::default(), Spread::default());
        // Relief is of eyes, nose and mouth, which are seen however blurred they are.
        let (parts, whole) = (luma.blurred(3.0), luma.blurred(24.0));
        let mut relief = Spread::default();
        for y in 24..232 {
            for x in 40..216 {
                let around = luma.at(x - 1, y) + luma.at(x + 1, y) + luma.at(x, y - 1) + luma.at(x, y + 1);
                fine.add(around - 4.0 * luma.at(x, y));
                coarse.add(luma.at(x, y) - shape.at(x, y));
                relief.add(parts.at(x, y) - whole.at(x, y));
            }
        }
        let detail = coarse.variance().max(relief.variance() * LEAST_DETAIL).max(1e-7);
        let sharpness = ((fine.variance() - ROUNDING).max(0.0) / detail) as f32 * 1000.0;

        let mut face = within(luma, oval);
        let mut eyes = within(luma, eyes);
        let white = face.iter().filter(|value| **value > 0.97).count() as f32 / face.len().max(1) as f32;
        let bright = at_part(&mut face, 0.97).max(at_part(&mut eyes, 0.8));
        let middle = at_part(&mut face, 0.5);
        let (left, right) = halves(luma, oval);
        Self {
            sharpness,
            is_flat: relief.variance() <= FLAT * f64::from(middle * middle),
            light: middle.max(bright * SHINE),
            white,
            side: (left / right.max(1e-3)).max(right / left.max(1e-3)),
        }
    }
}

/// The values where a mask is.
fn within(luma: &Plane, mask: &Plane) -> Vec<f32> {
    luma.values().iter().zip(mask.values()).filter(|(_, mask)| **mask > 0.5).map(|(value, _)| *value).collect()
}

/// The value below which so large a part of them lies; black without any.
fn at_part(values: &mut [f32], part: f32) -> f32 {
    let place = (values.len() as f32 * part) as usize;
    if place < values.len() { *values.select_nth_unstable_by(place, f32::total_cmp).1 } else { 0.0 }
}

/// The mean brightness of both halves of a face; the same if there is hardly more than one.
fn halves(luma: &Plane, mask: &Plane) -> (f32, f32) {
    let middle = luma.width() / 2;
    let (mut sums, mut counts) = ([0.0; 2], [1e-6; 2]);
    for (at, (value, mask)) in luma.values().iter().zip(mask.values()).enumerate() {
        let half = usize::from(at % luma.width() >= middle);
        sums[half] += value * mask;
        counts[half] += mask;
    }
    if counts[0].min(counts[1]) < ENOUGH * counts[0].max(counts[1]) {
        return (1.0, 1.0);
    }
    (sums[0] / counts[0], sums[1] / counts[1])
}

/// Mean and variance of numbers, one after the other.
#[derive(Default)]
struct Spread {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Spread {
    fn add(&mut self, value: f32) {
        let value = f64::from(value);
        self.count += 1.0;
        self.sum += value;
        self.squares += value * value;
    }

    fn variance(&self) -> f64 {
        self.squares / self.count - (self.sum / self.count).powi(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A face of this brightness in the middle of something of another, with eyes of a third.
    fn measured(skin: f32, around: f32, eyes: f32) -> Skin {
        let far = |x: usize, y: usize, (cx, cy): (f32, f32), (rx, ry): (f32, f32)| {
            ((x as f32 - cx) / rx).hypot((y as f32 - cy) / ry) < 1.0
        };
        let is_face = |x, y| far(x, y, (128.0, 128.0), (75.0, 100.0));
        let is_eye = |x, y| far(x, y, (98.0, 105.0), (14.0, 6.0)) || far(x, y, (158.0, 105.0), (14.0, 6.0));
        let mask =
            |is: &(dyn Fn(usize, usize) -> bool + Sync)| Plane::made(256, 256, |x, y| f32::from(u8::from(is(x, y))));
        let luma = Plane::made(256, 256, |x, y| match (is_eye(x, y), is_face(x, y)) {
            (true, _) => eyes,
            (_, true) => skin,
            _ => around,
        });
        Skin::measured(&luma, &mask(&is_face), &mask(&is_eye))
    }

    #[test]
    fn light_is_told_from_the_tone_of_the_skin() {
        // From the lightest to the darkest tone in good light, and each in a quarter of it.
        for tone in [0.85, 0.6, 0.4, 0.28, 0.2, 0.15] {
            let (good, dark) = (measured(tone, 0.5, 0.62), measured(tone * 0.53 * 0.53, 0.1, 0.62 * 0.53 * 0.53));
            assert!(good.light >= 0.34, "{tone}: {}", good.light);
            assert!(dark.light < 0.26, "{tone}: {}", dark.light);
        }
    }

    #[test]
    fn what_is_beside_the_face_is_no_part_of_it() {
        for around in [0.0, 0.5, 1.0] {
            let skin = measured(0.5, around, 0.6);
            assert!((skin.light - 0.5).abs() < 1e-5 && skin.white == 0.0, "{around}: {skin:?}");
            assert!((skin.side - 1.0).abs() < 0.01, "{around}: {skin:?}");
        }
        assert!(measured(0.99, 0.2, 0.9).white > 0.9);
    }

    #[test]
    fn nothing_is_measured_of_no_face() {
        let (dark, nowhere) = (Plane::filled(256, 256, 0.0), Plane::filled(256, 256, 0.0));
        let skin = Skin::measured(&dark, &nowhere, &nowhere);
        assert_eq!((skin.light, skin.white), (0.0, 0.0));
        assert!(skin.is_flat && skin.side.is_finite());
    }
}
