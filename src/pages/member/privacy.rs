//! Your data: what is kept about a person, to look at, to take along and to delete.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::ContentEncoding,
    web::{self, Data, Path, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::download::{attachment, name_of};
use crate::{
    app::{App, export::Export},
    audit::Action,
    auth,
    db::View,
    error::{Error, Result},
    i18n::{Message, decimal},
    ids::{ReceiptId, ShootId},
    mail,
    members::{self, Kind, Member},
    offboarding, organizations,
    pages::{
        filters,
        questions::told,
        receipts::{ReceiptView, as_text},
        shown, to,
        undoing::{self, Leaving},
        view::{Confirm, Page, When, saying},
    },
    photos,
    receipts::{self, Receipt},
    results,
    shoots::{self, Consent, Giver, Shoot, State},
    undo::{self, As, Going, Thing},
    web::{browser::Own, get, resource},
};

mod asking;

use asking::confirm;

const PAGE: &str = "/team-member/privacy";

/// Mails that are listed; the export has all of them.
const MAILS: usize = 20;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource(PAGE, "GET").route(get(show)))
        .service(resource("/team-member/privacy/export", "POST").route(web::post().to(export)))
        .service(
            resource("/team-member/privacy/shoots/{id}/photos/delete", "POST").route(web::post().to(delete_photos)),
        )
        .service(resource("/team-member/privacy/shoots/{id}/delete", "POST").route(web::post().to(delete_shoot)))
        .service(resource("/team-member/privacy/leave", "POST").route(web::post().to(leave)))
        .service(resource("/team-member/privacy/receipts/{id}.txt", "GET").route(get(receipt)));
}

#[derive(Template)]
#[template(path = "member/privacy.html")]
struct Privacy {
    page: Page,
    facts: Vec<(Message, String)>,
    /// What the organization asks, and what they answered.
    answers: Vec<(String, String)>,
    who_sees: String,
    shoots: Vec<ShootView>,
    mails: Vec<MailView>,
    receipts: Vec<ReceiptView>,
    /// Nobody signs in here by themselves, so there is no account to speak of.
    anonymous: bool,
    /// Why one can't leave on one's own.
    stays: Option<String>,
    confirm: Option<Confirm>,
}

struct ShootView {
    id: ShootId,
    title: String,
    state: Message,
    photos: Vec<PhotoView>,
    /// `8 photos, kept until Mar 2, 2027`
    photos_words: Message,
    headshots_words: Message,
    consents: Vec<ConsentView>,
    photos_can_go: bool,
    can_go: bool,
    /// All of it, or the photos alone, are being deleted.
    leaving: Option<Leaving>,
}

struct PhotoView {
    name: String,
    size: String,
    added: When,
}

struct ConsentView {
    text: String,
    version: String,
    by: Message,
    when: When,
}

struct MailView {
    subject: String,
    when: When,
}

/// Said once who asks for it is known here no more.
#[derive(Template)]
#[template(path = "bare/gone.html")]
struct Gone {
    page: Page,
    account: bool,
    mailed: bool,
    receipts: Vec<ReceiptView>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// What to ask before it is done: `photos`, `shoot` or `leave`.
    delete: String,
    shoot: Option<ShootId>,
}

/// `GET /team-member/privacy`
async fn show(request: HttpRequest, app: Data<App>, who: Own, asked: Query<Asked>) -> Result<HttpResponse> {
    app.db.read(|view| {
        let member = &who.member;
        let page = Page::of(view, &request, say!("Your data"), member)?;
        let organization = page.brand.name.clone();
        let all = shoots::of_member(view, &member.id)?;
        let consents = shoots::consents_of(view, &member.account)?;
        let anonymous = member.kind == Kind::Anonymous;
        let receipts = receipts::of_account(view, &member.account)?;
        let of_kind = |kind| undo::going(view, &member.organization, kind);
        let going = [of_kind(undo::Kind::Shoot)?, of_kind(undo::Kind::Photos)?];
        let view = Privacy {
            facts: facts(view, member)?,
            answers: told(view, member)?,
            who_sees: who_sees(view, member, &organization)?,
            confirm: confirm(view, member, &organization, &asked)?,
            shoots: all
                .iter()
                .map(|shoot| shoot_view(view, shoot, &consents, &going, member))
                .collect::<Result<_>>()?,
            mails: mails(view, member)?,
            receipts: receipts.into_iter().map(|receipt| ReceiptView::own(receipt, view.now)).collect(),
            stays: stays(view, member)?,
            anonymous,
            page,
        };
        shown(&request, &view)
    })
}

