//! What came of looking at a photo, as it is kept and in words.

use headroom_studio::{self as studio, Check, Finding};

use crate::{db::stored_as_text, error::Result, i18n::Message};

stored_as_text! {
    /// Whether a photo makes a good headshot.
    pub enum Verdict {
        /// Nothing is wrong.
        Fine = "fine",
        /// It is used; another photo would do better.
        Usable = "usable",
        /// Nothing good comes of it: it isn't used, unless a lead allows it.
        Unusable = "unusable",
    }
}

impl From<studio::Verdict> for Verdict {
    fn from(verdict: studio::Verdict) -> Self {
        match verdict {
            studio::Verdict::Fine => Self::Fine,
            studio::Verdict::Usable => Self::Usable,
            studio::Verdict::NotUsable => Self::Unusable,
        }
    }
}

/// What came of looking at a photo.
#[derive(Clone, Debug, PartialEq)]
pub struct Looked {
    /// Whether it makes a good headshot.
    pub verdict: Verdict,
    /// What was found, worst first.
    pub findings: Vec<Finding>,
    /// How well it suits, to choose among several: higher is better.
    pub score: f64,
    /// 64 bits, of which nearly the same photos share most.
    pub likeness: u64,
}

impl Looked {
    /// A check, and the photo's likeness.
    pub fn new(check: Check, likeness: u64) -> Self {
        Self { verdict: check.verdict().into(), score: f64::from(check.score), findings: check.findings, likeness }
    }
}

/// What was found, in a few words that can stand in a list: `more than one person`. In English, for what is written down.
pub fn trouble(finding: Finding) -> String {
    let wrong = finding.words().split_once(". ").map_or(finding.words(), |(wrong, _)| wrong);
    let mut letters = wrong.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// What was found, and what to do: what `headroom_studio` says, as a message.
pub const fn found(finding: Finding) -> Message {
    match finding {
        Finding::NoFace => say!("No face found. Take it from the front, in even light."),
        Finding::SeveralFaces => say!("More than one person. Use a photo of one person alone."),
        Finding::FaceTooSmall => say!("Face too small. Come closer, or send the photo in full size."),
        Finding::LowResolution => say!("Small face. A closer photo gives a sharper headshot."),
        Finding::Blurred => say!("Blurred. Hold still, and tap on the face to focus."),
        Finding::Soft => say!("Slightly blurred. A sharper photo is better."),
        Finding::TooDark => say!("Too dark. Turn towards a window or a lamp."),
        Finding::Dim => say!("Little light. Turn towards a window."),
        Finding::TooBright => say!("Too bright. Move out of the sun, or away from the flash."),
        Finding::Glare => say!("Bright spots on the face. Softer light is better."),
        Finding::HardSideLight => say!("Light from one side only. Turn towards it."),
        Finding::TurnedAway => say!("Turned away. Look towards the camera."),
        Finding::LooksAside => say!("Looking past the camera. From the front is better."),
        Finding::Tilted => say!("Taken from above or below. Hold the camera at eye level."),
        Finding::Leaning => say!("Head leans to one side. Hold head and camera straight."),
        Finding::EyesClosed => say!("Eyes closed. Take another one."),
        Finding::FaceCutOff => say!("Part of the face is cut off. Leave room around it."),
        Finding::HeadCutOff => say!("Top of the head cut off. Leave room above it."),
        Finding::NoShoulders => say!("Shoulders not in the photo. Take it from further away."),
        Finding::Covered => say!("Something covers the face. Take off a mask, or move the hair aside."),
    }
}

/// The same as [`trouble`], as a message.
pub const fn briefly(finding: Finding) -> Message {
    match finding {
        Finding::NoFace => say!("finding|no face found"),
        Finding::SeveralFaces => say!("finding|more than one person"),
        Finding::FaceTooSmall => say!("finding|face too small"),
        Finding::LowResolution => say!("finding|small face"),
        Finding::Blurred => say!("finding|blurred"),
        Finding::Soft => say!("finding|slightly blurred"),
        Finding::TooDark => say!("finding|too dark"),
        Finding::Dim => say!("finding|little light"),
        Finding::TooBright => say!("finding|too bright"),
        Finding::Glare => say!("finding|bright spots on the face"),
        Finding::HardSideLight => say!("finding|light from one side only"),
        Finding::TurnedAway => say!("finding|turned away"),
        Finding::LooksAside => say!("finding|looking past the camera"),
        Finding::Tilted => say!("finding|taken from above or below"),
        Finding::Leaning => say!("finding|head leans to one side"),
        Finding::EyesClosed => say!("finding|eyes closed"),
        Finding::FaceCutOff => say!("finding|part of the face is cut off"),
        Finding::HeadCutOff => say!("finding|top of the head cut off"),
        Finding::NoShoulders => say!("finding|shoulders not in the photo"),
        Finding::Covered => say!("finding|something covers the face"),
    }
}

/// The findings as they are stored: their names, as JSON.
pub(super) fn to_store(looked: Option<&Looked>) -> Result<String> {
    let findings = looked.map(|looked| looked.findings.as_slice()).unwrap_or_default();
    let names: Vec<&str> = findings.iter().map(|finding| finding.name()).collect();
    Ok(serde_json::to_string(&names)?)
}

/// Findings that were stored. What this version doesn't know any more is left out rather than losing the photo.
pub(super) fn stored_findings(stored: &str) -> Vec<Finding> {
    let names: Vec<String> = serde_json::from_str(stored).unwrap_or_default();
    let known = |name: &String| Finding::ALL.iter().copied().find(|finding| finding.name() == name);
    names.iter().filter_map(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_stored_by_name_and_read_again() {
        let findings = vec![Finding::EyesClosed, Finding::Soft];
        let looked = Looked { verdict: Verdict::Unusable, findings: findings.clone(), score: -98.0, likeness: 7 };
        let stored = to_store(Some(&looked)).unwrap();
        assert_eq!(stored, r#"["eyes_closed","soft"]"#);
        assert_eq!(stored_findings(&stored), findings);
        assert_eq!(stored_findings(r#"["from_tomorrow","soft"]"#), [Finding::Soft]);
        assert_eq!(to_store(None).unwrap(), "[]");
    }

    #[test]
    fn a_finding_is_told_in_a_few_words() {
        assert_eq!(trouble(Finding::SeveralFaces), "more than one person");
        for finding in Finding::ALL.iter().copied() {
            assert_eq!(briefly(finding).to_string(), trouble(finding));
            assert_eq!(found(finding).to_string(), finding.words());
        }
    }
}
