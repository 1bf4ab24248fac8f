//! What is stored, and what it is called there.

use object_store::path::Path;

use crate::ids::{BackdropId, CutoutId, OrganizationId, PhotoId, ResultId, ShootId};

/// One stored file.
#[derive(Clone, Copy, Debug)]
pub enum Key<'a> {
    /// Of an upload.
    Photo(&'a PhotoId, PhotoFile),
    /// Of a headshot.
    Headshot(&'a ResultId, HeadshotFile),
    /// Of a headshot, for pages: can be made anew from the portrait at any time.
    Preview(&'a ResultId, Preview),
    /// A person cut out of a photo, as PNG.
    Cutout(&'a CutoutId),
    /// Of an organization's own backdrop.
    Backdrop(&'a BackdropId, BackdropFile),
    /// An organization's logo, as PNG.
    Logo(&'a OrganizationId),
    /// Of a shoot that was made and not taken in yet, by whoever held it.
    Made(&'a ShootId, &'a str, MadeFile),
}

/// What was made of a shoot, each by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MadeFile {
    /// A headshot, as JPEG.
    Headshot(usize),
    /// The person it was laid from, as PNG.
    Cutout(usize),
}

/// What is kept of an upload. Both are ours: decoded and encoded again, without metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhotoFile {
    /// The photo everything else is made from, up to 3,072 pixels a side.
    Master,
    /// For lists.
    Thumbnail,
}

/// What is kept of a headshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadshotFile {
    /// 4:5, as it came from the generator.
    Portrait,
    /// Cut from the portrait, for profile pictures.
    Square,
    /// For lists.
    Thumbnail,
}

impl HeadshotFile {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Portrait, Self::Square, Self::Thumbnail];

    /// What it is called in addresses and in the storage, without its ending.
    pub fn name(self) -> &'static str {
        match self {
            Self::Portrait => "portrait",
            Self::Square => "square",
            Self::Thumbnail => "thumbnail",
        }
    }
}

/// A headshot as pages show it among others: WebP, by its width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preview {
    /// For one pixel of the screen each.
    Small,
    /// For screens with two or three.
    Large,
    /// Square, among everyone's; made when somebody first looks.
    Tile,
    /// The same for screens with two or three.
    LargeTile,
}

impl Preview {
    /// Those of the whole portrait, which are made with it.
    pub const ALL: [Self; 2] = [Self::Small, Self::Large];

    /// The square ones.
    pub const TILES: [Self; 2] = [Self::Tile, Self::LargeTile];

    /// What it is made from.
    pub fn source(self) -> HeadshotFile {
        match self {
            Self::Small | Self::Large => HeadshotFile::Portrait,
            Self::Tile | Self::LargeTile => HeadshotFile::Square,
        }
    }

    /// Pixels.
    pub fn width(self) -> u32 {
        match self {
            Self::Small => 320,
            Self::Large => 480,
            Self::Tile => 256,
            Self::LargeTile => 512,
        }
    }

    /// What it is called in addresses and in the storage.
    pub fn name(self) -> &'static str {
        match self {
            Self::Small => "320.webp",
            Self::Large => "480.webp",
            Self::Tile => "tile-256.webp",
            Self::LargeTile => "tile-512.webp",
        }
    }
}

/// What is kept of an organization's own backdrop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackdropFile {
    /// What is laid behind people.
    Picture,
    /// For lists.
    Thumbnail,
}

