//! Undo: what is removed, deleted or revoked on a page waits for some seconds. Until they are over nothing of it has happened, so to
//! undo it is to do nothing; then a job calls the very function that the API calls, with its events, mails, files and audit rows.
//!
//! Whether it would be refused is known at once: it is done and taken back in the transaction that asks for it. What is refused
//! later, because something changed meanwhile, is kept for whoever asked, until they have read it.

use std::{collections::HashMap, time::Duration};

use rusqlite::{Row, named_params};

use crate::{
    clock::Timestamp,
    db::{Topic, Tx, View, stored_as_text},
    error::{Error, Result},
    i18n::Message,
    ids::{MemberId, OrganizationId, UndoableId},
    members::{self, Member},
    queue::{self, Job},
};

mod thing;

pub use thing::{Kind, Leftover, Thing};

/// How long something can be undone.
pub const GRACE: Duration = Duration::from_secs(10);

/// What was settled is kept so long, to say what became of it.
const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);

stored_as_text! {
    /// What became of it.
    pub enum State {
        /// It can be undone.
        Waiting = "waiting",
        /// It was.
        Undone = "undone",
        /// It happened, if not all of it.
        Done = "done",
        /// It could not happen any more.
        Refused = "refused",
    }
}

/// In which role somebody asks: that decides who else may undo it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum As {
    /// As a lead: any lead of the organization may undo it.
    Lead,
    /// For what is their own: nobody else may.
    Themselves,
}

/// Something that was asked for.
#[derive(Clone, Debug)]
pub struct Undoable {
    /// Which.
    pub id: UndoableId,
    /// In which organization.
    pub organization: OrganizationId,
    /// Who asked for it.
    pub asked_by: MemberId,
    /// In which role.
    pub asked_as: As,
    /// What kind of thing goes.
    pub kind: Kind,
    /// What goes, as it is called: `the team Design`.
    pub what: Message,
    /// The page it was asked for on.
    pub back: String,
    /// What became of it.
    pub state: State,
    /// Why it, or a part of it, was refused.
    pub trouble: Option<Message>,
    /// Until when it can be undone.
    pub due_at: Timestamp,
}

impl Undoable {
    /// Whether this is who asked for it, or a lead where a lead did.
    pub fn may_be_undone_by(&self, member: &Member) -> bool {
        self.asked_by == member.id
            || (self.asked_as == As::Lead && member.leads() && member.organization == self.organization)
    }

    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            organization: row.get("organization_id")?,
            asked_by: row.get("member_id")?,
            asked_as: if row.get("leads")? { As::Lead } else { As::Themselves },
            kind: row.get("kind")?,
            what: Message::of_kept(&row.get::<_, String>("what")?),
            back: row.get("back")?,
            state: row.get("state")?,
            trouble: row.get::<_, Option<String>>("trouble")?.map(|trouble| Message::of_kept(&trouble)),
            due_at: row.get("due_at")?,
        })
    }
}

/// The things of one kind that are about to go.
#[derive(Debug, Default)]
pub struct Going(HashMap<String, Undoable>);

impl Going {
    /// What would have to be undone for this one to stay.
    pub fn of(&self, id: &str) -> Option<&Undoable> {
        self.0.get(id)
    }
}

/// Has something go after [`GRACE`]. `what` is what it is called, `back` the page it is asked for on. What is going already goes
/// once: asked again, this is what was asked for first.
///
/// # Errors
/// What the function itself refuses, as if it was done at once.
pub fn ask(tx: &Tx, by: &Member, asked_as: As, thing: &Thing, what: &Message, back: &str) -> Result<Undoable> {
    tx.rehearse(|tx| thing.take(tx, by))?;
    let (kind, subjects) = (thing.kind(), thing.subjects());
    let present = going(tx, &by.organization, kind)?;
    if let Some(first) = subjects.iter().find_map(|subject| present.of(subject)) {
        return Ok(first.clone());
    }
    let id = UndoableId::new();
    tx.execute(
        "insert into undoables (id, organization_id, member_id, leads, kind, what, back, created_at, due_at)
         values (:id, :organization, :member, :leads, :kind, :what, :back, :now, :due_at)",
        named_params! {
            ":id": id, ":organization": by.organization, ":member": by.id, ":leads": asked_as == As::Lead, ":kind": kind,
            ":what": what.kept(), ":back": back, ":now": tx.now, ":due_at": tx.now + GRACE,
        },
    )?;
    for subject in subjects {
        tx.execute(
            "insert into undoable_subjects (kind, subject_id, undoable_id) values (:kind, :subject, :id)",
            named_params! { ":kind": kind, ":subject": subject, ":id": id },
        )?;
    }
    queue::push_at(tx, Job::Settle(id.clone()), tx.now + GRACE)?;
    tx.ring(Topic::Organization(by.organization.clone()));
    get(tx, &id)
}

