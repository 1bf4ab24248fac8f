//! Teams: divisions of an organization.

use rusqlite::{Row, named_params};
use serde::Serialize;

use crate::{
    audit::{self, Action},
    db::{Tx, View},
    error::{Error, Result},
    ids::{MemberId, OrganizationId, TeamId},
    members::{self, Actor, Change, Email, Kind, Member, PersonName, Role},
    one_line,
};

mod backdrops;

pub use backdrops::{backdrops, set_backdrops};

/// A division of an organization.
#[derive(Clone, Debug, Serialize)]
pub struct Team {
    /// Which.
    pub id: TeamId,
    /// Unique in its organization, whatever the case.
    pub name: String,
}

impl Team {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self { id: row.get("id")?, name: row.get("name")? })
    }
}

/// The name of a team: 1 to 100 characters on one line.
#[derive(Clone, Debug)]
pub struct TeamName(String);

impl TeamName {
    /// Reads it as a person typed it.
    pub fn parse(text: &str) -> Result<Self> {
        let name = text.trim();
        if !one_line::fits(name, 100) {
            return Err(Error::invalid(say!("A team needs a name of 1 to 100 characters.")));
        }
        Ok(Self(name.to_owned()))
    }
}

/// An organization's teams, by name.
pub fn list(view: &View, organization: &OrganizationId) -> Result<Vec<Team>> {
    view.all(
        "select id, name from teams where organization_id = :organization order by name collate nocase",
        named_params! { ":organization": organization },
        Team::from_row,
    )
}

/// An organization's teams by name, each with how many members it has.
pub fn list_with_sizes(view: &View, organization: &OrganizationId) -> Result<Vec<(Team, i64)>> {
    view.all(
        "select t.id, t.name, (select count(*) from members m where m.team_id = t.id) as size
         from teams t where t.organization_id = :organization order by t.name collate nocase",
        named_params! { ":organization": organization },
        |row| Ok((Team::from_row(row)?, row.get("size")?)),
    )
}

/// Makes a team.
pub fn create(tx: &Tx, by: &Actor, name: &TeamName) -> Result<Team> {
    by.must_be(Role::Admin)?;
    name_must_be_free(tx, &by.organization, name, None)?;
    by.note_about(tx, Action::TeamMade, &name.0, None)?;
    tx.one(
        "insert into teams (id, organization_id, name, created_at) values (:id, :organization, :name, :now) returning id, name",
        named_params! { ":id": TeamId::new(), ":organization": by.organization, ":name": name.0, ":now": tx.now },
        Team::from_row,
    )
}

/// Gives a team another name.
pub fn rename(tx: &Tx, by: &Actor, team: &TeamId, name: &TeamName) -> Result<()> {
    by.must_be(Role::Admin)?;
    let before = get(tx, &by.organization, team)?.name;
    name_must_be_free(tx, &by.organization, name, Some(team))?;
    if before != name.0 {
        by.note_change_of(tx, Action::TeamRenamed, &before, audit::Change::new(&before, &name.0))?;
    }
    tx.execute("update teams set name = :name where id = :id", named_params! { ":name": name.0, ":id": team })?;
    Ok(())
}

/// Deletes a team. Its members stay in the organization, with no team. [004]
pub fn delete(tx: &Tx, by: &Actor, team: &TeamId) -> Result<()> {
    by.must_be(Role::Admin)?;
    let gone = get(tx, &by.organization, team)?;
    by.note_about(tx, Action::TeamDeleted, &gone.name, None)?;
    tx.execute("delete from teams where id = :id", named_params! { ":id": team })?;
    Ok(())
}

/// Puts members into a team: all of them or, if one address belongs to nobody here, none.
pub fn add_members(tx: &Tx, by: &Actor, team: &TeamId, emails: &[Email]) -> Result<()> {
    by.must_be(Role::Admin)?;
    must_exist(tx, &by.organization, team)?;
    for before in members::assign(tx, &by.organization, emails, team)? {
        note_moved(tx, by, &before, Some(team))?;
    }
    Ok(())
}

