//! The member's pages under `/team-member`: from the first photo to the finished headshots.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, CacheControl, CacheDirective},
    web,
};
use bytes::Bytes;

use crate::{
    db::View,
    error::Result,
    i18n::Message,
    members::Member,
    pages::view::{Link, Page},
    shoots::{self, Shoot, State},
    web::browser::{MEMBER_PAGES, SignedIn},
};

mod alone;
mod answers;
mod backdrops;
mod compare;
mod dashboard;
mod download;
mod edit;
mod following;
mod gallery;
mod headshot;
mod onboarding;
mod photos;
mod pieces;
mod privacy;
mod profile_picture;
mod review;
mod share;
mod style;
mod uploads;
mod verdicts;
mod waiting;
mod you;

pub(super) use backdrops::file as backdrop_file;
pub(super) use gallery::Pictures;
pub(super) use uploads::{Fields, broken, name_of};

/// All of them.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .configure(alone::routes)
        .configure(answers::routes)
        .configure(backdrops::routes)
        .configure(compare::routes)
        .configure(dashboard::routes)
        .configure(download::routes)
        .configure(edit::routes)
        .configure(following::routes)
        .configure(headshot::routes)
        .configure(onboarding::routes)
        .configure(photos::routes)
        .configure(pieces::routes)
        .configure(privacy::routes)
        .configure(profile_picture::routes)
        .configure(review::routes)
        .configure(share::routes)
        .configure(style::routes)
        .configure(uploads::routes)
        .configure(waiting::routes)
        .configure(you::routes);
}

/// Where everything begins, and where who is elsewhere is sent: it knows the way on.
const START: &str = "";

/// The frame of a member's page. A lead who acts for someone sees their own name in the corner, and above the page whom they
/// act for and the way back.
pub(super) fn frame(view: &View, request: &HttpRequest, title: impl Into<String>, who: &SignedIn) -> Result<Page> {
    let mut page = Page::of(view, request, title, &who.by)?;
    if who.for_another() {
        page.base = who.at(START);
        page.behalf = Some(Link::new(format!("/app/admin/members/{}", who.member.id), who.member.called()));
    }
    Ok(page)
}

/// A sentence about the member's things, as it is said to themselves or to a lead who acts for them.
fn whose(who: &SignedIn, own: Message, anothers: Message) -> Message {
    if who.for_another() { anothers } else { own }
}

/// Where a member stands, which decides what they see. [contract 7]
enum Place {
    /// Adding photos; whoever never had a shoot begins one here.
    Onboarding(Option<Shoot>),
    /// Waiting for headshots.
    Waiting(Shoot),
    /// Looking at headshots, of one shoot or several, newest first.
    Results(Vec<Shoot>),
    /// Theirs are gone.
    Deleted(Shoot),
}

impl Place {
    /// The latest shoot decides; when that one is deleted, earlier headshots can still be seen.
    fn of(view: &View, member: &Member) -> Result<Self> {
        let mut all = shoots::of_member(view, &member.id)?;
        let Some(latest) = all.first() else { return Ok(Self::Onboarding(None)) };
        Ok(match latest.state {
            State::Onboarding => Self::Onboarding(Some(all.swap_remove(0))),
            state if state.waits() => Self::Waiting(all.swap_remove(0)),
            _ if all.iter().any(|shoot| shoot.state == State::Ready) => {
                all.retain(|shoot| shoot.state == State::Ready);
                Self::Results(all)
            }
            _ => Self::Deleted(all.swap_remove(0)),
        })
    }

    /// The page to be at, as [`SignedIn::at`] takes it.
    fn address(&self) -> &'static str {
        match self {
            Self::Onboarding(_) => "/onboarding",
            Self::Waiting(_) => "/waiting",
            Self::Results(_) | Self::Deleted(_) => START,
        }
    }
}

/// Seconds a browser may keep a picture. Pictures never change; a day bounds how long a deleted one lingers.
const KEPT: u32 = 24 * 60 * 60;

/// A picture of ours, for the one browser that asked. Even opened on its own, it can do nothing.
fn picture(bytes: Bytes) -> HttpResponse {
    kept(bytes, "image/jpeg")
}

/// The same of a preview.
pub(super) fn webp(bytes: Bytes) -> HttpResponse {
    kept(bytes, "image/webp")
}

fn kept(bytes: Bytes, media_type: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(media_type)
        .insert_header(CacheControl(vec![
            CacheDirective::Private,
            CacheDirective::MaxAge(KEPT),
            CacheDirective::Extension("immutable".into(), None),
        ]))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .body(bytes)
}
