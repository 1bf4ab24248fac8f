//! The wall: everyone's headshot beside everyone's, by team if wanted; some or all of them to take along.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Path, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{Nav, Section, address, frame, person, said};
use crate::{
    app::{App, darkroom},
    error::{Error, Result},
    i18n::Message,
    ids::{MemberId, ResultId, TeamId},
    members::{self, Filter},
    pages::{
        filters,
        member::webp,
        shown_with,
        view::{Choice, Page},
    },
    results::{self, Face, Sieve},
    storage::Preview,
    teams,
    web::{browser::Lead, get, resource},
};

mod names;
mod sheet;
mod take;

/// Pictures of one part. With the widest window five rows of them are seen at once.
const TILES: u32 = 60;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/headshots", "GET").route(get(show)))
        .service(resource("/headshots/take", "POST").route(web::post().to(take::act)))
        .service(resource("/headshots/progress", "GET").route(get(take::progress)))
        .service(resource("/headshots/{id:[0-9a-f]{24}}/tile-256.webp", "GET").route(get(small)))
        .service(resource("/headshots/{id:[0-9a-f]{24}}/tile-512.webp", "GET").route(get(large)));
}

#[derive(Template)]
#[template(path = "admin/wall.html")]
struct Wall {
    page: Page,
    nav: Nav,
    /// Nobody has headshots, whatever the filter.
    none_at_all: bool,
    /// Of those who have none there are some.
    members: bool,
    search: String,
    teams: Vec<Choice>,
    shows: Vec<Choice>,
    arrangements: Vec<Choice>,
    filtered: bool,
    groups: Vec<Group>,
    count_words: Message,
    /// How many are taken along if nobody is selected.
    all_words: Message,
    /// The next part.
    more: Option<String>,
    /// The beginning, if this is not it.
    first: Option<String>,
    /// Where what is done with those selected is posted.
    action: String,
}

/// Those of one team, or everyone.
struct Group {
    /// The team's name; nothing where nobody is grouped.
    title: Option<String>,
    key: String,
    tiles: Vec<TileView>,
}

/// A person's headshot among others.
struct TileView {
    member: String,
    href: String,
    name: String,
    team: Option<String>,
    picture: Picture,
    chosen: bool,
}

/// A square picture in two sizes.
pub(super) struct Picture {
    pub(super) src: String,
    pub(super) srcset: String,
}

impl Picture {
    pub(super) fn of(id: &ResultId) -> Self {
        let at = |tile: Preview| format!("{}/{id}/{}", Section::Headshots.href(), tile.name());
        let srcset = Preview::TILES.map(|tile| format!("{} {}w", at(tile), tile.width()));
        Self { src: at(Preview::Tile), srcset: srcset.join(", ") }
    }
}

/// What is chosen, as the address has it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Chosen {
    q: String,
    team: String,
    /// `chosen`, `open`
    show: String,
    /// `team`
    group: String,
    after: Option<String>,
}

impl Chosen {
    fn sieve(&self) -> Sieve {
        Sieve {
            who: Filter { search: self.q.clone(), team: said::<TeamId>(Some(&self.team)), stage: None },
            chosen: match self.show.as_str() {
                "chosen" => Some(true),
                "open" => Some(false),
                _ => None,
            },
            only: None,
        }
    }

    fn by_team(&self) -> bool {
        self.group == "team"
    }

    fn at(&self, path: &str, more: &[(&str, &str)]) -> String {
        let group = if self.by_team() { "team" } else { "" };
        let chosen = [("q", self.q.trim()), ("team", &self.team), ("show", &self.show), ("group", group)];
        address(path, &[&chosen[..], more].concat())
    }
}

