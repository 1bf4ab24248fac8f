//! HEIC, as iPhones write it: one coded picture, or a grid of tiles that are one each.
//!
//! Container and video decoder are `heifer`'s; which items are decoded, and how much each may take, is decided here, from the
//! header. [`vet`] refuses what those two would answer with more work or memory than the picture can need.

mod vet;

use std::{num::NonZero, sync::Mutex, thread};

use heifer::{
    Image,
    color::{ColorParams, frame_to_rgba_sized},
    heifer_hevc_dec::decoder::{DecodeOptions, decode_picture},
    heifer_isobmff::{
        HeifFile, ItemId,
        boxes::{ColorInfo, Property},
    },
};
use image::metadata::Orientation;
use moxcms::{CicpColorPrimaries, CicpProfile, ColorProfile, MatrixCoefficients, TransferCharacteristics};

use crate::{
    Area, Picture, Size, crop,
    decode::{convert, on_white, to_srgb, turn},
    error::{Error, Result},
    recognise::{LONGEST_SIDE, check, damaged, no_photo},
    shrink,
};

/// As many tiles as a picture of the largest size has at 256 pixels a side, and some; phones write 48 to 768.
const MOST_TILES: usize = 4_096;
/// The largest picture at any level of HEVC, in pixels: what is larger comes in tiles.
const LARGEST_CODED: u64 = 35_651_584;
/// Threads that decode tiles. Uploads are decoded a few at a time, and each picture comes out alike on any number.
const MOST_THREADS: usize = 4;
/// Transfer functions of pictures for screens brighter than white: PQ and HLG (ITU-T H.273).
const HDR: [u16; 2] = [16, 18];

/// A HEIC file whose header is read and within limits.
pub(crate) struct Photo<'b> {
    file: HeifFile<'b>,
    /// How long the file is.
    bytes: usize,
    layout: Layout,
    /// How much of each pixel is seen: a picture of the same size, in tiles of its own.
    alpha: Option<Layout>,
}

/// Where the pixels of an image are.
struct Layout {
    item: ItemId,
    size: Size,
    columns: u32,
    tile: Size,
    /// Row by row; one for a picture in one piece.
    tiles: Vec<ItemId>,
}

impl Photo<'_> {
    /// How large it says it is, before it is turned.
    pub(crate) fn size(&self) -> Size {
        self.layout.size
    }
}

/// Reads the header. Nothing is decoded, and no more memory set aside than a few times the header's size.
pub(crate) fn open(bytes: &[u8]) -> Result<Photo<'_>> {
    vet::container(bytes)?;
    let file = HeifFile::parse(bytes).map_err(|_| damaged())?;
    let layout = Layout::of(&file, file.primary_id)?;
    check(layout.size)?;
    let alpha = file.referencing_items(layout.item, b"auxl").into_iter().find(|item| is_alpha(&file, *item));
    let alpha = alpha.map(|item| Layout::of(&file, item)).transpose()?;
    // A mask of another size would be none.
    let alpha = alpha.filter(|alpha| alpha.size == layout.size);
    Ok(Photo { file, bytes: bytes.len(), layout, alpha })
}

fn properties<'f>(file: &'f HeifFile<'_>, item: ItemId) -> impl Iterator<Item = &'f Property> {
    file.item_properties(item).into_iter().flatten()
}

fn is_alpha(file: &HeifFile<'_>, item: ItemId) -> bool {
    const KINDS: [&str; 2] = ["urn:mpeg:hevc:2015:auxid:1", "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha"];
    properties(file, item).any(|property| matches!(property, Property::AuxiliaryType(kind) if KINDS.contains(&&**kind)))
}

impl Layout {
    fn of(file: &HeifFile<'_>, item: ItemId) -> Result<Self> {
        match &file.item(item).map_err(|_| damaged())?.item_type.0 {
            b"hvc1" => {
                let size = size_of(file, item)?;
                let layout = Self { item, size, columns: 1, tile: size, tiles: vec![item] };
                layout.checked()
            }
            b"grid" => Self::of_grid(file, item)?.checked(),
            // AVIF and other relatives, and pictures put together out of several, which cameras don't write.
            _ => Err(no_photo()),
        }
    }

    fn of_grid(file: &HeifFile<'_>, item: ItemId) -> Result<Self> {
        let grid = file.grid(item).map_err(|_| damaged())?;
        let size = Size { width: grid.output_width, height: grid.output_height };
        if size_of(file, item)? != size {
            return Err(damaged());
        }
        let tiles = file.referenced_items(item, b"dimg").to_vec();
        let first = tiles.first().ok_or_else(damaged)?;
        let tile = size_of(file, *first)?;
        if tiles.len() != usize::from(grid.rows) * usize::from(grid.columns) || tiles.len() > MOST_TILES {
            return Err(damaged());
        }
        let all_alike = tiles.iter().all(|tile_item| {
            let coded = file.item(*tile_item).is_ok_and(|found| found.item_type.0 == *b"hvc1");
            coded && size_of(file, *tile_item).is_ok_and(|its| its == tile)
        });
        let (columns, rows) = (u32::from(grid.columns), u32::from(grid.rows));
        // The last column and row may stand out; one that lies outside altogether would be decoded for nothing.
        let fits = |count: u32, tile: u32, whole: u32| {
            let (count, tile, whole) = (u64::from(count), u64::from(tile), u64::from(whole));
            count * tile >= whole && (count - 1) * tile < whole
        };
        if !all_alike || !fits(columns, tile.width, size.width) || !fits(rows, tile.height, size.height) {
            return Err(damaged());
        }
        Ok(Self { item, size, columns, tile, tiles })
    }

