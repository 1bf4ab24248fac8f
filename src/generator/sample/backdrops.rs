//! Backdrops by procedure: lit paper, and two places out of focus. Painted small, in linear light, and enlarged by the caller.

use crate::{
    error::Result,
    generator::Backdrop,
    images::{self, Area, Picture, Size},
};

/// How many pixels across and down. Nothing on a backdrop is sharp, so an eighth of the portrait's size is plenty.
pub(super) const SMALL: (usize, usize) = (128, 160);

/// Linear light: red, green, blue, 1 is white; lamps are brighter.
type Light = [f32; 3];

/// What is to stand behind someone.
#[derive(Clone, Copy)]
pub(super) enum Behind<'a> {
    /// A backdrop that everyone has.
    Drawn(Backdrop),
    /// A picture, as [`small`] makes it.
    Own(&'a Picture),
}

/// The middle of a picture, as small as backdrops are.
pub(super) fn small(picture: &Picture) -> Result<Picture> {
    let (width, height) = (SMALL.0 as u32, SMALL.1 as u32);
    let Size { width: across, height: down } = picture.size();
    let size = if u64::from(across) * u64::from(height) > u64::from(down) * u64::from(width) {
        Size { width: (down * width / height).max(1), height: down }
    } else {
        Size { width: across, height: (across * height / width).max(1) }
    };
    let area = Area { left: (across - size.width) / 2, top: (down - size.height) / 2, size };
    Ok(images::scale(&images::crop(picture, area), Size { width, height })?)
}

/// A backdrop in sRGB, 0 to 255, row by row. The same for the same `seed`; another seed moves the light and what stands around.
pub(super) fn paint(behind: Behind, seed: usize) -> Vec<[f32; 3]> {
    let mut dice = Dice::new(seed as u64);
    let backdrop = match behind {
        Behind::Drawn(backdrop) => backdrop,
        Behind::Own(small) => {
            return small.rgb().chunks_exact(3).map(|rgb| [rgb[0], rgb[1], rgb[2]].map(f32::from)).collect();
        }
    };
    match backdrop {
        Backdrop::Grey => paper(0xd3_d5_d8, 0x8e_91_96, &mut dice),
        Backdrop::Charcoal => paper(0x5c_60_66, 0x1d_1f_23, &mut dice),
        Backdrop::White => paper(0xfd_fd_fd, 0xe2_e4_e7, &mut dice),
        Backdrop::Navy => paper(0x3d_5f_92, 0x10_1e_3a, &mut dice),
        Backdrop::Office => office(&mut dice),
        Backdrop::Garden => garden(&mut dice),
    }
    .develop()
}

/// Coloured paper with a pool of light behind the shoulders.
fn paper(lit: u32, dark: u32, dice: &mut Dice) -> Canvas {
    let (lit, dark) = (light(lit), light(dark));
    let (across, down) = (dice.between(0.36, 0.64), dice.between(0.30, 0.46));
    Canvas::filled(|x, y| {
        // The pool is a little wider than high, as a lamp from above throws it.
        let (dx, dy) = ((x - across) / 0.62, (y - down) / 0.56);
        let strength = (-(dx * dx + dy * dy)).exp();
        blend(dark, lit, strength)
    })
}

