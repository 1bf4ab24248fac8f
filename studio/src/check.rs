//! Whether a photo makes a good headshot, and if not, why: each reason with words a person understands.

use serde::{Deserialize, Serialize};

use crate::{
    Error,
    face::Found,
    frame::Framing,
    grid::Colour,
    mesh::{Mesh, OVAL},
    nets::Nets,
    photo::{Frame, Photo},
    upright::Upright,
};

/// What may be wrong with a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// Nobody is seen.
    NoFace,
    /// Somebody else is seen about as large.
    SeveralFaces,
    /// Too few pixels from eye to eye to make anything of.
    FaceTooSmall,
    /// Few enough for the headshot to be softer than it could be.
    LowResolution,
    /// Out of focus, or moved.
    Blurred,
    /// Slightly so.
    Soft,
    /// Hardly any light on the face.
    TooDark,
    /// Little light on it.
    Dim,
    /// Large parts of the face are plain white.
    TooBright,
    /// Some parts are.
    Glare,
    /// One half of the face is far darker than the other.
    HardSideLight,
    /// The face is seen from the side.
    TurnedAway,
    /// It looks past the camera.
    LooksAside,
    /// It looks up or down.
    Tilted,
    /// Both eyes are shut.
    EyesClosed,
    /// Some of the face is outside the photo.
    FaceCutOff,
    /// The top of the head is.
    HeadCutOff,
    /// The shoulders are.
    NoShoulders,
    /// Something is before the face.
    Covered,
}

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Nothing is wrong.
    Fine,
    /// It can be used; another photo would do better.
    Usable,
    /// Nothing good comes of it.
    NotUsable,
}

impl Finding {
    /// Every one of them, in the order they are declared in.
    pub const ALL: &[Self] = &[
        Self::NoFace,
        Self::SeveralFaces,
        Self::FaceTooSmall,
        Self::LowResolution,
        Self::Blurred,
        Self::Soft,
        Self::TooDark,
        Self::Dim,
        Self::TooBright,
        Self::Glare,
        Self::HardSideLight,
        Self::TurnedAway,
        Self::LooksAside,
        Self::Tilted,
        Self::EyesClosed,
        Self::FaceCutOff,
        Self::HeadCutOff,
        Self::NoShoulders,
        Self::Covered,
    ];

    /// How much it weighs.
    pub fn verdict(self) -> Verdict {
        match self {
            Self::LowResolution
            | Self::Soft
            | Self::Dim
            | Self::Glare
            | Self::HardSideLight
            | Self::LooksAside
            | Self::Tilted
            | Self::Covered => Verdict::Usable,
            _ => Verdict::NotUsable,
        }
    }

    /// Its name for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoFace => "no_face",
            Self::SeveralFaces => "several_faces",
            Self::FaceTooSmall => "face_too_small",
            Self::LowResolution => "low_resolution",
            Self::Blurred => "blurred",
            Self::Soft => "soft",
            Self::TooDark => "too_dark",
            Self::Dim => "dim",
            Self::TooBright => "too_bright",
            Self::Glare => "glare",
            Self::HardSideLight => "hard_side_light",
            Self::TurnedAway => "turned_away",
            Self::LooksAside => "looks_aside",
            Self::Tilted => "tilted",
            Self::EyesClosed => "eyes_closed",
            Self::FaceCutOff => "face_cut_off",
            Self::HeadCutOff => "head_cut_off",
            Self::NoShoulders => "no_shoulders",
            Self::Covered => "covered",
        }
    }

    /// What to tell whoever looks at the photo, the person in it or someone who acts for them: first what is wrong, up to the
    /// first full stop, then what to do. Short enough to stand below a small picture.
    pub fn words(self) -> &'static str {
        match self {
            Self::NoFace => "No face found. Take it from the front, in even light.",
            Self::SeveralFaces => "More than one person. Use a photo of one person alone.",
            Self::FaceTooSmall => "Face too small. Come closer, or send the photo in full size.",
            Self::LowResolution => "Small face. A closer photo gives a sharper headshot.",
            Self::Blurred => "Blurred. Hold still, and tap on the face to focus.",
            Self::Soft => "Slightly blurred. A sharper photo is better.",
            Self::TooDark => "Too dark. Turn towards a window or a lamp.",
            Self::Dim => "Little light. Turn towards a window.",
            Self::TooBright => "Too bright. Move out of the sun, or away from the flash.",
            Self::Glare => "Bright spots on the face. Softer light is better.",
            Self::HardSideLight => "Light from one side only. Turn towards it.",
            Self::TurnedAway => "Turned away. Look towards the camera.",
            Self::LooksAside => "Looking past the camera. From the front is better.",
            Self::Tilted => "Taken from above or below. Hold the camera at eye level.",
            Self::EyesClosed => "Eyes closed. Take another one.",
            Self::FaceCutOff => "Part of the face is cut off. Leave room around it.",
            Self::HeadCutOff => "Top of the head cut off. Leave room above it.",
            Self::NoShoulders => "Shoulders not in the photo. Take it from further away.",
            Self::Covered => "Something covers the face. Take off a mask, or move the hair aside.",
        }
    }
}

