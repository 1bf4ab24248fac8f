//! The account of whoever is signed in: how they sign in, where they are signed in, and what happened to it.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Path, Query, ServiceConfig},
};
use askama::Template;
use serde::Deserialize;

use super::{
    shown, shown_with, to,
    view::{Confirm, Field, Me, Page, When, initials, saying},
};
use crate::{
    app::App,
    auth::{self, Factors, Given, Open, Passkey, Session},
    db::View,
    error::{Error, Result},
    i18n::Message,
    ids::{PasskeyId, SessionId},
    members::{self, Email},
    organizations,
    pages::filters,
    secrets::RecoveryCode,
    web::{
        browser::{self, Person, Visitor},
        get, resource,
    },
};

mod authenticator;
mod language;
mod passkeys;
mod password;
mod prove;

/// Its page.
const PATH: &str = "/account";

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource(PATH, "GET").route(get(show)))
        .service(resource("/account/recovery-codes", "POST").route(web::post().to(renew_codes)))
        .service(resource("/account/sessions/end-others", "POST").route(web::post().to(end_others)))
        .service(resource("/account/sessions/{id}/end", "POST").route(web::post().to(end)))
        .configure(authenticator::routes)
        .configure(language::routes)
        .configure(passkeys::routes)
        .configure(password::routes)
        .configure(prove::routes);
}

#[derive(Template)]
#[template(path = "account/account.html")]
struct Account {
    page: Page,
    email: String,
    /// The organization asks for a second factor, and there is none.
    must_add: Option<String>,
    /// They have shown just now who they are.
    fresh: bool,
    has_password: bool,
    password_error: Option<String>,
    new_error: Option<String>,
    /// Passkeys can be used at this address.
    passkeys_work: bool,
    passkeys: Vec<PasskeyRow>,
    passkey_name: Field,
    authenticator: Option<When>,
    has_factor: bool,
    codes_left: u32,
    sessions: Vec<SessionRow>,
    others: bool,
    notices: Vec<NoticeRow>,
    languages: Vec<language::Offered>,
    confirm: Option<Confirm>,
}

struct PasskeyRow {
    id: String,
    name: String,
    since: When,
    used: Option<When>,
    /// `?rename=ID`: the row is a form.
    renaming: Option<Field>,
}

struct SessionRow {
    id: String,
    browser: Message,
    how: Message,
    from: Option<String>,
    since: When,
    seen: When,
    this: bool,
}

struct NoticeRow {
    title: Message,
    detail: Option<Message>,
    when: When,
}

#[derive(Template)]
#[template(path = "account/codes.html")]
struct Codes {
    page: Page,
    codes: Vec<String>,
    /// All of them, a line each.
    text: String,
    /// The same as an address to save from.
    file: String,
}

/// What is not as it is kept: a form once more, or a question.
#[derive(Default)]
struct Showing {
    renaming: Option<(PasskeyId, Option<Field>)>,
    removing: Option<PasskeyId>,
    removing_app: bool,
    renewing: bool,
    removing_password: bool,
    password_error: Option<String>,
    new_error: Option<String>,
    passkey_name: Option<Field>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    rename: Option<PasskeyId>,
    remove: Option<PasskeyId>,
    ask: String,
}

/// `GET /account`
async fn show(
    app: Data<App>,
    request: HttpRequest,
    Visitor(visitor): Visitor,
    Query(asked): Query<Asked>,
) -> Result<HttpResponse> {
    let Some(session) = visitor else { return Ok(to("/signin")) };
    let showing = Showing {
        renaming: asked.rename.map(|id| (id, None)),
        removing: asked.remove,
        removing_app: asked.ask == "remove-app",
        renewing: asked.ask == "new-codes",
        removing_password: asked.ask == "remove-password",
        ..Showing::default()
    };
    screen(&app, &request, &session, showing, StatusCode::OK)
}

