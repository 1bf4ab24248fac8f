//! Links that show headshots to whoever has them, until they end.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rusqlite::{Row, named_params};

use crate::{
    clock::Timestamp,
    db::{Tx, View},
    error::{Error, Result},
    ids::{MemberId, ResultId, ShareId, ShootId},
    results::{self, Headshot},
    secrets::{Purpose, ServerKey, Token},
    shoots::{self, Shoot, State},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Links of a shoot that work at the same time.
const MOST_OPEN: u32 = 20;

/// Links made of a shoot in a day, also of those that were revoked at once.
const MOST_A_DAY: u32 = 40;

/// How long an ended link is listed, and says that it has ended.
const REMEMBERED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How long a link can still be shown to whoever made it.
const FRESH: Duration = Duration::from_secs(10 * 60);

/// How long a link works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lifetime {
    /// One day.
    Day,
    /// Seven days.
    #[default]
    Week,
    /// Thirty days.
    Month,
}

impl Lifetime {
    /// All of them, shortest first.
    pub const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    /// In days.
    pub fn days(self) -> u32 {
        match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
        }
    }

    /// The one of so many days.
    pub fn of_days(days: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|lifetime| lifetime.days() == days)
    }
}

/// A link.
#[derive(Clone, Debug)]
pub struct Share {
    /// Which. It opens nothing: that takes the token.
    pub id: ShareId,
    /// Headshots of which shoot it shows.
    pub shoot: ShootId,
    /// The only one it shows; none: all.
    pub headshot: Option<ResultId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// How often it was opened.
    pub opened: u32,
    /// When it was opened last.
    pub opened_at: Option<Timestamp>,
}

impl Share {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            shoot: row.get("shoot_id")?,
            headshot: row.get("result_id")?,
            created_at: row.get("created_at")?,
            expires_at: row.get("expires_at")?,
            revoked_at: row.get("revoked_at")?,
            opened: row.get("opened")?,
            opened_at: row.get("opened_at")?,
        })
    }

    /// Whether its own time is over: it was revoked, or it has expired.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.revoked_at.is_some() || self.expires_at <= now
    }
}

/// What a token opens.
#[derive(Debug)]
pub enum Found {
    /// Headshots.
    Open(Box<Open>),
    /// Nothing any more: revoked, expired, or what it showed is gone.
    Over,
    /// There never was such a link, or it was forgotten.
    Unknown,
}

/// What a link that works shows.
#[derive(Debug)]
pub struct Open {
    /// The link.
    pub share: Share,
    /// The shoot it is of.
    pub shoot: Shoot,
    /// In their order; at least one.
    pub headshots: Vec<Headshot>,
}

/// Makes a link to a shoot's headshots, or to one of them. `by` is the member, or a lead who acts for them. The token is nowhere
/// else to be had again.
///
/// # Errors
/// The headshot is none of this shoot's; or there are too many links.
pub fn make(
    tx: &Tx,
    shoot: &Shoot,
    of: Option<&ResultId>,
    by: &MemberId,
    lifetime: Lifetime,
) -> Result<(Share, Token)> {
    if let Some(id) = of
        && results::get(tx, id)?.shoot != shoot.id
    {
        return Err(Error::NotFound("Photo"));
    }
    must_have_room(tx, &shoot.id)?;
    let (id, token) = (ShareId::new(), Token::new());
    tx.execute(
        "insert into shares (id, digest, shoot_id, result_id, created_by, created_at, expires_at)
         values (:id, :digest, :shoot, :result, :by, :now, :expires_at)",
        named_params! {
            ":id": id, ":digest": token.digest(), ":shoot": shoot.id, ":result": of, ":by": by, ":now": tx.now,
            ":expires_at": tx.now + DAY * lifetime.days(),
        },
    )?;
    Ok((get(tx, &id)?, token))
}

