//! Light and colour of the person: white balance, exposure, fill light, skin, tone. Gentle throughout, and no tone of skin is
//! drawn towards another: only casts and darkness go.

mod balance;
mod whites;

use whites::Whites;

use crate::{
    colour::{Curve, encoded, linear},
    grid::{Area, Colour, Plane, ease, luma},
    matte::guided,
    mesh::{BROWS, EYES, LIPS, Mesh, NOSTRILS, OVAL},
    photo::Frame,
    shapes,
};

/// Eyes that are open less than this, as a part of their width, show nothing white.
const SHUT: f32 = 0.12;
/// How far the highlights of a person are brought up, on the sRGB curve.
const HIGHLIGHT: f32 = 0.94;
/// Highlights below this say that the whole photo is too dark.
const LIT: f32 = 0.86;
/// Where the darkest parts of a person lie at most.
const VEIL: f32 = 0.12;
/// From here on, the middle brightness of a face in poor light is left alone.
const MIDDLE: f32 = 0.44;
/// How bright the brightest parts of a face may be.
const BRIGHT: f32 = 0.93;
/// The whites of eyes lie in the shade of the lids: what is so much brighter is lit as the face is.
const SHADED: f32 = 0.08;
/// What is this bright in poor light, and in good.
const LIGHT: (f32, f32) = (0.62, 0.80);
/// How strongly the shading of the face is evened out.
const FILL: f32 = 0.42;
/// Which part of that is evened out from top to bottom too.
const LENGTHWISE: f32 = 0.35;
/// How much of the blotches between pores and shape goes.
const SMOOTHING: f32 = 0.60;

/// Parts of the face as masks of a headshot.
pub(crate) struct Features {
    /// The whole oval.
    pub(crate) face: Plane,
    /// The oval without eyes, brows, lips and nostrils, soft.
    pub(crate) skin: Plane,
    /// What is not skin, soft.
    pub(crate) holes: Plane,
    /// Between the lids, if they are open.
    pub(crate) eyes: Plane,
    /// From ear to ear in pixels: the measure of everything that is done to the face.
    pub(crate) width: f32,
}

impl Features {
    pub(crate) fn of(mesh: &Mesh, frame: &Frame, width: usize, height: usize) -> Self {
        let placed = |line: &[usize]| -> Vec<_> {
            mesh.line(line).into_iter().map(|point| frame.of_photo(point, width, height)).collect()
        };
        let face_width = mesh.width() / frame.scale;
        let eyes: Vec<_> = EYES.iter().map(|line| placed(line)).collect();
        let mut others: Vec<_> = BROWS.iter().map(|line| placed(line)).collect();
        others.extend([placed(&LIPS), placed(&NOSTRILS)]);
        let face = shapes::filled(width, height, &placed(&OVAL));
        let holes = shapes::all(width, height, eyes.iter().chain(&others).map(Vec::as_slice));
        let around = holes.area((face_width * 0.1) as usize);
        let holes =
            holes.changed_in(around, |part| part.grown((face_width * 0.022) as usize).blurred(face_width * 0.012));
        let skin = face.with(&holes, |face, hole| face * (1.0 - hole));
        let open = eyes.iter().filter(|_| mesh.openness() > SHUT).map(Vec::as_slice);
        let eyes = shapes::all(width, height, open);
        Self { face, skin, holes, eyes, width: face_width }
    }

    fn part(&self, area: Area) -> Self {
        let Self { face, skin, holes, eyes, width } = self;
        let part = |plane: &Plane| plane.part(area);
        Self { face: part(face), skin: part(skin), holes: part(holes), eyes: part(eyes), width: *width }
    }
}

/// The person in good light. `scene` is the crop with its old backdrop, which tells of the light it was taken in.
pub(crate) fn graded(person: Colour, matte: &Plane, features: &Features, scene: &Colour) -> Colour {
    let person = cleared(person, matte, features);
    let skin = mean_skin(&person, features);
    let whites = Whites::of(&person, features, skin);
    let gains = balance::gains(skin, whites, scene, matte);
    let light = exposure(&person, matte, features, whites);
    let curves = gains.map(|gain| Curve::of(|value| encoded(rolled_off(linear(value) * gain * light)).min(1.0)));
    let lit = person.changed(|pixel| std::array::from_fn(|c| curves[c].at(pixel[c])));
    // Only the face and what is near it changes in the next two steps.
    let area = features.face.area((features.width * 0.45) as usize);
    let near = area.map(|area| features.part(area));
    let lit = lit.changed_in(area, |part| match &near {
        Some(near) => smoothed(filled(part, near), near),
        None => part,
    });
    toned(lit)
}

