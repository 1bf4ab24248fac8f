//! Pictures with transparency: people cut out of their photos. Kept as PNG, made anew from what came in.

use std::io::Cursor;

use image::{
    ColorType, DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, Limits,
    codecs::png::{CompressionType, FilterType, PngDecoder, PngEncoder},
};

use crate::{Error, MASTER_SIDE, Result, Size};

/// The shortest side that is worth keeping, in pixels.
const SHORTEST_SIDE: u32 = 256;

/// What may be taken beside the pixels, in bytes: by text and profiles, which are thrown away.
const MOST_BESIDE_PIXELS: u64 = 16 * 1024 * 1024;

/// The pixels of a cut-out: red, green, blue and opacity of each.
///
/// # Errors
/// `Invalid` when the file is no whole PNG with transparency, or not of a size that is kept.
pub fn decode_cutout(bytes: &[u8]) -> Result<(Size, Vec<u8>)> {
    let damaged = || Error::invalid("This cut-out can't be read.");
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MOST_BESIDE_PIXELS);
    let decoder = PngDecoder::with_limits(Cursor::new(bytes), limits).map_err(|_| damaged())?;
    let (width, height) = decoder.dimensions();
    let size = Size { width, height };
    if width.max(height) > MASTER_SIDE || width.min(height) < SHORTEST_SIDE {
        return Err(Error::invalid(format!(
            "This cut-out is {size}; it has to be {SHORTEST_SIDE} to {MASTER_SIDE} pixels a side."
        )));
    }
    if !matches!(decoder.color_type(), ColorType::Rgba8 | ColorType::Rgba16 | ColorType::La8 | ColorType::La16) {
        return Err(Error::invalid("This cut-out has no transparency."));
    }
    Ok((size, DynamicImage::from_decoder(decoder).map_err(|_| damaged())?.into_rgba8().into_raw()))
}

/// A cut-out as a PNG file. Each is read once or twice and written while somebody waits: fast goes before small.
///
/// # Errors
/// When `rgba` doesn't hold four bytes for each pixel: a mistake of ours.
pub fn encode_cutout(size: Size, rgba: &[u8]) -> Result<Vec<u8>> {
    if rgba.len() as u64 != size.area() * 4 {
        return Err(Error::broken(format!("{} bytes are no cut-out of {size}", rgba.len())));
    }
    let mut file = Vec::new();
    PngEncoder::new_with_quality(&mut file, CompressionType::Fast, FilterType::Up)
        .write_image(rgba, size.width, size.height, ExtendedColorType::Rgba8)
        .map_err(Error::broken)?;
    Ok(file)
}

/// A cut-out as PNG with eight bits a colour and without anything but pixels, made anew from a PNG file of someone else's. What is
/// wholly transparent is black in it: nothing of what was cut away stays.
///
/// # Errors
/// As [`decode_cutout`].
pub fn clean_cutout(bytes: &[u8]) -> Result<(Size, Vec<u8>)> {
    let (size, mut rgba) = decode_cutout(bytes)?;
    for pixel in rgba.chunks_exact_mut(4).filter(|pixel| pixel[3] == 0) {
        pixel.fill(0);
    }
    Ok((size, encode_cutout(size, &rgba)?))
}

#[cfg(test)]
mod tests {
    use image::{ImageFormat, Rgba, RgbaImage};

    use super::*;

    fn png(picture: &DynamicImage) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, ImageFormat::Png).unwrap();
        file.into_inner()
    }

    fn half(width: u32, height: u32) -> RgbaImage {
        RgbaImage::from_fn(width, height, |x, _| if x < width / 2 { Rgba([9, 8, 7, 0]) } else { Rgba([9, 8, 7, 200]) })
    }

    #[test]
    fn a_cut_out_is_made_anew_and_nothing_of_what_was_cut_away_stays() {
        let given = png(&half(300, 400).into());
        let (size, made) = clean_cutout(&given).unwrap();
        assert_eq!((size.width, size.height), (300, 400));
        let pixels = image::load_from_memory(&made).unwrap();
        assert_eq!(pixels.color(), ColorType::Rgba8);
        let pixels = pixels.into_rgba8();
        assert_eq!((pixels.get_pixel(0, 0).0, pixels.get_pixel(299, 0).0), ([0; 4], [9, 8, 7, 200]));
        let deep = DynamicImage::from(half(256, 256)).into_rgba16();
        assert!(clean_cutout(&png(&deep.into())).is_ok());
    }

    #[test]
    fn what_is_no_cut_out_is_refused() {
        let opaque = DynamicImage::from(half(300, 400)).into_rgb8();
        let whole = png(&half(300, 400).into());
        for (what, file) in [
            ("opaque", png(&opaque.into())),
            ("too small", png(&half(255, 400).into())),
            ("too large", png(&half(256, 3073).into())),
            ("cut short", whole[..whole.len() / 2].to_vec()),
            ("no picture", b"cut-out".to_vec()),
            ("a photo", include_bytes!("../../tests/pictures/astronaut.jpg").to_vec()),
        ] {
            assert!(matches!(clean_cutout(&file), Err(Error::Invalid(_))), "{what}");
        }
    }
}
