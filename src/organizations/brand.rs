//! What an organization is known by: its name, its web site, its colour and its logo; and whether its people's pictures have
//! public addresses.

use rusqlite::named_params;

use super::{Organization, OrganizationName, get};
use crate::{
    db::{Tx, View, stored_as_text},
    error::Result,
    ids::OrganizationId,
};

stored_as_text! {
    /// What a picture can stand on.
    pub enum Ground {
        /// A page in light colours.
        Light = "light",
        /// A page in dark colours.
        Dark = "dark",
    }
}

/// What it is known by, all at once.
#[derive(Clone, Debug)]
pub struct Identity {
    /// What it is called.
    pub name: OrganizationName,
    /// Its web site, as [`super::website`] reads it.
    pub website: Option<String>,
    /// Its colour, as [`super::accent`] reads it.
    pub accent: Option<String>,
}

/// Changes what an organization is known by. What it was before.
pub fn set_identity(tx: &Tx, id: &OrganizationId, new: &Identity) -> Result<Organization> {
    let before = get(tx, id)?;
    tx.execute(
        "update organizations set name = :name, website = :website, accent = :accent, changes = changes + 1 where id = :id",
        named_params! { ":id": id, ":name": new.name.0, ":website": new.website, ":accent": new.accent },
    )?;
    Ok(before)
}

/// Says which version of a logo is stored and on which ground alone it can be seen, or that there is none. `branding` alone calls it,
/// which keeps the file.
pub fn set_logo(tx: &Tx, id: &OrganizationId, version: Option<&str>, ground: Option<Ground>) -> Result<()> {
    tx.execute(
        "update organizations set logo = :logo, logo_ground = :ground where id = :id",
        named_params! { ":id": id, ":logo": version, ":ground": ground },
    )?;
    Ok(())
}

/// Gives the favourites of its people public addresses, or takes them all away at once.
pub fn set_avatars(tx: &Tx, id: &OrganizationId, on: bool) -> Result<()> {
    tx.execute("update organizations set avatars = :on where id = :id", named_params! { ":id": id, ":on": on })?;
    Ok(())
}

/// Which of these have no logo, or are no organization here: a file that lies under their ids belongs to no one.
pub fn without_logo(view: &View, ids: Vec<OrganizationId>) -> Result<Vec<OrganizationId>> {
    let mut without = Vec::new();
    for id in ids {
        if brand_of(view, &id)?.is_none() {
            without.push(id);
        }
    }
    Ok(without)
}

/// The organization whose logo of any version is asked for, if it has one.
pub fn brand_of(view: &View, id: &OrganizationId) -> Result<Option<String>> {
    Ok(view
        .find("select logo from organizations where id = :id", named_params! { ":id": id }, |row| row.get(0))?
        .flatten())
}
