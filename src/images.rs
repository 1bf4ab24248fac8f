//! Pictures: recognised by content, decoded within limits, cropped, scaled, encoded. All of it is in [`headroom_pictures`],
//! which knows nothing of what is done with them here; this only says what its refusals mean to whoever asked.

pub use headroom_pictures::{
    Area, Error, FINE, Kind, MASTER_SIDE, Picture, SMALL, Size, THUMBNAIL_SIDE, Transparent, clean_cutout, crop,
    decode, decode_cutout, decode_transparent, decode_within, encode_cutout, encode_jpeg, encode_png, encode_webp,
    measure, recognise, scale, shrink,
};

use crate::{error, i18n::Message};

/// What is said of a file that is no picture of a kind we read.
pub const fn no_photo() -> Message {
    say!("This file is not a photo we can read. Upload a JPEG, PNG, WebP or HEIC.")
}

/// What a refusal says, which comes in English from there or from a process of its own, as a message.
pub fn refusal(sentence: &str) -> Message {
    Message::recognised(
        sentence,
        [
            no_photo(),
            say!(
                "This photo is damaged or incomplete. Open it to see whether it is whole, then upload it again, or choose another."
            ),
            say!("This photo takes too much memory: {size} at 16 bits a colour. Upload it as JPEG, or smaller."),
            say!(
                "This photo is too large: {size}. Upload one of at most {megapixels} megapixels and {side} pixels a side."
            ),
            say!("This photo is too small: {size}. Upload the original, at least {side} pixels a side."),
            say!("This photo is too large for a HEIC in one piece: {size}. Upload it as JPEG."),
            say!(
                "This photo is in HDR (PQ or HLG), which is made for screens only. Export it as JPEG, then upload that."
            ),
            say!("This cut-out can't be read."),
            say!("This cut-out is {size}; it has to be {least} to {most} pixels a side."),
            say!("This cut-out has no transparency."),
            say!("This file is a HEIC photo. Choose a PNG, a WebP or a JPEG."),
        ],
    )
}

impl From<Error> for error::Error {
    fn from(refusal: Error) -> Self {
        match refusal {
            Error::Unsupported(sentence) => Self::Unsupported(self::refusal(&sentence)),
            Error::Invalid(sentence) => Self::Invalid(self::refusal(&sentence)),
            broken @ Error::Broken(_) => Self::internal(broken),
        }
    }
}
