//! Hostile and odd files, made here from one honest one.

use image::{
    ExtendedColorType, ImageEncoder,
    codecs::{png::PngEncoder, webp::WebPEncoder},
};
use jpeg_encoder::{ColorType, Encoder};
use moxcms::ColorProfile;

use super::*;

mod heic;
mod smaller;

const ASTRONAUT: &[u8] = include_bytes!("../../tests/pictures/astronaut.jpg");

/// Red on the left, blue on the right.
fn red_and_blue() -> Picture {
    let size = Size { width: 400, height: 300 };
    let row: Vec<u8> = (0..400).flat_map(|x| if x < 200 { [220, 20, 20] } else { [20, 20, 220] }).collect();
    Picture::new(size, row.repeat(300)).unwrap()
}

/// A JPEG of [`red_and_blue`] with whatever `add` puts in front of it.
fn jpeg_with(add: impl Fn(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 95);
    add(&mut encoder);
    encoder.encode(red_and_blue().rgb(), 400, 300, ColorType::Rgb).unwrap();
    file
}

/// An EXIF block (TIFF, little endian) that holds the orientation, and words that must not get out.
fn exif(orientation: u8) -> Vec<u8> {
    let mut block = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    block.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    block.extend(b"GPS 51.5007 N 0.1246 W");
    block
}

/// A PNG's signature and header chunk, its checksum right, followed by nothing of a picture.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut chunk = b"IHDR".to_vec();
    chunk.extend(width.to_be_bytes());
    chunk.extend(height.to_be_bytes());
    chunk.extend([8, 2, 0, 0, 0]);
    let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
    file.extend(&chunk);
    file.extend(crc32(&chunk).to_be_bytes());
    file.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
    file
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
    })
}

fn webp(size: Size, rgba: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let encoder = WebPEncoder::new_lossless(&mut file);
    encoder.write_image(rgba, size.width, size.height, ExtendedColorType::Rgba8).unwrap();
    file
}

fn pixel(picture: &Picture, x: u32, y: u32) -> [u8; 3] {
    let at = (y * picture.size().width + x) as usize * 3;
    picture.rgb()[at..at + 3].try_into().unwrap()
}

/// Whether the two colours differ by no more than a JPEG's loss.
fn near(one: [u8; 3], other: [u8; 3]) -> bool {
    one.iter().zip(other).all(|(a, b)| a.abs_diff(b) <= 12)
}

fn refusal(bytes: &[u8]) -> String {
    let measured = measure(bytes);
    let decoded = decode(bytes).unwrap_err();
    assert!(matches!(decoded, Error::Invalid(_) | Error::Unsupported(_)), "{decoded:?}");
    measured.map_or_else(|refused| refused.to_string(), |_| decoded.to_string())
}

#[test]
fn the_kinds_are_read_and_told_apart_by_content() {
    let size = Size { width: 256, height: 256 };
    let files = [
        (Kind::Jpeg, encode_jpeg(&red_and_blue(), 80).unwrap()),
        (Kind::Png, encode_png(&red_and_blue()).unwrap()),
        (Kind::WebP, webp(size, &[90; 256 * 256 * 4])),
    ];
    for (kind, file) in files {
        assert_eq!(recognise(&file), Some(kind));
        assert_eq!(measure(&file).unwrap(), decode(&file).unwrap().size());
    }
    assert_eq!(measure(ASTRONAUT).unwrap(), Size { width: 512, height: 512 });
}

#[test]
fn a_photo_comes_out_as_the_camera_was_held() {
    // Where the red half lies after each of the eight orientations of EXIF.
    let (left, right, top, bottom) = ((50, 150), (350, 150), (150, 50), (150, 350));
    for (orientation, red) in [left, right, right, left, top, top, bottom, bottom].into_iter().enumerate() {
        let block = exif(u8::try_from(orientation + 1).unwrap());
        let picture = decode(&jpeg_with(|file| file.add_exif_metadata(&block).unwrap())).unwrap();
        let upright = orientation < 4;
        let expected = if upright { (400, 300) } else { (300, 400) };
        assert_eq!((picture.size().width, picture.size().height), expected, "orientation {}", orientation + 1);
        assert!(near(pixel(&picture, red.0, red.1), [220, 20, 20]), "orientation {}", orientation + 1);
    }
}

