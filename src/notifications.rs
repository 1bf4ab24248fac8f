//! What leads hear of by mail: each chooses for themselves, at once, once a day or never. Whatever happens is written down in the
//! transaction of its cause, and so is the job that tells of it.

use std::time::Duration;

use rusqlite::{Row, named_params};

use crate::{
    audit::{Action, Change},
    clock::Timestamp,
    db::{Tx, View, stored_as_text},
    error::{Error, Result},
    ids::{EndpointId, HappeningId, MailId, MemberId, OrganizationId, ShootId},
    members::{self, Actor, Member, Role},
    queue::{self, Job},
};

mod digest;

pub use digest::{begin_due, due, latest};

/// With so many credits left leads are told, unless they chose another number.
pub const USUAL_THRESHOLD: i64 = 5;

/// The most that can be chosen.
const MOST_CREDITS: i64 = 1_000_000;

/// What happened is kept so long; a daily mail never reaches further back.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Who tries one headshot after another tells of the last one only.
const SETTLES: Duration = Duration::from_secs(10 * 60);

stored_as_text! {
    /// What leads can hear of.
    pub enum Topic {
        /// Few credits are left.
        Credits = "credits",
        /// A shoot failed for good.
        Failed = "failed",
        /// A webhook endpoint was switched off.
        Endpoint = "endpoint",
        /// A mail could not be delivered.
        Bounced = "bounced",
        /// Somebody's headshots are ready.
        Ready = "ready",
        /// Somebody has chosen a favourite.
        Favorite = "favorite",
    }
}

stored_as_text! {
    /// When a lead hears of it.
    pub enum Pace {
        /// As it happens.
        AtOnce = "at-once",
        /// Once a day, with everything else.
        Daily = "daily",
        /// Not by mail.
        Never = "never",
    }
}

impl Topic {
    /// When somebody hears of it who has chosen nothing: at once of what needs them, daily of the rest.
    pub const fn usual(self) -> Pace {
        match self {
            Self::Credits | Self::Failed | Self::Endpoint => Pace::AtOnce,
            Self::Bounced | Self::Ready | Self::Favorite => Pace::Daily,
        }
    }
}

/// What has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// The balance fell to this.
    Credits(i64),
    /// This shoot failed for good.
    Failed(ShootId),
    /// This endpoint was switched off, by nobody here.
    Endpoint(EndpointId),
    /// This mail could not be delivered.
    Bounced(MailId),
    /// The headshots of this shoot are ready.
    Ready(ShootId),
    /// A favourite of this shoot was chosen.
    Favorite(ShootId),
}

impl About {
    /// Which topic it belongs to.
    pub const fn topic(&self) -> Topic {
        match self {
            Self::Credits(_) => Topic::Credits,
            Self::Failed(_) => Topic::Failed,
            Self::Endpoint(_) => Topic::Endpoint,
            Self::Bounced(_) => Topic::Bounced,
            Self::Ready(_) => Topic::Ready,
            Self::Favorite(_) => Topic::Favorite,
        }
    }

    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        let topic: Topic = row.get("topic")?;
        Ok(match topic {
            Topic::Credits => Self::Credits(row.get("balance")?),
            Topic::Failed => Self::Failed(row.get("shoot_id")?),
            Topic::Endpoint => Self::Endpoint(row.get("endpoint_id")?),
            Topic::Bounced => Self::Bounced(row.get("mail_id")?),
            Topic::Ready => Self::Ready(row.get("shoot_id")?),
            Topic::Favorite => Self::Favorite(row.get("shoot_id")?),
        })
    }
}

