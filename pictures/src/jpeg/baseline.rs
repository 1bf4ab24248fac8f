//! The JPEGs that cameras and phones write (ITU T.81, baseline: one scan, Huffman codes, eight bits), decoded straight at an
//! eighth, a quarter or a half of their size.
//!
//! Most of the work of a small picture is reading codes. High frequencies, which it doesn't have, are passed over without
//! looking at their values, and colours stored at half the size are made at the size they are wanted in.
//! Whatever is unusual or doesn't add up is answered by None: there is another decoder for it.

use std::iter;

use super::{
    bits::{Bits, Codes},
    inverse::{Block, Inverse, SIDE},
};
use crate::{Picture, Size};

/// Row and column of each frequency in the order in which files have them: in zigzag from the lowest.
const ORDER: [(u8, u8); 64] = order();

const fn order() -> [(u8, u8); 64] {
    let mut order = [(0, 0); 64];
    let (mut row, mut column) = (0_u8, 0_u8);
    let mut at = 0;
    while at < 64 {
        order[at] = (row, column);
        // Diagonals of even sum go up, the others down; at an edge the next one begins.
        match (row + column).is_multiple_of(2) {
            true if column == 7 => row += 1,
            true => (row, column) = (row.saturating_sub(1), column + 1),
            false if row == 7 => column += 1,
            false => (row, column) = (row + 1, column.saturating_sub(1)),
        }
        at += 1;
    }
    order
}

/// What a file says before its scan.
#[derive(Default)]
struct Header {
    width: usize,
    height: usize,
    parts: Vec<Part>,
    /// Divisors, in the order of the file.
    divisors: [Option<[u16; 64]>; 4],
    lowest: [Option<Codes>; 4],
    others: [Option<Codes>; 4],
    /// After how many units there is a restart marker; 0: none.
    restart: usize,
}

/// What a file says of one of its colours.
struct Part {
    id: u8,
    /// Blocks of it in a unit.
    across: usize,
    down: usize,
    divisors: usize,
}

/// A colour while it is decoded.
struct Colour<'a> {
    across: usize,
    down: usize,
    inverse: Inverse,
    /// In the order of the file: row, column and divisor of the frequencies that count; zero: not this one.
    wanted: [(u8, u8, f32); 64],
    /// Behind the last that counts.
    end: usize,
    lowest: &'a Codes,
    others: &'a Codes,
    /// The lowest frequency of the block before.
    before: i32,
    /// The pixels of a row of units.
    band: Vec<u8>,
}

/// The picture of this size at so many eighths of it: 1, 2 or 4. None if that is for the other decoder.
pub(super) fn decode(bytes: &[u8], whole: Size, eighths: usize) -> Option<Picture> {
    let (header, scan, coded) = read_header(bytes)?;
    // Limits were checked against what other code has read.
    if (header.width, header.height) != (whole.width as usize, whole.height as usize) {
        return None;
    }
    let most = |side: fn(&Part) -> usize| header.parts.iter().map(side).max();
    let unit = (most(|part| part.across)?, most(|part| part.down)?);
    let units = (header.width.div_ceil(unit.0 * SIDE), header.height.div_ceil(unit.1 * SIDE));
    let stride = units.0 * unit.0 * eighths;
    let rows = unit.1 * eighths;
    let mut colours = header.colours(scan, eighths, unit, stride * rows)?;

    let part = |length: usize| (length * eighths).div_ceil(SIDE);
    let (width, height) = (part(header.width), part(header.height));
    let mut rgb = Vec::with_capacity(width * height * 3);
    let mut bits = Bits::new(coded);
    let mut until_restart = header.restart;
    let mut restarts = (0..8).cycle();
    for row in 0..units.1 {
        for column in 0..units.0 {
            if header.restart > 0 {
                if until_restart == 0 {
                    bits.restart(restarts.next()?)?;
                    colours.iter_mut().for_each(|colour| colour.before = 0);
                    until_restart = header.restart;
                }
                until_restart -= 1;
            }
            colours.iter_mut().try_for_each(|colour| colour.unit(&mut bits, column, stride))?;
        }
        let lines = rows.min(height - row * rows);
        to_rgb(&colours, stride, width, lines, &mut rgb);
    }
    let size = Size { width: width.try_into().ok()?, height: height.try_into().ok()? };
    if bits.overran() { None } else { Picture::new(size, rgb).ok() }
}