#[test]
fn nothing_but_pixels_gets_out() {
    let file = jpeg_with(|file| file.add_exif_metadata(&exif(6)).unwrap());
    assert!(file.windows(3).any(|bytes| bytes == b"GPS"));
    let picture = decode(&file).unwrap();
    for out in [encode_jpeg(&picture, 90).unwrap(), encode_png(&picture).unwrap()] {
        for word in [&b"GPS"[..], b"Exif", b"ICC_PROFILE", b"eXIf", b"iCCP"] {
            assert!(!out.windows(word.len()).any(|bytes| bytes == word));
        }
    }
}

#[test]
fn colours_are_those_the_profile_in_the_file_means() {
    let profile = ColorProfile::new_display_p3().encode().unwrap();
    let plain = decode(&jpeg_with(|_| {})).unwrap();
    let wide = decode(&jpeg_with(|file| file.add_icc_profile(&profile).unwrap())).unwrap();
    assert!(near(pixel(&plain, 50, 50), [220, 20, 20]));
    // The same numbers in Display P3 are a redder red than sRGB has: its red channel rises.
    assert!(pixel(&wide, 50, 50)[0] > 232, "{:?}", pixel(&wide, 50, 50));
    let broken = decode(&jpeg_with(|file| file.add_icc_profile(&profile[..100]).unwrap())).unwrap();
    assert_eq!(broken, plain, "a broken profile is as good as none");
}

#[test]
fn transparency_is_laid_on_white() {
    let size = Size { width: 256, height: 256 };
    let clear = decode(&webp(size, &[200, 0, 0, 0].repeat(256 * 256))).unwrap();
    assert_eq!(pixel(&clear, 9, 9), [255, 255, 255]);
    let half = decode(&webp(size, &[200, 0, 0, 128].repeat(256 * 256))).unwrap();
    assert_eq!(pixel(&half, 9, 9), [227, 127, 127]);
}

#[test]
fn a_large_photo_is_kept_at_the_size_of_a_master() {
    let size = Size { width: 4_000, height: 1_000 };
    let file = encode_jpeg(&Picture::new(size, vec![77; 12_000_000]).unwrap(), 50).unwrap();
    assert_eq!(decode(&file).unwrap().size(), Size { width: MASTER_SIDE, height: 768 });
}

#[test]
fn a_bomb_is_refused_from_its_header() {
    assert!(refusal(&png_header(60_000, 60_000)).starts_with("This photo is too large: 60000 × 60000 pixels."));
    assert!(measure(&png_header(10_000, 8_000)).is_ok());
    assert!(refusal(&png_header(10_000, 8_001)).starts_with("This photo is too large"));
    assert!(refusal(&png_header(100, 4_000)).starts_with("This photo is too small"));
    assert!(refusal(&png_header(0, 0)).starts_with("This photo is"));
}

#[test]
fn what_is_drawn_is_taken_up_to_the_last_pixel_and_no_further() {
    let file = |width: u32, height: u32| {
        let mut file = Vec::new();
        let pixels = vec![90; (width * height * 4) as usize];
        PngEncoder::new(&mut file).write_image(&pixels, width, height, ExtendedColorType::Rgba8).unwrap();
        file
    };
    for (width, height, taken) in [
        (256, 256, true),
        (255, 256, false),
        (256, 255, false),
        (3_072, 3_072, true),
        (3_073, 256, false),
        (256, 3_073, false),
    ] {
        let cutout = decode_cutout(&file(width, height));
        assert_eq!(cutout.is_ok(), taken, "a cut-out of {width} × {height}");
        assert!(cutout.map_or_else(|refused| refused.to_string().contains("256 to 3072 pixels a side"), |_| true));
    }
    for (width, height, wrong) in [
        (16, 16, None),
        (15, 16, Some("too small")),
        (16, 15, Some("too small")),
        (16_384, 16, None),
        (16, 16_384, None),
        (16_385, 16, Some("too large")),
        (16, 16_385, Some("too large")),
    ] {
        let refused = decode_transparent(&file(width, height), 64).err().map(|refused| refused.to_string());
        let as_wrong = |words: &str| wrong.is_some_and(|wrong| words.contains(wrong));
        assert!(refused.as_deref().map_or(wrong.is_none(), as_wrong), "a logo of {width} × {height}: {refused:?}");
    }
    // Eighty megapixels, of which all but the header is missing.
    let refusal = |file: &[u8]| decode_transparent(file, 64).unwrap_err().to_string();
    assert!(refusal(&png_header(10_000, 8_000)).starts_with("This photo is damaged"));
    assert!(refusal(&png_header(10_000, 8_001)).starts_with("This photo is too large"));
}

