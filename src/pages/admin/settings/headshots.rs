//! Headshots: how many a shoot makes, how many edits there are, and who makes them. What can stand behind people is shown here too.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Form, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{Part, allowed, keeping, own_backdrops};
use crate::{
    app::App,
    db::View,
    error::Result,
    generator::Scene,
    house_style,
    i18n::Message,
    ids::{BackdropId, OrganizationId},
    organizations,
    pages::{
        admin::{
            Nav, Section, Tab, frame,
            picks::{self, Pick},
            teams::style::href as team_style,
        },
        filters, shown_with, to,
        undoing::Leaving,
        view::{Confirm, Field, Link, Page, saying},
    },
    shoots,
    styles::{self, MOST, Names, OwnBackdrop, Whose},
    teams, undo,
    web::{browser::Lead, get, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/settings/headshots", "GET, POST").route(get(show)).route(web::post().to(save)))
        .service(resource("/settings/headshots/edits", "POST").route(web::post().to(save_edits)));
}

#[derive(Template)]
#[template(path = "admin/headshots.html")]
struct Screen {
    page: Page,
    nav: Nav,
    tabs: Vec<Tab>,
    count: Field,
    keeping: Field,
    keeps: std::ops::RangeInclusive<u16>,
    least: u8,
    most: u8,
    edits: Field,
    lead_edits: Field,
    most_edits: u8,
    own: Vec<OwnView>,
    /// No more can be added.
    full: bool,
    new_name: Field,
    /// What is wrong with the picture that was to be added.
    refused: Option<String>,
    picks: Vec<Pick>,
    /// What is wrong with what was ticked.
    not_allowed: Option<String>,
    /// Nothing was ticked for them alone: what is added is offered at once.
    all_allowed: bool,
    /// Those with a choice of their own.
    teams: Vec<Link>,
    /// What is wrong with the file that was to be read.
    unread: Option<String>,
    maker: Maker,
    /// `?remove=ID`, `?keep=DAYS`, `?allow=LIST`
    confirm: Option<Confirm>,
    /// Nothing goes by it.
    gives: bool,
}

struct OwnView {
    id: String,
    name: String,
    picture: String,
    /// `?rename=ID`: the name is a form.
    renaming: Option<Field>,
    /// It means something for those who have chosen it, so it is asked first.
    asks: bool,
    /// It is being removed.
    leaving: Option<Leaving>,
}

/// Who makes the headshots, in words.
struct Maker {
    name: &'static str,
    words: Message,
    /// What they make can be edited afterwards.
    editable: bool,
    /// They can put the organization's own pictures behind people.
    shows_own: bool,
}

impl Maker {
    fn of(app: &App) -> Self {
        let can = app.generator.capabilities();
        let words = if can.remote {
            say!("Photos are sent to it, away from this server.")
        } else {
            match app.pool {
                Some(_) => {
                    say!(
                        "It works on this server and on other machines of the people who run it, and sends photos nowhere else."
                    )
                }
                None => say!("It works on this server, and sends photos nowhere."),
            }
        };
        Self { name: app.generator.name(), words, editable: can.cutouts, shows_own: can.own_backdrops }
    }
}

/// What the page shows otherwise than usual.
#[derive(Default)]
pub(super) struct Showing {
    pub(super) count: Option<Field>,
    /// Of members, and of leads.
    pub(super) edits: Option<(Field, Field)>,
    pub(super) keeping: Option<Field>,
    pub(super) keep: Option<String>,
    pub(super) new_name: Field,
    pub(super) refused: Option<String>,
    pub(super) renaming: Option<(BackdropId, Option<Field>)>,
    pub(super) removing: Option<BackdropId>,
    /// What is ticked to choose from.
    pub(super) allow: Option<Vec<Scene>>,
    pub(super) not_allowed: Option<String>,
    pub(super) unread: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    rename: Option<BackdropId>,
    remove: Option<BackdropId>,
    keep: Option<String>,
    allow: Option<String>,
}

/// `GET /app/admin/settings/headshots`
async fn show(app: Data<App>, request: HttpRequest, lead: Lead, Query(asked): Query<Asked>) -> Result<HttpResponse> {
    let renaming = asked.rename.map(|id| (id, None));
    let allow = asked.allow.as_deref().and_then(picks::of_address);
    let showing = Showing { renaming, removing: asked.remove, keep: asked.keep, allow, ..Showing::default() };
    screen(&app, &request, &lead, showing, StatusCode::OK)
}

pub(super) fn screen(
    app: &App,
    request: &HttpRequest,
    lead: &Lead,
    shown: Showing,
    status: StatusCode,
) -> Result<HttpResponse> {
    let view = app.db.read(|view| {
        let (page, nav) = frame(view, request, app, &lead.member, Section::Settings)?;
        let organization = organizations::get(view, &lead.member.organization)?;
        let listed = styles::list(view, &organization.id)?;
        for asked in shown.renaming.iter().map(|(id, _)| id).chain(&shown.removing) {
            styles::get(view, &organization.id, asked)?;
        }
        let names = Names::of(view, &organization.id)?;
        let offered = styles::offered_by(view, &organization.id, &Whose::Everyone)?;
        let confirm = match (&shown.removing, &shown.allow) {
            (Some(id), _) => {
                Some(own_backdrops::question(view, &organization.id, &styles::get(view, &organization.id, id)?)?)
            }
            (None, Some(scenes)) if shown.not_allowed.is_none() => {
                let (page, action) = (Part::Headshots.href(), allowed::ACTION);
                picks::question(view, &organization.id, &Whose::Everyone, scenes, page, action)?
            }
            _ => keeping::asked(view, &organization.id, shown.keep.as_deref())?,
        };
        // All of them, where the address says so in one word.
        let ticked = match shown.allow.as_deref() {
            None => offered,
            Some([]) if shown.not_allowed.is_none() => styles::available(view, &organization.id)?,
            Some(ticked) => ticked.to_vec(),
        };
        let going = undo::going(view, &organization.id, undo::Kind::Backdrop)?;
        let own = |own: OwnBackdrop| {
            Ok(OwnView {
                asks: !own_backdrops::consequences(view, &organization.id, &own.id)?.is_empty(),
                leaving: Leaving::of(&going, own.id.as_str(), &lead.member),
                renaming: shown
                    .renaming
                    .as_ref()
                    .filter(|(id, _)| *id == own.id)
                    .map(|(_, typed)| typed.clone().unwrap_or_else(|| Field::new(own.name.clone()))),
                picture: format!("{}/backdrops/{}/thumbnail.jpg", Part::Headshots.href(), own.id),
                id: own.id.to_string(),
                name: own.name,
            })
        };
        let present = || (Field::new(organization.edits.to_string()), Field::new(organization.lead_edits.to_string()));
        let (edits, lead_edits) = shown.edits.clone().unwrap_or_else(present);
        Ok(Screen {
            page,
            tabs: Part::Headshots.tabs(&nav),
            nav,
            count: shown.count.clone().unwrap_or_else(|| Field::new(organization.headshots.to_string())),
            keeping: shown.keeping.clone().unwrap_or_else(|| keeping::field(organization.results_days)),
            keeps: shoots::KEPT_DAYS,
            least: *organizations::HEADSHOTS.start(),
            most: *organizations::HEADSHOTS.end(),
            edits,
            lead_edits,
            most_edits: organizations::MOST_EDITS,
            full: listed.len() as i64 >= MOST,
            own: listed.into_iter().map(own).collect::<Result<_>>()?,
            new_name: shown.new_name.clone(),
            refused: shown.refused.clone(),
            picks: picks::picks(view, app, &organization.id, &names, &ticked)?,
            not_allowed: shown.not_allowed.clone(),
            all_allowed: styles::set_for(view, &organization.id, &Whose::Everyone)?.is_empty(),
            teams: teams_with_their_own(view, &organization.id)?,
            unread: shown.unread.clone(),
            maker: Maker::of(app),
            gives: shown.allow.is_some() && shown.removing.is_none(),
            confirm,
        })
    })?;
    shown_with(request, status, &view)
}

fn teams_with_their_own(view: &View, organization: &OrganizationId) -> Result<Vec<Link>> {
    let mut with = Vec::new();
    for team in teams::list(view, organization)? {
        if !styles::set_for(view, organization, &Whose::Team(team.id.clone()))?.is_empty() {
            with.push(Link::new(team_style(&team.id), team.name));
        }
    }
    Ok(with)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Posted {
    headshots: String,
}

/// `POST /app/admin/settings/headshots`
async fn save(app: Data<App>, request: HttpRequest, lead: Lead, Form(posted): Form<Posted>) -> Result<HttpResponse> {
    let number = match organizations::headshots(&posted.headshots) {
        Ok(number) => number,
        Err(error) => {
            let count = Some(Field::wrong(posted.headshots, &error));
            return screen(&app, &request, &lead, Showing { count, ..Showing::default() }, error.status());
        }
    };
    let by = lead.actor();
    app.db.write(move |tx| house_style::set_headshots(tx, &by, number)).await?;
    saying(
        &app,
        to(Part::Headshots.href()),
        say!("Saved. The next shoots make {n} headshot." | "Saved. The next shoots make {n} headshots.", n = number),
    )
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PostedEdits {
    edits: String,
    lead_edits: String,
}

/// `POST /app/admin/settings/headshots/edits`
async fn save_edits(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    Form(posted): Form<PostedEdits>,
) -> Result<HttpResponse> {
    let PostedEdits { edits, lead_edits } = posted;
    let (members, leads) = match (organizations::edits(&edits), organizations::edits(&lead_edits)) {
        (Ok(members), Ok(leads)) => (members, leads),
        (members, leads) => {
            let field = |typed: String, read: Result<u8>| match read {
                Ok(_) => Field::new(typed),
                Err(error) => Field::wrong(typed, &error),
            };
            let edits = Some((field(edits, members), field(lead_edits, leads)));
            return screen(&app, &request, &lead, Showing { edits, ..Showing::default() }, StatusCode::BAD_REQUEST);
        }
    };
    let by = lead.actor();
    app.db.write(move |tx| house_style::set_edits(tx, &by, members, leads)).await?;
    saying(&app, to(Part::Headshots.href()), say!("Saved. It applies at once."))
}
