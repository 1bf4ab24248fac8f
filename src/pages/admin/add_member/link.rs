//! The tab "Open invite": a link to share with a group, and those that were made before. [001]

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, ServiceConfig},
};
use serde::Deserialize;

use super::{Back, Typed as Dialog, Way, again, can_be_mended, team, with};
use crate::{
    app::App,
    db::{Part, View},
    error::{Error, Result},
    ids::{LinkId, OrganizationId},
    links::{self, DomainName, NewLink},
    organizations::{self, Zone},
    pages::{
        admin::open_links::{self, LinkRow},
        to,
        view::{self, Field},
    },
    web::{browser::Lead, once::once_for_form, resource},
};

/// Links shown in the dialog; the list has them all.
const SHOWN: u32 = 5;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/links", "POST").route(web::post().to(create)));
}

/// The tab's form, and the newest links.
pub(in crate::pages::admin) struct LinkForm {
    pub(in crate::pages::admin) domains: Field,
    pub(in crate::pages::admin) limit: Field,
    pub(in crate::pages::admin) expires: Field,
    /// In whose time the expiry is.
    pub(in crate::pages::admin) zone: &'static str,
    /// The earliest expiry a browser offers.
    pub(in crate::pages::admin) soonest: String,
    pub(in crate::pages::admin) made: Option<LinkRow>,
    pub(in crate::pages::admin) newest: Vec<LinkRow>,
    /// Where the others are, if there are more.
    pub(in crate::pages::admin) all: Option<view::Link>,
}

/// What was typed.
#[derive(Clone, Default)]
pub(super) struct Typed {
    domains: Field,
    limit: Field,
    expires: Field,
}

impl LinkForm {
    pub(super) fn new(
        view: &View,
        app: &App,
        organization: &OrganizationId,
        typed: &Typed,
        made: Option<&str>,
    ) -> Result<Self> {
        let zone = organizations::zone(view, organization)?;
        let row = |link: &links::Link| LinkRow::new(view, app, zone, link, None);
        let made = match made {
            Some(id) => {
                let id: LinkId = id.parse().map_err(|_| Error::NotFound("Link"))?;
                Some(row(&links::of_organization(view, organization, &id)?)?)
            }
            None => None,
        };
        let newest = links::part(view, organization, &Part::Newest, SHOWN)?;
        let all = links::count(view, organization)?;
        Ok(Self {
            domains: typed.domains.clone(),
            limit: typed.limit.clone(),
            expires: typed.expires.clone(),
            zone: zone.name(),
            soonest: zone.written(view.now),
            made,
            newest: newest.rows.iter().map(row).collect::<Result<_>>()?,
            all: newest
                .older
                .then(|| view::Link::new(open_links::list(), say!("See {n} link" | "See all {n} links", n = all))),
        })
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Making {
    domains: String,
    limit: String,
    expires: String,
    team: String,
    from: String,
    once: String,
}

impl Making {
    /// The link it asks for, with no team yet; or what was typed, with what is wrong about it.
    fn read(&self, zone: Zone) -> Result<NewLink, Box<Typed>> {
        match (domains(&self.domains), limit(&self.limit), expires(&self.expires, zone)) {
            (Ok(domains), Ok(limit), Ok(expires_at)) => Ok(NewLink { domains, limit, expires_at, team: None }),
            (domains, limit, expires) => {
                let field = |value: &str, error: Option<Error>| Field {
                    value: value.to_owned(),
                    error: error.map(|error| error.to_string()),
                };
                Err(Box::new(Typed {
                    domains: field(&self.domains, domains.err()),
                    limit: field(&self.limit, limit.err()),
                    expires: field(&self.expires, expires.err()),
                }))
            }
        }
    }

    fn typed(&self) -> Typed {
        Typed { domains: Field::new(&self.domains), limit: Field::new(&self.limit), expires: Field::new(&self.expires) }
    }
}

fn domains(text: &str) -> Result<Vec<DomainName>> {
    let names = text.split([',', ';', ' ', '\t', '\r', '\n']).filter(|name| !name.is_empty());
    names.map(str::parse).collect()
}

fn limit(text: &str) -> Result<Option<u32>> {
    match text.trim() {
        "" => Ok(None),
        number => match number.parse() {
            Ok(limit @ 1..) => Ok(Some(limit)),
            _ => Err(Error::invalid(say!(
                "Write how many people may join as a whole number, at least 1. Empty: any number."
            ))),
        },
    }
}

fn expires(text: &str, zone: Zone) -> Result<Option<crate::clock::Timestamp>> {
    if text.trim().is_empty() { Ok(None) } else { zone.read(text).map(Some) }
}

/// `POST /app/admin/links`
async fn create(app: Data<App>, request: HttpRequest, lead: Lead, Form(form): Form<Making>) -> Result<HttpResponse> {
    let back = Back::parse(&form.from);
    let zone = app.db.read(|view| organizations::zone(view, &lead.member.organization))?;
    let dialog = |link: Typed| Dialog { way: Some(Way::Link), team: form.team.clone(), link, ..Dialog::default() };
    let new = match form.read(zone) {
        Ok(new) => new,
        Err(typed) => {
            return again(&app, &request, &lead, &back, &dialog(*typed), StatusCode::BAD_REQUEST).await;
        }
    };
    let (by, server) = (lead.actor(), app.key.clone());
    let (once, filled_in) =
        (form.once.clone(), [&form.domains, &form.limit, &form.expires, &form.team].map(Clone::clone));
    let made = match team(&form.team) {
        Ok(team) => {
            let new = NewLink { team, ..new };
            app.db
                .write(move |tx| {
                    let filled_in = filled_in.each_ref().map(String::as_str);
                    once_for_form(tx, &server, &by.organization, (&once, &filled_in), || {
                        links::create(tx, &by, &new).map(|link| link.id.to_string())
                    })
                })
                .await
        }
        Err(error) => Err(error),
    };
    match made {
        Ok(link) => Ok(to(with(&back.href, &[("add", Way::Link.as_str()), ("made", &link)]))),
        Err(error) if can_be_mended(&error) => {
            let typed = dialog(form.typed()).refused_by(&error);
            again(&app, &request, &lead, &back, &typed, error.status()).await
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_separated_as_people_separate_them() {
        let read = |text| domains(text).map(|names| names.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(
            read("acme.com, @Acme.de;acme.fr\r\nacme.it").unwrap(),
            ["acme.com", "acme.de", "acme.fr", "acme.it"]
        );
        assert!(read(" \n").unwrap().is_empty());
        assert!(read("acme.com, acme").is_err());
    }

    #[test]
    fn a_limit_is_a_number_of_people_or_none() {
        assert_eq!(limit("").unwrap(), None);
        assert_eq!(limit(" 50 ").unwrap(), Some(50));
        for wrong in ["0", "-1", "1.5", "many", "4294967296"] {
            assert!(limit(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_field_says_what_is_wrong_with_it() {
        let zone: Zone = "UTC".parse().unwrap();
        let form = Making { domains: "acme".into(), limit: "0".into(), expires: "soon".into(), ..Making::default() };
        let typed = form.read(zone).err().unwrap();
        assert!(typed.domains.error.is_some() && typed.limit.error.is_some() && typed.expires.error.is_some());
        assert!(Making::default().read(zone).is_ok_and(|new| new.expires_at.is_none()));
    }
}
