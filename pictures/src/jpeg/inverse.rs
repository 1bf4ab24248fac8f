//! From frequencies to pixels: the inverse cosine transform (ITU T.81, A.3.3), at 8, 4, 2 or 1 pixels a side.
//!
//! A block of N pixels a side takes the N lowest frequencies of each direction: what a good filter would leave of the eight
//! that the block was made of. The two directions may differ, for colours that were stored at half the width only.

use std::f32::consts::PI;

/// Frequencies, and pixels, of a side of a whole block.
pub(super) const SIDE: usize = 8;

/// A block's frequencies, row by row, the lowest first.
pub(super) type Block = [[f32; SIDE]; SIDE];

/// What each frequency adds to each pixel along one side of a block made `pixels` long.
struct Waves {
    pixels: usize,
    /// By frequency, then pixel.
    adds: Block,
}

impl Waves {
    fn new(pixels: usize) -> Self {
        let mut adds = [[0.0; SIDE]; SIDE];
        for (frequency, row) in adds.iter_mut().enumerate().take(pixels) {
            let height = if frequency == 0 { 0.125_f32.sqrt() } else { 0.5 };
            for (pixel, add) in row.iter_mut().enumerate().take(pixels) {
                *add = height * (PI * (2 * pixel + 1) as f32 * frequency as f32 / (2 * pixels) as f32).cos();
            }
        }
        Self { pixels, adds }
    }
}

/// Makes blocks of one size.
pub(super) struct Inverse {
    across: Waves,
    down: Waves,
}

impl Inverse {
    /// For blocks of so many pixels across and down, each 1, 2, 4 or 8.
    pub(super) fn new(across: usize, down: usize) -> Self {
        Self { across: Waves::new(across), down: Waves::new(down) }
    }

    pub(super) fn across(&self) -> usize {
        self.across.pixels
    }

    pub(super) fn down(&self) -> usize {
        self.down.pixels
    }

    /// Whether the frequency in this row and column counts.
    pub(super) fn uses(&self, row: usize, column: usize) -> bool {
        row < self.down.pixels && column < self.across.pixels
    }

    /// The block's pixels, written to rows `stride` apart.
    pub(super) fn write(&self, block: &Block, into: &mut [u8], stride: usize) {
        let rows = self.down.pixels;
        // Down first. All eight columns at once, used or not: that is what vector units do.
        let mut half: Block = [[0.0; SIDE]; SIDE];
        for (frequencies, waves) in block[..rows].iter().zip(&self.down.adds) {
            for (row, wave) in half[..rows].iter_mut().zip(waves) {
                for (value, frequency) in row.iter_mut().zip(frequencies) {
                    *value += frequency * wave;
                }
            }
        }
        for (row, frequencies) in half[..rows].iter().enumerate() {
            let mut values = [128.5_f32; SIDE];
            for (frequency, waves) in frequencies[..self.across.pixels].iter().zip(&self.across.adds) {
                for (value, wave) in values.iter_mut().zip(waves) {
                    *value += frequency * wave;
                }
            }
            let pixels = into[row * stride..].iter_mut().take(self.across.pixels);
            pixels.zip(values).for_each(|(pixel, value)| *pixel = value as u8);
        }
    }

    /// The pixels of a block that has the lowest frequency only: all the same.
    pub(super) fn write_even(&self, lowest: f32, into: &mut [u8], stride: usize) {
        let value = (lowest * 0.125 + 128.5) as u8;
        (0..self.down.pixels).for_each(|row| into[row * stride..][..self.across.pixels].fill(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The frequencies of eight by eight pixels, by the definition.
    fn frequencies(pixels: &[[f32; SIDE]; SIDE]) -> Block {
        let wave = |pixel: usize, frequency: usize| {
            let height = if frequency == 0 { 0.125_f32.sqrt() } else { 0.5 };
            height * (PI * (2 * pixel + 1) as f32 * frequency as f32 / 16.0).cos()
        };
        let mut block = [[0.0; SIDE]; SIDE];
        for (v, row) in block.iter_mut().enumerate() {
            for (u, value) in row.iter_mut().enumerate() {
                for (y, line) in pixels.iter().enumerate() {
                    *value += line.iter().enumerate().map(|(x, p)| (p - 128.0) * wave(y, v) * wave(x, u)).sum::<f32>();
                }
            }
        }
        block
    }

    #[test]
    fn a_whole_block_comes_back() {
        let mut pixels = [[0.0; SIDE]; SIDE];
        for (y, row) in pixels.iter_mut().enumerate() {
            row.iter_mut().enumerate().for_each(|(x, pixel)| *pixel = ((x * 37 + y * 91) % 256) as f32);
        }
        let mut back = [0; 64];
        Inverse::new(8, 8).write(&frequencies(&pixels), &mut back, 8);
        for (value, pixel) in back.iter().zip(pixels.as_flattened()) {
            assert!((f32::from(*value) - pixel).abs() <= 1.0, "{value} {pixel}");
        }
    }

    #[test]
    fn a_slope_stays_a_slope_at_every_size() {
        let slope: [[f32; SIDE]; SIDE] = std::array::from_fn(|y| std::array::from_fn(|x| (40 + 12 * x + 8 * y) as f32));
        let block = frequencies(&slope);
        for (across, down) in [(4, 4), (2, 2), (1, 1), (8, 4), (2, 4), (1, 2)] {
            let mut small = vec![0; across * down];
            Inverse::new(across, down).write(&block, &mut small, across);
            for (at, value) in small.iter().enumerate() {
                let middle = |place: usize, of: usize| (place as f32 + 0.5) * (SIDE / of) as f32 - 0.5;
                let exact = 40.0 + 12.0 * middle(at % across, across) + 8.0 * middle(at / across, down);
                // Without the frequencies above, steps are a little steeper.
                assert!((f32::from(*value) - exact).abs() < 8.0, "{across}×{down}: {value} for {exact}");
            }
        }
    }

    #[test]
    fn an_even_block_is_the_same_either_way() {
        for lowest in [-2_000.0, -1_024.0, -3.0, 0.0, 7.0, 1_016.0, 4_000.0] {
            let mut block = [[0.0; SIDE]; SIDE];
            block[0][0] = lowest;
            let (mut one, mut other) = ([1; 32], [2; 32]);
            Inverse::new(4, 8).write(&block, &mut one, 4);
            Inverse::new(4, 8).write_even(lowest, &mut other, 4);
            assert_eq!(one, other, "{lowest}");
        }
    }
}
