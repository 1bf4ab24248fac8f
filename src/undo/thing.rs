//! What can be undone, and the function that takes each away.

use std::str::FromStr;

use crate::{
    audit::Action,
    branding,
    db::{Tx, stored_as_text},
    error::{Error, Result},
    fields,
    i18n::Message,
    ids::{
        BackdropId, EndpointId, FieldId, InviteId, LinkId, MemberId, OrganizationId, ShareId, ShootId, TeamId,
        TemplateId,
    },
    invites, links,
    members::{self, Member},
    offboarding::{self, Bar, Removal},
    profile_pictures::{self, Then},
    shares, shoots, teams, webhooks,
};

stored_as_text! {
    /// What kind of thing goes.
    pub enum Kind {
        /// An invite that nobody has accepted.
        Invite = "invite",
        /// An invite that led to a member or to pictures, with all of that.
        Accepted = "accepted",
        /// An open link.
        Link = "link",
        /// Members.
        Member = "member",
        /// A team.
        Team = "team",
        /// An own backdrop.
        Backdrop = "backdrop",
        /// The logo.
        Logo = "logo",
        /// A question.
        Question = "question",
        /// A template of profile pictures.
        Template = "template",
        /// A template of profile pictures, but not the look of those that are public.
        TemplateAlone = "template_alone",
        /// A webhook endpoint.
        Endpoint = "endpoint",
        /// A link that shows headshots.
        Share = "share",
        /// The uploaded photos of a shoot.
        Photos = "photos",
        /// A shoot with all its pictures.
        Shoot = "shoot",
    }
}

/// What is to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thing {
    /// An invite that nobody has accepted. One that somebody accepts meanwhile stays.
    Invite(InviteId),
    /// An invite with the member and the pictures it led to.
    Accepted(InviteId),
    /// An open link.
    Link(LinkId),
    /// Members, each once; at least one.
    Members(Vec<MemberId>),
    /// A team.
    Team(TeamId),
    /// An own backdrop.
    Backdrop(BackdropId),
    /// The logo of an organization, in this version.
    Logo(OrganizationId, String),
    /// A question with its answers.
    Question(FieldId),
    /// A template of profile pictures, and what becomes of the public ones in its look.
    Template(TemplateId, Then),
    /// A webhook endpoint with its log.
    Endpoint(EndpointId),
    /// A link that shows headshots.
    Share(ShareId),
    /// The uploaded photos of a shoot of their own.
    Photos(ShootId),
    /// A shoot of their own.
    Shoot(ShootId),
}

/// Files that nothing in the database names any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leftover {
    /// Of an own backdrop.
    Backdrop(BackdropId),
    /// Of the organization's logo.
    Logo(OrganizationId),
}

/// What became of it.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) leftover: Option<Leftover>,
    /// Who of several stays, and why, in words.
    pub(super) staying: Option<Message>,
}

impl Thing {
    /// What kind of thing it is.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Invite(_) => Kind::Invite,
            Self::Accepted(_) => Kind::Accepted,
            Self::Link(_) => Kind::Link,
            Self::Members(_) => Kind::Member,
            Self::Team(_) => Kind::Team,
            Self::Backdrop(_) => Kind::Backdrop,
            Self::Logo(..) => Kind::Logo,
            Self::Question(_) => Kind::Question,
            Self::Template(_, Then::All) => Kind::Template,
            Self::Template(_, Then::NewOnly) => Kind::TemplateAlone,
            Self::Endpoint(_) => Kind::Endpoint,
            Self::Share(_) => Kind::Share,
            Self::Photos(_) => Kind::Photos,
            Self::Shoot(_) => Kind::Shoot,
        }
    }

    /// What it is found by in [`Going`](super::Going): its id, and one for each of several.
    pub fn subjects(&self) -> Vec<String> {
        match self {
            Self::Invite(id) | Self::Accepted(id) => vec![id.to_string()],
            Self::Link(id) => vec![id.to_string()],
            Self::Members(ids) => ids.iter().map(ToString::to_string).collect(),
            Self::Team(id) => vec![id.to_string()],
            Self::Backdrop(id) => vec![id.to_string()],
            // Two organizations may have the same picture.
            Self::Logo(organization, version) => vec![format!("{organization} {version}")],
            Self::Question(id) => vec![id.to_string()],
            Self::Template(id, _) => vec![id.to_string()],
            Self::Endpoint(id) => vec![id.to_string()],
            Self::Share(id) => vec![id.to_string()],
            Self::Photos(id) | Self::Shoot(id) => vec![id.to_string()],
        }
    }

    /// The opposite of [`Thing::kind`] and [`Thing::subjects`].
    pub(super) fn read(kind: Kind, subjects: &[String]) -> Result<Self> {
        let only = subjects.first().ok_or_else(|| Error::internal("something is to go, and nobody knows what"))?;
        Ok(match kind {
            Kind::Invite => Self::Invite(id(only)?),
            Kind::Accepted => Self::Accepted(id(only)?),
            Kind::Link => Self::Link(id(only)?),
            Kind::Member => Self::Members(subjects.iter().map(|each| id(each)).collect::<Result<_>>()?),
            Kind::Team => Self::Team(id(only)?),
            Kind::Backdrop => Self::Backdrop(id(only)?),
            Kind::Logo => {
                let (organization, version) = only.split_once(' ').unwrap_or_default();
                Self::Logo(id(organization)?, version.to_owned())
            }
            Kind::Question => Self::Question(id(only)?),
            Kind::Template => Self::Template(id(only)?, Then::All),
            Kind::TemplateAlone => Self::Template(id(only)?, Then::NewOnly),
            Kind::Endpoint => Self::Endpoint(id(only)?),
            Kind::Share => Self::Share(id(only)?),
            Kind::Photos => Self::Photos(id(only)?),
            Kind::Shoot => Self::Shoot(id(only)?),
        })
    }

    /// Takes it away, as `by`.
    pub(super) fn take(&self, tx: &Tx, by: &Member) -> Result<Taken> {
        let actor = by.actor();
        let mut taken = Taken::default();
        match self {
            Self::Invite(id) => {
                let invite = invites::of_organization(tx, &by.organization, id)?;
                if invite.member.is_some() || invite.shoot.is_some() {
                    return Err(Error::invalid(say!(
                        "They accepted it meanwhile. If they are to go, remove them from your members."
                    )));
                }
                offboarding::revoke_one(tx, &actor, id)?;
            }
            Self::Accepted(id) => drop(offboarding::revoke_one(tx, &actor, id)?),
            Self::Link(id) => drop(links::revoke(tx, &actor, id)?),
            Self::Members(ids) => match ids.as_slice() {
                [one] => {
                    let member = members::of_organization(tx, &by.organization, one)?;
                    offboarding::remove(tx, &actor, &member, false)?;
                }
                several => taken.staying = remove_several(tx, by, several)?,
            },
            Self::Team(id) => teams::delete(tx, &actor, id)?,
            Self::Backdrop(id) => {
                taken.leftover = Some(Leftover::Backdrop(shoots::remove_backdrop(tx, &actor, id)?.id));
            }
            Self::Logo(organization, version) => {
                branding::remove(tx, &actor, version)?;
                taken.leftover = Some(Leftover::Logo(organization.clone()));
            }
            Self::Question(id) => drop(fields::remove(tx, &actor, id)?),
            Self::Template(id, then) => drop(profile_pictures::remove(tx, &actor, id, *then)?),
            Self::Endpoint(id) => webhooks::remove(tx, &actor, id)?,
            Self::Share(id) => revoke_share(tx, by, id)?,
            Self::Photos(id) => drop(offboarding::delete_own_photos(tx, by, id)?),
            Self::Shoot(id) => drop(offboarding::delete_own_shoot(tx, by, id)?),
        }
        Ok(taken)
    }
}

