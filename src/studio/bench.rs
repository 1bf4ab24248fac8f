//! The child's side: it confines itself, then does what it is asked, one thing after the other, until nobody asks any more.

use std::{
    io::{self, BufReader, BufWriter},
    process::{self, ExitCode},
    sync::mpsc,
    thread,
};

use bytes::Bytes;
use headroom_studio::{Behind, Cutout, Headshot, Photo, Studio, Thresholds};
use rustix::process::{Resource, Rlimit, nice, setrlimit};

use super::{
    frames,
    words::{Ask, Ground, Said, Seen, Terms, Turn},
};
use crate::{
    error::{Error, Result},
    images::{self, FINE, MASTER_SIDE, Picture, SMALL, Size, THUMBNAIL_SIDE},
    priority::stand_behind,
};

/// A picture behind people is shown at 1024 × 1280; this much is enough of it, also when only a part is used.
const BEHIND_SIDE: u32 = 2_048;

/// The longer side of a logo as it is kept.
const EMBLEM_SIDE: u32 = 1_024;

/// Cut-outs and pictures a child keeps at the same time, of five to twelve megabytes each.
const MOST_KEPT: usize = 16;

/// Files a child may have open: the three pipes and what its threads need.
const FILES: u64 = 32;

/// Does what standard input asks for. Whoever starts this by hand hears nothing.
pub(crate) fn work() -> ExitCode {
    if outlive_the_news().is_err() {
        return ExitCode::from(3);
    }
    let mut input = BufReader::new(io::stdin());
    let Ok(Some((terms, _))) = frames::read::<Terms>(&mut input) else { return ExitCode::from(2) };
    if confine(&terms).is_err() {
        return ExitCode::from(3);
    }
    let (sender, asked) = mpsc::sync_channel(0);
    thread::spawn(move || {
        while let Ok(Some(ask)) = frames::read::<Ask>(&mut input) {
            if sender.send(ask).is_err() {
                return;
            }
        }
        // The server is gone, or has no use for this any more. Whatever is under way here is for nobody.
        process::exit(0);
    });
    let mut bench = Bench { thresholds: terms.thresholds, studio: None, cutouts: Vec::new(), pictures: Vec::new() };
    let mut output = BufWriter::new(io::stdout());
    while let Ok((ask, mut files)) = asked.recv() {
        let (said, made) = match bench.answer(&ask, files.pop().unwrap_or_default()) {
            Ok(done) => done,
            Err(error) => (told(&error), Vec::new()),
        };
        if frames::write(&mut output, &said, &made).is_err() {
            break;
        }
    }
    ExitCode::SUCCESS
}

/// Has the signals that end a service, or what runs in a terminal, pass by. Service managers send them to all processes of a
/// service at once, and what is under way here is the server's to end, or to let finish.
fn outlive_the_news() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let _entered = runtime.enter();
    for kind in [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()] {
        // Listened to once, a signal does nothing by itself until the process is over, also if nobody listens any more.
        drop(signal(kind)?);
    }
    Ok(())
}

/// Takes from this process what it has no need of. Nothing of a photo was looked at before.
fn confine(terms: &Terms) -> io::Result<()> {
    // Dies with the server, also when that is killed.
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    let most = |resource, value: u64| setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) });
    // Not the address space: allocators reserve far more of that than they use.
    most(Resource::Data, terms.memory)?;
    most(Resource::Cpu, terms.seconds)?;
    most(Resource::Core, 0)?;
    most(Resource::Fsize, 0)?;
    most(Resource::Nofile, FILES)?;
    wait_for(terms.turn);
    Ok(())
}

/// Has this thread, and those it starts, wait for their turn. Where a container forbids it, they go without.
fn wait_for(turn: Turn) {
    match turn {
        Turn::Nice(niceness) => {
            let _ = nice(niceness);
        }
        Turn::Idle => stand_behind(),
    }
}

