//! The shoot: one person's headshots, from the first photo to the last result. It is the API's model.
//!
//! **The** state machine is [`STEPS`], repeated in `schema.sql`, where the database refuses any other step.

use rusqlite::{Row, named_params};
use serde::Serialize;

use crate::{
    clock::Timestamp,
    config::PhotoChecks,
    credits,
    db::{Tx, View, stored_as_text},
    error::{Error, Result},
    events::{self, Event, Kind},
    fields,
    generator::{Handle, Scene},
    i18n::{Language, speaking},
    ids::{MemberId, OrganizationId, ShootId, ShootUid},
    members,
    notifications::{self, About},
    queue::{self, Job},
};

mod alone;
mod backdrops;
mod behalf;
mod consent;
mod expiry;
mod failures;
mod listing;
mod nudge;
mod own;
mod stages;
mod troubles;
mod waiting;
mod wordings;
mod worth;

pub use alone::{begin_again, begin_alone, is_alone, made_and_begun, own_models};
pub use backdrops::{Choosers, choosers, no_longer_offered, remove_backdrop, scenes, would_choose_again};
pub use behalf::{add_on_behalf, cannot_retry, grant_retry, let_retry, looked_after, note_behalf};
pub use consent::{
    CONSENT, Consent, Giver, ToAgree, Whereabouts, cannot_go, consent_words, consents_of, to_agree, version_of,
    withdraw,
};
pub use expiry::{
    Going, KEPT_DAYS, going_soon, keep_results, mark_expired, over, to_warn_of, warn, warn_again, would_go,
};
pub use failures::told_of_failure;
pub use listing::{Filter, Listed, count, listed, page};
pub use nudge::{NoNudge, Nudged, nudge, nudge_all, nudgeable, nudged_at, waits_for_photos};

pub use own::{Consenting, HandedIn, introduce, own_open, own_results, submit_once};
pub use stages::{
    Outcome, begin_training, fail, hand_over_again, is_still, overdue, queued, ready, report, restart, wake,
    went_unanswered,
};
pub use troubles::{Trouble, trouble};
pub use waiting::{Makers, before, estimate};
pub use wordings::{
    Agreed, LONGEST_WORDING, Wording, agreed, in_force as wording_in_force, read_wording, set_wording, wording,
    wordings,
};
pub use worth::{are_held_to_checks, has_enough_photos};

stored_as_text! {
    /// Where a shoot stands.
    pub enum State {
        /// The member is adding photos and choosing a style.
        Onboarding = "onboarding",
        /// Handed in; waits for the generator.
        Submitted = "submitted",
        /// The generator learns the face.
        Training = "training",
        /// The generator makes the headshots.
        Generating = "generating",
        /// The last try failed. Restarts by itself, a few times.
        Failed = "failed",
        /// The headshots can be seen.
        Ready = "ready",
        /// Gone, but for its tombstone.
        Deleted = "deleted",
    }
}

impl State {
    /// Whether the member has to wait for the generator.
    pub fn waits(self) -> bool {
        matches!(self, Self::Submitted | Self::Training | Self::Generating | Self::Failed)
    }

    /// Whether a shoot may go from here to `after`.
    pub fn can_become(self, after: Self) -> bool {
        STEPS.contains(&(self, after))
    }
}

/// Every step a shoot may take.
pub const STEPS: &[(State, State)] = {
    use State::{Deleted, Failed, Generating, Onboarding, Ready, Submitted, Training};
    &[
        (Onboarding, Submitted),
        (Submitted, Training),
        (Training, Generating),
        (Generating, Ready),
        (Submitted, Failed),
        (Training, Failed),
        (Generating, Failed),
        (Failed, Submitted),
        (Onboarding, Deleted),
        (Submitted, Deleted),
        (Training, Deleted),
        (Generating, Deleted),
        (Failed, Deleted),
        (Ready, Deleted),
    ]
};

stored_as_text! {
    /// How the member wants to be portrayed; the contract's `trigger`.
    pub enum Gender {
        /// A woman.
        Female = "female",
        /// A man.
        Male = "male",
        /// Neither, or not to be said.
        Person = "person",
    }
}

/// How many backdrops one shoot may use.
pub const BACKDROPS: std::ops::RangeInclusive<usize> = 1..=4;

