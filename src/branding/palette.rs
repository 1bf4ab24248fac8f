//! What becomes of an organization's colour: kept where it can be read, made darker or lighter where it can't. Text and lines of it are
//! one thing, surfaces with words on them another: a pale yellow is a fine button with black words, and no link.

use super::colour::{Oklch, Rgb};

/// What text needs against what it stands on.
pub const READABLE: f64 = 4.5;

/// What a button needs to be seen as one against the page; its words are readable by themselves.
const SEEN: f64 = 1.25;

/// How much lighter or darker each try is.
const STEP: f64 = 0.005;

/// Vivid colours glow on a dark page.
const CALM: f64 = 0.13;

/// The colours of a page that are not the organization's. They are those of the style sheets' tokens.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Behind everything.
    pub paper: Oklch,
    /// Of what lies on it.
    pub surface: Oklch,
    /// The ground that differs most from the paper and still has links on it.
    pub hover: Oklch,
    /// Of hairlines.
    pub line: Oklch,
    /// Of text.
    pub ink: Oklch,
    /// Of text that matters less.
    pub ink_soft: Oklch,
}

const fn oklch(lightness: f64, chroma: f64, hue: f64) -> Oklch {
    Oklch { lightness, chroma, hue }
}

/// A page in light colours.
pub const LIGHT: Page = Page {
    paper: oklch(0.985, 0.003, 80.0),
    surface: oklch(1.0, 0.0, 0.0),
    hover: oklch(0.945, 0.005, 80.0),
    line: oklch(0.908, 0.006, 80.0),
    ink: oklch(0.235, 0.008, 70.0),
    ink_soft: oklch(0.43, 0.01, 70.0),
};

/// A page in dark colours.
pub const DARK: Page = Page {
    paper: oklch(0.188, 0.004, 70.0),
    surface: oklch(0.222, 0.005, 70.0),
    hover: oklch(0.262, 0.006, 70.0),
    line: oklch(0.298, 0.006, 70.0),
    ink: oklch(0.945, 0.004, 80.0),
    ink_soft: oklch(0.79, 0.007, 80.0),
};

/// An organization's colour on pages of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shades {
    /// Of links, marks and the ring around what has the focus.
    pub text: Rgb,
    /// Of buttons.
    pub fill: Rgb,
    /// Of the words on them.
    pub on_fill: Rgb,
}

/// What becomes of one colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// As it was chosen.
    pub brand: Rgb,
    /// On light pages.
    pub light: Shades,
    /// On dark pages.
    pub dark: Shades,
}

impl Palette {
    /// All that follows from a colour.
    pub fn of(brand: Rgb) -> Self {
        Self { brand, light: shades(brand, &LIGHT, -STEP), dark: shades(brand, &DARK, STEP) }
    }

    /// The style sheet that sets all of it, for pages of both kinds. Without it pages have the product's own colour.
    pub fn stylesheet(&self) -> String {
        format!(
            ":root {{ --brand: {}; {} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {} }} }}\n",
            self.brand,
            properties(&self.light),
            properties(&self.dark)
        )
    }

    /// The style sheet of a preview: `.scheme.light` and `.scheme.dark` look like the pages, whatever the browser prefers.
    pub fn preview(&self) -> String {
        let scheme = |name: &str, page: &Page, shades: &Shades| {
            let grounds = [
                ("paper", page.paper),
                ("surface", page.surface),
                ("hover", page.hover),
                ("line", page.line),
                ("ink", page.ink),
                ("ink-soft", page.ink_soft),
            ];
            let grounds: String =
                grounds.iter().map(|(name, colour)| format!("--{name}: {}; ", colour.on_screen())).collect();
            format!(".scheme.{name} {{ color-scheme: {name}; {grounds}{} }}\n", properties(shades))
        };
        scheme("light", &LIGHT, &self.light) + &scheme("dark", &DARK, &self.dark)
    }
}

fn properties(shades: &Shades) -> String {
    let Shades { text, fill, on_fill } = shades;
    // Under the pointer it goes on in the direction in which its words stay readable.
    let step = if *on_fill == Rgb::WHITE { "-" } else { "+" };
    format!(
        "--accent: {text}; --accent-hover: oklch(from {text} calc(l {step} 0.05) c h); --fill: {fill}; \
         --fill-hover: oklch(from {fill} calc(l {step} 0.05) c h); --on-fill: {on_fill};"
    )
}

