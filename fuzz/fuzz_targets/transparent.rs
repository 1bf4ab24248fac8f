//! Logos and cut-outs: whatever the bytes are, the answer is a picture within limits or a refusal meant for people.
#![no_main]

use headroom_pictures::{Error, MASTER_SIDE, decode_cutout, decode_transparent, measure};
use libfuzzer_sys::fuzz_target;

/// As for photos: more of them would only make the search slow.
const MOST_PIXELS: u64 = 4_000_000;
const SIDE: u32 = 300;

fuzz_target!(init: headroom_fuzz::hear_only_our_own_panics(), |bytes: &[u8]| {
    if measure(bytes).is_ok_and(|size| size.area() > MOST_PIXELS) {
        return;
    }
    match decode_transparent(bytes, SIDE) {
        Ok(logo) => {
            let size = logo.size();
            assert!(size.width.max(size.height) <= SIDE, "{size}");
            assert_eq!(logo.rgba().len() as u64, size.area() * 4);
        }
        Err(Error::Broken(cause)) => panic!("a mistake of ours: {cause}"),
        Err(_) => {}
    }
    match decode_cutout(bytes) {
        Ok((size, rgba)) => {
            assert!(size.width.max(size.height) <= MASTER_SIDE, "{size}");
            assert_eq!(rgba.len() as u64, size.area() * 4);
        }
        Err(Error::Broken(cause)) => panic!("a mistake of ours: {cause}"),
        Err(_) => {}
    }
});
