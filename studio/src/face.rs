//! Finding faces: two BlazeFace nets look at the whole photo, and what they find of the same face is averaged.

use crate::{
    Error, Point,
    grid::Colour,
    nets::{Net, Nets},
    photo::Photo,
};

/// Long side of what the nets look at; a face worth a headshot is still large enough in it.
pub(crate) const LOOKED_AT: usize = 640;

/// A net that is less sure than this has found nothing.
const SURE: f32 = 0.6;

/// Two boxes that share more than this of their union are the same face.
const SAME: f32 = 0.3;

/// A box of which more than this lies in a surer one is a part of it.
const PART: f32 = 0.6;

/// A face as it was found, in pixels of the photo.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The left upper corner of its box.
    pub(crate) corner: Point,
    pub(crate) width: f32,
    pub(crate) height: f32,
    /// Eyes, nose, mouth and ears: the person's right eye first, then the left.
    pub(crate) points: [Point; 6],
    /// How sure the nets are, from 0 to 1.
    pub(crate) score: f32,
}

impl Found {
    pub(crate) fn area(&self) -> f32 {
        self.width * self.height
    }

    fn shared(&self, other: &Self) -> f32 {
        let span =
            |a: f32, a_length: f32, b: f32, b_length: f32| ((a + a_length).min(b + b_length) - a.max(b)).max(0.0);
        span(self.corner.x, self.width, other.corner.x, other.width)
            * span(self.corner.y, self.height, other.corner.y, other.height)
    }

    fn is_same(&self, other: &Self) -> bool {
        let shared = self.shared(other);
        shared > SAME * (self.area() + other.area() - shared)
    }

    fn is_part_of(&self, other: &Self) -> bool {
        self.shared(other) > PART * self.area().min(other.area())
    }

    /// The mean of several, each counting as much as it is sure.
    fn mean(of: &[&Self]) -> Option<Self> {
        let first = of.first()?;
        let sum: f32 = of.iter().map(|one| one.score).sum();
        let mean = |read: &dyn Fn(&Self) -> f32| of.iter().map(|one| one.score * read(one)).sum::<f32>() / sum;
        Some(Self {
            corner: Point::new(mean(&|one| one.corner.x), mean(&|one| one.corner.y)),
            width: mean(&|one| one.width),
            height: mean(&|one| one.height),
            points: std::array::from_fn(|i| Point::new(mean(&|one| one.points[i].x), mean(&|one| one.points[i].y))),
            score: first.score,
        })
    }
}

/// The faces of a photo, largest first.
pub(crate) fn find(nets: &Nets, photo: &Photo) -> Result<Vec<Found>, Error> {
    let (small, factor) = photo.within(LOOKED_AT)?;
    let picture = small.colour();
    // Anchors by cell: 2 a cell of 8 pixels and 6 a cell of 16; the other net has 1 a cell of 4.
    let mut all = look(&nets.near, &picture, 128, &[(8, 2), (16, 6)])?;
    all.extend(look(&nets.far, &picture, 192, &[(4, 1)])?);
    let mut faces = merged(all);
    for face in &mut faces {
        face.corner = face.corner.scaled(1.0 / factor);
        face.width /= factor;
        face.height /= factor;
        face.points = face.points.map(|point| point.scaled(1.0 / factor));
    }
    faces.sort_by(|a, b| b.area().total_cmp(&a.area()));
    Ok(faces)
}

/// What one net sees. It takes a square, so the picture is laid into the middle of a black one.
fn look(net: &Net, picture: &Colour, side: usize, layers: &[(usize, usize)]) -> Result<Vec<Found>, Error> {
    let factor = side as f32 / picture.width().max(picture.height()) as f32;
    let length = |from: usize| ((from as f32 * factor) as usize).max(1);
    let inner = picture.resized(length(picture.width()), length(picture.height()));
    let (left, top) = ((side - inner.width()) / 2, (side - inner.height()) / 2);
    let square = Colour::made(side, side, |x, y| {
        let inside = (left..left + inner.width()).contains(&x) && (top..top + inner.height()).contains(&y);
        if inside { inner.row(y - top)[x - left].map(|value| value.clamp(0.0, 1.0)) } else { [0.0; 3] }
    });
    let [boxes, scores] = net.run(&square, |_, value| 2.0 * value - 1.0, ["boxes", "scores"])?;
    let laid = Laid { left: left as f32, top: top as f32, factor };
    Ok(laid.read(&anchors(side, layers), side, &boxes, &scores))
}

/// How a picture is laid into the square of a net.
struct Laid {
    left: f32,
    top: f32,
    /// How many of the square's pixels one of the picture's covers.
    factor: f32,
}