fn screen(
    app: &App,
    request: &HttpRequest,
    session: &Session,
    showing: Showing,
    status: StatusCode,
) -> Result<HttpResponse> {
    let view = app.db.read(|view| account(view, app, request, session, showing))?;
    shown_with(request, status, &view)
}

fn account(view: &View, app: &App, request: &HttpRequest, session: &Session, showing: Showing) -> Result<Account> {
    let kept = members::account(view, &session.account)?;
    let factors = Factors::of(view, &session.account)?;
    let passkeys = auth::passkeys_of(view, &session.account)?;
    let sessions = auth::sessions_of(view, &session.account)?;
    let must_add = match &session.member {
        Some(member) if auth::lacks_factor(view, member, session.method)? => {
            Some(organizations::get(view, &member.organization)?.name)
        }
        _ => None,
    };
    let name = browser_here(request, app);
    Ok(Account {
        page: frame(view, request, session, say!("Account"))?,
        email: kept.email.as_ref().map(Email::to_string).unwrap_or_default(),
        must_add,
        fresh: session.fresh,
        has_password: kept.password.is_some(),
        password_error: showing.password_error,
        new_error: showing.new_error,
        passkeys_work: app.passkeys.works(),
        confirm: if session.fresh {
            question(&passkeys, showing.removing, showing.removing_app, showing.renewing, showing.removing_password)?
        } else {
            None
        },
        passkeys: passkeys.into_iter().map(|one| passkey(view, one, showing.renaming.as_ref())).collect(),
        passkey_name: showing.passkey_name.unwrap_or_else(|| Field::new(name)),
        authenticator: factors.authenticator.map(When::day),
        has_factor: factors.any(),
        codes_left: factors.recovery,
        others: sessions.len() > 1,
        sessions: sessions.into_iter().map(|open| opened(view, open, &session.id)).collect(),
        languages: language::offered(request, session),
        notices: auth::notices_of(view, &session.account)?.into_iter().map(|given| noticed(view, given)).collect(),
    })
}

fn browser_here(request: &HttpRequest, app: &App) -> String {
    auth::browser_in_words(browser::device(request, app).agent.as_deref()).to_string()
}

fn passkey(view: &View, one: Passkey, renaming: Option<&(PasskeyId, Option<Field>)>) -> PasskeyRow {
    let renaming = renaming.filter(|(id, _)| *id == one.id);
    PasskeyRow {
        renaming: renaming.map(|(_, typed)| typed.clone().unwrap_or_else(|| Field::new(one.name.clone()))),
        id: one.id.to_string(),
        name: one.name,
        since: When::day(one.created_at),
        used: one.used_at.map(|used| When::ago(used, view.now)),
    }
}

fn opened(view: &View, open: Open, this: &SessionId) -> SessionRow {
    SessionRow {
        this: open.id == *this,
        id: open.id.to_string(),
        browser: auth::browser_in_words(open.agent.as_deref()),
        how: open.method.words(),
        from: open.address,
        since: When::day(open.created_at),
        seen: When::ago(open.seen_at, view.now),
    }
}

fn noticed(view: &View, given: Given) -> NoticeRow {
    NoticeRow {
        title: given.notice.title(),
        detail: given.detail_in_words(),
        when: When::ago(given.created_at, view.now),
    }
}