/// Writes down that something has happened, and has those told at once who want it so.
pub fn tell(tx: &Tx, organization: &OrganizationId, about: &About) -> Result<()> {
    let (id, topic) = (HappeningId::new(), about.topic());
    let shoot = match about {
        About::Failed(shoot) | About::Ready(shoot) | About::Favorite(shoot) => Some(shoot),
        _ => None,
    };
    let endpoint = if let About::Endpoint(endpoint) = about { Some(endpoint) } else { None };
    let mail = if let About::Bounced(mail) = about { Some(mail) } else { None };
    let balance = if let About::Credits(balance) = about { Some(balance) } else { None };
    tx.execute(
        "insert into happenings (id, organization_id, topic, shoot_id, endpoint_id, mail_id, balance, created_at)
         values (:id, :organization, :topic, :shoot, :endpoint, :mail, :balance, :now)",
        named_params! {
            ":id": id, ":organization": organization, ":topic": topic, ":shoot": shoot, ":endpoint": endpoint,
            ":mail": mail, ":balance": balance, ":now": tx.now,
        },
    )?;
    if listeners(tx, organization, topic, Pace::AtOnce)?.is_empty() {
        return Ok(());
    }
    match about {
        About::Failed(shoot) => queue::push(tx, Job::FailedMail(shoot.clone())).map(drop),
        About::Endpoint(endpoint) => queue::push(tx, Job::EndpointMail(endpoint.clone())).map(drop),
        About::Favorite(shoot) => {
            queue::push_unique(tx, Job::HappeningMail(id), &format!("favorite@{shoot}"), tx.now + SETTLES).map(drop)
        }
        About::Credits(_) | About::Bounced(_) | About::Ready(_) => queue::push(tx, Job::HappeningMail(id)).map(drop),
    }
}

/// What has happened, and where; nothing if it was forgotten since.
pub fn happening(view: &View, id: &HappeningId) -> Result<Option<(OrganizationId, About)>> {
    view.find("select * from happenings where id = :id", named_params! { ":id": id }, |row| {
        Ok((row.get("organization_id")?, About::from_row(row)?))
    })
}

/// The leads of an organization that want to hear of a topic so, owner first.
pub fn listeners(view: &View, organization: &OrganizationId, topic: Topic, pace: Pace) -> Result<Vec<Member>> {
    let mut listeners = Vec::new();
    for lead in members::leads(view, organization)? {
        if self::pace(view, &lead.id, topic)? == pace {
            listeners.push(lead);
        }
    }
    Ok(listeners)
}

/// When a lead hears of a topic.
pub fn pace(view: &View, lead: &MemberId, topic: Topic) -> Result<Pace> {
    let chosen = view.find(
        "select pace from notification_choices where member_id = :lead and topic = :topic",
        named_params! { ":lead": lead, ":topic": topic },
        |row| row.get(0),
    )?;
    Ok(chosen.unwrap_or(topic.usual()))
}

/// When a lead hears of each topic.
pub fn choices(view: &View, lead: &MemberId) -> Result<Vec<(Topic, Pace)>> {
    Topic::ALL.iter().map(|topic| Ok((*topic, pace(view, lead, *topic)?))).collect()
}

/// Has a lead hear of these topics so. Whether that is a change.
pub fn choose(tx: &Tx, by: &Actor, lead: &Member, wanted: &[(Topic, Pace)]) -> Result<bool> {
    by.must_be(Role::Admin)?;
    if lead.organization != by.organization || !lead.leads() {
        return Err(Error::invalid(say!("Only who leads the organization hears of what happens there.")));
    }
    let before = choices(tx, &lead.id)?;
    for (topic, pace) in wanted {
        tx.execute(
            "insert into notification_choices (member_id, topic, pace) values (:lead, :topic, :pace)
             on conflict (member_id, topic) do update set pace = excluded.pace",
            named_params! { ":lead": lead.id, ":topic": topic, ":pace": pace },
        )?;
    }
    let after = choices(tx, &lead.id)?;
    if before == after {
        return Ok(false);
    }
    let changed = |of: &[(Topic, Pace)]| {
        let differs = |one: &&(Topic, Pace)| !before.contains(one) || !after.contains(one);
        of.iter().filter(differs).map(|(topic, pace)| format!("{topic} {pace}")).collect::<Vec<_>>().join(", ")
    };
    let name = format!("Notifications of {}", lead.called());
    by.note_change_of(tx, Action::SettingsChanged, &name, Change::new(&changed(&before), &changed(&after)))?;
    Ok(true)
}

