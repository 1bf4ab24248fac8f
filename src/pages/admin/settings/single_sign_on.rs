//! Single sign-on: the identity provider, the domains that are proven, and what it decides. The owner changes it, leads read it.

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
    auth::{self, Errand},
    connections::{self, Connection, Domain, Proof, Settings},
    error::{Error, Result},
    i18n::Message,
    ids::DomainId,
    members::Role,
    oidc::Provider,
    pages::{
        admin::{Nav, Section, Tab, Tone, address, frame},
        filters, shown_with, single_sign_on, to,
        view::{Confirm, Field, Page, When, saying},
    },
    web::{browser::Lead, get, resource},
};

mod domains;
mod test;

pub(in crate::pages) use test::tested;

pub(super) fn routes(config: &mut ServiceConfig) {
    let post = web::post;
    config
        .service(resource("/settings/single-sign-on", "GET, POST").route(get(show)).route(post().to(save)))
        .service(resource("/settings/single-sign-on/test", "POST").route(post().to(try_out)))
        .service(resource("/settings/single-sign-on/joining", "POST").route(post().to(provision)))
        .service(resource("/settings/single-sign-on/only", "POST").route(post().to(enforce)))
        .service(resource("/settings/single-sign-on/remove", "POST").route(post().to(remove)))
        .configure(domains::routes);
}

const HREF: &str = "/app/admin/settings/single-sign-on";

#[derive(Template)]
#[template(path = "admin/single-sign-on.html")]
struct SingleSignOn {
    page: Page,
    nav: Nav,
    tabs: Vec<Tab>,
    /// May change it.
    owner: bool,
    connection: Option<Shown>,
    form: ProviderForm,
    /// What to enter at the provider.
    redirect: String,
    domains: Vec<DomainRow>,
    domain: Field,
    /// A domain is proven.
    proven: bool,
    /// `?only=on`, `?remove=provider`, `?drop=ID`
    confirm: Option<Confirm>,
}

/// The connection, as it is.
struct Shown {
    issuer: String,
    client_id: String,
    has_secret: bool,
    provisioning: bool,
    enforced: bool,
    tested: Option<When>,
    /// How many of those it holds for have come by it, in words.
    reach: Message,
}

/// The form of it.
#[derive(Default)]
struct ProviderForm {
    open: bool,
    issuer: Field,
    client_id: Field,
    secret_error: Option<String>,
    /// A secret is kept, so that the field may stay empty.
    keeps_secret: bool,
}

struct DomainRow {
    id: String,
    name: String,
    /// By what it is proven; nothing if it isn't.
    proof: Option<Message>,
    since: Option<When>,
    record: String,
    text: String,
    /// What the last look at its DNS found, and when that was.
    trouble: Option<Message>,
    checked: Option<When>,
    drop: String,
}

impl DomainRow {
    fn tone(&self) -> &'static str {
        if self.proof.is_some() { Tone::Good.class() } else { Tone::Waiting.class() }
    }

    fn words(&self) -> Message {
        self.proof.clone().unwrap_or(say!("Not proven yet"))
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    edit: Option<String>,
    only: Option<String>,
    remove: Option<String>,
    drop: Option<DomainId>,
}

/// What the page shows beside what is kept.
#[derive(Default)]
struct Showing {
    asked: Asked,
    form: Option<ProviderForm>,
    domain: Field,
}

/// `GET /app/admin/settings/single-sign-on`
async fn show(app: Data<App>, request: HttpRequest, lead: Lead, Query(asked): Query<Asked>) -> Result<HttpResponse> {
    screen(&app, &request, &lead, Showing { asked, ..Showing::default() }, StatusCode::OK)
}

