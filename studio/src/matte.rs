//! What of a headshot is the person: a mask with soft edges, hair included.
//!
//! A saliency net draws fine edges and doesn't know what a person is; a person net knows, and draws coarsely. The first says where
//! edges run, the second what may lie within them.

use crate::{
    Error, Point,
    grid::{Colour, Grid, Plane, ease},
    nets::Nets,
};

/// Side of what the person net looks at.
const PERSON: usize = 256;
/// What the saliency net looks at.
const SALIENT: (usize, usize) = (320, 400);
/// How many times smaller the uncertain band is looked at.
const COARSER: usize = 2;
/// What it was trained on: means and spreads of red, green and blue.
const MEANS: [f32; 3] = [0.485, 0.456, 0.406];
const SPREADS: [f32; 3] = [0.229, 0.224, 0.225];
/// Differences in colour below the root of this are noise to the guided filter.
const NOISE: f32 = 2e-5;

/// Places of the face in a headshot that matter here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Anatomy {
    /// The middle of the face.
    pub(crate) middle: Point,
    /// The height of the upper lip, above which hair may be anywhere.
    pub(crate) lip: f32,
    /// The height of the chin.
    pub(crate) chin: f32,
}

/// Where people are, coarsely: 256 × 256 whatever the picture's proportions.
pub(crate) fn person(nets: &Nets, picture: &Colour) -> Result<Plane, Error> {
    let small = picture.resized(PERSON, PERSON);
    let [mask] = nets.person.run(&small, |_, value| value.clamp(0.0, 1.0), ["mask"])?;
    Ok(Plane::of(PERSON, PERSON, mask))
}

fn salient(nets: &Nets, picture: &Colour) -> Result<Plane, Error> {
    let (width, height) = SALIENT;
    let small = picture.resized(width, height).map(|pixel| pixel.map(|value| value.clamp(0.0, 1.0)));
    let brightest = small.values().iter().flatten().copied().fold(0.01, f32::max);
    let prepare = |channel: usize, value: f32| (value / brightest - MEANS[channel]) / SPREADS[channel];
    let [mask] = nets.matte.run(&small, prepare, ["1959"])?;
    let (low, high) = mask.iter().fold((1.0_f32, 0.0_f32), |(low, high), &value| (low.min(value), high.max(value)));
    Ok(Plane::of(width, height, mask).map(|value| (value - low) / (high - low).max(1e-3)))
}

/// The person of a headshot. `inside` says which of its pixels lie on the photo.
pub(crate) fn alpha(nets: &Nets, picture: &Colour, inside: &Plane, anatomy: Anatomy) -> Result<Plane, Error> {
    let fine = refined(picture, &salient(nets, picture)?);
    let coarse = person(nets, picture)?;
    let fused = fused(&fine, &coarse, anatomy);
    let connected = held_together(&fused, anatomy.middle);
    let mut alpha = fused.joined(&connected, |alpha, near| alpha * ease(0.05, 0.6, near));
    // Most crops lie on the photo as a whole.
    if inside.values().iter().any(|&on| on < 1.0) {
        let on_photo = inside.grown((picture.width() as f32 * 0.03) as usize).boxed(1);
        alpha = alpha.joined(&on_photo, |alpha, on| alpha * on);
    }
    Ok(alpha.changed(|alpha| ((alpha - 0.035) / 0.93).clamp(0.0, 1.0)))
}

/// A small mask at the size of the picture, its uncertain band drawn along the edges there.
fn refined(picture: &Colour, mask: &Plane) -> Plane {
    let (width, height) = (picture.width(), picture.height());
    let (narrow, low) = ((width / COARSER).max(1), (height / COARSER).max(1));
    // Lines between colours and mask change slowly. Found at half the size, they hold for each pixel of the whole.
    let radius = (narrow as f32 / SALIENT.0 as f32 * 2.0).round().max(2.0) as usize;
    let lines = lines(&picture.resized(narrow, low), &within(mask.resized(narrow, low)), radius, NOISE);
    let guided = along(picture, &lines.resized(width, height));
    within(mask.resized(width, height)).joined(&guided, |plain, guided| {
        let band = ease(0.0, 0.06, plain) * ease(1.0, 0.94, plain);
        plain + (guided - plain) * band
    })
}

fn within(mask: Plane) -> Plane {
    mask.changed(|value| value.clamp(0.0, 1.0))
}

