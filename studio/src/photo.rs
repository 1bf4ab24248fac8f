//! A photo as it was decoded, and crops of it: turned, moved and scaled in one step.

use fast_image_resize::{
    FilterType, ResizeAlg, ResizeOptions, Resizer,
    images::{TypedImage, TypedImageRef},
    pixels::U8x3,
};

use crate::{
    Error, Point,
    grid::{Colour, Plane, between_four},
};

/// A photo: opaque, sRGB, three bytes a pixel, row by row.
#[derive(Clone)]
pub struct Photo {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

/// Shrinking by less than this leaves enough of each source pixel to read it directly.
const DIRECT: f32 = 1.15;

impl Photo {
    /// A photo of these pixels.
    ///
    /// # Errors
    /// When it has no pixels, or `rgb` doesn't hold three bytes for each.
    pub fn new(width: usize, height: usize, rgb: Vec<u8>) -> Result<Self, Error> {
        let fits = width > 0 && height > 0 && rgb.len() == width * height * 3;
        if fits { Ok(Self { width, height, rgb }) } else { Err(Error::Malformed) }
    }

    /// Pixels from left to right.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Pixels from top to bottom.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Its pixels, row by row: red, green and blue.
    pub fn into_rgb(self) -> Vec<u8> {
        self.rgb
    }

    /// At another size.
    pub(crate) fn scaled(&self, width: usize, height: usize) -> Result<Self, Error> {
        if (width, height) == (self.width, self.height) {
            return Ok(self.clone());
        }
        let (width, height) = (width.max(1), height.max(1));
        let mut rgb = vec![0; width * height * 3];
        let size = |length: usize| u32::try_from(length).map_err(|_| Error::Malformed);
        let from = TypedImageRef::<U8x3>::from_buffer(size(self.width)?, size(self.height)?, &self.rgb)
            .map_err(|_| Error::Malformed)?;
        let mut into =
            TypedImage::<U8x3>::from_buffer(size(width)?, size(height)?, &mut rgb).map_err(|_| Error::Malformed)?;
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
        Resizer::new().resize_typed(&from, &mut into, &options).map_err(|_| Error::Malformed)?;
        drop(into);
        Self::new(width, height, rgb)
    }

    /// What of it a frame covers, with room for what is read around it, and the left upper corner of that.
    fn under(&self, frame: &Frame, width: usize, height: usize) -> (Self, Point) {
        let room = 8.0 * frame.scale;
        let (w, h) = (width as f32, height as f32);
        let corners =
            [(0.0, 0.0), (w, 0.0), (0.0, h), (w, h)].map(|(x, y)| frame.to_photo(Point::new(x, y), width, height));
        let range = |read: fn(&Point) -> f32, length: usize| {
            let ends = corners.iter().map(read);
            let (low, high) = ends.fold((f32::MAX, f32::MIN), |(low, high), end| (low.min(end), high.max(end)));
            let first = ((low - room).max(0.0) as usize).min(length - 1);
            first..((high + room).max(0.0) as usize).clamp(first + 1, length)
        };
        let (across, down) = (range(|point| point.x, self.width), range(|point| point.y, self.height));
        let rows = down.clone().flat_map(|y| &self.rgb[(y * self.width + across.start) * 3..][..across.len() * 3]);
        let rgb = rows.copied().collect();
        (Self { width: across.len(), height: down.len(), rgb }, Point::new(across.start as f32, down.start as f32))
    }

    /// The same with its longer side at most `side`, and how many times smaller that is (at most 1).
    pub(crate) fn within(&self, side: usize) -> Result<(Self, f32), Error> {
        let factor = (side as f32 / self.width.max(self.height) as f32).min(1.0);
        let length = |from: usize| ((from as f32 * factor) as usize).max(1);
        Ok((self.scaled(length(self.width), length(self.height))?, factor))
    }

    /// Turned clockwise, by so many quarters.
    pub(crate) fn turned(&self, quarters: usize) -> Self {
        let (w, h) = (self.width, self.height);
        let (width, height) = if quarters.is_multiple_of(2) { (w, h) } else { (h, w) };
        let rgb = (0..width * height).flat_map(|place| {
            let (x, y) = (place % width, place / width);
            let (x, y) = match quarters % 4 {
                1 => (y, h - 1 - x),
                2 => (w - 1 - x, h - 1 - y),
                3 => (w - 1 - y, x),
                _ => (x, y),
            };
            let at = (y * w + x) * 3;
            [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]]
        });
        Self { width, height, rgb: rgb.collect() }
    }

