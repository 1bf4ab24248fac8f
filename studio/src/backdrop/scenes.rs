//! Places out of focus: a few shapes in linear light, blurred as a wide lens would, with discs where lamps and sky shine.

use rayon::prelude::*;

use super::Dice;
use crate::{colour::encoded, grid::Colour};

/// Scenes are drawn this wide: they are blurred anyway.
const WIDTH: usize = 384;

/// A scene in linear light; lamps are brighter than white.
struct Canvas {
    width: usize,
    height: usize,
    light: Vec<[f32; 3]>,
}

impl Canvas {
    fn made(width: usize, height: usize, light: impl Fn(f32, f32) -> [f32; 3]) -> Self {
        let place = |at: usize| light((at % width) as f32 / width as f32, (at / width) as f32 / height as f32);
        Self { width, height, light: (0..width * height).map(place).collect() }
    }

    /// A rectangle, in parts of the width and the height.
    fn rectangle(&mut self, (left, top): (f32, f32), (right, bottom): (f32, f32), light: [f32; 3]) {
        let range = |from: f32, to: f32, length: usize| {
            let place = |part: f32| ((part * length as f32).max(0.0) as usize).min(length);
            place(from)..place(to).max(place(from))
        };
        for y in range(top, bottom, self.height) {
            self.light[y * self.width..][range(left, right, self.width)].fill(light);
        }
    }

    /// A disc; its radius is a part of the width.
    fn disc(&mut self, (x, y): (f32, f32), radius: f32, light: [f32; 3]) {
        let (x, y, radius) = (x * self.width as f32, y * self.height as f32, radius * self.width as f32);
        let range = |middle: f32, length: usize| {
            (middle - radius).max(0.0) as usize..((middle + radius + 1.0).max(0.0) as usize).min(length)
        };
        for row in range(y, self.height) {
            for column in range(x, self.width) {
                if (column as f32 - x).hypot(row as f32 - y) < radius {
                    self.light[row * self.width + column] = light;
                }
            }
        }
    }

    /// The mean over a disc around each place: what a lens does to what lies behind its focus.
    fn defocused(&self, radius: f32) -> Self {
        let (width, height) = (self.width, self.height);
        let radius = radius * width as f32;
        let rows = radius.ceil() as isize;
        let spans: Vec<(isize, usize)> = (-rows..=rows)
            .filter_map(|dy| {
                let left = radius * radius - (dy * dy) as f32;
                (left >= 0.0).then(|| (dy, left.sqrt() as usize))
            })
            .collect();
        // Sums from the left edge on make each row of the disc one subtraction.
        let sums: Vec<[f64; 3]> = self
            .light
            .chunks(width)
            .flat_map(|row| {
                let mut sum = [0.0; 3];
                std::iter::once(sum).chain(row.iter().map(move |light| {
                    sum = std::array::from_fn(|c| sum[c] + f64::from(light[c]));
                    sum
                }))
            })
            .collect();
        let light = (0..width * height).into_par_iter().map(|at| {
            let (x, y) = (at % width, at / width);
            let (mut sum, mut count) = ([0.0; 3], 0.0);
            for &(dy, span) in &spans {
                let row = (y as isize + dy).clamp(0, height as isize - 1) as usize * (width + 1);
                let (first, last) = (x.saturating_sub(span), (x + span + 1).min(width));
                for c in 0..3 {
                    sum[c] += sums[row + last][c] - sums[row + first][c];
                }
                count += (last - first) as f64;
            }
            sum.map(|sum| (sum / count) as f32)
        });
        Self { width, height, light: light.collect() }
    }

    /// As a picture: defocused, exposed, with highlights rolled off.
    fn developed(&self, blur: f32, exposure: f32) -> Colour {
        let soft = self.defocused(blur).defocused(blur * 0.28);
        let film = |light: f32| {
            let light = light * exposure;
            encoded(light * (1.0 + light / 6.0) / (1.0 + light) * 1.22).clamp(0.0, 1.0)
        };
        Colour::of(self.width, self.height, soft.light.iter().map(|light| light.map(film)).collect())
    }
}

