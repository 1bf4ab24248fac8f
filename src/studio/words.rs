//! What a server and its child say to each other.

use headroom_studio::{Backdrop, Check, Finding, Look, Thresholds};
use serde::{Deserialize, Serialize};

/// What a child may take, and where findings begin: the first thing it hears.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Terms {
    /// Bytes of memory.
    pub(super) memory: u64,
    /// Seconds of work for the processor, on all threads together.
    pub(super) seconds: u64,
    /// How far behind other processes it stands.
    pub(super) nice: i32,
    pub(super) thresholds: Limits,
}

/// What a child is asked to do. Files come with it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub(super) enum Ask {
    /// An upload: make master and thumbnail of it, and look at it.
    Develop,
    /// A master: look at it.
    Check,
    /// A master: cut the person out, and keep that for headshots.
    CutOut,
    /// A cut-out made earlier: keep it for headshots.
    Keep { head: (f32, f32) },
    /// A picture to stand behind people: keep it for headshots.
    Picture,
    /// Lay the cut-out of this number. Nothing comes with it.
    Lay { cutout: usize, behind: Ground, look: Look },
}

/// What stands behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ground {
    /// One of ours, by its number.
    Drawn(usize),
    /// The picture of this number.
    Picture(usize),
}

/// What a child answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "said", rename_all = "snake_case")]
pub(super) enum Said {
    /// Master and thumbnail come with it.
    Developed {
        width: u32,
        height: u32,
        seen: Seen,
    },
    Checked {
        seen: Seen,
    },
    /// A PNG file comes with it.
    CutOut {
        head: (f32, f32),
    },
    Kept,
    /// A JPEG file comes with it.
    Headshot {
        head: (f32, f32),
    },
    /// There is nobody in the photo.
    NoFace,
    /// The file is no photo we can use, for this reason; or it is of a kind we don't read.
    Refused {
        words: String,
        unsupported: bool,
    },
    /// Something broke, for this reason.
    Broken {
        cause: String,
    },
}

/// What is seen of a photo.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Seen {
    pub(super) findings: Vec<String>,
    pub(super) score: f32,
    pub(super) likeness: u64,
}

/// Every finding, to be found by its name.
const FINDINGS: [Finding; 19] = [
    Finding::NoFace,
    Finding::SeveralFaces,
    Finding::FaceTooSmall,
    Finding::LowResolution,
    Finding::Blurred,
    Finding::Soft,
    Finding::TooDark,
    Finding::Dim,
    Finding::TooBright,
    Finding::Glare,
    Finding::HardSideLight,
    Finding::TurnedAway,
    Finding::LooksAside,
    Finding::Tilted,
    Finding::EyesClosed,
    Finding::FaceCutOff,
    Finding::HeadCutOff,
    Finding::NoShoulders,
    Finding::Covered,
];

impl Seen {
    pub(super) fn of(check: &Check, likeness: u64) -> Self {
        let findings = check.findings.iter().map(|finding| finding.name().to_owned()).collect();
        Self { findings, score: check.score, likeness }
    }

    /// What was found; nothing if a finding isn't known or the score is no number: the child talks nonsense.
    pub(super) fn check(&self) -> Option<Check> {
        let known = |name: &String| FINDINGS.into_iter().find(|finding| finding.name() == name);
        let findings = self.findings.iter().map(known).collect::<Option<_>>()?;
        self.score.is_finite().then_some(Check { findings, score: self.score })
    }
}

/// [`Thresholds`] on their way to a child.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Limits {
    eye_distance: (f32, f32),
    sharpness: (f32, f32),
    light: (f32, f32),
    glare: (f32, f32),
    side_light: f32,
    yaw: (f32, f32),
    pitch: f32,
    openness: f32,
    company: f32,
}

impl From<Thresholds> for Limits {
    fn from(from: Thresholds) -> Self {
        let Thresholds { eye_distance, sharpness, light, glare, side_light, yaw, pitch, openness, company } = from;
        Self { eye_distance, sharpness, light, glare, side_light, yaw, pitch, openness, company }
    }
}

impl From<Limits> for Thresholds {
    fn from(from: Limits) -> Self {
        let Limits { eye_distance, sharpness, light, glare, side_light, yaw, pitch, openness, company } = from;
        Self { eye_distance, sharpness, light, glare, side_light, yaw, pitch, openness, company }
    }
}

/// The number a backdrop has on the wire.
pub(super) fn number_of(backdrop: Backdrop) -> usize {
    Backdrop::ALL.iter().position(|other| *other == backdrop).unwrap_or_default()
}

/// The backdrop of a number.
pub(super) fn backdrop(number: usize) -> Option<Backdrop> {
    Backdrop::ALL.get(number).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A finding that comes into being has to be told of here.
    fn place(finding: Finding) -> usize {
        match finding {
            Finding::NoFace => 0,
            Finding::SeveralFaces => 1,
            Finding::FaceTooSmall => 2,
            Finding::LowResolution => 3,
            Finding::Blurred => 4,
            Finding::Soft => 5,
            Finding::TooDark => 6,
            Finding::Dim => 7,
            Finding::TooBright => 8,
            Finding::Glare => 9,
            Finding::HardSideLight => 10,
            Finding::TurnedAway => 11,
            Finding::LooksAside => 12,
            Finding::Tilted => 13,
            Finding::EyesClosed => 14,
            Finding::FaceCutOff => 15,
            Finding::HeadCutOff => 16,
            Finding::NoShoulders => 17,
            Finding::Covered => 18,
        }
    }

    #[test]
    fn every_finding_comes_through() {
        assert!(FINDINGS.into_iter().map(place).eq(0..FINDINGS.len()));
        let check = Check { findings: FINDINGS.to_vec(), score: -3.5 };
        assert_eq!(Seen::of(&check, 7).check(), Some(check));
        let odd = Seen { findings: vec!["purple".to_owned()], score: 1.0, likeness: 0 };
        assert_eq!(odd.check(), None);
    }

    #[test]
    fn a_score_that_is_no_number_is_nonsense() {
        assert_eq!(Seen { findings: Vec::new(), score: f32::INFINITY, likeness: 0 }.check(), None);
    }

    #[test]
    fn backdrops_keep_their_numbers() {
        assert!(Backdrop::ALL.into_iter().all(|one| backdrop(number_of(one)) == Some(one)));
        assert_eq!(backdrop(99), None);
    }
}
