//! Light and colour of the person: white balance, exposure, fill light, skin, tone. Gentle throughout, and no tone of skin is
//! drawn towards another: only casts and darkness go.

mod balance;

use crate::{
    colour::{Curve, encoded, linear},
    grid::{Area, Colour, Plane, ease, luma},
    matte::guided,
    mesh::{BROWS, EYES, LIPS, Mesh, NOSTRILS, OVAL},
    photo::Frame,
    shapes,
};

/// How far the highlights of a person are brought up, on the sRGB curve.
const HIGHLIGHT: f32 = 0.94;
/// Highlights below this say that the whole photo is too dark.
const LIT: f32 = 0.86;
/// Where the darkest parts of a person lie at most.
const VEIL: f32 = 0.12;
/// Between these, the middle brightness of a face is left alone.
const MIDDLE: (f32, f32) = (0.44, 0.70);
/// How strongly the shading of the face is evened out.
const FILL: f32 = 0.42;
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
    /// Between the lids.
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
        let eyes = shapes::all(width, height, eyes.iter().map(Vec::as_slice));
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
    let person = cleared(person, matte);
    let gains = balance::gains(&person, features, scene);
    let light = exposure(&person, matte, features);
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

/// Without haze: a veil of light over everything leaves nothing dark, and something on everyone is. Part of it stays, so that
/// soft pictures stay soft.
fn cleared(person: Colour, matte: &Plane) -> Colour {
    let mut body: Vec<f32> = person
        .values()
        .iter()
        .zip(matte.values())
        .filter(|(_, alpha)| **alpha > 0.95)
        .map(|(pixel, _)| luma(*pixel))
        .collect();
    let veil = ((quantile(&mut body, 0.02, 0.0) - VEIL) * 0.85).clamp(0.0, 0.4);
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

/// How much more light there should be: highlights up to where they belong, a face that is far too dark or bright nudged.
fn exposure(person: &Colour, matte: &Plane, features: &Features) -> f32 {
    let mut body = Vec::new();
    let mut face = Vec::new();
    let places = person.values().iter().zip(matte.values()).zip(features.skin.values());
    for ((&pixel, &alpha), &skin) in places.step_by(3) {
        let value = luma(pixel);
        if alpha > 0.95 {
            body.push(value);
        }
        if skin > 0.5 {
            face.push(value);
        }
    }
    let highlight = quantile(&mut body, 0.995, 1.0);
    let middle = quantile(&mut face, 0.5, 0.5);
    let bright = quantile(&mut face, 0.95, 0.7);

    // Something on everyone is bright in good light, be it only the whites of the eyes: where nothing is, light was missing.
    let missing = ((linear(LIT) / linear(highlight.max(0.08))).ln() * 0.9).clamp(0.0, 2.0);
    let wanted = ((linear(HIGHLIGHT) / linear(highlight.max(0.2))).ln() * 0.5).clamp(-0.1, 0.30);
    let (dark, light) = MIDDLE;
    let nudge = if middle < dark {
        ((linear(dark) / linear(middle.max(0.05))).ln() * 0.5).min(0.45)
    } else if middle > light {
        ((linear(light) / linear(middle)).ln() * 0.5).max(-0.3)
    } else {
        0.0
    };
    let room = (linear(0.93) / linear(bright.max(0.1))).ln().max(0.0);
    (wanted * 0.5 + nudge).max(missing).min(room).exp()
}

fn quantile(values: &mut [f32], part: f32, otherwise: f32) -> f32 {
    let place = (values.len() as f32 * part) as usize;
    if place < values.len() { *values.select_nth_unstable_by(place, f32::total_cmp).1 } else { otherwise }
}

/// Evens out the large shading of the face, as a reflector opposite the light would.
fn filled(person: Colour, features: &Features) -> Colour {
    let brightness = person.luma();
    let reach = features.width * 0.16;
    let face = &features.face;
    let local = {
        let sums = brightness.with(face, |value, face| value * face).blurred(reach);
        sums.with(&face.blurred(reach), |sum, weight| (sum / weight.max(1e-3)).max(0.05))
    };
    let (sum, count) = brightness
        .values()
        .iter()
        .zip(face.values())
        .fold((0.0_f64, 1e-6_f64), |(sum, count), (&v, &w)| (sum + f64::from(v * w), count + f64::from(w)));
    let mean = (sum / count) as f32;
    let soft = face.grown((features.width * 0.05) as usize).blurred(features.width * 0.10);
    let gain = Plane::made(person.width(), person.height(), |x, y| {
        let soft = soft.row(y)[x];
        if soft < 0.004 {
            return 1.0;
        }
        let gain = (mean / local.row(y)[x]).powf(FILL).clamp(0.80, 1.38);
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

/// Takes blotches off the skin: what is larger than pores and smaller than the shape of the face.
fn smoothed(person: Colour, features: &Features) -> Colour {
    let brightness = person.luma();
    let shape = guided(&person, &brightness, ((features.width * 0.030) as usize).max(2), 0.0022);
    let pores = brightness.blurred((features.width * 0.0045).max(0.6));
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
mod tests {
    use super::*;

    #[test]
    fn highlights_end_softly_and_never_beyond_white() {
        assert_eq!(rolled_off(0.5), 0.5);
        assert!(rolled_off(0.7 + 1e-4) - rolled_off(0.7) < 2e-4);
        assert!(rolled_off(40.0) <= 1.0);
    }

    #[test]
    fn a_quantile_of_nothing_is_the_usual() {
        assert_eq!(quantile(&mut [], 0.5, 0.4), 0.4);
        assert_eq!(quantile(&mut [0.3, 0.1, 0.2], 0.5, 0.4), 0.2);
    }
}
