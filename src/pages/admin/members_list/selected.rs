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
    i18n::Message,
    ids::{MemberId, TeamId},
    pages::{admin::add_member::Typed, to, undoing::leave, view::saying},
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
        Err(nobody @ Error::Invalid(_)) => return saying(&app, to(chosen.here()), &nobody),
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
        _ => Err(Error::invalid(say!("Choose what to do with the people you selected."))),
    }
}

async fn relocate(app: &App, lead: &Lead, chosen: &Chosen, ids: Vec<MemberId>, team: &str) -> Result<HttpResponse> {
    let team: Option<TeamId> = match team {
        "" => return saying(app, to(chosen.here()), say!("Choose a team to move them to first.")),
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
        (0, Some(team)) => say!("They are in {team} already.", team),
        (0, None) => say!("They are in no team already."),
        (moved, Some(team)) => say!("Moved {n} person to {team}." | "Moved {n} people to {team}.", n = moved, team),
        (moved, None) => {
            say!("Took {n} person out of their team." | "Took {n} people out of their team.", n = moved)
        }
    };
    saying(app, to(chosen.here()), &words)
}

async fn remind(app: &App, lead: &Lead, chosen: &Chosen, ids: Vec<MemberId>) -> Result<HttpResponse> {
    let by = lead.actor();
    // One alone is told why not; of several, those who can be are reminded.
    if let [id] = ids.as_slice() {
        let id = id.clone();
        let words = match app.db.write(move |tx| shoots::nudge(tx, &by, &id)).await {
            Ok(member) => say!("Reminded {name}.", name = member.called()),
            Err(Error::Invalid(why)) => why,
            Err(other) => return Err(other),
        };
        return saying(app, to(chosen.here()), &words);
    }
    let nudged = app.db.write(move |tx| shoots::nudge_all(tx, &by, &ids)).await?;
    saying(app, to(chosen.here()), in_words(&nudged))
}

fn in_words(nudged: &Nudged) -> Message {
    let words = match nudged.sent {
        0 => say!("Reminded nobody."),
        sent => say!("Reminded {n} person." | "Reminded {n} people.", n = sent),
    };
    let left_out = [
        (nudged.lately, say!("{n} reminded within the last day", n = nudged.lately)),
        (nudged.nothing, say!("{n} without anything to hand in", n = nudged.nothing)),
        (nudged.unreachable, say!("{n} without an address", n = nudged.unreachable)),
    ];
    let left_out = left_out.into_iter().filter(|(count, _)| *count > 0).map(|(_, who)| who);
    match left_out.reduce(|first, next| say!("{first}, {next}", first, next)) {
        Some(who) => words.then(say!("Left out {who}.", who)),
        None => words,
    }
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
        let wrong = Error::invalid(say!("What you typed is not \"{wanted}\", so nobody was removed.", wanted));
        let again = ids.iter().map(MemberId::as_str).collect::<Vec<_>>().join(",");
        let chosen = Chosen { remove: Some(again), ..chosen };
        return shown_again(app, request, lead, &chosen, &Typed::default(), Some(&wrong), wrong.status()).await;
    }
    let (going, left_out) = app.db.read(|view| removing::going(view, &lead.member.organization, &ids))?;
    let what = match (going.as_slice(), left_out) {
        ([], _) => return saying(app, to(chosen.here()), say!("Nobody of them can be removed.")),
        ([one], 0) => Message::plain(one.called()),
        (several, 0) => people(several.len()),
        (several, left_out) => {
            say!("{people} ({left_out} left out)", people = people(several.len()), left_out)
        }
    };
    let ids = going.into_iter().map(|member| member.id).collect();
    // Whoever the part began behind may be gone.
    leave(app, &lead.member, As::Lead, Thing::Members(ids), what, chosen.list()).await
}

fn people(count: usize) -> Message {
    say!("{n} person" | "{n} people", n = count)
}
