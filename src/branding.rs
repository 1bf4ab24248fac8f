//! What an organization looks like. Its logo is one file in the storage under the organization's id, and in its row which version of it
//! that is: whoever shows it names the version, so that another logo has another address. Its colour is one, and what becomes of it on
//! light and dark pages is made here.

use bytes::Bytes;

use crate::{
    audit::{Action, Change},
    db::{Db, Tx},
    error::{Error, Result},
    ids::OrganizationId,
    images::Size,
    members::{Actor, Role},
    organizations,
    secrets::Digesting,
    storage::{Folder, Key, Storage},
};

mod colour;
mod palette;
mod seen;

pub use colour::{Oklch, Rgb};
pub use palette::{DARK, LIGHT, Palette, READABLE, Shades};

/// The shorter side of the smallest logo that is worth showing, in pixels.
pub const SMALLEST: u32 = 32;

/// How much wider than high a logo is at most, or higher than wide: beyond, it is a line.
const NARROWEST: u32 = 12;

/// Where a logo is seen, by anyone.
pub fn address(organization: &OrganizationId, version: &str) -> String {
    format!("/brand/{organization}/logo.png?v={version}")
}

/// An organization's colour as white words can stand on it, in mails: itself, or the same made darker.
pub fn under_white(accent: &str) -> String {
    accent.parse().map_or_else(|_| accent.to_owned(), |colour| Palette::of(colour).light.text.to_string())
}

/// Refuses a file that is a drawing in text, in words of its own: people have their logos as SVG first of all, and it may hold
/// scripts.
///
/// # Errors
/// It is SVG.
pub fn must_be_pixels(start: &[u8]) -> Result<()> {
    let text = String::from_utf8_lossy(&start[..start.len().min(4096)]).to_ascii_lowercase();
    if text.contains("<svg") || text.contains("<!doctype svg") {
        return Err(Error::Unsupported(say!(
            "SVG can't be used as a logo here. Save it as PNG, 512 pixels or more a side, and upload that."
        )));
    }
    Ok(())
}

/// Makes a picture the logo of the actor's organization, in place of the one before. `png` is ours, made anew by a child.
///
/// # Errors
/// It is too small, or no more than a line.
pub async fn keep(db: &Db, storage: &Storage, by: Actor, size: Size, png: Bytes) -> Result<()> {
    by.must_be(Role::Admin)?;
    must_be_shown(size)?;
    let mut sum = Digesting::default();
    sum.add(&png);
    let version = sum.finish().hex()[..16].to_owned();
    let looked_at = png.clone();
    let ground = tokio::task::spawn_blocking(move || seen::ground_of(&looked_at)).await.map_err(Error::internal)??;
    storage.put(Key::Logo(&by.organization), png).await?;
    db.write(move |tx| {
        let before = organizations::brand_of(tx, &by.organization)?.map(|_| "another picture");
        let after = format!("{} × {}", size.width, size.height);
        by.note_change_of(tx, Action::SettingsChanged, "Logo", Change::new(before.unwrap_or("none"), &after))?;
        organizations::set_logo(tx, &by.organization, Some(&version), ground)
    })
    .await
}

/// Takes this logo away: from then on, the name stands where it was. The caller removes its file after this is committed, with
/// [`discard`].
///
/// # Errors
/// There is no logo, or another one by now.
pub fn remove(tx: &Tx, by: &Actor, version: &str) -> Result<()> {
    by.must_be(Role::Admin)?;
    let present = organizations::brand_of(tx, &by.organization)?;
    if present.as_deref() != Some(version) {
        return Err(Error::NotFound("Logo"));
    }
    by.note_change_of(tx, Action::SettingsChanged, "Logo", Change::new("a picture", "none"))?;
    organizations::set_logo(tx, &by.organization, None, None)
}

/// Removes the file of a logo that was taken away.
///
/// # Errors
/// The storage's; removing it again is fine.
pub async fn discard(storage: &Storage, organization: &OrganizationId) -> Result<()> {
    storage.delete_all(Folder::Logo(organization)).await
}

fn must_be_shown(size: Size) -> Result<()> {
    let (short, long) = (size.width.min(size.height), size.width.max(size.height));
    if short < SMALLEST || long > short * NARROWEST {
        return Err(Error::invalid(say!(
            "This logo is {size}. It has to be at least {least} pixels a side, and at most {most} times as long as it is wide.",
            size = size.to_string(),
            least = SMALLEST,
            most = NARROWEST
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_in_text_is_refused_in_its_own_words() {
        for svg in
            ["<svg xmlns='…'>", "\u{feff}<?xml version='1.0'?>\n<!-- a logo -->\n<SVG>", "<!DOCTYPE svg PUBLIC ''>"]
        {
            let refused = must_be_pixels(svg.as_bytes()).unwrap_err();
            assert!(refused.to_string().contains("Save it as PNG"), "{refused}");
        }
        must_be_pixels(b"\x89PNG\r\n\x1a\n").unwrap();
        must_be_pixels(b"").unwrap();
    }

    #[test]
    fn a_logo_is_more_than_a_dot_and_more_than_a_line() {
        let fits = |width, height| must_be_shown(Size { width, height }).is_ok();
        assert!(fits(32, 32) && fits(384, 32) && fits(1024, 1024));
        assert!(!fits(31, 31) && !fits(400, 32) && !fits(32, 400));
    }
}
