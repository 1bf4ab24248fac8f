//! The page of a refusal: what happened, what it means, what to do.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use askama::Template;

use super::{
    host::Host,
    shown_with,
    view::{Brand, Link, Page},
};
use crate::{
    error::{Error, Result},
    i18n::Message,
    pages::filters,
    web::{answer::RequestId, audience::Audience},
};

#[derive(Template)]
#[template(path = "bare/error.html")]
struct Problem {
    page: Page,
    what_happened: Message,
    what_it_means: Message,
    what_to_do: Message,
    next: Option<Link>,
    /// To ask the administrator by.
    request_id: Option<String>,
}

/// The page of a refusal.
pub fn problem(error: &Error, id: &RequestId, audience: &Audience) -> String {
    let (brand, (what_happened, what_to_do, next)) = match audience {
        Audience::Own => (Brand::ours(), to_ours(error)),
        Audience::Embedded(Some((organization, _))) => (Brand::of((**organization).clone()), to_embedded(error)),
        Audience::Embedded(None) => (Brand::nobodys(), to_embedded(error)),
    };
    let what_it_means = match (error, audience) {
        (Error::NotFound(_), _) => say!("This page doesn't exist, or it is not yours to see."),
        (Error::Internal(_), _) => say!("It is not your fault, and what you saved before is safe."),
        (Error::Unauthorized(_), Audience::Embedded(_)) => TIME_IS_UP,
        (Error::NoCredits | Error::NoCreditsForModel, Audience::Embedded(_)) => say!("What you entered is saved."),
        (other, _) => Message::plain(other.to_string()),
    };
    let mut page = Page::plain(what_happened.clone(), brand);
    if let (Error::Unauthorized(_), Audience::Embedded(Some((_, frames)))) = (error, audience) {
        page.host = Some(Host::of_nobody(frames));
    }
    let request_id = Some(id.as_str().to_owned());
    let problem = Problem { page, what_happened, what_it_means, what_to_do, next, request_id };
    problem.render().unwrap_or_else(|_| error.to_string())
}

/// To people who sign in here, or could.
fn to_ours(error: &Error) -> (Message, Message, Option<Link>) {
    let home = Link::new("/app", say!("Go to the start page"));
    let sign_in = Link::new("/signin", say!("Sign in"));
    let (what_happened, what_to_do, next) = match error {
        Error::Unauthorized(_) => {
            (say!("Sign in first"), say!("Sign in with your work address, then open this page again."), sign_in)
        }
        Error::Forbidden(_) => {
            (say!("You don't have access"), say!("If you need it, ask the person who leads your organization."), home)
        }
        Error::NoCredits | Error::NoCreditsForModel => {
            (say!("No credits left"), say!("Ask the person who leads your organization to add credits."), home)
        }
        Error::Internal(_) => (
            say!("Something went wrong on our side"),
            say!("Try again. If it happens again, tell your administrator the id below."),
            home,
        ),
        other => return to_all(other, home),
    };
    (what_happened, what_to_do, Some(next))
}

const TIME_IS_UP: Message = say!("You have been away for a while, or what was here is gone.");

/// To people whom another product let in: there is nothing of ours to sign in to, and nobody of ours to ask.
fn to_embedded(error: &Error) -> (Message, Message, Option<Link>) {
    let home = Link::new("/team-member", say!("Go to your headshots"));
    match error {
        Error::Unauthorized(_) => {
            (say!("This page has closed"), say!("To go on, go back to where you came from and open it again."), None)
        }
        Error::Forbidden(_) => (
            say!("You don't have access"),
            say!("Start again from the beginning, or from where you came from."),
            Some(home),
        ),
        Error::NoCredits | Error::NoCreditsForModel => {
            (say!("Headshots can't be made at the moment"), say!("Come back later and try again."), Some(home))
        }
        Error::Internal(_) => (
            say!("Something went wrong on our side"),
            say!("Try again. If it happens again, tell the people you came from the id below."),
            Some(home),
        ),
        other => to_all(other, home),
    }
}

fn to_all(error: &Error, home: Link) -> (Message, Message, Option<Link>) {
    let (what_happened, what_to_do) = match error {
        Error::NotFound(_) => {
            (say!("There is nothing here"), say!("Check the address, or start again from the beginning."))
        }
        Error::TooMany { .. } => (say!("Too many tries"), say!("Wait a little, then try again.")),
        Error::InviteLimit { .. } => {
            (say!("Too many open invites"), say!("Revoke those nobody will answer, or wait until some are accepted."))
        }
        Error::TooLarge(_) | Error::TooHard(_) => {
            (say!("That was too large"), say!("Choose a smaller file and try again."))
        }
        Error::Unavailable(_) => (say!("The server is busy"), say!("Wait a moment, then load this page again.")),
        _ => (say!("That didn't work"), say!("Go back, change what is wrong, and try again.")),
    };
    (what_happened, what_to_do, Some(home))
}

/// The page of a link that shows headshots to nobody any more, or never did: the two look the same, and name no one.
pub(super) fn share_is_over(request: &HttpRequest, status: StatusCode) -> Result<HttpResponse> {
    let what_happened = say!("This link shows nothing any more");
    let page = Problem {
        page: Page::plain(what_happened.clone(), Brand::nobodys()),
        what_happened,
        what_it_means: say!("It has ended, was taken back, or what it showed was deleted."),
        what_to_do: say!("Ask whoever sent it to you for a new one."),
        next: None,
        request_id: None,
    };
    shown_with(request, status, &page)
}

/// The page of a signed URL that opens nothing any more.
pub(super) fn too_old(request: &HttpRequest, brand: Brand) -> Result<HttpResponse> {
    let what_happened = say!("This link is too old");
    let page = Problem {
        page: Page::plain(what_happened.clone(), brand),
        what_happened,
        what_it_means: say!("A link like this works for a day, and for as long as what it leads to is there."),
        what_to_do: say!("To go on, go back to where you came from and open it again."),
        next: None,
        request_id: None,
    };
    shown_with(request, StatusCode::UNAUTHORIZED, &page)
}
