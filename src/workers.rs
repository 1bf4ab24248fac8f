//! Headshots made on more machines than one. A shoot is put up here; this server's own studio and workers on other machines take
//! one when they are free, and hold it by a lease they renew. Whoever lost the lease changes nothing any more, so a shoot is made
//! once, whatever becomes of those who began it. `docs/scaling.md` says how it is used and what is promised.
//!
//! This file is the table: one row a shoot that is to be made. [`Pool`] is the generator in front of it, [`Maker`] a worker's side.

use std::time::Duration;

use rusqlite::{Row, named_params};
use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    db::{Topic, Tx, View},
    error::Result,
    generator::{Failure, Handle, Looked, Request, Scene, Stage},
    ids::{PhotoId, ShootId},
    secrets::Digest,
};

mod ended;
mod here;
mod maker;
mod pool;
pub mod protocol;
mod seen;
mod server;

pub use ended::{Ended, Made, MadeCutout, MadeImage};
pub use maker::{Maker, Terms};
pub use pool::Pool;
pub use seen::{RECENTLY, Seen, at_once, seen};
pub use server::Held;

/// How long a holder may be silent.
pub const LEASE: Duration = Duration::from_secs(30);

/// How often holders are heard of.
pub const HEARTBEAT: Duration = Duration::from_secs(3);

/// After a shoot that failed through no fault of its photos a holder takes the next one so much later: a broken machine must not
/// spoil all that wait in line, which others could make.
const AFTER_A_FAILURE: Duration = Duration::from_secs(10);

/// After so many holders that were never heard of again, the shoot is taken for what brings them down.
const MOST_LOSSES: u32 = 5;

/// What is to be made, and out of what: all that a holder learns of a shoot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Wanted {
    /// The shoot. What its headshots look like follows from it.
    pub shoot: ShootId,
    /// The photos, best first.
    pub inputs: Vec<PhotoId>,
    /// Those of them that are to be used, whatever a check says.
    pub insisted: Vec<PhotoId>,
    /// What was seen of those that were looked at when they were uploaded.
    #[serde(default)]
    pub seen: Vec<Looked>,
    /// What is to stand behind the person.
    pub scenes: Vec<Scene>,
    /// How many headshots.
    pub count: usize,
}

impl From<&Request> for Wanted {
    fn from(request: &Request) -> Self {
        let Request { shoot, inputs, insisted, seen, scenes, count, gender: _ } = request.clone();
        Self { shoot, inputs, insisted, seen, scenes, count }
    }
}

impl From<Wanted> for Request {
    fn from(wanted: Wanted) -> Self {
        let Wanted { shoot, inputs, insisted, seen, scenes, count } = wanted;
        Self { shoot, inputs, insisted, seen, scenes, count, gender: None }
    }
}

/// How a shoot stands that was put up.
#[derive(Clone, Debug)]
enum Standing {
    /// Nobody has it. Of those that were put up before it, so many wait as well, and so many are being made.
    Waiting { waiting: u32, held: u32 },
    /// Somebody makes it.
    Held(Stage, u8),
    /// It was made, by the holder of this lease.
    Done(Box<Made>, String),
    /// It could not be made.
    Failed(Failure),
}

/// Puts a shoot up, as `handle`. One that is up already, and has not failed, stays as it is, and so does what it is called.
fn offer(tx: &Tx, wanted: &Wanted, handle: &Handle) -> Result<Handle> {
    let known: Option<String> = tx.find(
        "select handle from work where shoot_id = :shoot and state != 'failed'",
        named_params! { ":shoot": wanted.shoot },
        |row| row.get(0),
    )?;
    if let Some(known) = known {
        return Ok(Handle::from(known));
    }
    tx.execute("delete from work where shoot_id = :shoot", named_params! { ":shoot": wanted.shoot })?;
    tx.execute(
        "insert into work (shoot_id, handle, wanted, offered_at) values (:shoot, :handle, :wanted, :now)",
        named_params! {
            ":shoot": wanted.shoot, ":handle": handle.stored(), ":wanted": serde_json::to_string(wanted)?, ":now": tx.now,
        },
    )?;
    tx.ring(Topic::Work);
    Ok(handle.clone())
}

/// The shoot that was put up first, for whoever holds this lease from now on: a worker, or this server itself. Asked again with
/// the same lease, because the answer got lost, it is the same shoot.
fn claim(tx: &Tx, worker: Option<&str>, lease: &Digest) -> Result<Option<Wanted>> {
    reclaim(tx)?;
    if let Some(mine) = held(tx, lease)? {
        return Ok(Some(mine));
    }
    let claimed = tx.find(
        "update work
         set state = 'held', lease = :lease, worker = :worker, lease_until = :until, generating = 0, percent = 0
         where shoot_id = (select shoot_id from work where state = 'waiting' order by offered_at, shoot_id limit 1)
         returning wanted",
        named_params! { ":lease": lease, ":worker": worker, ":until": tx.now + LEASE },
        |row| row.get::<_, String>(0),
    )?;
    claimed.map(|wanted| Ok(serde_json::from_str(&wanted)?)).transpose()
}

