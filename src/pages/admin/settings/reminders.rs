//! Automatic reminders of invites: on which days, at which hours, by which clock, and in which words.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{Part, mail};
use crate::{
    app::App,
    audit::{Action, Change},
    error::{Error, Result},
    i18n::Message,
    mail::Letter,
    members::Role,
    organizations::{self, Quiet, Reminders},
    pages::{
        admin::{Nav, Section, Tab, frame},
        filters, shown_with, to,
        view::{Choice, Field, Page, saying},
    },
    web::{browser::Lead, get, resource},
};

/// What the form begins with where reminders were off.
const USUAL_DAYS: &str = "3, 7";

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/settings/reminders", "GET, POST").route(get(show)).route(web::post().to(save)));
}

#[derive(Template)]
#[template(path = "admin/reminders.html")]
struct Screen {
    page: Page,
    nav: Nav,
    tabs: Vec<Tab>,
    on: bool,
    days: Field,
    from: Vec<Choice>,
    to: Vec<Choice>,
    zone: Field,
    zones: Vec<&'static str>,
    /// What will happen, by what is saved.
    sentence: Message,
    subject: String,
    /// Where the mail is shown.
    preview: String,
}

/// What the form holds when it is posted.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Posted {
    on: Option<String>,
    days: String,
    quiet_from: String,
    quiet_to: String,
    timezone: String,
}

/// What is wrong with the days, and what with the time zone.
type Wrong = (Option<Error>, Option<Error>);

impl Posted {
    fn of(reminders: &Reminders) -> Self {
        let days: Vec<String> = reminders.days.iter().map(u8::to_string).collect();
        Self {
            on: (!days.is_empty()).then(|| "on".to_owned()),
            days: if days.is_empty() { USUAL_DAYS.to_owned() } else { days.join(", ") },
            quiet_from: reminders.quiet.from.to_string(),
            quiet_to: reminders.quiet.to.to_string(),
            timezone: reminders.quiet.zone.name().to_owned(),
        }
    }

    /// What it asks for; or what is wrong.
    fn read(&self) -> Result<Reminders, Box<Wrong>> {
        let days = match &self.on {
            Some(_) => organizations::reminder_days(&self.days).and_then(|days| match days.is_empty() {
                true => Err(Error::invalid(say!("Say after how many days, such as 3, 7, or switch reminders off."))),
                false => Ok(days),
            }),
            None => Ok(Vec::new()),
        };
        let hours = organizations::quiet_hours(&format!("{}-{}", self.quiet_from, self.quiet_to));
        match (days, hours, organizations::timezone(&self.timezone)) {
            (Ok(days), Ok((from, to)), Ok(zone)) => Ok(Reminders { days, quiet: Quiet { from, to, zone } }),
            (days, hours, zone) => Err(Box::new((days.err().or(hours.err()), zone.err()))),
        }
    }
}

/// `GET /app/admin/settings/reminders`
async fn show(app: Data<App>, request: HttpRequest, lead: Lead) -> Result<HttpResponse> {
    let saved = app.db.read(|view| organizations::get(view, &lead.member.organization))?;
    screen(&app, &request, &lead, &Posted::of(&saved.reminders), (None, None), StatusCode::OK)
}

fn screen(
    app: &App,
    request: &HttpRequest,
    lead: &Lead,
    typed: &Posted,
    wrong: Wrong,
    status: StatusCode,
) -> Result<HttpResponse> {
    let field = |value: &str, wrong: Option<Error>| match wrong {
        Some(error) => Field::wrong(value, &error),
        None => Field::new(value),
    };
    let view = app.db.read(|view| {
        let (page, nav) = frame(view, request, app, &lead.member, Section::Settings)?;
        let organization = organizations::get(view, &lead.member.organization)?;
        Ok(Screen {
            page,
            tabs: Part::Reminders.tabs(&nav),
            nav,
            on: typed.on.is_some(),
            days: field(&typed.days, wrong.0),
            from: hours(&typed.quiet_from),
            to: hours(&typed.quiet_to),
            zone: field(&typed.timezone, wrong.1),
            zones: organizations::timezones().collect(),
            sentence: sentence(&organization.reminders),
            subject: mail::subject_of(app, view, &lead.member, Letter::Reminder)?,
            preview: mail::preview_href(Letter::Reminder),
        })
    })?;
    shown_with(request, status, &view)
}