/// All files of one thing that is stored.
#[derive(Clone, Copy, Debug)]
pub enum Folder<'a> {
    /// An upload's.
    Photo(&'a PhotoId),
    /// A headshot's.
    Headshot(&'a ResultId),
    /// A cut-out's.
    Cutout(&'a CutoutId),
    /// A backdrop's.
    Backdrop(&'a BackdropId),
    /// An organization's logo's.
    Logo(&'a OrganizationId),
    /// A shoot's that was made and not taken in yet.
    Made(&'a ShootId),
}

/// A kind of thing that is stored. The files of each are below a folder of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Uploads.
    Photos,
    /// Headshots.
    Headshots,
    /// People cut out of photos.
    Cutouts,
    /// Organizations' own backdrops.
    Backdrops,
    /// Organizations' logos.
    Logos,
    /// What workers made and nobody has taken in yet.
    Made,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Photos, Self::Headshots, Self::Cutouts, Self::Backdrops, Self::Logos, Self::Made];

    /// What its folder is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Photos => "photos",
            Self::Headshots => "headshots",
            Self::Cutouts => "cutouts",
            Self::Backdrops => "backdrops",
            Self::Logos => "logos",
            Self::Made => "made",
        }
    }

    pub(super) fn path(self) -> Path {
        Path::from(self.name())
    }

    /// Whether a thing of this kind could have this id.
    pub(super) fn is_id(self, name: &str) -> bool {
        match self {
            Self::Photos => name.parse::<PhotoId>().is_ok(),
            Self::Headshots => name.parse::<ResultId>().is_ok(),
            Self::Cutouts => name.parse::<CutoutId>().is_ok(),
            Self::Backdrops => name.parse::<BackdropId>().is_ok(),
            Self::Logos => name.parse::<OrganizationId>().is_ok(),
            Self::Made => name.parse::<ShootId>().is_ok(),
        }
    }
}

/// The ids under which anything is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ids {
    /// Of uploads.
    pub photos: Vec<PhotoId>,
    /// Of headshots.
    pub headshots: Vec<ResultId>,
    /// Of people cut out of photos.
    pub cutouts: Vec<CutoutId>,
    /// Of organizations' own backdrops.
    pub backdrops: Vec<BackdropId>,
    /// Of shoots that were made and not taken in yet.
    pub made: Vec<ShootId>,
}

impl Key<'_> {
    /// Like `photos/4f/018bcfe568004f1c2d3e4a5b/master.jpg`.
    pub(super) fn path(self) -> Path {
        let (folder, name) = match self {
            Key::Photo(id, PhotoFile::Master) => (Folder::Photo(id), "master.jpg"),
            Key::Photo(id, PhotoFile::Thumbnail) => (Folder::Photo(id), "thumbnail.jpg"),
            Key::Headshot(id, HeadshotFile::Portrait) => (Folder::Headshot(id), "portrait.jpg"),
            Key::Headshot(id, HeadshotFile::Square) => (Folder::Headshot(id), "square.jpg"),
            Key::Headshot(id, HeadshotFile::Thumbnail) => (Folder::Headshot(id), "thumbnail.jpg"),
            Key::Preview(id, preview) => (Folder::Headshot(id), preview.name()),
            Key::Cutout(id) => (Folder::Cutout(id), "cutout.png"),
            Key::Backdrop(id, BackdropFile::Picture) => (Folder::Backdrop(id), "picture.jpg"),
            Key::Backdrop(id, BackdropFile::Thumbnail) => (Folder::Backdrop(id), "thumbnail.jpg"),
            Key::Logo(id) => (Folder::Logo(id), "logo.png"),
            Key::Made(id, holder, file) => {
                let name = match file {
                    MadeFile::Headshot(place) => format!("{holder}-headshot-{place}.jpg"),
                    MadeFile::Cutout(place) => format!("{holder}-cutout-{place}.png"),
                };
                return Folder::Made(id).path().join(name);
            }
        };
        folder.path().join(name)
    }
}

impl Folder<'_> {
    /// Spread over 256 folders by the first random byte of the id; the digits before it are the time, the same for weeks.
    pub(super) fn path(self) -> Path {
        let (kind, id) = match self {
            Folder::Photo(id) => (Kind::Photos, id.as_str()),
            Folder::Headshot(id) => (Kind::Headshots, id.as_str()),
            Folder::Cutout(id) => (Kind::Cutouts, id.as_str()),
            Folder::Backdrop(id) => (Kind::Backdrops, id.as_str()),
            Folder::Logo(id) => (Kind::Logos, id.as_str()),
            Folder::Made(id) => (Kind::Made, id.as_str()),
        };
        let at = id.len().saturating_sub(12);
        Path::from_iter([kind.name(), id.get(at..at + 2).unwrap_or("00"), id])
    }
}
