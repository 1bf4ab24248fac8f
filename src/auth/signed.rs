//! Signed URLs: they open an anonymous member's pages, in a frame, a window or by redirect, as often as wanted for a day. [004]

use std::time::Duration;

use rusqlite::named_params;

use super::sessions::{Device, Entered, begin_embedded_session};
use crate::{
    db::{Tx, View},
    error::{Error, Result},
    ids::{MemberId, OrganizationId},
    members::{self, Kind, Member},
    secrets::{Digest, Token},
};

/// How long a signed URL works.
const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// Makes a new one; earlier ones go on working for their day.
pub fn mint_signed_url(tx: &Tx, member: &MemberId) -> Result<Token> {
    let token = Token::new();
    tx.execute(
        "insert into signed_urls (digest, member_id, created_at, expires_at) values (:digest, :member, :now, :expires_at)",
        named_params! { ":digest": token.digest(), ":member": member, ":now": tx.now, ":expires_at": tx.now + LIFETIME },
    )?;
    Ok(token)
}

/// Whose pages a signed URL opens.
///
/// # Errors
/// [`Error::Unauthorized`] for one that is too old, or whose model was deleted.
pub fn look_at_signed_url(view: &View, token: &str) -> Result<Member> {
    let member: Option<MemberId> = view.find(
        "select member_id from signed_urls where digest = :digest and expires_at > :now",
        named_params! { ":digest": Digest::of(token), ":now": view.now },
        |row| row.get(0),
    )?;
    let member =
        member.ok_or_else(|| Error::Unauthorized(say!("This link is too old. Open it anew from where you came.")))?;
    members::get(view, &member)
}

/// The organization a signed URL was made for, also when it is too old by now: whoever opens it late still sees whose it was.
pub fn organization_of_signed_url(view: &View, token: &str) -> Result<Option<OrganizationId>> {
    view.find(
        "select m.organization_id from signed_urls u join members m on m.id = u.member_id where u.digest = :digest",
        named_params! { ":digest": Digest::of(token) },
        |row| row.get(0),
    )
}

/// The organization inside whose product a session was begun, also when it is over by now.
pub fn organization_of_embedded(view: &View, cookie: &str) -> Result<Option<OrganizationId>> {
    view.find(
        "select m.organization_id from sessions s join members m on m.account_id = s.account_id
         where s.digest = :digest and s.embedded = 1",
        named_params! { ":digest": Digest::of(cookie) },
        |row| row.get(0),
    )
}

/// Signs an anonymous member in by a signed URL. The session sees that one member's pages, and nothing else.
///
/// # Errors
/// As [`look_at_signed_url`].
pub fn use_signed_url(tx: &Tx, token: &str, device: &Device) -> Result<Entered> {
    let member = look_at_signed_url(tx, token)?;
    if member.kind != Kind::Anonymous {
        return Err(Error::internal(format!("a signed URL is for {}, who is not anonymous", member.id)));
    }
    begin_embedded_session(tx, &member, device)
}
