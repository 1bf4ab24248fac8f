//! Headshots inside another product: an anonymous member with a model, whom signed URLs let in. [004]

use crate::{
    audit::{Action, Change},
    auth, credits,
    db::{Topic, Tx, View},
    error::{Error, Result},
    ids::{OrganizationId, ShootId, TeamId},
    members::{self, Actor, Email, Kind, Member, Role},
    offboarding,
    organizations::{self, Embedding},
    secrets::{ServerKey, Token},
    shoots::{self, Shoot, State},
    teams,
    webhooks::{self, Made, Target},
};

/// For whom a model is to be made.
#[derive(Clone, Debug)]
pub struct NewModel {
    /// What the other product knows them by.
    pub email: Email,
    /// In which team.
    pub team: Option<TeamId>,
    /// Made of test data, in minutes and for no credit.
    pub development: bool,
}

/// A model, and a signed URL that lets its person in. This is the only moment the URL's token is known.
#[derive(Debug)]
pub struct Opened {
    /// The model.
    pub shoot: Shoot,
    /// Goes into the signed URL.
    pub token: Token,
}

/// Makes an anonymous member with a model. Costs nothing yet: the credit goes when photos are submitted. [004]
///
/// # Errors
/// In this order: whitelabel is off, no webhook URL, a foreign team, an address a member has, no credit (unless it is made
/// of test data).
pub fn create(tx: &Tx, by: &Actor, new: &NewModel) -> Result<Opened> {
    by.must_be(Role::Admin)?;
    must_be_on(tx, &by.organization)?;
    if webhooks::first(tx, &by.organization)?.is_none() {
        return Err(Error::invalid(say!(
            "No webhook URL is configured for your organization. Set one, so that you hear when headshots are ready."
        )));
    }
    if let Some(team) = &new.team {
        teams::must_exist(tx, &by.organization, team)?;
    }
    let member = members::add_anonymous(tx, &by.organization, &new.email, new.team.as_ref())?;
    if !new.development {
        credits::must_have_one(tx, &by.organization)?;
    }
    let shoot = shoots::begin(tx, &by.organization, &member.id, new.development)?;
    by.note(tx, Action::ModelMade, Some(&member), new.development.then_some("of test data"))?;
    tx.ring(Topic::Organization(by.organization.clone()));
    Ok(Opened { token: auth::mint_signed_url(tx, &member.id)?, shoot })
}

/// A model as it stands, with a new signed URL. Costs nothing. [004]
///
/// # Errors
/// Whitelabel is off; or [`Error::NotFound`] for a deleted model and for one that isn't an anonymous member's.
pub fn open(tx: &Tx, by: &Actor, id: &ShootId) -> Result<Opened> {
    must_be_on(tx, &by.organization)?;
    let shoot = shoots::of_organization(tx, &by.organization, id)?;
    let member = anonymous(tx, &shoot)?.filter(|_| shoot.state != State::Deleted).ok_or(Error::NotFound("Model"))?;
    Ok(Opened { token: auth::mint_signed_url(tx, &member.id)?, shoot })
}

/// Deletes an anonymous member's model, and the member with it; a tombstone of the model stays. [004]
///
/// # Errors
/// Whitelabel is off; [`Error::NotFound`] for a model that never was an anonymous member's; [`Error::AlreadyDeleted`].
pub fn delete(tx: &Tx, by: &Actor, id: &ShootId) -> Result<Shoot> {
    must_be_on(tx, &by.organization)?;
    let shoot = shoots::of_organization(tx, &by.organization, id)?;
    let theirs = shoot.state == State::Deleted || anonymous(tx, &shoot)?.is_some();
    if theirs { offboarding::delete_shoot(tx, by, shoot) } else { Err(Error::NotFound("Model")) }
}

/// What a lead decides about embedding.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether, and where.
    pub embedding: Embedding,
    /// Where events are posted to, if anywhere.
    pub webhook: Option<Target>,
}

/// Changes it. With a webhook URL that wasn't the organization's before comes its secret, which can be read only now.
pub fn save(tx: &Tx, by: &Actor, key: &ServerKey, new: &Settings) -> Result<Option<Made>> {
    by.must_be(Role::Admin)?;
    note_changes(tx, by, &new.embedding)?;
    organizations::set_embedding(tx, &by.organization, &new.embedding)?;
    let before = webhooks::first(tx, &by.organization)?;
    match &new.webhook {
        None => webhooks::remove_url(tx, by).map(|()| None),
        Some(same) if before.is_some_and(|before| before.url == same.as_str()) => Ok(None),
        Some(target) => webhooks::set_url(tx, by, key, target).map(Some),
    }
}

/// Writes down what becomes different about embedding.
fn note_changes(tx: &Tx, by: &Actor, new: &Embedding) -> Result<()> {
    let old = organizations::get(tx, &by.organization)?;
    if old.whitelabel != new.whitelabel {
        by.note_change_of(tx, Action::SettingsChanged, "Embedding", Change::switched(new.whitelabel))?;
    }
    let sites = [
        ("Sites that may embed", &old.embed_origins, &new.embed_origins),
        ("Sites that may call the API", &old.cors_origins, &new.cors_origins),
    ];
    for (what, before, after) in sites {
        let said = |sites: &organizations::Origins| match sites.iter().collect::<Vec<_>>() {
            none if none.is_empty() => "none".to_owned(),
            some => some.join(", "),
        };
        let (before, after) = (said(before), said(after));
        if before != after {
            by.note_change_of(tx, Action::SettingsChanged, what, Change::new(&before, &after))?;
        }
    }
    Ok(())
}

fn anonymous(view: &View, shoot: &Shoot) -> Result<Option<Member>> {
    Ok(members::of_shoot(view, &shoot.id)?.filter(|member| member.kind == Kind::Anonymous))
}

fn must_be_on(view: &View, organization: &OrganizationId) -> Result<()> {
    if organizations::get(view, organization)?.whitelabel {
        Ok(())
    } else {
        Err(Error::forbidden(say!("Whitelabel is switched off for your organization. Switch it on under API.")))
    }
}
