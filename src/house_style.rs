//! An organization's style as a file: what people choose from, what teams choose from, how many headshots there are, how often they
//! are edited and how long they are kept. It is written, read, compared with what is set, and applied.

use crate::{
    db::{Tx, View},
    error::{Error, Result},
    generator::Scene,
    i18n::{Language, Message, speaking},
    ids::{OrganizationId, TeamId},
    members::{Actor, Role},
    organizations, shoots,
    styles::{self, Names, Whose},
    teams,
};

mod file;
mod settings;

pub use file::{MOST_BYTES, Named, Style, VERSION, read};
use settings::{edits_of, kept_for};
pub use settings::{keep_results, set_edits, set_headshots};

/// What a file would change, in words.
#[derive(Clone, Debug)]
pub struct Change {
    /// What: `Headshots per shoot`.
    pub what: Message,
    /// How it is now.
    pub now: Message,
    /// How it would be.
    pub then: Message,
    /// What that means for people, if it means something to someone now.
    pub means: Option<Message>,
    deed: Deed,
}

/// What is done about it.
#[derive(Clone, Debug)]
enum Deed {
    /// Nothing allowed: back to what is usual.
    Allow(Whose, Vec<Scene>),
    Headshots(u8),
    Edits {
        members: u8,
        leads: u8,
    },
    Keep(Option<u16>),
}

/// What is set in an organization, all of it.
pub fn of(view: &View, id: &OrganizationId) -> Result<Style> {
    let organization = organizations::get(view, id)?;
    let names = Names::of(view, id)?;
    let named = |scene: &Scene| match scene {
        Scene::Own(_) => Named::Own(names.label(scene).to_owned()),
        Scene::Drawn(backdrop) => Named::BuiltIn(*backdrop),
    };
    let listed =
        |whose: &Whose| -> Result<Vec<Named>> { Ok(styles::set_for(view, id, whose)?.iter().map(named).collect()) };
    let mut with_their_own = Vec::new();
    for team in teams::list(view, id)? {
        let backdrops = listed(&Whose::Team(team.id))?;
        if !backdrops.is_empty() {
            with_their_own.push((team.name, backdrops));
        }
    }
    Ok(Style {
        backdrops: Some(listed(&Whose::Everyone)?),
        teams: Some(with_their_own),
        headshots: Some(organization.headshots),
        member_edits: Some(organization.edits),
        lead_edits: Some(organization.lead_edits),
        keep: Some(organization.results_days),
    })
}

/// What a file would change, in the order in which it is done; nothing if all of it is set so already.
///
/// # Errors
/// It names pictures or teams that aren't here: all of them.
pub fn changes(view: &View, id: &OrganizationId, style: &Style) -> Result<Vec<Change>> {
    let wanted = resolved(view, id, style)?;
    let names = Names::of(view, id)?;
    let organization = organizations::get(view, id)?;
    let mut changes = Vec::new();
    for (whose, scenes) in wanted {
        let (now, then) = (styles::set_for(view, id, &whose)?, in_order(view, id, &whose, scenes)?);
        if now == then {
            continue;
        }
        let (what, usual) = match &whose {
            Whose::Everyone => (say!("What people choose from"), say!("All backdrops")),
            Whose::Team(team) => (
                say!("What {team} chooses from", team = teams::get(view, id, team)?.name),
                say!("What everyone chooses from"),
            ),
        };
        let words = |scenes: &[Scene]| match scenes {
            [] => usual.clone(),
            some => listed(some.iter().map(|scene| names.shown(scene))),
        };
        changes.push(Change {
            what,
            now: words(&now),
            then: words(&then),
            means: again(view, id, &whose, &then)?,
            deed: Deed::Allow(whose, then),
        });
    }
    if let Some(number) = style.headshots.filter(|number| *number != organization.headshots) {
        changes.push(plain(
            say!("Headshots per shoot"),
            Message::plain(organization.headshots.to_string()),
            Message::plain(number.to_string()),
            Deed::Headshots(number),
        ));
    }
    let (members, leads) =
        (style.member_edits.unwrap_or(organization.edits), style.lead_edits.unwrap_or(organization.lead_edits));
    if (members, leads) != (organization.edits, organization.lead_edits) {
        let (now, then) = (edits_of(organization.edits, organization.lead_edits), edits_of(members, leads));
        changes.push(plain(say!("Edits"), now, then, Deed::Edits { members, leads }));
    }
    if let Some(days) = style.keep.filter(|days| *days != organization.results_days) {
        let (now, then) = (kept_for(organization.results_days), kept_for(days));
        let mut change = plain(say!("Finished headshots"), now, then, Deed::Keep(days));
        change.means = days.map(|days| going(view, id, days)).transpose()?.flatten();
        changes.push(change);
    }
    Ok(changes)
}

fn plain(what: Message, now: Message, then: Message, deed: Deed) -> Change {
    Change { what, now, then, means: None, deed }
}

/// Several things in a row; nothing if there are none.
fn listed(things: impl Iterator<Item = Message>) -> Message {
    things
        .reduce(|before, next| Message::new("{before}, {next}").with("before", before).with("next", next))
        .unwrap_or(Message::new(""))
}

