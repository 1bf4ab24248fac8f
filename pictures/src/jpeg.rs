//! What JPEG can do that other kinds can't: be decoded at a fraction of its size, at a fraction of the work.

use jpeg_decoder::{CodingProcess, Decoder, PixelFormat};

use crate::{Picture, Size, scale};

/// What a progressive JPEG may be sent in; encoders use about ten. Each one goes over the whole picture,
/// so a small file of many is a bomb.
const MOST_SCANS: usize = 100;

/// Whether the coded picture comes to its end marker. Decoders fill what is missing with grey and call it a success,
/// so a photo cut in the middle would pass.
pub(crate) fn is_whole(bytes: &[u8]) -> bool {
    // From the end, where it is.
    coded(bytes).is_some_and(|coded| coded.windows(2).rev().any(|pair| pair == [0xff, 0xd9]))
}

/// The file from its first scan on.
fn coded(bytes: &[u8]) -> Option<&[u8]> {
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
    bytes.get(at..)
}

/// The picture shrunk to `side`, decoded at the smallest of an eighth, a quarter and a half of its size that is no smaller;
/// neither turned nor converted. None if even a half would be too small, and for the rare kinds (four colours, oddly coded)
/// that the other decoder knows better. For files whose header is known to be within limits.
pub(crate) fn scaled(bytes: &[u8], side: u32) -> Option<Picture> {
    let mut decoder = Decoder::new(bytes);
    decoder.read_info().ok()?;
    let info = decoder.info()?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    let whole = Size { width, height };
    let fraction = [8, 4, 2].into_iter().find(|part| width.max(height).div_ceil(*part) >= side)?;
    let scans = |coded: &[u8]| coded.windows(2).filter(|pair| *pair == [0xff, 0xda]).count();
    if info.coding_process == CodingProcess::DctProgressive && scans(coded(bytes)?) > MOST_SCANS
        || !matches!(info.pixel_format, PixelFormat::L8 | PixelFormat::RGB24)
    {
        return None;
    }
    let part = |length: u32| u16::try_from(length.div_ceil(fraction)).ok();
    let (width, height) = decoder.scale(part(whole.width)?, part(whole.height)?).ok()?;
    let size = Size { width: width.into(), height: height.into() };
    let pixels = decoder.decode().ok()?;
    let rgb = match info.pixel_format {
        PixelFormat::RGB24 => pixels,
        _ => pixels.into_iter().flat_map(|grey| [grey; 3]).collect(),
    };
    let picture = Picture::new(size, rgb).ok()?;
    // By the proportions of the whole: those of the part are rounded.
    let to = whole.within(side);
    if to == size { Some(picture) } else { scale(&picture, to).ok() }
}