/// Both masks as one. Below the chin the person net decides what belongs to the body: it keeps a pale shoulder and drops the
/// bright thing beside the arm. Around the hair the fine one does, within a wide reach of the coarse one.
fn fused(fine: &Plane, coarse: &Plane, anatomy: Anatomy) -> Plane {
    let (width, height) = (fine.width(), fine.height());
    let full = |mask: Plane| mask.resized(width, height);
    let core = full(coarse.shrunk(6).blurred(1.5));
    let deep_core = full(coarse.shrunk(13).blurred(2.0));
    let near = full(coarse.grown(3).blurred(1.5));
    let wide = full(coarse.grown(15).blurred(3.0));
    let below = anatomy.chin + 40.0 * width as f32 / 1024.0;
    Plane::made(width, height, |x, y| {
        let hair = 1.0 - ease(anatomy.lip, below, y as f32);
        let surely = (ease(0.75, 0.95, core.row(y)[x]) * (1.0 - hair)).max(ease(0.85, 0.98, deep_core.row(y)[x]));
        let possibly = ease(0.12, 0.5, near.row(y)[x]) * (1.0 - hair) + ease(0.03, 0.25, wide.row(y)[x]) * hair;
        fine.row(y)[x].max(surely) * possibly
    })
}

/// The part of a mask that hangs together with the face, grown a little and soft at its edge.
fn held_together(mask: &Plane, face: Point) -> Plane {
    const COARSER: usize = 4;
    let (width, height) = (mask.width() / COARSER, mask.height() / COARSER);
    let small = mask.resized(width, height);
    let mut part = Plane::filled(width, height, 0.0);
    let start = |place: f32, length: usize| (place.max(0.0) as usize / COARSER).min(length - 1);
    let (x, y) = (start(face.x, width), start(face.y, height));
    let mut open: Vec<(usize, usize)> = (0..25)
        .map(|nth| {
            ((x + nth % 5 * 3).saturating_sub(6).min(width - 1), (y + nth / 5 * 3).saturating_sub(6).min(height - 1))
        })
        .collect();
    while let Some((x, y)) = open.pop() {
        let at = y * width + x;
        if part.values()[at] > 0.0 || small.values()[at] < 0.35 {
            continue;
        }
        part.values_mut()[at] = 1.0;
        let around = [(x.wrapping_sub(1), y), (x + 1, y), (x, y.wrapping_sub(1)), (x, y + 1)];
        open.extend(around.into_iter().filter(|&(x, y)| x < width && y < height));
    }
    part.grown((width / 28).max(3)).blurred(3.0).resized(mask.width(), mask.height())
}

/// The guided filter (He, Sun and Tang) with a colour picture as its guide: `values` made locally linear in the picture's colours,
/// so that its edges fall on the picture's.
pub(crate) fn guided(picture: &Colour, values: &Plane, radius: usize, noise: f32) -> Plane {
    along(picture, &lines(picture, values, radius, noise))
}

/// Values by the lines between them and the colours.
fn along(picture: &Colour, lines: &Grid<[f32; 4]>) -> Plane {
    picture
        .with(lines, |[red, green, blue], [r, g, b, offset]| (r * red + g * green + b * blue + offset).clamp(0.0, 1.0))
}

