//! What a lead hears of by mail, and with how many credits left all leads are told.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::Part;
use crate::{
    app::App,
    error::{Error, Result},
    notifications::{self, Pace, Topic},
    organizations,
    pages::{
        admin::{Nav, Section, Tab, frame},
        shown_with, to,
        view::{Choice, Field, Page, saying},
    },
    web::{browser::Lead, get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/settings/notifications", "GET, POST").route(get(show)).route(web::post().to(save)))
        .service(resource("/settings/notifications/credits", "POST").route(web::post().to(save_threshold)));
}

#[derive(Template)]
#[template(path = "admin/notifications.html")]
struct Screen {
    page: Page,
    nav: Nav,
    tabs: Vec<Tab>,
    topics: Vec<TopicView>,
    threshold: Field,
    unlimited: bool,
    /// Where the mails go.
    me: Option<String>,
    zone: &'static str,
}

struct TopicView {
    name: &'static str,
    words: &'static str,
    hint: String,
    paces: Vec<Choice>,
}

/// What a topic is called, and what there is to know of it.
fn in_words(topic: Topic, threshold: i64) -> (&'static str, String) {
    let (words, hint) = match topic {
        Topic::Credits if threshold == 0 => ("Few credits left", "Switched off below.".to_owned()),
        Topic::Credits => ("Few credits left", format!("Once the balance falls to {threshold}.")),
        Topic::Failed => ("Headshots could not be made", "After the last try; the credit is back by then.".to_owned()),
        Topic::Endpoint => ("A webhook endpoint was switched off", "After five days of failures, or a 410.".to_owned()),
        Topic::Bounced => ("A mail could not be delivered", "Such as an invite to an address with a typo.".to_owned()),
        Topic::Ready => ("Someone's headshots are ready", String::new()),
        Topic::Favorite => ("Someone chose a favourite", "The headshot your organization uses.".to_owned()),
    };
    (words, hint)
}

/// What a pace is called.
pub(super) const fn pace_in_words(pace: Pace) -> &'static str {
    match pace {
        Pace::AtOnce => "At once",
        Pace::Daily => "In the daily mail",
        Pace::Never => "Never",
    }
}

/// `GET /app/admin/settings/notifications`
async fn show(app: Data<App>, request: HttpRequest, lead: Lead) -> Result<HttpResponse> {
    screen(&app, &request, &lead, None, StatusCode::OK)
}

fn screen(
    app: &App,
    request: &HttpRequest,
    lead: &Lead,
    typed: Option<Field>,
    status: StatusCode,
) -> Result<HttpResponse> {
    let view = app.db.read(|view| {
        let (page, nav) = frame(view, request, app, &lead.member, Section::Settings)?;
        let organization = organizations::get(view, &lead.member.organization)?;
        let threshold = notifications::threshold(view, &organization.id)?;
        let topics = notifications::choices(view, &lead.member.id)?.into_iter().map(|(topic, chosen)| {
            let (words, hint) = in_words(topic, threshold);
            let choice = |pace: &Pace| Choice {
                value: pace.to_string(),
                words: pace_in_words(*pace).to_owned(),
                chosen: *pace == chosen,
            };
            TopicView { name: topic.as_str(), words, hint, paces: Pace::ALL.iter().map(choice).collect() }
        });
        Ok(Screen {
            page,
            nav,
            tabs: Part::Notifications.tabs(),
            topics: topics.collect(),
            threshold: typed.unwrap_or_else(|| Field::new(threshold.to_string())),
            unlimited: organization.unlimited,
            me: lead.member.email.as_ref().map(ToString::to_string),
            zone: organization.reminders.quiet.zone.name(),
        })
    })?;
    shown_with(request, status, &view)
}

/// `POST /app/admin/settings/notifications`: a field for each topic.
async fn save(app: Data<App>, lead: Lead, Form(posted): Form<Vec<(String, String)>>) -> Result<HttpResponse> {
    let mut wanted: Vec<(Topic, Pace)> = Vec::new();
    for (topic, pace) in &posted {
        wanted.push((topic.parse()?, pace.parse()?));
    }
    let (by, member) = (lead.actor(), lead.member);
    let changed = app.db.write(move |tx| notifications::choose(tx, &by, &member, &wanted)).await?;
    let said = if changed { "Saved what you hear of." } else { "It is as it was." };
    saying(&app, to(Part::Notifications.href()), said)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Posted {
    threshold: String,
}

/// `POST /app/admin/settings/notifications/credits`
async fn save_threshold(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    Form(posted): Form<Posted>,
) -> Result<HttpResponse> {
    let new = match notifications::read_threshold(&posted.threshold) {
        Ok(new) => new,
        Err(error @ Error::Invalid(_)) => {
            let field = Field::wrong(posted.threshold, &error);
            return screen(&app, &request, &lead, Some(field), StatusCode::BAD_REQUEST);
        }
        Err(other) => return Err(other),
    };
    let by = lead.actor();
    app.db.write(move |tx| notifications::set_threshold(tx, &by, new)).await?;
    let said = match new {
        0 => "Nobody is told of few credits.".to_owned(),
        new => format!("Leads are told once the balance falls to {new}."),
    };
    saying(&app, to(Part::Notifications.href()), &said)
}