impl Laid {
    /// What a net says, where it is sure. Of each cell it gives a box, its middle first, and six points, all of them counted
    /// from the middle of the cell.
    fn read(&self, cells: &[Point], side: usize, boxes: &[f32], scores: &[f32]) -> Vec<Found> {
        let found = cells.iter().zip(boxes.chunks_exact(16)).zip(scores).filter_map(|((cell, values), &score)| {
            let score = logistic(score);
            if score < SURE {
                return None;
            }
            let around = |i: usize| (values[i] + cell.x * side as f32, values[i + 1] + cell.y * side as f32);
            let (x, y) = around(0);
            let (width, height) = (values[2], values[3]);
            Some(Found {
                corner: self.in_picture(x - width / 2.0, y - height / 2.0),
                width: width / self.factor,
                height: height / self.factor,
                points: std::array::from_fn(|i| {
                    let (x, y) = around(4 + 2 * i);
                    self.in_picture(x, y)
                }),
                score,
            })
        });
        found.collect()
    }

    fn in_picture(&self, x: f32, y: f32) -> Point {
        Point::new((x - self.left) / self.factor, (y - self.top) / self.factor)
    }
}

/// The middles of the cells a net speaks of, as parts of its side.
fn anchors(side: usize, layers: &[(usize, usize)]) -> Vec<Point> {
    let mut anchors = Vec::new();
    for &(cell, each) in layers {
        let cells = side / cell;
        for place in 0..cells * cells {
            let middle = |nth: usize| (nth as f32 + 0.5) / cells as f32;
            anchors.extend(std::iter::repeat_n(Point::new(middle(place % cells), middle(place / cells)), each));
        }
    }
    anchors
}

/// One for each face: the surest, averaged with those that found the same one.
fn merged(mut all: Vec<Found>) -> Vec<Found> {
    all.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut faces: Vec<Found> = Vec::new();
    let mut taken = vec![false; all.len()];
    for first in 0..all.len() {
        if taken[first] {
            continue;
        }
        let same: Vec<usize> =
            (first..all.len()).filter(|&other| !taken[other] && all[first].is_same(&all[other])).collect();
        for &one in &same {
            taken[one] = true;
        }
        let same: Vec<&Found> = same.iter().map(|&one| &all[one]).collect();
        if let Some(face) = Found::mean(&same)
            && !faces.iter().any(|other| face.is_part_of(other))
        {
            faces.push(face);
        }
    }
    faces
}

pub(crate) fn logistic(value: f32) -> f32 {
    1.0 / (1.0 + (-value.clamp(-60.0, 60.0)).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(x: f32, y: f32, side: f32, score: f32) -> Found {
        let corner = Point::new(x, y);
        Found { corner, width: side, height: side, points: [corner; 6], score }
    }

    #[test]
    fn one_face_seen_twice_is_one_face() {
        let faces =
            merged(vec![found(10.0, 10.0, 40.0, 0.7), found(12.0, 10.0, 40.0, 0.9), found(200.0, 10.0, 40.0, 0.8)]);
        assert_eq!(faces.len(), 2);
        assert!((faces[0].corner.x - (10.0 * 0.7 + 12.0 * 0.9) / 1.6).abs() < 1e-3);
    }

    #[test]
    fn a_box_within_a_face_is_no_face_of_its_own() {
        assert_eq!(merged(vec![found(0.0, 0.0, 100.0, 0.9), found(30.0, 30.0, 30.0, 0.8)]).len(), 1);
    }

    #[test]
    fn what_a_net_says_is_read_in_pixels_of_the_picture() {
        // A square of 128 that has a picture of twice its size in its middle, 16 from above.
        let laid = Laid { left: 0.0, top: 16.0, factor: 0.5 };
        let cells = [Point::new(0.25, 0.5), Point::new(0.5, 0.5)];
        let mut boxes = [0.0; 32];
        boxes[..6].copy_from_slice(&[4.0, -2.0, 20.0, 10.0, -3.0, 5.0]);
        let found = laid.read(&cells, 128, &boxes, &[2.0, 0.0]);
        assert_eq!(found.len(), 1, "the other is not sure enough");
        let face = &found[0];
        assert_eq!((face.corner.x, face.corner.y), (2.0 * (36.0 - 10.0), 2.0 * (62.0 - 5.0 - 16.0)));
        assert_eq!((face.width, face.height), (40.0, 20.0));
        assert_eq!((face.points[0].x, face.points[0].y), (2.0 * 29.0, 2.0 * (69.0 - 16.0)));
        assert!((face.score - 0.880_797).abs() < 1e-5);
    }

    #[test]
    fn anchors_are_as_many_as_the_nets_have() {
        assert_eq!(anchors(128, &[(8, 2), (16, 6)]).len(), 896);
        assert_eq!(anchors(192, &[(4, 1)]).len(), 2304);
    }
}
