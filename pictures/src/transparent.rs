//! Pictures with transparency: people cut out of their photos. Kept as PNG, made anew from what came in.

use std::io::Cursor;

use image::{
    ColorType, DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, Limits,
    codecs::{
        png::{CompressionType, FilterType, PngDecoder, PngEncoder},
        webp::WebPEncoder,
    },
};

use crate::{
    Error, MASTER_SIDE, Picture, Result, Size,
    decode::contained,
    jpeg,
    recognise::{Opened, damaged, open_from},
    scale,
};

/// The shortest side that is worth keeping, in pixels.
const SHORTEST_SIDE: u32 = 256;

/// The same of what is drawn: a logo may be small.
const SHORTEST_DRAWN: u32 = 16;

/// What may be taken beside the pixels, in bytes: by text and profiles, which are thrown away.
const MOST_BESIDE_PIXELS: u64 = 16 * 1024 * 1024;

/// The pixels of a cut-out: red, green, blue and opacity of each.
///
/// # Errors
/// `Invalid` when the file is no whole PNG with transparency, or not of a size that is kept.
pub fn decode_cutout(bytes: &[u8]) -> Result<(Size, Vec<u8>)> {
    contained(|| pixels_of_cutout(bytes))
}

fn pixels_of_cutout(bytes: &[u8]) -> Result<(Size, Vec<u8>)> {
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

/// A picture of which parts can be seen through: red, green, blue and opacity of each pixel, row by row.
#[derive(Clone, PartialEq, Eq)]
pub struct Transparent {
    size: Size,
    rgba: Vec<u8>,
}

impl Transparent {
    /// A picture of the pixels given.
    ///
    /// # Errors
    /// When it has no pixels, or `rgba` doesn't hold four bytes for each: a mistake of ours.
    pub fn new(size: Size, rgba: Vec<u8>) -> Result<Self> {
        if size.area() == 0 || rgba.len() as u64 != size.area() * 4 {
            return Err(Error::broken(format!("{} bytes are no picture of {size}", rgba.len())));
        }
        Ok(Self { size, rgba })
    }

    /// How large it is.
    pub fn size(&self) -> Size {
        self.size
    }

    /// Its pixels: red, green, blue, opacity, from the top left, row by row.
    pub fn rgba(&self) -> &[u8] {
        &self.rgba
    }

    /// Its pixels, to draw on.
    pub fn rgba_mut(&mut self) -> &mut [u8] {
        &mut self.rgba
    }

    /// The same laid on white.
    ///
    /// # Errors
    /// None that a picture of ours can cause.
    pub fn on_white(&self) -> Result<Picture> {
        let laid = |pixel: &[u8]| crate::decode::on_white([pixel[0], pixel[1], pixel[2]], pixel[3]);
        Picture::new(self.size, self.rgba.chunks_exact(4).flat_map(laid).collect())
    }

    /// The picture at another size.
    ///
    /// # Errors
    /// When `to` has no pixels: a mistake of ours.
    pub fn scaled(&self, to: Size) -> Result<Self> {
        if to == self.size {
            return Ok(self.clone());
        }
        // Colours count as much as they can be seen, or the edges would take on that of what is seen through.
        let colours = self.rgba.chunks_exact(4).flat_map(|pixel| {
            let seen =
                |value: u8| u8::try_from((u16::from(value) * u16::from(pixel[3]) + 127) / 255).unwrap_or(u8::MAX);
            [seen(pixel[0]), seen(pixel[1]), seen(pixel[2])]
        });
        let colours = scale(&Picture::new(self.size, colours.collect())?, to)?;
        let opacity = self.rgba.chunks_exact(4).flat_map(|pixel| [pixel[3]; 3]).collect();
        let opacity = scale(&Picture::new(self.size, opacity)?, to)?;
        let pixels = colours.rgb().chunks_exact(3).zip(opacity.rgb().chunks_exact(3)).flat_map(|(colour, opacity)| {
            let alpha = u16::from(opacity[0]);
            let whole = |value: u8| match alpha {
                0 => 0,
                _ => u8::try_from((u16::from(value) * 255 + alpha / 2) / alpha).unwrap_or(u8::MAX),
            };
            [whole(colour[0]), whole(colour[1]), whole(colour[2]), opacity[0]]
        });
        Self::new(to, pixels.collect())
    }

    /// As PNG, without loss.
    ///
    /// # Errors
    /// None that a picture of ours can cause.
    pub fn png(&self) -> Result<Vec<u8>> {
        let mut file = Vec::new();
        PngEncoder::new_with_quality(&mut file, CompressionType::Default, FilterType::Adaptive)
            .write_image(&self.rgba, self.size.width, self.size.height, ExtendedColorType::Rgba8)
            .map_err(Error::broken)?;
        Ok(file)
    }

    /// As WebP, without loss.
    ///
    /// # Errors
    /// When it is over 16,383 pixels a side, which none of ours is.
    pub fn webp(&self) -> Result<Vec<u8>> {
        let mut file = Vec::new();
        WebPEncoder::new_lossless(&mut file)
            .write_image(&self.rgba, self.size.width, self.size.height, ExtendedColorType::Rgba8)
            .map_err(Error::broken)?;
        Ok(file)
    }
}

impl std::fmt::Debug for Transparent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Transparent({})", self.size)
    }
}

