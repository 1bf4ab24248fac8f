//! People with access: who leads the organization, and who owns it.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, Path, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::Part;
use crate::{
    app::App,
    audit::{self, Action},
    auth,
    db::View,
    error::{Error, Result},
    i18n::{Message, Rich},
    ids::MemberId,
    members::{self, Email, Member, Role},
    organizations,
    pages::{
        admin::{
            Nav, Section, Tab, frame,
            person::{self, same_name},
        },
        filters, shown_with, to,
        view::{Choice, Confirm, Field, Page, When, initials, saying},
    },
    secrets::Token,
    web::{
        browser::{self, Lead},
        get, resource,
    },
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/settings/access", "GET, POST").route(get(list)).route(web::post().to(promote)))
        .service(resource("/settings/access/{id}/demote", "POST").route(web::post().to(demote)))
        .service(resource("/settings/access/{id}/owner", "POST").route(web::post().to(hand_over)));
}

#[derive(Template)]
#[template(path = "admin/access.html")]
struct Access {
    page: Page,
    nav: Nav,
    tabs: Vec<Tab>,
    /// Whoever looks decides who leads.
    owns: bool,
    rows: Vec<LeadRow>,
    /// To make someone an admin.
    email: Field,
    /// To whom the organization could be handed: its admins. Others are made one first.
    heirs: Vec<Choice>,
    confirm: Option<Confirm>,
}

struct LeadRow {
    id: MemberId,
    href: String,
    name: String,
    email: String,
    initials: String,
    role: Message,
    since: When,
    /// The owner takes the role of others, an admin their own.
    demotion: Option<Rich>,
}

/// What an address of this page asks.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    demote: Option<String>,
    owner: Option<String>,
}

/// What could not stay.
#[derive(Default)]
struct Typed {
    email: Field,
    demote: Option<MemberId>,
    owner: Option<MemberId>,
    /// The name that was to be typed was another one.
    unconfirmed: bool,
}

/// `GET /app/admin/settings/access`
async fn list(app: Data<App>, request: HttpRequest, lead: Lead, Query(asked): Query<Asked>) -> Result<HttpResponse> {
    let member = |text: Option<String>| {
        text.map(|text| text.parse::<MemberId>().map_err(|_| Error::NotFound("Member"))).transpose()
    };
    let typed = Typed { demote: member(asked.demote)?, owner: member(asked.owner)?, ..Typed::default() };
    screen(&app, &request, &lead, typed, StatusCode::OK)
}

fn screen(app: &App, request: &HttpRequest, lead: &Lead, typed: Typed, status: StatusCode) -> Result<HttpResponse> {
    app.db.read(|view| {
        let (page, nav) = frame(view, request, app, &lead.member, Section::Settings)?;
        let owns = lead.member.role == Role::Owner;
        let leads = members::leads(view, &lead.member.organization)?;
        let heirs = if owns { heirs(&leads) } else { Vec::new() };
        let confirm = confirm(view, &lead.member, &typed)?;
        let rows = leads.into_iter().map(|one| row(view, &lead.member, one)).collect::<Result<_>>()?;
        let tabs = Part::Access.tabs(&nav);
        shown_with(request, status, &Access { page, nav, tabs, owns, rows, email: typed.email, heirs, confirm })
    })
}

fn row(view: &View, me: &Member, lead: Member) -> Result<LeadRow> {
    let since = audit::last(view, &lead.id, Action::RoleChanged)?.max(audit::last(view, &lead.id, Action::HandedOver)?);
    let demotion = match lead.role {
        Role::Admin if lead.id == me.id => {
            Some(say!("Step down<span class='spoken'>: {name}</span>", name = lead.called()).rich())
        }
        Role::Admin if me.role == Role::Owner => {
            Some(say!("Make member<span class='spoken'>: {name}</span>", name = lead.called()).rich())
        }
        _ => None,
    };
    let email = lead.email.as_ref().map(ToString::to_string).unwrap_or_default();
    Ok(LeadRow {
        href: person::href(&lead.id),
        name: lead.called().to_owned(),
        email: if lead.name.is_some() { email } else { String::new() },
        initials: initials(lead.called()),
        role: if lead.role == Role::Owner { say!("Owner") } else { say!("Admin") },
        since: When::day(since.unwrap_or(lead.created_at)),
        demotion,
        id: lead.id,
    })
}

fn heirs(leads: &[Member]) -> Vec<Choice> {
    let admins = leads.iter().filter(|lead| lead.role == Role::Admin && auth::can_lead(lead));
    let choice = |lead: &Member| Choice { value: lead.id.to_string(), words: lead.called().to_owned(), chosen: false };
    admins.map(choice).collect()
}

