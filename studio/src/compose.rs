//! The person before the backdrop, in one light: a trace of shade on the backdrop, a trace of its light around the edges.

use crate::{
    backdrop::{Setting, grained},
    grid::{Colour, Plane, ease},
};

/// The backdrop's light is taken from a picture this many times smaller.
const COARSER: usize = 8;
/// And the shade from a matte this many times smaller.
const COARSE: usize = 4;
/// How much grain everything gets.
const GRAIN: f32 = 0.0065;

/// Person and backdrop as one picture, without grain.
pub(crate) fn composed(person: &Colour, matte: &Plane, backdrop: &Colour, setting: Setting) -> Colour {
    let (width, height) = (person.width(), person.height());
    let shade = {
        let small = matte.resized((width / COARSE).max(1), (height / COARSE).max(1));
        small.blurred(small.width() as f32 * 0.055).resized(width, height)
    };
    let edge = matte.blurred(width as f32 * 0.009);
    let glow = {
        let small = backdrop.resized((width / COARSER).max(1), (height / COARSER).max(1));
        small.blurred(small.width() as f32 * 0.05).resized(width, height)
    };
    let (shade_x, shade_y) = ((width / 40) as isize, (width / 50) as isize);
    Colour::made(width, height, |x, y| {
        let alpha = matte.row(y)[x];
        let dark = 1.0 - setting.shade * shade.at(x as isize - shade_x, y as isize - shade_y) * (1.0 - alpha);
        let wrap = setting.wrap * ease(0.98, 0.45, edge.row(y)[x]) * alpha;
        let (dx, dy) = (x as f32 / width as f32 - 0.5, (y as f32 / height as f32 - 0.45) * 1.05);
        let corner = 1.0 - setting.vignette * ease(0.35, 0.85, (dx * dx + dy * dy).sqrt());
        let (person, behind, glow) = (person.row(y)[x], backdrop.row(y)[x], glow.row(y)[x]);
        std::array::from_fn(|c| {
            let person = person[c] + (glow[c] - person[c]) * wrap;
            ((person * alpha + behind[c] * dark * (1.0 - alpha)) * corner).clamp(0.0, 1.0)
        })
    })
}

/// The picture with its grain, which comes last: lit afterwards, it would stand out.
pub(crate) fn finished(mut picture: Colour) -> Colour {
    grained(&mut picture, GRAIN, 11);
    picture
}