    /// Whether what is coded is about what is seen.
    fn checked(self) -> Result<Self> {
        const TWO_MEGAPIXELS: u64 = 2_000_000;
        if self.tile.width.max(self.tile.height) > LONGEST_SIDE || self.tile.area() > LARGEST_CODED {
            // Sizes of what is in one piece are judged with better words, where they are too large for any.
            check(self.size)?;
            return Err(Error::invalid(format!(
                "This photo is too large for a HEIC in one piece: {}. Upload it as JPEG.",
                self.size
            )));
        }
        if self.tile.area() * self.tiles.len() as u64 > self.size.area() * 2 + TWO_MEGAPIXELS {
            return Err(damaged());
        }
        Ok(self)
    }
}

fn size_of(file: &HeifFile<'_>, item: ItemId) -> Result<Size> {
    let size = file.image_size(item).ok().flatten().ok_or_else(damaged)?;
    let size = Size { width: size.0, height: size.1 };
    if size.area() == 0 { Err(damaged()) } else { Ok(size) }
}

/// The picture in the file, its longer side at most `side`: turned, cropped and mirrored as its properties say (what EXIF
/// says of that repeats them), transparency on white, in sRGB.
pub(crate) fn decode(photo: &Photo<'_>, side: u32) -> Result<Picture> {
    let Photo { file, bytes, layout, alpha } = photo;
    let space = Space::of(file, layout)?;
    for tiles in [Some(layout), alpha.as_ref()].into_iter().flatten().map(|layout| &layout.tiles) {
        vet::tiles(file, tiles, *bytes)?;
    }
    let mut picture = paint(file, layout)?;
    if let Some(alpha) = alpha {
        let mask = paint(file, alpha)?;
        for (color, seen) in picture.rgb.chunks_exact_mut(3).zip(mask.rgb.chunks_exact(3)) {
            color.copy_from_slice(&on_white([color[0], color[1], color[2]], seen[0]));
        }
    }
    let steps: Vec<&Property> = properties(file, layout.item).filter(|step| is_step(step)).collect();
    // In pixels of the file up to the last crop; turning and converting is left for the smaller picture.
    let crops =
        steps.iter().rposition(|step| matches!(step, Property::CleanAperture { .. })).map_or(0, |last| last + 1);
    for step in &steps[..crops] {
        picture = apply(picture, step)?;
    }
    picture = space.to_srgb(shrink(picture, side)?);
    for step in &steps[crops..] {
        picture = apply(picture, step)?;
    }
    Ok(picture)
}

