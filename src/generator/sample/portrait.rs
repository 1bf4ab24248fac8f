//! One test headshot: the photo framed, lit, and laid on a backdrop with a soft edge.

use super::{backdrops, mark};
use crate::{
    error::Result,
    generator::Backdrop,
    images::{self, Area, Picture, Size},
};

/// What every headshot measures: 4:5.
pub(super) const PORTRAIT: Size = Size { width: 1_024, height: 1_280 };
/// Edges and light are smooth, so they are worked out at an eighth and scaled up.
const GUIDE: Size = Size { width: 128, height: 160 };

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
pub(super) fn make(photo: &Picture, backdrop: Backdrop, variation: usize) -> Result<Picture> {
    let vary = &VARIATIONS[variation % VARIATIONS.len()];
    let mut portrait = images::scale(&images::crop(photo, frame(photo.size(), vary)), PORTRAIT)?;
    let behind = images::scale(&backdrops::paint(backdrop, variation)?, PORTRAIT)?;
    let guide = images::scale(&guide(vary)?, PORTRAIT)?;
    lay(&mut portrait, &behind, &guide);
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

/// A small picture that tells, for each place, how much of the photo is seen (red, 255 is all)
/// and how it is lit (green, 128 leaves it as it is).
fn guide(vary: &Variation) -> Result<Picture> {
    let mut rgb = Vec::with_capacity(GUIDE.area() as usize * 3);
    for y in 0..GUIDE.height {
        for x in 0..GUIDE.width {
            let (x, y) = ((x as f32 + 0.5) / GUIDE.width as f32, (y as f32 + 0.5) / GUIDE.height as f32);
            rgb.extend([(seen(x, y) * 255.0) as u8, (lit(x, y, vary.light) * 128.0) as u8, 0]);
        }
    }
    Picture::new(GUIDE, rgb)
}

/// How much of the photo is seen, 0 to 1: all within the shape of head and shoulders, less and less towards the edge.
/// Open at the bottom, where a portrait runs out of the picture.
fn seen(x: f32, y: f32) -> f32 {
    let half_width = 0.43 + 0.09 * smooth(0.25, 0.65, y);
    let (across, up) = ((x - 0.5) / half_width, (0.46 - y).max(0.0) / 0.50);
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

/// Lays the photo on what is behind it, as the guide says. Whole numbers only: this runs over a million pixels.
fn lay(photo: &mut Picture, behind: &Picture, guide: &Picture) {
    let mut grain = 0x9e37_79b9_u32;
    let places = behind.rgb().chunks_exact(3).zip(guide.rgb().chunks_exact(3));
    for (pixel, (behind, guide)) in photo.rgb_mut().chunks_exact_mut(3).zip(places) {
        let (seen, light) = (i32::from(guide[0]), i32::from(guide[1]));
        grain ^= grain << 13;
        grain ^= grain >> 17;
        grain ^= grain << 5;
        // One step up or down: smooth gradients would show bands without it.
        let noise = (grain >> 30) as i32 - 1;
        for (value, behind) in pixel.iter_mut().zip(behind) {
            let own = (i32::from(*value) * light / 128).min(255);
            let mixed = (own * seen + i32::from(*behind) * (255 - seen)) / 255 + noise;
            *value = mixed.clamp(0, 255) as u8;
        }
    }
}
