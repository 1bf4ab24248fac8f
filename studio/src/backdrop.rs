//! What stands behind people: lit paper in four colours, and two places out of focus. All are drawn, none is a photo, and each is
//! the same every time.

mod scenes;

use rayon::prelude::*;
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

    /// Draws it. The pool of light on paper lies behind the head, whose middle is given as parts of width and height.
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
    /// Nothing on paper is sharp, so it is drawn small.
    fn drawn(&self, width: usize, height: usize) -> Colour {
        self.small((width / COARSER).max(1), (height / COARSER).max(1)).resized(width, height)
    }

    fn small(&self, width: usize, height: usize) -> Colour {
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

    /// From 0 up to 1.
    pub(crate) fn unit(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / 16_777_216.0
    }

    pub(crate) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }
}

/// The grain of a sensor: without it a drawn backdrop looks drawn.
pub(crate) fn grained(picture: &mut Colour, amount: f32, seed: u64) {
    let width = picture.width();
    picture.values_mut().par_chunks_mut(width).enumerate().for_each(|(y, row)| {
        let mut dice = Dice::new(seed.wrapping_add(y as u64));
        for pixel in row {
            // Four dice come close to a bell curve.
            let grain = (dice.unit() + dice.unit() + dice.unit() + dice.unit() - 2.0) * 1.73 * amount;
            *pixel = pixel.map(|value| (value + grain).clamp(0.0, 1.0));
        }
    });
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
        assert!(grey.at(80, 84) > grey.at(2, 198) + 0.1);
    }

    #[test]
    fn grain_is_even_and_small() {
        let mut picture = Colour::filled(64, 64, [0.5; 3]);
        grained(&mut picture, 0.0065, 11);
        let luma = picture.luma();
        let mean = luma.values().iter().sum::<f32>() / 4096.0;
        assert!((mean - 0.5).abs() < 0.001 && luma.values().iter().any(|value| (value - 0.5).abs() > 0.004));
    }
}
