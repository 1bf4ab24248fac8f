//! Edits of headshots: who may make how many, and what becomes of them. A version itself is a headshot, kept by `results`; here
//! stands who made it, which counts also after it was undone.

use rusqlite::named_params;

use crate::{
    audit::Action,
    db::{Tx, View, stored_as_text},
    error::{Error, Result},
    generator::Scene,
    ids::ResultId,
    members::Member,
    organizations,
    queue::{self, Job},
    results::{self, Headshot, NewHeadshot},
    shoots, styles,
};

stored_as_text! {
    /// Who makes an edit. Each has a number of their own.
    pub enum MadeBy {
        /// The person in the headshot.
        Member = "member",
        /// A lead in their place.
        Lead = "lead",
    }
}

impl MadeBy {
    /// As what someone edits a member's headshots.
    pub fn of(by: &Member, member: &Member) -> Self {
        if by.id == member.id { Self::Member } else { Self::Lead }
    }
}

/// How many edits of one member's headshots there are and may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credits {
    /// Made so far; undone ones count.
    pub made: u32,
    /// As many as the organization lets them make.
    pub allowed: u32,
}

impl Credits {
    /// How many more can be made. None, too, if the organization has lowered the number below what was made.
    pub fn left(self) -> u32 {
        self.allowed.saturating_sub(self.made)
    }

    /// Whether there are edits at all here; otherwise nothing of them is shown.
    pub fn are_offered(self) -> bool {
        self.allowed > 0
    }
}

/// How many edits of a member's headshots were made and may be, by the member or by leads.
pub fn credits(view: &View, member: &Member, by: MadeBy) -> Result<Credits> {
    let made = view.one(
        "select count(*) from edits where member_id = :member and made_by = :by",
        named_params! { ":member": member.id, ":by": by },
        |row| row.get(0),
    )?;
    let organization = organizations::get(view, &member.organization)?;
    let allowed = match by {
        MadeBy::Member => organization.edits,
        MadeBy::Lead => organization.lead_edits,
    };
    Ok(Credits { made, allowed: allowed.into() })
}

/// How many more edits of their headshots a member may make.
pub fn left(view: &View, member: &Member) -> Result<u32> {
    Ok(credits(view, member, MadeBy::Member)?.left())
}

/// The credits of whoever wants to edit.
///
/// # Errors
/// The organization has no edits: then there is no such page.
pub fn offered(view: &View, by: &Member, member: &Member) -> Result<Credits> {
    let credits = credits(view, member, MadeBy::of(by, member))?;
    if credits.are_offered() { Ok(credits) } else { Err(Error::NotFound("Page")) }
}

/// Refuses whoever has no edit left. Asked before the work is done, and again when it is written down.
///
/// # Errors
/// As [`offered`]; or all of them were made.
pub fn must_be_left(view: &View, by: &Member, member: &Member) -> Result<()> {
    let credits = offered(view, by, member)?;
    if credits.left() > 0 {
        return Ok(());
    }
    let Credits { made, allowed } = credits;
    Err(Error::invalid(say!(
        "No edit is left: {made} of {allowed} were made. Undoing a version doesn't bring one back.",
        made,
        allowed
    )))
}

/// What can stand behind someone in an edit: members have what they are offered and what stands there already, if it is still
/// there; leads have all there is.
pub fn backdrops(view: &View, by: &Member, member: &Member, headshot: &Headshot) -> Result<Vec<Scene>> {
    let available = styles::available(view, &member.organization)?;
    if by.leads() {
        return Ok(available);
    }
    let mut offered = styles::offered(view, member)?;
    if available.contains(&headshot.backdrop) && !offered.contains(&headshot.backdrop) {
        offered.insert(0, headshot.backdrop.clone());
    }
    Ok(offered)
}

/// Adds an edit of a headshot, whose files are stored already, as a version beside the original. It takes one edit of whoever
/// makes it: the member, or a lead in their place, which is written down.
///
/// # Errors
/// The headshot isn't the member's, or was deleted meanwhile; no edit is left; or what stands behind isn't offered.
pub fn make(tx: &Tx, by: &Member, member: &Member, of: &ResultId, new: &NewHeadshot) -> Result<Headshot> {
    let edited = results::own(tx, of, member)?;
    must_be_left(tx, by, member)?;
    if new.backdrop != edited.backdrop && !backdrops(tx, by, member, &edited)?.contains(&new.backdrop) {
        return Err(Error::invalid(say!("This backdrop is not offered any more. Choose another.")));
    }
    let version = results::add_version(tx, &edited, new)?;
    tx.execute(
        "insert into edits (organization_id, member_id, result_id, made_by, created_at)
         values (:organization, :member, :result, :by, :now)",
        named_params! {
            ":organization": member.organization, ":member": member.id, ":result": version.id,
            ":by": MadeBy::of(by, member), ":now": tx.now,
        },
    )?;
    shoots::note_behalf(tx, by, member, Action::EditedFor)?;
    Ok(version)
}

/// Takes a version away with its files. It costs nothing and brings no edit back. If it was the favourite, its original becomes it.
/// The original.
///
/// # Errors
/// There are no edits here; the headshot isn't the member's; or it is an original.
pub fn undo(tx: &Tx, by: &Member, member: &Member, id: &ResultId) -> Result<Headshot> {
    offered(tx, by, member)?;
    let version = results::own(tx, id, member)?;
    let original = results::take_back(tx, &version)?;
    tx.execute(
        "update edits set undone_at = :now where result_id = :result and undone_at is null",
        named_params! { ":now": tx.now, ":result": id },
    )?;
    queue::push(tx, Job::PurgeVersion(id.clone()))?;
    shoots::note_behalf(tx, by, member, Action::EditedFor)?;
    Ok(original)
}
