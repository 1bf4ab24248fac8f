//! On which ground a logo can be seen. Most are drawn for white paper; some are white themselves.

use super::{
    colour::Rgb,
    palette::{DARK, LIGHT},
};
use crate::{
    error::Result,
    images::{self, Transparent},
    organizations::Ground,
};

/// Pixels a side it is looked at in: a line of a logo is still one.
const LOOKED_AT: u32 = 256;

/// Opacity below which a pixel is the edge of something else.
const THERE: u8 = 64;

/// What a part of a logo needs to be seen at all.
const SEEN: f64 = 1.5;

/// The part of a logo, in percent, that has to be seen for it to be the logo.
const ENOUGH: u64 = 50;

/// The only ground a logo can be seen on; nothing if it can be seen on both.
///
/// # Errors
/// The file is no picture.
pub(super) fn ground_of(png: &[u8]) -> Result<Option<Ground>> {
    let picture = images::decode_transparent(png, LOOKED_AT)?;
    let (light, dark) = (seen_on(&picture, LIGHT.paper.on_screen()), seen_on(&picture, DARK.paper.on_screen()));
    Ok(match (light >= ENOUGH, dark >= ENOUGH) {
        (true, true) => None,
        (true, false) => Some(Ground::Light),
        (false, true) => Some(Ground::Dark),
        // Half of it here and half of it there: where there is more of it.
        (false, false) => Some(if dark > light { Ground::Dark } else { Ground::Light }),
    })
}

/// How much of a picture can be seen on a ground, in percent of what there is of it.
fn seen_on(picture: &Transparent, ground: Rgb) -> u64 {
    let (mut there, mut seen) = (0_u64, 0_u64);
    for pixel in picture.rgba().chunks_exact(4) {
        let &[red, green, blue, opacity] = pixel else { continue };
        if opacity < THERE {
            continue;
        }
        there += 1;
        let [r, g, b] = ground.0;
        let over = |part: u8, below: u8| {
            let mixed = u32::from(part) * u32::from(opacity) + u32::from(below) * (255 - u32::from(opacity));
            u8::try_from(mixed / 255).unwrap_or(u8::MAX)
        };
        if Rgb([over(red, r), over(green, g), over(blue, b)]).contrast(ground) >= SEEN {
            seen += 1;
        }
    }
    (seen * 100).checked_div(there).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::images::Size;

    /// A square with a ring around it that can be seen through.
    fn logo(colour: [u8; 3]) -> Transparent {
        let rgba = (0..64_u32 * 64).flat_map(|at| {
            let inside = (16..48).contains(&(at % 64)) && (16..48).contains(&(at / 64));
            [colour[0], colour[1], colour[2], if inside { 255 } else { 0 }]
        });
        Transparent::new(Size { width: 64, height: 64 }, rgba.collect()).unwrap()
    }

    #[test]
    fn white_on_white_and_black_on_black_are_not_seen() {
        let (light, dark) = (LIGHT.paper.on_screen(), DARK.paper.on_screen());
        for (colour, on_light, on_dark) in
            [([255, 255, 255], 0, 100), ([20, 18, 16], 100, 0), ([29, 78, 216], 100, 100), ([230, 40, 40], 100, 100)]
        {
            let logo = logo(colour);
            assert_eq!((seen_on(&logo, light), seen_on(&logo, dark)), (on_light, on_dark), "{colour:?}");
        }
        assert_eq!(seen_on(&Transparent::new(Size { width: 1, height: 1 }, vec![0; 4]).unwrap(), light), 0);
    }
}
