//! What every mail carries: who speaks, and how it looks.

use super::{ACCENT, Own, own};
use crate::{branding, db::View, error::Result, ids::OrganizationId, organizations};

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
}

impl Shared {
    /// What the mails of an organization carry, from the server at `base`.
    pub fn of(view: &View, organization: &OrganizationId, base: &str) -> Result<Self> {
        let organization = organizations::get(view, organization)?;
        // Someone on their own has no organization that could speak to them.
        if organization.is_alone() {
            return Ok(Self::nobodys(base));
        }
        let logo = organization.logo.as_ref().map(|version| branding::address(&organization.id, version));
        Ok(Self {
            own: own(view, &organization.id)?,
            organization: organization.name,
            accent: organization.accent.map_or_else(|| ACCENT.to_owned(), |accent| branding::under_white(&accent)),
            logo: logo.map(|path| format!("{base}{path}")),
            ..Self::nobodys(base)
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
        }
    }
}