fn id<T: FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| Error::internal(format!("{text} was stored as an id and is none")))
}

/// Who has left by themselves meanwhile counts as removed.
fn remove_several(tx: &Tx, by: &Member, ids: &[MemberId]) -> Result<Option<Message>> {
    let mut there = Vec::new();
    for id in ids {
        match members::of_organization(tx, &by.organization, id) {
            Ok(member) => there.push(member.id),
            Err(Error::NotFound(_)) => {}
            Err(other) => return Err(other),
        }
    }
    let (_, staying) = offboarding::remove_all(tx, &by.actor(), &there)?;
    Ok(staying.iter().map(why_they_stay).reduce(Message::then))
}

fn why_they_stay(removal: &Removal) -> Message {
    let name = removal.member.called();
    match removal.bar {
        Some(Bar::TooManyShoots) => say!(
            "{name} stays: they have {shoots} shoots, and only the operator can remove them.",
            name,
            shoots = removal.shoots
        ),
        Some(Bar::Leads) | None => say!("{name} stays: they lead your organization by now.", name),
    }
}

/// Of their own headshots, or of those of someone they look after.
fn revoke_share(tx: &Tx, by: &Member, id: &ShareId) -> Result<()> {
    let share = shares::get(tx, id)?;
    let whose = members::of_shoot(tx, &share.shoot)?.ok_or(Error::NotFound("Link"))?;
    let whose = if whose.id == by.id { whose } else { shoots::looked_after(tx, by, &whose.id)? };
    shoots::own_results(tx, &share.shoot, &whose).map_err(|_| Error::NotFound("Link"))?;
    shares::revoke(tx, &share.id)?;
    shoots::note_behalf(tx, by, &whose, Action::SharedFor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_read_as_the_same() {
        let (one, two) = (MemberId::new(), MemberId::new());
        let all = [
            Thing::Invite(InviteId::new()),
            Thing::Accepted(InviteId::new()),
            Thing::Link(LinkId::new()),
            Thing::Members(vec![one, two]),
            Thing::Team(TeamId::new()),
            Thing::Backdrop(BackdropId::new()),
            Thing::Logo(OrganizationId::new(), "0123456789abcdef".to_owned()),
            Thing::Question(FieldId::new()),
            Thing::Template(TemplateId::new(), Then::All),
            Thing::Template(TemplateId::new(), Then::NewOnly),
            Thing::Endpoint(EndpointId::new()),
            Thing::Share(ShareId::new()),
            Thing::Photos(ShootId::new()),
            Thing::Shoot(ShootId::new()),
        ];
        assert_eq!(all.len(), Kind::ALL.len());
        for (thing, kind) in all.iter().zip(Kind::ALL) {
            assert_eq!(thing.kind(), *kind);
            assert_eq!(Thing::read(*kind, &thing.subjects()).unwrap(), *thing);
        }
        assert!(Thing::read(Kind::Team, &[]).is_err());
        assert!(Thing::read(Kind::Team, &["no id".to_owned()]).is_err());
    }
}
