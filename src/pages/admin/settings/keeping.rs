//! For how long headshots are kept. What goes by a change is said before it is made.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Data, Form, Path, ServiceConfig},
};
use serde::Deserialize;

use super::{
    Part,
    headshots::{Showing, screen},
};
use crate::{
    app::App,
    db::View,
    error::{Error, Result},
    house_style,
    ids::OrganizationId,
    members::Actor,
    organizations,
    pages::{
        admin::address,
        to,
        view::{Confirm, Field, saying},
    },
    shoots,
    web::{browser::Lead, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/settings/headshots/keeping", "POST").route(web::post().to(ask)))
        .service(resource("/settings/headshots/keeping/{days}", "POST").route(web::post().to(save)));
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Posted {
    days: String,
}

/// `POST /app/admin/settings/headshots/keeping`: `days`, or nothing to keep them. Where headshots will go by it, asks first.
async fn ask(app: Data<App>, request: HttpRequest, lead: Lead, Form(posted): Form<Posted>) -> Result<HttpResponse> {
    let days = match organizations::results_days(&posted.days) {
        Ok(days) => days,
        Err(error) => {
            let keeping = Some(Field::wrong(posted.days, &error));
            return screen(&app, &request, &lead, Showing { keeping, ..Showing::default() }, error.status());
        }
    };
    let organization = lead.member.organization.clone();
    let asks = app.db.read(|view| match days {
        Some(days) => {
            let kept = organizations::get(view, &organization)?.results_days;
            Ok(kept != Some(days) && shoots::would_go(view, &organization, days)?.people > 0)
        }
        None => Ok(false),
    })?;
    match days.filter(|_| asks) {
        Some(days) => Ok(to(address(Part::Headshots.href(), &[("keep", &days.to_string())]))),
        None => keep(&app, lead.actor(), days).await,
    }
}

/// `POST /app/admin/settings/headshots/keeping/{days}`: after the question.
async fn save(app: Data<App>, lead: Lead, days: Path<String>) -> Result<HttpResponse> {
    keep(&app, lead.actor(), organizations::results_days(&days)?).await
}

async fn keep(app: &App, by: Actor, days: Option<u16>) -> Result<HttpResponse> {
    app.db.write(move |tx| house_style::keep_results(tx, &by, days)).await?;
    let words = match days {
        Some(days) => say!("Saved. Headshots are deleted {days} days after they were ready.", days = days.to_string()),
        None => say!("Saved. Headshots are kept until someone deletes them."),
    };
    saying(app, to(Part::Headshots.href()), words)
}

/// What keeping headshots for so many days means for those that are ready; nothing if none are.
///
/// # Errors
/// No organization may choose so many days.
fn question(view: &View, organization: &OrganizationId, days: &str) -> Result<Option<Confirm>> {
    let Some(days) = organizations::results_days(days)? else { return Ok(None) };
    let going = shoots::would_go(view, organization, days)?;
    let (Some(first), Some(last)) = (going.first, going.last) else { return Ok(None) };
    let zone = organizations::zone(view, organization)?;
    let (first, last) = (zone.day(first), zone.day(last));
    let people = say!("{n} person" | "{n} people", n = going.people);
    let what = match first == last {
        true => say!(
            "{n} headshot of {people} will be deleted for good, on {first}."
                | "{n} headshots of {people} will be deleted for good, on {first}.",
            n = going.headshots,
            people,
            first
        ),
        false => say!(
            "{n} headshot of {people} will be deleted for good, between {first} and {last}."
                | "{n} headshots of {people} will be deleted for good, between {first} and {last}.",
            n = going.headshots,
            people,
            first,
            last
        ),
    };
    let number = days.to_string();
    Ok(Some(Confirm {
        title: say!("Delete headshots after {days} days", days = number).into(),
        words: say!(
            "{what} Everyone who has an e-mail address is told a week and a day before, and can download theirs until then. Later headshots go {days} days after they were ready.",
            what,
            days = number
        )
        .into(),
        action: format!("{}/keeping/{days}", Part::Headshots.href()),
        button: say!("Delete after {days} days", days = number).into(),
        cancel: Part::Headshots.href().to_owned(),
        name_to_type: None,
    }))
}

/// The days as they stand in the field.
pub(super) fn field(days: Option<u16>) -> Field {
    Field::new(days.map(|days| days.to_string()).unwrap_or_default())
}

/// A wrong number in an address asks nothing.
pub(super) fn asked(view: &View, organization: &OrganizationId, days: Option<&str>) -> Result<Option<Confirm>> {
    match days.map(|days| question(view, organization, days)) {
        Some(Err(Error::Invalid(_))) | None => Ok(None),
        Some(other) => other,
    }
}
