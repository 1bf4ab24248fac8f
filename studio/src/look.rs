//! How a cut-out is framed and lit for one headshot: what makes two headshots of one photo differ, and what an edit changes.

use serde::{Deserialize, Serialize};

use crate::{
    Point,
    colour::{Curve, encoded, linear},
    grid::luma,
    photo::Frame,
};

/// How a cut-out is framed and lit. The default is as it was cut out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Look {
    /// How many times closer than it was cut out, 1 to 1.6.
    pub zoom: f32,
    /// How far the person moves to the right, in parts of the width.
    pub x: f32,
    /// How far the person moves down, in parts of the height.
    pub y: f32,
    /// How far the person is turned clockwise, in degrees, at most 10 either way.
    pub turn: f32,
    /// Darker (-1) to lighter (1).
    pub light: f32,
    /// Cooler (-1) to warmer (1).
    pub warmth: f32,
}

impl Default for Look {
    fn default() -> Self {
        Self { zoom: 1.0, x: 0.0, y: 0.0, turn: 0.0, light: 0.0, warmth: 0.0 }
    }
}

/// Closer than this, a headshot is soft.
const CLOSEST: f32 = 1.6;
/// The person may be moved so far down: above them there is only backdrop.
const LOWEST: f32 = 0.12;
/// What full light is, in stops.
const STOPS: f32 = 0.6;
/// How much full warmth moves red up and blue down.
const TINT: f32 = 0.12;

impl Look {
    /// The nearest look that can be made: numbers within bounds, and none that isn't one.
    #[must_use]
    pub fn bounded(self) -> Self {
        let within = |value: f32, low: f32, high: f32, otherwise: f32| {
            if value.is_finite() { value.clamp(low, high) } else { otherwise }
        };
        Self {
            zoom: within(self.zoom, 1.0, CLOSEST, 1.0),
            x: within(self.x, -0.3, 0.3, 0.0),
            y: within(self.y, -0.3, 0.3, 0.0),
            turn: within(self.turn, -10.0, 10.0, 0.0),
            light: within(self.light, -1.0, 1.0, 0.0),
            warmth: within(self.warmth, -1.0, 1.0, 0.0),
        }
    }

    /// The frame to lay on a cut-out: the head stays where it is unless it is moved, and no edge is seen where the person was
    /// cut off by the edge of the photo. Turning comes closer as far as it must.
    pub(crate) fn frame(self, width: usize, height: usize, head: Point) -> Frame {
        let look = self.bounded();
        let (w, h) = (width as f32, height as f32);
        let turn = look.turn.to_radians();
        let (sin, cos) = (turn.sin().abs(), turn.cos());
        let zoom = look.zoom.max(cos + sin * (w / h).max(h / w));
        let scale = 1.0 / zoom;
        // What the frame covers of the cut-out, upright.
        let (across, down) = ((w * cos + h * sin) * scale, (h * cos + w * sin) * scale);
        let head = Point::new(head.x * w, head.y * h);
        let middle = Point::new(w / 2.0, h / 2.0);
        let kept = Point::new(head.x + (middle.x - head.x) * scale, head.y + (middle.y - head.y) * scale);
        let (left, right) = (across / 2.0, w - across / 2.0);
        let (top, bottom) = (down / 2.0 - LOWEST * h, h - down / 2.0);
        let centre = Point::new(
            (kept.x - look.x * w * scale).clamp(left.min(right), right.max(left)),
            (kept.y - look.y * h * scale).clamp(top.min(bottom), bottom),
        );
        // The frame turns one way for the person to turn the other.
        Frame { centre, turn: -turn, scale }
    }

    /// Whether the cut-out is shown just as it is.
    pub(crate) fn is_framed_as_cut(self) -> bool {
        let Self { zoom, x, y, turn, .. } = self.bounded();
        zoom == 1.0 && x == 0.0 && y == 0.0 && turn == 0.0
    }

    /// How it lights a picture. Highlights are bent rather than cut off.
    pub(crate) fn light(self) -> Light {
        let Self { light, warmth, .. } = self.bounded();
        if light == 0.0 && warmth == 0.0 {
            return Light(None);
        }
        let gain = (light * STOPS).exp2();
        let tint = [1.0 + TINT * warmth, 1.0, 1.0 - TINT * warmth];
        let even = luma(tint);
        Light(Some(tint.map(|tint| {
            Curve::of(|value| {
                let value = linear(value) * tint / even;
                // Black and white stay where they are; in between it is the gain.
                encoded((value * gain / (1.0 + value * (gain - 1.0))).clamp(0.0, 1.0))
            })
        })))
    }
}

/// A light on a finished picture: a curve for each colour, or none, which changes nothing.
pub(crate) struct Light(Option<[Curve; 3]>);

impl Light {
    /// What a pixel is in it.
    pub(crate) fn on(&self, pixel: [f32; 3]) -> [f32; 3] {
        match &self.0 {
            Some(curves) => std::array::from_fn(|c| curves[c].at(pixel[c])),
            None => pixel,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: Point = Point::new(0.5, 0.38);

    fn corners(look: Look) -> Vec<Point> {
        let frame = look.frame(400, 500, HEAD);
        [(0.0, 0.0), (400.0, 0.0), (0.0, 500.0), (400.0, 500.0)]
            .map(|(x, y)| frame.to_photo(Point::new(x, y), 400, 500))
            .to_vec()
    }

    #[test]
    fn no_look_shows_where_the_photo_ended() {
        for zoom in [1.0, 1.2, 1.6] {
            for turn in [-10.0, -3.0, 0.0, 7.0] {
                for (x, y) in [(0.0, 0.0), (0.3, 0.3), (-0.3, -0.3)] {
                    for Point { x, y } in corners(Look { zoom, x, y, turn, ..Look::default() }) {
                        assert!((-0.1..=400.1).contains(&x) && (-60.1..=500.1).contains(&y), "{zoom} {turn}: {x} {y}");
                    }
                }
            }
        }
    }

    #[test]
    fn coming_closer_keeps_the_head_in_its_place() {
        let frame = Look { zoom: 1.3, ..Look::default() }.frame(400, 500, HEAD);
        let head = frame.of_photo(Point::new(200.0, 190.0), 400, 500);
        assert!(head.distance(Point::new(200.0, 190.0)) < 0.5, "{head:?}");
    }

    #[test]
    fn what_is_no_number_changes_nothing() {
        let odd = Look { zoom: f32::NAN, x: f32::INFINITY, light: f32::NAN, ..Look::default() };
        assert_eq!(odd.bounded(), Look::default());
        assert_eq!(Look { turn: 90.0, ..Look::default() }.bounded().turn, 10.0);
    }

    #[test]
    fn light_and_warmth_leave_black_and_white_alone() {
        let [black, grey, white] = [[0.0; 3], [0.5; 3], [1.0; 3]];
        let light = Look { light: 1.0, ..Look::default() }.light();
        assert!(light.on(black)[0] < 0.01 && light.on(grey)[0] > 0.56 && light.on(white)[0] > 0.99);
        let warm = Look { warmth: 1.0, ..Look::default() }.light().on(grey);
        assert!(warm[0] > 0.5 && warm[2] < 0.5 && (luma(warm) - 0.5).abs() < 0.01);
        assert_eq!(Look::default().light().on([0.3, 0.4, 0.5]), [0.3, 0.4, 0.5]);
    }
}