/// How many photos one shoot takes.
pub const MOST_PHOTOS: i64 = 30;

/// One person's headshots.
#[derive(Clone, Debug, Serialize)]
pub struct Shoot {
    /// The API's model id.
    pub id: ShootId,
    /// What other systems know it by.
    pub uid: ShootUid,
    /// Whose.
    pub organization: OrganizationId,
    /// Of whom; nobody once they are gone.
    pub member: Option<MemberId>,
    /// Where it stands.
    pub state: State,
    /// How to portray them.
    pub gender: Option<Gender>,
    /// Made of test data: costs no credit.
    pub development: bool,
    /// A retry that a lead granted: costs no credit either.
    pub granted: bool,
    /// On which backdrops.
    pub backdrops: Vec<Scene>,
    /// How many photos it has.
    pub photos: i64,
    /// What the generator calls it, once it was handed over.
    #[serde(skip)]
    pub handle: Option<Handle>,
    /// How many shoots the generator does before this one.
    pub ahead: u32,
    /// Since when the generator works on it; nothing while it waits for its turn.
    pub working_at: Option<Timestamp>,
    /// How much of the waiting is over, in percent.
    pub progress: u8,
    /// How often it was restarted after a failure.
    pub restarts: u8,
    /// Why the last try failed.
    pub failure: Option<String>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When the photos were handed in.
    pub submitted_at: Option<Timestamp>,
    /// Since when it stands where it stands.
    pub stage_at: Timestamp,
    /// When the headshots were ready.
    pub finished_at: Option<Timestamp>,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
    /// When its headshots go by themselves, or went; nothing if nobody set a time.
    pub expires_at: Option<Timestamp>,
    /// How often its person was told so.
    pub warnings: u8,
    /// It was deleted because its time had come.
    pub expired: bool,
}

impl Shoot {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        let backdrops: String = row.get("backdrops")?;
        Ok(Self {
            id: row.get("id")?,
            uid: row.get("uid")?,
            organization: row.get("organization_id")?,
            member: row.get("member_id")?,
            state: row.get("state")?,
            gender: row.get("gender")?,
            development: row.get("development")?,
            granted: row.get("granted")?,
            // A backdrop that this version doesn't know any more is left out rather than losing the shoot.
            backdrops: serde_json::from_str::<Vec<String>>(&backdrops)
                .unwrap_or_default()
                .iter()
                .filter_map(|name| name.parse().ok())
                .collect(),
            photos: row.get("photos")?,
            handle: row.get::<_, Option<String>>("handle")?.map(Handle::from),
            ahead: row.get("ahead")?,
            working_at: row.get("working_at")?,
            progress: row.get("progress")?,
            restarts: row.get("restarts")?,
            failure: row.get("failure")?,
            created_at: row.get("created_at")?,
            submitted_at: row.get("submitted_at")?,
            stage_at: row.get("stage_at")?,
            finished_at: row.get("finished_at")?,
            deleted_at: row.get("deleted_at")?,
            expires_at: row.get("expires_at")?,
            warnings: row.get("warnings")?,
            expired: row.get("expired")?,
        })
    }

    /// Refuses a shoot whose photos are handed in: nothing about it can be changed any more.
    pub fn must_be_open(&self) -> Result<()> {
        if self.state == State::Onboarding {
            Ok(())
        } else {
            Err(Error::invalid(say!("These photos are already submitted and can't be changed any more.")))
        }
    }
}

/// The shoot with this id.
pub fn get(view: &View, id: &ShootId) -> Result<Shoot> {
    view.find("select * from shoots where id = :id", named_params! { ":id": id }, Shoot::from_row)?
        .ok_or(Error::NotFound("Model"))
}

/// The shoot with this id, if it is this organization's.
pub fn of_organization(view: &View, organization: &OrganizationId, id: &ShootId) -> Result<Shoot> {
    Some(get(view, id)?).filter(|shoot| shoot.organization == *organization).ok_or(Error::NotFound("Model"))
}

/// A member's shoots, newest first, those deleted included.
pub fn of_member(view: &View, member: &MemberId) -> Result<Vec<Shoot>> {
    view.all(
        "select * from shoots where member_id = :member order by created_at desc, id desc",
        named_params! { ":member": member },
        Shoot::from_row,
    )
}