/// Where each finding begins.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thresholds {
    /// From eye to eye in pixels of the uploaded file: below the first it is too small, below the second of low resolution.
    pub eye_distance: (f32, f32),
    /// How much of the detail on the face is the finest, in thousandths: below the first it is blurred, below the second soft.
    pub sharpness: (f32, f32),
    /// The middle brightness of the face from 0 to 1: below the first too dark, below the second dim.
    pub light: (f32, f32),
    /// Which part of the face is plain white: above the first too bright, above the second glaring.
    pub glare: (f32, f32),
    /// How many times brighter one half of the face may be.
    pub side_light: f32,
    /// Degrees to the side: above the first turned away, above the second looking aside.
    pub yaw: (f32, f32),
    /// Degrees up or down.
    pub pitch: f32,
    /// How far the wider eye is open, as a part of its width.
    pub openness: f32,
    /// Another face of this part of the area is another person, not one in the background.
    pub company: f32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            eye_distance: (60.0, 110.0),
            sharpness: (45.0, 100.0),
            light: (0.16, 0.26),
            glare: (0.12, 0.03),
            side_light: 1.9,
            yaw: (38.0, 22.0),
            pitch: 32.0,
            openness: 0.16,
            company: 0.12,
        }
    }
}

/// What was found about a photo.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// What is wrong, worst first.
    pub findings: Vec<Finding>,
    /// How well it suits, to choose among several: higher is better, and any photo that can't be used is below 0.
    pub score: f32,
}

impl Check {
    /// The weight of the worst finding.
    pub fn verdict(&self) -> Verdict {
        self.findings.iter().map(|finding| finding.verdict()).max().unwrap_or(Verdict::Fine)
    }

    fn of(mut findings: Vec<Finding>, quality: f32) -> Self {
        findings.sort_by_key(|finding| (std::cmp::Reverse(finding.verdict()), *finding));
        findings.dedup();
        let weight = |finding: &Finding| match finding.verdict() {
            Verdict::Fine => 0.0,
            Verdict::Usable => 1.0,
            Verdict::NotUsable => 100.0,
        };
        let score = quality - findings.iter().map(weight).sum::<f32>();
        Self { findings, score }
    }

    pub(crate) fn nobody() -> Self {
        Self::of(vec![Finding::NoFace], 0.0)
    }
}

/// The variance of the Laplacian that whole numbers and JPEG leave in a picture without any detail.
const ROUNDING: f64 = 3.0e-5;

/// Mean and variance of numbers, one after the other.
#[derive(Default)]
struct Spread {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Spread {
    fn add(&mut self, value: f32) {
        let value = f64::from(value);
        self.count += 1.0;
        self.sum += value;
        self.squares += value * value;
    }

