//! Decoding: whatever the bytes are, the answer is a picture within limits or a refusal meant for people.
#![no_main]

use headroom_pictures::{Error, decode_within, measure};
use libfuzzer_sys::fuzz_target;

/// What honest pictures of this many pixels take is known; more of them would only make the search slow.
const MOST_PIXELS: u64 = 4_000_000;
const SIDE: u32 = 300;

fuzz_target!(init: headroom_fuzz::hear_only_our_own_panics(), |bytes: &[u8]| {
    if measure(bytes).is_ok_and(|size| size.area() > MOST_PIXELS) {
        return;
    }
    match decode_within(bytes, SIDE) {
        Ok(picture) => {
            let size = picture.size();
            assert!(size.width.max(size.height) <= SIDE, "{size}");
            assert_eq!(picture.rgb().len() as u64, size.area() * 3);
        }
        Err(Error::Broken(cause)) => panic!("a mistake of ours: {cause}"),
        Err(_) => {}
    }
});
