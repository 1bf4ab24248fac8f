//! Outlines as masks.

use crate::{Point, grid::Plane};

/// 1 within a closed outline, 0 outside.
pub(crate) fn filled(width: usize, height: usize, outline: &[Point]) -> Plane {
    all(width, height, [outline])
}

/// 1 where any of the closed outlines is.
pub(crate) fn all<'a>(width: usize, height: usize, outlines: impl IntoIterator<Item = &'a [Point]>) -> Plane {
    let mut mask = Plane::filled(width, height, 0.0);
    for outline in outlines {
        fill(&mut mask, outline);
    }
    mask
}

fn fill(mask: &mut Plane, outline: &[Point]) {
    let (width, height) = (mask.width(), mask.height() as f32);
    let highest = outline.iter().map(|point| point.y).fold(height, f32::min).max(0.0) as usize;
    let lowest = outline.iter().map(|point| point.y).fold(0.0, f32::max).min(height).ceil() as usize;
    for (y, row) in mask.values_mut().chunks_mut(width).enumerate().take(lowest).skip(highest) {
        let middle = y as f32 + 0.5;
        let ends = outline.iter().zip(outline.iter().cycle().skip(1));
        let mut crossings: Vec<f32> = ends
            .filter(|(a, b)| (a.y <= middle) != (b.y <= middle))
            .map(|(a, b)| a.x + (middle - a.y) / (b.y - a.y) * (b.x - a.x))
            .collect();
        crossings.sort_by(f32::total_cmp);
        for pair in crossings.chunks_exact(2) {
            // Pixels whose middles are between.
            let column = |x: f32| (x - 0.5).ceil().max(0.0) as usize;
            let inside = column(pair[0])..column(pair[1]).min(width);
            if let Some(span) = row.get_mut(inside) {
                span.fill(1.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_covers_its_area() {
        let corners = [(10.0, 10.0), (30.0, 10.0), (30.0, 25.0), (10.0, 25.0)].map(|(x, y)| Point::new(x, y));
        let mask = filled(40, 40, &corners);
        assert_eq!(mask.values().iter().sum::<f32>(), 300.0);
        assert_eq!((mask.at(20, 20), mask.at(5, 20), mask.at(20, 30)), (1.0, 0.0, 0.0));
    }

    #[test]
    fn a_pixel_is_within_if_its_middle_is() {
        let corners = [(10.6, 10.6), (30.4, 10.6), (30.4, 25.4), (10.6, 25.4)].map(|(x, y)| Point::new(x, y));
        let mask = filled(40, 40, &corners);
        let within = |at: &dyn Fn(isize) -> f32| (0..40).filter(|place| at(*place) > 0.0).collect::<Vec<isize>>();
        assert_eq!(within(&|x| mask.at(x, 20)), (11..30).collect::<Vec<_>>());
        assert_eq!(within(&|y| mask.at(20, y)), (11..25).collect::<Vec<_>>());
    }

    #[test]
    fn what_lies_outside_is_left_away() {
        let corners = [(-10.0, -10.0), (100.0, -10.0), (100.0, 100.0), (-10.0, 100.0)].map(|(x, y)| Point::new(x, y));
        assert!(filled(8, 8, &corners).values().iter().all(|value| *value == 1.0));
    }
}
