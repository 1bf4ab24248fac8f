//! Who makes the headshots, whether it could now, and whether photos may go there.

use std::time::{Duration, Instant};

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::Part;
use crate::{
    app::App,
    audit::{Action, Change},
    clock::Timestamp,
    error::Result,
    generator::{Capabilities, Destination, Generator, Health},
    i18n::Message,
    members::Role,
    organizations::{self, Zone},
    pages::{
        admin::{Nav, Section, Tab, frame},
        filters, shown_with, to,
        view::{Confirm, Page, When, saying},
    },
    shoots::{self, Trouble, told_of_failure},
    web::{browser::Lead, get, resource},
    workers::{self, Seen},
};

/// A page is not kept waiting for longer than this by a generator that hangs.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/settings/generator", "GET").route(get(show)))
        .service(resource("/settings/generator/agree", "POST").route(web::post().to(agree)))
        .service(resource("/settings/generator/withdraw", "POST").route(web::post().to(withdraw)));
}

#[derive(Template)]
#[template(path = "admin/generator.html")]
struct Screen {
    page: Page,
    nav: Nav,
    tabs: Vec<Tab>,
    generator: GeneratorView,
    confirm: Option<Confirm>,
}

/// The part of the page that is about the generator.
struct GeneratorView {
    name: Message,
    place: Message,
    abilities: String,
    /// Why it couldn't start now; nothing if it could.
    down: Option<Message>,
    took: String,
    /// What was in the way of the organization's last shoot; nothing if it succeeded.
    trouble: Option<Message>,
    leaves: Option<Leaves>,
    /// Machines that make headshots for this server; nothing if there can't be any.
    workers: Option<Vec<WorkerRow>>,
}

/// A worker that was heard of lately.
struct WorkerRow {
    name: String,
    version: String,
    makes: Message,
    seen: When,
}

impl WorkerRow {
    fn new(worker: Seen, now: Timestamp) -> Self {
        let makes = match worker.makes {
            0 => say!("Waits for something to do"),
            shoots => say!("Makes headshots for {n} person" | "Makes headshots for {n} people", n = shoots),
        };
        Self { name: worker.name, version: worker.version, makes, seen: When::ago(worker.seen_at, now) }
    }
}

/// Where photos go that leave the machine.
struct Leaves {
    host: String,
    /// What is agreed to, as it is kept.
    to: String,
    agreed: bool,
    /// Agreed to something else before.
    before: Option<String>,
    /// Another one than was shown when the button was pressed.
    changed: bool,
}

/// How a generator was found.
struct Looked {
    /// Why it couldn't start now; nothing if it could.
    down: Option<Message>,
    took: Duration,
}

async fn look(generator: &dyn Generator) -> Looked {
    let begun = Instant::now();
    let down = match tokio::time::timeout(PATIENCE, generator.health()).await {
        Ok(Health::Ready) => None,
        Ok(Health::Down(why) | Health::Misconfigured(why)) => Some(Message::english(why)),
        Err(_) => Some(say!(
            "It does not answer within {n} second." | "It does not answer within {n} seconds.",
            n = PATIENCE.as_secs()
        )),
    };
    Looked { down, took: begun.elapsed() }
}

fn name(generator: &dyn Generator) -> Message {
    match generator.name() {
        "sample" => say!("Test headshots, marked as samples"),
        "studio" => say!("Headroom's own studio"),
        "comfyui" => Message::plain("ComfyUI"),
        "http" => say!("Another server"),
        other => Message::plain(other),
    }
}

fn place(to: Option<&Destination>, has_workers: bool) -> Message {
    match to {
        None if has_workers => {
            say!("On this machine and on others of the people who run it. It sends photos nowhere else.")
        }
        Some(to) => say!("{host}. Photos leave this machine.", host = to.host),
        None => say!("On this machine. It sends photos nowhere."),
    }
}

/// When the last shoot failed, and why.
fn last(trouble: &Trouble, zone: Zone) -> Message {
    say!("The last shoot failed on {when}: {why}", when = zone.words(trouble.at), why = told_of_failure(&trouble.cause))
}

/// What it can do, in sentences.
fn abilities(can: &Capabilities) -> String {
    let mut words =
        vec![say!("Uses up to {n} photo of a person." | "Uses up to {n} photos of a person.", n = can.most_inputs)];
    words.extend(can.promise());
    words.extend(can.outfits.then(|| say!("Can dress people in other clothes.")));
    words.extend(can.prompts.then(|| say!("Takes a description in words, which the operator sets.")));
    words.push(if can.progress { say!("Reports progress.") } else { say!("Reports no progress.") });
    words.push(if can.cancel { say!("A shoot can be cancelled.") } else { say!("A shoot can't be cancelled.") });
    words.extend((!can.own_backdrops).then(|| say!("Can't use an organization's own backdrops.")));
    words.push(match can.cutouts {
        true => say!("What it makes can be edited afterwards."),
        false => say!("What it makes can't be edited afterwards."),
    });
    words.into_iter().map(String::from).collect::<Vec<_>>().join(" ")
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    withdraw: Option<String>,
}

