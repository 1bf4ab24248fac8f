//! The settings: one page a part, under one row of tabs.

use actix_web::{HttpResponse, web::ServiceConfig};

use super::Tab;
use crate::{
    pages::to,
    web::{browser::Lead, get, resource},
};

mod audit;
mod reminders;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/settings", "GET").route(get(first)))
        .configure(audit::routes)
        .configure(reminders::routes);
}

/// A part of the settings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Audit,
    Reminders,
}

impl Part {
    const ALL: [Self; 2] = [Self::Audit, Self::Reminders];

    pub(super) fn href(self) -> &'static str {
        match self {
            Self::Audit => "/app/admin/settings/audit",
            Self::Reminders => "/app/admin/settings/reminders",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Audit => "Audit log",
            Self::Reminders => "Reminders",
        }
    }

    /// The row of tabs on this part's page.
    pub(super) fn tabs(self) -> Vec<Tab> {
        let tab = |part: Self| Tab {
            words: part.words().to_owned(),
            href: part.href().to_owned(),
            count: String::new(),
            here: part == self,
        };
        Self::ALL.map(tab).into()
    }
}

/// `GET /app/admin/settings`
async fn first(_: Lead) -> HttpResponse {
    to(Part::ALL[0].href())
}