fn facts(view: &View, member: &Member) -> Result<Vec<(Message, String)>> {
    let listed = members::listed(view, &member.id)?;
    let known = |text: Option<String>| text.unwrap_or_else(|| say!("Not given").into());
    let mut facts =
        vec![(say!("Name"), known(listed.name)), (say!("E-mail"), known(listed.email.map(|email| email.to_string())))];
    if member.kind == Kind::Anonymous {
        return Ok(facts);
    }
    facts.push((say!("Job title"), known(listed.title)));
    facts.push((say!("Team"), listed.team.unwrap_or_else(|| say!("team|None").into())));
    facts.push((say!("Member since"), When::day(member.created_at).words));
    let kept = auth::signs_in(view, &member.account)?;
    let mut ways = vec![say!("{n} browser signed in" | "{n} browsers signed in", n = kept.sessions.len()).to_string()];
    if kept.password {
        ways.push(say!("a password, which can't be read").into());
    }
    if kept.one_time_codes {
        ways.push(say!("an app for one-time codes").into());
    }
    if !kept.passkeys.is_empty() {
        ways.push(say!("{n} passkey" | "{n} passkeys", n = kept.passkeys.len()).into());
    }
    if !kept.providers.is_empty() {
        ways.push(say!("your organization's sign-on").into());
    }
    facts.push((say!("Signing in"), ways.join(", ")));
    Ok(facts)
}

fn who_sees(view: &View, member: &Member, organization: &str) -> Result<String> {
    if member.kind == Kind::Anonymous {
        return Ok(say!("You and {organization}. Photos and headshots are on no public page.", organization).into());
    }
    let leads = members::leads(view, &member.organization)?;
    let others: Vec<&str> = leads.iter().filter(|lead| lead.id != member.id).map(Member::called).collect();
    let others = match others.as_slice() {
        [] => say!("nobody else at the moment"),
        [one] => Message::plain(*one),
        [one, other] => say!("{one} and {other}", one, other),
        [one, other, rest @ ..] => {
            say!("{one}, {other} and {n} other lead" | "{one}, {other} and {n} other leads", n = rest.len(), one, other)
        }
    };
    Ok(say!(
        "You, and the people who lead {organization}: {others}. Programs of {organization} that have an API key see names, addresses and headshots. Photos and headshots are on no public page. Whoever runs this server can read its disk.",
        organization,
        others
    )
    .into())
}

fn shoot_view(view: &View, shoot: &Shoot, consents: &[Consent], going: &[Going], member: &Member) -> Result<ShootView> {
    let leaving = going.iter().find_map(|going| Leaving::of(going, shoot.id.as_str(), member));
    let gone = shoot.state == State::Deleted;
    let photos_go = gone || photos::are_going(view, &shoot.id)?;
    let photos = if photos_go { Vec::new() } else { photos::of_shoot(view, &shoot.id)? };
    let (headshots, cutouts) = match gone {
        true => (0, 0),
        false => (results::of_shoot(view, &shoot.id)?.len() as u64, results::cutouts_of(view, &shoot.id)?.len() as u64),
    };
    let kept_until = offboarding::photos_kept_until(shoot).filter(|_| !photos.is_empty());
    let photos_words = match kept_until {
        Some(day) => {
            say!(
                "{n} photo, deleted automatically on {day}" | "{n} photos, deleted automatically on {day}",
                n = photos.len(),
                day = When::day(day).words
            )
        }
        None if photos.is_empty() => say!("photos|None"),
        None => say!("{n} photo" | "{n} photos", n = photos.len()),
    };
    let photo = |photo: photos::Photo| PhotoView {
        size: megabytes(photo.bytes),
        added: When::day(photo.created_at),
        name: photo.name,
    };
    Ok(ShootView {
        id: shoot.id.clone(),
        title: say!("Begun {day}", day = When::day(shoot.created_at).words).into(),
        state: in_words(shoot),
        photos_words,
        photos: photos.into_iter().map(photo).collect(),
        headshots_words: made_words(headshots, cutouts),
        consents: consents.iter().filter(|consent| consent.shoot == shoot.id).map(consent_view).collect(),
        photos_can_go: offboarding::may_delete_photos(view, shoot)?,
        can_go: !gone,
        leaving,
    })
}

fn made_words(headshots: u64, cutouts: u64) -> Message {
    match (headshots, cutouts) {
        (0, _) => say!("headshots|None"),
        (_, 0) => say!("{n} headshot" | "{n} headshots", n = headshots),
        _ => say!(
            "{n} headshot, and {cutouts} they were made of, for edits"
                | "{n} headshots, and {cutouts} they were made of, for edits",
            n = headshots,
            cutouts = say!("{n} cut-out" | "{n} cut-outs", n = cutouts)
        ),
    }
}

fn in_words(shoot: &Shoot) -> Message {
    match shoot.state {
        State::Onboarding => say!("Photos are being added"),
        State::Ready => say!("Ready"),
        State::Failed if shoot.gave_up() => say!("Could not be made"),
        State::Deleted => say!("Deleted"),
        _ => say!("headshots|Being made"),
    }
}

fn consent_view(consent: &Consent) -> ConsentView {
    ConsentView {
        text: consent.text.clone(),
        version: match consent.number {
            Some(number) => format!("{number} ({})", consent.version),
            None => consent.version.clone(),
        },
        by: match consent.given_by {
            Giver::Person => say!("You"),
            Giver::Lead => say!("A lead, for you"),
            Giver::Gone => say!("Someone who has left since"),
        },
        when: When::exact(consent.created_at),
    }
}

