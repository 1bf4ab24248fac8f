//! Pictures: recognised by content, decoded within limits, cropped, scaled, encoded. All of it is in [`headroom_pictures`],
//! which knows nothing of what is done with them here; this only says what its refusals mean to whoever asked.

pub use headroom_pictures::{
    Area, FINE, Kind, MASTER_SIDE, Picture, SMALL, Size, THUMBNAIL_SIDE, clean_cutout, crop, decode, decode_within,
    encode_jpeg, encode_png, measure, recognise, scale, shrink,
};

use crate::error::Error;

impl From<headroom_pictures::Error> for Error {
    fn from(refusal: headroom_pictures::Error) -> Self {
        match refusal {
            headroom_pictures::Error::Unsupported(sentence) => Self::Unsupported(sentence),
            headroom_pictures::Error::Invalid(sentence) => Self::Invalid(sentence),
            broken @ headroom_pictures::Error::Broken(_) => Self::internal(broken),
        }
    }
}
