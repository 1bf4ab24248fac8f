//! The way from a photo to headshots: [`Studio::check`] says whether it is worth it, [`Studio::cut_out`] takes most of the time, and
//! each [`Cutout::before`] a backdrop little.

use rayon::prelude::*;

use crate::{
    Backdrop, Check, Error, Look, Photo, Point, Thresholds, backdrop,
    check::{self, likeness},
    colour::byte,
    compose::Scene,
    foreground,
    frame::Framing,
    gaps,
    grade::{self, Features},
    grid::{Grid, Plane},
    matte::{self, Anatomy},
    nets::Nets,
    photo,
    upright::Upright,
};

/// The nets, loaded once and used for any number of photos, by several threads at once.
pub struct Studio {
    nets: Nets,
    thresholds: Thresholds,
}

/// What a headshot is laid on.
#[derive(Clone, Copy)]
pub enum Behind<'a> {
    /// One of ours.
    Drawn(Backdrop),
    /// A picture, of which the middle is used.
    Picture(&'a Photo),
}

/// A person, cut out of a photo and in good light, to be laid on any backdrop. What is kept of it is all there is: laid from a
/// kept one, a headshot is the same to the last bit.
pub struct Cutout {
    width: usize,
    height: usize,
    rgba: Vec<u8>,
    head: Point,
}

/// A finished picture: three bytes a pixel, row by row.
pub struct Headshot {
    /// Pixels from left to right.
    pub width: usize,
    /// Pixels from top to bottom.
    pub height: usize,
    /// Red, green and blue.
    pub rgb: Vec<u8>,
    /// The middle of the face, as parts of width and height.
    pub head: (f32, f32),
}

impl Studio {
    /// Loads the nets.
    ///
    /// # Errors
    /// [`Error::Net`] when one can't be read, which no photo can cause.
    pub fn open(thresholds: Thresholds) -> Result<Self, Error> {
        Ok(Self { nets: Nets::load()?, thresholds })
    }

    /// Whether a photo makes a good headshot.
    ///
    /// # Errors
    /// [`Error::Net`] only: a photo of nobody has its finding.
    pub fn check(&self, photo: &Photo) -> Result<Check, Error> {
        Ok(self.check_and_turn(photo)?.0)
    }

    /// The same, and the photo turned by quarters so that the person is upright, if they aren't.
    ///
    /// # Errors
    /// As [`Studio::check`].
    pub fn check_and_turn(&self, photo: &Photo) -> Result<(Check, Option<Photo>), Error> {
        check::check(&self.nets, photo, &self.thresholds)
    }

    /// A number that is nearly the same for nearly the same photos ([`nearly_the_same`](crate::nearly_the_same)).
    ///
    /// # Errors
    /// As [`Photo::new`].
    pub fn likeness(&self, photo: &Photo) -> Result<u64, Error> {
        likeness(photo)
    }

    /// Cuts the person with the largest face out: upright, framed as a headshot, in good light.
    ///
    /// # Errors
    /// [`Error::NoFace`] for a photo of nobody, or of something that only resembles a face.
    pub fn cut_out(&self, photo: &Photo) -> Result<Cutout, Error> {
        let Upright { photo, mesh, .. } = Upright::of(&self.nets, photo)?.ok_or(Error::NoFace)?;
        let framing = Framing::of(&self.nets, &photo, &mesh)?;
        let Framing { frame, width, height, .. } = framing;
        let (crop, inside) = photo.crop(&frame, width, height)?;

        let place = |point: Point| frame.of_photo(point, width, height);
        let (forehead, lip, chin) = (place(mesh.forehead()), place(mesh.upper_lip()), place(mesh.chin()));
        let middle = forehead.halfway(chin);
        let features = Features::of(&mesh, &frame, width, height);
        let matte = matte::alpha(&self.nets, &crop, &inside, Anatomy { middle, lip: lip.y, chin: chin.y })?;
        let matte = gaps::opened(&crop, &matte, &features.face, chin.y);
        if !shows(&matte, &features.face) {
            return Err(Error::NoFace);
        }
        let person = foreground::person(&crop, &matte);
        let person = grade::graded(person, &matte, &features, &crop);

        let reach = features.width * 0.03;
        let around = features.face.area((reach * 4.0) as usize);
        let soft_skin = features.face.changed_in(around, |face| face.blurred(reach));
        let soft_skin = soft_skin.joined(&features.holes, |face, hole| face * (1.0 - hole));
        let crisp = matte.with(&soft_skin, |alpha, skin| alpha * (1.0 - 0.65 * skin));
        let person = grade::sharpened(person, &crisp, 0.40 * frame.scale.clamp(0.35, 1.0));
        let head = Point::new(middle.x / width as f32, middle.y / height as f32);
        let pixels = person.values().par_iter().zip(matte.values());
        // What can't be seen is black, so that a kept one is small.
        let rgba: Vec<[u8; 4]> = pixels
            .map(|(pixel, &alpha)| match byte(alpha) {
                0 => [0; 4],
                alpha => [byte(pixel[0]), byte(pixel[1]), byte(pixel[2]), alpha],
            })
            .collect();
        Ok(Cutout { width, height, rgba: rgba.into_flattened(), head })
    }
}

