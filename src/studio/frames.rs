//! What goes over the pipe between a server and its child: frames of a head in JSON and a few files.
//!
//! A frame is four bytes that mark it, the head's length, how many files follow, the length of each, then all of them.
//! Every length is checked before anything is read: neither side believes the other.

use std::io::{self, ErrorKind, Read, Write};

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};

const MARK: [u8; 4] = *b"HRS1";
/// Heads are of a few hundred bytes.
const LONGEST_HEAD: u32 = 64 * 1024;
/// A developed photo is two files.
const MOST_FILES: u8 = 4;

/// How many bytes the files of one frame may have together: more than the largest upload.
pub(super) const LARGEST: u32 = 64 * 1024 * 1024;

/// Writes a frame.
///
/// # Errors
/// The other side is gone; or it would refuse a frame so large.
pub(super) fn write(out: &mut impl Write, head: &impl Serialize, files: &[Bytes]) -> io::Result<()> {
    let head = serde_json::to_vec(head)?;
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).map_err(|_| wrong("too large"));
    let mut start = MARK.to_vec();
    start.extend(length(&head)?.to_le_bytes());
    start.push(u8::try_from(files.len()).map_err(|_| wrong("too many files"))?);
    for file in files {
        start.extend(length(file)?.to_le_bytes());
    }
    out.write_all(&start)?;
    out.write_all(&head)?;
    for file in files {
        out.write_all(file)?;
    }
    out.flush()
}

/// Reads a frame; nothing if the other side has ended between two.
///
/// # Errors
/// The other side ended in the middle, or what it wrote is no frame, or one larger than is taken.
pub(super) fn read<Head: DeserializeOwned>(from: &mut impl Read) -> io::Result<Option<(Head, Vec<Bytes>)>> {
    let mut mark = [0; 4];
    if !begins(from, &mut mark)? {
        return Ok(None);
    }
    if mark != MARK {
        return Err(wrong("no frame"));
    }
    let head_length = number(from)?;
    let mut count = [0];
    from.read_exact(&mut count)?;
    if head_length > LONGEST_HEAD || count[0] > MOST_FILES {
        return Err(wrong("a head too long or too many files"));
    }
    let lengths = (0..count[0]).map(|_| number(from)).collect::<io::Result<Vec<u32>>>()?;
    if lengths.iter().map(|&length| u64::from(length)).sum::<u64>() > u64::from(LARGEST) {
        return Err(wrong("files too large"));
    }
    let head = exactly(from, head_length)?;
    let head = serde_json::from_slice(&head).map_err(|_| wrong("a head that says nothing known"))?;
    let files = lengths.into_iter().map(|length| exactly(from, length).map(Bytes::from)).collect::<io::Result<_>>()?;
    Ok(Some((head, files)))
}

/// Fills the first bytes; false at an end before them.
fn begins(from: &mut impl Read, into: &mut [u8]) -> io::Result<bool> {
    let mut filled = 0;
    while filled < into.len() {
        match from.read(&mut into[filled..]) {
            Ok(0) if filled == 0 => return Ok(false),
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

fn number(from: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    from.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

fn exactly(from: &mut impl Read, length: u32) -> io::Result<Vec<u8>> {
    // Taken as it comes: a length alone makes nobody set memory aside.
    let mut bytes = Vec::new();
    from.take(u64::from(length)).read_to_end(&mut bytes)?;
    if bytes.len() == length as usize { Ok(bytes) } else { Err(ErrorKind::UnexpectedEof.into()) }
}

fn wrong(what: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn written() -> Vec<u8> {
        let mut frame = Vec::new();
        write(&mut frame, &json!({ "ask": "x" }), &[Bytes::from_static(b"one"), Bytes::new()]).unwrap();
        frame
    }

    fn refused(bytes: &[u8]) -> ErrorKind {
        read::<Value>(&mut &bytes[..]).unwrap_err().kind()
    }

    #[test]
    fn what_is_written_is_read() {
        let two = [written(), written()].concat();
        let mut from = two.as_slice();
        for _ in 0..2 {
            let (head, files) = read::<Value>(&mut from).unwrap().unwrap();
            assert_eq!((head["ask"].as_str(), files), (Some("x"), vec![Bytes::from_static(b"one"), Bytes::new()]));
        }
        assert!(read::<Value>(&mut from).unwrap().is_none(), "an end between two is no fault");
    }

    #[test]
    fn a_frame_cut_anywhere_is_refused() {
        let whole = written();
        for length in 1..whole.len() {
            assert_eq!(refused(&whole[..length]), ErrorKind::UnexpectedEof, "{length}");
        }
    }

    #[test]
    fn nonsense_is_refused_before_anything_is_set_aside() {
        assert_eq!(refused(b"thread 'main' panicked"), ErrorKind::InvalidData);
        let start = |head: u32, lengths: &[u32]| {
            let mut bytes = MARK.to_vec();
            bytes.extend(head.to_le_bytes());
            bytes.push(lengths.len() as u8);
            bytes.extend(lengths.iter().flat_map(|length| length.to_le_bytes()));
            bytes
        };
        for oversize in [start(u32::MAX, &[]), start(2, &[1; 5]), start(2, &[LARGEST, 1]), start(2, &[u32::MAX; 4])] {
            assert_eq!(refused(&oversize), ErrorKind::InvalidData);
        }
        // As large as may be, but not there.
        assert_eq!(refused(&[start(2, &[LARGEST]), b"{}".to_vec()].concat()), ErrorKind::UnexpectedEof);
        assert_eq!(refused(&[start(3, &[]), b"{]}".to_vec()].concat()), ErrorKind::InvalidData);
    }
}