    fn variance(&self) -> f64 {
        self.squares / self.count - (self.sum / self.count).powi(2)
    }
}

/// What is measured on the face itself, upright and at a fixed size, so that it doesn't depend on the photo's.
#[derive(Debug)]
struct Skin {
    sharpness: f32,
    middle: f32,
    white: f32,
    side: f32,
}

impl Skin {
    const SIDE: usize = 256;

    fn of(photo: &Photo, mesh: &Mesh) -> Result<Self, Error> {
        let frame = Frame { centre: mesh.nose(), turn: mesh.roll(), scale: mesh.height() * 1.25 / Self::SIDE as f32 };
        let (face, _) = photo.crop(&frame, Self::SIDE, Self::SIDE)?;
        let luma = face.luma();

        // How much of the detail is the finest: the variance of the Laplacian over that of details a few pixels wide, which haze,
        // darkness and noise-free enlargement change alike.
        let shape = luma.blurred(6.0);
        let (mut fine, mut coarse) = (Spread::default(), Spread::default());
        for y in 24..232 {
            for x in 40..216 {
                let around = luma.at(x - 1, y) + luma.at(x + 1, y) + luma.at(x, y - 1) + luma.at(x, y + 1);
                fine.add(around - 4.0 * luma.at(x, y));
                coarse.add(luma.at(x, y) - shape.at(x, y));
            }
        }
        let sharpness = ((fine.variance() - ROUNDING).max(0.0) / coarse.variance().max(1e-7)) as f32 * 1000.0;

        let mut values = Vec::new();
        let (mut left, mut right) = (0.0, 0.0);
        for y in 40..216 {
            for (x, &value) in luma.row(y).iter().enumerate().take(196).skip(60) {
                values.push(value);
                *(if x < 128 { &mut left } else { &mut right }) += value;
            }
        }
        values.sort_by(f32::total_cmp);
        let white = values.iter().filter(|value| **value > 0.97).count() as f32 / values.len() as f32;
        let side = (left / f32::max(right, 1e-3)).max(right / f32::max(left, 1e-3));
        Ok(Self { sharpness, middle: values[values.len() / 2], white, side })
    }
}

/// Everything about a photo with these faces, the first of them the person's. `enlarged` is how many pixels of the uploaded file
/// one of the photo's stands for: photos are kept smaller than they came.
pub(crate) fn judge(
    photo: &Photo,
    enlarged: f32,
    faces: &[Found],
    mesh: &Mesh,
    framing: &Framing,
    limits: &Thresholds,
) -> Result<Check, Error> {
    let skin = Skin::of(photo, mesh)?;
    let mut findings = Vec::new();
    let mut below = |value: f32, (bad, poor): (f32, f32), worse: Finding, mild: Finding| {
        if value < bad {
            findings.push(worse);
        } else if value < poor {
            findings.push(mild);
        }
    };
    let eyes = mesh.eye_distance() * enlarged;
    let (yaw, pitch) = (mesh.yaw().to_degrees().abs(), mesh.pitch().to_degrees().abs());
    below(eyes, limits.eye_distance, Finding::FaceTooSmall, Finding::LowResolution);
    // What darkness hides can't be told from what is blurred.
    if skin.middle >= limits.light.0 {
        below(skin.sharpness, limits.sharpness, Finding::Blurred, Finding::Soft);
    }
    below(skin.middle, limits.light, Finding::TooDark, Finding::Dim);
    below(-skin.white, (-limits.glare.0, -limits.glare.1), Finding::TooBright, Finding::Glare);
    below(-yaw, (-limits.yaw.0, -limits.yaw.1), Finding::TurnedAway, Finding::LooksAside);

    let person = faces.first().map_or(0.0, Found::area);
    let company = faces.iter().skip(1).any(|other| other.area() > limits.company * person);
    let outside = OVAL.iter().filter(|&&point| !photo.holds(mesh.at(point), 0.0)).count();
    for (is, finding) in [
        (company, Finding::SeveralFaces),
        (skin.side > limits.side_light, Finding::HardSideLight),
        (pitch > limits.pitch || framing.left_tilted(), Finding::Tilted),
        (mesh.openness() < limits.openness, Finding::EyesClosed),
        (outside > 3, Finding::FaceCutOff),
        (framing.head_cut, Finding::HeadCutOff),
        (framing.no_shoulders(), Finding::NoShoulders),
        (mesh.score < 0.5, Finding::Covered),
    ] {
        if is {
            findings.push(finding);
        }
    }
    // Among photos without a finding, the sharper, straighter and larger one.
    let quality = (skin.sharpness / 250.0).min(1.0) + (eyes / 400.0).min(1.0) + (1.0 - (yaw + pitch) / 60.0)
        - framing.compromise() / 50.0;
    Ok(Check::of(findings, quality))
}

/// Looks at a photo without making anything of it.
pub(crate) fn check(nets: &Nets, photo: &Photo, enlarged: f32, limits: &Thresholds) -> Result<Check, Error> {
    let Some(Upright { photo, faces, mesh }) = Upright::of(nets, photo)? else { return Ok(Check::nobody()) };
    let framing = Framing::of(nets, &photo, &mesh)?;
    judge(&photo, enlarged, &faces, &mesh, &framing, limits)
}

/// Photos of which at most so many of the 64 bits of their likenesses differ are nearly the same.
const NEARLY: u32 = 8;

/// Whether two photos of these likenesses ([`Studio::likeness`](crate::Studio::likeness)) are nearly the same: of one moment.
pub const fn nearly_the_same(one: u64, other: u64) -> bool {
    (one ^ other).count_ones() <= NEARLY
}

/// The same for pictures that differ only in size, brightness or compression: each bit says whether it gets brighter to the
/// right.
pub(crate) fn likeness(photo: &Photo) -> Result<u64, Error> {
    let small: Colour = photo.scaled(9, 8)?.colour();
    let luma = small.luma();
    let places = (0..8).flat_map(|y| (0..8).map(move |x| (x, y)));
    Ok(places.fold(0, |bits, (x, y)| bits << 1 | u64::from(luma.at(x + 1, y) > luma.at(x, y))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finding_says_what_is_wrong_and_what_to_do() {
        for finding in Finding::ALL {
            let (wrong, advice) = finding.words().split_once(". ").unwrap();
            assert!(wrong.len() < 30 && advice.len() < 48 && advice.ends_with('.'), "{}", finding.words());
        }
        let names: std::collections::BTreeSet<_> = Finding::ALL.iter().map(|finding| finding.name()).collect();
        assert_eq!(names.len(), Finding::ALL.len());
    }

    #[test]
    fn the_worst_finding_decides_and_comes_first() {
        let check = Check::of(vec![Finding::Soft, Finding::EyesClosed, Finding::Soft], 2.0);
        assert_eq!(check.findings, [Finding::EyesClosed, Finding::Soft]);
        assert_eq!(check.verdict(), Verdict::NotUsable);
        assert!(check.score < 0.0);
        assert_eq!(Check::of(Vec::new(), 1.5).verdict(), Verdict::Fine);
    }

    #[test]
    fn a_picture_is_like_itself_at_another_size() {
        let photo = |side: usize, lift: u8| {
            let rgb = (0..side * side).flat_map(|i| {
                let (x, y) = (i % side * 48 / side, i / side * 48 / side);
                [((x * x + 3 * y * x) % 200) as u8 + lift; 3]
            });
            Photo::new(side, side, rgb.collect()).unwrap()
        };
        let (small, large) = (likeness(&photo(96, 0)).unwrap(), likeness(&photo(240, 20)).unwrap());
        assert!(nearly_the_same(small, large), "{:x}", small ^ large);
        assert!(nearly_the_same(0xff00, 0) && !nearly_the_same(0x1ff00, 0));
    }
}
