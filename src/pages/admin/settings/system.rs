//! How the server itself is. It serves all its organizations, so it is the owner's of the one that was set up first.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Data, ServiceConfig},
};
use askama::Template;

use super::Part;
use crate::{
    app::App,
    clock::Timestamp,
    db::View,
    doctor::{self, Check, Sizes, Taken},
    error::{Error, Result},
    i18n::{Message, decimal, grouped},
    members::{Member, Role},
    organizations,
    pages::{
        admin::{Nav, Section, Tab, frame},
        filters, shown, to,
        view::{Page, When},
    },
    web::{browser::Lead, get, resource},
};

/// The page waits so long for checks that are under way; after that it shows what there is.
const PATIENCE: Duration = Duration::from_millis(1500);

/// What was found longer ago is looked at again.
const FRESH: Duration = Duration::from_secs(5 * 60);

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/settings/system", "GET, POST").route(get(show)).route(web::post().to(check_again)));
}

#[derive(Template)]
#[template(path = "admin/system.html")]
struct System {
    page: Page,
    nav: Nav,
    tabs: Vec<Tab>,
    version: &'static str,
    schema: i32,
    up: String,
    /// Nothing where everything is in memory.
    sizes: Option<SizesView>,
    rows: Vec<Row>,
    /// Some checks are still under way.
    unfinished: bool,
    report: String,
}

struct SizesView {
    database: String,
    log: String,
    free: String,
}

struct Row {
    name: Message,
    /// Nothing: it was not looked at yet.
    found: Option<FoundView>,
}

struct FoundView {
    ok: bool,
    warning: bool,
    /// In English, whoever reads: it is what the command line says, to be looked up and handed on.
    detail: String,
    at: When,
}

impl Row {
    fn new(check: Check, taken: Option<&Taken>, now: Timestamp) -> Self {
        let found = taken.map(|taken| FoundView {
            ok: taken.found.ok,
            warning: taken.found.warning,
            detail: taken.found.detail.clone(),
            at: When::ago(taken.at, now),
        });
        Self { name: check.called(), found }
    }
}

/// Whether somebody may see how the server is.
pub(in crate::pages::admin) fn is_for(view: &View, member: &Member) -> Result<bool> {
    Ok(member.role == Role::Owner && organizations::first(view)?.as_ref() == Some(&member.organization))
}

fn must_be_for(app: &App, lead: &Lead) -> Result<()> {
    // To everyone else there is no such page: it would say that others share the server.
    if app.db.read(|view| is_for(view, &lead.member))? { Ok(()) } else { Err(Error::NotFound("Page")) }
}

/// The checks that make sense for this server.
fn checks(app: &App) -> &'static [Check] {
    if app.dev.is_some() { Check::WITHOUT_FILES } else { Check::ALL }
}

fn last(app: &App) -> Vec<(Check, Option<Taken>)> {
    checks(app).iter().map(|check| (*check, app.checkup.last(*check))).collect()
}

/// `GET /app/admin/settings/system`
async fn show(app: Data<App>, request: HttpRequest, lead: Lead) -> Result<HttpResponse> {
    must_be_for(&app, &lead)?;
    let now = app.db.clock().now();
    let is_old = |taken: &Option<Taken>| taken.as_ref().is_none_or(|taken| now.since(taken.at) > FRESH);
    if last(&app).iter().any(|(_, taken)| is_old(taken)) {
        app.checkup.begin(&app.config, app.db.clock(), checks(&app));
    }
    let over = app.checkup.over(PATIENCE).await;
    let found = last(&app);
    let (up, sizes) = (now.since(app.started), app.dev.is_none().then(|| Sizes::of(&app.config)));
    let screen = app.db.read(|view| {
        let (page, nav) = frame(view, &request, &app, &lead.member, Section::Settings)?;
        let schema = view.schema_version()?;
        let taken: Vec<Taken> = found.iter().filter_map(|(_, taken)| taken.clone()).collect();
        Ok(System {
            page,
            tabs: Part::System.tabs(&nav),
            nav,
            version: env!("CARGO_PKG_VERSION"),
            schema,
            up: spoken(up),
            sizes: sizes.map(|sizes| SizesView {
                database: size(sizes.database),
                log: size(sizes.log),
                free: size(sizes.free),
            }),
            rows: found.iter().map(|(check, taken)| Row::new(*check, taken.as_ref(), view.now)).collect(),
            unfinished: !over,
            report: doctor::report(&app.config, schema, up, sizes.as_ref(), &taken),
        })
    })?;
    shown(&request, &screen)
}

/// `POST /app/admin/settings/system`: looks again.
async fn check_again(app: Data<App>, lead: Lead) -> Result<HttpResponse> {
    must_be_for(&app, &lead)?;
    app.checkup.begin(&app.config, app.db.clock(), checks(&app));
    Ok(to(Part::System.href()))
}

/// As much as one wants to know of how long a server runs.
fn spoken(span: Duration) -> String {
    let minutes = span.as_secs() / 60;
    let words = match minutes {
        0..120 => say!("{n} minute" | "{n} minutes", n = minutes),
        120..2880 => say!("{n} hour" | "{n} hours", n = minutes / 60),
        _ => say!("{n} day" | "{n} days", n = minutes / 1440),
    };
    words.into()
}

/// Bytes as people say them.
fn size(bytes: u64) -> String {
    match bytes >> 20 {
        0 => format!("{} KB", grouped(bytes >> 10)),
        mega @ 1..2048 => format!("{} MB", grouped(mega)),
        mega => format!("{} GB", decimal(&format!("{}.{}", mega >> 10, (mega % 1024) * 10 / 1024))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_sizes_are_said_in_one_unit() {
        let up = |seconds| spoken(Duration::from_secs(seconds));
        assert_eq!([0, 61, 7200, 200_000].map(up), ["0 minutes", "1 minute", "2 hours", "2 days"]);
        assert_eq!([4096, 5 << 20, 3 << 30].map(size), ["4 KB", "5 MB", "3.0 GB"]);
    }
}
