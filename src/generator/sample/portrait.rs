//! One test headshot: the photo framed, lit, and laid on a backdrop with a soft edge.

use super::{
    backdrops::{self, Behind, SMALL},
    mark,
};
use crate::{
    error::Result,
    images::{self, Area, Picture, Size},
};

/// What every headshot measures: 4:5.
pub(super) const PORTRAIT: Size = Size { width: 1_024, height: 1_280 };
/// One, in the whole numbers that layers are made of: four bits finer than pixels are.
const ONE: i32 = 16;

/// How a headshot differs from the next one of the same photo.
struct Variation {
    /// How much of the largest 4:5 frame is shown.
    zoom: f32,
    /// Where the frame sits in the room there is from left to right: 0.5 is the middle.
    across: f32,
    /// Where the light comes from, from left to right.
    light: f32,
}

/// Tight and wide, light from either side; next to each other in this list is next to each other on the page.
const VARIATIONS: [Variation; 7] = [
    Variation { zoom: 0.90, across: 0.50, light: 0.30 },
    Variation { zoom: 0.78, across: 0.46, light: 0.72 },
    Variation { zoom: 0.97, across: 0.54, light: 0.60 },
    Variation { zoom: 0.83, across: 0.52, light: 0.24 },
    Variation { zoom: 0.93, across: 0.44, light: 0.80 },
    Variation { zoom: 0.74, across: 0.50, light: 0.40 },
    Variation { zoom: 0.87, across: 0.56, light: 0.66 },
];

/// The test headshot number `variation` of a photo. The same each time it is asked for.
///
/// # Errors
/// None that a picture can cause.
pub(super) fn make(photo: &Picture, behind: Behind, variation: usize) -> Result<Picture> {
    let vary = &VARIATIONS[variation % VARIATIONS.len()];
    let mut portrait = images::scale(&images::crop(photo, frame(photo.size(), vary)), PORTRAIT)?;
    lay(&mut portrait, &layer(behind, variation, vary));
    mark::stamp(&mut portrait);
    Ok(portrait)
}

/// The part of the photo to show. Faces are mostly in the middle and near the top, so the frame is too.
fn frame(photo: Size, vary: &Variation) -> Area {
    let (width, height) = (photo.width as f32, photo.height as f32);
    let proportion = PORTRAIT.width as f32 / PORTRAIT.height as f32;
    let frame_width = width.min(height * proportion) * vary.zoom;
    let frame_height = frame_width / proportion;
    let top = ((height - frame_height) * 0.15).min(frame_height * 0.06);
    Area {
        left: ((width - frame_width) * vary.across) as u32,
        top: top as u32,
        size: Size { width: frame_width as u32, height: frame_height as u32 },
    }
}

/// What is done to the photo at one place, in units of 1 / [`ONE`].
#[derive(Clone, Copy)]
struct Place {
    /// Red, green and blue of the backdrop, 0 to 255.
    behind: [i32; 3],
    /// How much of the photo is seen, 0 to 255.
    seen: i32,
    /// How the photo is lit: 128 leaves it as it is.
    light: i32,
}

impl Place {
    /// From `self` at share 0 to `other` at share 256.
    fn towards(self, other: Self, share: i32) -> Self {
        let mix = |one: i32, other: i32| one + (other - one) * share / 256;
        Self {
            behind: [
                mix(self.behind[0], other.behind[0]),
                mix(self.behind[1], other.behind[1]),
                mix(self.behind[2], other.behind[2]),
            ],
            seen: mix(self.seen, other.seen),
            light: mix(self.light, other.light),
        }
    }
}

