//! What was agreed to before someone's photos were handed in, and by whom.

use crate::{
    db::View,
    error::Result,
    members::Member,
    pages::view::When,
    shoots::{self, Giver, Shoot},
};

pub(super) struct ConsentView {
    /// Where the words are.
    pub(super) href: String,
    pub(super) version: String,
    pub(super) by: &'static str,
    pub(super) when: When,
}

/// Newest first; only of what was handed in here.
pub(super) fn of(view: &View, member: &Member, all: &[Shoot]) -> Result<Vec<ConsentView>> {
    let here = shoots::consents_of(view, &member.account)?;
    let here = here.into_iter().filter(|consent| all.iter().any(|shoot| shoot.id == consent.shoot));
    let one = |consent: shoots::Consent| {
        let name = consent.number.map_or_else(|| consent.version.clone(), |number| number.to_string());
        ConsentView {
            href: format!("/app/admin/settings/privacy/consent/{name}"),
            version: match consent.number {
                Some(number) => format!("version {number}"),
                None => format!("our words, {name}"),
            },
            by: match consent.given_by {
                Giver::Person => "By themselves",
                Giver::Lead => "By a lead, for them",
                Giver::Gone => "By someone who has left since",
            },
            when: When::day(consent.created_at),
        }
    };
    Ok(here.map(one).collect())
}
