//! From a [`Picture`] to a file. Nothing is written but pixels: no EXIF, no place, no camera, no profile (all is sRGB).

use image::{
    ExtendedColorType, ImageEncoder,
    codecs::png::{CompressionType, FilterType, PngEncoder},
};
use jpeg_encoder::{ColorType, Encoder};

use super::{Picture, Size};
use crate::error::{Error, Result};

/// The picture as JPEG, baseline. `quality` is 1 to 100; from 90 on, colour is kept at full resolution.
///
/// # Errors
/// When the picture is over 65,535 pixels a side, which no picture of ours is.
pub fn encode_jpeg(picture: &Picture, quality: u8) -> Result<Vec<u8>> {
    let Size { width, height } = picture.size();
    let side = |length: u32| u16::try_from(length).map_err(Error::broken);
    let mut file = Vec::with_capacity(picture.rgb().len() / 8);
    Encoder::new(&mut file, quality)
        .encode(picture.rgb(), side(width)?, side(height)?, ColorType::Rgb)
        .map_err(Error::broken)?;
    Ok(file)
}

/// The picture as WebP, with loss: about a third smaller than a JPEG that looks the same. `quality` is 1 to 100.
///
/// # Errors
/// When the picture is over 16,383 pixels a side, which no picture of ours is.
pub fn encode_webp(picture: &Picture, quality: u8) -> Result<Vec<u8>> {
    let Size { width, height } = picture.size();
    let encoder = webp::Encoder::from_rgb(picture.rgb(), width, height);
    let file = encoder.encode_simple(false, f32::from(quality)).map_err(|cause| Error::broken(format!("{cause:?}")))?;
    Ok(file.to_vec())
}

/// The picture as PNG, without loss.
///
/// # Errors
/// None that a picture of ours can cause.
pub fn encode_png(picture: &Picture) -> Result<Vec<u8>> {
    let Size { width, height } = picture.size();
    let mut file = Vec::new();
    PngEncoder::new_with_quality(&mut file, CompressionType::Default, FilterType::Adaptive)
        .write_image(picture.rgb(), width, height, ExtendedColorType::Rgb8)
        .map_err(Error::broken)?;
    Ok(file)
}
