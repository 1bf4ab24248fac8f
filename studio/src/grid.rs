//! Pictures and masks as floats: values of the sRGB curve between 0 and 1, row by row from the top left. Every operation gives
//! the same bits on any number of threads: work is cut by rows into pieces of a fixed size, and no piece reads what another writes.

mod stretched;
mod taps;
mod value;

use rayon::prelude::*;
pub(crate) use stretched::Stretched;
pub(crate) use taps::between_four;
use value::Value;

/// Rows that one piece of a vertical pass covers. Fixed, because where a running sum begins decides its last bits.
const BAND: usize = 128;

/// Values in rows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Grid<T> {
    width: usize,
    height: usize,
    values: Vec<T>,
}

/// A rectangle within a grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Area {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

/// A mask, or one property of each pixel.
pub(crate) type Plane = Grid<f32>;

/// A picture.
pub(crate) type Colour = Grid<[f32; 3]>;

impl<T: Value> Grid<T> {
    /// The same value everywhere.
    pub(crate) fn filled(width: usize, height: usize, value: T) -> Self {
        Self { width, height, values: vec![value; width * height] }
    }

    /// What `value` says of each place.
    pub(crate) fn made(width: usize, height: usize, value: impl Fn(usize, usize) -> T + Sync) -> Self {
        Self::rowed(width, height, |y, row| {
            for (x, place) in row.iter_mut().enumerate() {
                *place = value(x, y);
            }
        })
    }

    /// As `fill` fills each row, which is empty at first.
    pub(crate) fn rowed(width: usize, height: usize, fill: impl Fn(usize, &mut [T]) + Sync) -> Self {
        let mut values = vec![T::default(); width * height];
        values.par_chunks_mut(width.max(1)).enumerate().for_each(|(y, row)| fill(y, row));
        Self { width, height, values }
    }

    /// From values in rows. What is missing is empty, what is too much is left away.
    pub(crate) fn of(width: usize, height: usize, mut values: Vec<T>) -> Self {
        values.resize(width * height, T::default());
        Self { width, height, values }
    }

    /// Pixels from left to right.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Pixels from top to bottom.
    pub(crate) fn height(&self) -> usize {
        self.height
    }

    /// All values, row by row.
    pub(crate) fn values(&self) -> &[T] {
        &self.values
    }

    /// All values, to change.
    pub(crate) fn values_mut(&mut self) -> &mut [T] {
        &mut self.values
    }

    /// One row.
    pub(crate) fn row(&self, y: usize) -> &[T] {
        &self.values[y * self.width..][..self.width]
    }

    /// The value at a place; outside, that of the nearest one inside.
    pub(crate) fn at(&self, x: isize, y: isize) -> T {
        let x = x.clamp(0, self.width as isize - 1) as usize;
        let y = y.clamp(0, self.height as isize - 1) as usize;
        self.values[y * self.width + x]
    }

    /// The value between four places.
    pub(crate) fn between(&self, x: f32, y: f32) -> T {
        let (left, top) = (x.floor(), y.floor());
        let (a, b) = (x - left, y - top);
        let (left, top) = (left as isize, top as isize);
        T::default()
            .plus((1.0 - a) * (1.0 - b), self.at(left, top))
            .plus(a * (1.0 - b), self.at(left + 1, top))
            .plus((1.0 - a) * b, self.at(left, top + 1))
            .plus(a * b, self.at(left + 1, top + 1))
    }

    /// A rectangle of it.
    pub(crate) fn part(&self, area: Area) -> Self {
        let rows = (area.top..area.top + area.height).flat_map(|y| &self.row(y)[area.left..][..area.width]);
        Self { width: area.width, height: area.height, values: rows.copied().collect() }
    }

    /// The same with another rectangle in this place.
    pub(crate) fn pasted(mut self, area: Area, part: &Self) -> Self {
        for y in 0..area.height {
            let start = (area.top + y) * self.width + area.left;
            self.values[start..][..area.width].copy_from_slice(part.row(y));
        }
        self
    }

