//! Whole headshots against references that a person has looked at, and the same bits on any number of threads.
//!
//! After a change that is meant to be seen, `REFERENCES=new cargo test --release -p headroom-studio --test pictures` writes them
//! anew: look at each before it is kept.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that can't go on panics, its helpers included")]

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    process::Command,
};

use headroom_studio::{Backdrop, Behind, Cutout, Headshot, Look, Photo, Studio, Thresholds};
use image::{RgbImage, imageops, imageops::FilterType};

/// References are kept this small: what differs is seen at this size too.
const SMALL: (u32, u32) = (128, 160);
/// The mean difference of a picture, in steps of 255, that rounding on another machine may make.
const MEAN: f64 = 1.0;
/// And that of a square of 8 × 8 pixels: a hole in the hair is small.
const SQUARE: f64 = 7.0;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/references")
}

fn astronaut() -> RgbImage {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/pictures/astronaut.jpg");
    let picture = image::open(path).unwrap().into_rgb8();
    imageops::resize(&picture, 1280, 1280, FilterType::Lanczos3)
}

fn cut_out(picture: &RgbImage) -> Cutout {
    let photo = Photo::new(picture.width() as usize, picture.height() as usize, picture.as_raw().clone()).unwrap();
    Studio::open(Thresholds::default()).unwrap().cut_out(&photo).unwrap()
}

fn picture(headshot: Headshot) -> RgbImage {
    RgbImage::from_raw(headshot.width as u32, headshot.height as u32, headshot.rgb).unwrap()
}

/// Fails where a headshot looks different from its reference.
fn looks_as_kept(name: &str, headshot: Headshot) {
    is_as_kept(name, &imageops::resize(&picture(headshot), SMALL.0, SMALL.1, FilterType::Triangle));
}

/// The same of a part of it in full size, where pores, lashes and single hairs are seen: so far from the middle of the face, as parts
/// of width and height.
fn detail_is_as_kept(name: &str, headshot: &Headshot, (x, y): (f32, f32)) {
    let place = |at: f32, length: usize, side: u32| (at * length as f32) as u32 - side / 2;
    let left = place(headshot.head.0 + x, headshot.width, SMALL.0);
    let top = place(headshot.head.1 + y, headshot.height, SMALL.1);
    let whole = RgbImage::from_raw(headshot.width as u32, headshot.height as u32, headshot.rgb.clone()).unwrap();
    is_as_kept(name, &imageops::crop_imm(&whole, left, top, SMALL.0, SMALL.1).to_image());
}

fn is_as_kept(name: &str, seen: &RgbImage) {
    let path = folder().join(format!("{name}.png"));
    if std::env::var_os("REFERENCES").is_some_and(|value| value == "new") {
        seen.save(path).unwrap();
        return;
    }
    let kept = image::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).into_rgb8();
    assert_eq!(kept.dimensions(), seen.dimensions());
    let off = |x: u32, y: u32| {
        let (seen, kept) = (seen.get_pixel(x, y), kept.get_pixel(x, y));
        seen.0.iter().zip(kept.0).map(|(a, b)| f64::from(a.abs_diff(b))).sum::<f64>() / 3.0
    };
    let mut whole = 0.0;
    for top in (0..SMALL.1).step_by(8) {
        for left in (0..SMALL.0).step_by(8) {
            let square: f64 = (0..64).map(|at| off(left + at % 8, top + at / 8)).sum::<f64>() / 64.0;
            assert!(square < SQUARE, "{name}: {square:.1} off at {left}, {top}");
            whole += square;
        }
    }
    whole /= f64::from(SMALL.0 / 8 * SMALL.1 / 8);
    assert!(whole < MEAN, "{name}: {whole:.2} off as a whole");
}

/// Each pixel changed by itself, on the sRGB curve from 0 to 1.
fn changed(mut picture: RgbImage, change: impl Fn([f32; 3]) -> [f32; 3]) -> RgbImage {
    for pixel in picture.pixels_mut() {
        let values = change(pixel.0.map(|value| f32::from(value) / 255.0));
        pixel.0 = values.map(|value| (value.clamp(0.0, 1.0) * 255.0 + 0.5) as u8);
    }
    picture
}

#[test]
fn every_backdrop_looks_as_it_was_reviewed() {
    let cutout = cut_out(&astronaut());
    for backdrop in Backdrop::ALL {
        let headshot = cutout.before(Behind::Drawn(backdrop), Look::default()).unwrap();
        looks_as_kept(&format!("{backdrop:?}").to_lowercase(), headshot);
    }
    let grey = cutout.before(Behind::Drawn(Backdrop::Grey), Look::default()).unwrap();
    detail_is_as_kept("detail-eye", &grey, (-0.07, -0.03));
    detail_is_as_kept("detail-hair", &grey, (-0.2, -0.1));
    let look = Look { zoom: 1.15, turn: 3.0, x: 0.02, light: 0.4, warmth: -0.5, ..Look::default() };
    looks_as_kept("looked", cutout.before(Behind::Drawn(Backdrop::Navy), look).unwrap());
    let pattern = (0..600 * 600).flat_map(|at| [(at % 600 / 3) as u8, (at / 600 / 3) as u8, 90]).collect();
    let own = Photo::new(600, 600, pattern).unwrap();
    looks_as_kept("own", cutout.before(Behind::Picture(&own), Look::default()).unwrap());
}

