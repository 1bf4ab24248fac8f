//! Why headshots could not be made, for people. It is stored in English, as the generator said it.

use crate::i18n::Message;

/// A stored failure as a message. What another service says in its own words stays as it is.
pub fn told_of_failure(stored: &str) -> Message {
    Message::recognised(
        stored,
        [
            say!("It took too long."),
            say!("The generator is not available right now."),
            say!("The generator has lost this shoot."),
            say!("The generator took too long."),
            say!("There are no photos to make headshots from. Upload some first."),
            say!("None of the photos is there any more. Upload them again."),
            say!("None of the photos can be read. Upload others."),
            say!(
                "We can't find a face in any of the photos. Upload some in which you look at the camera, alone and in even light."
            ),
            say!("No face was found in the photo."),
            say!("This headshot can't be edited any more: what it was made of is gone."),
            say!("The service that makes the headshots refuses these photos: {words}"),
            say!("Nobody has agreed to the photos being sent to {host}, so they weren't sent."),
            say!(
                "{name} no longer allows photos to be sent to {host}. We have asked for what was there to be deleted, as far as that is possible."
            ),
            say!(
                "Headshots are now made on {host}. Nobody had agreed to that for these photos, so they were not sent there."
            ),
        ],
    )
}