    /// As floats.
    pub(crate) fn colour(&self) -> Colour {
        Colour::made(self.width, self.height, |x, y| self.pixel(x, y))
    }

    fn pixel(&self, x: usize, y: usize) -> [f32; 3] {
        let at = (y * self.width + x) * 3;
        [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]].map(|value| f32::from(value) / 255.0)
    }

    /// Four pixels of a row, as bytes. Outside, those at the edge count on.
    fn four(&self, x: isize, y: isize) -> [[f32; 3]; 4] {
        let row = y.clamp(0, self.height as isize - 1) as usize * self.width;
        let inside = usize::try_from(x).ok().filter(|x| x + 4 <= self.width);
        if let Some((pixels, _)) = inside.and_then(|x| self.rgb[(row + x) * 3..].split_first_chunk::<12>()) {
            return std::array::from_fn(|i| [0, 1, 2].map(|c| f32::from(pixels[i * 3 + c])));
        }
        std::array::from_fn(|i| {
            let at = (row + (x + i as isize).clamp(0, self.width as isize - 1) as usize) * 3;
            [0, 1, 2].map(|c| f32::from(self.rgb[at + c]))
        })
    }

    /// What a frame of `width` × `height` laid on the photo shows, and which of its pixels lie on the photo at all.
    pub(crate) fn crop(&self, frame: &Frame, width: usize, height: usize) -> Result<(Colour, Plane), Error> {
        let smaller;
        let (mut source, mut corner, mut across, mut down) = (self, Point::new(0.0, 0.0), 1.0, 1.0);
        if frame.scale > DIRECT {
            let (part, at) = self.under(frame, width, height);
            let length = |from: usize| ((from as f32 / frame.scale).round() as usize).max(8);
            smaller = part.scaled(length(part.width), length(part.height))?;
            (across, down) = (smaller.width as f32 / part.width as f32, smaller.height as f32 / part.height as f32);
            (source, corner) = (&smaller, at);
        }
        let laid = frame.laid(width, height);
        let on = |x: usize, y: usize| laid(Point::new(x as f32 + 0.5, y as f32 + 0.5));
        let colour = Colour::made(width, height, |x, y| {
            let place = on(x, y);
            let (x, y) = ((place.x - corner.x) * across - 0.5, (place.y - corner.y) * down - 0.5);
            cubic_at(|x, y| source.four(x, y), x, y).map(|value| (value * (1.0 / 255.0)).clamp(0.0, 1.0))
        });
        let inside = Plane::made(width, height, |x, y| f32::from(u8::from(self.holds(on(x, y), 0.0))));
        Ok((colour, inside))
    }

    /// Whether a place lies on the photo, `margin` away from its edges.
    pub(crate) fn holds(&self, place: Point, margin: f32) -> bool {
        place.x >= margin
            && place.y >= margin
            && place.x < self.width as f32 - margin
            && place.y < self.height as f32 - margin
    }

    /// The middle of it, at just this size.
    pub(crate) fn covering(&self, width: usize, height: usize) -> Result<Colour, Error> {
        let scale = (self.width as f32 / width as f32).min(self.height as f32 / height as f32);
        let centre = Point::new(self.width as f32 / 2.0, self.height as f32 / 2.0);
        Ok(self.crop(&Frame { centre, turn: 0.0, scale }, width, height)?.0)
    }
}

/// What lies between the pixels of a picture, each of so many values. `four` gives those of a row, from a place on.
pub(crate) fn cubic_at<const N: usize>(four: impl Fn(isize, isize) -> [[f32; N]; 4], x: f32, y: f32) -> [f32; N] {
    let (left, top) = (below(x), below(y));
    let (across, down) = (between_four(x - left as f32), between_four(y - top as f32));
    let mut sum = [0.0; N];
    for (row, by_row) in (top - 1..).zip(down) {
        let pixels = four(left - 1, row);
        for c in 0..N {
            let line = across[0] * pixels[0][c]
                + across[1] * pixels[1][c]
                + across[2] * pixels[2][c]
                + across[3] * pixels[3][c];
            sum[c] += by_row * line;
        }
    }
    sum
}

