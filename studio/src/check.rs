//! Whether a photo makes a good headshot, and if not, why.

mod finding;
mod skin;

use std::borrow::Cow;

pub use finding::{Finding, Verdict};
use serde::{Deserialize, Serialize};
use skin::Skin;

use crate::{
    Error,
    face::Found,
    frame::Framing,
    grid::Colour,
    mesh::{Mesh, OVAL},
    nets::Nets,
    photo::Photo,
    upright::Upright,
};

/// Where each finding begins.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thresholds {
    /// From eye to eye in pixels of the photo: below the first it is too small, below the second of low resolution.
    pub eye_distance: (f32, f32),
    /// How much of the detail on the face is the finest, in thousandths: below the first it is blurred, below the second soft.
    pub sharpness: (f32, f32),
    /// How much light falls on the face, from 0 to 1, whatever the tone of its skin: below the first too dark, below the second
    /// dim.
    pub light: (f32, f32),
    /// Which part of the face is plain white: above the first too bright, above the second glaring.
    pub glare: (f32, f32),
    /// How many times brighter one half of the face may be.
    pub side_light: f32,
    /// Degrees to the side: above the first turned away, above the second looking aside.
    pub yaw: (f32, f32),
    /// Degrees up or down.
    pub pitch: f32,
    /// Degrees that a head may still lean once the photo is turned as far as it allows.
    pub lean: f32,
    /// How far the wider eye is open, as a part of its width.
    pub openness: f32,
    /// Another face of this part of the area is another person, not one in the background.
    pub company: f32,
    /// How much of the photo there is below the chin, as a part of the head's height, when shoulders can be seen.
    pub shoulders: f32,
    /// How sure the net has to be that all of the face is seen, from 0 to 1.
    pub covered: f32,
    /// Photos of which at most so many of the 64 bits of their likenesses differ are almost the same.
    pub alike: u32,
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
            lean: 14.0,
            openness: 0.12,
            company: 0.12,
            shoulders: 0.25,
            covered: 0.5,
            alike: 8,
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
}

/// Everything that is measured about a photo of somebody.
#[derive(Clone, Debug)]
struct Measured {
    skin: Skin,
    /// Pixels from eye to eye.
    eyes: f32,
    /// Degrees to the side, up or down, and that the head still leans: none below 0.
    yaw: f32,
    pitch: f32,
    lean: f32,
    openness: f32,
    /// The largest other face, as a part of this one's area.
    company: f32,
    /// Points of the face's outline that lie beyond the edge of the photo.
    outside: usize,
    head_cut: bool,
    /// How much of the photo there is below the chin, as a part of the head's height.
    below: f32,
    /// Which part of the headshot is empty where the person ought to be.
    missing: f32,
    /// How sure the net is of the face, from 0 to 1.
    sure: f32,
}

/// Points of the outline that may be outside: an ear is no face.
const OUTSIDE: usize = 3;
/// If more of the headshot than this is empty, nothing carries the head.
const EMPTY: f32 = 0.023;

impl Measured {
    fn of(upright: &Upright, framing: &Framing) -> Result<Self, Error> {
        let Upright { photo, faces, mesh } = upright;
        let person = faces.first().map_or(0.0, Found::area);
        let others = faces.iter().skip(1).map(Found::area);
        Ok(Self {
            skin: Skin::of(photo, mesh)?,
            eyes: mesh.eye_distance(),
            yaw: mesh.yaw().to_degrees().abs(),
            pitch: mesh.pitch().to_degrees().abs(),
            lean: framing.leaning().abs(),
            openness: mesh.openness(),
            company: others.fold(0.0, f32::max) / person.max(1.0),
            outside: outside(photo, mesh),
            head_cut: framing.head_cut,
            below: framing.below,
            missing: framing.missing(),
            sure: mesh.score,
        })
    }

    fn judged(&self, limits: &Thresholds) -> Check {
        let Self { skin, eyes, yaw, pitch, .. } = self;
        let mut findings = Vec::new();
        let mut below = |value: f32, (bad, poor): (f32, f32), worse: Finding, mild: Finding| {
            if value < bad {
                findings.push(worse);
            } else if value < poor {
                findings.push(mild);
            }
        };
        below(*eyes, limits.eye_distance, Finding::FaceTooSmall, Finding::LowResolution);
        // What darkness hides can't be told from what is blurred.
        if skin.light >= limits.light.0 {
            let blurred = if skin.is_flat { Finding::Soft } else { Finding::Blurred };
            below(skin.sharpness, limits.sharpness, blurred, Finding::Soft);
        }
        below(skin.light, limits.light, Finding::TooDark, Finding::Dim);
        below(-skin.white, (-limits.glare.0, -limits.glare.1), Finding::TooBright, Finding::Glare);
        below(-yaw, (-limits.yaw.0, -limits.yaw.1), Finding::TurnedAway, Finding::LooksAside);
        for (is, finding) in [
            (self.company > limits.company, Finding::SeveralFaces),
            (skin.side > limits.side_light, Finding::HardSideLight),
            (*pitch > limits.pitch, Finding::Tilted),
            (self.lean > limits.lean, Finding::Leaning),
            (self.openness < limits.openness, Finding::EyesClosed),
            (self.outside > OUTSIDE, Finding::FaceCutOff),
            (self.head_cut, Finding::HeadCutOff),
            (self.below < limits.shoulders || self.missing > EMPTY, Finding::NoShoulders),
            (self.sure < limits.covered, Finding::Covered),
        ] {
            if is {
                findings.push(finding);
            }
        }
        // Among photos without a finding, the sharper, straighter and larger one.
        let quality = (skin.sharpness / 250.0).min(1.0) + (eyes / 400.0).min(1.0) + (1.0 - (yaw + pitch) / 60.0)
            - self.missing * 100.0;
        Check::of(findings, quality)
    }
}

