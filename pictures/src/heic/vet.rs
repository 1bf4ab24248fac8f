//! What a HEIC may ask of its decoder. The container's reader and the video decoder go by what the file says of itself;
//! a small one could have them fill the memory, or work for hours. Everything here is a count or a sum, made first.

use heifer::{
    heifer_hevc_dec::{
        nal::{NalUnit, NalUnitType, split_annex_b},
        params::Sps,
    },
    heifer_isobmff::{BoxIter, HeifFile, ItemId, boxes::ConstructionMethod},
};

use super::LARGEST_CODED;
use crate::{Size, error::Result, recognise::damaged};

/// What a header may take, the small pictures inside it aside: it is read in time that grows with its square.
/// A phone's 48 tiles take 5 KB, and a profile as much again.
const LARGEST_HEADER: usize = 256 * 1024;
/// Images, tiles, and what is said about them.
const MOST_ITEMS: usize = 4_096;
/// Pieces that one of them is stored in. One is usual.
const MOST_PIECES: u64 = 64;
/// Pieces of a coded picture. Encoders write one slice, and a few things beside it.
const MOST_UNITS: usize = 256;
/// Each slice may go over the whole picture again.
const MOST_SLICES: usize = 32;

fn whole<E>(item: Result<impl Sized, E>) -> Result<()> {
    item.map(drop).map_err(|_| damaged())
}

/// Whether the boxes can be read in little time and memory.
pub(super) fn container(bytes: &[u8]) -> Result<()> {
    for outer in BoxIter::new(bytes) {
        let outer = outer.map_err(|_| damaged())?;
        if outer.header.box_type.0 != *b"meta" {
            continue;
        }
        let mut header = 0;
        for part in BoxIter::new(outer.content.get(4..).ok_or_else(damaged)?) {
            let part = part.map_err(|_| damaged())?;
            match &part.header.box_type.0 {
                b"idat" => continue,
                b"iinf" => items(part.content)?,
                b"iloc" => places(part.content)?,
                _ => {}
            }
            header += part.content.len();
        }
        if header > LARGEST_HEADER {
            return Err(damaged());
        }
    }
    Ok(())
}

/// The list of items: a version, a count, and a box for each.
fn items(content: &[u8]) -> Result<()> {
    let boxes = if content.first() == Some(&0) { content.get(6..) } else { content.get(8..) };
    let boxes = boxes.ok_or_else(damaged)?;
    if BoxIter::new(boxes).take(MOST_ITEMS + 1).count() > MOST_ITEMS {
        return Err(damaged());
    }
    BoxIter::new(boxes).try_for_each(whole)
}

/// Where the items are stored. A piece may be described in no bytes at all, so counts alone could ask for any memory.
fn places(content: &[u8]) -> Result<()> {
    let mut rest = content;
    let mut number = |bytes: u8| -> Result<u64> {
        let (number, after) = rest.split_at_checked(bytes.into()).ok_or_else(damaged)?;
        rest = after;
        Ok(number.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)))
    };
    let version = number(1)?;
    number(3)?;
    let (lengths, bases) = (number(1)?, number(1)?);
    let half = |pair: u64, shift: u32| u8::try_from((pair >> shift) & 15).unwrap_or(u8::MAX);
    let index = if version == 0 { 0 } else { half(bases, 0) };
    let piece = [index, half(lengths, 4), half(lengths, 0)];
    let (wide, narrow) = (4, 2);
    let id = if version < 2 { narrow } else { wide };
    for _ in 0..number(id)? {
        number(id)?;
        if version > 0 {
            number(2)?; // how it is built
        }
        number(2)?; // in which file
        number(half(bases, 4))?;
        let pieces = number(2)?;
        if pieces > MOST_PIECES {
            return Err(damaged());
        }
        for _ in 0..pieces {
            piece.iter().try_for_each(|bytes| number(*bytes).map(drop))?;
        }
    }
    Ok(())
}

/// Whether the tiles are stored in no more than the file is long: each has bytes of its own. Thousands could share the same,
/// to be read again for each.
pub(super) fn tiles(file: &HeifFile<'_>, tiles: &[ItemId], bytes: usize) -> Result<()> {
    let mut stored = 0u64;
    for item in tiles {
        let Some(place) = &file.item(*item).map_err(|_| damaged())?.location else { return Err(damaged()) };
        if place.construction_method == ConstructionMethod::Item {
            return Err(damaged()); // built of other items, which no camera does
        }
        for piece in &place.extents {
            // No length means to the end, which only a picture in one piece can claim.
            if piece.length == 0 && tiles.len() > 1 {
                return Err(damaged());
            }
            stored = stored.saturating_add(piece.length);
        }
    }
    if stored > bytes as u64 { Err(damaged()) } else { Ok(()) }
}

/// How many pixels may be coded for a picture of the size given: it is filled up to whole blocks.
pub(super) fn most_coded(size: Size) -> u64 {
    const BLOCKS: u32 = 128;
    let filled = Size { width: size.width.saturating_add(BLOCKS), height: size.height.saturating_add(BLOCKS) };
    filled.area().min(LARGEST_CODED)
}

/// Whether a coded picture can be decoded in memory and time that its size accounts for.
pub(super) fn stream(stream: &[u8], size: Size) -> Result<()> {
    let mut slices = 0;
    for (index, unit) in split_annex_b(stream).enumerate() {
        if index >= MOST_UNITS {
            return Err(damaged());
        }
        let unit = NalUnit::parse(unit).map_err(|_| damaged())?;
        match unit.header.unit_type {
            kind if kind.is_slice() => slices += 1,
            NalUnitType::Sps => sequence(&Sps::parse(&unit.rbsp).map_err(|_| damaged())?, size)?,
            _ => {}
        }
    }
    if slices > MOST_SLICES { Err(damaged()) } else { Ok(()) }
}

/// The coded size, and the window of it that is shown, which has to lie within.
fn sequence(sps: &Sps, size: Size) -> Result<()> {
    let coded = Size { width: sps.pic_width_in_luma_samples, height: sps.pic_height_in_luma_samples };
    let [left, right, top, bottom] = sps.conf_win_offsets.map(u64::from);
    let shown = |length: u32, cut: u64| cut * 2 < u64::from(length);
    if coded.area() > most_coded(size) || !shown(coded.width, left + right) || !shown(coded.height, top + bottom) {
        return Err(damaged());
    }
    Ok(())
}

/// Primaries and transfer as the coded picture names them, if it does.
pub(super) fn coded_color(file: &HeifFile<'_>, item: ItemId) -> Option<(u16, u16)> {
    const UNSAID: u8 = 2;
    let config = file.hevc_config(item).ok().flatten()?;
    config.nal_units.iter().find_map(|unit| {
        let unit = NalUnit::parse(unit).ok()?;
        if unit.header.unit_type != NalUnitType::Sps {
            return None;
        }
        let said = Sps::parse(&unit.rbsp).ok()?.vui?;
        let both = said.colour_primaries != UNSAID && said.transfer_characteristics != UNSAID;
        both.then_some((said.colour_primaries.into(), said.transfer_characteristics.into()))
    })
}
