//! What the targets share.

use std::panic;

/// `libfuzzer-sys` ends the program at any panic, before anyone can catch it. A panic in a decoder is caught by what we look
/// at here, and is a damaged file; one that gets out of it still ends the program.
pub fn hear_only_our_own_panics() {
    let heard = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let theirs = panic.location().is_some_and(|place| place.file().contains("/registry/src/"));
        let scope = panic.payload().downcast_ref::<&str>() == Some(&"a scoped thread panicked");
        let library = panic.location().is_some_and(|place| place.file().starts_with("/rustc/"));
        if !theirs && !scope && !library {
            heard(panic);
        }
    }));
}