/// What it works with, and what it keeps from one task to the next.
struct Bench {
    thresholds: Thresholds,
    studio: Option<Studio>,
    cutouts: Vec<Cutout>,
    pictures: Vec<Photo>,
}

type Done = (Said, Vec<Bytes>);

/// Why something wasn't done.
enum Fault {
    NoFace,
    Other(Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl From<images::Error> for Fault {
    fn from(error: images::Error) -> Self {
        Self::Other(error.into())
    }
}

impl From<headroom_studio::Error> for Fault {
    fn from(error: headroom_studio::Error) -> Self {
        match error {
            headroom_studio::Error::NoFace => Self::NoFace,
            other => Self::Other(Error::internal(other)),
        }
    }
}

fn told(fault: &Fault) -> Said {
    match fault {
        Fault::NoFace => Said::NoFace,
        Fault::Other(Error::Internal(cause)) => Said::Broken { cause: cause.to_string() },
        Fault::Other(refusal) => {
            Said::Refused { words: refusal.to_string(), unsupported: matches!(refusal, Error::Unsupported(_)) }
        }
    }
}

impl Bench {
    fn answer(&mut self, ask: &Ask, file: Bytes) -> Result<Done, Fault> {
        match ask {
            Ask::Open => self.studio().map(|_| (Said::Kept, Vec::new())),
            Ask::Develop { look } => self.develop(file, *look),
            Ask::Emblem => {
                let emblem = images::decode_transparent(&file, EMBLEM_SIDE)?;
                let Size { width, height } = emblem.size();
                Ok((Said::Emblem { width, height }, vec![emblem.png()?.into()]))
            }
            Ask::Check => {
                let photo = photo(&file)?;
                Ok((Said::Checked { seen: self.seen(&photo)?.0 }, Vec::new()))
            }
            Ask::CutOut => {
                self.must_have_room()?;
                let cutout = self.studio()?.cut_out(&photo(&file)?)?;
                let (head, file) = (cutout.head(), png(&cutout)?);
                self.cutouts.push(cutout);
                Ok((Said::CutOut { head }, vec![file.into()]))
            }
            Ask::Keep { head, half } => {
                self.must_have_room()?;
                let whole = cutout(&file, *head)?;
                let kept = if *half { halved(&whole)? } else { whole };
                self.cutouts.push(kept);
                Ok((Said::Kept, Vec::new()))
            }
            Ask::Picture => {
                self.must_have_room()?;
                let picture = images::decode_within(&file, BEHIND_SIDE)?;
                self.pictures.push(of_picture(&picture)?);
                Ok((Said::Kept, Vec::new()))
            }
            Ask::Lay { cutout, behind, look } => {
                let nothing = || Error::internal("there is nothing of this number");
                let behind = match behind {
                    Ground::Drawn(backdrop) => Behind::Drawn(*backdrop),
                    Ground::Picture(number) => Behind::Picture(self.pictures.get(*number).ok_or_else(nothing)?),
                };
                let cutout = self.cutouts.get(*cutout).ok_or_else(nothing)?;
                let Headshot { width, height, rgb, head } = cutout.before(behind, *look)?;
                let size = Size { width: side(width)?, height: side(height)? };
                let file = images::encode_jpeg(&Picture::new(size, rgb)?, FINE)?;
                Ok((Said::Headshot { head }, vec![file.into()]))
            }
        }
    }

    /// Decodes an upload and encodes it anew, so that nothing of the sender's bytes goes on, and looks at what is kept if
    /// that is wanted. A photo is taken in also when looking at it fails, which is our fault and never its own.
    fn develop(&mut self, file: Bytes, look: bool) -> Result<Done, Fault> {
        let mut picture = images::decode_within(&file, MASTER_SIDE)?;
        drop(file);
        let mut seen = None;
        if look && let Ok((found, turned)) = of_picture(&picture).and_then(|photo| self.seen(&photo)) {
            seen = Some(found);
            // As people see it, also where the camera's note of it was lost.
            if let Some(upright) = turned {
                picture = to_picture(upright)?;
            }
        }
        let size = picture.size();
        let master = images::encode_jpeg(&picture, FINE)?;
        let thumbnail = images::encode_jpeg(&images::shrink(picture, THUMBNAIL_SIDE)?, SMALL)?;
        let said = Said::Developed { width: size.width, height: size.height, seen };
        Ok((said, vec![master.into(), thumbnail.into()]))
    }

    /// What is to be said of a photo, and the photo turned if nobody is upright in it as it is.
    fn seen(&mut self, photo: &Photo) -> Result<(Seen, Option<Photo>), Fault> {
        let studio = self.studio()?;
        let (check, turned) = studio.check_and_turn(photo)?;
        let likeness = studio.likeness(turned.as_ref().unwrap_or(photo))?;
        Ok((Seen { check, likeness }, turned))
    }

    /// The nets are loaded when the first photo needs them: laying a kept cut-out does without.
    fn studio(&mut self) -> Result<&Studio, Fault> {
        let studio = match self.studio.take() {
            Some(open) => open,
            None => Studio::open(self.thresholds)?,
        };
        Ok(self.studio.insert(studio))
    }

    fn must_have_room(&self) -> Result<()> {
        if self.cutouts.len() + self.pictures.len() < MOST_KEPT {
            Ok(())
        } else {
            Err(Error::internal("kept too much"))
        }
    }
}

fn photo(file: &[u8]) -> Result<Photo, Fault> {
    of_picture(&images::decode(file)?)
}

fn of_picture(picture: &Picture) -> Result<Photo, Fault> {
    let Size { width, height } = picture.size();
    Ok(Photo::new(width as usize, height as usize, picture.rgb().to_vec())?)
}

fn to_picture(photo: Photo) -> Result<Picture, Fault> {
    let size = Size { width: side(photo.width())?, height: side(photo.height())? };
    Ok(Picture::new(size, photo.into_rgb())?)
}

fn side(pixels: usize) -> Result<u32> {
    u32::try_from(pixels).map_err(Error::internal)
}

fn png(cutout: &Cutout) -> Result<Vec<u8>, Fault> {
    let size = Size { width: side(cutout.width())?, height: side(cutout.height())? };
    Ok(images::encode_cutout(size, cutout.rgba())?)
}

/// The same person on a quarter of the pixels: of each four the middle, colours weighed by how much of them is there.
#[expect(clippy::cast_possible_truncation, reason = "the middle of four bytes is a byte")]
fn halved(whole: &Cutout) -> Result<Cutout, Fault> {
    let (width, height) = ((whole.width() / 2).max(1), (whole.height() / 2).max(1));
    let (wide, rgba) = (whole.width(), whole.rgba());
    let corner = |x: usize, y: usize| (y.min(whole.height() - 1) * wide + x.min(wide - 1)) * 4;
    let pixel = |x: usize, y: usize| {
        let four = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(right, down)| corner(2 * x + right, 2 * y + down));
        let opaque: u32 = four.iter().map(|at| u32::from(rgba[at + 3])).sum();
        let colour = |channel: usize| {
            let weighed: u32 = four.iter().map(|at| u32::from(rgba[at + channel]) * u32::from(rgba[at + 3])).sum();
            ((weighed + opaque / 2) / opaque.max(1)) as u8
        };
        [colour(0), colour(1), colour(2), ((opaque + 2) / 4) as u8]
    };
    let pixels = (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y)));
    Ok(Cutout::new(width, height, pixels.collect(), whole.head())?)
}

fn cutout(file: &[u8], head: (f32, f32)) -> Result<Cutout, Fault> {
    let (size, rgba) = images::decode_cutout(file)?;
    Ok(Cutout::new(size.width as usize, size.height as usize, rgba, head)?)
}
