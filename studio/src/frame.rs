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
    /// How much of the photo there is below the chin, as a part of the head's height.
    pub(crate) below: f32,
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

    /// Which part of it is empty where the person ought to be.
    pub(crate) fn missing(&self) -> f32 {
        self.missing / (GRID.0 * GRID.1) as f32
    }

    /// How far the head still leans, in degrees, clockwise as seen.
    pub(crate) fn leaning(&self) -> f32 {
        self.leaning
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
        // Also of what only resembles a face, and may stand on its head.
        let face = (chin.y - forehead.y).max(1.0);
        let crown = crown(&person, forehead, face_width).min(forehead.y - 0.08 * face);
        let head = (chin.y - crown).clamp(1.12 * face, 1.9 * face);
        let crown = chin.y - head;
        // The hair's middle is the head's as much as the face's is.
        let (mut weight, mut sum) = (1e-6, 1e-6 * SIDE as f32 / 2.0);
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
            below: self.below(photo),
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

    /// How far down from the chin the photo goes on, as a part of the head's height.
    fn below(&self, photo: &Photo) -> f32 {
        let chin = self.crown + self.head;
        let step = self.head / 64.0;
        let there = |y: f32| photo.holds(self.frame.to_photo(Point::new(self.middle, y), SIDE, SIDE), 0.0);
        (1..=128).take_while(|&nth| there(chin + nth as f32 * step)).count() as f32 / 64.0
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::made::face;

    /// How the head lies in a frame: what is above it, and its own height, as parts of the frame's.
    struct Head {
        above: f32,
        tall: f32,
        aside: f32,
    }

    /// A person in the middle of their surroundings: a head of 60 × 80, and shoulders from 20 below the chin down.
    fn person() -> Plane {
        Plane::made(SIDE, SIDE, |x, y| {
            let (across, down) = (x as f32 - 128.0, y as f32 - 120.0);
            let head = (across / 30.0).hypot(down / 40.0) < 1.0;
            let neck = across.abs() < 14.0 && down > 0.0;
            let body = across.abs() < 75.0 && down > 60.0;
            f32::from(u8::from(head || neck || body))
        })
    }

    /// Them in a photo of this size, with their head's middle at this place of it; a place of the surroundings is two pixels.
    fn around(photo: (usize, usize), (x, y): (f32, f32)) -> (Photo, Mesh, Surroundings) {
        let photo = Photo::new(photo.0, photo.1, vec![128; photo.0 * photo.1 * 3]).unwrap();
        let frame = Frame { centre: Point::new(x, y + 16.0), turn: 0.0, scale: 2.0 };
        let mesh = face(Point::new(x, y + 10.0), (110.0, 140.0), 0.0, 0.0);
        let around = Surroundings { frame, person: person(), crown: 80.0, head: 80.0, middle: 128.0 };
        (photo, mesh, around)
    }

    fn head(framing: &Framing, around: &Surroundings) -> Head {
        let (w, h) = (framing.width, framing.height);
        let place = |y: f32| framing.frame.of_photo(around.frame.to_photo(Point::new(128.0, y), SIDE, SIDE), w, h);
        let (crown, chin) = (place(around.crown), place(around.crown + around.head));
        Head { above: crown.y / h as f32, tall: (chin.y - crown.y) / h as f32, aside: crown.x / w as f32 - 0.5 }
    }

    #[test]
    fn with_room_on_all_sides_the_head_is_of_its_usual_size_and_height() {
        let (photo, mesh, around) = around((900, 1100), (450.0, 400.0));
        let framing = around.best_frame(&photo, &mesh);
        let head = head(&framing, &around);
        assert!(
            (head.above - HEADROOM).abs() < 0.01 && (head.tall - HEAD).abs() < 0.01,
            "{} {}",
            head.above,
            head.tall
        );
        assert!(head.aside.abs() < 0.01);
        assert_eq!((framing.width * 5, framing.height % 16), (framing.height * 4, 0));
        assert!(!framing.head_cut && framing.missing() == 0.0 && framing.below > 1.5);
    }

    #[test]
    fn where_the_photo_ends_below_the_shoulders_the_crop_is_tighter() {
        // The usual frame would go on 40 pixels below this photo.
        let (photo, mesh, around) = around((900, 600), (450.0, 400.0));
        let framing = around.best_frame(&photo, &mesh);
        let bottom = framing.frame.to_photo(Point::new(0.0, framing.height as f32), framing.width, framing.height);
        assert!(bottom.y < 606.0, "{}", bottom.y);
        assert!(head(&framing, &around).tall > HEAD + 0.02 && framing.missing() < 0.01);
    }

    #[test]
    fn nothing_carries_a_head_that_is_all_there_is() {
        // It ends at the chin.
        let (photo, mesh, around) = around((900, 480), (450.0, 400.0));
        let below = around.best_frame(&photo, &mesh).below;
        assert!(below < 0.05, "{below}");
    }

    #[test]
    fn a_head_that_goes_on_above_the_photo_is_cut() {
        let (photo, mesh, around) = around((900, 900), (450.0, 60.0));
        assert!(around.best_frame(&photo, &mesh).head_cut);
        let whole = |y: f32| {
            let (photo, mesh, around) = self::around((900, 900), (450.0, y));
            !around.best_frame(&photo, &mesh).head_cut
        };
        assert!(whole(120.0) && whole(400.0));
    }

    #[test]
    fn a_small_photo_is_enlarged_a_little_and_a_large_one_is_kept_small() {
        let (photo, mesh, mut around) = around((900, 1100), (450.0, 400.0));
        let framing = around.best_frame(&photo, &mesh);
        assert!(framing.frame.scale >= 1.0 / ENLARGED && framing.frame.scale < 0.66, "{}", framing.frame.scale);
        around.frame.scale = 10.0;
        around.frame.centre = Point::new(2250.0, 2000.0);
        let large = Photo::new(4500, 5500, vec![128; 4500 * 5500 * 3]).unwrap();
        assert_eq!(around.best_frame(&large, &mesh).height, TALLEST as usize);
    }

    #[test]
    fn the_crown_is_the_top_of_the_hair_and_not_what_hangs_above_it() {
        let hair = |top: usize, lamp: usize, gap: usize| {
            Plane::made(SIDE, SIDE, |_, y| f32::from(u8::from(y >= top || (y < top - gap && y >= lamp))))
        };
        let forehead = Point::new(128.0, 120.0);
        // A parting of three rows belongs to it; a lamp far above doesn't.
        assert_eq!(crown(&hair(100, 90, 3), forehead, 60.0), 90.0);
        assert_eq!(crown(&hair(100, 60, 12), forehead, 60.0), 100.0);
        assert_eq!(crown(&Plane::filled(SIDE, SIDE, 0.0), forehead, 60.0), 120.0);
    }
}
