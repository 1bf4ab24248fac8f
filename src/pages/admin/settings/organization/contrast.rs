//! How an organization's colour fares: in figures, in words, and what becomes of it where it can't be read.

use crate::{
    branding::{DARK, LIGHT, Palette, READABLE, Rgb},
    error::Result,
};

pub(super) struct Contrast {
    /// The colour, as addresses have it.
    pub(super) hex: String,
    pub(super) figures: Vec<Figure>,
    /// What is done about it, a sentence each; nothing: it stays as it is everywhere.
    pub(super) warnings: Vec<String>,
}

/// One pair of colours.
pub(super) struct Figure {
    pub(super) what: &'static str,
    /// `4.6:1`
    pub(super) ratio: String,
    pub(super) enough: bool,
}

impl Contrast {
    /// Of a colour as it stands in the field.
    ///
    /// # Errors
    /// It is none.
    pub(super) fn of(colour: &str) -> Result<Self> {
        let brand: Rgb = colour.trim().parse()?;
        let palette = Palette::of(brand);
        let (light, dark) = (LIGHT.paper.on_screen(), DARK.paper.on_screen());
        let figures = [
            ("White words on it", Rgb::WHITE),
            ("Black words on it", Rgb::BLACK),
            ("Links of it on a light page", light),
            ("Links of it on a dark page", dark),
        ];
        let figures = figures.map(|(what, other)| {
            let ratio = brand.contrast(other);
            Figure { what, ratio: in_words(ratio), enough: ratio >= READABLE }
        });
        Ok(Self {
            hex: brand.to_string().trim_start_matches('#').to_owned(),
            figures: figures.into(),
            warnings: warnings(&palette),
        })
    }
}

/// Cut off and not rounded: 4.49 is not enough, and must not read as if it were.
fn in_words(ratio: f64) -> String {
    format!("{:.1}:1", (ratio * 10.0).floor() / 10.0)
}

fn warnings(palette: &Palette) -> Vec<String> {
    let Palette { brand, light, dark } = palette;
    let mut warnings = Vec::new();
    if light.on_fill == Rgb::BLACK && light.fill == *brand {
        warnings.push("White words are hard to read on this colour, so buttons have black ones.".to_owned());
    }
    for (page, shades, way, missing) in
        [("light", light, "a darker", "too pale"), ("dark", dark, "a lighter", "too dark")]
    {
        if shades.text != *brand {
            warnings.push(format!(
                "On a {page} page it is {missing} to be read as text. Links and the ring around what has the focus are {way} \
                 {} there.",
                shades.text
            ));
        }
        if shades.fill != *brand {
            warnings.push(format!(
                "Buttons of this colour would vanish on a {page} page, so they are {} there.",
                shades.fill
            ));
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_not_be_read_is_said_and_what_is_done_about_it() {
        let yellow = Contrast::of("#ffd400").unwrap();
        assert_eq!(yellow.hex, "ffd400");
        let figures: Vec<_> = yellow.figures.iter().map(|figure| (figure.ratio.as_str(), figure.enough)).collect();
        assert_eq!(figures[0], ("1.4:1", false));
        assert!(figures[1].1 && !figures[2].1 && figures[3].1);
        assert_eq!(yellow.warnings.len(), 2, "{:?}", yellow.warnings);
        assert!(yellow.warnings[0].contains("black ones") && yellow.warnings[1].contains("too pale"));

        let black = Contrast::of("#000000").unwrap();
        assert!(
            black.warnings.iter().any(|words| words.contains("would vanish on a dark page")),
            "{:?}",
            black.warnings
        );
        assert!(Contrast::of("black").is_err());
    }

    #[test]
    fn a_ratio_is_never_said_to_be_better_than_it_is() {
        assert_eq!([4.499, 4.5, 1.0, 21.0].map(in_words), ["4.4:1", "4.5:1", "1.0:1", "21.0:1"]);
    }
}
