//! The person's own colours at soft edges, where the photo shows them mixed with the old backdrop: estimated from coarse to fine
//! (Germer, Uelwer, Conrad and Harmeling, 2020), so that nothing of the old backdrop shines through before the new one.
//!
//! Each step reads the level as the step before left it, so neither the order of pixels nor the number of threads matters.

use rayon::prelude::*;

use crate::grid::{Colour, Plane};

/// Steps on a small level, and on a large one.
const STEPS: (usize, usize) = (10, 3);
/// A level is small up to this many pixels a side.
const SMALL: usize = 32;
/// How much neighbours count where the matte is flat.
const FLAT: f32 = 1e-5;

/// What a pixel is mixed of.
#[derive(Clone, Copy, Debug, Default)]
struct Mix {
    person: [f32; 3],
    backdrop: [f32; 3],
}

/// One size of the picture on the way from coarse to fine.
struct Level {
    width: usize,
    height: usize,
    picture: Vec<[f32; 3]>,
    matte: Vec<f32>,
}

/// The colours of the person alone.
pub(crate) fn person(picture: &Colour, matte: &Plane) -> Colour {
    let (width, height) = (picture.width(), picture.height());
    let levels = (width.max(height) as f32).log2().ceil().max(1.0) as u32;
    let mut mixes = vec![averages(picture, matte)];
    let mut before = (1, 1);
    for level in 0..=levels {
        let part = level as f32 / levels as f32;
        let length = |full: usize| ((full as f32).powf(part).round() as usize).max(1);
        let level = Level::of(picture, matte, length(width), length(height));
        mixes = enlarged(&mixes, before, (level.width, level.height));
        let steps = if level.width.max(level.height) <= SMALL { STEPS.0 } else { STEPS.1 };
        for _ in 0..steps {
            mixes = level.step(&mixes);
        }
        before = (level.width, level.height);
    }
    Colour::of(width, height, mixes.into_iter().map(|mix| mix.person).collect())
}

/// The mean of what is surely the person, and of what surely is not.
fn averages(picture: &Colour, matte: &Plane) -> Mix {
    let mean = |counts: fn(f32) -> bool| {
        let pairs = picture.values().iter().zip(matte.values()).step_by(17);
        let mut sum = [0.0_f64; 3];
        let mut count = 1e-9_f64;
        for (pixel, _) in pairs.filter(|(_, alpha)| counts(**alpha)) {
            for (sum, value) in sum.iter_mut().zip(pixel) {
                *sum += f64::from(*value);
            }
            count += 1.0;
        }
        sum.map(|sum| (sum / count) as f32)
    };
    Mix { person: mean(|alpha| alpha > 0.9), backdrop: mean(|alpha| alpha < 0.1) }
}

fn enlarged(mixes: &[Mix], (width, height): (usize, usize), (to_width, to_height): (usize, usize)) -> Vec<Mix> {
    let row = |y: usize| (y * height / to_height).min(height - 1) * width;
    let column = |x: usize| (x * width / to_width).min(width - 1);
    (0..to_width * to_height).into_par_iter().map(|at| mixes[row(at / to_width) + column(at % to_width)]).collect()
}

impl Level {
    fn of(picture: &Colour, matte: &Plane, width: usize, height: usize) -> Self {
        let from = |at: usize| {
            let (x, y) = (at % width * picture.width() / width, at / width * picture.height() / height);
            y * picture.width() + x
        };
        let places = || (0..width * height).into_par_iter();
        Self {
            width,
            height,
            picture: places().map(|at| picture.values()[from(at)]).collect(),
            matte: places().map(|at| matte.values()[from(at)]).collect(),
        }
    }

    fn step(&self, mixes: &[Mix]) -> Vec<Mix> {
        (0..mixes.len()).into_par_iter().map(|at| self.solve(mixes, at)).collect()
    }

    /// The two colours that mix to the pixel and change little towards the neighbours: least squares of two unknowns a channel.
    fn solve(&self, mixes: &[Mix], at: usize) -> Mix {
        let (alpha, pixel) = (self.matte[at], self.picture[at]);
        let (x, y) = (at % self.width, at / self.width);
        let neighbours = [
            if x > 0 { at - 1 } else { at },
            if x + 1 < self.width { at + 1 } else { at },
            if y > 0 { at - self.width } else { at },
            if y + 1 < self.height { at + self.width } else { at },
        ];
        // Amid what is surely the person or surely not, one colour is the pixel's, and nobody asks for the other.
        if (alpha == 0.0 || alpha == 1.0) && neighbours.iter().all(|&neighbour| self.matte[neighbour] == alpha) {
            let Mix { person, backdrop } = mixes[at];
            return if alpha == 1.0 { Mix { person: pixel, backdrop } } else { Mix { person, backdrop: pixel } };
        }
        let rest = 1.0 - alpha;
        let (mut person_weight, mut backdrop_weight) = (alpha * alpha, rest * rest);
        let both = alpha * rest;
        let mut person = pixel.map(|value| alpha * value);
        let mut backdrop = pixel.map(|value| rest * value);
        for neighbour in neighbours {
            let weight = FLAT + (alpha - self.matte[neighbour]).abs();
            person_weight += weight;
            backdrop_weight += weight;
            let mix = mixes[neighbour];
            for channel in 0..3 {
                person[channel] += weight * mix.person[channel];
                backdrop[channel] += weight * mix.backdrop[channel];
            }
        }
        let scale = 1.0 / (person_weight * backdrop_weight - both * both);
        let solved =
            |own: f32, own_weight: f32, other: f32| ((own_weight * own - both * other) * scale).clamp(0.0, 1.0);
        Mix {
            person: std::array::from_fn(|c| solved(person[c], backdrop_weight, backdrop[c])),
            backdrop: std::array::from_fn(|c| solved(backdrop[c], person_weight, person[c])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::ease;

    #[test]
    fn a_soft_edge_loses_the_old_backdrop() {
        let (red, green) = ([0.8, 0.2, 0.1], [0.1, 0.7, 0.2]);
        let matte = Plane::made(96, 64, |x, _| ease(60.0, 36.0, x as f32));
        let picture = matte.map(|alpha| std::array::from_fn(|c| alpha * red[c] + (1.0 - alpha) * green[c]));
        let person = person(&picture, &matte);
        for x in [20, 40, 48, 54] {
            let pixel = person.at(x, 32);
            assert!((0..3).all(|c| (pixel[c] - red[c]).abs() < 0.03), "{x}: {pixel:?}");
        }
    }

    #[test]
    fn what_is_surely_the_person_stays_as_it_is() {
        let picture =
            Colour::made(64, 48, |x, y| [x as f32 / 64.0, y as f32 / 48.0, ((x * 7 + y * 3) % 11) as f32 / 11.0]);
        let matte = Plane::made(64, 48, |x, _| f32::from(u8::from(x < 40)));
        let person = person(&picture, &matte);
        assert!((0..48).all(|y| (0..39).all(|x| person.at(x, y) == picture.at(x, y))));
    }
}
