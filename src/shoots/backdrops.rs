//! What a shoot's person has chosen to stand behind them, and what becomes of that when the organization removes a picture.

use rusqlite::named_params;

use super::{Shoot, State};
use crate::{
    db::{Topic, Tx, View},
    error::{Error, Result},
    generator::{Backdrop, Scene},
    ids::{BackdropId, OrganizationId},
    members::{self, Actor},
    styles::{self, OwnBackdrop, Whose},
};

/// How many people have chosen an own backdrop whose headshots are not made yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choosers {
    /// They have not handed in their photos: without it they may have to choose again.
    pub open: u64,
    /// Theirs are being made: without it, those headshots get light grey.
    pub waiting: u64,
}

/// Refuses own backdrops that are none of this organization's, or not any more.
pub(super) fn must_be_there(view: &View, organization: &OrganizationId, chosen: &[&Scene]) -> Result<()> {
    for scene in chosen {
        match scene {
            Scene::Drawn(_) => {}
            Scene::Own(id) => match styles::get(view, organization, id) {
                Ok(_) => {}
                Err(Error::NotFound(_)) => {
                    return Err(Error::invalid(say!("One of these backdrops is not there any more. Choose again.")));
                }
                Err(other) => return Err(other),
            },
        }
    }
    Ok(())
}

/// Refuses backdrops that are not offered to a shoot's person.
pub(super) fn must_be_offered(view: &View, shoot: &Shoot, chosen: &[Scene]) -> Result<()> {
    let offered = offered(view, shoot)?;
    if chosen.iter().all(|scene| offered.contains(scene)) {
        return Ok(());
    }
    Err(Error::invalid(say!("One of these backdrops is not offered any more. Choose again.")))
}

fn offered(view: &View, shoot: &Shoot) -> Result<Vec<Scene>> {
    match members::of_shoot(view, &shoot.id)? {
        // Their leads choose for them, and may go beyond what the team chooses from.
        Some(member) if member.is_looked_after() => styles::offered_to_leads(view, &member),
        Some(member) => styles::offered(view, &member),
        None => styles::offered_by(view, &shoot.organization, &Whose::Everyone),
    }
}

/// What a shoot's person has chosen and is not offered any more: the organization or the team has chosen anew since, or the person
/// came into another team. Before photos are handed in, they choose again; later it stays as it is.
pub fn no_longer_offered(view: &View, shoot: &Shoot) -> Result<Vec<Scene>> {
    if shoot.state != State::Onboarding || shoot.backdrops.is_empty() {
        return Ok(Vec::new());
    }
    let offered = offered(view, shoot)?;
    Ok(shoot.backdrops.iter().filter(|scene| !offered.contains(scene)).cloned().collect())
}

/// How many people have chosen something else, and would choose again if `offer` was all they are offered.
pub fn would_choose_again(view: &View, organization: &OrganizationId, whose: &Whose, offer: &[Scene]) -> Result<u64> {
    let team = match whose {
        Whose::Everyone => None,
        Whose::Team(team) => Some(team),
    };
    let open = view.all(
        "select s.* from shoots s left join members m on m.id = s.member_id left join teams t on t.id = m.team_id
         where s.organization_id = :organization and s.state = 'onboarding' and s.backdrops != '[]'
           and case when :team is null then coalesce(t.backdrops, '[]') = '[]' else m.team_id = :team end",
        named_params! { ":organization": organization, ":team": team },
        Shoot::from_row,
    )?;
    Ok(open.iter().filter(|shoot| shoot.backdrops.iter().any(|scene| !offer.contains(scene))).count() as u64)
}

/// What is to stand behind the person, for the generator. In place of an own backdrop that was removed since there is light grey.
pub fn scenes(view: &View, shoot: &Shoot) -> Result<Vec<Scene>> {
    let mut scenes = Vec::new();
    for scene in &shoot.backdrops {
        let there = must_be_there(view, &shoot.organization, &[scene]);
        let scene = match there {
            Ok(()) => scene.clone(),
            Err(Error::Invalid(_)) => Scene::Drawn(Backdrop::Grey),
            Err(other) => return Err(other),
        };
        if !scenes.contains(&scene) {
            scenes.push(scene);
        }
    }
    Ok(scenes)
}

/// How many people would miss an own backdrop.
pub fn choosers(view: &View, organization: &OrganizationId, id: &BackdropId) -> Result<Choosers> {
    let all = choosing(view, organization, id)?;
    let count = |which: fn(State) -> bool| all.iter().filter(|shoot| which(shoot.state)).count() as u64;
    Ok(Choosers { open: count(|state| state == State::Onboarding), waiting: count(State::waits) })
}

fn choosing(view: &View, organization: &OrganizationId, id: &BackdropId) -> Result<Vec<Shoot>> {
    view.all(
        "select * from shoots
         where organization_id = :organization and state in ('onboarding', 'submitted', 'training', 'generating', 'failed')
           and exists (select 1 from json_each(shoots.backdrops) as chosen where chosen.value = :id)",
        named_params! { ":organization": organization, ":id": id },
        Shoot::from_row,
    )
}

/// Removes one of an organization's own backdrops. Whoever chose it and has not handed in their photos loses the choice and, if no
/// other is left, chooses again; what was handed in keeps its record and gets light grey instead, as [`scenes`] says. Headshots
/// made before it stay as they are. The caller removes the files after this is committed, with [`styles::discard`].
///
/// # Errors
/// It isn't the organization's.
pub fn remove_backdrop(tx: &Tx, by: &Actor, id: &BackdropId) -> Result<OwnBackdrop> {
    let gone = styles::remove(tx, by, id)?;
    for shoot in choosing(tx, &by.organization, id)?.iter().filter(|shoot| shoot.state == State::Onboarding) {
        let left: Vec<&Scene> =
            shoot.backdrops.iter().filter(|scene| !matches!(scene, Scene::Own(own) if own == id)).collect();
        tx.execute(
            "update shoots set backdrops = :left where id = :id",
            named_params! { ":left": serde_json::to_string(&left)?, ":id": shoot.id },
        )?;
        tx.ring(Topic::Shoot(shoot.id.clone()));
    }
    Ok(gone)
}
