//! From a file to a [`Picture`]: within limits, upright, opaque, in sRGB, no larger than asked for.

use std::panic::{AssertUnwindSafe, catch_unwind};

use image::{ColorType, ImageDecoder, RgbImage, metadata::Orientation};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

use crate::{
    MASTER_SIDE, Picture, Size,
    error::{Error, Result},
    heic, jpeg,
    recognise::{Opened, damaged, open},
    shrink,
};

/// Larger than every profile cameras and editors write, which are of 0.5 to 3 KB, printers' aside.
const LARGEST_PROFILE: usize = 64 * 1024;

/// The picture in a file as its master: [`decode_within`] [`MASTER_SIDE`].
///
/// # Errors
/// As [`decode_within`].
pub fn decode(bytes: &[u8]) -> Result<Picture> {
    decode_within(bytes, MASTER_SIDE)
}

/// The picture in a file, as people see it: turned as its file says, transparency on white, colours in sRGB,
/// the longer side at most `side`. Of an animation, the first frame.
///
/// A JPEG at least twice as large as that is made smaller while it is decoded, by halves, quarters or eighths, and the rest
/// of the way afterwards: faster, and for a fraction of the memory.
///
/// Takes about 100 MB of memory meanwhile for 12 megapixels, and up to 800 MB for the largest and oddest allowed
/// (80 megapixels, progressive): so only a few at a time.
///
/// # Errors
/// As [`crate::measure`], which it includes, and `Invalid` for a file that is not whole.
pub fn decode_within(bytes: &[u8], side: u32) -> Result<Picture> {
    contained(|| match open(bytes)? {
        Opened::Jpeg(decoder) if !jpeg::is_whole(bytes) => {
            drop(decoder);
            Err(damaged())
        }
        Opened::Jpeg(decoder) => plain(decoder, side, jpeg::scaled(bytes, side)),
        Opened::Other(decoder) => plain(decoder, side, None),
        Opened::Heic(photo) => heic::decode(&photo, side),
    })
}

/// Runs what may call a decoder. Those are written by others for files that mean well; should one panic, the file is damaged,
/// and neither the request nor the program is.
pub(crate) fn contained<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    // Nothing of the work outlives a panic but the bytes, which it can't change.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(damaged()))
}

/// What `image` has a decoder for. `smaller` is the same picture already decoded at a fraction of its size.
fn plain(mut decoder: Box<dyn ImageDecoder + '_>, side: u32, smaller: Option<Picture>) -> Result<Picture> {
    let profile = decoder.icc_profile().ok().flatten();
    // A broken EXIF block says nothing about orientation; the picture itself may be fine.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = match smaller {
        Some(smaller) => smaller,
        None => {
            let (width, height) = decoder.dimensions();
            let color = decoder.color_type();
            let mut pixels = vec![0; usize::try_from(decoder.total_bytes()).map_err(Error::broken)?];
            decoder.read_image(&mut pixels).map_err(|_| damaged())?;
            Picture::new(Size { width, height }, to_rgb(pixels, color)?)?
        }
    };
    // First smaller, then the rest: turning and converting 80 megapixels would be for nothing.
    let mut picture = shrink(picture, side)?;
    if let Some(profile) = profile {
        picture = to_srgb(picture, &profile);
    }
    turn(picture, orientation)
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
        _ => return Err(damaged()), // floating point: none of the kinds `image` reads for us decodes to it
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
pub(crate) fn on_white(color: [u8; 3], alpha: u8) -> [u8; 3] {
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
pub(crate) fn to_srgb(picture: Picture, profile: &[u8]) -> Picture {
    if profile.len() > LARGEST_PROFILE {
        return picture;
    }
    match ColorProfile::new_from_slice(profile) {
        Ok(profile) if profile.color_space == DataColorSpace::Rgb => convert(picture, &profile),
        _ => picture,
    }
}

/// Colours from those of the profile to sRGB's.
pub(crate) fn convert(mut picture: Picture, profile: &ColorProfile) -> Picture {
    let srgb = ColorProfile::new_srgb();
    let transform = profile.create_transform_8bit(Layout::Rgb, &srgb, Layout::Rgb, TransformOptions::default());
    let mut converted = vec![0; picture.rgb.len()];
    if transform.is_ok_and(|transform| transform.transform(&picture.rgb, &mut converted).is_ok()) {
        picture.rgb = converted;
    }
    picture
}

/// The picture turned and mirrored as the camera was held.
pub(crate) fn turn(picture: Picture, orientation: Orientation) -> Result<Picture> {
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