/// Decodes every tile into its place.
fn paint(file: &HeifFile<'_>, layout: &Layout) -> Result<Picture> {
    let Layout { item, size, columns, tile, tiles } = layout;
    let stride = size.width as usize * 3;
    let mut rgb = vec![0; stride * size.height as usize];
    let rows = Mutex::new(rgb.chunks_mut(stride * tile.height as usize).zip(tiles.chunks(*columns as usize)));
    let refused = Mutex::new(None);
    let work = || {
        loop {
            let Some((band, tiles)) = rows.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next() else {
                break;
            };
            for (column, tile_item) in tiles.iter().enumerate() {
                match decode_tile(file, *tile_item, *item, *tile) {
                    Ok(image) => place(&image, band, stride, column * tile.width as usize * 3),
                    Err(error) => {
                        // Nothing left to do for anyone.
                        rows.lock().unwrap_or_else(std::sync::PoisonError::into_inner).by_ref().for_each(drop);
                        *refused.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(error);
                        return;
                    }
                }
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS);
    thread::scope(|scope| {
        for _ in 1..threads.min(tiles.len()) {
            scope.spawn(work);
        }
        work();
    });
    if let Some(error) = refused.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        return Err(error);
    }
    Picture::new(*size, rgb)
}

/// Decodes a coded picture of at least the size given.
fn decode_tile(file: &HeifFile<'_>, item: ItemId, whole: ItemId, size: Size) -> Result<Image<u8>> {
    let stream = file.hevc_bitstream(item).map_err(|_| damaged())?;
    vet::stream(&stream, size)?;
    let options = DecodeOptions { max_pixels: vet::most_coded(size), ..DecodeOptions::default() };
    let frame = decode_picture(&stream, options).map_err(|_| damaged())?;
    if frame.widths[0] < size.width || frame.heights[0] < size.height {
        return Err(damaged());
    }
    let said = nclx(file, item).or_else(|| nclx(file, whole));
    let params = said.map_or_else(|| ColorParams::from_frame(&frame), |(_, params)| params);
    Ok(frame_to_rgba_sized(&frame, params, size.width, size.height))
}

/// Copies an image into a band of the picture, what stands out left away.
fn place(image: &Image<u8>, band: &mut [u8], stride: usize, left: usize) {
    let rows = band.chunks_exact_mut(stride).zip(image.data.chunks_exact(image.width as usize * 4));
    for (into, from) in rows {
        for (into, from) in into[left..].chunks_exact_mut(3).zip(from.chunks_exact(4)) {
            into.copy_from_slice(&from[..3]);
        }
    }
}

/// What of the properties changes where a pixel is seen.
fn is_step(property: &Property) -> bool {
    matches!(property, Property::CleanAperture { .. } | Property::Rotation(_) | Property::Mirror(_))
}

fn apply(picture: Picture, step: &Property) -> Result<Picture> {
    match step {
        Property::Rotation(1) => turn(picture, Orientation::Rotate270),
        Property::Rotation(2) => turn(picture, Orientation::Rotate180),
        Property::Rotation(3) => turn(picture, Orientation::Rotate90),
        Property::Mirror(true) => turn(picture, Orientation::FlipVertical),
        Property::Mirror(false) => turn(picture, Orientation::FlipHorizontal),
        Property::CleanAperture { width, height, horiz_offset, vert_offset } => {
            let (left, width) = aperture(picture.size.width, *width, *horiz_offset)?;
            let (top, height) = aperture(picture.size.height, *height, *vert_offset)?;
            let size = Size { width, height };
            check(size)?;
            Ok(crop(&picture, Area { left, top, size }))
        }
        _ => Ok(picture),
    }
}

/// Where a clean aperture begins and how long it is, along one side. It is given as fractions, its middle from the picture's
/// (ISO/IEC 14496-12, 12.1.4).
fn aperture(whole: u32, length: (u32, u32), offset: (i32, u32)) -> Result<(u32, u32)> {
    if length.1 == 0 || offset.1 == 0 {
        return Err(damaged());
    }
    let exact = f64::from(length.0) / f64::from(length.1);
    let begin = (f64::from(whole) - exact) / 2.0 + f64::from(offset.0) / f64::from(offset.1);
    if begin < -0.5 || exact < 1.0 || begin + exact > f64::from(whole) + 0.5 {
        return Err(damaged());
    }
    // Within the picture, so both are small and none is negative.
    Ok((begin.round().max(0.0) as u32, exact.round() as u32))
}

/// What the numbers mean.
enum Space {
    Icc(Vec<u8>),
    Coded(CicpProfile),
    /// Nothing is said: sRGB, then.
    Unsaid,
}

impl Space {
    /// What the picture says of itself, or its first tile, or what is coded in it.
    fn of(file: &HeifFile<'_>, layout: &Layout) -> Result<Self> {
        let first = layout.tiles.first().copied().unwrap_or(layout.item);
        for item in [layout.item, first] {
            let profile = properties(file, item).find_map(|property| match property {
                Property::Color(ColorInfo::Icc(profile)) => Some(profile),
                _ => None,
            });
            if let Some(profile) = profile {
                return Ok(Self::Icc(profile.clone()));
            }
        }
        let said = nclx(file, layout.item).or_else(|| nclx(file, first)).map(|(said, _)| said);
        let Some((primaries, transfer)) = said.or_else(|| vet::coded_color(file, first)) else {
            return Ok(Self::Unsaid);
        };
        if HDR.contains(&transfer) {
            return Err(Error::unsupported(
                "This photo is in HDR (PQ or HLG), which is made for screens only. Export it as JPEG, then upload that.",
            ));
        }
        let narrow = |code: u16| u8::try_from(code).ok();
        let primaries = narrow(primaries).and_then(|code| CicpColorPrimaries::try_from(code).ok());
        let transfer = narrow(transfer).and_then(|code| TransferCharacteristics::try_from(code).ok());
        Ok(match (primaries, transfer) {
            (Some(CicpColorPrimaries::Bt709), _) | (None, _) | (_, None) => Self::Unsaid,
            (Some(color_primaries), Some(transfer_characteristics)) => Self::Coded(CicpProfile {
                color_primaries,
                transfer_characteristics,
                matrix_coefficients: MatrixCoefficients::Identity,
                full_range: true,
            }),
        })
    }

    fn to_srgb(&self, picture: Picture) -> Picture {
        match self {
            Self::Icc(profile) => to_srgb(picture, profile),
            Self::Coded(said) => convert(picture, &ColorProfile::new_from_cicp(*said)),
            Self::Unsaid => picture,
        }
    }
}

/// Primaries and transfer that the item's colour box names, and how to get its red, green and blue.
fn nclx(file: &HeifFile<'_>, item: ItemId) -> Option<((u16, u16), ColorParams)> {
    properties(file, item).find_map(|property| match property {
        Property::Color(ColorInfo::Nclx { primaries, transfer, matrix, full_range }) => {
            Some(((*primaries, *transfer), ColorParams { matrix: *matrix, full_range: *full_range }))
        }
        _ => None,
    })
}