    /// The same, changed within this rectangle only.
    pub(crate) fn changed_in(self, area: Option<Area>, change: impl FnOnce(Self) -> Self) -> Self {
        let Some(area) = area else { return self };
        let changed = change(self.part(area));
        self.pasted(area, &changed)
    }

    /// Each value on its own, in place.
    pub(crate) fn changed(mut self, change: impl Fn(T) -> T + Sync) -> Self {
        self.values.par_chunks_mut(self.width.max(1)).for_each(|row| {
            for place in row {
                *place = change(*place);
            }
        });
        self
    }

    /// Each value with the one at the same place of another grid of the same size, in place.
    pub(crate) fn joined<U: Value>(mut self, other: &Grid<U>, join: impl Fn(T, U) -> T + Sync) -> Self {
        let width = self.width.max(1);
        self.values.par_chunks_mut(width).zip(other.values.par_chunks(width)).for_each(|(row, others)| {
            for (place, &other) in row.iter_mut().zip(others) {
                *place = join(*place, other);
            }
        });
        self
    }

    /// Each value on its own.
    pub(crate) fn map<U: Value>(&self, change: impl Fn(T) -> U + Sync) -> Grid<U> {
        Grid::rowed(self.width, self.height, |y, row| {
            for (place, &value) in row.iter_mut().zip(self.row(y)) {
                *place = change(value);
            }
        })
    }

    /// Each value with the one at the same place of another grid of the same size.
    pub(crate) fn with<U: Value, V: Value>(&self, other: &Grid<U>, join: impl Fn(T, U) -> V + Sync) -> Grid<V> {
        Grid::rowed(self.width, self.height, |y, row| {
            for ((place, &one), &another) in row.iter_mut().zip(self.row(y)).zip(other.row(y)) {
                *place = join(one, another);
            }
        })
    }

    /// At another size. Each new value is a weighted mean of the old ones it covers, by a cubic (Catmull-Rom) that widens when
    /// the grid shrinks.
    pub(crate) fn resized(&self, width: usize, height: usize) -> Self {
        if (width, height) == (self.width, self.height) {
            return self.clone();
        }
        let stretched = Stretched::of(self, width, height);
        Self::rowed(width, height, |y, row| stretched.add_row(y, row))
    }

    /// The mean over a square that reaches `radius` to each side. At the edges the outermost values count on.
    pub(crate) fn boxed(&self, radius: usize) -> Self {
        self.clone().softened(radius, 1)
    }

    /// Softened as by a bell curve of this width in pixels: three boxes come close to one.
    pub(crate) fn blurred(&self, sigma: f32) -> Self {
        let radius = (((4.0 * sigma * sigma + 1.0).sqrt() as usize) / 2).max(1);
        self.clone().softened(if sigma < 0.3 { 0 } else { radius }, 3)
    }

    /// Boxed several times. Rows change in place, columns change from one grid to another and back: no more than two are needed.
    fn softened(mut self, radius: usize, times: usize) -> Self {
        if radius == 0 {
            return self;
        }
        let mut other = Self::filled(self.width, self.height, T::default());
        for _ in 0..times {
            self.soften_rows(radius);
            self.soften_columns(radius, &mut other);
            std::mem::swap(&mut self, &mut other);
        }
        self
    }

    fn soften_rows(&mut self, radius: usize) {
        let span = 2 * radius + 1;
        let share = 1.0 / span as f32;
        self.values.par_chunks_mut(self.width).for_each(|row| {
            let from = padded(row, radius);
            let mut sum = from[..span].iter().fold(T::default(), |sum, &value| sum.plus(1.0, value));
            for ((place, &comes), &goes) in row.iter_mut().zip(&from[span..]).zip(&from) {
                *place = T::default().plus(share, sum);
                sum = sum.plus(1.0, comes.plus(-1.0, goes));
            }
        });
    }

