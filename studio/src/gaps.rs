//! Gaps between strands of hair, through which the old backdrop would show.
//!
//! Each pixel near the hair's edge is laid on the line from the hair's colour nearby to the backdrop's. It is opened where the two
//! colours are clearly apart and it lies at the backdrop's end. A second pass takes the mixed pixels right beside what was opened.

use crate::grid::{Colour, Plane, ease};

/// The work is done on averages of a picture this many times smaller.
const COARSER: usize = 4;
/// So far inside the hair, in parts of the width, there are no gaps.
const DEEP: f32 = 0.022;
/// The part of that which may be taken for gaps.
const MISTAKEN: f64 = 0.0012;

/// The matte with its gaps open. `skin` is never opened; nothing is below `chin`.
pub(crate) fn opened(picture: &Colour, matte: &Plane, skin: &Plane, chin: f32) -> Plane {
    let (width, height) = (matte.width(), matte.height());
    let sides = Sides::of(picture, matte, skin);
    let reach = (width / 120).max(1);
    let guarded = skin.clone().changed_in(skin.area(reach * 4), |skin| skin.grown(reach).blurred(width as f32 * 0.006));

    let pass = |matte: &Plane, beside: Option<&Plane>| {
        Plane::made(width, height, |x, y| {
            let at = y * width + x;
            let alpha = matte.values()[at];
            let reach = 1.0 - ease(chin - 0.02 * height as f32, chin + 0.05 * height as f32, y as f32);
            let known = sides.backdrop_known.values()[at];
            let gate = beside.map(|beside| beside.values()[at]);
            if reach <= 0.0 || alpha < 0.02 || known < 0.02 || gate.is_some_and(|gate| gate < 0.05) {
                return alpha;
            }
            let (hair, backdrop) = (sides.hair.values()[at], sides.backdrop.values()[at]);
            let pixel = picture.values()[at];
            let (mut along, mut apart, mut off) = (0.0, 1e-6, 0.0);
            for channel in 0..3 {
                let from_backdrop = pixel[channel] - backdrop[channel];
                let line = hair[channel] - backdrop[channel];
                along += from_backdrop * line;
                apart += line * line;
                off += from_backdrop * from_backdrop;
            }
            let share = along / apart;
            let is_backdrop = gate.map_or_else(|| ease(0.17, 0.07, off.sqrt()), |gate| ease(0.05, 0.6, gate));
            let sure = ease(0.22, 0.42, apart.sqrt())
                * ease(0.06, 0.22, known)
                * reach
                * (1.0 - guarded.values()[at])
                * is_backdrop;
            let target = match gate {
                None => alpha * ease(0.04, 0.42, share),
                Some(_) => alpha.min(ease(0.0, 0.85, share)),
            };
            alpha + (target - alpha) * sure * 0.92
        })
    };

    let first = pass(matte, None);
    if !tells_apart(matte, &first, skin, chin) {
        return matte.clone();
    }
    let beside = matte
        .with(&first, |before, after| ease(0.25, 0.5, before - after))
        .grown((width / 340).max(1))
        .blurred(width as f32 / 700.0);
    pass(&first, Some(&beside))
}

/// Whether the backdrop's colour is none of the hair's own: well inside the hair there are no gaps, so what would be opened there
/// tells how often a strand or a parting is taken for one.
fn tells_apart(matte: &Plane, opened: &Plane, skin: &Plane, chin: f32) -> bool {
    let (width, height) = (matte.width() / COARSER, matte.height() / COARSER);
    let small = |plane: &Plane| plane.resized(width.max(1), height.max(1));
    let (before, after, skin) = (small(matte), small(opened), small(skin));
    let depth = ((width as f32 * DEEP).round() as usize).max(1);
    let inside = before.map(|alpha| f32::from(u8::from(alpha > 0.5))).shrunk(depth);
    let skin = skin.grown(depth);
    let (mut wrong, mut all) = (0.0_f64, 0.0_f64);
    for y in 0..((chin.max(0.0) as usize) / COARSER).min(before.height()) {
        for x in 0..before.width() {
            let deep = inside.row(y)[x] * (1.0 - skin.row(y)[x].clamp(0.0, 1.0));
            all += f64::from(deep);
            wrong += f64::from(deep * (before.row(y)[x] - after.row(y)[x]).max(0.0));
        }
    }
    wrong <= all * MISTAKEN
}

