//! Grids at another size.

use super::{Grid, taps::Taps, value::Value};

/// A grid at another size, whose rows are made when they are wanted: a large one that is read once needn't ever be there as a
/// whole. Each value is a weighted mean of the old ones it covers, by a cubic (Catmull-Rom) that widens when the grid shrinks.
pub(crate) struct Stretched<T> {
    /// As wide as the new one, as high as the old one.
    across: Grid<T>,
    down: Taps,
}

impl<T: Value> Stretched<T> {
    pub(crate) fn of(grid: &Grid<T>, width: usize, height: usize) -> Self {
        let taps = Taps::of(grid.width, width);
        let across = Grid::rowed(width, grid.height, |y, row| {
            let from = grid.row(y);
            for (x, place) in row.iter_mut().enumerate() {
                let (first, weights) = taps.at(x);
                let values = weights.iter().zip(&from[first..]);
                *place = values.fold(T::default(), |sum, (&weight, &value)| sum.plus(weight, value));
            }
        });
        Self { across, down: Taps::of(grid.height, height) }
    }

    /// Writes a row.
    pub(crate) fn write_row(&self, y: usize, row: &mut [T]) {
        row.fill(T::default());
        self.add_row(y, row);
    }

    /// Adds a row to what is there.
    pub(super) fn add_row(&self, y: usize, row: &mut [T]) {
        let (first, weights) = self.down.at(y);
        for (tap, weight) in weights.iter().enumerate() {
            let from = T::numbers(self.across.row(first + tap));
            for (sum, value) in T::numbers_mut(row).iter_mut().zip(from) {
                *sum += weight * value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_rows_are_those_of_the_whole() {
        let grid = Grid::<f32>::made(30, 20, |x, y| ((x * 5 + y * 3) % 11) as f32);
        for (width, height) in [(64, 41), (17, 9), (30, 20)] {
            let (stretched, whole) = (Stretched::of(&grid, width, height), grid.resized(width, height));
            let mut row = vec![7.0; width];
            for y in 0..height {
                stretched.write_row(y, &mut row);
                assert_eq!(row, whole.row(y), "{width}×{height}");
            }
        }
    }
}
