//! Drawing: the square of a headshot, and around it what a template says. Pure functions of pixels, the same on any machine.

use super::{Colour, Corner, Design, Shape};
use crate::{
    error::Result,
    images::{self, FINE, Picture, Size, Transparent},
};

/// How round the corners of [`Shape::Rounded`] are, in parts of the side.
const ROUNDNESS: f32 = 0.18;

/// The side of the box that a logo is fitted into, and how far that is from the edges, in parts of the side.
const LOGO: f32 = 0.26;
const LOGO_MARGIN: f32 = 0.03;

/// What is behind a silhouette, unless the template says another colour.
const NEUTRAL: Colour = Colour([222, 218, 212]);

/// A silhouette itself.
const FIGURE: Colour = Colour([150, 144, 136]);

/// What a picture is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Without loss, and with what can be seen through.
    Png,
    /// Small, on white.
    Jpeg,
    /// Without loss, and with what can be seen through.
    WebP,
}

impl Format {
    /// What a design is sent as where nobody says: JPEG, unless there is something to see through or a logo with sharp edges.
    pub fn of(design: &Design) -> Self {
        if design.is_see_through() || design.logo.is_some() { Self::Png } else { Self::Jpeg }
    }

    /// Every one of them, as people choose among them.
    pub const ALL: [Self; 3] = [Self::Png, Self::Jpeg, Self::WebP];

    /// Its ending in a file's name.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::WebP => "webp",
        }
    }

    /// What browsers know it by.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
        }
    }

    /// The picture as a file.
    ///
    /// # Errors
    /// None that a picture of ours can cause.
    pub fn write(self, picture: &Transparent) -> Result<Vec<u8>> {
        Ok(match self {
            Self::Png => picture.png()?,
            Self::Jpeg => images::encode_jpeg(&picture.on_white()?, FINE)?,
            Self::WebP => picture.webp()?,
        })
    }
}

/// A profile picture of a headshot's square, or of a [`silhouette`]. The logo, if there is one, is drawn whole: on a circle it
/// stands over the edge.
///
/// # Errors
/// None that a picture of ours can cause.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "shares of 0 to 1 of 255 are bytes")]
pub fn draw(square: &Picture, design: &Design, logo: Option<&Transparent>) -> Result<Transparent> {
    let side = design.size;
    let content = images::scale(square, Size { width: side, height: side })?;
    let mut rgba = Vec::with_capacity(content.rgb().len() / 3 * 4);
    for (nth, pixel) in (0_u32..).zip(content.rgb().chunks_exact(3)) {
        let (x, y) = (nth % side, nth / side);
        let mut colour = [pixel[0], pixel[1], pixel[2]];
        if design.greyscale {
            colour = [luminance(colour); 3];
        }
        let seen = covered(design.shape, side, 0, x, y);
        if design.border > 0 {
            colour = mixed(design.border_colour.0, colour, covered(design.shape, side, design.border, x, y));
        }
        let alpha = (seen * 255.0 + 0.5) as u8;
        rgba.extend_from_slice(&if alpha == 0 { [0; 4] } else { [colour[0], colour[1], colour[2], alpha] });
    }
    let mut drawn = Transparent::new(content.size(), rgba)?;
    if let (Some(corner), Some(logo)) = (design.logo, logo) {
        stamp(&mut drawn, logo, corner)?;
    }
    Ok(drawn)
}

