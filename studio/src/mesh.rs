//! 468 points of one face (FaceMesh), and what they tell: how it is turned, whether the eyes are open.

use crate::{
    Error, Point,
    face::{Found, logistic},
    nets::Nets,
    photo::{Frame, Photo},
};

/// Side of what the net looks at.
const SIDE: usize = 192;

/// How much wider than the face that is.
const ROOM: f32 = 1.5;

/// The outline of the face, from the forehead clockwise as seen.
pub(crate) const OVAL: [usize; 36] = [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149, 150,
    136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
];
/// Lids, as closed outlines.
pub(crate) const EYES: [[usize; 16]; 2] = [
    [33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7],
    [263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249],
];
/// The outer line of the lips.
pub(crate) const LIPS: [usize; 20] =
    [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146];
/// Brows and nostrils: not skin to be smoothed.
pub(crate) const BROWS: [[usize; 10]; 2] =
    [[70, 63, 105, 66, 107, 55, 65, 52, 53, 46], [300, 293, 334, 296, 336, 285, 295, 282, 283, 276]];
pub(crate) const NOSTRILS: [usize; 6] = [98, 97, 2, 326, 327, 94];

const FOREHEAD: usize = 10;
const CHIN: usize = 152;
const UPPER_LIP: usize = 13;
const NOSE: usize = 1;
const RIGHT_SIDE: usize = 234;
const LEFT_SIDE: usize = 454;

/// The points of a face in pixels of the photo, each with its depth in the same measure.
#[derive(Clone, Debug)]
pub(crate) struct Mesh {
    points: Vec<(Point, f32)>,
    /// How sure the net is that this is a face, from 0 to 1.
    pub(crate) score: f32,
}

impl Mesh {
    /// Looks twice: the second time centred on what the first look found.
    pub(crate) fn of(nets: &Nets, photo: &Photo, face: &Found) -> Result<Self, Error> {
        let [right_eye, left_eye, ..] = face.points;
        let first = Frame {
            centre: Point::new(face.corner.x + face.width / 2.0, face.corner.y + face.height / 2.0),
            turn: (left_eye.y - right_eye.y).atan2(left_eye.x - right_eye.x),
            scale: face.width.max(face.height) * ROOM / SIDE as f32,
        };
        let rough = Self::look(nets, photo, &first)?;
        let range = |read: fn(&Point) -> f32| {
            let values = rough.points.iter().map(|(point, _)| read(point));
            values.fold((f32::MAX, f32::MIN), |(low, high), value| (low.min(value), high.max(value)))
        };
        let ((left, right), (top, bottom)) = (range(|point| point.x), range(|point| point.y));
        let second = Frame {
            centre: Point::new((left + right) / 2.0, (top + bottom) / 2.0),
            turn: rough.roll(),
            scale: (right - left).max(bottom - top) * ROOM / SIDE as f32,
        };
        Self::look(nets, photo, &second)
    }

    fn look(nets: &Nets, photo: &Photo, frame: &Frame) -> Result<Self, Error> {
        let (picture, _) = photo.crop(frame, SIDE, SIDE)?;
        let [values, score] = nets.mesh.run(&picture, |_, value| value, ["mesh", "score"])?;
        let points: Vec<(Point, f32)> = values
            .chunks_exact(3)
            .take(468)
            .map(|point| (frame.to_photo(Point::new(point[0], point[1]), SIDE, SIDE), point[2] * frame.scale))
            .collect();
        if points.len() < 468 || score.is_empty() {
            return Err(Error::Net("a face without its points".to_owned()));
        }
        Ok(Self { points, score: logistic(score[0]) })
    }

    /// One point.
    pub(crate) fn at(&self, index: usize) -> Point {
        self.points[index].0
    }

    /// Several points, in order.
    pub(crate) fn line(&self, indices: &[usize]) -> Vec<Point> {
        indices.iter().map(|&index| self.at(index)).collect()
    }

    pub(crate) fn forehead(&self) -> Point {
        self.at(FOREHEAD)
    }

    pub(crate) fn chin(&self) -> Point {
        self.at(CHIN)
    }

    pub(crate) fn upper_lip(&self) -> Point {
        self.at(UPPER_LIP)
    }

    pub(crate) fn nose(&self) -> Point {
        self.at(NOSE)
    }

    /// The middles of the eyes: the person's right one first.
    fn eyes(&self) -> (Point, Point) {
        (self.at(33).halfway(self.at(133)), self.at(362).halfway(self.at(263)))
    }

    /// How far the head leans, in radians, clockwise as seen.
    pub(crate) fn roll(&self) -> f32 {
        let (right, left) = self.eyes();
        (left.y - right.y).atan2(left.x - right.x)
    }

    /// From eye to eye, in pixels.
    pub(crate) fn eye_distance(&self) -> f32 {
        let (right, left) = self.eyes();
        right.distance(left)
    }

    /// How far it looks to the side, in radians.
    pub(crate) fn yaw(&self) -> f32 {
        self.lean(RIGHT_SIDE, LEFT_SIDE)
    }

    /// How far it looks up or down, in radians.
    pub(crate) fn pitch(&self) -> f32 {
        self.lean(FOREHEAD, CHIN)
    }