    fn soften_columns(&self, radius: usize, into: &mut Self) {
        let (reach, last) = (radius as isize, self.height as isize - 1);
        let share = 1.0 / (2 * radius + 1) as f32;
        let row = |y: isize| T::numbers(self.row(y.clamp(0, last) as usize));
        into.values.par_chunks_mut(self.width * BAND).enumerate().for_each(|(band, into)| {
            let first = (band * BAND) as isize;
            let mut sums = row(first - reach).to_vec();
            for y in first - reach + 1..=first + reach {
                for (sum, value) in sums.iter_mut().zip(row(y)) {
                    *sum += value;
                }
            }
            for (y, line) in (first..).zip(into.chunks_mut(self.width)) {
                let moving = row(y + reach + 1).iter().zip(row(y - reach));
                for ((place, sum), (comes, goes)) in T::numbers_mut(line).iter_mut().zip(&mut sums).zip(moving) {
                    *place = share * *sum;
                    *sum += comes - goes;
                }
            }
        });
    }

    /// Rows as columns.
    fn turned(&self) -> Self {
        Self::made(self.height, self.width, |x, y| self.values[x * self.width + y])
    }
}

/// A row with its ends repeated: `radius` times before it, and once more than that behind it.
fn padded<T: Value>(row: &[T], radius: usize) -> Vec<T> {
    let end = |value: Option<&T>, count| std::iter::repeat_n(value.copied().unwrap_or_default(), count);
    let mut padded = Vec::with_capacity(row.len() + 2 * radius + 1);
    padded.extend(end(row.first(), radius));
    padded.extend_from_slice(row);
    padded.extend(end(row.last(), radius + 1));
    padded
}

impl Plane {
    /// The smallest rectangle that holds all values that aren't 0, with `margin` around it where there is room.
    pub(crate) fn area(&self, margin: usize) -> Option<Area> {
        let rows = || (0..self.height).filter(|&y| self.row(y).iter().any(|&value| value != 0.0));
        let (top, bottom) = (rows().next()?, rows().next_back()?);
        let (mut left, mut right) = (self.width - 1, 0);
        for y in top..=bottom {
            if let Some(first) = self.row(y).iter().position(|&value| value != 0.0) {
                left = left.min(first);
            }
            if let Some(last) = self.row(y).iter().rposition(|&value| value != 0.0) {
                right = right.max(last);
            }
        }
        let (left, top) = (left.saturating_sub(margin), top.saturating_sub(margin));
        let (right, bottom) = ((right + margin).min(self.width - 1), (bottom + margin).min(self.height - 1));
        Some(Area { left, top, width: right - left + 1, height: bottom - top + 1 })
    }

    /// The largest value within a square that reaches `radius` to each side.
    pub(crate) fn grown(&self, radius: usize) -> Self {
        let larger = |a: f32, b: f32| if a > b { a } else { b };
        self.extreme(radius, larger).turned().extreme(radius, larger).turned()
    }

    /// The smallest value within a square that reaches `radius` to each side.
    pub(crate) fn shrunk(&self, radius: usize) -> Self {
        let smaller = |a: f32, b: f32| if a < b { a } else { b };
        self.extreme(radius, smaller).turned().extreme(radius, smaller).turned()
    }

    /// The choice among the values of a row up to `radius` to each side. Spans of values are chosen from twice as long ones step
    /// by step, until two of them, which may overlap, are as long as is wanted.
    fn extreme(&self, radius: usize, choose: impl Fn(f32, f32) -> f32 + Sync) -> Self {
        let span = 2 * radius + 1;
        Self::rowed(self.width, self.height, |y, row| {
            let mut chosen = padded(self.row(y), radius);
            let mut reached = 1;
            while reached * 2 <= span {
                chosen = chosen.iter().zip(&chosen[reached..]).map(|(&a, &b)| choose(a, b)).collect();
                reached *= 2;
            }
            for ((place, &a), &b) in row.iter_mut().zip(&chosen).zip(&chosen[span - reached..]) {
                *place = choose(a, b);
            }
        })
    }
}