/// `4.2 MB`
fn megabytes(bytes: u32) -> String {
    let size = match bytes {
        0..100_000 => say!("{n} kB", n = bytes.div_ceil(1000)),
        _ => say!("{size} MB", size = decimal(&format!("{:.1}", f64::from(bytes) / 1e6))),
    };
    size.into()
}

fn mails(view: &View, member: &Member) -> Result<Vec<MailView>> {
    let Some(email) = member.email.as_ref().filter(|_| member.kind != Kind::Anonymous) else { return Ok(Vec::new()) };
    let mails = mail::sent_to(view, email)?;
    let line = |mail: mail::Mail| MailView { subject: mail.subject, when: When::exact(mail.created_at) };
    Ok(mails.into_iter().take(MAILS).map(line).collect())
}

fn stays(view: &View, member: &Member) -> Result<Option<String>> {
    match offboarding::must_be_free_to_leave(view, member) {
        Ok(()) => Ok(None),
        Err(Error::Invalid(words)) => Ok(Some(words.to_string())),
        Err(other) => Err(other),
    }
}

/// `POST /team-member/privacy/export`: everything, as an archive.
async fn export(app: Data<App>, who: Own) -> Result<HttpResponse> {
    let (reader, member) = (who.member.clone(), who.member.clone());
    let export = app.db.scan(move |view| Export::of(view, &reader)).await?;
    app.db.write(move |tx| member.actor().note(tx, Action::DataExported, Some(&member), None)).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/zip")
        .insert_header(attachment(&format!("{}my-data.zip", name_of(Some(&who.member)))))
        .insert_header(ContentEncoding::Identity)
        .streaming(export.pack(app.storage.clone())))
}

/// `POST /team-member/privacy/shoots/{id}/photos/delete`
async fn delete_photos(app: Data<App>, who: Own, id: Path<ShootId>) -> Result<HttpResponse> {
    let (thing, what) = (Thing::Photos(id.into_inner()), say!("your uploaded photos"));
    match undoing::leave(&app, &who.member, As::Themselves, thing, what, PAGE.to_owned()).await {
        Err(Error::Invalid(words)) => saying(&app, to(PAGE), words),
        done => done,
    }
}

/// `POST /team-member/privacy/shoots/{id}/delete`
async fn delete_shoot(request: HttpRequest, app: Data<App>, who: Own, id: Path<ShootId>) -> Result<HttpResponse> {
    // Everything someone from another product has goes with it, this page too: there is nobody left to undo it.
    if who.member.kind == Kind::Anonymous {
        let member = who.member.clone();
        return match app.db.write(move |tx| offboarding::delete_own_shoot(tx, &member, &id)).await {
            Ok(receipt) => gone(&request, &app, &who.member, vec![receipt]),
            Err(Error::AlreadyDeleted) => saying(&app, to(PAGE), say!("They were deleted already.")),
            Err(other) => Err(other),
        };
    }
    let (thing, what) = (Thing::Shoot(id.into_inner()), say!("your photos and headshots"));
    match undoing::leave(&app, &who.member, As::Themselves, thing, what, PAGE.to_owned()).await {
        Err(Error::AlreadyDeleted) => saying(&app, to(PAGE), say!("They were deleted already.")),
        done => done,
    }
}

/// `POST /team-member/privacy/leave`
async fn leave(request: HttpRequest, app: Data<App>, who: Own) -> Result<HttpResponse> {
    let member = who.member.clone();
    match app.db.write(move |tx| offboarding::leave(tx, &member)).await {
        Ok(receipts) => gone(&request, &app, &who.member, receipts),
        Err(Error::Invalid(words)) => saying(&app, to(PAGE), words),
        Err(other) => Err(other),
    }
}

/// The last page for someone who is not known here any more. Its receipts are on it, because nobody can come back for them.
fn gone(request: &HttpRequest, app: &App, member: &Member, receipts: Vec<Receipt>) -> Result<HttpResponse> {
    app.db.read(|view| {
        let mut page = Page::branded(view, request, say!("Deleted"), &member.organization)?;
        let anonymous = member.kind == Kind::Anonymous;
        page.brand.product &= !anonymous;
        let mailed = receipts.iter().any(|receipt| receipt.email.is_some());
        let receipts = receipts.into_iter().map(|receipt| ReceiptView::new(receipt, view.now)).collect();
        shown(request, &Gone { page, account: !anonymous, mailed, receipts })
    })
}

/// `GET /team-member/privacy/receipts/{id}.txt`
async fn receipt(app: Data<App>, who: Own, id: Path<ReceiptId>) -> Result<HttpResponse> {
    app.db.read(|view| {
        let all = receipts::of_account(view, &who.member.account)?;
        let receipt = all.into_iter().find(|receipt| receipt.id == *id).ok_or(Error::NotFound("Receipt"))?;
        Ok(as_text(&receipt, &organizations::get(view, &receipt.organization)?.name))
    })
}