/// The colours to both sides of the hair's edge.
struct Sides {
    hair: Colour,
    backdrop: Colour,
    /// How much of the backdrop is near enough to know its colour.
    backdrop_known: Plane,
}

impl Sides {
    fn of(picture: &Colour, matte: &Plane, skin: &Plane) -> Self {
        let (width, height) = (matte.width(), matte.height());
        let (narrow, low) = (width / COARSER, height / COARSER);
        let small = picture.resized(narrow, low);
        let alpha = matte.resized(narrow, low).map(|value| value.clamp(0.0, 1.0));
        let skin = skin.resized(narrow, low).grown((narrow / 60).max(1)).map(|value| value.clamp(0.0, 1.0));
        let hair = alpha.with(&skin, |alpha, skin| alpha.powi(6) * (1.0 - skin));
        let backdrop = alpha.map(|alpha| (1.0 - alpha).powi(6));
        let mean = |weight: &Plane, sigma: f32| {
            let known = weight.blurred(sigma);
            let sums = small.with(weight, |pixel, weight| pixel.map(|value| value * weight)).blurred(sigma);
            let mean = sums.with(&known, |sum, known| sum.map(|value| value / known.max(1e-4)));
            (mean.resized(width, height), known.resized(width, height))
        };
        let (hair, _) = mean(&hair, narrow as f32 * 0.035);
        let (backdrop, backdrop_known) = mean(&backdrop, narrow as f32 * 0.05);
        Self { hair, backdrop, backdrop_known }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_opened_and_a_face_is_not() {
        let (hair, wall) = ([0.15, 0.1, 0.08], [0.9, 0.9, 0.92]);
        let gap = |x: usize, y: usize| (61..65).contains(&x) && (60..72).contains(&y);
        let picture = Colour::made(200, 240, |x, y| if (60..140).contains(&x) && !gap(x, y) { hair } else { wall });
        let matte = Plane::made(200, 240, |x, _| f32::from(u8::from((60..140).contains(&x))));
        let nothing = Plane::filled(200, 240, 0.0);
        let open = opened(&picture, &matte, &nothing, 200.0);
        assert!(open.at(63, 66) < 0.3, "{}", open.at(63, 66));
        assert!(open.at(110, 66) > 0.95);
        let all_skin = Plane::filled(200, 240, 1.0);
        assert!(opened(&picture, &matte, &all_skin, 200.0).at(63, 66) > 0.95);
        assert!(opened(&picture, &matte, &nothing, 40.0).at(63, 66) > 0.95, "below the chin there is no hair");
    }

    #[test]
    fn where_the_hair_has_the_colour_of_the_wall_nothing_is_opened() {
        let (hair, wall) = ([0.15, 0.1, 0.08], [0.9, 0.9, 0.92]);
        let gap = |x: usize, y: usize| (61..65).contains(&x) && (60..72).contains(&y);
        let streak = |x: usize| (70..76).contains(&x);
        let is_hair = |x: usize, y: usize| (60..140).contains(&x) && !gap(x, y) && !streak(x);
        let picture = Colour::made(200, 240, |x, y| if is_hair(x, y) { hair } else { wall });
        let matte = Plane::made(200, 240, |x, _| f32::from(u8::from((60..140).contains(&x))));
        let open = opened(&picture, &matte, &Plane::filled(200, 240, 0.0), 200.0);
        assert!(open.values() == matte.values());
    }
}
