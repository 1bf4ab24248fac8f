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
    ids::{ReceiptId, ShootId},
    mail,
    members::{self, Kind, Member},
    offboarding, organizations,
    pages::{
        questions::told,
        receipts::{ReceiptView, as_text, pictures},
        shown, to,
        undoing::{self, Leaving},
        view::{Confirm, Page, When, counted, saying},
    },
    photos,
    receipts::{self, Receipt},
    results,
    shoots::{self, Consent, Giver, Shoot, State},
    undo::{self, As, Going, Thing},
    web::{browser::Own, get, resource},
};

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
    facts: Vec<(&'static str, String)>,
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
    state: &'static str,
    photos: Vec<PhotoView>,
    /// `8 photos, kept until Mar 2, 2027`
    photos_words: String,
    headshots_words: String,
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
    by: &'static str,
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
        let page = Page::of(view, &request, "Your data", member)?;
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

fn facts(view: &View, member: &Member) -> Result<Vec<(&'static str, String)>> {
    let listed = members::listed(view, &member.id)?;
    let known = |text: Option<String>| text.unwrap_or_else(|| "Not given".to_owned());
    let mut facts = vec![("Name", known(listed.name)), ("E-mail", known(listed.email.map(|email| email.to_string())))];
    if member.kind == Kind::Anonymous {
        return Ok(facts);
    }
    facts.push(("Job title", known(listed.title)));
    facts.push(("Team", listed.team.unwrap_or_else(|| "None".to_owned())));
    facts.push(("Member since", When::day(member.created_at).words));
    let kept = auth::signs_in(view, &member.account)?;
    let mut ways = vec![format!("{} signed in", counted(kept.sessions.len() as u64, "browser"))];
    if kept.password {
        ways.push("a password, which can't be read".to_owned());
    }
    if kept.one_time_codes {
        ways.push("an app for one-time codes".to_owned());
    }
    if !kept.passkeys.is_empty() {
        ways.push(counted(kept.passkeys.len() as u64, "passkey"));
    }
    if !kept.providers.is_empty() {
        ways.push("your organization's sign-on".to_owned());
    }
    facts.push(("Signing in", ways.join(", ")));
    Ok(facts)
}

fn who_sees(view: &View, member: &Member, organization: &str) -> Result<String> {
    if member.kind == Kind::Anonymous {
        return Ok(format!("You and {organization}. Photos and headshots are on no public page."));
    }
    let leads = members::leads(view, &member.organization)?;
    let others: Vec<&str> = leads.iter().filter(|lead| lead.id != member.id).map(Member::called).collect();
    let others = match others.as_slice() {
        [] => "nobody else at the moment".to_owned(),
        [one] => (*one).to_owned(),
        [one, other] => format!("{one} and {other}"),
        [one, other, rest @ ..] => format!("{one}, {other} and {}", counted(rest.len() as u64, "other lead")),
    };
    Ok(format!(
        "You, and the people who lead {organization}: {others}. Programs of {organization} that have an API key see names, \
         addresses and headshots. Photos and headshots are on no public page. Whoever runs this server can read its disk."
    ))
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
            format!("{}, deleted automatically on {}", counted(photos.len() as u64, "photo"), When::day(day).words)
        }
        None if photos.is_empty() => "None".to_owned(),
        None => counted(photos.len() as u64, "photo"),
    };
    let photo = |photo: photos::Photo| PhotoView {
        size: megabytes(photo.bytes),
        added: When::day(photo.created_at),
        name: photo.name,
    };
    Ok(ShootView {
        id: shoot.id.clone(),
        title: format!("Begun {}", When::day(shoot.created_at).words),
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

fn made_words(headshots: u64, cutouts: u64) -> String {
    match (headshots, cutouts) {
        (0, _) => "None".to_owned(),
        (_, 0) => counted(headshots, "headshot"),
        _ => format!(
            "{}, and {} they were made of, for edits",
            counted(headshots, "headshot"),
            counted(cutouts, "cut-out")
        ),
    }
}

fn in_words(shoot: &Shoot) -> &'static str {
    match shoot.state {
        State::Onboarding => "Photos are being added",
        State::Ready => "Ready",
        State::Failed if shoot.gave_up() => "Could not be made",
        State::Deleted => "Deleted",
        _ => "Being made",
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
            Giver::Person => "You",
            Giver::Lead => "A lead, for you",
            Giver::Gone => "Someone who has left since",
        },
        when: When::exact(consent.created_at),
    }
}

/// `4.2 MB`
fn megabytes(bytes: u32) -> String {
    match bytes {
        0..100_000 => format!("{} kB", bytes.div_ceil(1000)),
        _ => format!("{:.1} MB", f64::from(bytes) / 1e6),
    }
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
        Err(Error::Invalid(words)) => Ok(Some(words.into_owned())),
        Err(other) => Err(other),
    }
}

