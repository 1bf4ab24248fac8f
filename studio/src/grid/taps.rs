//! Scaling along a line.

use std::ops::Range;

/// Which old places make up each new one along a line, and with which weights.
pub(super) struct Taps {
    /// For each new place the first old one, and where its weights are.
    spans: Vec<(usize, Range<usize>)>,
    weights: Vec<f32>,
}

impl Taps {
    pub(super) fn of(from: usize, to: usize) -> Self {
        let step = from as f32 / to as f32;
        let widen = step.max(1.0);
        let reach = 2.0 * widen;
        let each = (2.0 * reach).ceil() as usize + 1;
        let (mut spans, mut weights) = (Vec::with_capacity(to), Vec::with_capacity(to * each));
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
            let counts = |weight: &f32| *weight != 0.0;
            let first = row.iter().position(counts).unwrap_or(0);
            let last = row.iter().rposition(counts).unwrap_or(0);
            let start = weights.len();
            weights.extend(row[first..=last].iter().map(|weight| weight / sum));
            spans.push((inside + first, start..weights.len()));
        }
        Self { spans, weights }
    }

    /// The first old place that counts for a new one, and the weights from there on.
    pub(super) fn at(&self, place: usize) -> (usize, &[f32]) {
        let (first, weights) = &self.spans[place];
        (*first, &self.weights[weights.clone()])
    }
}

/// Catmull-Rom, stretched by `widen`.
fn cubic(distance: f32, widen: f32) -> f32 {
    let x = (distance / widen).abs();
    if x < 1.0 {
        (1.5 * x - 2.5) * x * x + 1.0
    } else if x < 2.0 {
        ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    } else {
        0.0
    }
}

/// What [`cubic`] weighs four values in a row with, for a place so far behind the second of them.
pub(crate) fn between_four(rest: f32) -> [f32; 4] {
    [
        ((-0.5 * rest + 1.0) * rest - 0.5) * rest,
        (1.5 * rest - 2.5) * rest * rest + 1.0,
        ((-1.5 * rest + 2.0) * rest + 0.5) * rest,
        (0.5 * rest - 0.5) * rest * rest,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_four_values_the_weights_are_those_of_the_cubic() {
        for rest in [0.0, 0.2, 0.5, 0.99] {
            let distances = [1.0 + rest, rest, 1.0 - rest, 2.0 - rest];
            for (weight, distance) in between_four(rest).into_iter().zip(distances) {
                assert!((weight - cubic(distance, 1.0)).abs() < 1e-6, "{rest}");
            }
        }
    }
}