/// How the values around each place follow from the colours there: three slopes and an offset.
fn lines(picture: &Colour, values: &Plane, radius: usize, noise: f32) -> Grid<[f32; 4]> {
    let noise = f64::from(noise);
    let means = picture.with(values, |[r, g, b], value| [r, g, b, value]).boxed(radius);
    let joint = picture.with(values, |pixel, value| pixel.map(|channel| channel * value)).boxed(radius);
    let squares = picture.map(|[r, g, b]| [r * r, g * g, b * b]).boxed(radius);
    let products = picture.map(|[r, g, b]| [r * g, r * b, g * b]).boxed(radius);
    // Twice as exact as the sums are: where only two colours meet, almost nothing is left of the determinant.
    let solve = |x: usize, y: usize| {
        let [r, g, b, value] = means.row(y)[x].map(f64::from);
        let ([rr, gg, bb], [rg, rb, gb]) = (squares.row(y)[x].map(f64::from), products.row(y)[x].map(f64::from));
        let (rr, gg, bb) = (rr - r * r + noise, gg - g * g + noise, bb - b * b + noise);
        let (rg, rb, gb) = (rg - r * g, rb - r * b, gb - g * b);
        let joint = joint.row(y)[x].map(f64::from);
        let spread = [joint[0] - r * value, joint[1] - g * value, joint[2] - b * value];
        let inverse = [
            [gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg],
            [rb * gb - rg * bb, rr * bb - rb * rb, rg * rb - rr * gb],
            [rg * gb - rb * gg, rg * rb - rr * gb, rr * gg - rg * rg],
        ];
        let determinant = rr * inverse[0][0] + rg * inverse[0][1] + rb * inverse[0][2];
        let dot = |a: [f64; 3], b: [f64; 3]| a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
        let slope = inverse.map(|row| dot(row, spread) / determinant.max(1e-20));
        [slope[0], slope[1], slope[2], value - dot(slope, [r, g, b])].map(|number| number as f32)
    };
    Grid::made(values.width(), values.height(), solve).boxed(radius)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blunt_mask_is_drawn_along_the_edge_in_the_picture() {
        let picture = Colour::made(80, 40, |x, _| if x < 40 { [0.8, 0.6, 0.5] } else { [0.1, 0.2, 0.3] });
        let blunt = Plane::made(80, 40, |x, _| ease(48.0, 32.0, x as f32));
        let sharp = guided(&picture, &blunt, 8, 1e-5);
        assert!(sharp.at(37, 20) > 0.85 && sharp.at(42, 20) < 0.2, "{} {}", sharp.at(37, 20), sharp.at(42, 20));
    }

    #[test]
    fn a_small_mask_gets_its_edge_from_the_picture() {
        let picture = Colour::made(640, 800, |x, _| if x < 317 { [0.7, 0.5, 0.4] } else { [0.2, 0.3, 0.2] });
        let small = Plane::made(320, 400, |x, _| ease(162.0, 156.0, x as f32));
        let (fine, plain) = (refined(&picture, &small), small.resized(640, 800));
        let drop = |mask: &Plane| mask.at(316, 400) - mask.at(317, 400);
        assert!(drop(&plain) < 0.15 && drop(&fine) > 0.4, "{} {}", drop(&plain), drop(&fine));
        assert_eq!((fine.at(100, 400), fine.at(500, 400)), (1.0, 0.0));
    }

    #[test]
    fn the_body_is_the_person_nets_and_the_hair_is_the_fine_ones() {
        let within = |x: usize, y: usize, columns: std::ops::Range<usize>, rows: std::ops::Range<usize>| {
            columns.contains(&x) && rows.contains(&y)
        };
        let coarse = Plane::made(256, 256, |x, y| f32::from(u8::from(within(x, y, 88..168, 40..256))));
        let (pale_shirt, between_strands) = ((100..140, 220..240), (157..165, 60..80));
        let fine = Plane::made(256, 320, |x, y| {
            let is_in = |(columns, rows): &(std::ops::Range<usize>, std::ops::Range<usize>)| {
                within(x, y, columns.clone(), rows.clone())
            };
            let person = within(x, y, 88..168, 50..320) && !is_in(&pale_shirt) && !is_in(&between_strands);
            let strand = within(x, y, 168..178, 60..80);
            let vase_and_lamp = within(x, y, 190..230, 200..280) || within(x, y, 225..245, 60..80);
            f32::from(u8::from(person || strand || vase_and_lamp))
        });
        let fused = fused(&fine, &coarse, Anatomy { middle: Point::new(128.0, 100.0), lip: 120.0, chin: 150.0 });
        for (what, place, kept) in [
            ("a pale shirt", (120, 230), true),
            ("a strand", (173, 70), true),
            ("what is between strands", (161, 70), false),
            ("a vase beside the arm", (210, 240), false),
            ("a lamp beside the head", (235, 70), false),
        ] {
            let alpha = fused.at(place.0, place.1);
            assert!(if kept { alpha > 0.95 } else { alpha < 0.05 }, "{what}: {alpha}");
        }
    }

    #[test]
    fn what_does_not_touch_the_person_goes() {
        let mask = Plane::made(200, 200, |x, y| {
            let person = (60..120).contains(&x) && y > 40;
            let lamp = x > 170 && y < 30;
            f32::from(u8::from(person || lamp))
        });
        let held = held_together(&mask, Point::new(90.0, 80.0));
        assert!(held.at(90, 150) > 0.95 && held.at(185, 10) < 0.05);
    }
}
