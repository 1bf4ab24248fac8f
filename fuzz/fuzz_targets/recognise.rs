//! Reading headers: whatever the bytes are, the answer is a size within limits or a refusal meant for people.
#![no_main]

use headroom_pictures::{Error, measure, recognise};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: headroom_fuzz::hear_only_our_own_panics(), |bytes: &[u8]| match measure(bytes) {
    Ok(size) => {
        assert!(recognise(bytes).is_some());
        assert!(size.width.min(size.height) >= 256 && size.area() <= 80_000_000, "{size}");
    }
    Err(Error::Broken(cause)) => panic!("a mistake of ours: {cause}"),
    Err(_) => {}
});
