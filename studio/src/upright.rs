//! Which way up a photo is. What a camera noted of it is lost where photos are sent or scanned, so it is seen by the face: the nets
//! know upright ones.

use std::borrow::Cow;

use crate::{
    Error,
    face::{self, Found, LOOKED_AT},
    mesh::Mesh,
    nets::Nets,
    photo::Photo,
};

/// A face that leans further than this, in degrees, is upright only once the photo is turned by a quarter.
const LEANS: f32 = 50.0;

/// Of a face that looks as faces do, the nets are at least so sure. On its head it is found, too, and taken for another.
const SURE: f32 = 0.85;

/// A photo is turned for a face of which the nets are surer by this than of any in it as it is.
const SURER: f32 = 0.15;

/// A photo of somebody, held so that they are upright.
pub(crate) struct Upright<'p> {
    pub(crate) photo: Cow<'p, Photo>,
    /// Largest first: the person's own.
    pub(crate) faces: Vec<Found>,
    pub(crate) mesh: Mesh,
}

impl<'p> Upright<'p> {
    /// The photo, turned by quarters if the person isn't upright in it; nothing if there is nobody.
    pub(crate) fn of(nets: &Nets, photo: &'p Photo) -> Result<Option<Self>, Error> {
        let as_it_is = Self::seen(nets, Cow::Borrowed(photo))?;
        let sure = as_it_is.as_ref().map_or(0.0, Self::sure);
        if sure >= SURE {
            return Ok(as_it_is);
        }
        let (small, _) = photo.within(LOOKED_AT)?;
        let (mut most, mut quarters) = (sure + SURER, 0);
        for turn in 1..4 {
            let turned = Upright::seen(nets, Cow::Owned(small.turned(turn)))?;
            if let Some(sure) = turned.map(|seen| seen.sure()).filter(|sure| *sure > most) {
                (most, quarters) = (sure, turn);
            }
        }
        if quarters > 0
            && let Some(turned) = Self::seen(nets, Cow::Owned(photo.turned(quarters)))?
        {
            return Ok(Some(turned));
        }
        Ok(as_it_is)
    }

    fn seen(nets: &Nets, photo: Cow<'p, Photo>) -> Result<Option<Self>, Error> {
        let faces = face::find(nets, &photo)?;
        let Some(person) = faces.first() else { return Ok(None) };
        let mesh = Mesh::of(nets, &photo, person)?;
        Ok(Some(Self { photo, faces, mesh }))
    }

    /// How sure it is that somebody is upright here, from 0 to 1.
    fn sure(&self) -> f32 {
        let leans = self.mesh.roll().to_degrees().abs() > LEANS;
        let found = self.faces.first().map_or(0.0, |face| face.score);
        if leans { 0.0 } else { found.min(self.mesh.score) }
    }
}
