//! Headshots that have had their time go, like anything that is deleted: with a receipt, and their files looked for after that.

use super::forget;
use crate::{
    audit::Action,
    db::Tx,
    error::Result,
    members::{self, Actor, Kind, Member},
    receipts::{AskedBy, take_down},
    shoots::{self, State},
};

/// Shoots taken down in one transaction, so that nobody waits behind it.
const BATCH: u32 = 20;

/// Deletes headshots that have had their time, of a few shoots at once; of how many. Who came from another product, and has
/// nothing else here, is forgotten with them, as with any deletion.
pub fn expire_results(tx: &Tx) -> Result<usize> {
    let over = shoots::over(tx, BATCH)?;
    for id in &over {
        let shoot = shoots::get(tx, id)?;
        let whose = members::of_shoot(tx, id)?;
        let server = Actor::server(shoot.organization.clone());
        server.note(tx, Action::PhotosDeleted, whose.as_ref(), Some("photos and headshots, their time was over"))?;
        take_down(tx, AskedBy::Server, &shoot, "The time headshots are kept was over")?;
        shoots::mark_expired(tx, id)?;
        if let Some(member) = whose.filter(|member| member.kind == Kind::Anonymous)
            && has_nothing(tx, &member)?
        {
            forget(tx, &member)?;
        }
    }
    Ok(over.len())
}

fn has_nothing(tx: &Tx, member: &Member) -> Result<bool> {
    Ok(shoots::of_member(tx, &member.id)?.iter().all(|shoot| shoot.state == State::Deleted))
}
