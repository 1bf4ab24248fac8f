//! What can still be undone: a notice on every page of whoever asked for it, a mark on what is going, and the way to undo it.

use actix_web::{
    HttpResponse,
    http::header::{CacheControl, CacheDirective},
    web::{self, Data, Path, ServiceConfig},
};
use serde::Serialize;

use super::{to, view::saying};
use crate::{
    app::App,
    db::View,
    error::Result,
    ids::UndoableId,
    members::{Kind as Whose, Member},
    undo::{self, As, Going, Kind, State, Thing, Undoable},
    web::{
        browser::{MEMBER_PAGES, Own},
        get, resource,
    },
};

pub(super) fn routes(config: &mut ServiceConfig) {
    // Who came from another product has a session on the member's pages only.
    for base in ["", MEMBER_PAGES] {
        config
            .service(
                resource(&format!("{base}/undo/{{id}}"), "GET, POST")
                    .route(get(became))
                    .route(web::post().to(take_back)),
            )
            .service(resource(&format!("{base}/undo/{{id}}/read"), "POST").route(web::post().to(read)));
    }
}

/// What a page says of what its reader asked for.
#[derive(Default)]
pub(super) struct Notices {
    pub(super) waiting: Option<Waiting>,
    pub(super) troubles: Vec<Trouble>,
}

/// Something that can be undone.
pub(super) struct Waiting {
    pub(super) id: String,
    /// `Revoking the invite of kim@acme.test.`
    pub(super) words: String,
    /// Where it is undone, and where a script asks what became of it.
    pub(super) action: String,
    /// Milliseconds left, and of how many.
    pub(super) left: u128,
    pub(super) whole: u128,
}

/// Something that was refused after all.
pub(super) struct Trouble {
    pub(super) words: String,
    /// Where it is said that this was read.
    pub(super) action: String,
}

impl Notices {
    pub(super) fn of(view: &View, member: &Member) -> Result<Self> {
        let waiting = undo::latest(view, &member.id)?.map(|undoable| Waiting {
            words: outcome(&undoable),
            action: address(member, &undoable.id),
            left: undoable.due_at.since(view.now).as_millis(),
            whole: undo::GRACE.as_millis(),
            id: undoable.id.to_string(),
        });
        let trouble = |undoable: Undoable| Trouble {
            words: outcome(&undoable),
            action: format!("{}/read", address(member, &undoable.id)),
        };
        Ok(Self { waiting, troubles: undo::troubles(view, &member.id)?.into_iter().map(trouble).collect() })
    }

    pub(super) fn are_some(&self) -> bool {
        self.waiting.is_some() || !self.troubles.is_empty()
    }
}

/// How something that is going is marked where it stands.
#[derive(Clone)]
pub(super) struct Leaving {
    pub(super) id: String,
    /// `Removing`, and what a script says when that is over.
    pub(super) doing: &'static str,
    pub(super) done: &'static str,
    /// Where it is undone, if whoever looks may do so.
    pub(super) action: Option<String>,
}

impl Leaving {
    /// Of the thing with this id, if it is going.
    pub(super) fn of(going: &Going, id: &str, reader: &Member) -> Option<Self> {
        let undoable = going.of(id)?;
        let verb = Verb::of(undoable.kind);
        Some(Self {
            id: undoable.id.to_string(),
            doing: verb.doing,
            done: verb.done,
            action: undoable.may_be_undone_by(reader).then(|| address(reader, &undoable.id)),
        })
    }
}

/// Has something go, and leads back to the page it was asked for on, which says so.
pub(super) async fn leave(
    app: &App,
    by: &Member,
    asked_as: As,
    thing: Thing,
    what: String,
    back: String,
) -> Result<HttpResponse> {
    let (by, page) = (by.clone(), back.clone());
    app.db.write(move |tx| undo::ask(tx, &by, asked_as, &thing, &what, &back)).await?;
    Ok(to(page))
}

fn address(member: &Member, id: &UndoableId) -> String {
    let base = if member.kind == Whose::Anonymous { MEMBER_PAGES } else { "" };
    format!("{base}/undo/{id}")
}

struct Verb {
    doing: &'static str,
    done: &'static str,
    to_do: &'static str,
}

/// What stays, where one might think otherwise.
const fn stays(kind: Kind) -> &'static str {
    match kind {
        Kind::Link => " Who joined by it stays.",
        Kind::Team => " Its members stay, without a team.",
        _ => "",
    }
}

impl Verb {
    const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Invite | Kind::Accepted | Kind::Link | Kind::Share => {
                Self { doing: "Revoking", done: "Revoked", to_do: "revoke" }
            }
            Kind::Member | Kind::Backdrop | Kind::Logo | Kind::Question | Kind::Endpoint => {
                Self { doing: "Removing", done: "Removed", to_do: "remove" }
            }
            Kind::Team | Kind::Template | Kind::TemplateAlone | Kind::Photos | Kind::Shoot => {
                Self { doing: "Deleting", done: "Deleted", to_do: "delete" }
            }
        }
    }
}

/// What became of it, in words.
fn outcome(undoable: &Undoable) -> String {
    let (verb, what) = (Verb::of(undoable.kind), &undoable.what);
    match (undoable.state, &undoable.trouble) {
        (State::Waiting, _) => format!("{} {what}.{}", verb.doing, stays(undoable.kind)),
        (State::Undone, _) => format!("Undone. Nothing was {}.", verb.done.to_lowercase()),
        (State::Done, None) => format!("{} {what}.{}", verb.done, stays(undoable.kind)),
        (State::Done, Some(trouble)) => format!("Not all of {what} were {}. {trouble}", verb.done.to_lowercase()),
        (State::Refused, trouble) => {
            format!("Could not {} {what}. {}", verb.to_do, trouble.as_deref().unwrap_or_default())
        }
    }
}

#[derive(Serialize)]
struct Became {
    state: State,
    words: String,
}

/// `GET /undo/{id}`: what became of it, for the script that shows how the time runs down.
async fn became(app: Data<App>, who: Own, id: Path<UndoableId>) -> Result<HttpResponse> {
    let undoable = app.db.read(|view| undo::one_of(view, &who.member, &id))?;
    let became = Became { state: undoable.state, words: outcome(&undoable) };
    Ok(HttpResponse::Ok().insert_header(CacheControl(vec![CacheDirective::NoStore])).json(became))
}

/// `POST /undo/{id}`
async fn take_back(app: Data<App>, who: Own, id: Path<UndoableId>) -> Result<HttpResponse> {
    let undoable = app.db.write(move |tx| undo::undo(tx, &who.member, &id)).await?;
    let words = match undoable.state {
        State::Waiting | State::Undone => outcome(&undoable),
        State::Done | State::Refused => format!("Too late to undo. {}", outcome(&undoable)),
    };
    saying(&app, to(&undoable.back), &words)
}

/// `POST /undo/{id}/read`: what was refused is not said again.
async fn read(app: Data<App>, who: Own, id: Path<UndoableId>) -> Result<HttpResponse> {
    let undoable = app.db.write(move |tx| undo::read(tx, &who.member, &id)).await?;
    Ok(to(&undoable.back))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_says_what_is_done_to_it() {
        for kind in Kind::ALL {
            let verb = Verb::of(*kind);
            assert!(verb.doing.ends_with("ing") && verb.done.ends_with("ed"));
            assert!(verb.done.to_lowercase().starts_with(verb.to_do));
        }
    }
}