#[test]
fn bad_light_is_made_good() {
    type Change = fn([f32; 3]) -> [f32; 3];
    let cases: [(&str, Change); 3] = [
        ("dark", |pixel| pixel.map(|value| value * 0.45)),
        ("cold", |[r, g, b]| [r * 0.72, g * 0.9, b]),
        ("pale", |pixel| pixel.map(|value| 0.35 + 0.5 * value)),
    ];
    for (name, change) in cases {
        let cutout = cut_out(&changed(astronaut(), change));
        looks_as_kept(name, cutout.before(Behind::Drawn(Backdrop::Grey), Look::default()).unwrap());
    }
}

#[test]
fn the_number_of_threads_changes_not_one_bit() {
    let small = imageops::resize(&astronaut(), 640, 640, FilterType::Triangle);
    let made = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let cutout = cut_out(&small);
            let look = Look { zoom: 1.1, turn: -2.0, light: 0.2, ..Look::default() };
            let headshot = cutout.before(Behind::Drawn(Backdrop::Garden), look).unwrap();
            (cutout.rgba().to_vec(), headshot.rgb)
        })
    };
    let alone = made(1);
    for threads in [2, 3, 5] {
        assert!(made(threads) == alone, "{threads} threads make another picture");
    }
}

/// The nets have a pool of threads of their own, which a process sets up once: so each number of threads gets a process.
#[test]
fn the_threads_of_the_nets_change_not_one_bit() {
    let sum = |threads: &str| {
        let mut again = Command::new(std::env::current_exe().unwrap());
        again.args(["--ignored", "--exact", "a_headshot_as_a_number", "--nocapture"]);
        let output = again.env("RTEN_NUM_THREADS", threads).env("RAYON_NUM_THREADS", threads).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().find_map(|line| line.split_once("headshot: ")).unwrap().1.to_owned()
    };
    let alone = sum("1");
    for threads in ["2", "3"] {
        assert_eq!(sum(threads), alone, "{threads} threads");
    }
}

#[test]
#[ignore = "a process of the test above"]
#[expect(clippy::print_stdout, reason = "the test above reads it")]
fn a_headshot_as_a_number() {
    let cutout = cut_out(&imageops::resize(&astronaut(), 640, 640, FilterType::Triangle));
    let headshot = cutout.before(Behind::Drawn(Backdrop::Garden), Look::default()).unwrap();
    let mut sum = DefaultHasher::new();
    (cutout.rgba(), headshot.rgb).hash(&mut sum);
    println!("headshot: {:x}", sum.finish());
}

#[test]
fn a_photo_that_lies_on_its_side_or_stands_on_its_head_gives_the_same_headshot() {
    let upright = imageops::resize(&astronaut(), 640, 640, FilterType::Triangle);
    let studio = Studio::open(Thresholds::default()).unwrap();
    let photo = |picture: &RgbImage| Photo::new(640, 640, picture.as_raw().clone()).unwrap();
    let (check, made) = (studio.check(&photo(&upright)).unwrap(), cut_out(&upright));
    for turned in [imageops::rotate90(&upright), imageops::rotate180(&upright), imageops::rotate270(&upright)] {
        assert_eq!(studio.check(&photo(&turned)).unwrap(), check);
        assert!(cut_out(&turned).rgba() == made.rgba());
    }
}

#[test]
fn a_photo_of_nobody_gives_no_headshot_whichever_way_up() {
    let upright = astronaut();
    // The shuttle's model and the flag behind her.
    let nobody = imageops::crop_imm(&upright, 780, 60, 500, 500).to_image();
    let photo = Photo::new(500, 500, nobody.into_raw()).unwrap();
    let studio = Studio::open(Thresholds::default()).unwrap();
    assert!(matches!(studio.cut_out(&photo), Err(headroom_studio::Error::NoFace)));
}

#[test]
fn a_kept_cut_out_gives_the_same_headshot() {
    let fresh = cut_out(&imageops::resize(&astronaut(), 640, 640, FilterType::Triangle));
    let kept = Cutout::new(fresh.width(), fresh.height(), fresh.rgba().to_vec(), fresh.head()).unwrap();
    let laid = |cutout: &Cutout| cutout.before(Behind::Drawn(Backdrop::Grey), Look::default()).unwrap().rgb;
    assert!(laid(&fresh) == laid(&kept));
}
