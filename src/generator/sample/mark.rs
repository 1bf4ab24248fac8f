//! The word SAMPLE, on every test headshot: letters drawn from strokes, on a dark rounded band.

use std::sync::LazyLock;

use crate::images::Picture;

/// A point, in units of a sixth of a letter's height.
type Point = (f32, f32);

/// A letter: how wide it is, and its strokes.
struct Letter {
    width: f32,
    strokes: &'static [&'static [Point]],
}

const WORD: [Letter; 6] = [
    Letter {
        width: 4.0,
        strokes: &[&[
            (3.80, 1.20),
            (3.45, 0.50),
            (2.75, 0.08),
            (2.00, 0.00),
            (1.20, 0.10),
            (0.52, 0.55),
            (0.28, 1.30),
            (0.45, 2.05),
            (1.05, 2.55),
            (2.00, 2.88),
            (2.98, 3.25),
            (3.62, 3.85),
            (3.80, 4.60),
            (3.50, 5.40),
            (2.80, 5.88),
            (2.00, 6.00),
            (1.15, 5.90),
            (0.45, 5.45),
            (0.10, 4.75),
        ]],
    },
    Letter { width: 4.4, strokes: &[&[(0.0, 6.0), (2.2, 0.0), (4.4, 6.0)], &[(0.75, 4.1), (3.65, 4.1)]] },
    Letter { width: 4.8, strokes: &[&[(0.0, 6.0), (0.0, 0.0), (2.4, 3.8), (4.8, 0.0), (4.8, 6.0)]] },
    Letter {
        width: 3.7,
        strokes: &[&[
            (0.0, 6.0),
            (0.0, 0.0),
            (2.1, 0.0),
            (2.95, 0.20),
            (3.52, 0.78),
            (3.70, 1.60),
            (3.52, 2.42),
            (2.95, 3.00),
            (2.1, 3.2),
            (0.0, 3.2),
        ]],
    },
    Letter { width: 3.4, strokes: &[&[(0.0, 0.0), (0.0, 6.0), (3.4, 6.0)]] },
    Letter { width: 3.5, strokes: &[&[(3.5, 0.0), (0.0, 0.0), (0.0, 6.0), (3.5, 6.0)], &[(0.0, 2.95), (3.0, 2.95)]] },
];

/// Between two letters.
const GAP: f32 = 2.9;
/// Half the thickness of a stroke.
const PEN: f32 = 0.42;
/// Pixels a unit.
const UNIT: f32 = 6.5;
/// The band, in pixels.
const BAND: (usize, usize) = (344, 76);
/// The band's middle, in pixels from the top of the portrait. On the chest, and within the square and the round picture
/// that are cut from the portrait.
const MIDDLE: usize = 880;

/// How much of each pixel of the band is covered, by the band and by the letters: 255 is all.
static COVER: LazyLock<Vec<(u8, u8)>> = LazyLock::new(cover);

/// Marks a portrait.
pub(super) fn stamp(portrait: &mut Picture) {
    let width = portrait.size().width as usize;
    let (left, top) = ((width - BAND.0) / 2, MIDDLE - BAND.1 / 2);
    let rows = portrait.rgb_mut().chunks_exact_mut(width * 3).skip(top);
    for (row, cover) in rows.zip(COVER.chunks_exact(BAND.0)) {
        for (pixel, (band, letter)) in row.chunks_exact_mut(3).skip(left).zip(cover) {
            for value in pixel {
                // The band lets a third of the picture through; the letters none.
                let on_band = mix(*value, 18, u16::from(*band) * 2 / 3);
                *value = mix(on_band, 255, u16::from(*letter));
            }
        }
    }
}

fn mix(value: u8, with: u8, share: u16) -> u8 {
    ((u16::from(value) * (255 - share) + u16::from(with) * share) / 255) as u8
}

fn cover() -> Vec<(u8, u8)> {
    let segments = segments();
    let (width, height) = (BAND.0 as f32, BAND.1 as f32);
    let mut cover = Vec::with_capacity(BAND.0 * BAND.1);
    for y in 0..BAND.1 {
        for x in 0..BAND.0 {
            let (x, y) = (x as f32 + 0.5, y as f32 + 0.5);
            // The band is a thick stroke itself, with round ends.
            let middle = ((height / 2.0, height / 2.0), (width - height / 2.0, height / 2.0));
            let band = height / 2.0 - distance((x, y), middle);
            let at = ((x - width / 2.0) / UNIT, (y - height / 2.0) / UNIT);
            let nearest = segments.iter().map(|segment| distance(at, *segment)).fold(f32::MAX, f32::min);
            cover.push((share(band), share((PEN - nearest) * UNIT)));
        }
    }
    cover
}

/// How much of a pixel is covered whose middle lies `inside` pixels within an edge.
fn share(inside: f32) -> u8 {
    ((inside + 0.5).clamp(0.0, 1.0) * 255.0) as u8
}

/// The word's strokes as straight pieces, in units, around its own middle.
fn segments() -> Vec<(Point, Point)> {
    let total = WORD.iter().map(|letter| letter.width).sum::<f32>() + GAP * (WORD.len() - 1) as f32;
    let mut left = -total / 2.0;
    let mut segments = Vec::new();
    for letter in &WORD {
        let place = |point: Point| (point.0 + left, point.1 - 3.0);
        for stroke in letter.strokes {
            segments.extend(stroke.windows(2).map(|pair| (place(pair[0]), place(pair[1]))));
        }
        left += letter.width + GAP;
    }
    segments
}

/// From a point to the nearest point of a straight piece.
fn distance(from: Point, (start, end): (Point, Point)) -> f32 {
    let (along, to) = ((end.0 - start.0, end.1 - start.1), (from.0 - start.0, from.1 - start.1));
    let length = along.0 * along.0 + along.1 * along.1;
    let share = ((to.0 * along.0 + to.1 * along.1) / length).clamp(0.0, 1.0);
    (to.0 - along.0 * share).hypot(to.1 - along.1 * share)
}
