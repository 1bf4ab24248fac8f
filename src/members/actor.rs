//! Who acts, and with which rights; what they do is written down here.

use super::{Member, Role};
use crate::{
    audit::{self, Action, Change, Deed, Via},
    db::Tx,
    error::{Error, Result},
    ids::{MemberId, OrganizationId},
};

/// Who acts on an organization: a member, an API key, or the operator at the command line.
#[derive(Clone, Debug)]
pub struct Actor {
    /// On which organization; on no other.
    pub organization: OrganizationId,
    /// As which member, if any.
    pub member: Option<MemberId>,
    /// With the rights of this role.
    pub role: Role,
    /// By which door.
    pub via: Via,
    /// What they are called.
    pub who: String,
}

impl Actor {
    /// The operator of the server, who may do anything an owner may.
    pub fn operator(organization: OrganizationId) -> Self {
        Self { organization, member: None, role: Role::Owner, via: Via::Operator, who: "The operator".to_owned() }
    }

    /// The server by itself, on a schedule.
    pub fn server(organization: OrganizationId) -> Self {
        Self { organization, member: None, role: Role::Admin, via: Via::Server, who: "Headroom".to_owned() }
    }

    /// Writes down what they did, to whom if it was a member, and what else there is to know.
    pub fn note(&self, tx: &Tx, action: Action, to: Option<&Member>, detail: Option<&str>) -> Result<()> {
        let deed = self.deed(action);
        let (subject_id, subject) = (to.map(|member| &member.id), to.map(Member::called));
        audit::write(tx, &Deed { subject_id, subject, detail, ..deed })
    }

    /// The same of a thing that has a name of its own.
    pub fn note_about(&self, tx: &Tx, action: Action, name: &str, detail: Option<&str>) -> Result<()> {
        audit::write(tx, &Deed { subject: Some(name), detail, ..self.deed(action) })
    }

    /// Writes down what they changed, about whom if it was a member: what it was, and what it is now.
    pub fn note_change(&self, tx: &Tx, action: Action, of: Option<&Member>, change: Change) -> Result<()> {
        let (subject_id, subject) = (of.map(|member| &member.id), of.map(Member::called));
        audit::write(tx, &Deed { subject_id, subject, change, ..self.deed(action) })
    }

    /// The same of a thing that has a name of its own.
    pub fn note_change_of(&self, tx: &Tx, action: Action, name: &str, change: Change) -> Result<()> {
        audit::write(tx, &Deed { subject: Some(name), change, ..self.deed(action) })
    }

    fn deed(&self, action: Action) -> Deed<'_> {
        Deed {
            organization: &self.organization,
            via: self.via,
            member: self.member.as_ref(),
            who: &self.who,
            action,
            subject_id: None,
            subject: None,
            detail: None,
            change: Change::default(),
        }
    }

    /// Refuses whoever is below `least`.
    pub fn must_be(&self, least: Role) -> Result<()> {
        let enough = match least {
            Role::Owner => self.role == Role::Owner,
            Role::Admin => self.role != Role::Member,
            Role::Member => true,
        };
        if enough {
            Ok(())
        } else {
            Err(Error::forbidden(say!("Only the organization's leads can do this. Ask one of them.")))
        }
    }
}
