//! What a file is, by its content, and how large the picture in it claims to be. Reads headers; decodes nothing.

use std::io::Cursor;

use image::{
    ImageDecoder, ImageResult, Limits,
    codecs::{jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder},
};

use crate::{
    Size,
    decode::contained,
    error::{Error, Result},
    heic,
};

/// More pixels than any camera people own, and 240 MB decoded.
const MOST_MEGAPIXELS: u64 = 80;
/// Wider or higher is a panorama or an attack, no portrait.
pub(crate) const LONGEST_SIDE: u32 = 16_384;
/// A face in less can't be told from another.
const SHORTEST_SIDE: u32 = 256;
/// Twice what the largest picture takes as RGB.
const MOST_MEMORY: u64 = 512 * 1024 * 1024;
/// What a PNG may take beside its pixels: two rows, and a colour profile that could be a bomb of its own.
const MOST_BESIDE_PIXELS: u64 = 16 * 1024 * 1024;

/// A kind of picture file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What most cameras write.
    Jpeg,
    /// Screenshots and exports.
    Png,
    /// Pictures from the web.
    WebP,
    /// What iPhones write.
    Heic,
}

/// The kind of picture these bytes begin as, whatever the file is called. None for everything that is no picture.
pub fn recognise(bytes: &[u8]) -> Option<Kind> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some(Kind::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Kind::Png),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Kind::WebP),
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] if is_heic(brand) => Some(Kind::Heic),
        _ => None,
    }
}

/// Whether an ISO media file's major brand is one of HEIC's (ISO/IEC 23008-12), still pictures and bursts.
fn is_heic(brand: &[u8]) -> bool {
    let brands: [&[u8]; 8] = [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"];
    brand.get(..4).is_some_and(|brand| brands.contains(&brand))
}

/// How large the picture says it is, from its header alone: before orientation, which may swap the two sides.
///
/// # Errors
/// `Unsupported` for a kind we don't read; `Invalid` for a damaged header and for pictures too large or too small.
pub fn measure(bytes: &[u8]) -> Result<Size> {
    contained(|| match open(bytes)? {
        Opened::Jpeg(decoder) | Opened::Other(decoder) => Ok(size_of(&*decoder)),
        Opened::Heic(photo) => Ok(photo.size()),
    })
}

/// A file whose header is read and within bounds: safe to set memory aside for.
pub(crate) enum Opened<'b> {
    Jpeg(Box<dyn ImageDecoder + 'b>),
    /// PNG and WebP.
    Other(Box<dyn ImageDecoder + 'b>),
    Heic(Box<heic::Photo<'b>>),
}

/// Reads the header and holds it against the limits.
pub(crate) fn open(bytes: &[u8]) -> Result<Opened<'_>> {
    open_from(bytes, SHORTEST_SIDE)
}

/// The same of what is no photo, and may be smaller than one: from `shortest` pixels a side.
pub(crate) fn open_from(bytes: &[u8], shortest: u32) -> Result<Opened<'_>> {
    let decoder = match recognise(bytes) {
        Some(Kind::Jpeg) => open_jpeg(bytes),
        Some(Kind::Png) => open_png(bytes),
        Some(Kind::WebP) => open_webp(bytes),
        Some(Kind::Heic) => return heic::open(bytes).map(|photo| Opened::Heic(Box::new(photo))),
        None => return Err(no_photo()),
    };
    let decoder = decoder.map_err(|_| damaged())?;
    let size = size_of(&*decoder);
    check_from(size, shortest)?;
    if decoder.total_bytes() > MOST_MEMORY {
        return Err(Error::invalid(format!(
            "This photo takes too much memory: {size} at 16 bits a colour. Upload it as JPEG, or smaller."
        )));
    }
    Ok(if recognise(bytes) == Some(Kind::Jpeg) { Opened::Jpeg(decoder) } else { Opened::Other(decoder) })
}

/// What is said of everything we have no decoder for.
pub(crate) fn no_photo() -> Error {
    Error::unsupported("This file is not a photo we can read. Upload a JPEG, PNG, WebP or HEIC.")
}

/// What is said of a file that claims to be a picture and isn't a whole one.
pub(crate) fn damaged() -> Error {
    Error::invalid(
        "This photo is damaged or incomplete. Open it to see whether it is whole, then upload it again, or choose another.",
    )
}

fn open_jpeg(bytes: &[u8]) -> ImageResult<Box<dyn ImageDecoder + '_>> {
    Ok(Box::new(JpegDecoder::new(Cursor::new(bytes))?))
}

fn open_png(bytes: &[u8]) -> ImageResult<Box<dyn ImageDecoder + '_>> {
    // The sides are ours to judge, with better words.
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MOST_BESIDE_PIXELS);
    Ok(Box::new(PngDecoder::with_limits(Cursor::new(bytes), limits)?))
}

fn open_webp(bytes: &[u8]) -> ImageResult<Box<dyn ImageDecoder + '_>> {
    Ok(Box::new(WebPDecoder::new(Cursor::new(bytes))?))
}

fn size_of(decoder: &dyn ImageDecoder) -> Size {
    let (width, height) = decoder.dimensions();
    Size { width, height }
}

/// Whether a picture of this size is one we take.
pub(crate) fn check(size: Size) -> Result<()> {
    check_from(size, SHORTEST_SIDE)
}

fn check_from(size: Size, shortest: u32) -> Result<()> {
    let Size { width, height } = size;
    if width.max(height) > LONGEST_SIDE || size.area() > MOST_MEGAPIXELS * 1_000_000 {
        return Err(Error::invalid(format!(
            "This photo is too large: {size}. Upload one of at most {MOST_MEGAPIXELS} megapixels and {LONGEST_SIDE} pixels a side."
        )));
    }
    if width.min(height) < shortest {
        return Err(Error::invalid(format!(
            "This photo is too small: {size}. Upload the original, at least {shortest} pixels a side."
        )));
    }
    Ok(())
}