/// A window front on one side, a wooden wall with shelves on the other, lamps above.
fn office(dice: &mut Dice) -> Canvas {
    let mut canvas = Canvas::filled(|x, y| [0.36 - 0.16 * y + 0.08 * (1.0 - x); 3]);
    let corner = dice.between(0.38, 0.46);
    canvas.bar((0.0, 0.06), (corner, 0.74), [1.45, 1.60, 1.80]);
    for _ in 0..8 {
        let (left, height, grey) = (dice.between(-0.05, corner), dice.between(0.08, 0.34), dice.between(0.5, 1.0));
        canvas.bar((left, 0.74 - height), ((left + 0.1).min(corner), 0.74), [grey * 0.92, grey, grey * 1.1]);
    }
    for pane in 1..4 {
        let left = corner * pane as f32 / 3.0 - 0.012;
        canvas.bar((left, 0.06), (left + 0.014, 0.74), [0.16; 3]);
    }
    canvas.bar((corner, 0.06), (1.0, 0.76), [0.27, 0.19, 0.13]);
    for shelf in 0..3 {
        let bottom = 0.28 + 0.17 * shelf as f32;
        canvas.bar((corner + 0.12, bottom), (1.0, bottom + 0.012), [0.44, 0.36, 0.28]);
        let mut left = corner + 0.14;
        while left < 0.96 {
            let (width, height) = (dice.between(0.015, 0.04), dice.between(0.05, 0.12));
            let cover = BOOKS[dice.index(BOOKS.len())];
            canvas.bar((left, bottom - height), (left + width, bottom), cover);
            left += width + dice.between(0.004, 0.05);
        }
    }
    canvas.bar((0.0, 0.76), (1.0, 1.0), [0.13, 0.11, 0.10]);
    canvas.blur(3);
    for lamp in 0..4 {
        let middle = (0.50 + 0.15 * lamp as f32 + dice.between(-0.03, 0.03), dice.between(0.07, 0.15));
        canvas.disc(middle, dice.between(0.030, 0.042), [1.5, 1.25, 0.9], 0.75);
    }
    canvas.blur(1);
    canvas
}

const BOOKS: [Light; 5] =
    [[0.50, 0.46, 0.40], [0.14, 0.22, 0.32], [0.40, 0.18, 0.12], [0.60, 0.58, 0.52], [0.12, 0.22, 0.18]];

/// Leaves in layers, and the sky through them as discs of light.
fn garden(dice: &mut Dice) -> Canvas {
    let mut canvas = Canvas::filled(|_, y| blend([0.24, 0.34, 0.15], [0.07, 0.13, 0.05], y));
    for _ in 0..240 {
        let middle = (dice.between(0.0, 1.0), dice.between(0.0, 1.0));
        let (shade, warmth) = (dice.between(0.3, 1.5) * (1.1 - 0.5 * middle.1), dice.between(0.0, 1.0));
        let leaf = [(0.12 + 0.13 * warmth) * shade, (0.24 + 0.05 * warmth) * shade, (0.08 - 0.03 * warmth) * shade];
        canvas.disc(middle, dice.between(0.02, 0.07), leaf, 0.8);
    }
    canvas.blur(3);
    for _ in 0..34 {
        // The sky is above: most of it shows in the upper half.
        let middle = (dice.between(0.0, 1.0), dice.between(0.0, 0.9) * dice.between(0.2, 1.0));
        canvas.disc(middle, dice.between(0.018, 0.048), [0.85, 0.92, 0.62], dice.between(0.12, 0.5));
    }
    canvas.blur(1);
    canvas
}

/// A picture in the making.
struct Canvas {
    pixels: Vec<Light>,
}

impl Canvas {
    const WIDTH: usize = SMALL.0;
    const HEIGHT: usize = SMALL.1;

    /// Each place in the colour that `color` gives it; both coordinates go from 0 to 1.
    fn filled(color: impl Fn(f32, f32) -> Light) -> Self {
        let place = |index: usize| {
            let (x, y) = (index % Self::WIDTH, index / Self::WIDTH);
            color((x as f32 + 0.5) / Self::WIDTH as f32, (y as f32 + 0.5) / Self::HEIGHT as f32)
        };
        Self { pixels: (0..Self::WIDTH * Self::HEIGHT).map(place).collect() }
    }

    /// A rectangle from its top left to its bottom right corner.
    fn bar(&mut self, (left, top): (f32, f32), (right, bottom): (f32, f32), color: Light) {
        let column = |x: f32| (x.clamp(0.0, 1.0) * Self::WIDTH as f32) as usize;
        let row = |y: f32| (y.clamp(0.0, 1.0) * Self::HEIGHT as f32) as usize;
        let (left, right) = (column(left), column(right).max(column(left)));
        for line in self.pixels.chunks_exact_mut(Self::WIDTH).take(row(bottom)).skip(row(top)) {
            line[left..right].fill(color);
        }
    }

