//! The settings: one page a part, under one row of tabs.

use actix_web::{HttpResponse, web::ServiceConfig};

use super::{Nav, Tab};
use crate::{
    i18n::Message,
    pages::to,
    web::{browser::Lead, get, resource},
};

mod access;
mod allowed;
pub(super) mod audit;
mod consent;
mod generator;
mod headshots;
mod jobs;
mod keeping;
mod mail;
mod notifications;
mod organization;
mod own_backdrops;
mod privacy;
mod profile_pictures;
mod questions;
mod reminders;
mod single_sign_on;
mod style_file;
pub(super) mod system;
mod two_factor;

pub(in crate::pages) use single_sign_on::tested;

/// Where leads decide whether photos may leave the machine.
pub(super) const GENERATOR: &str = "/app/admin/settings/generator";

/// Who did what.
pub(super) const AUDIT: &str = "/app/admin/settings/audit";

/// How the organization's jobs stand.
pub(super) const JOBS: &str = "/app/admin/jobs";

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/settings", "GET").route(get(first)))
        .configure(access::routes)
        .configure(organization::routes)
        .configure(headshots::routes)
        .configure(own_backdrops::routes)
        .configure(keeping::routes)
        .configure(allowed::routes)
        .configure(style_file::routes)
        .configure(profile_pictures::routes)
        .configure(questions::routes)
        .configure(single_sign_on::routes)
        .configure(two_factor::routes)
        .configure(reminders::routes)
        .configure(mail::routes)
        .configure(notifications::routes)
        .configure(generator::routes)
        .configure(privacy::routes)
        .configure(consent::routes)
        .configure(audit::routes)
        .configure(jobs::routes)
        .configure(system::routes);
}

/// A part of the settings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Access,
    Organization,
    Headshots,
    ProfilePictures,
    Questions,
    SingleSignOn,
    TwoFactor,
    Audit,
    Jobs,
    Reminders,
    Mail,
    Notifications,
    Generator,
    Privacy,
    System,
}

impl Part {
    pub(super) const ALL: [Self; 15] = [
        Self::Access,
        Self::Organization,
        Self::Headshots,
        Self::Questions,
        Self::ProfilePictures,
        Self::Generator,
        Self::SingleSignOn,
        Self::TwoFactor,
        Self::Mail,
        Self::Reminders,
        Self::Notifications,
        Self::Privacy,
        Self::Audit,
        Self::Jobs,
        Self::System,
    ];

    pub(super) fn href(self) -> &'static str {
        match self {
            Self::Access => "/app/admin/settings/access",
            Self::Organization => "/app/admin/settings/organization",
            Self::ProfilePictures => "/app/admin/settings/profile-pictures",
            Self::Questions => "/app/admin/settings/questions",
            Self::Headshots => "/app/admin/settings/headshots",
            Self::SingleSignOn => "/app/admin/settings/single-sign-on",
            Self::TwoFactor => "/app/admin/settings/two-factor",
            Self::Audit => AUDIT,
            Self::Jobs => JOBS,
            Self::Privacy => "/app/admin/settings/privacy",
            Self::Mail => "/app/admin/settings/mail",
            Self::Notifications => "/app/admin/settings/notifications",
            Self::Reminders => "/app/admin/settings/reminders",
            Self::Generator => GENERATOR,
            Self::System => "/app/admin/settings/system",
        }
    }

    /// What it is called.
    pub(super) const fn called(self) -> Message {
        match self {
            Self::Access => say!("People with access"),
            Self::Organization => say!("Organization"),
            Self::ProfilePictures => say!("Profile pictures"),
            Self::Questions => say!("Questions"),
            Self::Headshots => say!("Headshots"),
            Self::SingleSignOn => say!("Single sign-on"),
            Self::TwoFactor => say!("Two-factor"),
            Self::Audit => say!("Audit log"),
            Self::Jobs => say!("Jobs"),
            Self::Privacy => say!("Privacy"),
            Self::Mail => say!("Mail"),
            Self::Notifications => say!("Notifications"),
            Self::Reminders => say!("Reminders"),
            Self::Generator => say!("Generator"),
            Self::System => say!("System"),
        }
    }

    /// Those that someone finds. `runs_server`: theirs is the organization that runs the server.
    pub(super) fn of(runs_server: bool) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |part| runs_server || *part != Self::System)
    }

    /// The row of tabs on this part's page.
    pub(super) fn tabs(self, nav: &Nav) -> Vec<Tab> {
        let tab = |part: Self| Tab {
            words: part.called().into(),
            href: part.href().to_owned(),
            count: String::new(),
            here: part == self,
        };
        Self::of(nav.runs_server).map(tab).collect()
    }
}

/// `GET /app/admin/settings`
async fn first(_: Lead) -> HttpResponse {
    to(Part::ALL[0].href())
}