impl Colour {
    /// How bright each pixel is.
    pub(crate) fn luma(&self) -> Plane {
        self.map(luma)
    }
}

/// How bright a colour is.
pub(crate) fn luma([red, green, blue]: [f32; 3]) -> f32 {
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// From 0 at `from` to 1 at `to`, flat at both ends; the other way round if `from` is the larger one.
pub(crate) fn ease(from: f32, to: f32, value: f32) -> f32 {
    let t = ((value - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bumps(width: usize, height: usize) -> Plane {
        Plane::made(width, height, |x, y| ((x * 7 + y * 13) % 29) as f32 / 29.0)
    }

    #[test]
    fn a_box_is_the_mean_of_its_square() {
        let grid = bumps(40, 300);
        let boxed = grid.boxed(3);
        for (x, y) in [(0, 0), (20, 140), (39, 299), (5, 127), (5, 128)] {
            let mut mean = 0.0;
            for dy in -3..=3 {
                for dx in -3..=3 {
                    mean += grid.at(x + dx, y + dy) / 49.0;
                }
            }
            assert!((boxed.at(x, y) - mean).abs() < 1e-4, "{x} {y}");
        }
    }

    #[test]
    fn the_number_of_threads_changes_nothing() {
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| bumps(333, 777).blurred(9.0).resized(120, 90).grown(4))
        };
        assert_eq!(run(1), run(5));
    }

    #[test]
    fn resizing_keeps_what_is_flat_and_where_things_are() {
        let flat = Plane::filled(37, 21, 0.4).resized(100, 7);
        assert!(flat.values().iter().all(|v| (v - 0.4).abs() < 1e-5));
        let ramp = Plane::made(200, 10, |x, _| (x as f32 + 0.5) / 200.0);
        for width in [50, 400] {
            let resized = ramp.resized(width, 10);
            for x in [width / 4, width / 2, width * 3 / 4] {
                assert!((resized.at(x as isize, 5) - (x as f32 + 0.5) / width as f32).abs() < 0.003);
            }
        }
    }

    #[test]
    fn a_part_is_found_taken_and_put_back() {
        let plane = Plane::made(9, 7, |x, y| f32::from(u8::from((3..5).contains(&x) && y == 2)));
        let area = plane.area(1).unwrap();
        assert_eq!(area, Area { left: 2, top: 1, width: 4, height: 3 });
        assert_eq!(plane.clone().pasted(area, &plane.part(area)), plane);
        assert_eq!(Plane::filled(4, 4, 0.0).area(1), None);
    }

    #[test]
    fn the_largest_and_the_smallest_of_a_square_are_found() {
        let grid = bumps(23, 31);
        for radius in [0, 1, 2, 3, 5, 8, 40] {
            let (grown, shrunk) = (grid.grown(radius), grid.shrunk(radius));
            let reach = radius as isize;
            for (x, y) in [(0, 0), (11, 7), (22, 30), (3, 29), (21, 15)] {
                let square = (-reach..=reach).flat_map(|dy| (-reach..=reach).map(move |dx| (dx, dy)));
                let values: Vec<f32> = square.map(|(dx, dy)| grid.at(x + dx, y + dy)).collect();
                assert_eq!(grown.at(x, y), values.iter().copied().fold(f32::MIN, f32::max), "{radius} {x} {y}");
                assert_eq!(shrunk.at(x, y), values.iter().copied().fold(f32::MAX, f32::min), "{radius} {x} {y}");
            }
        }
    }

    #[test]
    fn growing_and_shrinking_undo_each_other_on_large_shapes() {
        let square = Plane::made(60, 60, |x, y| f32::from(u8::from((20..40).contains(&x) && (20..40).contains(&y))));
        assert_eq!(square.grown(5).shrunk(5), square);
        assert_eq!(square.grown(5).at(15, 15), 1.0);
        assert_eq!(square.shrunk(5).at(24, 24), 0.0);
    }
}