/// Puts up again what nobody was heard of for too long, in the place it had.
fn reclaim(tx: &Tx) -> Result<()> {
    let gave_up = serde_json::to_string(&Ended::lost_too_often())?;
    let lost: Vec<(String, Option<String>)> = tx.all(
        "update work
         set state = iif(losses + 1 < :most, 'waiting', 'failed'), ended = iif(losses + 1 < :most, null, :gave_up),
             losses = losses + 1, lease = null, lease_until = null
         where state = 'held' and lease_until <= :now
         returning shoot_id, worker",
        named_params! { ":most": MOST_LOSSES, ":gave_up": gave_up, ":now": tx.now },
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    for (shoot, worker) in &lost {
        tracing::warn!(shoot, worker, "a worker was not heard of any more; its shoot is made by another");
    }
    if !lost.is_empty() {
        tx.ring(Topic::Work);
    }
    Ok(())
}

/// Whether a claim would find something.
fn is_up(view: &View) -> Result<bool> {
    view.one(
        "select exists (select 1 from work where state = 'waiting' or (state = 'held' and lease_until <= :now))",
        named_params! { ":now": view.now },
        |row| row.get(0),
    )
}

/// When the next lease runs out, if nobody renews it.
fn next_lapse(view: &View) -> Result<Option<Timestamp>> {
    view.one("select min(lease_until) from work where state = 'held'", [], |row| row.get(0))
}

/// What the holder of this lease is to make; nothing if it holds nothing, or not any more.
fn held(view: &View, lease: &Digest) -> Result<Option<Wanted>> {
    let wanted: Option<String> = view.find(
        "select wanted from work where lease = :lease and state = 'held' and lease_until > :now",
        named_params! { ":lease": lease, ":now": view.now },
        |row| row.get(0),
    )?;
    wanted.map(|wanted| Ok(serde_json::from_str(&wanted)?)).transpose()
}

/// The holder of this lease lives, and is so far. False if it holds nothing any more.
fn renew(tx: &Tx, lease: &Digest, (stage, percent): (Stage, u8)) -> Result<bool> {
    let renewed = tx.execute(
        "update work set lease_until = :until, generating = :generating, percent = :percent
         where lease = :lease and state = 'held' and lease_until > :now",
        named_params! {
            ":until": tx.now + LEASE, ":generating": stage == Stage::Generating, ":percent": percent.min(99), ":lease": lease,
            ":now": tx.now,
        },
    )?;
    if renewed > 0 {
        let sql = "select worker from work where lease = :lease";
        let worker: Option<String> = tx.one(sql, named_params! { ":lease": lease }, |row| row.get(0))?;
        if let Some(name) = worker {
            seen::hears(tx, &name)?;
        }
    }
    Ok(renewed > 0)
}

/// The holder of this lease is done with its shoot. False if it holds it no more, and then nothing has changed. Said again, it is
/// as true as before.
fn finish(tx: &Tx, lease: &Digest, ended: &Ended) -> Result<bool> {
    let state = if matches!(ended, Ended::Made(_)) { "done" } else { "failed" };
    let worker: Option<Option<String>> = tx.find(
        "update work set state = :state, ended = :ended, lease_until = null
         where lease = :lease and state = 'held' and lease_until > :now
         returning worker",
        named_params! { ":state": state, ":ended": serde_json::to_string(ended)?, ":lease": lease, ":now": tx.now },
        |row| row.get(0),
    )?;
    match worker {
        Some(worker) => {
            if let Some(name) = worker.filter(|_| state == "done") {
                seen::has_made(tx, &name)?;
            }
            Ok(true)
        }
        None => tx.one(
            "select exists (select 1 from work where lease = :lease and state = :state)",
            named_params! { ":lease": lease, ":state": state },
            |row| row.get(0),
        ),
    }
}

/// The holder of this lease goes, through no fault of the shoot's: it is put up again at once, where it stood.
fn hand_back(tx: &Tx, lease: &Digest) -> Result<()> {
    let back = tx.execute(
        "update work set state = 'waiting', lease = null, lease_until = null where lease = :lease and state = 'held'",
        named_params! { ":lease": lease },
    )?;
    if back > 0 {
        tx.ring(Topic::Work);
    }
    Ok(())
}

/// The server starts: what its last start had in hand is put up again. Workers could not be heard of meanwhile, so whoever held a
/// lease then holds it for as long as a new one.
fn begin(tx: &Tx) -> Result<()> {
    tx.execute(
        "update work set state = 'waiting', lease = null, lease_until = null where state = 'held' and worker is null",
        [],
    )?;
    tx.execute(
        "update work set lease_until = :until where state = 'held'",
        named_params! { ":until": tx.now + LEASE },
    )?;
    Ok(())
}

/// Nothing is put up any more: the server makes headshots alone from now on, and begins with what was under way itself. What was
/// brought already is a stray now, and goes when it is tidied up.
///
/// # Errors
/// The database can't be written.
pub fn clear(tx: &Tx) -> Result<()> {
    tx.execute("delete from work", [])?;
    tx.execute("delete from workers", [])?;
    Ok(())
}

/// How a shoot stands, by what its try is called; nothing if there is none such.
fn standing(view: &View, handle: &Handle) -> Result<Option<Standing>> {
    let found = view.find(
        "select shoot_id, state, lease, lease_until, generating, percent, ended, offered_at from work where handle = :handle",
        named_params! { ":handle": handle.stored() },
        |row| {
            let holder = row.get::<_, Option<Digest>>("lease")?.map(|lease| holder(&lease));
            let stage = if row.get("generating")? { Stage::Generating } else { Stage::Training };
            let place: (Timestamp, ShootId) = (row.get("offered_at")?, row.get("shoot_id")?);
            let until: Option<Timestamp> = row.get("lease_until")?;
            let ended: Option<String> = row.get("ended")?;
            Ok((place, stage, row.get::<_, u8>("percent")?, until, ended, holder))
        },
    )?;
    let Some(((offered, shoot), stage, percent, until, ended, holder)) = found else { return Ok(None) };
    Ok(Some(match (ended, until) {
        (Some(ended), _) => match serde_json::from_str(&ended)? {
            Ended::Made(made) => Standing::Done(Box::new(made), holder.unwrap_or_default()),
            Ended::Failed { kind, words } => Standing::Failed(kind.failure(words)),
        },
        (None, Some(until)) if until > view.now => Standing::Held(stage, percent),
        (None, _) => before(view, offered, &shoot)?,
    }))
}

/// How a shoot stands that waits: how many were put up before it and are not made yet.
fn before(view: &View, offered: Timestamp, shoot: &ShootId) -> Result<Standing> {
    view.one(
        "select
             (select count(*) from work where state = 'waiting' and (offered_at, shoot_id) < (:offered, :shoot)) as waiting,
             (select count(*) from work where state = 'held' and (offered_at, shoot_id) < (:offered, :shoot)) as held",
        named_params! { ":offered": offered, ":shoot": shoot },
        |row| Ok(Standing::Waiting { waiting: row.get("waiting")?, held: row.get("held")? }),
    )
}

/// What the files of a holder begin with: no two holders write the same file, not even of the same shoot.
fn holder(lease: &Digest) -> String {
    lease.hex().chars().take(16).collect()
}

/// Takes a try down, and says whether the shoot is not up by another: then its files may go.
fn take_down(tx: &Tx, shoot: &ShootId, handle: Option<&Handle>) -> Result<bool> {
    let handle = handle.map(Handle::stored);
    tx.execute(
        "delete from work where shoot_id = :shoot and (handle = :handle or :handle is null)",
        named_params! { ":shoot": shoot, ":handle": handle },
    )?;
    Ok(unknown(tx, vec![shoot.clone()])?.len() == 1)
}

/// Shoots that are up although nobody waits for them: they are finished, failed or deleted, and the job that should have taken
/// them down gave up.
fn unwanted(view: &View) -> Result<Vec<ShootId>> {
    view.all(
        "select shoot_id from work join shoots on shoots.id = work.shoot_id
         where shoots.state not in ('submitted', 'training', 'generating') and offered_at < :before",
        named_params! { ":before": view.now - Duration::from_secs(60 * 60) },
        |row| row.get(0),
    )
}

/// Those of these shoots that are not up.
///
/// # Errors
/// The database can't be read.
pub fn unknown(view: &View, shoots: Vec<ShootId>) -> Result<Vec<ShootId>> {
    let mut unknown = Vec::new();
    for shoot in shoots {
        let sql = "select exists (select 1 from work where shoot_id = :shoot)";
        if !view.one(sql, named_params! { ":shoot": shoot }, |row: &Row| row.get::<_, bool>(0))? {
            unknown.push(shoot);
        }
    }
    Ok(unknown)
}
