//! The way from a photo to headshots: [`Studio::check`] says whether it is worth it, [`Studio::cut_out`] takes most of the time, and
//! each [`Cutout::before`] a backdrop little.

use crate::{
    Backdrop, Check, Error, Photo, Point, Thresholds,
    check::{self, likeness},
    compose, face, foreground,
    frame::Framing,
    gaps,
    grade::{self, Features},
    grid::{Colour, Plane},
    matte::{self, Anatomy},
    mesh::Mesh,
    nets::Nets,
};

/// The nets, loaded once and used for any number of photos, by several threads at once.
pub struct Studio {
    nets: Nets,
    thresholds: Thresholds,
}

/// A person, cut out of a photo and in good light, to be laid on any backdrop.
pub struct Cutout {
    person: Colour,
    matte: Plane,
    /// The middle of the face, as parts of width and height.
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
}

impl Studio {
    /// Loads the nets.
    ///
    /// # Errors
    /// [`Error::Net`] when one can't be read, which no photo can cause.
    pub fn open(thresholds: Thresholds) -> Result<Self, Error> {
        Ok(Self { nets: Nets::load()?, thresholds })
    }

    /// Whether a photo makes a good headshot. `enlarged` is how many pixels of the uploaded file one of the photo's stands for.
    ///
    /// # Errors
    /// [`Error::Net`] only: a photo of nobody has its finding.
    pub fn check(&self, photo: &Photo, enlarged: f32) -> Result<Check, Error> {
        check::check(&self.nets, photo, enlarged, &self.thresholds)
    }

    /// A number that is nearly the same for nearly the same photos: of 64 bits, up to about 8 differ.
    ///
    /// # Errors
    /// As [`Photo::new`].
    pub fn likeness(&self, photo: &Photo) -> Result<u64, Error> {
        likeness(photo)
    }

    /// Cuts the person with the largest face out: framed as a headshot, in good light.
    ///
    /// # Errors
    /// [`Error::NoFace`] for a photo of nobody.
    pub fn cut_out(&self, photo: &Photo) -> Result<Cutout, Error> {
        let faces = face::find(&self.nets, photo)?;
        let mesh = Mesh::of(&self.nets, photo, faces.first().ok_or(Error::NoFace)?)?;
        let framing = Framing::of(&self.nets, photo, &mesh)?;
        let Framing { frame, width, height, .. } = framing;
        let (crop, inside) = photo.crop(&frame, width, height)?;

        let place = |point: Point| frame.from_photo(point, width, height);
        let (forehead, lip, chin) = (place(mesh.forehead()), place(mesh.upper_lip()), place(mesh.chin()));
        let middle = forehead.halfway(chin);
        let features = Features::of(&mesh, &frame, width, height);
        let matte = matte::alpha(&self.nets, &crop, &inside, Anatomy { middle, lip: lip.y, chin: chin.y })?;
        let matte = gaps::opened(&crop, &matte, &features.face, chin.y);
        let person = foreground::person(&crop, &matte);
        let person = grade::graded(&person, &matte, &features, &crop);

        let soft_skin =
            features.face.blurred(features.width * 0.03).with(&features.holes, |face, hole| face * (1.0 - hole));
        let crisp = matte.with(&soft_skin, |alpha, skin| alpha * (1.0 - 0.65 * skin));
        let person = grade::sharpened(&person, &crisp, 0.40 * frame.scale.clamp(0.35, 1.0));
        let head = Point::new(middle.x / width as f32, middle.y / height as f32);
        Ok(Cutout { person, matte, head })
    }
}

impl Cutout {
    /// The person before a backdrop.
    pub fn before(&self, backdrop: Backdrop) -> Headshot {
        let (width, height) = (self.person.width(), self.person.height());
        let behind = backdrop.drawn(width, height, self.head);
        let picture = compose::composed(&self.person, &self.matte, &behind, backdrop.setting(), 11);
        let rgb = picture.values().iter().flatten().map(|value| (value * 255.0 + 0.5) as u8).collect();
        Headshot { width, height, rgb }
    }

    /// The person alone: red, green, blue and opacity, four bytes a pixel.
    pub fn transparent(&self) -> Vec<u8> {
        let byte = |value: f32| (value * 255.0 + 0.5) as u8;
        let pixels = self.person.values().iter().zip(self.matte.values());
        pixels.flat_map(|(&[r, g, b], &alpha)| [byte(r), byte(g), byte(b), byte(alpha)]).collect()
    }
}