/// With how many credits left the leads are told; 0: never.
pub fn threshold(view: &View, organization: &OrganizationId) -> Result<i64> {
    let chosen = view.find(
        "select threshold from credit_alerts where organization_id = :organization",
        named_params! { ":organization": organization },
        |row| row.get(0),
    )?;
    Ok(chosen.unwrap_or(USUAL_THRESHOLD))
}

/// Reads a threshold as someone typed it; nothing or `off` is never.
///
/// # Errors
/// It is no number, or out of bounds.
pub fn read_threshold(text: &str) -> Result<i64> {
    let text = text.trim();
    if matches!(text.to_lowercase().as_str(), "" | "off" | "never" | "none") {
        return Ok(0);
    }
    text.parse().ok().filter(|number| (0..=MOST_CREDITS).contains(number)).ok_or_else(|| {
        Error::invalid(say!("This is no number of credits. Enter a whole number such as 5, or 0 for never."))
    })
}

/// Has leads told with so many credits left. Whether that is a change.
pub fn set_threshold(tx: &Tx, by: &Actor, new: i64) -> Result<bool> {
    by.must_be(Role::Admin)?;
    let before = threshold(tx, &by.organization)?;
    if before == new {
        return Ok(false);
    }
    tx.execute(
        "insert into credit_alerts (organization_id, threshold) values (:organization, :new)
         on conflict (organization_id) do update set threshold = excluded.threshold",
        named_params! { ":organization": by.organization, ":new": new },
    )?;
    let change = (before.to_string(), new.to_string());
    by.note_change_of(tx, Action::SettingsChanged, "Low credits", Change::new(&change.0, &change.1))?;
    Ok(true)
}

/// Tells of a balance that fell from above what leads want to hear of to it or below. It is told again once it was above.
pub fn balance_fell(tx: &Tx, organization: &OrganizationId, before: i64, after: i64) -> Result<()> {
    let threshold = threshold(tx, organization)?;
    if crosses(threshold, before, after) { tell(tx, organization, &About::Credits(after)) } else { Ok(()) }
}

const fn crosses(threshold: i64, before: i64, after: i64) -> bool {
    threshold > 0 && before > threshold && after <= threshold
}

/// Forgets what happened long ago, a batch at a time; how much.
pub fn expire(tx: &Tx) -> Result<usize> {
    tx.execute(
        "delete from happenings where id in (select id from happenings where created_at < :old limit 500)",
        named_params! { ":old": tx.now - KEPT },
    )
}

fn happened_at(row: &Row) -> rusqlite::Result<(About, Timestamp)> {
    Ok((About::from_row(row)?, row.get("created_at")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn low_credits_are_told_once_a_crossing() {
        let falls = |balances: &[i64]| {
            balances.windows(2).filter(|pair| crosses(5, pair[0], pair[1])).map(|pair| pair[1]).collect::<Vec<_>>()
        };
        assert_eq!(falls(&[7, 6, 5, 4, 3, 2, 1, 0]), [5]);
        assert_eq!(falls(&[7, 5, 25, 6, 4]), [5, 4]);
        assert_eq!(falls(&[0, 3, 2, 1]), Vec::<i64>::new());
        assert!(!crosses(0, 1, 0));
    }

    #[test]
    fn a_threshold_is_a_number_or_never() {
        assert_eq!(
            (read_threshold(" 12 ").unwrap(), read_threshold("off").unwrap(), read_threshold("").unwrap()),
            (12, 0, 0)
        );
        for wrong in ["-1", "many", "1.5", "1000001"] {
            assert!(read_threshold(wrong).is_err(), "{wrong}");
        }
    }
}