/// Undoes it, if it has not happened yet: what comes back says whether that is so. A second time changes nothing.
///
/// # Errors
/// To whoever may not undo it, there is no such thing.
pub fn undo(tx: &Tx, by: &Member, id: &UndoableId) -> Result<Undoable> {
    let undoable = one_of(tx, by, id)?;
    if undoable.state != State::Waiting {
        return Ok(undoable);
    }
    settle(tx, &undoable, State::Undone, None)?;
    get(tx, id)
}

/// Lets it happen, unless it was undone or has happened; called when it is due. What a rule refuses is written down, and is no
/// error here. Answers what is left for the caller to remove once this is committed.
///
/// # Errors
/// Failures of ours; then it waits on, and is tried again.
pub fn go_through(tx: &Tx, id: &UndoableId) -> Result<Option<Leftover>> {
    let undoable = match get(tx, id) {
        Err(Error::NotFound(_)) => return Ok(None),
        found => found?,
    };
    if undoable.state != State::Waiting {
        return Ok(None);
    }
    let thing = Thing::read(undoable.kind, &subjects_of(tx, id)?)?;
    let by = members::get(tx, &undoable.asked_by)?;
    let taken = tx.attempt(|tx| thing.take(tx, &by));
    let (state, trouble, leftover) = match taken {
        Ok(taken) => (State::Done, taken.staying, taken.leftover),
        // Somebody else took it away meanwhile, so what was wished for is so.
        Err(Error::NotFound(_) | Error::AlreadyDeleted) => (State::Done, None, None),
        Err(Error::Invalid(why) | Error::Forbidden(why)) => (State::Refused, Some(why), None),
        Err(failed) => return Err(failed),
    };
    settle(tx, &undoable, state, trouble.as_ref())?;
    Ok(leftover)
}

/// Whoever asked has read what was refused.
///
/// # Errors
/// To all others there is no such thing.
pub fn read(tx: &Tx, by: &Member, id: &UndoableId) -> Result<Undoable> {
    let undoable = one_of(tx, by, id)?;
    tx.execute("update undoables set seen = 1 where id = :id", named_params! { ":id": id })?;
    Ok(undoable)
}

fn settle(tx: &Tx, undoable: &Undoable, state: State, trouble: Option<&Message>) -> Result<()> {
    // A trigger lets go of its subjects.
    tx.execute(
        "update undoables set state = :state, trouble = :trouble, settled_at = :now where id = :id",
        named_params! { ":state": state, ":trouble": trouble.map(Message::kept), ":now": tx.now, ":id": undoable.id },
    )?;
    tx.ring(Topic::Organization(undoable.organization.clone()));
    Ok(())
}

/// The one with this id.
///
/// # Errors
/// To whoever may not undo it, there is no such thing.
pub fn one_of(view: &View, by: &Member, id: &UndoableId) -> Result<Undoable> {
    Some(get(view, id)?).filter(|undoable| undoable.may_be_undone_by(by)).ok_or(Error::NotFound("Change"))
}

/// What someone asked for last and can undo, if there is anything.
pub fn latest(view: &View, member: &MemberId) -> Result<Option<Undoable>> {
    view.find(
        "select * from undoables
         where member_id = :member and state = 'waiting'
         order by created_at desc, id desc
         limit 1",
        named_params! { ":member": member },
        Undoable::from_row,
    )
}

/// What of it was refused, as long as they have not read so; the oldest first.
pub fn troubles(view: &View, member: &MemberId) -> Result<Vec<Undoable>> {
    view.all(
        "select * from undoables
         where member_id = :member and trouble is not null and seen = 0
         order by created_at, id
         limit 3",
        named_params! { ":member": member },
        Undoable::from_row,
    )
}

/// What of a kind is going in an organization.
pub fn going(view: &View, organization: &OrganizationId, kind: Kind) -> Result<Going> {
    let each = view.all(
        "select s.subject_id, u.* from undoables u join undoable_subjects s on s.undoable_id = u.id
         where u.organization_id = :organization and u.state = 'waiting' and u.kind = :kind",
        named_params! { ":organization": organization, ":kind": kind },
        |row| Ok((row.get("subject_id")?, Undoable::from_row(row)?)),
    )?;
    Ok(Going(each.into_iter().collect()))
}

/// Forgets what was settled long ago, 500 at a time; returns how many.
pub fn expire(tx: &Tx) -> Result<usize> {
    tx.execute(
        "delete from undoables where id in (select id from undoables where settled_at < :before limit 500)",
        named_params! { ":before": tx.now - REMEMBERED },
    )
}

fn get(view: &View, id: &UndoableId) -> Result<Undoable> {
    view.find("select * from undoables where id = :id", named_params! { ":id": id }, Undoable::from_row)?
        .ok_or(Error::NotFound("Change"))
}

fn subjects_of(view: &View, id: &UndoableId) -> Result<Vec<String>> {
    view.all(
        "select subject_id from undoable_subjects where undoable_id = :id order by subject_id",
        named_params! { ":id": id },
        |row| row.get(0),
    )
}