fn shades(brand: Rgb, page: &Page, step: f64) -> Shades {
    let text = readable(brand, page.hover.on_screen(), step);
    let fill = if brand.contrast(page.paper.on_screen()) >= SEEN { brand } else { text };
    // Of any colour one of the two can be read on it: 4.58 is the least.
    let on_fill = if fill.contrast(Rgb::WHITE) >= READABLE { Rgb::WHITE } else { Rgb::BLACK };
    Shades { text, fill, on_fill }
}

/// The colour itself if it can be read on this ground, or the first one that can on the way to black or white.
fn readable(brand: Rgb, ground: Rgb, step: f64) -> Rgb {
    if brand.contrast(ground) >= READABLE {
        return brand;
    }
    let mut tried = Oklch::of(brand);
    if step > 0.0 {
        tried.chroma = tried.chroma.min(CALM);
    }
    while (0.0..=1.0).contains(&tried.lightness) {
        let colour = tried.on_screen();
        if colour.contrast(ground) >= READABLE {
            return colour;
        }
        tried.lightness += step;
    }
    if step > 0.0 { Rgb::WHITE } else { Rgb::BLACK }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn palette(colour: &str) -> Palette {
        Palette::of(colour.parse().unwrap())
    }

    /// Every 17th step of each channel: 4,096 colours, the corners among them.
    fn many() -> impl Iterator<Item = Rgb> {
        let steps = || (0..=15_u8).map(|step| step * 17);
        steps().flat_map(move |red| steps().flat_map(move |green| steps().map(move |blue| Rgb([red, green, blue]))))
    }

    #[test]
    fn whatever_is_chosen_can_be_read() {
        for brand in many() {
            let palette = Palette::of(brand);
            for (page, shades) in [(&LIGHT, palette.light), (&DARK, palette.dark)] {
                for ground in [page.paper, page.surface, page.hover] {
                    let ratio = shades.text.contrast(ground.on_screen());
                    assert!(ratio >= READABLE, "{brand} as {} on {ground:?}: {ratio}", shades.text);
                }
                let ratio = shades.on_fill.contrast(shades.fill);
                assert!(ratio >= READABLE, "{brand}: {ratio}");
                assert!(shades.fill.contrast(page.paper.on_screen()) >= SEEN, "{brand}");
            }
        }
    }

    #[test]
    fn what_can_be_read_stays_as_it_was_chosen() {
        let blue = palette("#1d4ed8");
        assert_eq!((blue.light.text, blue.light.fill, blue.light.on_fill), (blue.brand, blue.brand, Rgb::WHITE));
        assert_eq!(blue.dark.fill, blue.brand, "its surface");
        assert!(blue.dark.text != blue.brand, "its text on a dark page");
    }

    #[test]
    fn a_pale_colour_stays_on_surfaces_and_gets_darker_as_text() {
        let yellow = palette("#ffd400");
        assert_eq!((yellow.light.fill, yellow.light.on_fill), (yellow.brand, Rgb::BLACK));
        assert!(Oklch::of(yellow.light.text).lightness < 0.6);
        assert_eq!(yellow.dark.text, yellow.brand);
    }

    #[test]
    fn what_would_vanish_gives_way() {
        let (white, black) = (palette("#ffffff"), palette("#000000"));
        assert!(white.light.fill != white.brand && white.dark.fill == white.brand);
        assert!(black.dark.fill != black.brand && black.light.fill == black.brand);
    }

    #[test]
    fn the_page_is_that_of_the_tokens() {
        let tokens = include_str!("../../assets/css/00-tokens.css");
        let (light, dark) = tokens.split_once("prefers-color-scheme: dark").unwrap();
        for (part, page) in [(light, LIGHT), (dark, DARK)] {
            let colours = [
                ("paper", page.paper),
                ("surface", page.surface),
                ("hover", page.hover),
                ("line", page.line),
                ("ink", page.ink),
                ("ink-soft", page.ink_soft),
            ];
            for (name, Oklch { lightness, chroma, hue }) in colours {
                let line = format!("--{name}: oklch({lightness} {chroma} {hue});");
                assert!(part.contains(&line), "{line}");
            }
        }
    }

    #[test]
    fn the_style_sheet_says_it_for_both() {
        let sheet = palette("#8a4b2f").stylesheet();
        assert!(sheet.starts_with(":root { --brand: #8a4b2f; --accent: #8a4b2f;"), "{sheet}");
        assert!(sheet.contains("@media (prefers-color-scheme: dark)"), "{sheet}");
        assert!(palette("#8a4b2f").preview().contains(".scheme.dark { color-scheme: dark; --paper: #"));
    }
}
