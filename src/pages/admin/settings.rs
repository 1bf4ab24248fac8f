//! The settings: one page a part, under one row of tabs.

use actix_web::{HttpResponse, web::ServiceConfig};

use super::Tab;
use crate::{
    pages::to,
    web::{browser::Lead, get, resource},
};

mod access;
pub(super) mod audit;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/settings", "GET").route(get(first))).configure(access::routes).configure(audit::routes);
}

/// A part of the settings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Access,
    Audit,
}

impl Part {
    const ALL: [Self; 2] = [Self::Access, Self::Audit];

    pub(super) fn href(self) -> &'static str {
        match self {
            Self::Access => "/app/admin/settings/access",
            Self::Audit => "/app/admin/settings/audit",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Access => "People with access",
            Self::Audit => "Audit log",
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
