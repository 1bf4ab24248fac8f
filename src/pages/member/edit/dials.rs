//! What can be turned in an edit, in the numbers people read: percent, and degrees.

use serde::Deserialize;

use crate::{
    generator::Look,
    i18n::{Message, decimal},
};

/// One of them.
pub(in crate::pages::member) struct Dial {
    pub(super) name: &'static str,
    pub(super) words: Message,
    pub(super) hint: Message,
    pub(super) unit: &'static str,
    pub(super) least: f32,
    pub(super) most: f32,
    pub(super) step: f32,
    pub(super) value: f32,
    /// What it was when the page was opened.
    pub(super) was: f32,
}

impl Dial {
    /// Its value as people write it.
    pub(super) fn shown(&self) -> String {
        decimal(&self.value.to_string())
    }
}

struct Kind {
    name: &'static str,
    words: Message,
    hint: Message,
    unit: &'static str,
    range: (f32, f32),
    step: f32,
    /// How many of these one of the look's number is.
    per_one: f32,
    of: fn(&mut Look) -> &mut f32,
}

const NO_HINT: Message = Message::new("");

static KINDS: [Kind; 6] = [
    Kind {
        name: "zoom",
        words: say!("dial|Closer"),
        hint: NO_HINT,
        unit: "%",
        range: (100.0, 160.0),
        step: 1.0,
        per_one: 100.0,
        of: |look| &mut look.zoom,
    },
    Kind {
        name: "x",
        words: say!("dial|Left or right"),
        hint: say!("Works once it is closer: there is nothing beyond the edges of the photo."),
        unit: "%",
        range: (-30.0, 30.0),
        step: 0.5,
        per_one: 100.0,
        of: |look| &mut look.x,
    },
    Kind {
        name: "y",
        words: say!("dial|Up or down"),
        hint: NO_HINT,
        unit: "%",
        range: (-30.0, 30.0),
        step: 0.5,
        per_one: 100.0,
        of: |look| &mut look.y,
    },
    Kind {
        name: "turn",
        words: say!("dial|Straighten"),
        hint: NO_HINT,
        unit: "°",
        range: (-10.0, 10.0),
        step: 0.1,
        per_one: 1.0,
        of: |look| &mut look.turn,
    },
    Kind {
        name: "light",
        words: say!("dial|Light"),
        hint: NO_HINT,
        unit: "%",
        range: (-100.0, 100.0),
        step: 1.0,
        per_one: 100.0,
        of: |look| &mut look.light,
    },
    Kind {
        name: "warmth",
        words: say!("dial|Warmth"),
        hint: NO_HINT,
        unit: "%",
        range: (-100.0, 100.0),
        step: 1.0,
        per_one: 100.0,
        of: |look| &mut look.warmth,
    },
];

impl Kind {
    /// The look's number as it is shown, on one of the slider's steps.
    fn shown(&self, mut look: Look) -> f32 {
        let steps = (*(self.of)(&mut look) * self.per_one / self.step).round();
        // Halves and tenths of a float print as what they are only if they are made from whole numbers.
        let shown = (f64::from(steps) * f64::from(self.step) * 10.0).round() / 10.0;
        #[expect(clippy::cast_possible_truncation, reason = "a number of a slider")]
        let shown = shown as f32;
        // Nothing is minus nothing.
        if shown == 0.0 { 0.0 } else { shown.clamp(self.range.0, self.range.1) }
    }
}

/// What was turned, as a form or an address says it. What is missing, or is no number, stays as it was.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Turned {
    pub(super) backdrop: Option<String>,
    zoom: Option<String>,
    x: Option<String>,
    y: Option<String>,
    turn: Option<String>,
    light: Option<String>,
    warmth: Option<String>,
}

impl Turned {
    fn text(&self, name: &str) -> Option<&String> {
        match name {
            "zoom" => self.zoom.as_ref(),
            "x" => self.x.as_ref(),
            "y" => self.y.as_ref(),
            "turn" => self.turn.as_ref(),
            "light" => self.light.as_ref(),
            _ => self.warmth.as_ref(),
        }
    }

    /// Whether anything was.
    pub(super) fn any(&self) -> bool {
        self.backdrop.is_some() || KINDS.iter().any(|kind| self.text(kind.name).is_some())
    }

    /// The look that was asked for, of one that was.
    pub(super) fn look(&self, was: Look) -> Look {
        let mut look = was;
        for kind in &KINDS {
            let number = self.text(kind.name).and_then(|text| text.trim().parse::<f32>().ok());
            // A slider that was left alone says a rounded number, which is no change.
            if let Some(number) = number.filter(|number| number.is_finite() && *number != kind.shown(was)) {
                *(kind.of)(&mut look) = number / kind.per_one;
            }
        }
        look.bounded()
    }

    /// As an address says it, after its question mark.
    pub(super) fn query(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if let Some(backdrop) = &self.backdrop {
            query.append_pair("backdrop", backdrop);
        }
        for kind in &KINDS {
            if let Some(text) = self.text(kind.name) {
                query.append_pair(kind.name, text);
            }
        }
        query.finish()
    }
}

/// What can be turned, as it stands in `look` and stood in `was`.
pub(super) fn dials(look: Look, was: Look) -> Vec<Dial> {
    KINDS
        .iter()
        .map(|kind| Dial {
            name: kind.name,
            words: kind.words.clone(),
            hint: kind.hint.clone(),
            unit: kind.unit,
            least: kind.range.0,
            most: kind.range.1,
            step: kind.step,
            value: kind.shown(look),
            was: kind.shown(was),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_alone_stays_as_it_was_to_the_last_bit() {
        let was = Look { zoom: 1.1234, turn: -1.277, light: 0.004, ..Look::default() };
        let shown: Vec<String> = dials(was, was).iter().map(|dial| dial.value.to_string()).collect();
        assert_eq!(shown, ["112", "0", "0", "-1.3", "0", "0"]);
        let turned = Turned {
            zoom: Some("112".to_owned()),
            turn: Some("-1.3".to_owned()),
            x: Some("2.5".to_owned()),
            light: Some("bright".to_owned()),
            warmth: Some("900".to_owned()),
            ..Turned::default()
        };
        assert_eq!(turned.look(was), Look { x: 0.025, warmth: 1.0, ..was });
        assert_eq!(turned.query(), "zoom=112&x=2.5&turn=-1.3&light=bright&warmth=900");
    }
}
