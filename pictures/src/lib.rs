//! Photos from strangers: recognised by content, decoded within limits, cropped, scaled, encoded. Pure functions over bytes
//! and pixels; nothing here knows of files, people or networks.
//!
//! Whatever the bytes are, the answer is a picture of bounded size or a sentence for the person who sent them. The decoders
//! behind it are other people's; what is asked of them is asked within limits read from the header first, and where one of
//! them panics all the same, that is a damaged file too.
//!
//! All of it is work for the CPU (12 megapixels take a tenth of a second, as HEIC half of one), so async code calls it on a
//! blocking thread.

mod decode;
mod encode;
mod error;
mod heic;
mod jpeg;
mod recognise;
mod transparent;

use std::fmt;

use fast_image_resize::{
    FilterType, ResizeAlg, ResizeOptions, Resizer,
    images::{TypedImage, TypedImageRef},
    pixels::U8x3,
};

pub use decode::{decode, decode_within};
pub use encode::{encode_jpeg, encode_png, encode_webp};
pub use error::{Error, Result};
pub use recognise::{Kind, measure, recognise};
pub use transparent::{Transparent, clean_cutout, decode_cutout, decode_transparent, encode_cutout};

/// The longest side in pixels of what is kept of an upload: the master, from which everything else is made.
pub const MASTER_SIDE: u32 = 3_072;

/// The longest side in pixels of a picture in a list: two for each one of a phone's third of the screen.
pub const THUMBNAIL_SIDE: u32 = 480;

/// JPEG quality of what is kept to be downloaded or worked with.
pub const FINE: u8 = 92;

/// JPEG quality of what is only seen in lists.
pub const SMALL: u8 = 82;

/// Width and height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}

impl Size {
    /// How many pixels that is.
    pub fn area(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// The largest size of the same proportions whose longer side is at most `side`; never larger than this one.
    pub fn within(self, side: u32) -> Self {
        let longest = self.width.max(self.height);
        if longest <= side {
            return self;
        }
        let shrink = |length: u32| {
            let exact = u64::from(length) * u64::from(side);
            let rounded = (exact + u64::from(longest) / 2) / u64::from(longest);
            u32::try_from(rounded).unwrap_or(side).max(1)
        };
        Self { width: shrink(self.width), height: shrink(self.height) }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} × {} pixels", self.width, self.height)
    }
}

/// A part of a picture, in pixels from its top left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    /// Pixels left of it.
    pub left: u32,
    /// Pixels above it.
    pub top: u32,
    /// How large it is.
    pub size: Size,
}

/// A decoded picture: upright, opaque, sRGB, three bytes a pixel, row by row.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    size: Size,
    rgb: Vec<u8>,
}

impl Picture {
    /// A picture of the pixels given.
    ///
    /// # Errors
    /// When it has no pixels, or `rgb` doesn't hold three bytes for each: a mistake of ours, not of whoever asked.
    pub fn new(size: Size, rgb: Vec<u8>) -> Result<Self> {
        if size.area() == 0 || rgb.len() as u64 != size.area() * 3 {
            return Err(Error::broken(format!("{} bytes are no picture of {size}", rgb.len())));
        }
        Ok(Self { size, rgb })
    }

    /// How large it is.
    pub fn size(&self) -> Size {
        self.size
    }

    /// Its pixels: red, green, blue, from the top left, row by row.
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// Its pixels, to draw on.
    pub fn rgb_mut(&mut self) -> &mut [u8] {
        &mut self.rgb
    }

    /// Bytes from one row to the next.
    fn stride(&self) -> usize {
        self.size.width as usize * 3
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({})", self.size)
    }
}

/// The part of a picture within `area`. What of the area lies outside the picture is left out;
/// an area wholly outside gives the nearest pixel.
pub fn crop(picture: &Picture, area: Area) -> Picture {
    let Size { width, height } = picture.size;
    let (left, top) = (area.left.min(width - 1), area.top.min(height - 1));
    let size = Size { width: area.size.width.clamp(1, width - left), height: area.size.height.clamp(1, height - top) };
    let (first, length) = (left as usize * 3, size.width as usize * 3);
    let rows = picture.rgb.chunks_exact(picture.stride()).skip(top as usize).take(size.height as usize);
    Picture { size, rgb: rows.flat_map(|row| &row[first..first + length]).copied().collect() }
}

/// The picture at another size, whatever its proportions.
///
/// # Errors
/// When `to` has no pixels: a mistake of ours.
pub fn scale(picture: &Picture, to: Size) -> Result<Picture> {
    let Size { width, height } = picture.size;
    let mut scaled = Picture::new(to, vec![0; to.area() as usize * 3])?;
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter(picture.size, to)));
    // `resize_typed` for the one kind of pixel we have: `resize` brings the code for all of them, a minute of building.
    let from = TypedImageRef::<U8x3>::from_buffer(width, height, &picture.rgb).map_err(Error::broken)?;
    let mut into = TypedImage::<U8x3>::from_buffer(to.width, to.height, &mut scaled.rgb).map_err(Error::broken)?;
    Resizer::new().resize_typed(&from, &mut into, &options).map_err(Error::broken)?;
    drop(into);
    Ok(scaled)
}

/// What suits a change of size. Down, Lanczos keeps hair and eyes crisp. Far down, what counts is the average over the area,
/// which Hamming gives for a third of the work. Up, there is nothing crisp to keep, and Catmull-Rom rings less than Lanczos.
fn filter(from: Size, to: Size) -> FilterType {
    if to.width > from.width || to.height > from.height {
        FilterType::CatmullRom
    } else if from.width / to.width >= 4 && from.height / to.height >= 4 {
        FilterType::Hamming
    } else {
        FilterType::Lanczos3
    }
}

/// The picture with its longer side at most `side`, its proportions kept; never enlarged. For masters and thumbnails.
///
/// # Errors
/// As [`scale`].
pub fn shrink(picture: Picture, side: u32) -> Result<Picture> {
    let to = picture.size.within(side);
    if to == picture.size { Ok(picture) } else { scale(&picture, to) }
}

#[cfg(test)]
mod tests;
