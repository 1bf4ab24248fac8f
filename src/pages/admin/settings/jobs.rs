//! The jobs of the organization: how the queues stand, and what gave up.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Data, Path, ServiceConfig},
};
use askama::Template;

use super::{JOBS, Part};
use crate::{
    app::App,
    audit::Action,
    clock::Timestamp,
    error::{Error, Result},
    i18n::{Language, Message, decimal, grouped},
    ids::JobId,
    members::Role,
    pages::{
        admin::{Nav, ROWS, Section, Tab, frame},
        filters, shown, to,
        view::{Page, When, saying},
    },
    queue::{self, OwnLoad, Parked, Queue},
    web::{browser::Lead, get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/jobs", "GET").route(get(show)))
        .service(resource("/jobs/{id}/run-again", "POST").route(web::post().to(run_again)));
}

#[derive(Template)]
#[template(path = "admin/jobs.html")]
struct Jobs {
    page: Page,
    nav: Nav,
    tabs: Vec<Tab>,
    queues: Vec<QueueRow>,
    parked: Vec<ParkedRow>,
    /// Parked ones that are not shown.
    more: Option<Message>,
}

struct QueueRow {
    name: Message,
    waiting: String,
    running: String,
    parked: String,
    /// How long the oldest has been due.
    overdue: Option<String>,
    done: String,
    usual: Option<String>,
    longest: Option<String>,
}

struct ParkedRow {
    words: Message,
    queue: Message,
    why: Message,
    attempts: Message,
    at: When,
    action: String,
}

impl QueueRow {
    fn new(load: &OwnLoad) -> Self {
        let count = |number: u32| grouped(number);
        Self {
            name: name(load.queue),
            waiting: count(load.waiting),
            running: count(load.running),
            parked: count(load.parked),
            overdue: load.overdue.map(spoken),
            done: count(load.done),
            usual: load.usual.map(spoken),
            longest: load.longest.map(spoken),
        }
    }
}

impl ParkedRow {
    fn new(job: Parked, now: Timestamp) -> Self {
        Self {
            words: job.words(),
            queue: name(job.queue),
            why: job.last_error.map_or_else(|| say!("It said nothing."), Message::english),
            attempts: say!("{n} try" | "{n} tries", n = job.attempts),
            at: When::ago(job.parked_at, now),
            action: format!("{JOBS}/{}/run-again", job.id),
        }
    }
}

const fn name(queue: Queue) -> Message {
    match queue {
        Queue::Mail => say!("queue|Mail"),
        Queue::Webhooks => say!("Webhooks"),
        Queue::Shoots => say!("Headshots"),
        Queue::Housekeeping => say!("Tidying up"),
    }
}

/// As short as it can be said: `0.4 s`, `12 s`, `3 min`, `5 h`, `2 d`.
fn spoken(span: Duration) -> String {
    match span.as_secs() {
        0..10 => format!("{} s", decimal(&format!("{:.1}", span.as_secs_f64()))),
        seconds @ 10..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds / 60),
        seconds @ 7200..172_800 => format!("{} h", seconds / 3600),
        seconds => say!("unit|{days} d", days = seconds / 86_400).into(),
    }
}

/// `GET /app/admin/jobs`
async fn show(app: Data<App>, request: HttpRequest, lead: Lead) -> Result<HttpResponse> {
    let organization = lead.member.organization.clone();
    let (loads, parked, now) = app
        .db
        .scan(move |view| {
            Ok((queue::own_loads(view, &organization)?, queue::parked_of(view, &organization, ROWS)?, view.now))
        })
        .await?;
    let (page, nav) = app.db.read(|view| frame(view, &request, &app, &lead.member, Section::Settings))?;
    let all: u32 = loads.iter().map(|load| load.parked).sum();
    let more = all.saturating_sub(u32::try_from(parked.len()).unwrap_or(u32::MAX));
    let view = Jobs {
        page,
        tabs: Part::Jobs.tabs(&nav),
        nav,
        queues: loads.iter().map(QueueRow::new).collect(),
        parked: parked.into_iter().map(|job| ParkedRow::new(job, now)).collect(),
        more: (more > 0).then(|| say!("And {n} more, which is older." | "And {n} more, which are older.", n = more)),
    };
    shown(&request, &view)
}

/// `POST /app/admin/jobs/{id}/run-again`
async fn run_again(app: Data<App>, lead: Lead, id: Path<JobId>) -> Result<HttpResponse> {
    let by = lead.actor();
    let again = app.db.write(move |tx| {
        by.must_be(Role::Admin)?;
        let job = queue::run_again_of(tx, &by.organization, &id)?;
        let words = job.words().in_language(Language::English);
        by.note_about(tx, Action::JobRunAgain, &words, job.last_error.as_deref())
    });
    let words = match again.await {
        Ok(()) => say!("It runs again. If it gives up once more, it comes back here.").to_string(),
        Err(refused @ Error::Invalid(_)) => refused.to_string(),
        Err(other) => return Err(other),
    };
    saying(&app, to(JOBS), &words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_said_in_one_unit() {
        let said = |millis| spoken(Duration::from_millis(millis));
        assert_eq!([0, 420, 12_000, 119_000].map(said), ["0.0 s", "0.4 s", "12 s", "119 s"]);
        assert_eq!([120_000, 7_200_000, 172_800_000].map(said), ["2 min", "2 h", "2 d"]);
    }
}