fn confirm(view: &View, me: &Member, typed: &Typed) -> Result<Option<Confirm>> {
    let page = Part::Access.href();
    let cancel = page.to_owned();
    if let Some(id) = &typed.demote {
        let member = members::of_organization(view, &me.organization, id)?;
        let own = member.id == me.id;
        return Ok(Some(Confirm {
            title: match own {
                true => say!("Step down"),
                false => say!("Make {name} a member", name = member.called()),
            }
            .into(),
            words: match own {
                true => say!("You no longer manage people, keys and settings. Your own headshots stay. Only the owner can make you an admin again."),
                false => say!(
                    "{name} no longer manages people, keys and settings, and is signed out everywhere. Their own headshots stay.",
                    name = member.called()
                ),
            }
            .into(),
            action: format!("{page}/{id}/demote"),
            button: if own { say!("Step down") } else { say!("Make member") }.into(),
            cancel,
            name_to_type: None,
        }));
    }
    let Some(id) = typed.owner.as_ref().filter(|_| me.role == Role::Owner) else { return Ok(None) };
    let heir = members::of_organization(view, &me.organization, id)?;
    let organization = organizations::get(view, &me.organization)?.name;
    let mut words = say!(
        "{name} becomes the owner and decides who leads. You become an admin, and can't take it back yourself. Both of you are told by mail, and signed out on other devices.",
        name = heir.called()
    );
    if typed.unconfirmed {
        words = say!("That was another name; nothing was handed over. {words}", words);
    }
    Ok(Some(Confirm {
        title: say!("Hand {organization} over to {name}", organization, name = heir.called()).into(),
        words: words.into(),
        action: format!("{page}/{id}/owner"),
        button: say!("Hand over").into(),
        cancel,
        name_to_type: Some(organization),
    }))
}

#[derive(Deserialize)]
struct Promotion {
    #[serde(default)]
    email: String,
}

/// `POST /app/admin/settings/access`
async fn promote(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    Form(form): Form<Promotion>,
) -> Result<HttpResponse> {
    let by = lead.actor();
    let promoted = match form.email.parse::<Email>() {
        Ok(email) => {
            let promoted = app.db.write(move |tx| {
                let member = members::named(tx, &by.organization, &email)?;
                auth::change_role(tx, &by, None, &member.id, Role::Admin)?;
                Ok(member)
            });
            promoted.await
        }
        Err(error) => Err(error),
    };
    let error = match promoted {
        Ok(member) => {
            let words = say!("{name} is an admin now. They have to sign in again.", name = member.called());
            return saying(&app, to(Part::Access.href()), words);
        }
        Err(Error::NotFound(_)) => Error::invalid(say!("Nobody here has this address. Invite them first.")),
        Err(error @ Error::Invalid(_)) => error,
        Err(error) => return Err(error),
    };
    let typed = Typed { email: Field::wrong(form.email, &error), ..Typed::default() };
    screen(&app, &request, &lead, typed, error.status())
}

/// `POST /app/admin/settings/access/{id}/demote`
async fn demote(app: Data<App>, request: HttpRequest, lead: Lead, id: Path<MemberId>) -> Result<HttpResponse> {
    let (by, id, cookie) = (lead.actor(), id.into_inner(), browser::cookie_of(&request, &app));
    let own = id == lead.member.id;
    let changed = app.db.write(move |tx| auth::change_role(tx, &by, cookie.as_deref(), &id, Role::Member)).await;
    match changed {
        Ok(renewed) if own => on(&app, to("/team-member"), renewed.as_ref(), say!("You are a member now.")),
        Ok(renewed) => on(&app, to(Part::Access.href()), renewed.as_ref(), say!("They are a member now.")),
        Err(Error::Invalid(why)) => saying(&app, to(Part::Access.href()), &why),
        Err(error) => Err(error),
    }
}

#[derive(Deserialize)]
struct Confirmed {
    #[serde(default)]
    confirm: String,
}

/// `POST /app/admin/settings/access/{id}/owner`
async fn hand_over(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    id: Path<MemberId>,
    Form(form): Form<Confirmed>,
) -> Result<HttpResponse> {
    let id = id.into_inner();
    let name = app.db.read(|view| Ok(organizations::get(view, &lead.member.organization)?.name))?;
    if lead.member.role == Role::Owner && !same_name(&form.confirm, &name) {
        let typed = Typed { owner: Some(id), unconfirmed: true, ..Typed::default() };
        return screen(&app, &request, &lead, typed, StatusCode::BAD_REQUEST);
    }
    let (by, cookie) = (lead.actor(), browser::cookie_of(&request, &app));
    match app.db.write(move |tx| auth::hand_over(tx, &by, cookie.as_deref(), &id)).await {
        Ok(renewed) => {
            on(&app, to(Part::Access.href()), renewed.as_ref(), say!("Handed {name} over. You are an admin now.", name))
        }
        Err(Error::Invalid(why)) => saying(&app, to(Part::Access.href()), &why),
        Err(error) => Err(error),
    }
}

/// On, under a new cookie if the browser's own privilege changed.
fn on(app: &App, mut response: HttpResponse, renewed: Option<&Token>, words: Message) -> Result<HttpResponse> {
    if let Some(token) = renewed {
        response.add_cookie(&browser::signed_in(app, token)).map_err(|cause| Error::internal(cause.to_string()))?;
    }
    saying(app, response, words)
}
