//! How an organization's colour fares: in figures, in words, and what becomes of it where it can't be read.

use crate::{
    branding::{DARK, LIGHT, Palette, READABLE, Rgb},
    error::Result,
    i18n::{Message, decimal},
};

pub(super) struct Contrast {
    /// The colour, as addresses have it.
    pub(super) hex: String,
    pub(super) figures: Vec<Figure>,
    /// What is done about it, a sentence each; nothing: it stays as it is everywhere.
    pub(super) warnings: Vec<Message>,
}

/// One pair of colours.
pub(super) struct Figure {
    pub(super) what: Message,
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
            (say!("White words on it"), Rgb::WHITE),
            (say!("Black words on it"), Rgb::BLACK),
            (say!("Links of it on a light page"), light),
            (say!("Links of it on a dark page"), dark),
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
    decimal(&format!("{:.1}:1", (ratio * 10.0).floor() / 10.0))
}

fn warnings(palette: &Palette) -> Vec<Message> {
    let Palette { brand, light, dark } = palette;
    let mut warnings = Vec::new();
    if light.on_fill == Rgb::BLACK && light.fill == *brand {
        warnings.push(say!("White words are hard to read on this colour, so buttons have black ones."));
    }
    if light.text != *brand {
        warnings.push(say!(
            "On a light page it is too pale to be read as text. Links and the ring around what has the focus are a darker {colour} there.",
            colour = light.text.to_string()
        ));
    }
    if light.fill != *brand {
        warnings.push(say!(
            "Buttons of this colour would vanish on a light page, so they are {colour} there.",
            colour = light.fill.to_string()
        ));
    }
    if dark.text != *brand {
        warnings.push(say!(
            "On a dark page it is too dark to be read as text. Links and the ring around what has the focus are a lighter {colour} there.",
            colour = dark.text.to_string()
        ));
    }
    if dark.fill != *brand {
        warnings.push(say!(
            "Buttons of this colour would vanish on a dark page, so they are {colour} there.",
            colour = dark.fill.to_string()
        ));
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
        let said = |nth: usize, words: &str| yellow.warnings[nth].to_string().contains(words);
        assert!(said(0, "black ones") && said(1, "too pale"));

        let black = Contrast::of("#000000").unwrap();
        assert!(
            black.warnings.iter().any(|words| words.to_string().contains("would vanish on a dark page")),
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
