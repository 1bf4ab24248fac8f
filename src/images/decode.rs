//! From a file to a [`Picture`]: within limits, upright, opaque, in sRGB, no larger than the master.

use image::{ColorType, ImageDecoder, RgbImage, metadata::Orientation};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

use super::{
    Kind, MASTER_SIDE, Picture, Size, recognise,
    recognise::{damaged, open},
    shrink,
};
use crate::error::{Error, Result};

/// Larger than every profile cameras and editors write, which are of 0.5 to 3 KB, printers' aside.
const LARGEST_PROFILE: usize = 64 * 1024;

/// The picture in a file, as people see it: EXIF orientation applied, transparency on white, colours in sRGB,
/// the longer side at most [`MASTER_SIDE`]. Of an animation, the first frame.
///
/// Takes about 100 MB of memory meanwhile for 12 megapixels, and up to 800 MB for the largest and oddest allowed
/// (80 megapixels, progressive): so only a few at a time.
///
/// # Errors
/// As [`super::measure`], which it includes, and `Invalid` for a file that is not whole.
pub fn decode(bytes: &[u8]) -> Result<Picture> {
    let mut decoder = open(bytes)?;
    if recognise(bytes) == Some(Kind::Jpeg) && !jpeg_is_whole(bytes) {
        return Err(damaged());
    }
    let (width, height) = decoder.dimensions();
    let color = decoder.color_type();
    let profile = decoder.icc_profile().ok().flatten();
    // A broken EXIF block says nothing about orientation; the picture itself may be fine.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);

    let mut pixels = vec![0; usize::try_from(decoder.total_bytes()).map_err(Error::internal)?];
    decoder.read_image(&mut pixels).map_err(|_| damaged())?;
    let picture = Picture::new(Size { width, height }, to_rgb(pixels, color)?)?;
    // First smaller, then the rest: turning and converting 80 megapixels would be for nothing.
    let mut picture = shrink(picture, MASTER_SIDE)?;
    if let Some(profile) = profile {
        picture = to_srgb(picture, &profile);
    }
    turn(picture, orientation)
}

/// Whether a JPEG's coded picture comes to its end marker. The decoder fills what is missing with grey and calls it a success,
/// so a photo cut in the middle would pass.
fn jpeg_is_whole(bytes: &[u8]) -> bool {
    const START_OF_SCAN: u8 = 0xda;
    let mut at = 2; // after the start marker
    // Each segment says its length. Their content is skipped: a thumbnail inside has an end marker of its own.
    while let Some(&[0xff, marker, high, low]) = bytes.get(at..at + 4) {
        match marker {
            0xff => at += 1, // fill bytes may stand before a marker
            START_OF_SCAN => break,
            _ => at += 2 + usize::from(u16::from_be_bytes([high, low])),
        }
    }
    bytes.get(at..).is_some_and(|coded| coded.windows(2).any(|pair| pair == [0xff, 0xd9]))
}

/// Pixels of any layout as opaque RGB. Works in place where a pixel takes three bytes or more, to halve the peak of memory.
fn to_rgb(mut pixels: Vec<u8>, color: ColorType) -> Result<Vec<u8>> {
    let step = usize::from(color.bytes_per_pixel());
    let read: fn(&[u8]) -> [u8; 3] = match color {
        ColorType::Rgb8 => return Ok(pixels),
        ColorType::L8 => |p| [p[0]; 3],
        ColorType::La8 => |p| on_white([p[0]; 3], p[1]),
        ColorType::Rgba8 => |p| on_white([p[0], p[1], p[2]], p[3]),
        ColorType::L16 => |p| [high(p, 0); 3],
        ColorType::La16 => |p| on_white([high(p, 0); 3], high(p, 1)),
        ColorType::Rgb16 => |p| [high(p, 0), high(p, 1), high(p, 2)],
        ColorType::Rgba16 => |p| on_white([high(p, 0), high(p, 1), high(p, 2)], high(p, 3)),
        _ => return Err(damaged()), // floating point: none of our three kinds decodes to it
    };
    if step < 3 {
        return Ok(pixels.chunks_exact(step).flat_map(read).collect());
    }
    let count = pixels.len() / step;
    for index in 0..count {
        let rgb = read(&pixels[index * step..][..step]);
        pixels[index * 3..][..3].copy_from_slice(&rgb);
    }
    pixels.truncate(count * 3);
    Ok(pixels)
}

/// A colour of the given opacity, laid on white.
fn on_white(color: [u8; 3], alpha: u8) -> [u8; 3] {
    let alpha = u16::from(alpha);
    color.map(|value| {
        let mixed = (u16::from(value) * alpha + 255 * (255 - alpha) + 127) / 255;
        u8::try_from(mixed).unwrap_or(u8::MAX)
    })
}

/// The high byte of the sample at `index`; decoders write 16 bits in the machine's byte order.
fn high(pixel: &[u8], index: usize) -> u8 {
    u16::from_ne_bytes([pixel[index * 2], pixel[index * 2 + 1]]).to_be_bytes()[0]
}

/// Colours as the profile in the file means them. The profile itself is not kept, and without this step
/// photos of phones with a wide gamut (Display P3) would turn out pale. A profile we can't use is as good as none.
fn to_srgb(mut picture: Picture, profile: &[u8]) -> Picture {
    if profile.len() > LARGEST_PROFILE {
        return picture;
    }
    let transform = ColorProfile::new_from_slice(profile)
        .ok()
        .filter(|profile| profile.color_space == DataColorSpace::Rgb)
        .and_then(|profile| {
            let srgb = ColorProfile::new_srgb();
            profile.create_transform_8bit(Layout::Rgb, &srgb, Layout::Rgb, TransformOptions::default()).ok()
        });
    let mut converted = vec![0; picture.rgb.len()];
    if transform.is_some_and(|transform| transform.transform(&picture.rgb, &mut converted).is_ok()) {
        picture.rgb = converted;
    }
    picture
}

/// The picture turned and mirrored as the camera was held.
fn turn(picture: Picture, orientation: Orientation) -> Result<Picture> {
    if orientation == Orientation::NoTransforms {
        return Ok(picture);
    }
    let Size { width, height } = picture.size;
    let buffer = RgbImage::from_raw(width, height, picture.rgb).ok_or_else(damaged)?;
    let mut turned = image::DynamicImage::ImageRgb8(buffer);
    turned.apply_orientation(orientation);
    let (width, height) = (turned.width(), turned.height());
    Picture::new(Size { width, height }, turned.into_rgb8().into_raw())
}
