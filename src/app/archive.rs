//! ZIP archives that are made while they are sent: one file at a time is in memory. Nothing is compressed, because JPEGs don't
//! get smaller.

use std::{
    cell::RefCell,
    io::{self, Seek, SeekFrom, Write},
    rc::Rc,
};

use bytes::Bytes;
use chrono::{Datelike, Timelike};
use zip::{CompressionMethod, DateTime, PreparedZipFile, ZipWriter, result::ZipError, write::SimpleFileOptions};

use crate::{
    clock::Timestamp,
    error::{Error, Result},
};

/// An archive on its way out.
pub struct Archive {
    tray: Tray,
    zip: ZipWriter<Tray>,
}

impl Default for Archive {
    fn default() -> Self {
        let tray = Tray::default();
        Self { zip: ZipWriter::new(tray.clone()), tray }
    }
}

impl Archive {
    /// Adds a file under a name, with the time it was made at; returns what is to be sent next.
    pub fn add(&mut self, name: String, made: Timestamp, bytes: &[u8]) -> Result<Bytes> {
        let entry = PreparedZipFile::from_data(name, options(made), bytes).map_err(failed)?;
        self.zip.add_prepared_file(entry).map_err(failed)?;
        Ok(self.tray.take())
    }

    /// That was all; returns the rest.
    pub fn finish(self) -> Result<Bytes> {
        self.zip.finish().map_err(failed)?;
        Ok(self.tray.take())
    }
}

fn options(made: Timestamp) -> SimpleFileOptions {
    let made = made.date_time();
    let part = |number: u32| u8::try_from(number).unwrap_or_default();
    let made = DateTime::from_date_and_time(
        u16::try_from(made.year()).unwrap_or_default(),
        part(made.month()),
        part(made.day()),
        part(made.hour()),
        part(made.minute()),
        part(made.second()),
    );
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).unix_permissions(0o644);
    made.map_or(options, |made| options.last_modified_time(made))
}

fn failed(cause: ZipError) -> Error {
    Error::internal(cause)
}

/// What the archive was told to write and nobody has taken yet. Each entry stays until it is complete, so the archive can go
/// back and say in front of it how long it is: without that, not every program can unpack what isn't compressed.
#[derive(Clone, Default)]
struct Tray(Rc<RefCell<Content>>);

#[derive(Default)]
struct Content {
    bytes: Vec<u8>,
    /// Bytes taken before these.
    taken: u64,
    /// Where the next byte goes.
    at: usize,
}

impl Tray {
    fn take(&self) -> Bytes {
        let mut content = self.0.borrow_mut();
        content.taken += content.bytes.len() as u64;
        content.at = 0;
        std::mem::take(&mut content.bytes).into()
    }
}

impl Write for Tray {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let content = &mut *self.0.borrow_mut();
        let over = bytes.len().min(content.bytes.len() - content.at);
        content.bytes[content.at..content.at + over].copy_from_slice(&bytes[..over]);
        content.bytes.extend_from_slice(&bytes[over..]);
        content.at += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Tray {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let content = &mut *self.0.borrow_mut();
        let end = content.taken + content.bytes.len() as u64;
        let place = match to {
            SeekFrom::Start(place) => Some(place),
            SeekFrom::Current(by) => (content.taken + content.at as u64).checked_add_signed(by),
            SeekFrom::End(by) => end.checked_add_signed(by),
        };
        let place = place.filter(|place| (content.taken..=end).contains(place)).ok_or(io::ErrorKind::InvalidInput)?;
        content.at = usize::try_from(place - content.taken).map_err(io::Error::other)?;
        Ok(place)
    }
}
