//! What may be wrong with a photo, in words a person understands.

use serde::{Deserialize, Serialize};

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
    /// The head leans to one side, and the photo shows too little to straighten it.
    Leaning,
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
        Self::Leaning,
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
            | Self::Leaning
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
            Self::Leaning => "leaning",
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
            Self::Leaning => "Head leans to one side. Hold head and camera straight.",
            Self::EyesClosed => "Eyes closed. Take another one.",
            Self::FaceCutOff => "Part of the face is cut off. Leave room around it.",
            Self::HeadCutOff => "Top of the head cut off. Leave room above it.",
            Self::NoShoulders => "Shoulders not in the photo. Take it from further away.",
            Self::Covered => "Something covers the face. Take off a mask, or move the hair aside.",
        }
    }
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
}