/// Someone of whom there is no headshot: head and shoulders, nobody's in particular.
///
/// # Errors
/// None that a picture of ours can cause.
pub fn silhouette(side: u32, background: Option<Colour>) -> Result<Picture> {
    let ground = background.unwrap_or(NEUTRAL).0;
    let length = side as f32;
    // A figure must stand out from any ground.
    let dark = luminance(ground) < 110;
    let figure = if dark {
        mixed(ground, [255; 3], 0.35)
    } else if background.is_some() {
        mixed(ground, [0; 3], 0.3)
    } else {
        FIGURE.0
    };
    let mut rgb = Vec::with_capacity((side * side * 3) as usize);
    for y in 0..side {
        for x in 0..side {
            let (px, py) = (x as f32 + 0.5, y as f32 + 0.5);
            let head = length * 0.19 - (px - length * 0.5).hypot(py - length * 0.4);
            // An ellipse, near enough in pixels at its edge.
            let (dx, dy) = ((px - length * 0.5) / 0.36, (py - length * 1.02) / 0.36);
            let shoulders = (length - dx.hypot(dy)) * 0.36;
            let share = (head.max(shoulders) + 0.5).clamp(0.0, 1.0);
            rgb.extend_from_slice(&mixed(ground, figure, share));
        }
    }
    Ok(Picture::new(Size { width: side, height: side }, rgb)?)
}

/// How much of a pixel is inside of a shape that is `inset` pixels smaller on all sides, 0 to 1.
fn covered(shape: Shape, side: u32, inset: u32, x: u32, y: u32) -> f32 {
    let half = side as f32 / 2.0;
    let reach = half - inset as f32;
    // From the middle of the picture to the middle of the pixel; all shapes are the same in each quarter.
    let (dx, dy) = ((x as f32 + 0.5 - half).abs(), (y as f32 + 0.5 - half).abs());
    let radius = match shape {
        Shape::Circle => reach,
        Shape::Rounded => (side as f32 * ROUNDNESS - inset as f32).max(0.0),
        Shape::Square => 0.0,
    };
    let (over_x, over_y) = (dx - (reach - radius), dy - (reach - radius));
    let outside = over_x.max(0.0).hypot(over_y.max(0.0)) + over_x.max(over_y).min(0.0) - radius;
    (0.5 - outside).clamp(0.0, 1.0)
}

/// How light a colour is.
fn luminance([red, green, blue]: [u8; 3]) -> u8 {
    let sum = 2126 * u32::from(red) + 7152 * u32::from(green) + 722 * u32::from(blue);
    u8::try_from((sum + 5000) / 10_000).unwrap_or(u8::MAX)
}

/// `share` of one colour over another.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between two bytes there are only bytes")]
fn mixed(under: [u8; 3], over: [u8; 3], share: f32) -> [u8; 3] {
    std::array::from_fn(|nth| {
        let (under, over) = (f32::from(under[nth]), f32::from(over[nth]));
        (under + (over - under) * share + 0.5) as u8
    })
}

/// Draws a logo into a corner, over what is there and over what is not.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "parts of a length in pixels are lengths in pixels; shares of 0 to 1 of 255 are bytes"
)]
fn stamp(onto: &mut Transparent, logo: &Transparent, corner: Corner) -> Result<()> {
    let side = onto.size().width;
    let of = |part: f32| (part * side as f32 + 0.5) as u32;
    let (room, margin) = (of(LOGO).max(1), of(LOGO_MARGIN));
    let longer = logo.size().width.max(logo.size().height);
    let fitted = |length: u32| ((length * room + longer / 2) / longer).max(1);
    let size = Size { width: fitted(logo.size().width), height: fitted(logo.size().height) };
    let logo = logo.scaled(size)?;
    let (right, bottom) = (side - margin - size.width, side - margin - size.height);
    let (left, top) = match corner {
        Corner::TopLeft => (margin, margin),
        Corner::TopRight => (right, margin),
        Corner::BottomLeft => (margin, bottom),
        Corner::BottomRight => (right, bottom),
    };
    let pixels = onto.rgba_mut();
    for (nth, over) in (0_u32..).zip(logo.rgba().chunks_exact(4)) {
        let at = (((top + nth / size.width) * side + left + nth % size.width) * 4) as usize;
        let under = &mut pixels[at..at + 4];
        let (above, below) = (f32::from(over[3]) / 255.0, f32::from(under[3]) / 255.0);
        let alpha = above + below * (1.0 - above);
        if alpha > 0.0 {
            let colour = mixed([under[0], under[1], under[2]], [over[0], over[1], over[2]], above / alpha);
            under[..3].copy_from_slice(&colour);
            under[3] = (alpha * 255.0 + 0.5) as u8;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