/// A member's latest shoot: the one that decides what they see.
pub fn latest(view: &View, member: &MemberId) -> Result<Option<Shoot>> {
    view.find(
        "select * from shoots where member_id = :member order by created_at desc, id desc limit 1",
        named_params! { ":member": member },
        Shoot::from_row,
    )
}

/// Begins a shoot. Costs nothing yet.
pub fn begin(tx: &Tx, organization: &OrganizationId, member: &MemberId, development: bool) -> Result<Shoot> {
    insert(tx, organization, member, development, false)
}

fn insert(
    tx: &Tx,
    organization: &OrganizationId,
    member: &MemberId,
    development: bool,
    granted: bool,
) -> Result<Shoot> {
    let shoot = tx.one(
        "insert into shoots (id, uid, organization_id, member_id, development, granted, created_at, stage_at)
         values (:id, :uid, :organization, :member, :development, :granted, :now, :now)
         returning *",
        named_params! {
            ":id": ShootId::new(), ":uid": ShootUid::new(), ":organization": organization, ":member": member,
            ":development": development, ":granted": granted, ":now": tx.now,
        },
        Shoot::from_row,
    )?;
    tell(tx, &shoot, Kind::Created)?;
    Ok(shoot)
}

/// Sets how the member wants to be portrayed.
pub fn choose_gender(tx: &Tx, shoot: &Shoot, gender: Gender) -> Result<()> {
    shoot.must_be_open()?;
    tx.execute(
        "update shoots set gender = :gender where id = :id",
        named_params! { ":gender": gender, ":id": shoot.id },
    )?;
    Ok(())
}

/// Sets the backdrops.
///
/// # Errors
/// The photos are handed in; too few or too many; one is none of the organization's, or not offered to this person.
pub fn choose_backdrops(tx: &Tx, shoot: &Shoot, wanted: &[Scene]) -> Result<()> {
    shoot.must_be_open()?;
    let mut chosen: Vec<&Scene> = Vec::new();
    for backdrop in wanted {
        if !chosen.contains(&backdrop) {
            chosen.push(backdrop);
        }
    }
    if !BACKDROPS.contains(&chosen.len()) {
        return Err(Error::invalid(say!("Choose 1 to 4 backdrops.")));
    }
    backdrops::must_be_there(tx, &shoot.organization, &chosen)?;
    backdrops::must_be_offered(tx, shoot, wanted)?;
    let chosen = serde_json::to_string(&chosen)?;
    tx.execute(
        "update shoots set backdrops = :chosen where id = :id",
        named_params! { ":chosen": chosen, ":id": shoot.id },
    )?;
    Ok(())
}

/// Refuses a shoot that takes no more photos.
pub fn must_take_photos(view: &View, id: &ShootId) -> Result<Shoot> {
    let shoot = get(view, id)?;
    shoot.must_be_open()?;
    if shoot.photos >= MOST_PHOTOS {
        return Err(Error::invalid(say!(
            "You have added 30 photos, the most there can be. Remove one to add another."
        )));
    }
    Ok(shoot)
}

/// Hands the photos in. This is the one moment a credit is taken. [004] Whoever does it agrees to [`to_agree`]: the person in
/// the photos, or a lead who acts for them. `checks` says whether photos that were turned down count.
///
/// # Errors
/// Something is missing, none of the photos can be used, it was submitted before, [`Error::NoCredits`], or [`Error::Forbidden`] if
/// the photos would leave the machine and the organization has not agreed; the photos are kept in any case.
pub fn submit(tx: &Tx, id: &ShootId, given_by: &MemberId, checks: PhotoChecks, at: &Whereabouts) -> Result<Shoot> {
    let shoot = get(tx, id)?;
    let at = at.of(&shoot);
    let agreed = match members::of_shoot(tx, id)? {
        Some(member) => speaking(Language::English, || to_agree(tx, &member, given_by, &at))?,
        None => ToAgree { text: consent::ours(true, false, &at), number: None, wording: None },
    };
    submit_agreed(tx, &shoot, given_by, checks, &at, &agreed)
}

