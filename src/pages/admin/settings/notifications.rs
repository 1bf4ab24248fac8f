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
    i18n::Message,
    notifications::{self, Pace, Topic},
    organizations,
    pages::{
        admin::{Nav, Section, Tab, frame},
        filters, shown_with, to,
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
    words: Message,
    hint: Message,
    paces: Vec<Choice>,
}

/// What a topic is called, and what there is to know of it.
fn in_words(topic: Topic, threshold: i64) -> (Message, Message) {
    match topic {
        Topic::Credits if threshold == 0 => (say!("Few credits left"), say!("Switched off below.")),
        Topic::Credits => (say!("Few credits left"), say!("Once the balance falls to {threshold}.", threshold)),
        Topic::Failed => (say!("Headshots could not be made"), say!("After the last try; the credit is back by then.")),
        Topic::Endpoint => {
            (say!("A webhook endpoint was switched off"), say!("After five days of failures, or a 410."))
        }
        Topic::Bounced => (say!("A mail could not be delivered"), say!("Such as an invite to an address with a typo.")),
        Topic::Ready => (say!("Someone's headshots are ready"), Message::new("")),
        Topic::Favorite => (say!("Someone chose a favourite"), say!("The headshot your organization uses.")),
    }
}

/// What a pace is called.
pub(super) const fn pace_in_words(pace: Pace) -> Message {
    match pace {
        Pace::AtOnce => say!("At once"),
        Pace::Daily => say!("In the daily mail"),
        Pace::Never => say!("Never"),
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
                words: pace_in_words(*pace).into(),
                chosen: *pace == chosen,
            };
            TopicView { name: topic.as_str(), words, hint, paces: Pace::ALL.iter().map(choice).collect() }
        });
        Ok(Screen {
            page,
            tabs: Part::Notifications.tabs(&nav),
            nav,
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
    let said = if changed { say!("Saved what you hear of.") } else { say!("It is as it was.") };
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
        0 => say!("Nobody is told of few credits."),
        new => say!("Leads are told once the balance falls to {threshold}.", threshold = new),
    };
    saying(&app, to(Part::Notifications.href()), said)
}
