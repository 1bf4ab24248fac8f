//! Where the headshot is cut out of the photo: upright, the head at its usual size and height, and as much of the body as there
//! is. Where the photo shows too little, the crop becomes tighter; a bust never floats.

use crate::{
    Error, Point,
    grid::Plane,
    matte,
    mesh::{Mesh, OVAL},
    nets::Nets,
    photo::{Frame, Photo},
};

/// The head takes this part of the headshot's height.
const HEAD: f32 = 0.455;
/// And this part is left above it.
const HEADROOM: f32 = 0.105;
/// The headroom that may be chosen instead.
const HEADROOMS: [f32; 6] = [HEADROOM, 0.075, 0.04, 0.0, 0.15, 0.20];
/// Width of a headshot as a part of its height.
const ASPECT: f32 = 0.8;
/// Tallest headshot, in pixels.
const TALLEST: f32 = 1280.0;
/// How many times a photo is enlarged at most.
const ENLARGED: f32 = 1.6;
/// The tightest crop, as a part of the usual one.
const TIGHTEST: f32 = 0.58;
/// A natural lean of the head that stays, in degrees, and the part of a larger one.
const LEAN: (f32, f32) = (4.0, 0.35);
/// Beyond this, in degrees, it is no lean: photos are turned upright before, so it is hardly a face.
const UPRIGHT: f32 = 60.0;
/// A lean that could not be straightened and shows, in degrees.
const CROOKED: f32 = 14.0;
/// Missing places of [`GRID`] that don't show.
const TOLERATED: f32 = 14.0;
/// Places at which a possible frame is looked at.
const GRID: (usize, usize) = (64, 80);
/// Side of the square around the head on which the person is looked for.
const SIDE: usize = 256;
/// How much wider than the face is tall that square is.
const ROOM: f32 = 4.2;

/// Where the headshot is cut out.
#[derive(Clone, Debug)]
pub(crate) struct Framing {
    pub(crate) frame: Frame,
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// The head goes on above the photo.
    pub(crate) head_cut: bool,
    /// Places at which the person ought to be, and the photo has ended.
    missing: f32,
    /// How far this is from the usual crop.
    cost: f32,
    /// Degrees that the head still leans.
    leaning: f32,
}

/// The upright surroundings of the head, with the person in them.
struct Surroundings {
    frame: Frame,
    person: Plane,
    crown: f32,
    head: f32,
    middle: f32,
}

impl Framing {
    /// The best frame. Straightening moves corners out of the photo, so less of it is tried too.
    pub(crate) fn of(nets: &Nets, photo: &Photo, mesh: &Mesh) -> Result<Self, Error> {
        let roll = mesh.roll().to_degrees();
        let mut best: Option<Self> = None;
        for part in [1.0, 0.5, 0.15] {
            let turn = if roll.abs() < UPRIGHT {
                (roll - (roll * LEAN.1).clamp(-LEAN.0, LEAN.0)).to_radians() * part
            } else {
                0.0
            };
            let around = Surroundings::of(nets, photo, mesh, turn)?;
            let mut framing = around.best_frame(photo, mesh);
            framing.leaning = roll - turn.to_degrees();
            framing.cost += (1.0 - part) * roll.abs() * 2.5;
            let done = roll.abs() < 2.5 || framing.missing < 1.0;
            if best.as_ref().is_none_or(|best| framing.cost < best.cost) {
                best = Some(framing);
            }
            if done {
                break;
            }
        }
        best.ok_or(Error::NoFace)
    }

    /// So much of the body is missing that nothing carries the head.
    pub(crate) fn no_shoulders(&self) -> bool {
        self.missing > 120.0
    }

    /// Whether the head leans more than is natural.
    pub(crate) fn left_tilted(&self) -> bool {
        self.leaning.abs() > CROOKED
    }

    /// What is missing, to rank photos by.
    pub(crate) fn compromise(&self) -> f32 {
        self.missing
    }
}

impl Surroundings {
    fn of(nets: &Nets, photo: &Photo, mesh: &Mesh, turn: f32) -> Result<Self, Error> {
        let oval = mesh.line(&OVAL);
        let mean = |read: fn(&Point) -> f32| oval.iter().map(read).sum::<f32>() / oval.len() as f32;
        let centre = Point::new(mean(|point| point.x), mean(|point| point.y));
        let frame = Frame { centre, turn, scale: mesh.height() * ROOM / SIDE as f32 };
        let (picture, inside) = photo.crop(&frame, SIDE, SIDE)?;
        let person = matte::person(nets, &picture)?.with(&inside, |person, inside| person * inside);

        let place = |point: Point| frame.of_photo(point, SIDE, SIDE);
        let (chin, forehead) = (place(mesh.chin()), place(mesh.forehead()));
        let face_width = mesh.width() / frame.scale;
        let face = chin.y - forehead.y;
        let crown = crown(&person, forehead, face_width).min(forehead.y - 0.08 * face);
        let head = (chin.y - crown).clamp(1.12 * face, 1.9 * face);
        let crown = chin.y - head;
        // The hair's middle is the head's as much as the face's is.
        let (mut weight, mut sum) = (1e-6, 0.0);
        for y in crown.max(0.0) as usize..(chin.y.max(0.0) as usize).min(SIDE) {
            for (x, &value) in person.row(y).iter().enumerate() {
                if (x as f32 - SIDE as f32 / 2.0).abs() < face_width * 1.1 {
                    sum += value * x as f32;
                    weight += value;
                }
            }
        }
        let middle = 0.5 * sum / weight + 0.25 * SIDE as f32;
        Ok(Self { frame, person, crown, head, middle })
    }