/// Puts members into a team, or out of any, and says how many that moved: who is there already is left alone.
///
/// # Errors
/// A member or a team that isn't the organization's; then nobody is moved.
pub fn move_members(tx: &Tx, by: &Actor, ids: &[MemberId], team: Option<&TeamId>) -> Result<usize> {
    by.must_be(Role::Admin)?;
    if let Some(team) = team {
        must_exist(tx, &by.organization, team)?;
    }
    let mut moved = 0;
    for id in ids {
        let member = members::of_organization(tx, &by.organization, id)?;
        if member.team.as_ref() != team {
            members::change(tx, id, &Change { team: Some(team.cloned()), ..Change::default() })?;
            note_moved(tx, by, &member, team)?;
            moved += 1;
        }
    }
    Ok(moved)
}

/// Changes a member's team or job title.
///
/// # Errors
/// There is no such member, or the team isn't the organization's.
pub fn change_member(tx: &Tx, by: &Actor, email: &Email, change: &Change) -> Result<Member> {
    by.must_be(Role::Admin)?;
    let member = members::named(tx, &by.organization, email)?;
    change_one(tx, by, &member, change)
}

/// [`change_member`] of a member at hand.
pub fn change_one(tx: &Tx, by: &Actor, member: &Member, change: &Change) -> Result<Member> {
    by.must_be(Role::Admin)?;
    if let Some(Some(team)) = &change.team {
        must_exist(tx, &by.organization, team)?;
    }
    let changed = members::change(tx, &member.id, change)?;
    if changed.team != member.team {
        note_moved(tx, by, member, changed.team.as_ref())?;
    }
    if changed.title != member.title {
        let title = audit::Change::between(member.title.as_deref(), changed.title.as_deref());
        by.note_change(tx, Action::MemberChanged, Some(member), title)?;
    }
    Ok(changed)
}

/// Writes down from which team a member was moved into which.
fn note_moved(tx: &Tx, by: &Actor, member: &Member, team: Option<&TeamId>) -> Result<()> {
    let called = |team: Option<&TeamId>| match team {
        Some(team) => get(tx, &by.organization, team).map(|team| team.name),
        None => Ok("no team".to_owned()),
    };
    let (before, after) = (called(member.team.as_ref())?, called(team)?);
    by.note_change(tx, Action::MemberMoved, Some(member), audit::Change::new(&before, &after))
}

/// Gives someone the leads look after another name; who looks after their own account, says their own name.
pub fn rename_member(tx: &Tx, by: &Actor, member: &Member, name: &PersonName) -> Result<()> {
    by.must_be(Role::Admin)?;
    if member.kind != Kind::Managed {
        return Err(Error::invalid(say!(
            "This person says their own name. Only people you look after can be renamed."
        )));
    }
    members::rename(tx, &member.account, name)?;
    let changed = members::get(tx, &member.id)?.name;
    if changed != member.name {
        let name = audit::Change::between(member.name.as_deref(), changed.as_deref());
        by.note_change(tx, Action::MemberChanged, Some(member), name)?;
    }
    Ok(())
}

/// The team with this id, if it is this organization's.
pub fn get(view: &View, organization: &OrganizationId, team: &TeamId) -> Result<Team> {
    view.find(
        "select id, name from teams where id = :id and organization_id = :organization",
        named_params! { ":id": team, ":organization": organization },
        Team::from_row,
    )?
    .ok_or(Error::NotFound("Team"))
}

/// Refuses a team that isn't this organization's.
pub fn must_exist(view: &View, organization: &OrganizationId, team: &TeamId) -> Result<()> {
    let exists: bool = view.one(
        "select exists (select 1 from teams where id = :id and organization_id = :organization)",
        named_params! { ":id": team, ":organization": organization },
        |row| row.get(0),
    )?;
    if exists { Ok(()) } else { Err(Error::NotFound("Team")) }
}

/// The team an operator or a form names, by id or by name.
pub fn named(view: &View, organization: &OrganizationId, text: &str) -> Result<Team> {
    view.find(
        "select id, name from teams where organization_id = :organization and (id = :text or name = :text collate nocase)",
        named_params! { ":organization": organization, ":text": text.trim() },
        Team::from_row,
    )?
    .ok_or(Error::NotFound("Team"))
}

fn name_must_be_free(
    view: &View,
    organization: &OrganizationId,
    name: &TeamName,
    except: Option<&TeamId>,
) -> Result<()> {
    let taken: bool = view.one(
        "select exists (select 1 from teams where organization_id = :organization and name = :name collate nocase and id is not :except)",
        named_params! { ":organization": organization, ":name": name.0, ":except": except },
        |row| row.get(0),
    )?;
    if taken { Err(Error::invalid(say!("There is already a team called \"{name}\".", name = name.0))) } else { Ok(()) }
}
