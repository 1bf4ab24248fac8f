//! Writes small honest pictures of every kind we read, to make broken ones out of: `seeds DIRECTORY`. For `fuzz/run`.

use std::{error::Error, fs, path::PathBuf};

use headroom_pictures::{Picture, decode_within, encode_cutout, encode_png};
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder, codecs::webp::WebPEncoder};
use jpeg_encoder::{ColorType, Encoder};

/// The least that is taken for a photo.
const SIDE: u32 = 256;

fn jpeg(pixels: &[u8], color: ColorType, progressive: bool) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 50);
    encoder.set_progressive(progressive);
    encoder.encode(pixels, u16::try_from(SIDE)?, u16::try_from(SIDE)?, color)?;
    Ok(file)
}

/// The picture with more or fewer numbers a pixel.
fn recolored<const N: usize>(picture: &Picture, pixel: impl Fn(&[u8]) -> [u8; N]) -> Vec<u8> {
    picture.rgb().chunks_exact(3).flat_map(pixel).collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let into = PathBuf::from(std::env::args().nth(1).ok_or("a directory is missing")?);
    fs::create_dir_all(&into)?;
    let pictures = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/pictures");
    for entry in fs::read_dir(&pictures)? {
        let entry = entry?;
        fs::copy(entry.path(), into.join(entry.file_name()))?;
    }
    let picture = decode_within(&fs::read(pictures.join("astronaut.jpg"))?, SIDE)?;
    let grey = recolored(&picture, |p| [p[1]]);
    let inks = recolored(&picture, |p| [255 - p[0], 255 - p[1], 255 - p[2], 20]);
    // Few colours, for small files without loss.
    let few = |value: u8| value & 0b1100_0000;
    let flat = Picture::new(picture.size(), picture.rgb().iter().copied().map(few).collect())?;
    let seen = recolored(&flat, |p| [p[0], p[1], p[2], p[0]]);
    let wide = recolored(&flat, |p| [p[0], p[0], p[1], p[1], p[2], p[2]]);
    let mut deep = Vec::new();
    PngEncoder::new(&mut deep).write_image(&wide, SIDE, SIDE, ExtendedColorType::Rgb16)?;
    let mut webp = Vec::new();
    WebPEncoder::new_lossless(&mut webp).write_image(&seen, SIDE, SIDE, ExtendedColorType::Rgba8)?;
    let files = [
        ("plain.jpg", jpeg(picture.rgb(), ColorType::Rgb, false)?),
        ("progressive.jpg", jpeg(picture.rgb(), ColorType::Rgb, true)?),
        ("grey.jpg", jpeg(&grey, ColorType::Luma, false)?),
        ("inks.jpg", jpeg(&inks, ColorType::Cmyk, false)?),
        ("plain.png", encode_png(&flat)?),
        ("deep.png", deep),
        ("cutout.png", encode_cutout(flat.size(), &seen)?),
        ("plain.webp", webp),
    ];
    for (name, file) in files {
        fs::write(into.join(name), file)?;
    }
    Ok(())
}