/// Whether most of a face is part of the person: what resembles one, on a helmet or a wall, is not.
fn shows(matte: &Plane, face: &Plane) -> bool {
    let (mut whole, mut shown) = (0.0, 0.0);
    for (face, alpha) in face.values().iter().zip(matte.values()) {
        whole += face;
        shown += face * alpha;
    }
    shown > 0.5 * whole
}

impl Cutout {
    /// A kept one: what [`Cutout::rgba`] and the others gave.
    ///
    /// # Errors
    /// When it has no pixels, or `rgba` doesn't hold four bytes for each.
    pub fn new(width: usize, height: usize, rgba: Vec<u8>, (x, y): (f32, f32)) -> Result<Self, Error> {
        let fits = width > 0 && height > 0 && rgba.len() == width * height * 4;
        let head = Point::new(x.clamp(0.0, 1.0), y.clamp(0.0, 1.0));
        if fits { Ok(Self { width, height, rgba, head }) } else { Err(Error::Malformed) }
    }

    /// Pixels from left to right.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Pixels from top to bottom.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The person alone: red, green, blue and opacity, four bytes a pixel.
    pub fn rgba(&self) -> &[u8] {
        &self.rgba
    }

    /// The middle of the face, as parts of width and height.
    pub fn head(&self) -> (f32, f32) {
        (self.head.x, self.head.y)
    }

    /// The person before a backdrop.
    ///
    /// # Errors
    /// [`Error::Malformed`] only, for a picture that can't be scaled.
    pub fn before(&self, behind: Behind, look: Look) -> Result<Headshot, Error> {
        let (width, height) = (self.width, self.height);
        let (pixels, _) = self.rgba.as_chunks::<4>();
        let head = self.head_in(look);
        let (backdrop, setting) = match behind {
            Behind::Drawn(backdrop) => (backdrop.drawn(width, height, head), backdrop.setting()),
            Behind::Picture(picture) => (picture.covering(width, height)?, backdrop::OWN),
        };
        let scene = Scene { backdrop: &backdrop, setting, light: look.light() };
        let rgb = if look.is_framed_as_cut() {
            let at = |x: usize, y: usize| pixels[y * width + x].map(|value| f32::from(value) / 255.0);
            let matte = Plane::made(width, height, |x, y| at(x, y)[3]);
            scene.with(|x, y| at(x, y).first_chunk().copied().unwrap_or_default(), &matte)
        } else {
            let framed = self.framed(look);
            let matte = framed.map(|[_, _, _, alpha]| alpha.clamp(0.0, 1.0));
            let person = |x: usize, y: usize| {
                let [r, g, b, alpha] = framed.row(y)[x];
                [r, g, b].map(|value| if alpha > 1e-3 { (value / alpha).clamp(0.0, 1.0) } else { 0.0 })
            };
            scene.with(person, &matte)
        };
        Ok(Headshot { width, height, rgb, head: (head.x, head.y) })
    }

    /// Where a look shows the head.
    fn head_in(&self, look: Look) -> Point {
        if look.is_framed_as_cut() {
            return self.head;
        }
        let (width, height) = (self.width, self.height);
        let place = Point::new(self.head.x * width as f32, self.head.y * height as f32);
        let head = look.frame(width, height, self.head).of_photo(place, width, height);
        Point::new(head.x / width as f32, head.y / height as f32)
    }

    /// What a look shows of the person: colours times opacity, and opacity.
    fn framed(&self, look: Look) -> Grid<[f32; 4]> {
        let (width, height) = (self.width, self.height);
        let (pixels, _) = self.rgba.as_chunks::<4>();
        let frame = look.frame(width, height, self.head);
        // Colours are weighed by how much of them is there, so that nothing dark creeps in at the edges.
        let weighed = Grid::rowed(width, height, |y, row| {
            for (place, pixel) in row.iter_mut().zip(&pixels[y * width..]) {
                let [r, g, b, alpha] = pixel.map(|value| f32::from(value) * (1.0 / 255.0));
                *place = [r * alpha, g * alpha, b * alpha, alpha];
            }
        });
        let four = |x: isize, y: isize| {
            let row = usize::try_from(y).ok().filter(|&y| y < height).map_or(&[][..], |y| weighed.row(y));
            let pixel = |x: isize| usize::try_from(x).ok().and_then(|x| row.get(x)).copied().unwrap_or_default();
            let whole = usize::try_from(x).ok().and_then(|x| row.get(x..)?.first_chunk());
            whole.copied().unwrap_or_else(|| [0, 1, 2, 3].map(|i| pixel(x + i)))
        };
        let laid = frame.laid(width, height);
        let shown = |x: usize, y: usize| {
            let place = laid(Point::new(x as f32 + 0.5, y as f32 + 0.5));
            photo::cubic_at(four, place.x - 0.5, place.y - 0.5)
        };
        Grid::made(width, height, shown)
    }
}
