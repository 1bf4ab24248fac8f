//! What an invite knows of the person it goes to: it is theirs once they have come, unless they have said it themselves by then.

use rusqlite::named_params;

use super::Invite;
use crate::{
    db::Tx,
    error::Result,
    ids::InviteId,
    members::{self, Change, Kind, Member, PersonName, Title},
};

/// What is known of somebody who is invited.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// What they are called.
    pub name: Option<PersonName>,
    /// What they do.
    pub title: Title,
}

/// Writes it down beside the invite.
pub(super) fn keep(tx: &Tx, id: &InviteId, known: &Known) -> Result<()> {
    let (name, title) = (known.name.as_ref().map(PersonName::as_str), known.title.as_str());
    if name.is_some() || title.is_some() {
        tx.execute(
            "update invites set name = :name, title = :title where id = :id",
            named_params! { ":name": name, ":title": title, ":id": id },
        )?;
    }
    Ok(())
}

/// Has another invite know the same, because it goes to the same person.
pub fn pass_on(tx: &Tx, from: &Invite, to: &Invite) -> Result<()> {
    tx.execute(
        "update invites set (name, title) = (select name, title from invites where id = :from) where id = :to",
        named_params! { ":from": from.id, ":to": to.id },
    )?;
    Ok(())
}

/// Gives the member who came by an invite what it knows of them, where they have nothing of the kind yet.
pub(super) fn introduce(tx: &Tx, id: &InviteId, member: &Member) -> Result<()> {
    let (name, title): (Option<String>, Option<String>) =
        tx.one("select name, title from invites where id = :id", named_params! { ":id": id }, |row| {
            Ok((row.get("name")?, row.get("title")?))
        })?;
    if let Some(name) = name.filter(|_| member.name.is_none() && member.kind == Kind::Personal) {
        members::rename(tx, &member.account, &PersonName::parse(&name)?)?;
    }
    if let Some(title) = title.filter(|_| member.title.is_none()) {
        let title = Title::parse(&title)?;
        members::change(tx, &member.id, &Change { title: Some(title), ..Change::default() })?;
    }
    Ok(())
}