/// The mean light of the skin, without what is black or plain white; black if none is seen.
fn mean_skin(person: &Colour, features: &Features) -> [f32; 3] {
    let (mut sum, mut count) = ([0.0_f64; 3], 1e-9_f64);
    for (pixel, &skin) in person.values().iter().zip(features.skin.values()) {
        let most = pixel.iter().copied().fold(0.0, f32::max);
        if skin > 0.5 && most > 0.06 && most < 0.985 {
            for (sum, &value) in sum.iter_mut().zip(pixel) {
                *sum += f64::from(linear(value));
            }
            count += 1.0;
        }
    }
    sum.map(|sum| (sum / count) as f32)
}

/// The brightness of what a mask shows for sure.
fn brightness(person: &Colour, mask: &Plane) -> Vec<f32> {
    let pairs = person.values().iter().zip(mask.values());
    pairs.filter(|(_, mask)| **mask > 0.95).map(|(pixel, _)| luma(*pixel)).collect()
}

/// Without haze: a veil of light over everything leaves nothing dark, and something on everyone is, be it only their pupils. Part
/// of it stays, so that soft pictures stay soft.
fn cleared(person: Colour, matte: &Plane, features: &Features) -> Colour {
    let body = quantile(&mut brightness(&person, matte), 0.02, 0.0);
    let pupils = quantile(&mut brightness(&person, &features.eyes), 0.1, 1.0);
    let veil = ((body.min(pupils) - VEIL) * 0.85).clamp(0.0, 0.4);
    if veil == 0.0 {
        return person;
    }
    person.changed(|pixel| pixel.map(|value| ((value - veil) / (1.0 - veil)).max(0.0)))
}

/// Highlights end softly instead of at a hard white.
fn rolled_off(light: f32) -> f32 {
    const SHOULDER: f32 = 0.7;
    let room = 1.0 - SHOULDER;
    if light > SHOULDER { SHOULDER + (1.0 - (-(light - SHOULDER) / room).exp()) * room } else { light }
}

/// How much more light there should be, or less: highlights up to where they belong, a face in poor light nudged, one that is
/// burnt out taken back. How dark its skin is doesn't matter: what is bright on everyone tells the light.
fn exposure(person: &Colour, matte: &Plane, features: &Features, whites: Option<Whites>) -> f32 {
    let mut body = brightness(person, matte);
    let mut face = brightness(person, &features.skin);
    let middle = quantile(&mut face, 0.5, 0.5);
    let bright = quantile(&mut face, 0.95, 0.7);
    let highlight = quantile(&mut body, 0.995, 1.0);
    let eyes = whites.map(|whites| whites.brightness + SHADED);
    let lit = highlight.max(eyes.unwrap_or_default());

    // Where nothing is bright, light was missing.
    let missing = ((linear(LIT) / linear(lit.max(0.08))).ln() * 0.9).clamp(0.0, 2.0);
    let wanted = ((linear(HIGHLIGHT) / linear(lit.max(0.2))).ln() * 0.5).clamp(-0.1, 0.30);
    // The face may lie in the shade when all else is lit.
    let poor = ease(LIGHT.1, LIGHT.0, eyes.unwrap_or(highlight));
    let nudge = ((linear(MIDDLE) / linear(middle.max(0.05))).ln() * 0.5).clamp(0.0, 0.45) * poor;
    let burnt = ((linear(BRIGHT) / linear(bright.max(0.1))).ln() * 0.5).clamp(-0.3, 0.0);
    let room = (linear(BRIGHT) / linear(bright.max(0.1))).ln().max(0.0);
    let more = wanted * 0.5 + nudge + burnt;
    (if missing > 0.0 { more.max(missing) } else { more }).min(room).exp()
}

fn quantile(values: &mut [f32], part: f32, otherwise: f32) -> f32 {
    let place = (values.len() as f32 * part) as usize;
    if place < values.len() { *values.select_nth_unstable_by(place, f32::total_cmp).1 } else { otherwise }
}