/// The whole number below, or for one below 0 the next. `f32::floor` is a call to a library on the processors we build for.
fn below(value: f32) -> isize {
    value as isize - isize::from(value < 0.0)
}

/// A frame laid on a photo: where its middle is, how it is turned, and how many pixels of the photo one of its own covers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Frame {
    pub(crate) centre: Point,
    /// In radians, clockwise as seen.
    pub(crate) turn: f32,
    pub(crate) scale: f32,
}

impl Frame {
    /// Where on the photo a place of the frame lies, when the frame has this many pixels.
    pub(crate) fn to_photo(self, place: Point, width: usize, height: usize) -> Point {
        self.laid(width, height)(place)
    }

    /// The same for many places.
    pub(crate) fn laid(self, width: usize, height: usize) -> impl Fn(Point) -> Point {
        let (sin, cos) = self.turn.sin_cos();
        let (middle_x, middle_y) = (width as f32 / 2.0, height as f32 / 2.0);
        move |place| {
            let (dx, dy) = ((place.x - middle_x) * self.scale, (place.y - middle_y) * self.scale);
            Point::new(self.centre.x + cos * dx - sin * dy, self.centre.y + sin * dx + cos * dy)
        }
    }

    /// Where in the frame a place of the photo lies.
    pub(crate) fn of_photo(self, place: Point, width: usize, height: usize) -> Point {
        let (dx, dy) = (place.x - self.centre.x, place.y - self.centre.y);
        let (sin, cos) = self.turn.sin_cos();
        Point::new(
            (cos * dx + sin * dy) / self.scale + width as f32 / 2.0,
            (cos * dy - sin * dx) / self.scale + height as f32 / 2.0,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_is_the_same_place() {
        let frame = Frame { centre: Point::new(310.0, 200.0), turn: 0.3, scale: 2.5 };
        let place = Point::new(17.0, 90.0);
        let back = frame.of_photo(frame.to_photo(place, 100, 120), 100, 120);
        assert!((back.x - place.x).abs() < 1e-3 && (back.y - place.y).abs() < 1e-3);
    }

    #[test]
    fn whole_numbers_lie_below_on_both_sides_of_nothing() {
        assert_eq!([-1.5, -0.5, 0.0, 0.5, 2.0].map(below), [-2, -1, 0, 0, 2]);
    }

    #[test]
    fn a_crop_shows_what_lies_under_the_frame() {
        let rgb = (0..60 * 80).flat_map(|i| [if i % 60 < 30 { 0 } else { 255 }, 0, 0]).collect();
        let photo = Photo::new(60, 80, rgb).unwrap();
        let frame = Frame { centre: Point::new(30.0, 40.0), turn: 0.0, scale: 1.0 };
        let (colour, inside) = photo.crop(&frame, 100, 40).unwrap();
        assert!(colour.at(40, 20)[0] < 0.01 && colour.at(60, 20)[0] > 0.99);
        assert_eq!((inside.at(10, 20), inside.at(50, 20), inside.at(90, 20)), (0.0, 1.0, 0.0));
    }

    #[test]
    fn quarters_turn_clockwise() {
        // 1 2 3
        // 4 5 6
        let photo = Photo::new(3, 2, (1..=6).flat_map(|value| [value; 3]).collect()).unwrap();
        let seen = |turned: &Photo| {
            let values: Vec<u8> = turned.rgb.iter().step_by(3).copied().collect();
            (turned.width, values)
        };
        assert_eq!(seen(&photo.turned(1)), (2, vec![4, 1, 5, 2, 6, 3]));
        assert_eq!(seen(&photo.turned(2)), (3, vec![6, 5, 4, 3, 2, 1]));
        assert_eq!(seen(&photo.turned(3)), (2, vec![3, 6, 2, 5, 1, 4]));
        assert_eq!(seen(&photo.turned(4)), seen(&photo));
    }

    #[test]
    fn pixels_that_do_not_add_up_are_refused() {
        assert!(Photo::new(2, 2, vec![0; 11]).is_err() && Photo::new(0, 2, vec![]).is_err());
    }
}
