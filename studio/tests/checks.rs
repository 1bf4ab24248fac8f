//! What is said of photos with one fault each, made out of a good one. What no picture here can show (eyes that are shut, a face
//! from the side) is tested by its numbers, beside the rules.
#![expect(clippy::unwrap_used, reason = "a test that can't go on panics, its helpers included")]

#[path = "../examples/cases/made.rs"]
mod made;

use std::{collections::BTreeMap, path::Path};

use headroom_studio::{Finding, Studio, Thresholds};
use image::{RgbImage, codecs::jpeg::JpegEncoder, imageops, imageops::FilterType};

fn astronaut() -> RgbImage {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/pictures/astronaut.jpg");
    image::open(path).unwrap().into_rgb8()
}

fn found(studio: &Studio, picture: &RgbImage) -> Vec<Finding> {
    studio.check(&made::read(picture).unwrap()).unwrap().findings
}

#[test]
fn each_fault_is_found_and_nothing_else_is() {
    let studio = Studio::open(Thresholds::default()).unwrap();
    let cases: BTreeMap<String, RgbImage> = made::cases(&studio, &astronaut()).unwrap().into_iter().collect();
    for (name, expected) in [
        ("large", &[][..]),
        ("tilt 15", &[]),
        ("on its side", &[]),
        ("cast warm", &[]),
        ("light -2", &[]),
        ("before books", &[]),
        ("crop shoulders only just", &[]),
        ("as it is", &[Finding::FaceTooSmall]),
        ("small 768", &[Finding::LowResolution, Finding::Soft]),
        ("blur 1", &[Finding::Soft]),
        ("blur 2.5", &[Finding::Blurred]),
        ("blur 12", &[Finding::Blurred]),
        ("dark and cold", &[Finding::Dim]),
        ("light 0.5", &[Finding::Glare]),
        ("light 0.9", &[Finding::TooBright]),
        ("side split", &[Finding::HardSideLight]),
        ("two people", &[Finding::SeveralFaces]),
        ("crop crown cut", &[Finding::HeadCutOff]),
        ("crop chin", &[Finding::NoShoulders]),
        ("crop half a face", &[Finding::FaceCutOff, Finding::NoShoulders]),
    ] {
        let picture = cases.get(name).unwrap_or_else(|| panic!("no case is called {name}"));
        assert_eq!(found(&studio, picture), expected, "{name}");
    }
}

#[test]
fn hardly_any_light_is_too_little_and_nobody_is_nobody() {
    let studio = Studio::open(Thresholds::default()).unwrap();
    let large = imageops::resize(&astronaut(), 1536, 1536, FilterType::CatmullRom);
    let mut dark = large.clone();
    for value in dark.iter_mut() {
        *value = (f32::from(*value) * 0.18) as u8;
    }
    assert_eq!(found(&studio, &dark), [Finding::TooDark]);
    let wall = imageops::crop_imm(&large, 912, 0, 288, 288).to_image();
    assert_eq!(found(&studio, &wall), [Finding::NoFace]);
}

#[test]
fn little_light_hides_no_blur() {
    let studio = Studio::open(Thresholds::default()).unwrap();
    let large = imageops::resize(&astronaut(), 1536, 1536, FilterType::CatmullRom);
    for sigma in [8.0, 12.0, 16.0] {
        let mut dim = imageops::blur(&large, sigma);
        dim.iter_mut().for_each(|value| *value /= 2);
        assert_eq!(found(&studio, &dim).first(), Some(&Finding::Blurred), "{sigma}");
    }
    let mut fog = large;
    fog.iter_mut().for_each(|value| *value = 130 + *value / 8);
    assert!(!found(&studio, &fog).contains(&Finding::Blurred));
}

#[test]
fn thresholds_move_what_is_found() {
    let blurred = imageops::blur(&imageops::resize(&astronaut(), 1536, 1536, FilterType::CatmullRom), 2.0);
    let with = |sharpness: (f32, f32)| {
        let studio = Studio::open(Thresholds { sharpness, ..Thresholds::default() }).unwrap();
        found(&studio, &blurred)
    };
    assert_eq!(with((1.0, 2.0)), []);
    assert_eq!(with((1.0, 1000.0)), [Finding::Soft]);
    assert_eq!(with((1000.0, 1000.0)), [Finding::Blurred]);
}

#[test]
fn what_compression_leaves_is_no_detail() {
    let studio = Studio::open(Thresholds::default()).unwrap();
    let large = imageops::resize(&astronaut(), 1536, 1536, FilterType::CatmullRom);
    for (quality, sigma) in [(60, 5.0), (60, 12.0), (75, 8.0), (75, 16.0), (92, 20.0)] {
        let mut file = Vec::new();
        let encoder = JpegEncoder::new_with_quality(&mut file, quality);
        imageops::blur(&large, sigma).write_with_encoder(encoder).unwrap();
        let photo = image::load_from_memory(&file).unwrap().into_rgb8();
        assert_eq!(found(&studio, &photo).first(), Some(&Finding::Blurred), "{sigma}, {quality}");
    }
}
