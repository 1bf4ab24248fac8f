//! Colours: between the sRGB curve, linear light and CIE Lab.

use std::sync::LazyLock;

/// Steps of a curve's table; in between it is straight, which is off by less than a ten-thousandth.
const STEPS: usize = 4096;

/// A curve from 0 to 1, reckoned once: powers are slow, and a headshot takes tens of millions of them.
pub(crate) struct Curve(Box<[f32]>);

impl Curve {
    pub(crate) fn of(curve: impl Fn(f32) -> f32) -> Self {
        Self((0..=STEPS + 1).map(|step| curve(step.min(STEPS) as f32 / STEPS as f32)).collect())
    }

    /// The curve at a value; beyond its ends it stays what it is there.
    pub(crate) fn at(&self, value: f32) -> f32 {
        let place = value.clamp(0.0, 1.0) * STEPS as f32;
        let step = place as usize;
        let (low, high) = (self.0[step], self.0[step + 1]);
        low + (high - low) * (place - step as f32)
    }
}

static LINEAR: LazyLock<Curve> = LazyLock::new(|| {
    Curve::of(|value| if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) })
});

/// By the square root of the light, since the curve is steep near black.
static ENCODED: LazyLock<Curve> = LazyLock::new(|| Curve::of(|root| bent(root * root)));

fn bent(light: f32) -> f32 {
    if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 }
}

/// Linear light of a value on the sRGB curve, 0 to 1.
pub(crate) fn linear(value: f32) -> f32 {
    LINEAR.at(value)
}

/// The value on the sRGB curve of linear light, which may be brighter than white.
pub(crate) fn encoded(light: f32) -> f32 {
    if light > 1.0 { bent(light) } else { ENCODED.at(light.max(0.0).sqrt()) }
}

/// A value between 0 and 1 as a byte.
pub(crate) fn byte(value: f32) -> u8 {
    (value * 255.0 + 0.5) as u8
}

/// How an eye sees a colour (D65): lightness from 0 to 100, hue in degrees, chroma.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Seen {
    /// From black (0) to white (100).
    pub(crate) lightness: f32,
    /// In degrees; skin of any tone lies around 55.
    pub(crate) hue: f32,
    /// How far from grey.
    pub(crate) chroma: f32,
}

/// How linear light is seen.
pub(crate) fn seen([red, green, blue]: [f32; 3]) -> Seen {
    let curve = |t: f32| if t > 0.008_856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
    let x = curve((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.950_47);
    let y = curve(0.2126 * red + 0.7152 * green + 0.0722 * blue);
    let z = curve((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.088_83);
    let (a, b) = (500.0 * (x - y), 200.0 * (y - z));
    Seen { lightness: 116.0 * y - 16.0, hue: b.atan2(a).to_degrees(), chroma: a.hypot(b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_is_undone() {
        for step in 0..=100 {
            let value = step as f32 / 100.0;
            assert!((encoded(linear(value)) - value).abs() < 1e-4);
        }
    }

    #[test]
    fn known_colours_are_seen_as_they_are() {
        let white = seen([1.0; 3]);
        assert!((white.lightness - 100.0).abs() < 0.1 && white.chroma < 0.1);
        let red = seen([1.0, 0.0, 0.0]);
        assert!((red.lightness - 53.2).abs() < 0.3 && (red.hue - 40.0).abs() < 0.5 && (red.chroma - 104.6).abs() < 1.0);
    }
}