    fn lean(&self, from: usize, to: usize) -> f32 {
        (self.points[to].1 - self.points[from].1).atan2(self.at(from).distance(self.at(to)))
    }

    /// From the hairline to the chin.
    pub(crate) fn height(&self) -> f32 {
        self.forehead().distance(self.chin())
    }

    /// From ear to ear.
    pub(crate) fn width(&self) -> f32 {
        self.at(RIGHT_SIDE).distance(self.at(LEFT_SIDE))
    }

    /// How far the wider eye is open: lid to lid as a part of its width. About 0.3 is usual, and 0.15 for narrow
    /// ones or in a broad smile; below 0.1 both are shut.
    pub(crate) fn openness(&self) -> f32 {
        let eye = |lids: [(usize, usize); 2], corners: (usize, usize)| {
            let open: f32 = lids.iter().map(|&(up, low)| self.at(up).distance(self.at(low))).sum();
            open / (2.0 * self.at(corners.0).distance(self.at(corners.1)))
        };
        eye([(159, 145), (158, 153)], (33, 133)).max(eye([(386, 374), (385, 380)], (362, 263)))
    }
}

/// Faces with their points where they are wanted.
#[cfg(test)]
pub(crate) mod made {
    use super::*;

    /// The points of a face on which everything that is measured lies, seen from the front, in parts of its width and height from
    /// its middle.
    const PLACES: [(usize, f32, f32); 21] = [
        (RIGHT_SIDE, -0.5, 0.0),
        (LEFT_SIDE, 0.5, 0.0),
        (NOSE, 0.0, 0.05),
        (UPPER_LIP, 0.0, 0.22),
        (33, -0.32, -0.12),
        (133, -0.12, -0.12),
        (362, 0.12, -0.12),
        (263, 0.32, -0.12),
        (159, -0.25, -0.15),
        (145, -0.25, -0.09),
        (158, -0.19, -0.15),
        (153, -0.19, -0.09),
        (386, 0.25, -0.15),
        (374, 0.25, -0.09),
        (385, 0.19, -0.15),
        (380, 0.19, -0.09),
        (LIPS[0], -0.2, 0.25),
        (LIPS[10], 0.2, 0.25),
        (LIPS[5], 0.0, 0.2),
        (LIPS[15], 0.0, 0.3),
        (NOSTRILS[2], 0.0, 0.1),
    ];

    /// A face of this size, leaning by so many radians, turned to the side by so many.
    pub(crate) fn face(centre: Point, (width, height): (f32, f32), roll: f32, yaw: f32) -> Mesh {
        let mut points = vec![(centre, 0.0); 468];
        let mut put = |index: usize, x: f32, y: f32| {
            let (x, depth) = (x * width * yaw.cos(), x * width * yaw.sin());
            let (sin, cos) = roll.sin_cos();
            let y = y * height;
            points[index] = (Point::new(centre.x + cos * x - sin * y, centre.y + sin * x + cos * y), depth);
        };
        for (nth, index) in OVAL.into_iter().enumerate() {
            let (sin, cos) = (nth as f32 / OVAL.len() as f32 * std::f32::consts::TAU).sin_cos();
            put(index, 0.5 * sin, -0.5 * cos);
        }
        for (index, x, y) in PLACES {
            put(index, x, y);
        }
        Mesh { points, score: 1.0 }
    }

    impl Mesh {
        /// With one eye as far open as before, or both shut.
        pub(crate) fn shut(mut self, eyes: usize) -> Self {
            for lids in [[(159, 145), (158, 153)], [(386, 374), (385, 380)]].into_iter().take(eyes) {
                for (up, low) in lids {
                    self.points[up] = self.points[low];
                }
            }
            self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(roll: f32, yaw: f32) -> Mesh {
        made::face(Point::new(500.0, 400.0), (200.0, 260.0), roll, yaw)
    }

    #[test]
    fn a_face_is_measured_the_same_however_it_leans() {
        for roll in [-1.2, -0.3, 0.0, 0.4, 1.5] {
            let face = face(roll, 0.0);
            assert!((face.roll() - roll).abs() < 1e-3, "{roll}: {}", face.roll());
            assert!((face.width() - 200.0).abs() < 0.1 && (face.height() - 260.0).abs() < 0.1);
            assert!((face.eye_distance() - 88.0).abs() < 0.1, "{}", face.eye_distance());
            assert!(face.yaw().abs() < 1e-3 && face.pitch().abs() < 1e-3);
        }
    }

    #[test]
    fn who_looks_aside_has_one_side_of_the_face_nearer() {
        for yaw in [-0.8, -0.3, 0.5] {
            let face = face(0.2, yaw);
            assert!((face.yaw() - yaw).abs() < 1e-3, "{yaw}: {}", face.yaw());
            assert!(face.pitch().abs() < 1e-3 && face.width() < 200.0);
        }
    }

    #[test]
    fn a_wink_is_no_closed_face() {
        let open = face(0.0, 0.0).openness();
        assert!(open > 0.25, "{open}");
        assert_eq!(face(0.0, 0.0).shut(1).openness(), open);
        assert_eq!(face(0.0, 0.0).shut(2).openness(), 0.0);
    }
}
