//! Whether an organization's photos may leave the machine, and where to: for the generator it has agreed to, and no other.

use rusqlite::named_params;

use crate::{
    db::{Tx, View},
    error::Result,
    generator::Destination,
    ids::OrganizationId,
};

/// Whether it has agreed that its photos go there.
pub fn agrees(view: &View, id: &OrganizationId, to: &Destination) -> Result<bool> {
    Ok(agreed(view, id)?.is_some_and(|agreed| agreed == to.to_string()))
}

/// What it has agreed to, as a [`Destination`] reads.
pub fn agreed(view: &View, id: &OrganizationId) -> Result<Option<String>> {
    view.one("select remote_agreed from organizations where id = :id", named_params! { ":id": id }, |row| row.get(0))
}

/// Has it agree, in place of whatever it agreed to before. Whether that is a change.
pub fn agree(tx: &Tx, id: &OrganizationId, to: &Destination) -> Result<bool> {
    let changed = tx.execute(
        "update organizations set remote_agreed = :to where id = :id and remote_agreed is not :to",
        named_params! { ":id": id, ":to": to.to_string() },
    )?;
    Ok(changed > 0)
}

/// Has it take back what it agreed to. Whether that is a change.
pub fn disagree(tx: &Tx, id: &OrganizationId) -> Result<bool> {
    let changed = tx.execute(
        "update organizations set remote_agreed = null where id = :id and remote_agreed is not null",
        named_params! { ":id": id },
    )?;
    Ok(changed > 0)
}