#[test]
fn a_file_that_ends_early_is_refused() {
    let png = encode_png(&red_and_blue()).unwrap();
    let webp = webp(Size { width: 400, height: 300 }, &[90; 400 * 300 * 4]);
    for file in [ASTRONAUT, &png, &webp] {
        for part in [8, 4, 2] {
            let cut = file.len() - file.len() / part;
            assert!(refusal(&file[..cut]).starts_with("This photo is damaged"), "{cut} of {}", file.len());
        }
    }
}

#[test]
fn a_header_that_lies_is_refused_or_harmless() {
    // The right header of a large picture before the data of a small one.
    let honest = encode_png(&red_and_blue()).unwrap();
    let mut lying = png_header(8_000, 8_000)[..33].to_vec();
    lying.extend(&honest[33..]);
    assert_eq!(measure(&lying).unwrap(), Size { width: 8_000, height: 8_000 });
    assert!(refusal(&lying).starts_with("This photo is damaged"));
}

#[test]
fn what_is_no_picture_is_refused_whatever_it_is_called() {
    for file in [&b""[..], b"\xff\xd8", b"<!doctype html><script>alert(1)</script>", b"GIF89a\x01\0\x01\0", b"%PDF-1.7"]
    {
        assert_eq!(recognise(file), None);
        assert!(refusal(file).starts_with("This file is not a photo"));
    }
    let mut polyglot = b"\xff\xd8\xff\xe0<script>alert(1)</script>".to_vec();
    polyglot.extend(ASTRONAUT);
    let out = decode(&polyglot).map(|picture| encode_jpeg(&picture, 90).unwrap()).unwrap_or_default();
    assert!(!out.windows(6).any(|bytes| bytes == b"script"), "whatever is read, only pixels get out");
}

#[test]
fn no_damage_makes_us_panic() {
    let small = shrink(decode(ASTRONAUT).unwrap(), 256).unwrap();
    let profile = ColorProfile::new_display_p3().encode().unwrap();
    let rgba: Vec<u8> = small.rgb().chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], 200]).collect();
    let files = [
        jpeg_with(|file| {
            file.add_exif_metadata(&exif(5)).unwrap();
            file.add_icc_profile(&profile).unwrap();
        }),
        encode_jpeg(&small, 60).unwrap(),
        encode_png(&small).unwrap(),
        webp(small.size(), &rgba),
        heic::TILES.to_vec(),
        heic::TRANSPARENT.to_vec(),
        heic::P3.to_vec(),
    ];
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random >> 33).unwrap() % below
    };
    for round in 0..700 {
        let mut file = files[round % files.len()].clone();
        // Headers are where damage does most: half of the rounds stay within the first 700 bytes.
        let reach = if round % 16 < 8 { file.len().min(700) } else { file.len() };
        for _ in 0..1 + next(6) {
            file[next(reach)] = u8::try_from(next(256)).unwrap();
        }
        file.truncate(file.len() - if round % 3 == 0 { next(file.len()) } else { 0 });
        if let Ok(picture) = decode(&file) {
            assert_eq!(picture.rgb().len() as u64, picture.size().area() * 3);
        }
    }
}

#[test]
fn a_crop_stays_within_the_picture() {
    let picture = red_and_blue();
    let size = Size { width: 100, height: 100 };
    let blue = crop(&picture, Area { left: 250, top: 10, size });
    assert_eq!((blue.size(), pixel(&blue, 0, 0)), (size, [20, 20, 220]));
    assert_eq!(crop(&picture, Area { left: 390, top: 299, size }).size(), Size { width: 10, height: 1 });
    assert_eq!(crop(&picture, Area { left: 9_000, top: 9_000, size }).size(), Size { width: 1, height: 1 });
}

#[test]
fn scaling_keeps_colours_and_proportions() {
    let small = shrink(red_and_blue(), 40).unwrap();
    assert_eq!(small.size(), Size { width: 40, height: 30 });
    assert_eq!((pixel(&small, 5, 5), pixel(&small, 35, 5)), ([220, 20, 20], [20, 20, 220]));
    assert_eq!(shrink(red_and_blue(), 4_000).unwrap().size(), red_and_blue().size());
    assert!(scale(&small, Size { width: 0, height: 9 }).is_err());
    assert_eq!(Size { width: 16_000, height: 2 }.within(100), Size { width: 100, height: 1 });
}