/// An office: a window front on the left, a wooden wall with shelves on the right, lamps and plants.
pub(super) fn office(width: usize, height: usize) -> Colour {
    let mut dice = Dice::new(7);
    let mut canvas = Canvas::made(WIDTH, WIDTH * height / width, |x, y| {
        let light = 0.34 - 0.17 * y + 0.10 * (1.0 - x);
        [light * 1.03, light, light * 0.95]
    });
    canvas.rectangle((0.0, 0.0), (1.0, 0.07), [0.55, 0.55, 0.54]);
    for nth in 0..3 {
        let x = 0.5 + nth as f32 * 0.2;
        canvas.rectangle((x, 0.025), (x + 0.13, 0.045), [2.6, 2.5, 2.3]);
    }

    let wall = dice.between(0.40, 0.48);
    canvas.rectangle((0.0, 0.09), (wall, 0.70), [1.9, 2.05, 2.25]);
    for _ in 0..9 {
        let (x, tall, light) = (dice.between(-0.05, wall - 0.05), dice.between(0.05, 0.26), dice.between(0.55, 1.1));
        let right = (x + dice.between(0.05, 0.12)).min(wall);
        canvas.rectangle((x, 0.70 - tall), (right, 0.70), [light * 0.93, light, light * 1.08]);
    }
    for nth in 0..4 {
        let x = wall * (nth as f32 + 0.55) / 3.6;
        canvas.rectangle((x, 0.09), (x + 0.012, 0.70), [0.20, 0.20, 0.21]);
    }
    canvas.rectangle((wall, 0.07), (wall + 0.02, 0.74), [0.16, 0.155, 0.15]);

    let board = (0.98 - wall) / 7.0;
    for nth in 0..7 {
        let (x, tone) = (wall + 0.02 + nth as f32 * board, dice.between(0.9, 1.1));
        canvas.rectangle((x, 0.07), (x + board, 0.74), [0.235 * tone, 0.165 * tone, 0.115 * tone]);
    }
    for shelf in 0..3 {
        let y = 0.20 + shelf as f32 * 0.17;
        canvas.rectangle((0.66, y), (0.97, y + 0.012), [0.42, 0.34, 0.26]);
        books(&mut canvas, &mut dice, y);
    }
    canvas.rectangle((0.0, 0.74), (1.0, 1.0), [0.115, 0.10, 0.09]);
    canvas.rectangle((0.0, 0.70), (1.0, 0.735), [0.5, 0.44, 0.37]);
    leaves(&mut canvas, &mut dice, 26, (0.84, 1.02), (0.48, 0.74));
    leaves(&mut canvas, &mut dice, 18, (0.0, 0.11), (0.55, 0.76));
    for nth in 0..3 {
        let (x, y) = (0.55 + 0.15 * nth as f32 + dice.between(-0.02, 0.02), dice.between(0.10, 0.16));
        canvas.rectangle((x - 0.001, 0.0), (x + 0.002, y), [0.08; 3]);
        canvas.disc((x, y), 0.013, [14.0, 10.5, 6.2]);
    }
    canvas.developed(0.044, 1.0)
}

fn books(canvas: &mut Canvas, dice: &mut Dice, shelf: f32) {
    const SPINES: [[f32; 3]; 6] = [
        [0.5, 0.48, 0.44],
        [0.16, 0.24, 0.34],
        [0.42, 0.2, 0.13],
        [0.62, 0.58, 0.5],
        [0.12, 0.2, 0.17],
        [0.5, 0.38, 0.2],
    ];
    let mut x = 0.67;
    while x < 0.95 {
        let (thick, tall) = (dice.between(0.012, 0.035), dice.between(0.05, 0.11));
        let spine = SPINES[(dice.unit() * 5.99) as usize];
        if dice.unit() < 0.78 {
            canvas.rectangle((x, shelf - tall), (x + thick, shelf), spine);
        }
        x += thick + 0.006;
    }
}

fn leaves(canvas: &mut Canvas, dice: &mut Dice, count: usize, across: (f32, f32), down: (f32, f32)) {
    for _ in 0..count {
        let (x, y) = (dice.between(across.0, across.1), dice.between(down.0, down.1));
        let (light, radius) = (dice.between(0.5, 1.2), dice.between(0.013, 0.034));
        canvas.disc((x, y), radius, [0.075 * light, 0.13 * light, 0.05 * light]);
    }
}

/// A garden in the late sun: haze and sky above, shade below, crowns of leaves at both sides with light falling through them.
pub(super) fn garden(width: usize, height: usize) -> Colour {
    const SUN: (f32, f32) = (0.30, 0.10);
    let mut dice = Dice::new(5);
    // How much sun a place gets, from 0 to 1.
    let sunny = |x: f32, y: f32| (-((x - SUN.0).powi(2) * 2.2 + (y - SUN.1).powi(2) * 3.2)).exp();
    let mut canvas = Canvas::made(WIDTH, WIDTH * height / width, |x, y| {
        let (sun, shade) = (sunny(x, y), 1.0 - 0.75 * y);
        [0.07 * shade + 0.50 * sun, 0.11 * shade + 0.52 * sun, 0.035 * shade + 0.20 * sun]
    });
    // Trunks and hedges far off, then leaves nearer by, each layer smaller and livelier than the one behind it.
    for (count, radii, lively) in [(60, (0.06, 0.15), 0.25), (240, (0.02, 0.06), 0.55), (360, (0.008, 0.026), 1.0)] {
        for _ in 0..count {
            let (x, y) = (dice.unit(), dice.unit());
            let side = ((x - 0.5).abs() * 2.0).powi(2) * 0.6 + 0.25 * y;
            if dice.unit() > 0.25 + side {
                continue;
            }
            let sun = sunny(x, y) * dice.between(0.5, 1.3);
            let light = dice.between(1.0 - lively * 0.7, 1.0 + lively * 0.6);
            let yellow = dice.between(0.0, 0.5) * lively;
            let leaf = [0.040 + 0.05 * yellow + 0.24 * sun, 0.070 + 0.03 * yellow + 0.28 * sun, 0.022 + 0.05 * sun];
            canvas.disc((x, y), dice.between(radii.0, radii.1), leaf.map(|value| value * light));
        }
    }
    // Sky between the leaves: more of it, and brighter, towards the sun.
    for _ in 0..150 {
        let (x, y) = (dice.unit(), dice.unit() * 0.7);
        let sun = sunny(x, y);
        if dice.unit() > sun * 0.8 {
            continue;
        }
        let light = dice.between(1.0, 4.0) * (0.4 + sun);
        canvas.disc((x, y), dice.between(0.004, 0.011), [light, light * 0.97, light * 0.78]);
    }
    canvas.developed(0.042, 1.15)
}
