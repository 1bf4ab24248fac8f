//! What every mail carries: who speaks, in which language, and how it looks.

use super::{ACCENT, Letter, Own, Words, own, words};
use crate::{
    branding,
    db::View,
    error::Result,
    i18n::Language,
    ids::OrganizationId,
    members::{self, Email},
    organizations::{self, Zone},
};

/// What every mail carries.
#[derive(Clone, Debug)]
pub struct Shared {
    /// On whose behalf it is sent.
    pub organization: String,
    /// Where its logo is, in full.
    pub logo: Option<String>,
    /// `#rrggbb`, dark enough for white words.
    pub accent: String,
    /// Whether the product's own name may show.
    pub product: bool,
    /// Which server it comes from.
    pub host: String,
    /// Where leads choose what they hear of, in full.
    pub choices: String,
    /// What the organization has written in place of our words.
    pub own: Own,
    /// In which language it is written.
    pub language: Language,
    /// By which clock moments are told.
    pub zone: Zone,
}

impl Shared {
    /// What the mails of an organization carry, from the server at `base`: in its language, until [`Shared::to`] knows better.
    pub fn of(view: &View, organization: &OrganizationId, base: &str) -> Result<Self> {
        let organization = organizations::get(view, organization)?;
        let nobodys = Self { language: organization.language, ..Self::nobodys(base) };
        // Someone on their own has no organization that could speak to them.
        if organization.is_alone() {
            return Ok(nobodys);
        }
        let logo = organization.logo.as_ref().map(|version| branding::address(&organization.id, version));
        Ok(Self {
            own: own(view, &organization.id)?,
            organization: organization.name,
            accent: organization.accent.map_or_else(|| ACCENT.to_owned(), |accent| branding::under_white(&accent)),
            logo: logo.map(|path| format!("{base}{path}")),
            zone: organizations::zone(view, &organization.id)?,
            ..nobodys
        })
    }

    /// The same where no organization speaks.
    pub fn nobodys(base: &str) -> Self {
        Self {
            organization: "Headroom".to_owned(),
            accent: ACCENT.to_owned(),
            logo: None,
            product: true,
            // Without its scheme, as people read it.
            host: base.split_once("://").map_or("", |(_, host)| host).to_owned(),
            choices: format!("{base}/app/admin/settings/notifications"),
            own: Own::default(),
            language: Language::default(),
            zone: Zone::UTC,
        }
    }

    /// The same in the language of whoever has this address, if it is known.
    pub fn to(self, view: &View, email: &Email) -> Result<Self> {
        let language = members::language_of(view, email)?.unwrap_or(self.language);
        Ok(Self { language, ..self })
    }

    /// The words of a mail: the organization's own as they are, where it has some, or else ours.
    pub fn words(&self, letter: Letter) -> Words {
        self.own.text(letter).cloned().unwrap_or_else(|| words::ours_in(letter, self.language))
    }
}