fn screen(app: &App, request: &HttpRequest, lead: &Lead, showing: Showing, status: StatusCode) -> Result<HttpResponse> {
    let Showing { asked, form, domain } = showing;
    let view = app.db.read(|view| {
        let (page, nav) = frame(view, request, app, &lead.member, Section::Settings)?;
        let organization = &lead.member.organization;
        let connection = connections::of_organization(view, organization)?;
        let reach = connection.as_ref().map(|one| auth::reach(view, one)).transpose()?.unwrap_or_default();
        let listed = connections::domains(view, organization)?;
        let dropped = asked.drop.as_ref().map(|id| connections::domain(view, organization, id)).transpose()?;
        let confirm = match (&connection, dropped) {
            (_, Some(domain)) => Some(domains::question(&domain, connection.as_ref())),
            (Some(one), _) if asked.only.is_some() && !one.enforced => Some(only_question(one, reach)),
            (Some(one), _) if asked.remove.is_some() => Some(remove_question(one)),
            _ => None,
        };
        let form = form.unwrap_or_else(|| ProviderForm {
            open: connection.is_none() || asked.edit.is_some(),
            issuer: Field::new(connection.as_ref().map_or("", |one| one.issuer.as_str())),
            client_id: Field::new(connection.as_ref().map_or("", |one| one.client_id.as_str())),
            secret_error: None,
            keeps_secret: connection.as_ref().is_some_and(Connection::has_secret),
        });
        Ok(SingleSignOn {
            page,
            tabs: Part::SingleSignOn.tabs(&nav),
            nav,
            owner: lead.member.role == Role::Owner,
            connection: connection.map(|one| Shown {
                has_secret: one.has_secret(),
                tested: one.tested_at.map(|at| When::ago(at, view.now)),
                reach: reached(reach),
                issuer: one.issuer,
                client_id: one.client_id,
                provisioning: one.provisioning,
                enforced: one.enforced,
            }),
            form,
            redirect: app.urls.page(single_sign_on::CALLBACK),
            proven: listed.iter().any(|domain| domain.proven_at.is_some()),
            domains: listed.into_iter().map(|domain| row(domain, view.now)).collect(),
            domain,
            confirm,
        })
    })?;
    shown_with(request, status, &view)
}

fn row(domain: Domain, now: crate::clock::Timestamp) -> DomainRow {
    let [record, _] = domain.places();
    DomainRow {
        text: domain.text(),
        record,
        proof: domain.proven_by.map(|proof| match proof {
            Proof::Dns => say!("Proven by DNS"),
            Proof::Operator => say!("Proven by the operator"),
        }),
        since: domain.proven_at.map(When::day),
        checked: domain.checked_at.map(|at| When::ago(at, now)),
        trouble: domain.found_instead(),
        drop: address(HREF, &[("drop", domain.id.as_str())]),
        id: domain.id.to_string(),
        name: domain.name,
    }
}

/// `3 of 12 members have signed in by it so far.`
fn reached((known, all): (usize, usize)) -> Message {
    match (known, all) {
        (_, 0) => say!("None of your members has an address of a proven domain yet."),
        (known, all) if known == all => say!(
            "The one member with such an address has signed in by it."
                | "All {n} members with such an address have signed in by it.",
            n = all
        ),
        (known, all) => say!(
            "{known} of {n} member with such an address signed in by it so far."
                | "{known} of {n} members with such an address signed in by it so far.",
            n = all,
            known
        ),
    }
}

fn only_question(connection: &Connection, reach: (usize, usize)) -> Confirm {
    Confirm {
        title: say!("Make single sign-on the only way in").into(),
        words: say!(
            "Mailed links, codes, passwords and passkeys stop working for addresses of your proven domains. {reach} Whoever has no account at {issuer} is locked out. You, the owner, keep every way in, and invited people of other domains keep theirs.",
            reach = reached(reach),
            issuer = connection.issuer
        )
        .into(),
        action: format!("{HREF}/only"),
        button: say!("Make it the only way").into(),
        cancel: HREF.to_owned(),
        name_to_type: None,
    }
}