fn outside(photo: &Photo, mesh: &Mesh) -> usize {
    OVAL.iter().filter(|&&point| !photo.holds(mesh.at(point), 0.0)).count()
}

/// Looks at a photo without making anything of it. With it comes the photo turned, if the person isn't upright in it as it is.
pub(crate) fn check(nets: &Nets, photo: &Photo, limits: &Thresholds) -> Result<(Check, Option<Photo>), Error> {
    let Some(upright) = Upright::of(nets, photo)? else { return Ok((Check::of(vec![Finding::NoFace], 0.0), None)) };
    let framing = Framing::of(nets, &upright.photo, &upright.mesh)?;
    let check = Measured::of(&upright, &framing)?.judged(limits);
    Ok((
        check,
        match upright.photo {
            Cow::Owned(turned) => Some(turned),
            Cow::Borrowed(_) => None,
        },
    ))
}

/// Whether two photos of these likenesses ([`Studio::likeness`](crate::Studio::likeness)) are almost the same: of one moment.
/// `most` bits of them may differ ([`Thresholds::alike`]).
pub const fn nearly_the_same(one: u64, other: u64, most: u32) -> bool {
    (one ^ other).count_ones() <= most
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

    /// A photo without a fault.
    fn good() -> Measured {
        let skin = Skin { sharpness: 200.0, is_flat: false, light: 0.5, white: 0.0, side: 1.1 };
        Measured {
            skin,
            eyes: 200.0,
            yaw: 3.0,
            pitch: 5.0,
            lean: 1.0,
            openness: 0.3,
            company: 0.0,
            outside: 0,
            head_cut: false,
            below: 1.0,
            missing: 0.0,
            sure: 0.99,
        }
    }

    #[test]
    fn each_finding_begins_at_its_threshold() {
        type Spoil = fn(&mut Measured, f32);
        // Each with a number that is just good enough and one that is not; how it is spoilt; what is found.
        let cases: [(f32, f32, Spoil, Finding); 19] = [
            (60.0, 59.9, |m, v| m.eyes = v, Finding::FaceTooSmall),
            (110.0, 109.9, |m, v| m.eyes = v, Finding::LowResolution),
            (45.0, 44.9, |m, v| m.skin.sharpness = v, Finding::Blurred),
            (100.0, 99.9, |m, v| m.skin.sharpness = v, Finding::Soft),
            (0.16, 0.159, |m, v| m.skin.light = v, Finding::TooDark),
            (0.26, 0.259, |m, v| m.skin.light = v, Finding::Dim),
            (0.12, 0.121, |m, v| m.skin.white = v, Finding::TooBright),
            (0.03, 0.031, |m, v| m.skin.white = v, Finding::Glare),
            (1.9, 1.91, |m, v| m.skin.side = v, Finding::HardSideLight),
            (38.0, 38.1, |m, v| m.yaw = v, Finding::TurnedAway),
            (22.0, 22.1, |m, v| m.yaw = v, Finding::LooksAside),
            (32.0, 32.1, |m, v| m.pitch = v, Finding::Tilted),
            (14.0, 14.1, |m, v| m.lean = v, Finding::Leaning),
            (0.12, 0.119, |m, v| m.openness = v, Finding::EyesClosed),
            (0.12, 0.121, |m, v| m.company = v, Finding::SeveralFaces),
            (3.0, 4.0, |m, v| m.outside = v as usize, Finding::FaceCutOff),
            (0.25, 0.24, |m, v| m.below = v, Finding::NoShoulders),
            (0.023, 0.024, |m, v| m.missing = v, Finding::NoShoulders),
            (0.5, 0.49, |m, v| m.sure = v, Finding::Covered),
        ];
        let limits = Thresholds::default();
        assert_eq!(good().judged(&limits).findings, []);
        for (fine, wrong, spoil, finding) in cases {
            let found = |value: f32| {
                let mut photo = good();
                spoil(&mut photo, value);
                photo.judged(&limits).findings
            };
            assert!(!found(fine).contains(&finding), "{finding:?} at {fine}");
            assert!(found(wrong).contains(&finding), "{finding:?} at {wrong}");
        }
        assert_eq!(Measured { head_cut: true, ..good() }.judged(&limits).findings, [Finding::HeadCutOff]);
    }

    #[test]
    fn what_can_not_be_seen_is_not_called_blurred() {
        let limits = Thresholds::default();
        let blurred = Skin { sharpness: 10.0, ..good().skin };
        let found = |skin: Skin| Measured { skin, ..good() }.judged(&limits).findings;
        assert_eq!(found(blurred.clone()), [Finding::Blurred]);
        assert_eq!(found(Skin { is_flat: true, ..blurred.clone() }), [Finding::Soft]);
        assert_eq!(found(Skin { light: 0.1, ..blurred }), [Finding::TooDark]);
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
        let most = Thresholds::default().alike;
        assert!(nearly_the_same(small, large, most), "{:x}", small ^ large);
        assert!(nearly_the_same(0xff00, 0, most) && !nearly_the_same(0x1ff00, 0, most));
        assert!(nearly_the_same(5, 5, 0) && !nearly_the_same(5, 4, 0));
    }
}
