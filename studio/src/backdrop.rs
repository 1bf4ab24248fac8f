//! What stands behind people: lit paper in four colours, and two places out of focus. All are drawn, none is a photo, and each is
//! the same every time.

mod scenes;

use serde::{Deserialize, Serialize};

use crate::{
    Point,
    colour::{encoded, linear},
    grid::{Colour, Plane},
};

/// What can stand behind a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Backdrop {
    /// Light grey paper.
    Grey,
    /// Dark grey, almost black at the edges.
    Charcoal,
    /// White.
    White,
    /// Dark blue.
    Navy,
    /// An office, out of focus.
    Office,
    /// Trees in the sun, out of focus.
    Garden,
}

/// How a person stands before a backdrop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    /// How much of the backdrop's light falls on the edges of the person.
    pub(crate) wrap: f32,
    /// How dark the person's shade on it is.
    pub(crate) shade: f32,
    /// How much darker the corners are.
    pub(crate) vignette: f32,
}

/// How much grain everything gets.
const GRAIN: f32 = 0.0065;

/// How many times smaller paper is drawn.
const COARSER: usize = 4;

/// How a person stands before a picture of someone's own, of which nothing is known.
pub(crate) const OWN: Setting = Setting { wrap: 0.18, shade: 0.05, vignette: 0.04 };

impl Backdrop {
    /// All there are.
    pub const ALL: [Self; 6] = [Self::Grey, Self::Charcoal, Self::White, Self::Navy, Self::Office, Self::Garden];

    pub(crate) fn setting(self) -> Setting {
        let (wrap, shade) = match self {
            Self::Grey => (0.16, 0.05),
            Self::Charcoal | Self::Navy => (0.14, 0.04),
            Self::White => (0.22, 0.05),
            Self::Office => (0.20, 0.06),
            Self::Garden => (0.20, 0.04),
        };
        Setting { wrap, shade, vignette: if self == Self::White { 0.02 } else { 0.10 } }
    }

    /// Draws it for a picture of this size, but smaller: nothing on it is sharp. The pool of light on paper lies behind the
    /// head, whose middle is given as parts of width and height.
    pub(crate) fn drawn(self, width: usize, height: usize, head: Point) -> Colour {
        let paper = |light: u32, dark: u32, (dx, dy): (f32, f32), radius: f32, mottle: f32| {
            let pool = Point::new(head.x + dx, head.y + dy);
            Paper { light: rgb(light), dark: rgb(dark), pool, radius, mottle }.drawn(width, height)
        };
        match self {
            Self::Grey => paper(0x00d3_d6da, 0x008f_959c, (0.0, 0.02), 0.62, 0.02),
            Self::Charcoal => paper(0x006d_747c, 0x001e_2227, (-0.04, 0.06), 0.52, 0.10),
            Self::White => paper(0x00fb_fbfa, 0x00e6_e8ea, (0.0, 0.1), 0.8, 0.004),
            Self::Navy => paper(0x005b_7ba6, 0x0016_243d, (0.03, 0.05), 0.55, 0.07),
            Self::Office => scenes::office(width, height),
            Self::Garden => scenes::garden(width, height),
        }
    }
}

fn rgb(hex: u32) -> [f32; 3] {
    [hex >> 16 & 255, hex >> 8 & 255, hex & 255].map(|value| linear(value as f32 / 255.0))
}

/// Paper or muslin, lit from above: a pool of light that falls off to the dark colour, slightly mottled.
struct Paper {
    light: [f32; 3],
    dark: [f32; 3],
    pool: Point,
    radius: f32,
    mottle: f32,
}

impl Paper {
    fn drawn(&self, width: usize, height: usize) -> Colour {
        let (width, height) = ((width / COARSER).max(1), (height / COARSER).max(1));
        let mottles = [(5, 77, 0.5), (11, 991, 0.33), (27, 313, 0.17)]
            .map(|(cells, seed, weight)| (clouds(width, height, cells, seed), weight));
        Colour::made(width, height, |x, y| {
            let dx = x as f32 / width as f32 - self.pool.x;
            let dy = (y as f32 / height as f32 - self.pool.y) * height as f32 / width as f32;
            let distance = dx.hypot(dy) / self.radius;
            let lit = (-distance * distance * 1.1).exp();
            let mottle: f32 = mottles.iter().map(|(clouds, weight)| clouds.row(y)[x] * weight).sum();
            std::array::from_fn(|c| {
                let light = self.dark[c] + (self.light[c] - self.dark[c]) * lit;
                encoded(light * (1.0 + self.mottle * mottle)).clamp(0.0, 1.0)
            })
        })
    }
}

/// Soft random patches between -1 and 1, `cells` of them across.
fn clouds(width: usize, height: usize, cells: usize, seed: u64) -> Plane {
    let rows = cells * height / width + 1;
    let mut dice = Dice::new(seed);
    let values = (0..cells * rows).map(|_| dice.between(-1.0, 1.0)).collect();
    Plane::of(cells, rows, values).resized(width, height)
}

/// Random numbers that are the same every time (xorshift).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        let mut dice = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        // The first ones of neighbouring seeds are alike.
        for _ in 0..8 {
            dice.unit();
        }
        dice
    }

    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// From 0 up to 1.
    pub(crate) fn unit(&mut self) -> f32 {
        (self.roll() >> 40) as f32 / 16_777_216.0
    }

    pub(crate) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }
}

/// The grain of a sensor: without it a drawn backdrop looks drawn.
pub(crate) struct Grain(Dice);

/// The grain of a row, the same every time.
pub(crate) fn grain(row: usize) -> Grain {
    Grain(Dice::new(11 + row as u64))
}

impl Grain {
    /// How much lighter or darker the next pixel is.
    pub(crate) fn next(&mut self) -> f32 {
        // Four numbers of 16 bits come close to a bell curve.
        let roll = self.0.roll();
        let sum: u64 = [0, 16, 32, 48].iter().map(|place| roll >> place & 0xffff).sum();
        (sum as f32 / 65_536.0 - 2.0) * 1.73 * GRAIN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_backdrop_is_the_same_every_time_and_lighter_behind_the_head() {
        for backdrop in Backdrop::ALL {
            let drawn = backdrop.drawn(160, 200, Point::new(0.5, 0.4));
            assert_eq!(drawn, backdrop.drawn(160, 200, Point::new(0.5, 0.4)));
            assert!(drawn.values().iter().flatten().all(|value| (0.0..=1.0).contains(value)));
        }
        let grey = Backdrop::Grey.drawn(160, 200, Point::new(0.5, 0.4)).luma();
        let (width, height) = (grey.width() as isize, grey.height() as isize);
        assert!(grey.at(width / 2, height * 42 / 100) > grey.at(0, height - 1) + 0.1);
    }

    #[test]
    fn grain_is_even_and_small() {
        let values: Vec<f32> = (0..64)
            .flat_map(|row| {
                let mut grain = grain(row);
                (0..64).map(move |_| grain.next())
            })
            .collect();
        let mean = values.iter().sum::<f32>() / 4096.0;
        let spread = (values.iter().map(|value| value * value).sum::<f32>() / 4096.0).sqrt();
        assert!(mean.abs() < 0.0005 && (spread - GRAIN).abs() < 0.0005, "{mean} {spread}");
        assert!(values.iter().all(|value| value.abs() < 4.0 * GRAIN));
    }
}