/// Evens out the large shading of the face, as a reflector opposite the light would: mostly from side to side. From top to bottom a
/// beard, a fringe and glasses are dark without any shade.
fn filled(person: Colour, features: &Features) -> Colour {
    let brightness = person.luma();
    let reach = features.width * 0.16;
    let face = &features.face;
    let local = {
        let sums = brightness.with(face, |value, face| value * face).blurred(reach);
        sums.with(&face.blurred(reach), |sum, weight| (sum / weight.max(1e-3)).max(0.05))
    };
    let even = evened(&brightness, &local, features);
    let soft = face.grown((features.width * 0.05) as usize).blurred(features.width * 0.10);
    let gain = Plane::made(person.width(), person.height(), |x, y| {
        let soft = soft.row(y)[x];
        if soft < 0.004 {
            return 1.0;
        }
        let gain = (even[y] / local.row(y)[x]).powf(FILL).clamp(0.80, 1.38);
        let room = if gain > 1.0 { 1.0 - ease(0.58, 0.88, brightness.row(y)[x]) } else { 1.0 };
        1.0 + (gain - 1.0) * soft * room
    });
    person.joined(&gain, |pixel, gain| {
        if gain == 1.0 {
            return pixel;
        }
        let light = gain.powf(1.8);
        pixel.map(|value| encoded(linear(value) * light).clamp(0.0, 1.0))
    })
}

/// How bright each row of a face is to become: mostly as it is, a part of it as all of the face is.
fn evened(brightness: &Plane, local: &Plane, features: &Features) -> Vec<f32> {
    let face = &features.face;
    let weighed = |plane: &Plane, y: usize| {
        let pairs = plane.row(y).iter().zip(face.row(y));
        pairs.fold((0.0, 0.0), |(sum, weight), (value, face)| (sum + value * face, weight + face))
    };
    let add = |(sum, weight): (f64, f64), (more, its): (f32, f32)| (sum + f64::from(more), weight + f64::from(its));
    let (sum, weight) = (0..face.height()).map(|y| weighed(brightness, y)).fold((0.0, 1e-6), add);
    let whole = (sum / weight) as f32;
    // At the chin there is too little of a row to go by.
    let few = features.width * 0.1;
    let row = |y: usize| {
        let (sum, weight) = weighed(local, y);
        (sum + whole * few) / (weight + few)
    };
    (0..face.height()).map(|y| row(y) * (1.0 - LENGTHWISE) + whole * LENGTHWISE).collect()
}

/// Takes blotches off the skin: what is larger than pores and smaller than the shape of the face.
fn smoothed(person: Colour, features: &Features) -> Colour {
    // Shape is looked for in what has no pores any more: else they would be brought out by what they add to it.
    let soft = person.blurred((features.width * 0.0045).max(0.6));
    let pores = soft.luma();
    let shape = guided(&soft, &pores, ((features.width * 0.030) as usize).max(2), 0.0022);
    let skin = features.skin.shrunk(2).blurred((features.width * 0.012).max(1.0));
    let blotches =
        pores.joined(&shape, |pores, shape| (pores - shape) * SMOOTHING).joined(&skin, |blotch, skin| blotch * skin);
    person.joined(&blotches, |pixel, blotch| pixel.map(|value| (value - blotch).clamp(0.0, 1.0)))
}

/// A little more contrast in the middle, and a trace of colour.
fn toned(person: Colour) -> Colour {
    person.changed(|pixel| {
        let value = luma(pixel);
        let curved = value + 0.11 * (value - 0.46) * (1.0 - (2.0 * value - 1.0).powi(2));
        let ratio = curved / value.max(1e-3);
        pixel.map(|channel| (curved + (channel * ratio - curved) * 1.02).clamp(0.0, 1.0))
    })
}

/// Crisper where `mask` says, by the brightness alone: colours keep still. The more a photo was enlarged, the less there is to bring out.
pub(crate) fn sharpened(person: Colour, mask: &Plane, amount: f32) -> Colour {
    let brightness = person.luma();
    let soft = brightness.blurred(1.1);
    let detail = brightness
        .joined(&soft, |sharp, soft| ((sharp - soft) * amount).clamp(-0.05, 0.05))
        .joined(mask, |detail, mask| detail * mask);
    person.joined(&detail, |pixel, detail| pixel.map(|value| (value + detail).clamp(0.0, 1.0)))
}

#[cfg(test)]
mod tests;
