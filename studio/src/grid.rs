//! Pictures and masks as floats: values of the sRGB curve between 0 and 1, row by row from the top left. Every operation gives
//! the same bits on any number of threads: work is cut by rows into pieces of a fixed size, and no piece reads what another writes.

use rayon::prelude::*;

/// Rows that one piece of a vertical pass covers. Fixed, because where a running sum begins decides its last bits.
const BAND: usize = 128;

/// What a grid holds at each place: a number or a colour.
pub(crate) trait Value: Copy + Send + Sync + Default {
    /// `self + weight · other`.
    fn plus(self, weight: f32, other: Self) -> Self;
}

impl Value for f32 {
    fn plus(self, weight: f32, other: Self) -> Self {
        self + weight * other
    }
}

impl<const N: usize> Value for [f32; N]
where
    Self: Default,
{
    fn plus(self, weight: f32, other: Self) -> Self {
        std::array::from_fn(|c| self[c] + weight * other[c])
    }
}

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
        let mut values = vec![T::default(); width * height];
        values.par_chunks_mut(width.max(1)).enumerate().for_each(|(y, row)| {
            for (x, place) in row.iter_mut().enumerate() {
                *place = value(x, y);
            }
        });
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

    /// Each value on its own.
    pub(crate) fn map<U: Value>(&self, change: impl Fn(T) -> U + Sync) -> Grid<U> {
        Grid { width: self.width, height: self.height, values: self.values.par_iter().map(|&v| change(v)).collect() }
    }

    /// Each value with the one at the same place of another grid of the same size.
    pub(crate) fn with<U: Value, V: Value>(&self, other: &Grid<U>, join: impl Fn(T, U) -> V + Sync) -> Grid<V> {
        let values = self.values.par_iter().zip(&other.values).map(|(&a, &b)| join(a, b)).collect();
        Grid { width: self.width, height: self.height, values }
    }

    /// At another size. Each new value is a weighted mean of the old ones it covers, by a cubic (Catmull-Rom) that widens when
    /// the grid shrinks.
    pub(crate) fn resized(&self, width: usize, height: usize) -> Self {
        if (width, height) == (self.width, self.height) {
            return self.clone();
        }
        let across = Taps::of(self.width, width);
        let narrow = Self::made(width, self.height, |x, y| across.gather(x, |from| self.values[y * self.width + from]));
        let down = Taps::of(self.height, height);
        Self::made(width, height, |x, y| down.gather(y, |from| narrow.values[from * width + x]))
    }

    /// The mean over a square that reaches `radius` to each side. At the edges the outermost values count on.
    pub(crate) fn boxed(&self, radius: usize) -> Self {
        if radius == 0 {
            return self.clone();
        }
        let (width, height) = (self.width, self.height);
        let share = 1.0 / (2 * radius + 1) as f32;
        let reach = radius as isize;

        let mut rows = vec![T::default(); width * height];
        rows.par_chunks_mut(width).zip(self.values.par_chunks(width)).for_each(|(into, from)| {
            let at = |x: isize| from[x.clamp(0, width as isize - 1) as usize];
            let mut sum = (-reach..=reach).fold(T::default(), |sum, x| sum.plus(1.0, at(x)));
            for (x, place) in into.iter_mut().enumerate() {
                *place = T::default().plus(share, sum);
                sum = sum.plus(1.0, at(x as isize + reach + 1)).plus(-1.0, at(x as isize - reach));
            }
        });

        let mut means = vec![T::default(); width * height];
        means.par_chunks_mut(width * BAND).enumerate().for_each(|(band, into)| {
            let first = (band * BAND) as isize;
            let row = |y: isize| &rows[y.clamp(0, height as isize - 1) as usize * width..][..width];
            let mut sums = vec![T::default(); width];
            for y in first - reach..=first + reach {
                for (sum, &value) in sums.iter_mut().zip(row(y)) {
                    *sum = sum.plus(1.0, value);
                }
            }
            for (y, line) in into.chunks_mut(width).enumerate() {
                for (place, &sum) in line.iter_mut().zip(&sums) {
                    *place = T::default().plus(share, sum);
                }
                let y = first + y as isize;
                for ((sum, &comes), &goes) in sums.iter_mut().zip(row(y + reach + 1)).zip(row(y - reach)) {
                    *sum = sum.plus(1.0, comes).plus(-1.0, goes);
                }
            }
        });
        Self { width, height, values: means }
    }

    /// Softened as by a bell curve of this width in pixels: three boxes come close to one.
    pub(crate) fn blurred(&self, sigma: f32) -> Self {
        if sigma < 0.3 {
            return self.clone();
        }
        let radius = (((4.0 * sigma * sigma + 1.0).sqrt() as usize) / 2).max(1);
        self.boxed(radius).boxed(radius).boxed(radius)
    }
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
        self.extreme(radius, f32::max)
    }

    /// The smallest value within a square that reaches `radius` to each side.
    pub(crate) fn shrunk(&self, radius: usize) -> Self {
        self.extreme(radius, f32::min)
    }

    fn extreme(&self, radius: usize, choose: fn(f32, f32) -> f32) -> Self {
        let (width, height) = (self.width, self.height);
        let across = Self::made(width, height, |x, y| {
            let span = &self.row(y)[x.saturating_sub(radius)..(x + radius + 1).min(width)];
            span.iter().copied().fold(span[0], choose)
        });
        let mut values = vec![0.0; width * height];
        values.par_chunks_mut(width).enumerate().for_each(|(y, into)| {
            let (first, last) = (y.saturating_sub(radius), (y + radius).min(height - 1));
            into.copy_from_slice(across.row(first));
            for other in first + 1..=last {
                for (place, &value) in into.iter_mut().zip(across.row(other)) {
                    *place = choose(*place, value);
                }
            }
        });
        Self { width, height, values }
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

/// Which old places make up each new one along a line, and with which weights.
struct Taps {
    first: Vec<usize>,
    weights: Vec<f32>,
    each: usize,
}

impl Taps {
    fn of(from: usize, to: usize) -> Self {
        let step = from as f32 / to as f32;
        let widen = step.max(1.0);
        let reach = 2.0 * widen;
        let each = (2.0 * reach).ceil() as usize + 1;
        let (mut first, mut weights) = (Vec::with_capacity(to), Vec::with_capacity(to * each));
        for place in 0..to {
            let centre = (place as f32 + 0.5) * step - 0.5;
            let begin = (centre - reach).ceil() as isize;
            // What lies beyond the edge counts for the outermost place.
            let inside = begin.clamp(0, from.saturating_sub(each) as isize) as usize;
            let mut row = vec![0.0; each];
            let mut sum = 0.0;
            for tap in 0..each as isize {
                let weight = cubic((begin + tap) as f32 - centre, widen);
                let target = (begin + tap).clamp(0, from as isize - 1) as usize;
                row[(target - inside).min(each - 1)] += weight;
                sum += weight;
            }
            first.push(inside);
            weights.extend(row.iter().map(|weight| weight / sum));
        }
        Self { first, weights, each }
    }

    fn gather<T: Value>(&self, place: usize, at: impl Fn(usize) -> T) -> T {
        let weights = &self.weights[place * self.each..][..self.each];
        let taps = weights.iter().enumerate().filter(|(_, weight)| **weight != 0.0);
        taps.fold(T::default(), |sum, (tap, &weight)| sum.plus(weight, at(self.first[place] + tap)))
    }
}

/// Catmull-Rom, stretched by `widen`.
pub(crate) fn cubic(distance: f32, widen: f32) -> f32 {
    let x = (distance / widen).abs();
    if x < 1.0 {
        (1.5 * x - 2.5) * x * x + 1.0
    } else if x < 2.0 {
        ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    } else {
        0.0
    }
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
    fn growing_and_shrinking_undo_each_other_on_large_shapes() {
        let square = Plane::made(60, 60, |x, y| f32::from(u8::from((20..40).contains(&x) && (20..40).contains(&y))));
        assert_eq!(square.grown(5).shrunk(5), square);
        assert_eq!(square.grown(5).at(15, 15), 1.0);
        assert_eq!(square.shrunk(5).at(24, 24), 0.0);
    }
}