/// Backdrop, edge and light of a headshot, small: all three are smooth, and interpolated where they are used.
fn layer(behind: Behind, variation: usize, vary: &Variation) -> Vec<Place> {
    let whole = |value: f32| (value * ONE as f32) as i32;
    let place = |(index, color): (usize, [f32; 3])| {
        let (x, y) = (index % SMALL.0, index / SMALL.0);
        let (x, y) = ((x as f32 + 0.5) / SMALL.0 as f32, (y as f32 + 0.5) / SMALL.1 as f32);
        Place { behind: color.map(whole), seen: whole(seen(x, y) * 255.0), light: whole(lit(x, y, vary.light) * 128.0) }
    };
    backdrops::paint(behind, variation).into_iter().enumerate().map(place).collect()
}

/// How much of the photo is seen, 0 to 1: all within the shape of head and shoulders, less and less towards the edge.
/// Open at the bottom, where a portrait runs out of the picture.
fn seen(x: f32, y: f32) -> f32 {
    let half_width = 0.43 + 0.09 * smooth(0.25, 0.65, y);
    let (across, up) = ((x - 0.5) / half_width, (0.46 - y).max(0.0) / 0.56);
    // Between an ellipse and a rectangle: hair and shoulders reach further out than an ellipse would.
    let distance = (across.abs().powf(2.5) + up.powf(2.5)).powf(1.0 / 2.5);
    1.0 - smooth(0.60, 1.0, distance)
}

/// How strongly a place is lit: more towards the lamp, less towards the opposite lower corner.
fn lit(x: f32, y: f32, lamp: f32) -> f32 {
    let distance = ((x - lamp).powi(2) + (y - 0.25).powi(2)).sqrt();
    1.07 - 0.20 * smooth(0.15, 0.95, distance)
}

/// From 0 at `from` to 1 at `to`, gently at both ends.
fn smooth(from: f32, to: f32, value: f32) -> f32 {
    let t = ((value - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Lights the photo and lays it on the backdrop. Whole numbers only: this runs over a million pixels.
fn lay(photo: &mut Picture, layer: &[Place]) {
    let mut grain = 0x9e37_79b9_u32;
    let (width, height) = (photo.size().width as usize, photo.size().height as usize);
    let columns: Vec<_> = (0..width).map(|x| between(x, width, SMALL.0)).collect();
    for (y, row) in photo.rgb_mut().chunks_exact_mut(width * 3).enumerate() {
        let (above, below, share) = between(y, height, SMALL.1);
        let above = &layer[above * SMALL.0..][..SMALL.0];
        let below = &layer[below * SMALL.0..][..SMALL.0];
        let line: Vec<_> = above.iter().zip(below).map(|(above, below)| above.towards(*below, share)).collect();
        for (pixel, (left, right, share)) in row.chunks_exact_mut(3).zip(&columns) {
            let place = line[*left].towards(line[*right], *share);
            grain ^= grain << 13;
            grain ^= grain >> 17;
            grain ^= grain << 5;
            mix(pixel, place, grain);
        }
    }
}

/// Mixes one pixel of the photo with what is behind it.
fn mix(pixel: &mut [u8], place: Place, grain: u32) {
    // Up to two steps of grain, rounding included: smooth gradients would show bands without it.
    let unit = 255 * ONE * ONE;
    let noise = (grain >> 16) as i32 * 2 * (unit / 65_536);
    for (value, behind) in pixel.iter_mut().zip(place.behind) {
        let own = (i32::from(*value) * place.light / 128).min(255 * ONE);
        let mixed = own * place.seen + behind * (255 * ONE - place.seen) + noise - unit / 2;
        *value = (mixed / unit).clamp(0, 255) as u8;
    }
}

/// Between which two of `few` places the one at `index` of `many` lies, and how far from the first, in 256ths.
fn between(index: usize, many: usize, few: usize) -> (usize, usize, i32) {
    // Middles of pixels are compared: half a pixel in, and never before the first middle.
    let at = (((2 * index + 1) * few * 128) / many).saturating_sub(128);
    let first = (at / 256).min(few - 1);
    (first, (first + 1).min(few - 1), (at % 256) as i32)
}