/// The header, what the scan's header says, and the scan.
fn read_header(bytes: &[u8]) -> Option<(Header, &[u8], &[u8])> {
    let mut header = Header::default();
    let mut rest = bytes.strip_prefix(&[0xff, 0xd8])?;
    loop {
        let (&[0xff, marker], after) = rest.split_first_chunk()? else { return None };
        if marker == 0xff {
            rest = &rest[1..]; // fill bytes may stand before a marker
            continue;
        }
        let (length, _) = after.split_first_chunk()?;
        let (segment, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        let segment = segment.get(2..)?;
        match marker {
            0xc0 | 0xc1 if header.parts.is_empty() => header.frame(segment)?,
            0xc4 => header.codes(segment)?,
            0xdb => header.divisors(segment)?,
            0xdd => header.restart = u16::from_be_bytes(*segment.first_chunk()?).into(),
            0xda => return Some((header, segment, after)),
            // Colours stored as red, green and blue say so here.
            0xee if segment.starts_with(b"Adobe") && segment.get(11) != Some(&1) => return None,
            0xe0..=0xef | 0xfe => {}
            _ => return None, // progressive, arithmetic codes, …
        }
        rest = after;
    }
}

impl Header {
    fn frame(&mut self, segment: &[u8]) -> Option<()> {
        let (&[8, h1, h0, w1, w0, count @ (1 | 3)], parts) = segment.split_first_chunk()? else { return None };
        (self.width, self.height) = (u16::from_be_bytes([w1, w0]).into(), u16::from_be_bytes([h1, h0]).into());
        let parts = parts.as_chunks::<3>().0;
        for &[id, blocks, divisors] in parts {
            let (across, down) = (usize::from(blocks >> 4), usize::from(blocks & 15));
            // A single colour comes block by block, whatever it says.
            let (across, down) = if count == 1 { (1, 1) } else { (across, down) };
            if !(1..=4).contains(&across) || !(1..=4).contains(&down) {
                return None;
            }
            self.parts.push(Part { id, across, down, divisors: divisors.into() });
        }
        let named = parts.iter().map(|part| part[0]).eq(*b"RGB");
        (parts.len() == usize::from(count) && !named && self.width > 0 && self.height > 0).then_some(())
    }

    fn divisors(&mut self, mut segment: &[u8]) -> Option<()> {
        while let Some((&first, rest)) = segment.split_first() {
            let place = self.divisors.get_mut(usize::from(first & 15))?;
            let (table, rest) = match first >> 4 {
                0 => rest.split_first_chunk::<64>().map(|(table, rest)| (table.map(u16::from), rest))?,
                1 => {
                    let (table, rest) = rest.split_at_checked(128)?;
                    let pairs = table.as_chunks::<2>().0;
                    (std::array::from_fn(|at| u16::from_be_bytes(pairs[at])), rest)
                }
                _ => return None,
            };
            *place = Some(table);
            segment = rest;
        }
        Some(())
    }

    fn codes(&mut self, mut segment: &[u8]) -> Option<()> {
        while let Some((&first, rest)) = segment.split_first() {
            let (lengths, rest) = rest.split_first_chunk()?;
            let count = lengths.iter().map(|count| usize::from(*count)).sum();
            let (symbols, rest) = rest.split_at_checked(count)?;
            let tables = match first >> 4 {
                0 => &mut self.lowest,
                1 => &mut self.others,
                _ => return None,
            };
            *tables.get_mut(usize::from(first & 15))? = Some(Codes::new(lengths, symbols)?);
            segment = rest;
        }
        Some(())
    }

    /// The colours as the scan has them, which must be all of them, in order, and whole.
    fn colours(&self, scan: &[u8], eighths: usize, unit: (usize, usize), band: usize) -> Option<Vec<Colour<'_>>> {
        let (&count, scan) = scan.split_first()?;
        let (chosen, rest) = scan.as_chunks::<2>();
        if usize::from(count) != self.parts.len() || chosen.len() != self.parts.len() + 1 || rest != [0] {
            return None;
        }
        let colour = |(part, &[id, tables]): (&Part, &[u8; 2])| {
            // How long a block is, so that all colours come out at one size.
            let along = |most: usize, of: usize| {
                let pixels = most * eighths / of;
                (most.is_multiple_of(of) && pixels <= SIDE && pixels.is_power_of_two()).then_some(pixels)
            };
            let inverse = Inverse::new(along(unit.0, part.across)?, along(unit.1, part.down)?);
            let divisors = self.divisors.get(part.divisors)?.as_ref()?;
            let mut wanted = [(0, 0, 0.0); 64];
            for ((wanted, &(row, column)), divisor) in wanted.iter_mut().zip(&ORDER).zip(divisors) {
                if inverse.uses(row.into(), column.into()) {
                    *wanted = (row, column, f32::from(*divisor));
                }
            }
            Some(Colour {
                across: part.across,
                down: part.down,
                end: 1 + wanted.iter().rposition(|(_, _, divisor)| *divisor > 0.0)?,
                inverse,
                wanted,
                lowest: self.lowest.get(usize::from(tables >> 4))?.as_ref()?,
                others: self.others.get(usize::from(tables & 15))?.as_ref()?,
                before: 0,
                band: vec![0; band],
            })
            .filter(|_| id == part.id)
        };
        // Behind them: which frequencies the scan has, and whether they come in parts. All of them, and not.
        (chosen.last() == Some(&[0, 63])).then(|| self.parts.iter().zip(chosen).map(colour).collect())?
    }
}