    /// A disc; radius in widths of the picture, opacity 0 to 1.
    fn disc(&mut self, middle: (f32, f32), radius: f32, color: Light, opacity: f32) {
        let (x, y) = (middle.0 * Self::WIDTH as f32, middle.1 * Self::HEIGHT as f32);
        let radius = radius * Self::WIDTH as f32;
        let (first, last) = ((x - radius).max(0.0) as usize, (x + radius + 1.0).max(0.0) as usize);
        let (top, bottom) = ((y - radius).max(0.0) as usize, (y + radius + 1.0).max(0.0) as usize);
        for row in top..bottom.min(Self::HEIGHT) {
            for column in first..last.min(Self::WIDTH) {
                let away = (column as f32 + 0.5 - x).hypot(row as f32 + 0.5 - y);
                let share = (radius - away + 0.5).clamp(0.0, 1.0) * opacity;
                let pixel = &mut self.pixels[row * Self::WIDTH + column];
                *pixel = blend(*pixel, color, share);
            }
        }
    }

    /// Blurs by a box of `reach` pixels to each side, twice in both directions: close to what a lens does, and cheap.
    fn blur(&mut self, reach: usize) {
        for _ in 0..2 {
            for row in self.pixels.chunks_exact_mut(Self::WIDTH) {
                blur_line(row, reach);
            }
            for x in 0..Self::WIDTH {
                let mut column: Vec<Light> = self.pixels.iter().skip(x).step_by(Self::WIDTH).copied().collect();
                blur_line(&mut column, reach);
                for (y, color) in column.into_iter().enumerate() {
                    self.pixels[y * Self::WIDTH + x] = color;
                }
            }
        }
    }

    /// The finished picture in sRGB; the plain power is close enough for paint. What is brighter than white comes out white.
    fn develop(self) -> Vec<[f32; 3]> {
        let encode = |value: f32| value.clamp(0.0, 1.0).powf(1.0 / 2.2) * 255.0;
        self.pixels.into_iter().map(|color| color.map(encode)).collect()
    }
}

/// Each pixel becomes the average of its neighbours; beyond the ends the last one goes on.
fn blur_line(line: &mut [Light], reach: usize) {
    let old = line.to_vec();
    let last = old.len() - 1;
    let at = |index: usize| old[index.saturating_sub(reach).min(last)];
    let mut sum = [0.0; 3];
    for index in 0..=2 * reach {
        sum = add(sum, at(index), 1.0);
    }
    let share = 1.0 / (2 * reach + 1) as f32;
    for (index, pixel) in line.iter_mut().enumerate() {
        *pixel = sum.map(|value| value * share);
        sum = add(add(sum, at(index + 2 * reach + 1), 1.0), at(index), -1.0);
    }
}

fn add(one: Light, other: Light, times: f32) -> Light {
    std::array::from_fn(|channel| one[channel] + other[channel] * times)
}

/// From `one` at share 0 to `other` at share 1.
fn blend(one: Light, other: Light, share: f32) -> Light {
    std::array::from_fn(|channel| one[channel] + (other[channel] - one[channel]) * share)
}

/// A colour as written in a style sheet, in linear light.
fn light(rgb: u32) -> Light {
    let [_, red, green, blue] = rgb.to_be_bytes();
    [red, green, blue].map(|value| (f32::from(value) / 255.0).powf(2.2))
}

/// Chance that is the same every time (xorshift), for pictures that are.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        let mut dice = Self((seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        for _ in 0..8 {
            dice.roll(); // the first rolls of neighbouring seeds are alike
        }
        dice
    }

    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * (self.roll() >> 40) as f32 / (1 << 24) as f32
    }

    fn index(&mut self, length: usize) -> usize {
        (self.roll() >> 33) as usize % length
    }
}
