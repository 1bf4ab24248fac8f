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
    i18n::Message,
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
    pub(super) words: Message,
    /// Where it is undone, and where a script asks what became of it.
    pub(super) action: String,
    /// Milliseconds left, and of how many.
    pub(super) left: u128,
    pub(super) whole: u128,
}

/// Something that was refused after all.
pub(super) struct Trouble {
    pub(super) words: Message,
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
    pub(super) doing: Message,
    pub(super) done: Message,
    /// Where it is undone, if whoever looks may do so.
    pub(super) action: Option<String>,
}

impl Leaving {
    /// Of the thing with this id, if it is going.
    pub(super) fn of(going: &Going, id: &str, reader: &Member) -> Option<Self> {
        let undoable = going.of(id)?;
        let (doing, done) = match Verb::of(undoable.kind) {
            Verb::Revoke => (say!("Revoking"), say!("Revoked")),
            Verb::Remove => (say!("Removing"), say!("Removed")),
            Verb::Delete => (say!("Deleting"), say!("Deleted")),
        };
        Some(Self {
            id: undoable.id.to_string(),
            doing,
            done,
            action: undoable.may_be_undone_by(reader).then(|| address(reader, &undoable.id)),
        })
    }
}

/// Has something go, and leads back to the page it was asked for on, which says so. `what` is what it is called within a
/// sentence: `the team Design`.
pub(super) async fn leave(
    app: &App,
    by: &Member,
    asked_as: As,
    thing: Thing,
    what: impl Into<Message>,
    back: String,
) -> Result<HttpResponse> {
    let (by, page, what) = (by.clone(), back.clone(), what.into());
    app.db.write(move |tx| undo::ask(tx, &by, asked_as, &thing, &what, &back)).await?;
    Ok(to(page))
}

fn address(member: &Member, id: &UndoableId) -> String {
    let base = if member.kind == Whose::Anonymous { MEMBER_PAGES } else { "" };
    format!("{base}/undo/{id}")
}

/// What is done to it.
#[derive(Clone, Copy)]
enum Verb {
    Revoke,
    Remove,
    Delete,
}

impl Verb {
    const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Invite | Kind::Accepted | Kind::Link | Kind::Share => Self::Revoke,
            Kind::Member | Kind::Backdrop | Kind::Logo | Kind::Question | Kind::Endpoint => Self::Remove,
            Kind::Team | Kind::Template | Kind::TemplateAlone | Kind::Photos | Kind::Shoot => Self::Delete,
        }
    }
}

/// What became of it, in words.
fn outcome(undoable: &Undoable) -> Message {
    let (verb, what) = (Verb::of(undoable.kind), &undoable.what);
    match (undoable.state, undoable.trouble.clone()) {
        (State::Waiting, _) => stays(
            undoable.kind,
            match verb {
                Verb::Revoke => say!("Revoking {what}.", what),
                Verb::Remove => say!("Removing {what}.", what),
                Verb::Delete => say!("Deleting {what}.", what),
            },
        ),
        (State::Undone, _) => match verb {
            Verb::Revoke => say!("Undone. Nothing was revoked."),
            Verb::Remove => say!("Undone. Nothing was removed."),
            Verb::Delete => say!("Undone. Nothing was deleted."),
        },
        (State::Done, None) => stays(
            undoable.kind,
            match verb {
                Verb::Revoke => say!("Revoked {what}.", what),
                Verb::Remove => say!("Removed {what}.", what),
                Verb::Delete => say!("Deleted {what}.", what),
            },
        ),
        (State::Done, Some(trouble)) => match verb {
            Verb::Revoke => say!("Not all of {what} were revoked.", what),
            Verb::Remove => say!("Not all of {what} were removed.", what),
            Verb::Delete => say!("Not all of {what} were deleted.", what),
        }
        .then(trouble),
        (State::Refused, trouble) => match verb {
            Verb::Revoke => say!("Could not revoke {what}.", what),
            Verb::Remove => say!("Could not remove {what}.", what),
            Verb::Delete => say!("Could not delete {what}.", what),
        }
        .then(trouble.unwrap_or_else(|| say!("It changed meanwhile."))),
    }
}

/// What happens, and what stays where one might think otherwise.
fn stays(kind: Kind, happens: Message) -> Message {
    match kind {
        Kind::Link => happens.then(say!("Who joined by it stays.")),
        Kind::Team => happens.then(say!("Its members stay, without a team.")),
        _ => happens,
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
    let became = Became { state: undoable.state, words: outcome(&undoable).to_string() };
    Ok(HttpResponse::Ok().insert_header(CacheControl(vec![CacheDirective::NoStore])).json(became))
}

/// `POST /undo/{id}`
async fn take_back(app: Data<App>, who: Own, id: Path<UndoableId>) -> Result<HttpResponse> {
    let undoable = app.db.write(move |tx| undo::undo(tx, &who.member, &id)).await?;
    let words = match undoable.state {
        State::Waiting | State::Undone => outcome(&undoable),
        State::Done | State::Refused => say!("Too late to undo.").then(outcome(&undoable)),
    };
    saying(&app, to(&undoable.back), &words)
}

/// `POST /undo/{id}/read`: what was refused is not said again.
async fn read(app: Data<App>, who: Own, id: Path<UndoableId>) -> Result<HttpResponse> {
    let undoable = app.db.write(move |tx| undo::read(tx, &who.member, &id)).await?;
    Ok(to(&undoable.back))
}
