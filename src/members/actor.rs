//! Who acts, and with which rights; what they do is written down here.

use super::{Member, Role};
use crate::{
    audit::{self, Action, Deed, Via},
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
        self.write(tx, action, to.map(|member| &member.id), to.map(Member::called), detail)
    }

    /// The same of a thing that has a name of its own.
    pub fn note_about(&self, tx: &Tx, action: Action, name: &str, detail: Option<&str>) -> Result<()> {
        self.write(tx, action, None, Some(name), detail)
    }

    fn write(
        &self,
        tx: &Tx,
        action: Action,
        subject_id: Option<&MemberId>,
        subject: Option<&str>,
        detail: Option<&str>,
    ) -> Result<()> {
        let (organization, member) = (&self.organization, self.member.as_ref());
        audit::write(
            tx,
            &Deed { organization, via: self.via, member, who: &self.who, action, subject_id, subject, detail },
        )
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
            Err(Error::forbidden("Only the organization's leads can do this. Ask one of them."))
        }
    }
}
