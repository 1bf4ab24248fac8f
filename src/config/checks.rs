//! Looking at photos as they are uploaded: whether, and where each finding begins.

use headroom_studio::Thresholds;

use super::{
    Key, key,
    reader::{Reader, wrong},
};
use crate::error::Result;

/// What becomes of a photo that is no good for a headshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhotoChecks {
    /// It is turned down: none but such photos can't be handed in.
    On,
    /// It is told of, and nothing more.
    Advise,
    /// Nobody looks.
    Off,
}

/// Looking at photos as they are uploaded.
#[derive(Clone, Copy, Debug)]
pub struct Checks {
    /// What becomes of it.
    pub mode: PhotoChecks,
    /// Where each finding begins.
    pub thresholds: Thresholds,
}

pub(super) const KEYS: &[Key] = &[
    key(
        "photo_checks",
        "on",
        "on: each photo is looked at when it is uploaded, and one that can't become a headshot is turned down. advise: it is only told. off: nobody looks.",
    ),
    key(
        "check_eye_distance",
        "60,110",
        "Pixels from eye to eye in the photo as it is kept. Below the first number it can't be used, below the second another one would be better.",
    ),
    key(
        "check_sharpness",
        "45,100",
        "Detail on the face. Below the first number it is blurred, below the second slightly.",
    ),
    key(
        "check_light",
        "0.16,0.26",
        "How much light falls on the face, 0 to 1, whatever the tone of its skin. Below the first number it is too dark, below the second dim.",
    ),
    key(
        "check_glare",
        "0.12,0.03",
        "Part of the face that is plain white. Above the first number it is too bright, above the second it glares.",
    ),
    key("check_side_light", "1.9", "How many times brighter one half of the face may be than the other."),
    key(
        "check_turn",
        "38,22",
        "Degrees to the side. Above the first number the face is turned away, above the second it looks past the camera.",
    ),
    key("check_tilt", "32", "Degrees up or down from which on a photo counts as taken from above or below."),
    key(
        "check_lean",
        "14",
        "Degrees that a head may still lean to one side once the headshot is turned as far as the photo allows.",
    ),
    key("check_eyes_open", "0.12", "How far an eye has to be open, as a part of its width."),
    key(
        "check_company",
        "0.12",
        "How large another face has to be, as a part of the first one, to count as a second person.",
    ),
    key(
        "check_shoulders",
        "0.25",
        "How much of the photo there has to be below the chin, as a part of the head's height, for shoulders to be seen; 2 at most. Where there is room enough, they also have to be in it.",
    ),
    key(
        "check_covered",
        "0.5",
        "How sure it has to be that all of a face is seen, 0 to 1. Below, something covers it.",
    ),
    key(
        "check_alike",
        "8",
        "How many of 64 marks may differ between photos that are almost the same. 0: only those that look exactly alike.",
    ),
];

impl Checks {
    pub(super) fn read(read: &Reader<'_>) -> Result<Self> {
        let rising = |name, example| pair(read, name, example, |bad, poor| bad <= poor);
        let falling = |name, example| pair(read, name, example, |bad, poor| bad >= poor);
        let one = |name, example| {
            let text = read.text(name);
            number(text).ok_or_else(|| wrong(name, text, example))
        };
        Ok(Self {
            mode: match read.text("photo_checks") {
                "on" => PhotoChecks::On,
                "advise" => PhotoChecks::Advise,
                "off" => PhotoChecks::Off,
                other => return Err(wrong("photo_checks", other, "on, advise or off")),
            },
            thresholds: Thresholds {
                eye_distance: rising("check_eye_distance", "60,110")?,
                sharpness: rising("check_sharpness", "45,100")?,
                light: rising("check_light", "0.16,0.26")?,
                glare: falling("check_glare", "0.12,0.03")?,
                side_light: one("check_side_light", "1.9")?,
                yaw: falling("check_turn", "38,22")?,
                pitch: one("check_tilt", "32")?,
                lean: one("check_lean", "14")?,
                openness: one("check_eyes_open", "0.12")?,
                company: one("check_company", "0.12")?,
                shoulders: shoulders(read)?,
                covered: one("check_covered", "0.5")?,
                alike: marks(read)?,
            },
        })
    }
}

/// Two numbers, the first for what can't be used, the second for what could be better.
fn pair(
    read: &Reader<'_>,
    name: &'static str,
    example: &str,
    in_order: impl Fn(f32, f32) -> bool,
) -> Result<(f32, f32)> {
    let text = read.text(name);
    let numbers = text.split_once(',').and_then(|(bad, poor)| number(bad).zip(number(poor)));
    numbers.filter(|(bad, poor)| in_order(*bad, *poor)).ok_or_else(|| wrong(name, text, example))
}

/// More than twice the height of a head is never looked at: nothing would do.
fn shoulders(read: &Reader<'_>) -> Result<f32> {
    let text = read.text("check_shoulders");
    number(text).filter(|number| *number <= 2.0).ok_or_else(|| wrong("check_shoulders", text, "0.25"))
}

/// How many of the 64 marks may differ.
fn marks(read: &Reader<'_>) -> Result<u32> {
    let text = read.text("check_alike");
    let number = text.trim().parse().ok().filter(|number| *number <= 64);
    number.ok_or_else(|| wrong("check_alike", text, "8"))
}

fn number(text: &str) -> Option<f32> {
    text.trim().parse().ok().filter(|number: &f32| number.is_finite() && *number >= 0.0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn with(settings: &[(&'static str, &str)]) -> Result<Checks> {
        let mut values: BTreeMap<&'static str, String> =
            KEYS.iter().map(|key| (key.name, key.default.to_owned())).collect();
        values.extend(settings.iter().map(|(name, value)| (*name, (*value).to_owned())));
        Checks::read(&Reader { values: &values })
    }

    #[test]
    fn the_defaults_are_those_of_the_studio() {
        let checks = with(&[]).unwrap();
        assert_eq!((checks.mode, checks.thresholds), (PhotoChecks::On, Thresholds::default()));
    }

    #[test]
    fn each_threshold_can_be_moved() {
        let checks =
            with(&[("check_eye_distance", " 40, 80.5"), ("check_turn", "50,30"), ("check_tilt", "45")]).unwrap();
        let Thresholds { eye_distance, yaw, pitch, .. } = checks.thresholds;
        assert_eq!((eye_distance, yaw, pitch), ((40.0, 80.5), (50.0, 30.0), 45.0));
        assert_eq!(with(&[("photo_checks", "advise")]).unwrap().mode, PhotoChecks::Advise);
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_an_example() {
        for (name, value) in [
            ("photo_checks", "yes"),
            ("check_eye_distance", "60"),
            ("check_eye_distance", "110,60"),
            ("check_glare", "0.03,0.12"),
            ("check_light", "dark,bright"),
            ("check_tilt", "-3"),
            ("check_company", "NaN"),
            ("check_alike", "65"),
            ("check_alike", "2.5"),
        ] {
            let refused = with(&[(name, value)]).unwrap_err().to_string();
            assert!(refused.contains(name) && refused.contains("an example that works"), "{refused}");
        }
    }
}