fn question(
    passkeys: &[Passkey],
    removing: Option<PasskeyId>,
    removing_app: bool,
    renewing: bool,
    removing_password: bool,
) -> Result<Option<Confirm>> {
    let ask = |title: Message, words: Message, action: String, button: Message| Confirm {
        title: title.to_string(),
        words: words.to_string(),
        action,
        button: button.to_string(),
        cancel: PATH.to_owned(),
        name_to_type: None,
    };
    Ok(if let Some(id) = removing {
        let one = passkeys.iter().find(|one| one.id == id).ok_or(Error::NotFound("Passkey"))?;
        Some(ask(
            say!("Remove the passkey {name}", name = one.name),
            say!("It signs in no more. The device keeps its part until you delete it there."),
            format!("/account/passkeys/{id}/remove"),
            say!("Remove passkey"),
        ))
    } else if removing_app {
        Some(ask(
            say!("Remove the authenticator app"),
            say!("Its codes stop working here. Delete the entry in the app too."),
            "/account/authenticator/remove".to_owned(),
            say!("Remove app"),
        ))
    } else if renewing {
        Some(ask(
            say!("Make new recovery codes"),
            say!("The ones you have stop working. You see ten new ones, once."),
            "/account/recovery-codes".to_owned(),
            say!("Make new codes"),
        ))
    } else if removing_password {
        Some(ask(
            say!("Remove your password"),
            say!("You sign in by mailed links, or with a passkey. Other browsers are signed out."),
            "/account/password/remove".to_owned(),
            say!("Remove password"),
        ))
    } else {
        None
    })
}

/// The page's frame, also for someone who belongs to no organization.
fn frame(view: &View, request: &HttpRequest, session: &Session, title: Message) -> Result<Page> {
    if let Some(member) = &session.member {
        return Page::of(view, request, title, member);
    }
    let email = session.email.as_ref().map(Email::to_string).unwrap_or_default();
    let me = Me { name: email.clone(), initials: initials(&email), email, photo: None, leads: false };
    Ok(Page { me: Some(me), ..Page::open(request, title) })
}

/// Sends whoever has not shown just now who they are to where they can.
fn unless_fresh(session: &Session) -> Option<HttpResponse> {
    (!session.fresh).then(|| to(prove::PATH))
}

/// The recovery codes, the only time they can be read.
fn show_codes(app: &App, request: &HttpRequest, session: &Session, codes: &[RecoveryCode]) -> Result<HttpResponse> {
    let page = app.db.read(|view| frame(view, request, session, say!("Recovery codes")))?;
    let codes: Vec<String> = codes.iter().map(RecoveryCode::reveal).collect();
    let text = codes.join("\n");
    let head = say!("Recovery codes for {address}, each good once:", address = app.urls.base().to_string());
    let whole = format!("{head}\r\n\r\n{}\r\n", codes.join("\r\n"));
    let file = format!("data:text/plain;charset=utf-8,{}", escaped(&whole));
    shown(request, &Codes { page, codes, text, file })
}

/// As a `data:` address takes it.
fn escaped(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// `POST /account/recovery-codes`
async fn renew_codes(app: Data<App>, request: HttpRequest, Person(session): Person) -> Result<HttpResponse> {
    if let Some(elsewhere) = unless_fresh(&session) {
        return Ok(elsewhere);
    }
    let account = session.account.clone();
    match app.db.write(move |tx| auth::renew_codes(tx, &account)).await {
        Err(Error::Invalid(words)) => saying(&app, to(PATH), &words),
        codes => show_codes(&app, &request, &session, &codes?),
    }
}

/// `POST /account/sessions/{id}/end`
async fn end(app: Data<App>, Person(session): Person, id: Path<String>) -> Result<HttpResponse> {
    let id: SessionId = id.parse().map_err(|_| Error::NotFound("Session"))?;
    let this = id == session.id;
    app.db.write(move |tx| auth::revoke_session(tx, &session.account, &id)).await?;
    if this {
        let mut response = to("/signin");
        response.add_cookie(&browser::signed_out(&app)).map_err(Error::internal)?;
        return Ok(response);
    }
    saying(&app, to(PATH), say!("Signed the browser out."))
}

/// `POST /account/sessions/end-others`
async fn end_others(app: Data<App>, Person(session): Person) -> Result<HttpResponse> {
    app.db.write(move |tx| auth::end_others(tx, &session.account, &session.id)).await?;
    saying(&app, to(PATH), say!("Signed out everywhere else."))
}
