//! A colour, how light it is to the eye, and how well two of them can be told apart: by the figures of WCAG 2.2.

use std::{fmt, str::FromStr};

use crate::error::{Error, Result};

/// A colour of a screen, without transparency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub [u8; 3]);

impl Rgb {
    /// The lightest.
    pub const WHITE: Self = Self([255; 3]);

    /// The darkest.
    pub const BLACK: Self = Self([0; 3]);

    /// Its relative luminance: 0 for black, 1 for white.
    pub fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// How well the two can be told apart: 1 for not at all, 21 for black and white. Text needs 4.5, a line or a ring 3.
    pub fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance() + 0.05, other.luminance() + 0.05);
        one.max(other) / one.min(other)
    }
}

impl FromStr for Rgb {
    type Err = Error;

    /// Reads `#rrggbb`, also without its sign.
    fn from_str(text: &str) -> Result<Self> {
        let digits = text.strip_prefix('#').unwrap_or(text);
        let fits = digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let number = u32::from_str_radix(digits, 16).ok().filter(|_| fits);
        let wrong =
            || Error::invalid(say!("\"{text}\" is not a colour, such as #2f6f5e.", text = format!("{text:.20}")));
        let [_, red, green, blue] = number.ok_or_else(wrong)?.to_be_bytes();
        Ok(Self([red, green, blue]))
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// A colour as the style sheets have them: OKLCH, in which lightness alone can be changed and the hue seems to stay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Oklch {
    /// 0 to 1.
    pub lightness: f64,
    /// From 0 for grey to about 0.3.
    pub chroma: f64,
    /// Degrees.
    pub hue: f64,
}

impl Oklch {
    /// The same colour.
    pub fn of(colour: Rgb) -> Self {
        let [red, green, blue] = colour.0.map(linear);
        // Björn Ottosson's matrices, as CSS Color 4 has them.
        let long = (0.412_221_47 * red + 0.536_332_54 * green + 0.051_445_99 * blue).cbrt();
        let middle = (0.211_903_5 * red + 0.680_699_55 * green + 0.107_396_96 * blue).cbrt();
        let short = (0.088_302_46 * red + 0.281_718_84 * green + 0.629_978_7 * blue).cbrt();
        let lightness = 0.210_454_26 * long + 0.793_617_8 * middle - 0.004_072_05 * short;
        let a = 1.977_998_5 * long - 2.428_592_2 * middle + 0.450_593_71 * short;
        let b = 0.025_904_04 * long + 0.782_771_77 * middle - 0.808_675_77 * short;
        Self { lightness, chroma: a.hypot(b), hue: b.atan2(a).to_degrees() }
    }

    /// The nearest colour of a screen that has this lightness and hue: what is too vivid gets paler.
    pub fn on_screen(self) -> Rgb {
        let (mut pale, mut vivid) = (0.0, self.chroma);
        let mut fitting = Self { chroma: self.chroma, ..self }.linear();
        if !fits(fitting) {
            for _ in 0..20 {
                let between = (pale + vivid) / 2.0;
                let tried = Self { chroma: between, ..self }.linear();
                if fits(tried) { pale = between } else { vivid = between }
            }
            fitting = Self { chroma: pale, ..self }.linear();
        }
        Rgb(fitting.map(encoded))
    }

    fn linear(self) -> [f64; 3] {
        let (a, b) = (self.chroma * self.hue.to_radians().cos(), self.chroma * self.hue.to_radians().sin());
        let long = (self.lightness + 0.396_337_78 * a + 0.215_803_76 * b).powi(3);
        let middle = (self.lightness - 0.105_561_35 * a - 0.063_854_17 * b).powi(3);
        let short = (self.lightness - 0.089_484_18 * a - 1.291_485_5 * b).powi(3);
        [
            4.076_741_7 * long - 3.307_711_6 * middle + 0.230_969_93 * short,
            -1.268_438 * long + 2.609_757_4 * middle - 0.341_319_4 * short,
            -0.004_196_09 * long - 0.703_418_6 * middle + 1.707_614_7 * short,
        ]
    }
}

/// Half a step of 255 beyond the edge is rounding.
fn fits(linear: [f64; 3]) -> bool {
    linear.iter().all(|part| (-0.000_2..=1.002).contains(part))
}

fn linear(part: u8) -> f64 {
    let part = f64::from(part) / 255.0;
    if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
}

fn encoded(part: f64) -> u8 {
    let part = part.clamp(0.0, 1.0);
    let part = if part <= 0.003_130_8 { part * 12.92 } else { 1.055 * part.powf(1.0 / 2.4) - 0.055 };
    // Between 0 and 255 by the clamp.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and 255")]
    let byte = (part * 255.0).round() as u8;
    byte
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rgb(text: &str) -> Rgb {
        text.parse().unwrap()
    }

    #[test]
    fn contrasts_are_those_of_wcag() {
        for (one, other, ratio) in [
            ("#000000", "#ffffff", 21.0),
            ("#777777", "#ffffff", 4.48),
            ("#0000ff", "#ffffff", 8.59),
            ("#ffd400", "#ffffff", 1.43),
            ("#123456", "#123456", 1.0),
        ] {
            let found = rgb(one).contrast(rgb(other));
            assert!((found - ratio).abs() < 0.01, "{one} {other}: {found}");
            assert_eq!(rgb(other).contrast(rgb(one)), found);
        }
    }

    #[test]
    fn a_colour_comes_back_from_oklch() {
        for colour in
            ["#000000", "#ffffff", "#ff0000", "#00ff00", "#0000ff", "#ffd400", "#8a4b2f", "#1a6b75", "#808080"]
        {
            assert_eq!(Oklch::of(rgb(colour)).on_screen(), rgb(colour), "{colour}");
        }
        // As browsers say: oklch(0.628 0.2577 29.23).
        let red = Oklch::of(rgb("#ff0000"));
        assert!((red.lightness - 0.628).abs() < 0.001 && (red.chroma - 0.2577).abs() < 0.001);
        assert!((red.hue - 29.23).abs() < 0.1);
    }

    #[test]
    fn what_no_screen_can_show_gets_paler_and_not_darker() {
        let vivid = Oklch { lightness: 0.5, chroma: 0.37, hue: 150.0 };
        let shown = Oklch::of(vivid.on_screen());
        assert!((shown.lightness - 0.5).abs() < 0.01 && shown.chroma < 0.2, "{shown:?}");
    }

    #[test]
    fn only_six_digits_are_a_colour() {
        assert_eq!(rgb("2F6f5e").to_string(), "#2f6f5e");
        for wrong in ["", "#2f6", "#2f6f5e00", "+f6f5e1", "red", "#2f6fé"] {
            assert!(wrong.parse::<Rgb>().is_err(), "{wrong}");
        }
    }
}