/// `GET /app/admin/settings/generator`
async fn show(app: Data<App>, request: HttpRequest, lead: Lead, Query(asked): Query<Asked>) -> Result<HttpResponse> {
    screen(&app, &request, &lead, asked.withdraw.is_some(), false, StatusCode::OK).await
}

async fn screen(
    app: &App,
    request: &HttpRequest,
    lead: &Lead,
    withdraw: bool,
    changed: bool,
    status: StatusCode,
) -> Result<HttpResponse> {
    let looked = look(&*app.generator).await;
    let destination = app.generator.destination();
    let screen = app.db.read(|view| {
        let (page, nav) = frame(view, request, app, &lead.member, Section::Settings)?;
        let organization = &lead.member.organization;
        let (before, zone) = (organizations::agreed(view, organization)?, organizations::zone(view, organization)?);
        let leaves = destination.map(|to| {
            let agreed = before.as_ref() == Some(&to.to_string());
            Leaves { host: to.host.clone(), to: to.to_string(), agreed, before: before.filter(|_| !agreed), changed }
        });
        let confirm = leaves.as_ref().filter(|leaves| withdraw && leaves.agreed).map(|leaves| Confirm {
            title: say!("Stop sending photos to {host}?", host = leaves.host).into(),
            words: say!("Nobody can submit photos until an admin agrees again. Headshots that are being made there are stopped, their credits come back, and that server is told to delete what it has of them. Anything it still keeps has to be deleted by the people who run it.").into(),
            action: format!("{}/withdraw", Part::Generator.href()),
            button: say!("Stop sending").into(),
            cancel: Part::Generator.href().to_owned(),
            name_to_type: None,
        });
        let generator = GeneratorView {
            name: name(&*app.generator),
            place: place(destination, app.pool.is_some()),
            abilities: abilities(&app.generator.capabilities()),
            down: looked.down,
            took: format!("{} ms", looked.took.as_millis()),
            trouble: shoots::trouble(view, Some(organization))?.map(|trouble| last(&trouble, zone)),
            leaves,
            workers: match app.pool {
                Some(_) => Some(workers::seen(view)?.into_iter().map(|it| WorkerRow::new(it, view.now)).collect()),
                None => None,
            },
        };
        Ok(Screen { page, tabs: Part::Generator.tabs(&nav), nav, generator, confirm })
    })?;
    shown_with(request, status, &screen)
}

/// To what someone agrees: what the page showed them.
#[derive(Deserialize)]
struct Agreed {
    to: String,
}

/// `POST /app/admin/settings/generator/agree`
async fn agree(app: Data<App>, request: HttpRequest, lead: Lead, Form(form): Form<Agreed>) -> Result<HttpResponse> {
    let Some(destination) = app.generator.destination().filter(|destination| destination.to_string() == form.to) else {
        // The operator has changed it since the page was shown.
        return screen(&app, &request, &lead, false, true, StatusCode::CONFLICT).await;
    };
    let (by, destination, host) = (lead.actor(), destination.clone(), destination.host.clone());
    app.db
        .write(move |tx| {
            by.must_be(Role::Admin)?;
            let before = organizations::agreed(tx, &by.organization)?;
            if organizations::agree(tx, &by.organization, &destination)? {
                let (before, after) = (sent_to(before.as_deref()), sent_to(Some(&destination.to_string())));
                by.note_change_of(tx, Action::SettingsChanged, "Generator", Change::new(&before, &after))?;
            }
            Ok(())
        })
        .await?;
    saying(&app, to(Part::Generator.href()), say!("Agreed. Photos may be sent to {host}.", host))
}

/// `POST /app/admin/settings/generator/withdraw`
async fn withdraw(app: Data<App>, lead: Lead) -> Result<HttpResponse> {
    let (by, destination) = (lead.actor(), app.generator.destination().cloned());
    app.db
        .write(move |tx| {
            by.must_be(Role::Admin)?;
            let before = organizations::agreed(tx, &by.organization)?;
            if shoots::withdraw(tx, &by.organization, destination.as_ref())? {
                let (before, after) = (sent_to(before.as_deref()), sent_to(None));
                by.note_change_of(tx, Action::SettingsChanged, "Generator", Change::new(&before, &after))?;
            }
            Ok(())
        })
        .await?;
    saying(&app, to(Part::Generator.href()), say!("From now on nobody can submit photos that would be sent there."))
}

/// Where photos may go, for the audit log.
fn sent_to(agreed: Option<&str>) -> String {
    match agreed.map(|to| to.split_once(' ').unwrap_or(("", to))) {
        Some((generator, host)) => format!("photos may be sent to {host} ({generator})"),
        None => "photos stay here".to_owned(),
    }
}
