//! What people choose from: what their team has chosen for them or else what the organization allows, which is all there is
//! unless it says otherwise.

use super::{Names, list};
use crate::{
    audit::{Action, Change},
    db::{Tx, View},
    error::{Error, Result},
    generator::{Backdrop, Scene},
    ids::{BackdropId, OrganizationId, TeamId},
    members::{Actor, Member, Role},
    organizations, teams,
};

/// For whom something is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Everyone in the organization whose team has not chosen for itself.
    Everyone,
    /// The people of this team.
    Team(TeamId),
}

impl Whose {
    /// By whose list somebody in this team chooses.
    fn of(team: Option<&TeamId>) -> Self {
        team.map_or(Self::Everyone, |team| Self::Team(team.clone()))
    }
}

/// All that can stand behind an organization's people: its own pictures, oldest first, then what everyone has.
pub fn available(view: &View, organization: &OrganizationId) -> Result<Vec<Scene>> {
    let own = list(view, organization)?.into_iter().map(|own| Scene::Own(own.id));
    Ok(own.chain(Backdrop::ALL.iter().copied().map(Scene::Drawn)).collect())
}

/// What was set for them, in the order of [`available`]; empty if nothing was: then everyone chooses from all there is, and a
/// team from what the organization allows.
///
/// # Errors
/// The team isn't the organization's.
pub fn set_for(view: &View, organization: &OrganizationId, whose: &Whose) -> Result<Vec<Scene>> {
    let listed = match whose {
        Whose::Everyone => organizations::backdrops(view, organization)?,
        Whose::Team(team) => teams::backdrops(view, organization, team)?,
    };
    if listed.is_empty() {
        return Ok(listed);
    }
    Ok(available(view, organization)?.into_iter().filter(|scene| listed.contains(scene)).collect())
}

/// What they choose from. There is always something.
///
/// # Errors
/// The team isn't the organization's.
pub fn offered_by(view: &View, organization: &OrganizationId, whose: &Whose) -> Result<Vec<Scene>> {
    let set = set_for(view, organization, whose)?;
    match (set.is_empty(), whose) {
        (false, _) => Ok(set),
        (true, Whose::Team(_)) => offered_by(view, organization, &Whose::Everyone),
        (true, Whose::Everyone) => available(view, organization),
    }
}

/// What a member chooses from.
pub fn offered(view: &View, member: &Member) -> Result<Vec<Scene>> {
    offered_by(view, &member.organization, &Whose::of(member.team.as_ref()))
}

/// What leads choose from for a member they look after: all that the organization allows, and what the member's team has of its own
/// beside that. Where the team narrows it, [`offered`] says to what.
pub fn offered_to_leads(view: &View, member: &Member) -> Result<Vec<Scene>> {
    let everyone = offered_by(view, &member.organization, &Whose::Everyone)?;
    let own = offered(view, member)?;
    let available = available(view, &member.organization)?;
    Ok(available.into_iter().filter(|scene| everyone.contains(scene) || own.contains(scene)).collect())
}

/// The one that someone means by its name, or by an own picture's id: an organization's own go first.
///
/// # Errors
/// Neither the organization nor everyone has one of this name.
pub fn named_scene(view: &View, organization: &OrganizationId, text: &str) -> Result<Scene> {
    match super::named(view, organization, text) {
        Ok(own) => Ok(Scene::Own(own.id)),
        Err(Error::NotFound(_)) => drawn(text).map(Scene::Drawn).ok_or_else(|| {
            Error::invalid(plain!(
                "There is no backdrop called \"{}\". Name one of your own, or one of: {}.",
                text.trim(),
                Backdrop::ALL.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
            ))
        }),
        Err(other) => Err(other),
    }
}

/// One that everyone has, by what it is called in files or by what people read.
fn drawn(text: &str) -> Option<Backdrop> {
    let text = text.trim().to_lowercase();
    Backdrop::ALL.iter().copied().find(|drawn| drawn.as_str() == text || drawn.label().to_lowercase() == text)
}

/// Allows these and no others; whether that is a change. All there is for everyone is the same as [`allow_all`]: what is added
/// later is allowed too. A team may choose any of the organization's, also what others may not.
///
/// # Errors
/// None is left; one is none of the organization's, or not any more; the team isn't the organization's.
pub fn allow(tx: &Tx, by: &Actor, whose: &Whose, wanted: &[Scene]) -> Result<bool> {
    let available = available(tx, &by.organization)?;
    if wanted.is_empty() {
        return Err(none_left());
    }
    if wanted.iter().any(|scene| !available.contains(scene)) {
        return Err(Error::invalid(say!("One of these backdrops is not there any more. Choose again.")));
    }
    let all = *whose == Whose::Everyone && available.iter().all(|scene| wanted.contains(scene));
    set(tx, by, whose, available.into_iter().filter(|scene| !all && wanted.contains(scene)).collect())
}

/// Back to what holds unless something else is said: all there is, also what is added later; for a team, what the organization
/// allows. Whether that is a change.
///
/// # Errors
/// The team isn't the organization's.
pub fn allow_all(tx: &Tx, by: &Actor, whose: &Whose) -> Result<bool> {
    set(tx, by, whose, Vec::new())
}

/// What is said where nothing would be left to choose from.
pub fn none_left() -> Error {
    Error::invalid(say!("Keep at least one backdrop: without any, no headshots can be made."))
}

fn set(tx: &Tx, by: &Actor, whose: &Whose, scenes: Vec<Scene>) -> Result<bool> {
    by.must_be(Role::Admin)?;
    let before = set_for(tx, &by.organization, whose)?;
    if before == scenes {
        return Ok(false);
    }
    let names = Names::of(tx, &by.organization)?;
    let (who, usual) = match whose {
        Whose::Everyone => {
            organizations::set_backdrops(tx, &by.organization, &scenes)?;
            ("people choose".to_owned(), "all")
        }
        Whose::Team(team) => {
            teams::set_backdrops(tx, &by.organization, team, &scenes)?;
            let name = teams::get(tx, &by.organization, team)?.name;
            (format!("the team {name} chooses"), "what the organization allows")
        }
    };
    let words = |scenes: &[Scene]| {
        format!("{who} from {}", if scenes.is_empty() { usual.to_owned() } else { names.in_a_row(scenes) })
    };
    let change = (words(&before), words(&scenes));
    by.note_change_of(tx, Action::SettingsChanged, "Backdrops", Change::new(&change.0, &change.1))?;
    Ok(true)
}

/// Takes a picture that is about to go out of all lists. A list that was of it alone says nothing from then on.
pub(super) fn forget(tx: &Tx, organization: &OrganizationId, id: &BackdropId) -> Result<()> {
    let gone = Scene::Own(id.clone());
    let without = |scenes: Vec<Scene>| -> Option<Vec<Scene>> {
        scenes.contains(&gone).then(|| scenes.into_iter().filter(|scene| *scene != gone).collect())
    };
    if let Some(left) = without(organizations::backdrops(tx, organization)?) {
        organizations::set_backdrops(tx, organization, &left)?;
    }
    for team in teams::list(tx, organization)? {
        if let Some(left) = without(teams::backdrops(tx, organization, &team.id)?) {
            teams::set_backdrops(tx, organization, &team.id, &left)?;
        }
    }
    Ok(())
}
