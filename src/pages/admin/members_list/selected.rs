//! What is done to the members that are selected on the list: moved, reminded, removed.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Form, Query},
};

use super::{
    Chosen,
    removing::{self, read},
    shown_again,
};
use crate::{
    app::App,
    error::{Error, Result},
    ids::{MemberId, TeamId},
    pages::{
        admin::add_member::Typed,
        to,
        undoing::leave,
        view::{grouped, saying},
    },
    shoots::{self, Nudged},
    teams,
    undo::{As, Thing},
    web::browser::Lead,
};

/// `POST /app/admin/members/selected`
pub(super) async fn act(
    app: Data<App>,
    request: HttpRequest,
    lead: Lead,
    Query(chosen): Query<Chosen>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<HttpResponse> {
    let one = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    // A row's own button stands for that row, whatever else is selected.
    let ids = match one("remind") {
        Some(id) => read(std::iter::once(id)),
        None => read(form.iter().filter(|(key, _)| key == "member").map(|(_, value)| value.as_str())),
    };
    let ids = match ids {
        Ok(ids) => ids,
        Err(nobody @ Error::Invalid(_)) => return saying(&app, to(chosen.here()), &nobody.to_string()),
        Err(other) => return Err(other),
    };
    match one("do").unwrap_or_default() {
        _ if one("remind").is_some() => remind(&app, &lead, &chosen, ids).await,
        "move" => relocate(&app, &lead, &chosen, ids, one("into").unwrap_or_default()).await,
        "remind" => remind(&app, &lead, &chosen, ids).await,
        "ask" => {
            let ids = ids.iter().map(MemberId::as_str).collect::<Vec<_>>().join(",");
            let place = chosen.place();
            Ok(to(chosen.at("/app/admin/members", &[&place[..], &[("remove", &ids)]].concat())))
        }
        "remove" => remove(&app, &request, &lead, chosen, ids, one("confirm").unwrap_or_default()).await,
        _ => Err(Error::invalid("Choose what to do with the people you selected.")),
    }
}

async fn relocate(app: &App, lead: &Lead, chosen: &Chosen, ids: Vec<MemberId>, team: &str) -> Result<HttpResponse> {
    let team: Option<TeamId> = match team {
        "" => return saying(app, to(chosen.here()), "Choose a team to move them to first."),
        "none" => None,
        id => Some(id.parse().map_err(|_| Error::NotFound("Team"))?),
    };
    let by = lead.actor();
    let (moved, name) = app
        .db
        .write(move |tx| {
            let moved = teams::move_members(tx, &by, &ids, team.as_ref())?;
            let name = team.map(|team| teams::get(tx, &by.organization, &team)).transpose()?.map(|team| team.name);
            Ok((moved, name))
        })
        .await?;
    let words = match (moved, name) {
        (0, Some(name)) => format!("They are in {name} already."),
        (0, None) => "They are in no team already.".to_owned(),
        (moved, Some(name)) => format!("Moved {} to {name}.", people(moved)),
        (moved, None) => format!("Took {} out of their team.", people(moved)),
    };
    saying(app, to(chosen.here()), &words)
}

async fn remind(app: &App, lead: &Lead, chosen: &Chosen, ids: Vec<MemberId>) -> Result<HttpResponse> {
    let by = lead.actor();
    // One alone is told why not; of several, those who can be are reminded.
    if let [id] = ids.as_slice() {
        let id = id.clone();
        let words = match app.db.write(move |tx| shoots::nudge(tx, &by, &id)).await {
            Ok(member) => format!("Reminded {}.", member.called()),
            Err(refused @ Error::Invalid(_)) => refused.to_string(),
            Err(other) => return Err(other),
        };
        return saying(app, to(chosen.here()), &words);
    }
    let nudged = app.db.write(move |tx| shoots::nudge_all(tx, &by, &ids)).await?;
    saying(app, to(chosen.here()), &in_words(&nudged))
}

fn in_words(nudged: &Nudged) -> String {
    let mut words = match nudged.sent {
        0 => "Reminded nobody.".to_owned(),
        sent => format!("Reminded {}.", people(sent)),
    };
    let left_out = [
        (nudged.lately, "reminded within the last day"),
        (nudged.nothing, "without anything to hand in"),
        (nudged.unreachable, "without an address"),
    ];
    let left_out: Vec<String> =
        left_out.iter().filter(|(count, _)| *count > 0).map(|(count, why)| format!("{count} {why}")).collect();
    if !left_out.is_empty() {
        words.push_str(&format!(" Left out {}.", left_out.join(", ")));
    }
    words
}

async fn remove(
    app: &Data<App>,
    request: &HttpRequest,
    lead: &Lead,
    chosen: Chosen,
    ids: Vec<MemberId>,
    typed: &str,
) -> Result<HttpResponse> {
    let wanted = app.db.read(|view| removing::wanted(view, &lead.member.organization, &ids))?;
    if typed.trim().to_lowercase() != wanted.to_lowercase() {
        let wrong = Error::invalid(format!("What you typed is not \"{wanted}\", so nobody was removed."));
        let again = ids.iter().map(MemberId::as_str).collect::<Vec<_>>().join(",");
        let chosen = Chosen { remove: Some(again), ..chosen };
        return shown_again(app, request, lead, &chosen, &Typed::default(), Some(&wrong), wrong.status()).await;
    }
    let (going, left_out) = app.db.read(|view| removing::going(view, &lead.member.organization, &ids))?;
    let what = match (going.as_slice(), left_out) {
        ([], _) => return saying(app, to(chosen.here()), "Nobody of them can be removed."),
        ([one], 0) => one.called().to_owned(),
        (several, 0) => people(several.len()),
        (several, left_out) => format!("{} ({} left out)", people(several.len()), grouped(left_out as u64)),
    };
    let ids = going.into_iter().map(|member| member.id).collect();
    // Whoever the part began behind may be gone.
    leave(app, &lead.member, As::Lead, Thing::Members(ids), what, chosen.list()).await
}

fn people(count: usize) -> String {
    match count {
        1 => "1 person".to_owned(),
        count => format!("{} people", grouped(count as u64)),
    }
}