fn hours(chosen: &str) -> Vec<Choice> {
    let hour = |hour: u8| Choice {
        chosen: chosen == hour.to_string(),
        value: hour.to_string(),
        words: format!("{hour:02}:00"),
    };
    (0..24).map(hour).collect()
}

/// What will happen, in a sentence or two.
fn sentence(reminders: &Reminders) -> Message {
    let days: Vec<String> = reminders.days.iter().map(u8::to_string).collect();
    let days = match days.as_slice() {
        [] => {
            return say!(
                "Nobody is reminded by itself. You can still remind people by hand, on Invites and on Members."
            );
        }
        [_] => say!("{n} day" | "{n} days", n = reminders.days.first().copied().unwrap_or_default()),
        [front @ .., last] => say!("{days} and {last} days", days = front.join(", "), last),
    };
    let Quiet { from, to, zone } = reminders.quiet;
    let zone = zone.name();
    let night = match reminders.quiet.any() {
        true => say!(
            "A mail that falls between {from} and {to} ({zone}) waits until {to}.",
            from = format!("{from:02}:00"),
            to = format!("{to:02}:00"),
            zone
        ),
        false => say!("Mails go out at any hour; days are counted in {zone}.", zone),
    };
    say!(
        "Whoever has not accepted is reminded {days} after the invite. {night} Reminders end when someone accepts, and when the invite is revoked or expires.",
        days,
        night
    )
}

/// The same in few words, for the audit log.
fn in_short(reminders: &Reminders) -> String {
    let days: Vec<String> = reminders.days.iter().map(u8::to_string).collect();
    if days.is_empty() {
        return "off".to_owned();
    }
    let Quiet { from, to, zone } = reminders.quiet;
    let night = if reminders.quiet.any() { format!(", quiet {from:02}:00 to {to:02}:00") } else { String::new() };
    format!("after days {}{night}, {}", days.join(", "), zone.name())
}

/// `POST /app/admin/settings/reminders`
async fn save(app: Data<App>, request: HttpRequest, lead: Lead, Form(posted): Form<Posted>) -> Result<HttpResponse> {
    let new = match posted.read() {
        Ok(new) => new,
        Err(wrong) => return screen(&app, &request, &lead, &posted, *wrong, StatusCode::BAD_REQUEST),
    };
    let by = lead.actor();
    app.db
        .write(move |tx| {
            by.must_be(Role::Admin)?;
            let before = in_short(&organizations::get(tx, &by.organization)?.reminders);
            organizations::set_reminders(tx, &by.organization, &new)?;
            by.note_change_of(tx, Action::SettingsChanged, "Reminders", Change::new(&before, &in_short(&new)))
        })
        .await?;
    saying(&app, to(Part::Reminders.href()), say!("Saved the reminders."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_in_words_what_will_happen() {
        let said = |days: &str, hours: &str| {
            let (from, to) = organizations::quiet_hours(hours).unwrap();
            let quiet = Quiet { from, to, zone: organizations::timezone("Europe/Berlin").unwrap() };
            sentence(&Reminders { days: organizations::reminder_days(days).unwrap(), quiet }).to_string()
        };
        assert!(said("off", "20-8").starts_with("Nobody is reminded by itself."));
        assert!(
            said("1", "off").starts_with("Whoever has not accepted is reminded 1 day after the invite. Mails go out")
        );
        assert!(said("3 7", "20-8").contains("reminded 3 and 7 days after the invite. A mail that falls between 20:00 and 08:00 (Europe/Berlin) waits until 08:00."));
        assert!(said("1 3 7", "off").contains("1, 3 and 7 days"));
    }
}