/// `GET /app/admin/headshots`
async fn show(app: Data<App>, request: HttpRequest, lead: Lead, Query(chosen): Query<Chosen>) -> Result<HttpResponse> {
    let (sieve, by_team, organization) = (chosen.sieve(), chosen.by_team(), lead.member.organization.clone());
    let after: Option<MemberId> = said(chosen.after.as_deref());
    let filtered = sieve.who.narrows() || sieve.chosen.is_some();
    let behind = after.clone();
    let (mut faces, matching, all) = app
        .db
        .scan(move |view| {
            let faces = results::wall(view, &organization, &sieve, by_team, behind.as_ref(), TILES + 1)?;
            let matching = results::wall_tally(view, &organization, &sieve)?;
            let all = if filtered { results::wall_tally(view, &organization, &Sieve::default())? } else { matching };
            Ok((faces, matching, all))
        })
        .await?;
    let goes_on = faces.len() > TILES as usize;
    faces.truncate(TILES as usize);
    let home = Section::Headshots.href();
    let more = faces.last().filter(|_| goes_on).map(|last| chosen.at(home, &[("after", last.member.as_str())]));
    let view = app.db.read(|view| {
        let (page, nav) = frame(view, &request, &app, &lead.member, Section::Headshots)?;
        let organization = &lead.member.organization;
        let listed = teams::list(view, organization)?;
        Ok(Wall {
            page,
            nav,
            none_at_all: all.people == 0,
            members: members::count(view, organization, &Filter::default())? > 1,
            search: chosen.q.clone(),
            arrangements: if listed.is_empty() { Vec::new() } else { arrangements(by_team) },
            teams: teams_to_choose(&chosen.team, listed),
            shows: shows(&chosen.show),
            filtered,
            groups: in_groups(faces, by_team),
            count_words: match filtered {
                true => {
                    say!("{shown} of {n} person" | "{shown} of {n} people", n = all.people, shown = matching.people)
                }
                false => say!(
                    "{n} person, {chosen} with a favourite" | "{n} people, {chosen} with a favourite",
                    n = all.people,
                    chosen = all.chosen
                ),
            },
            all_words: say!(
                "Without a selection you take the only one." | "Without a selection you take all {n}.",
                n = matching.people
            ),
            more,
            first: after.is_some().then(|| chosen.at(home, &[])),
            action: chosen.at(&format!("{home}/take"), &[]),
        })
    })?;
    shown_with(&request, StatusCode::OK, &view)
}

fn teams_to_choose(chosen: &str, listed: Vec<teams::Team>) -> Vec<Choice> {
    if listed.is_empty() {
        return Vec::new();
    }
    let all = Choice { value: String::new(), words: say!("All teams").into(), chosen: false };
    let each = listed.into_iter().map(|team| Choice {
        chosen: team.id.as_str() == chosen,
        value: team.id.to_string(),
        words: team.name,
    });
    std::iter::once(all).chain(each).collect()
}

fn choice(value: &str, words: Message, chosen: bool) -> Choice {
    Choice { value: value.to_owned(), words: words.into(), chosen }
}

fn shows(show: &str) -> Vec<Choice> {
    let each = [("", say!("Everyone")), ("chosen", say!("Favourite chosen")), ("open", say!("Not chosen yet"))];
    each.map(|(value, words)| choice(value, words, value == show)).into()
}

fn arrangements(by_team: bool) -> Vec<Choice> {
    vec![choice("", say!("By name"), !by_team), choice("team", say!("By team"), by_team)]
}

fn in_groups(faces: Vec<Face>, by_team: bool) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for face in faces {
        let key = match &face.team {
            Some((id, _)) if by_team => id.to_string(),
            _ => String::new(),
        };
        if groups.last().is_none_or(|last| last.key != key) {
            let title =
                by_team.then(|| face.team.as_ref().map_or_else(|| say!("No team").into(), |(_, name)| name.clone()));
            groups.push(Group { title, key, tiles: Vec::new() });
        }
        if let Some(group) = groups.last_mut() {
            group.tiles.push(TileView {
                href: person::href(&face.member),
                name: face.called().to_owned(),
                picture: Picture::of(&face.headshot.id),
                chosen: face.headshot.favorite,
                team: face.team.map(|(_, name)| name),
                member: face.member.to_string(),
            });
        }
    }
    groups
}

/// `GET /app/admin/headshots/{id}/tile-256.webp`
async fn small(app: Data<App>, lead: Lead, id: Path<ResultId>) -> Result<HttpResponse> {
    tile(&app, &lead, &id, Preview::Tile).await
}

/// `GET /app/admin/headshots/{id}/tile-512.webp`
async fn large(app: Data<App>, lead: Lead, id: Path<ResultId>) -> Result<HttpResponse> {
    tile(&app, &lead, &id, Preview::LargeTile).await
}

async fn tile(app: &App, lead: &Lead, id: &ResultId, wanted: Preview) -> Result<HttpResponse> {
    app.db.read(|view| results::seen_by(view, id, &lead.member))?;
    darkroom::preview(app, id, wanted).await?.map(webp).ok_or(Error::NotFound("Photo"))
}
