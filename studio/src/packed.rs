//! How the nets' weights are kept in the program: a third smaller, bit for bit the same.
//!
//! Numbers of four bytes that lie near each other are alike in their first byte and random in their last. So all first bytes
//! come first, then all second ones, and so on, and deflate finds what repeats.

use std::io::{self, Read, Write};

use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};

/// Bytes of a number.
const WIDTH: usize = 4;

/// What [`unpack`] makes `bytes` of.
///
/// # Errors
/// Memory can't be written to, which doesn't happen.
pub fn pack(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let (numbers, rest) = bytes.split_at(bytes.len() / WIDTH * WIDTH);
    let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
    for place in 0..WIDTH {
        let plane: Vec<u8> = numbers.iter().skip(place).step_by(WIDTH).copied().collect();
        packed.write_all(&plane)?;
    }
    packed.write_all(rest)?;
    packed.finish()
}

/// The bytes that were given to [`pack`].
///
/// # Errors
/// These are not what it made.
pub(crate) fn unpack(packed: &[u8]) -> io::Result<Vec<u8>> {
    let mut planes = Vec::new();
    DeflateDecoder::new(packed).read_to_end(&mut planes)?;
    let count = planes.len() / WIDTH;
    let (planes, rest) = planes.split_at(count * WIDTH);
    let mut bytes = Vec::with_capacity(planes.len() + rest.len());
    bytes.extend((0..count).flat_map(|nth| (0..WIDTH).map(move |place| planes[place * count + nth])));
    bytes.extend(rest);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_comes_out_the_same_and_smaller() {
        let numbers: Vec<u8> = (0..1_000_u16).flat_map(|nth| (f32::from(nth) / 7.0).to_le_bytes()).collect();
        for length in [0, 1, 3, 4, 5, 4_000] {
            assert_eq!(unpack(&pack(&numbers[..length]).unwrap()).unwrap(), numbers[..length], "{length}");
        }
        assert!(pack(&numbers).unwrap().len() < 3_200);
        assert!(unpack(&[7, 7, 7]).is_err());
        let whole = pack(&numbers).unwrap();
        assert!((0..whole.len()).step_by(97).all(|length| unpack(&whole[..length]).is_err()), "cut short");
    }
}