impl Colour<'_> {
    /// Decodes this colour's blocks of the unit in this column.
    fn unit(&mut self, bits: &mut Bits<'_>, column: usize, stride: usize) -> Option<()> {
        for down in 0..self.down {
            for across in 0..self.across {
                let left = (column * self.across + across) * self.inverse.across();
                let at = down * self.inverse.down() * stride + left;
                self.block(bits, at, stride)?;
            }
        }
        Some(())
    }

    /// Decodes a block to the place in the band.
    fn block(&mut self, bits: &mut Bits<'_>, at: usize, stride: usize) -> Option<()> {
        let (symbol, more) = self.lowest.read(bits)?;
        // What the sum can reach in a file that means well fits many times over.
        self.before = (symbol <= 11).then(|| self.before.wrapping_add(more))?;
        let lowest = self.before as f32 * self.wanted[0].2;
        let mut block: Block = [[0.0; SIDE]; SIDE];
        let mut even = true;
        let mut place = 1;
        while place < self.end {
            let (symbol, value) = self.others.read(bits)?;
            match symbol {
                0 => {
                    place = 64;
                    break;
                }
                0xf0 => place += 16,
                _ if symbol & 15 == 0 => return None,
                _ => {
                    place += usize::from(symbol >> 4);
                    let &(row, column, divisor) = self.wanted.get(place)?;
                    if divisor > 0.0 {
                        block[usize::from(row & 7)][usize::from(column & 7)] = value as f32 * divisor;
                        even = false;
                    }
                    place += 1;
                }
            }
        }
        while place < 64 {
            match self.others.pass(bits)? {
                0 => break,
                symbol => place += usize::from(symbol >> 4) + 1,
            }
        }
        let into = &mut self.band[at..];
        if even {
            self.inverse.write_even(lowest, into, stride);
        } else {
            block[0][0] = lowest;
            self.inverse.write(&block, into, stride);
        }
        Some(())
    }
}

/// Adds so many lines of a band, from the colours that JPEG has (ITU T.871).
fn to_rgb(colours: &[Colour<'_>], stride: usize, width: usize, lines: usize, rgb: &mut Vec<u8>) {
    for line in 0..lines {
        let of = |colour: &'_ Colour<'_>| line * stride..line * stride + width.min(colour.band.len());
        match colours {
            [grey] => rgb.extend(grey.band[of(grey)].iter().flat_map(|grey| [*grey; 3])),
            [luma, blue, red] => {
                let pixels = iter::zip(&luma.band[of(luma)], &blue.band[of(blue)]).zip(&red.band[of(red)]);
                rgb.extend(pixels.flat_map(|((luma, blue), red)| colour(*luma, *blue, *red)));
            }
            _ => {}
        }
    }
}

/// Red, green and blue of a brightness and its differences towards blue and red; in units of 2⁻¹⁶.
fn colour(luma: u8, blue: u8, red: u8) -> [u8; 3] {
    let (luma, blue, red) = ((i32::from(luma) << 16) + (1 << 15), i32::from(blue) - 128, i32::from(red) - 128);
    [luma + 91_881 * red, luma - 22_554 * blue - 46_802 * red, luma + 116_130 * blue]
        .map(|value| (value >> 16).clamp(0, 255) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_the_zigzag_of_the_standard() {
        let at = |place: usize| ORDER[place];
        assert_eq!([0, 1, 2, 3, 4, 5].map(at), [(0, 0), (0, 1), (1, 0), (2, 0), (1, 1), (0, 2)]);
        assert_eq!([27, 28, 35, 36].map(at), [(0, 6), (0, 7), (7, 0), (7, 1)]);
        assert_eq!([61, 62, 63].map(at), [(6, 7), (7, 6), (7, 7)]);
        let mut all = ORDER;
        all.sort_unstable();
        assert!(all.iter().copied().eq((0..8).flat_map(|row| (0..8).map(move |column| (row, column)))));
    }

    #[test]
    fn colours_are_those_of_the_standard() {
        assert_eq!(colour(255, 128, 128), [255, 255, 255]);
        assert_eq!(colour(76, 85, 255), [254, 0, 0]);
        assert_eq!(colour(150, 44, 21), [0, 255, 1]);
        assert_eq!(colour(29, 255, 107), [0, 0, 254]);
    }
}