/// What is asked before something goes, if it can go.
fn confirm(view: &View, member: &Member, organization: &str, asked: &Asked) -> Result<Option<Confirm>> {
    let shoot = match &asked.shoot {
        Some(id) => shoots::of_member(view, &member.id)?.into_iter().find(|shoot| shoot.id == *id),
        None => None,
    };
    let count = |shoot: &Shoot| Ok::<_, Error>(results::of_shoot(view, &shoot.id)?.len() as u32);
    let question = |title: &str, words: String, action: String, button: &str| Confirm {
        title: title.to_owned(),
        words,
        action,
        button: button.to_owned(),
        cancel: PAGE.to_owned(),
        name_to_type: None,
    };
    Ok(match (asked.delete.as_str(), shoot) {
        ("photos", Some(shoot)) if offboarding::may_delete_photos(view, &shoot)? => Some(question(
            "Delete your uploaded photos",
            format!(
                "{} will be gone for good. {}",
                pictures(shoot.photos as u32, 0),
                if shoot.state == State::Ready {
                    "Your headshots stay, with what was cut out for them."
                } else {
                    "No headshots were made of them."
                }
            ),
            format!("{PAGE}/shoots/{}/photos/delete", shoot.id),
            "Delete photos",
        )),
        ("shoot", Some(shoot)) if shoot.state != State::Deleted => Some(question(
            "Delete your photos and headshots",
            format!(
                "{} will be gone for good, for {organization} too. {}",
                capitalised(&pictures(shoot.photos as u32, count(&shoot)?)),
                and_then(&shoot, member, organization)
            ),
            format!("{PAGE}/shoots/{}/delete", shoot.id),
            "Delete all of it",
        )),
        ("leave", _) if offboarding::must_be_free_to_leave(view, member).is_ok() => Some(question(
            "Delete your account",
            format!(
                "You leave {organization}. All photos and headshots, your name, your address and what you sign in with will be gone \
                 for good, and you are signed out everywhere. To come back you need a new invite."
            ),
            format!("{PAGE}/leave"),
            "Delete my account",
        )),
        _ => None,
    })
}

/// What follows from deleting a shoot, beside the pictures.
fn and_then(shoot: &Shoot, member: &Member, organization: &str) -> String {
    if member.kind == Kind::Anonymous {
        let stops = if shoot.state.waits() && !shoot.gave_up() { "What is being made stops. " } else { "" };
        return format!("{stops}This page closes with it; to begin again, ask {organization}.");
    }
    let credit = match shoot.state {
        State::Onboarding => "No credit was taken yet.".to_owned(),
        _ if shoot.gave_up() => "The credit was given back already.".to_owned(),
        State::Submitted | State::Training | State::Failed => {
            format!("What is being made stops, and the credit goes back to {organization}.")
        }
        State::Generating => "What is being made stops; its credit is spent.".to_owned(),
        State::Ready | State::Deleted => "The credit is spent.".to_owned(),
    };
    format!("{credit} For new headshots, ask {organization} for a retry.")
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
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
    let (thing, what) = (Thing::Photos(id.into_inner()), "your uploaded photos".to_owned());
    match undoing::leave(&app, &who.member, As::Themselves, thing, what, PAGE.to_owned()).await {
        Err(Error::Invalid(words)) => saying(&app, to(PAGE), &words),
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
            Err(Error::AlreadyDeleted) => saying(&app, to(PAGE), "They were deleted already."),
            Err(other) => Err(other),
        };
    }
    let (thing, what) = (Thing::Shoot(id.into_inner()), "your photos and headshots".to_owned());
    match undoing::leave(&app, &who.member, As::Themselves, thing, what, PAGE.to_owned()).await {
        Err(Error::AlreadyDeleted) => saying(&app, to(PAGE), "They were deleted already."),
        done => done,
    }
}

/// `POST /team-member/privacy/leave`
async fn leave(request: HttpRequest, app: Data<App>, who: Own) -> Result<HttpResponse> {
    let member = who.member.clone();
    match app.db.write(move |tx| offboarding::leave(tx, &member)).await {
        Ok(receipts) => gone(&request, &app, &who.member, receipts),
        Err(Error::Invalid(words)) => saying(&app, to(PAGE), &words),
        Err(other) => Err(other),
    }
}

/// The last page for someone who is not known here any more. Its receipts are on it, because nobody can come back for them.
fn gone(request: &HttpRequest, app: &App, member: &Member, receipts: Vec<Receipt>) -> Result<HttpResponse> {
    app.db.read(|view| {
        let mut page = Page::branded(view, request, "Deleted", &member.organization)?;
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