/// Whoever has to choose again.
fn again(view: &View, id: &OrganizationId, whose: &Whose, then: &[Scene]) -> Result<Option<Message>> {
    let offer = match (then, whose) {
        ([], Whose::Everyone) => styles::available(view, id)?,
        // As everyone else, who may be about to choose from something else by the same file: nobody can be counted.
        ([], Whose::Team(_)) => return Ok(None),
        (some, _) => some.to_vec(),
    };
    Ok(match shoots::would_choose_again(view, id, whose, &offer)? {
        0 => None,
        people => Some(say!(
            "{n} person has chosen something else and not submitted yet. They choose again."
                | "{n} people have chosen something else and not submitted yet. They choose again.",
            n = people
        )),
    })
}

/// What goes for good.
fn going(view: &View, id: &OrganizationId, days: u16) -> Result<Option<Message>> {
    let going = shoots::would_go(view, id, days)?;
    let Some(first) = going.first.filter(|_| going.headshots > 0) else { return Ok(None) };
    Ok(Some(say!(
        "{n} headshot of {people} will be deleted for good, the first on {day}."
            | "{n} headshots of {people} will be deleted for good, the first on {day}.",
        n = going.headshots,
        people = say!("{n} person" | "{n} people", n = going.people),
        day = organizations::zone(view, id)?.day(first)
    )))
}

/// Applies a file; what changed by it.
///
/// # Errors
/// As [`changes`]; then nothing is changed.
pub fn apply(tx: &Tx, by: &Actor, style: &Style) -> Result<Vec<Change>> {
    by.must_be(Role::Admin)?;
    let changes = changes(tx, &by.organization, style)?;
    for change in &changes {
        // Whether it was one is known: only what differs is among them.
        match &change.deed {
            Deed::Allow(whose, scenes) if scenes.is_empty() => styles::allow_all(tx, by, whose)?,
            Deed::Allow(whose, scenes) => styles::allow(tx, by, whose, scenes)?,
            Deed::Headshots(number) => set_headshots(tx, by, *number)?,
            Deed::Edits { members, leads } => set_edits(tx, by, *members, *leads)?,
            Deed::Keep(days) => keep_results(tx, by, *days)?,
        };
    }
    Ok(changes)
}

/// A short name of these changes, the same in any language: whoever has seen them applies these, or sees what it has become.
///
/// # Errors
/// As [`changes`].
pub fn version_of(view: &View, id: &OrganizationId, style: &Style) -> Result<String> {
    speaking(Language::English, || {
        let words = changes(view, id, style)?.into_iter().map(|Change { what, now, then, means, .. }| {
            let means = means.map(String::from).unwrap_or_default();
            format!("{what}\n{now}\n{then}\n{means}\n")
        });
        Ok(shoots::version_of(&words.collect::<String>()))
    })
}

/// Which backdrops and teams a file means. Where it speaks of teams at all, those it doesn't name go by the organization.
fn resolved(view: &View, id: &OrganizationId, style: &Style) -> Result<Vec<(Whose, Vec<Scene>)>> {
    let (mut wanted, mut missing) = (Vec::new(), Vec::new());
    if let Some(backdrops) = &style.backdrops {
        wanted.push((Whose::Everyone, scenes(view, id, backdrops, &mut missing)?));
    }
    if let Some(named) = &style.teams {
        let mut rest: Vec<TeamId> = teams::list(view, id)?.into_iter().map(|team| team.id).collect();
        for (name, backdrops) in named {
            let scenes = scenes(view, id, backdrops, &mut missing)?;
            match teams::named(view, id, name) {
                Ok(team) if rest.contains(&team.id) => {
                    rest.retain(|other| *other != team.id);
                    wanted.push((Whose::Team(team.id), scenes));
                }
                Ok(team) => {
                    return Err(Error::invalid(say!("The file names the team \"{team}\" twice.", team = team.name)));
                }
                Err(Error::NotFound(_)) => missing.push(say!("the team \"{name}\"", name)),
                Err(other) => return Err(other),
            }
        }
        wanted.extend(rest.into_iter().map(|team| (Whose::Team(team), Vec::new())));
    }
    missing.dedup();
    if missing.is_empty() {
        return Ok(wanted);
    }
    Err(Error::invalid(say!(
        "The file names what is not here: {missing}. Add it first, or take it out of the file. Nothing was changed."
            | "The file names what are not here: {missing}. Add them first, or take them out of the file. Nothing was changed.",
        n = missing.len(),
        missing = listed(missing.into_iter())
    )))
}

fn scenes(view: &View, id: &OrganizationId, named: &[Named], missing: &mut Vec<Message>) -> Result<Vec<Scene>> {
    let mut scenes = Vec::new();
    for one in named {
        match one {
            Named::BuiltIn(backdrop) => scenes.push(Scene::Drawn(*backdrop)),
            Named::Own(name) => match styles::named(view, id, name) {
                Ok(own) => scenes.push(Scene::Own(own.id)),
                Err(Error::NotFound(_)) => missing.push(say!("the backdrop \"{name}\"", name)),
                Err(other) => return Err(other),
            },
        }
    }
    Ok(scenes)
}

/// As it will be set: in the order of what there is, and all there is for everyone is no list.
fn in_order(view: &View, id: &OrganizationId, whose: &Whose, wanted: Vec<Scene>) -> Result<Vec<Scene>> {
    let available = styles::available(view, id)?;
    if *whose == Whose::Everyone && available.iter().all(|scene| wanted.contains(scene)) {
        return Ok(Vec::new());
    }
    Ok(available.into_iter().filter(|scene| wanted.contains(scene)).collect())
}