fn remove_question(connection: &Connection) -> Confirm {
    Confirm {
        title: say!("Remove the provider").into(),
        words: say!(
            "Everyone who signed in by {issuer} is signed out, and gets in by mailed links from now on. Members, headshots and domains stay. Who is who at the provider is forgotten.",
            issuer = connection.issuer
        )
        .into(),
        action: format!("{HREF}/remove"),
        button: say!("Remove provider").into(),
        cancel: HREF.to_owned(),
        name_to_type: None,
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Posted {
    issuer: String,
    client_id: String,
    client_secret: String,
}

/// `POST /app/admin/settings/single-sign-on`: saved once the provider says of itself what was entered of it.
async fn save(app: Data<App>, request: HttpRequest, lead: Lead, Form(posted): Form<Posted>) -> Result<HttpResponse> {
    let before = app.db.read(|view| connections::of_organization(view, &lead.member.organization))?;
    let wrong = |form: ProviderForm| {
        let keeps_secret = before.as_ref().is_some_and(Connection::has_secret);
        let form = ProviderForm { open: true, keeps_secret, ..form };
        screen(&app, &request, &lead, Showing { form: Some(form), ..Showing::default() }, StatusCode::BAD_REQUEST)
    };
    let settings = match Settings::parse(&posted.issuer, &posted.client_id, &posted.client_secret) {
        Ok(settings) => settings,
        Err(error) => {
            let client = connections::client_id_of(&posted.client_id).is_err();
            let (mut issuer, mut client_id) = (Field::new(posted.issuer), Field::new(posted.client_id));
            if client && crate::oidc::Issuer::parse(&issuer.value).is_ok() {
                client_id.error = Some(error.to_string());
            } else {
                issuer.error = Some(error.to_string());
            }
            return wrong(ProviderForm { issuer, client_id, ..ProviderForm::default() });
        }
    };
    if let Err(fault) =
        Provider::discover(&app.outbound, settings.relation(app.urls.page(single_sign_on::CALLBACK))).await
    {
        let error = Error::invalid(say!(
            "{issuer} can't be used: {fault}",
            issuer = settings.issuer.as_str(),
            fault = Message::english(fault.to_string())
        ));
        let issuer = Field::wrong(posted.issuer, &error);
        return wrong(ProviderForm { issuer, client_id: Field::new(posted.client_id), ..ProviderForm::default() });
    }
    let (by, key) = (lead.actor(), app.key.clone());
    app.db.write(move |tx| connections::set(tx, &by, &key, &settings)).await?;
    saying(&app, to(HREF), say!("Saved. Test it before you rely on it."))
}

/// `POST /app/admin/settings/single-sign-on/test`: to the provider and back, with nobody signed in by it.
async fn try_out(app: Data<App>, request: HttpRequest, lead: Lead) -> Result<HttpResponse> {
    lead.actor().must_be(Role::Owner)?;
    let connection = app.db.read(|view| connections::must_have(view, &lead.member.organization))?;
    single_sign_on::leave(&app, &request, connection, None, Errand::Test(lead.member.id)).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Switch {
    on: String,
    off: String,
}

/// `POST /app/admin/settings/single-sign-on/joining`
async fn provision(app: Data<App>, lead: Lead, Form(switch): Form<Switch>) -> Result<HttpResponse> {
    let (by, on) = (lead.actor(), !switch.on.is_empty());
    app.db.write(move |tx| connections::provision(tx, &by, on)).await?;
    let words = if on {
        say!("People of your domains join without an invite from now on.")
    } else {
        say!("Joining needs an invite again.")
    };
    saying(&app, to(HREF), words)
}

/// `POST /app/admin/settings/single-sign-on/only`
async fn enforce(app: Data<App>, lead: Lead, Form(switch): Form<Switch>) -> Result<HttpResponse> {
    let (by, on) = (lead.actor(), switch.off.is_empty());
    match app.db.write(move |tx| connections::enforce(tx, &by, on)).await {
        Ok(()) if on => saying(&app, to(HREF), say!("Single sign-on is the only way in for your domains now.")),
        Ok(()) => saying(&app, to(HREF), say!("Mailed links and passwords work again.")),
        Err(error @ Error::Invalid(_)) => saying(&app, to(HREF), error.to_string()),
        Err(error) => Err(error),
    }
}

/// `POST /app/admin/settings/single-sign-on/remove`
async fn remove(app: Data<App>, lead: Lead) -> Result<HttpResponse> {
    let by = lead.actor();
    app.db.write(move |tx| connections::remove(tx, &by)).await?;
    saying(&app, to(HREF), say!("Removed the provider. People sign in by mailed links again."))
}