/// The same with the words that were agreed to, and where photos of this very shoot are.
fn submit_agreed(
    tx: &Tx,
    shoot: &Shoot,
    given_by: &MemberId,
    checks: PhotoChecks,
    at: &Whereabouts,
    agreed: &ToAgree,
) -> Result<Shoot> {
    let id = &shoot.id;
    shoot.must_be_open()?;
    worth::must_have_enough_photos(tx, shoot, checks)?;
    if shoot.gender.is_none() {
        return Err(Error::invalid(say!("Tell us how to portray you first.")));
    }
    if shoot.backdrops.is_empty() {
        return Err(Error::invalid(say!("Choose a backdrop first.")));
    }
    let member = members::of_shoot(tx, id)?;
    if let Some(member) = &member {
        fields::must_be_answered(tx, member)?;
    }
    backdrops::must_be_offered(tx, shoot, &shoot.backdrops)?;
    if let Some(to) = &at.made {
        consent::must_be_agreed(tx, shoot, to)?;
    }
    if !shoot.development && !shoot.granted {
        credits::take(tx, &shoot.organization, id)?;
    }
    tx.execute(
        "update shoots set consent = :consent, submitted_at = :now where id = :id",
        named_params! { ":consent": agreed.text, ":now": tx.now, ":id": id },
    )?;
    consent::record(tx, shoot, agreed, given_by)?;
    let shoot = step(tx, shoot, State::Submitted)?;
    queue::push(tx, Job::Shoot(id.clone()))?;
    queue::push(tx, Job::SubmittedMail(id.clone()))?;
    Ok(shoot)
}

/// Deletes a shoot: the tombstone stays. Called by `offboarding` alone, which gives the receipt for it, has the files
/// removed, and takes down what else hangs on it.
pub fn delete(tx: &Tx, shoot: &Shoot, reason: &str) -> Result<()> {
    // Generating has not begun as long as the generator wasn't asked to. [002]
    if matches!(shoot.state, State::Submitted | State::Training | State::Failed) {
        credits::give_back(tx, &shoot.organization, &shoot.id, reason)?;
    }
    match shoot.state {
        State::Training | State::Generating => stages::owe_cancel(tx, &get(tx, &shoot.id)?)?,
        _ if shoot.was_tried() => stages::owe_unanswered(tx, shoot)?,
        _ => {}
    }
    tx.execute(
        "update shoots set state = 'deleted', deleted_at = :now, stage_at = :now, gender = null, consent = null, failure = null,
             handle = null
         where id = :id",
        named_params! { ":now": tx.now, ":id": shoot.id },
    )?;
    // What is told of it last is what it was.
    let gone = Shoot { gender: shoot.gender, ..get(tx, &shoot.id)? };
    tell(tx, &gone, Kind::Moved)?;
    tell(tx, &gone, Kind::Deleted)?;
    Ok(())
}

/// Has the leads hear of a shoot. Not of test data, and not of people whom another product looks after: it hears by its webhook.
pub fn tell_leads(tx: &Tx, shoot: &Shoot, about: &About) -> Result<()> {
    let member = members::of_shoot(tx, &shoot.id)?;
    if shoot.development || member.is_none_or(|member| member.kind == members::Kind::Anonymous) {
        return Ok(());
    }
    notifications::tell(tx, &shoot.organization, about)
}

/// Takes one step and tells of it.
fn step(tx: &Tx, shoot: &Shoot, after: State) -> Result<Shoot> {
    if !shoot.state.can_become(after) {
        return Err(Error::internal(format!("shoot {} can't go from {} to {after}", shoot.id, shoot.state)));
    }
    let moved = tx.one(
        "update shoots set state = :after, stage_at = :now where id = :id returning *",
        named_params! { ":after": after, ":now": tx.now, ":id": shoot.id },
        Shoot::from_row,
    )?;
    tell(tx, &moved, Kind::Moved)?;
    Ok(moved)
}

/// Tells what happened to a shoot.
pub fn tell(tx: &Tx, shoot: &Shoot, kind: Kind) -> Result<()> {
    let title = listed(tx, &shoot.organization, &shoot.id)?.title();
    let gender = shoot.gender.map(Gender::as_str);
    let (organization, state) = (&shoot.organization, shoot.state.as_str());
    events::tell(tx, &Event { organization, shoot: &shoot.id, kind, state, title, gender })
}
