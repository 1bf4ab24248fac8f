//! Pictures: recognised by content, decoded within limits, cropped, scaled, encoded. All of it is in [`headroom_pictures`],
//! which knows nothing of what is done with them here; this only says what its refusals mean to whoever asked.

pub use headroom_pictures::{
    Area, Error, FINE, Kind, MASTER_SIDE, Picture, SMALL, Size, THUMBNAIL_SIDE, Transparent, clean_cutout, crop,
    decode, decode_cutout, decode_transparent, decode_within, encode_cutout, encode_jpeg, encode_png, encode_webp,
    measure, recognise, scale, shrink,
};

use crate::error;

impl From<Error> for error::Error {
    fn from(refusal: Error) -> Self {
        match refusal {
            Error::Unsupported(sentence) => Self::Unsupported(sentence),
            Error::Invalid(sentence) => Self::Invalid(sentence),
            broken @ Error::Broken(_) => Self::internal(broken),
        }
    }
}
