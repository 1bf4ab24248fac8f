//! What JPEG can do that other kinds can't: be decoded at a fraction of its size, at a fraction of the work.

use jpeg_decoder::{CodingProcess, Decoder, PixelFormat};

use crate::{Picture, Size, scale};

mod baseline;
mod bits;
mod inverse;

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
    let picture = match baseline::decode(bytes, whole, 8 / fraction as usize) {
        Some(picture) => picture,
        None => by_library(decoder, whole, fraction)?,
    };
    // By the proportions of the whole: those of the part are rounded.
    let to = whole.within(side);
    if to == picture.size() { Some(picture) } else { scale(&picture, to).ok() }
}

/// A fraction of the picture whose header has been read, by the decoder that knows every kind.
fn by_library(mut decoder: Decoder<&[u8]>, whole: Size, fraction: u32) -> Option<Picture> {
    let part = |length: u32| u16::try_from(length.div_ceil(fraction)).ok();
    let (width, height) = decoder.scale(part(whole.width)?, part(whole.height)?).ok()?;
    let pixels = decoder.decode().ok()?;
    let rgb = match decoder.info()?.pixel_format {
        PixelFormat::RGB24 => pixels,
        _ => pixels.into_iter().flat_map(|grey| [grey; 3]).collect(),
    };
    Picture::new(Size { width: width.into(), height: height.into() }, rgb).ok()
}

#[cfg(test)]
mod tests {
    use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

    use super::*;

    /// Slopes and an edge, at a size that ends within a block and within a unit.
    fn picture() -> Picture {
        let size = Size { width: 203, height: 149 };
        let pixel = |x: u32, y: u32| [(x + 20) as u8, if x > y { 190 } else { 150 }, (220 - y) as u8];
        let rgb = (0..size.height).flat_map(|y| (0..size.width).flat_map(move |x| pixel(x, y))).collect();
        Picture::new(size, rgb).unwrap()
    }

    fn encoded(kind: ColorType, set: impl FnOnce(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, 92);
        set(&mut encoder);
        let picture = picture();
        let pixels = picture.rgb().chunks_exact(3);
        let pixels: Vec<u8> = match kind {
            ColorType::Luma => pixels.map(|pixel| pixel[0]).collect(),
            _ => pixels.flatten().copied().collect(),
        };
        encoder.encode(&pixels, 203, 149, kind).unwrap();
        file
    }

    fn other(file: &[u8], fraction: u32) -> Picture {
        let mut decoder = Decoder::new(file);
        decoder.read_info().unwrap();
        by_library(decoder, picture().size(), fraction).unwrap()
    }

    #[test]
    fn cameras_files_come_out_as_from_the_other_decoder() {
        use SamplingFactor::{F_1_1, F_1_2, F_2_1, F_2_2};
        let samplings =
            [F_1_1, F_1_2, F_2_1, F_2_2].map(|factor| encoded(ColorType::Rgb, |e| e.set_sampling_factor(factor)));
        let restarts = [1, 5, 13].map(|units| encoded(ColorType::Rgb, |e| e.set_restart_interval(units)));
        let grey = encoded(ColorType::Luma, |_| {});
        let files = samplings.into_iter().chain(restarts).chain([grey]);
        for (index, file) in files.enumerate() {
            for fraction in [2, 4, 8] {
                let ours = baseline::decode(&file, picture().size(), 8 / fraction as usize).unwrap();
                let theirs = other(&file, fraction);
                assert_eq!(ours.size(), theirs.size());
                let apart = |(one, other): (&u8, &u8)| u64::from(one.abs_diff(*other));
                let sum: u64 = ours.rgb().iter().zip(theirs.rgb()).map(apart).sum();
                // Colours of half the size are made at once here, and stretched there.
                let mean = sum as f64 / ours.rgb().len() as f64;
                assert!(mean < 2.0, "file {index} at 1/{fraction}: {mean} on average");
            }
        }
    }

    #[test]
    fn what_is_unusual_or_broken_is_left_to_the_other_decoder() {
        let whole = picture().size();
        let plain = encoded(ColorType::Rgb, |e| e.set_restart_interval(5));
        assert!(baseline::decode(&plain, whole, 2).is_some());
        let progressive = encoded(ColorType::Rgb, |e| e.set_progressive(true));
        assert!(baseline::decode(&progressive, whole, 2).is_none());
        let in_three_scans = encoded(ColorType::Rgb, |e| e.set_optimized_huffman_tables(true));
        assert!(baseline::decode(&in_three_scans, whole, 2).is_none());
        assert!(baseline::decode(&plain, Size { width: 204, ..whole }, 2).is_none());
        let restart = plain.windows(2).rposition(|pair| pair[0] == 0xff && (0xd0..0xd8).contains(&pair[1])).unwrap();
        let mut misled = plain.clone();
        misled[restart + 1] ^= 1;
        assert!(baseline::decode(&misled, whole, 2).is_none());
        assert!(baseline::decode(&plain[..restart], whole, 2).is_none());
    }

    #[test]
    fn no_damage_makes_it_panic() {
        let file = encoded(ColorType::Rgb, |_| {});
        for at in (0..700).chain((700..file.len()).step_by(11)) {
            for with in [0x00, 0xff, file[at] ^ 0x10] {
                let mut damaged = file.clone();
                damaged[at] = with;
                let decoded = baseline::decode(&damaged, picture().size(), 1);
                assert!(decoded.is_none_or(|decoded| decoded.size() == Size { width: 26, height: 19 }));
            }
        }
    }
}