/// The picture in a PNG, WebP or JPEG file, its longer side at most `side`, with what can be seen through kept. It is drawn, not
/// taken: small ones are fine, and its profile is of no account.
///
/// # Errors
/// As [`crate::measure`], but for its least size; `Invalid` for a file that is not whole, `Unsupported` for HEIC.
pub fn decode_transparent(bytes: &[u8], side: u32) -> Result<Transparent> {
    contained(|| {
        let decoder = match open_from(bytes, SHORTEST_DRAWN)? {
            Opened::Jpeg(_) if !jpeg::is_whole(bytes) => return Err(damaged()),
            Opened::Jpeg(decoder) | Opened::Other(decoder) => decoder,
            Opened::Heic(_) => {
                return Err(Error::unsupported("This file is a HEIC photo. Choose a PNG, a WebP or a JPEG."));
            }
        };
        let (width, height) = decoder.dimensions();
        let rgba = DynamicImage::from_decoder(decoder).map_err(|_| damaged())?.into_rgba8().into_raw();
        let picture = Transparent::new(Size { width, height }, rgba)?;
        picture.scaled(picture.size.within(side))
    })
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
    fn what_can_be_seen_through_stays_so_at_any_size() {
        let read = decode_transparent(&png(&half(2000, 400).into()), 1000).unwrap();
        assert_eq!((read.size().width, read.size().height), (1000, 200));
        let at = |x: usize| &read.rgba()[(100 * 1000 + x) * 4..][..4];
        assert_eq!((at(10)[3], at(990)[3]), (0, 200));
        assert!(at(990).iter().zip([9, 8, 7]).all(|(made, given)| made.abs_diff(given) <= 1), "{:?}", at(990));
        let opaque = decode_transparent(include_bytes!("../../tests/pictures/astronaut.jpg"), 100).unwrap();
        assert!(opaque.size().width <= 100 && opaque.rgba().chunks_exact(4).all(|pixel| pixel[3] == 255));
        for file in [read.png().unwrap(), read.webp().unwrap()] {
            assert_eq!(decode_transparent(&file, 1000).unwrap(), read);
        }
        assert_eq!(read.on_white().unwrap().rgb()[..3], [255; 3]);
        let whole = png(&half(300, 400).into());
        assert!(matches!(decode_transparent(&whole[..whole.len() / 2], 100), Err(Error::Invalid(_))));
        assert!(decode_transparent(b"<svg/>", 100).is_err());
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
