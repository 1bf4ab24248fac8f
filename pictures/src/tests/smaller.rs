//! JPEGs decoded at a fraction of their size.

use super::*;

/// Smooth, coloured, and nowhere the same.
fn large(width: u32, height: u32) -> Picture {
    let wave = |at: u32, length: f64| ((f64::from(at) / length).sin() * 110.0 + 128.0) as u8;
    let rows =
        (0..height).flat_map(|y| (0..width).flat_map(move |x| [wave(x, 90.0), wave(y, 70.0), wave(x + y, 200.0)]));
    Picture::new(Size { width, height }, rows.collect()).unwrap()
}

fn jpeg(picture: &Picture, color: ColorType, set: impl Fn(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 90);
    set(&mut encoder);
    let pixels: Vec<u8> = match color {
        ColorType::Luma => picture.rgb().chunks_exact(3).map(|p| p[0]).collect(),
        ColorType::Cmyk => {
            picture.rgb().chunks_exact(3).flat_map(|p| [255 - p[0], 255 - p[1], 255 - p[2], 0]).collect()
        }
        _ => picture.rgb().to_vec(),
    };
    let side = |length: u32| u16::try_from(length).unwrap();
    encoder.encode(&pixels, side(picture.size().width), side(picture.size().height), color).unwrap();
    file
}

/// The most that a value differs.
fn farthest(one: &Picture, other: &Picture) -> u8 {
    assert_eq!(one.size(), other.size());
    one.rgb().iter().zip(other.rgb()).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

#[test]
fn a_part_of_the_size_is_the_same_picture() {
    let picture = large(1_203, 801);
    let files = [
        jpeg(&picture, ColorType::Rgb, |_| {}),
        jpeg(&picture, ColorType::Rgb, |file| file.set_progressive(true)),
        jpeg(&picture, ColorType::Rgb, |file| file.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2)),
        jpeg(&picture, ColorType::Luma, |_| {}),
        jpeg(&picture, ColorType::Cmyk, |_| {}),
    ];
    for (index, file) in files.iter().enumerate() {
        let whole = decode(file).unwrap();
        for side in [602, 600, 301, 280, 151, 64] {
            let small = decode_within(file, side).unwrap();
            let far = farthest(&small, &shrink(whole.clone(), side).unwrap());
            assert!(far <= 16, "file {index} at {side}: {far}");
        }
    }
}

#[test]
fn what_is_not_twice_as_large_is_decoded_as_it_always_was() {
    let picture = large(1_003, 600);
    let file = jpeg(&picture, ColorType::Rgb, |_| {});
    let whole = decode(&file).unwrap();
    assert_eq!(jpeg::scaled(&file, 503), None);
    for side in [1_003, 900, 600, 503] {
        assert!(decode_within(&file, side).unwrap() == shrink(whole.clone(), side).unwrap(), "{side}");
    }
    assert!(jpeg::scaled(&file, 502).is_some());
}

#[test]
fn it_is_upright_and_in_its_colours() {
    let size = Size { width: 1_600, height: 1_200 };
    let large = scale(&red_and_blue(), size).unwrap();
    let profile = ColorProfile::new_display_p3().encode().unwrap();
    let file = jpeg(&large, ColorType::Rgb, |file| {
        file.add_exif_metadata(&exif(6)).unwrap();
        file.add_icc_profile(&profile).unwrap();
    });
    let small = decode_within(&file, 400).unwrap();
    assert_eq!(small.size(), Size { width: 300, height: 400 });
    let (red, blue) = (pixel(&small, 150, 50), pixel(&small, 150, 350));
    assert!(red[0] > 232 && red[2] < 60 && blue[2] > 200 && blue[0] < 60, "{red:?} {blue:?}");
}

#[test]
fn a_file_that_ends_early_is_refused_at_any_size() {
    let file = jpeg(&large(1_600, 1_200), ColorType::Rgb, |_| {});
    for part in [9, 5, 3, 2] {
        let cut = file.len() - file.len() / part;
        assert!(decode_within(&file[..cut], 200).unwrap_err().to_string().starts_with("This photo is damaged"));
    }
}

#[test]
fn a_jpeg_in_very_many_scans_is_left_to_the_decoder_that_counts_them() {
    let file = jpeg(&large(1_600, 1_200), ColorType::Rgb, |file| file.set_progressive(true));
    assert!(jpeg::scaled(&file, 200).is_some());
    let last = file.windows(2).rposition(|pair| pair == [0xff, 0xda]).unwrap();
    let scan = file[last..file.len() - 2].to_vec();
    let mut many = file[..file.len() - 2].to_vec();
    (0..200).for_each(|_| many.extend(&scan));
    many.extend([0xff, 0xd9]);
    assert_eq!(jpeg::scaled(&many, 200), None);
}

#[test]
fn sixteen_bits_come_out_as_eight() {
    let small = shrink(decode(ASTRONAUT).unwrap(), 300).unwrap();
    let deep: Vec<u8> = small.rgb().iter().flat_map(|value| (u16::from(*value) << 8 | 0x7f).to_ne_bytes()).collect();
    let mut file = Vec::new();
    PngEncoder::new(&mut file)
        .write_image(&deep, small.size().width, small.size().height, ExtendedColorType::Rgb16)
        .unwrap();
    assert!(decode(&file).unwrap() == small);
}
