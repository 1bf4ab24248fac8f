//! Automatic reminders of invites: on which days, at which hours, by which clock, and in which words.

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
    audit::{Action, Change},
    branding,
    clock::Timestamp,
    config::Urls,
    error::{Error, Result},
    mail::{self, Shared},
    members::Role,
    organizations::{self, Organization, Quiet, Reminders},
    pages::{
        admin::{Nav, Section, Tab, frame},
        mails::framed_html,
        shown_with, to,
        view::{Choice, Field, Page, saying},
    },
    web::{browser::Lead, get, resource},
};

/// What the form begins with where reminders were off.
const USUAL_DAYS: &str = "3, 7";

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/settings/reminders", "GET, POST").route(get(show)).route(web::post().to(save)))
        .service(resource("/settings/reminders/preview", "GET").route(get(preview)));
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
    sentence: String,
    subject: String,
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

    /// What it asks for; or what is wrong with the days, and what with the time zone.
    fn read(&self) -> Result<Reminders, (Option<Error>, Option<Error>)> {
        let days = match &self.on {
            Some(_) => organizations::reminder_days(&self.days).and_then(|days| match days.is_empty() {
                true => Err(Error::invalid("Say after how many days, such as 3, 7, or switch reminders off.")),
                false => Ok(days),
            }),
            None => Ok(Vec::new()),
        };
        let hours = organizations::quiet_hours(&format!("{}-{}", self.quiet_from, self.quiet_to));
        match (days, hours, organizations::timezone(&self.timezone)) {
            (Ok(days), Ok((from, to)), Ok(zone)) => Ok(Reminders { days, quiet: Quiet { from, to, zone } }),
            (days, hours, zone) => Err((days.err().or(hours.err()), zone.err())),
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
    wrong: (Option<Error>, Option<Error>),
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
            nav,
            tabs: Part::Reminders.tabs(),
            on: typed.on.is_some(),
            days: field(&typed.days, wrong.0),
            from: hours(&typed.quiet_from),
            to: hours(&typed.quiet_to),
            zone: field(&typed.timezone, wrong.1),
            zones: organizations::timezones().collect(),
            sentence: sentence(&organization.reminders),
            subject: sample(&app.urls, organization, lead, view.now).subject(),
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
fn sentence(reminders: &Reminders) -> String {
    let days: Vec<String> = reminders.days.iter().map(u8::to_string).collect();
    let days = match days.as_slice() {
        [] => {
            return "Nobody is reminded by itself. You can still remind people by hand, on Invites and on Members."
                .to_owned();
        }
        [one] if one == "1" => "1 day".to_owned(),
        [one] => format!("{one} days"),
        [front @ .., last] => format!("{} and {last} days", front.join(", ")),
    };
    let Quiet { from, to, zone } = reminders.quiet;
    let zone = zone.name();
    let night = match reminders.quiet.any() {
        true => format!("A mail that falls between {from:02}:00 and {to:02}:00 ({zone}) waits until {to:02}:00."),
        false => format!("Mails go out at any hour; days are counted in {zone}."),
    };
    format!(
        "Whoever has not accepted is reminded {days} after the invite. {night} Reminders end when someone accepts, \
         and when the invite is revoked or expires."
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

/// The reminder as somebody would get it.
fn sample(urls: &Urls, organization: Organization, lead: &Lead, now: Timestamp) -> mail::Reminder {
    mail::Reminder {
        shared: Shared {
            logo: organization.logo.map(|version| urls.page(&branding::address(&organization.id, &version))),
            organization: organization.name,
            accent: organization
                .accent
                .map_or_else(|| mail::ACCENT.to_owned(), |accent| branding::under_white(&accent)),
            product: true,
            host: urls.base().split_once("://").map_or("", |(_, host)| host).to_owned(),
        },
        inviter: lead.member.called().to_owned(),
        link: urls.page("/auth/link/…"),
        code: "481 502".to_owned(),
        valid_until: "14:05 UTC".to_owned(),
        open_until: (now + crate::invites::LIFETIME).date_time().format("%B %-d, %Y").to_string(),
    }
}

/// `GET /app/admin/settings/reminders/preview`: the mail alone, for a frame.
async fn preview(app: Data<App>, lead: Lead) -> Result<HttpResponse> {
    let (organization, now) =
        app.db.read(|view| Ok((organizations::get(view, &lead.member.organization)?, view.now)))?;
    Ok(framed_html(&sample(&app.urls, organization, &lead, now).message()?.html))
}

/// `POST /app/admin/settings/reminders`
async fn save(app: Data<App>, request: HttpRequest, lead: Lead, Form(posted): Form<Posted>) -> Result<HttpResponse> {
    let new = match posted.read() {
        Ok(new) => new,
        Err(wrong) => return screen(&app, &request, &lead, &posted, wrong, StatusCode::BAD_REQUEST),
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
    saying(&app, to(Part::Reminders.href()), "Saved the reminders.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_in_words_what_will_happen() {
        let said = |days: &str, hours: &str| {
            let (from, to) = organizations::quiet_hours(hours).unwrap();
            let quiet = Quiet { from, to, zone: organizations::timezone("Europe/Berlin").unwrap() };
            sentence(&Reminders { days: organizations::reminder_days(days).unwrap(), quiet })
        };
        assert!(said("off", "20-8").starts_with("Nobody is reminded by itself."));
        assert!(
            said("1", "off").starts_with("Whoever has not accepted is reminded 1 day after the invite. Mails go out")
        );
        assert!(said("3 7", "20-8").contains("reminded 3 and 7 days after the invite. A mail that falls between 20:00 and 08:00 (Europe/Berlin) waits until 08:00."));
        assert!(said("1 3 7", "off").contains("1, 3 and 7 days"));
    }
}