    /// Tries every size and headroom, and takes the one that misses least of the person and is least unusual.
    fn best_frame(&self, photo: &Photo, mesh: &Mesh) -> Framing {
        let (mut best, mut chosen) = (f32::MAX, (1.0, HEADROOM, 0.0));
        let steps = ((1.0 - TIGHTEST) / 0.02) as usize;
        for step in 0..=steps {
            let size = 1.0 - step as f32 * 0.02;
            for headroom in HEADROOMS {
                let missing = (self.missing(photo, size, headroom) - TOLERATED).max(0.0);
                let cost = missing + (1.0 - size) * 60.0 + (headroom - HEADROOM).abs() * 160.0;
                if cost < best {
                    (best, chosen) = (cost, (size, headroom, missing));
                }
            }
        }
        let (size, headroom, missing) = chosen;
        let tall = self.head / HEAD * size;
        let middle = Point::new(self.middle, self.crown + (0.5 - headroom) * tall);
        let centre = self.frame.to_photo(middle, SIDE, SIDE);
        let on_photo = tall * self.frame.scale;
        // A multiple of 16, so that every later size divides evenly.
        let height = ((on_photo * ENLARGED).min(TALLEST) / 16.0).floor().max(1.0) as usize * 16;
        let scale = on_photo / height as f32;
        Framing {
            frame: Frame { centre, turn: self.frame.turn, scale },
            width: height * 4 / 5,
            height,
            head_cut: self.head_cut(photo, mesh),
            missing,
            cost: best,
            leaning: 0.0,
        }
    }

    /// At how many places of a frame the person goes on beyond the edge of the photo. Below it there always is some body.
    fn missing(&self, photo: &Photo, size: f32, headroom: f32) -> f32 {
        let tall = self.head / HEAD * size;
        let wide = tall * ASPECT;
        let (left, top) = (self.middle - wide / 2.0, self.crown - headroom * tall);
        let (across, down) = GRID;
        let (last_x, last_y) = (photo.width() as f32 - 2.0, photo.height() as f32 - 2.0);
        let mut missing = 0;
        for row in 0..down {
            for column in 0..across {
                let place = Point::new(
                    left + wide * (column as f32 + 0.5) / across as f32,
                    top + tall * (row as f32 + 0.5) / down as f32,
                );
                let there = self.frame.to_photo(place, SIDE, SIDE);
                if photo.holds(there, 1.0) {
                    continue;
                }
                let edge = Point::new(there.x.clamp(1.0, last_x), there.y.clamp(1.0, last_y));
                let at_edge = self.frame.of_photo(edge, SIDE, SIDE);
                if there.y > last_y + 1.0 || self.person.between(at_edge.x, at_edge.y) > 0.4 {
                    missing += 1;
                }
            }
        }
        missing as f32
    }

    /// Whether the crown lies above the photo, or much hair touches its upper edge.
    fn head_cut(&self, photo: &Photo, mesh: &Mesh) -> bool {
        if self.frame.to_photo(Point::new(self.middle, self.crown), SIDE, SIDE).y < 2.0 {
            return true;
        }
        let face_width = mesh.width() / self.frame.scale;
        let touching = (0..64).filter(|&step| {
            let x = self.middle + face_width * 1.2 * (step as f32 / 64.0 - 0.5);
            let above = self.frame.to_photo(Point::new(x, self.crown), SIDE, SIDE).x;
            let edge = self.frame.of_photo(Point::new(above, 0.0075 * photo.height() as f32), SIDE, SIDE);
            edge.y > self.crown - 0.25 * self.head && self.person.between(edge.x, edge.y) > 0.5
        });
        touching.count() > 10
    }
}

/// The highest row above the forehead at which the person still fills the middle of the head.
fn crown(person: &Plane, forehead: Point, face_width: f32) -> f32 {
    let (left, right) = ((forehead.x - 0.22 * face_width) as isize, (forehead.x + 0.22 * face_width) as isize);
    let (mut crown, mut gaps) = (forehead.y, 0);
    let mut y = forehead.y as isize;
    while y > 0 {
        let share = (left..=right).map(|x| person.at(x, y)).sum::<f32>() / (right - left + 1) as f32;
        if share > 0.45 {
            (crown, gaps) = (y as f32, 0);
        } else {
            gaps += 1;
            if gaps > 4 {
                break;
            }
        }
        y -= 1;
    }
    crown
}
