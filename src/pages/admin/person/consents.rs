//! What was agreed to before someone's photos were handed in, and by whom.

use crate::{
    db::View,
    error::Result,
    i18n::Message,
    members::Member,
    pages::view::When,
    shoots::{self, Giver, Shoot},
};

pub(super) struct ConsentView {
    /// Where the words are.
    pub(super) href: String,
    pub(super) version: Message,
    pub(super) by: Message,
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
                Some(number) => say!("version {number}", number),
                None => say!("our words, {name}", name),
            },
            by: match consent.given_by {
                Giver::Person => say!("By themselves"),
                Giver::Lead => say!("By a lead, for them"),
                Giver::Gone => say!("By someone who has left since"),
            },
            when: When::day(consent.created_at),
        }
    };
    Ok(here.map(one).collect())
}
