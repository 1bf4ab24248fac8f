//! The name of a stored file as text, for what was written down elsewhere and is read back.

use std::{fmt, str::FromStr};

use super::{BackdropFile, HeadshotFile, Key, PhotoFile};
use crate::ids::{BackdropId, CutoutId, Malformed, OrganizationId, PhotoId, ResultId};

/// A [`Key`] that has its id with it, shown like `headshots/4f/018bcfe568004f1c2d3e4a5b/portrait.jpg`. Only what can't be made anew
/// has one: previews have none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileName {
    /// Of an upload.
    Photo(PhotoId, PhotoFile),
    /// Of a headshot.
    Headshot(ResultId, HeadshotFile),
    /// A person cut out of a photo.
    Cutout(CutoutId),
    /// Of an organization's own backdrop.
    Backdrop(BackdropId, BackdropFile),
    /// An organization's logo.
    Logo(OrganizationId),
}

impl FileName {
    /// Both files of an upload.
    pub fn of_photo(id: PhotoId) -> [Self; 2] {
        [Self::Photo(id.clone(), PhotoFile::Master), Self::Photo(id, PhotoFile::Thumbnail)]
    }

    /// All files of a headshot.
    pub fn of_headshot(id: ResultId) -> [Self; 3] {
        HeadshotFile::ALL.map(|file| Self::Headshot(id.clone(), file))
    }

    /// Both files of an organization's own backdrop.
    pub fn of_backdrop(id: BackdropId) -> [Self; 2] {
        [Self::Backdrop(id.clone(), BackdropFile::Picture), Self::Backdrop(id, BackdropFile::Thumbnail)]
    }

    /// What it is stored under.
    pub fn key(&self) -> Key<'_> {
        match self {
            Self::Photo(id, file) => Key::Photo(id, *file),
            Self::Headshot(id, file) => Key::Headshot(id, *file),
            Self::Cutout(id) => Key::Cutout(id),
            Self::Backdrop(id, file) => Key::Backdrop(id, *file),
            Self::Logo(id) => Key::Logo(id),
        }
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key().path().as_ref())
    }
}

impl FromStr for FileName {
    type Err = Malformed;

    /// Only a name that we would have given ourselves is one, letter by letter: nothing that leads elsewhere passes.
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let mut parts = text.split('/');
        let (kind, id) = (parts.next(), parts.nth(1).ok_or(Malformed)?);
        let candidates = match kind {
            Some("photos") => Self::of_photo(id.parse()?).to_vec(),
            Some("headshots") => Self::of_headshot(id.parse()?).to_vec(),
            Some("cutouts") => vec![Self::Cutout(id.parse()?)],
            Some("backdrops") => Self::of_backdrop(id.parse()?).to_vec(),
            Some("logos") => vec![Self::Logo(id.parse()?)],
            _ => return Err(Malformed),
        };
        candidates.into_iter().find(|name| name.key().path().as_ref() == text).ok_or(Malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_shown() {
        let mut names = vec![FileName::Cutout(CutoutId::new()), FileName::Logo(OrganizationId::new())];
        names.extend(FileName::of_photo(PhotoId::new()));
        names.extend(FileName::of_headshot(ResultId::new()));
        names.extend(FileName::of_backdrop(BackdropId::new()));
        for name in names {
            assert_eq!(name.to_string().parse::<FileName>().unwrap(), name);
        }
    }

    #[test]
    fn what_we_would_not_have_named_so_is_no_name() {
        for text in [
            "",
            "photos",
            "../../etc/passwd",
            "/photos/4f/018bcfe568004f1c2d3e4a5b/master.jpg",
            "photos/4f/018bcfe568004f1c2d3e4a5b/../master.jpg",
            "photos/../018bcfe568004f1c2d3e4a5b/master.jpg",
            "photos/00/018bcfe568004f1c2d3e4a5b/master.jpg",
            "photos/4f/018bcfe568004f1c2d3e4a5b/portrait.jpg",
            "headshots/4f/018bcfe568004f1c2d3e4a5b/320.webp",
            "letters/4f/018bcfe568004f1c2d3e4a5b/master.jpg",
            "photos/4f/018bcfe568004f1c2d3e4a5b/master.jpg/x",
        ] {
            assert!(text.parse::<FileName>().is_err(), "{text}");
        }
    }
}