fn must_have_room(view: &View, shoot: &ShootId) -> Result<()> {
    let (open, made): (u32, u32) = view.one(
        "select count(*) filter (where revoked_at is null and expires_at > :now),
                count(*) filter (where created_at > :yesterday)
         from shares
         where shoot_id = :shoot",
        named_params! { ":shoot": shoot, ":now": view.now, ":yesterday": view.now - DAY },
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    if open >= MOST_OPEN {
        return Err(Error::invalid(say!(
            "{most} links work at the same time at most. Revoke one that nobody needs, then create this one.",
            most = MOST_OPEN
        )));
    }
    if made >= MOST_A_DAY {
        return Err(Error::invalid(say!(
            "{most} links can be created in a day. Create this one tomorrow.",
            most = MOST_A_DAY
        )));
    }
    Ok(())
}

/// A shoot's links, newest first; those that ended lately too.
pub fn of_shoot(view: &View, shoot: &ShootId) -> Result<Vec<Share>> {
    view.all(
        "select * from shares where shoot_id = :shoot order by created_at desc, id desc",
        named_params! { ":shoot": shoot },
        Share::from_row,
    )
}

/// A token as it may stand in an address, for [`just_made`] to read: sealed, so that neither a log nor the history of a browser
/// holds a link that works.
///
/// # Errors
/// It can't be sealed.
pub fn sealed(key: &ServerKey, token: &Token) -> Result<String> {
    Ok(BASE64_URL_SAFE_NO_PAD.encode(key.seal(Purpose::Shares, token.reveal().as_bytes())?))
}

/// The link of a shoot that [`sealed`] stands for, and its token: for ten minutes after it was made, as long as it opens
/// anything.
pub fn just_made(view: &View, key: &ServerKey, shoot: &ShootId, sealed: &str) -> Result<Option<(Share, Token)>> {
    let opened = BASE64_URL_SAFE_NO_PAD.decode(sealed).ok().and_then(|bytes| key.open(Purpose::Shares, &bytes).ok());
    let token = opened.and_then(|text| Token::parse(&String::from_utf8(text).ok()?));
    let Some(token) = token else { return Ok(None) };
    let share = view.find(
        "select * from shares
         where digest = :digest and shoot_id = :shoot and created_at > :since",
        named_params! { ":digest": token.digest(), ":shoot": shoot, ":since": view.now - FRESH },
        Share::from_row,
    )?;
    Ok(share.filter(|share| !share.is_over(view.now)).map(|share| (share, token)))
}

/// The link with this id.
pub fn get(view: &View, id: &ShareId) -> Result<Share> {
    view.find("select * from shares where id = :id", named_params! { ":id": id }, Share::from_row)?
        .ok_or(Error::NotFound("Link"))
}

/// What a token opens now. A link that is being taken back opens nothing from the moment that is asked for.
pub fn open(view: &View, token: &str) -> Result<Found> {
    let Some(token) = Token::parse(token) else { return Ok(Found::Unknown) };
    let found = view.find(
        "select *, exists (select 1 from undoable_subjects u where u.kind = 'share' and u.subject_id = shares.id) as going
         from shares
         where digest = :digest",
        named_params! { ":digest": token.digest() },
        |row| Ok((Share::from_row(row)?, row.get::<_, bool>("going")?)),
    )?;
    let Some((share, going)) = found else { return Ok(Found::Unknown) };
    let shoot = shoots::get(view, &share.shoot)?;
    if going || share.is_over(view.now) || shoot.state != State::Ready || shoot.member.is_none() {
        return Ok(Found::Over);
    }
    let mut headshots = results::of_shoot(view, &shoot.id)?;
    if let Some(only) = &share.headshot {
        headshots.retain(|headshot| headshot.id == *only);
    }
    Ok(if headshots.is_empty() { Found::Over } else { Found::Open(Box::new(Open { share, shoot, headshots })) })
}

/// Counts that somebody opened it.
pub fn count(tx: &Tx, id: &ShareId) -> Result<()> {
    tx.execute(
        "update shares set opened = opened + 1, opened_at = :now where id = :id",
        named_params! { ":now": tx.now, ":id": id },
    )?;
    Ok(())
}

/// Takes a link back: from this moment on it opens nothing. A second time changes nothing.
pub fn revoke(tx: &Tx, id: &ShareId) -> Result<()> {
    tx.execute(
        "update shares set revoked_at = :now where id = :id and revoked_at is null",
        named_params! { ":now": tx.now, ":id": id },
    )?;
    Ok(())
}

/// Forgets links that ended long ago, 500 at a time; returns how many.
pub fn expire(tx: &Tx) -> Result<usize> {
    tx.execute(
        "delete from shares
         where id in (select id from shares where expires_at < :long_ago limit 500)",
        named_params! { ":long_ago": tx.now - REMEMBERED },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_last_a_day_a_week_or_a_month() {
        assert_eq!(Lifetime::ALL.map(Lifetime::days), [1, 7, 30]);
        assert_eq!(Lifetime::of_days(7), Some(Lifetime::default()));
        assert_eq!((Lifetime::of_days(0), Lifetime::of_days(365)), (None, None));
    }
}
