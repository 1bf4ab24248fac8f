//! The language somebody has everything in.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Data, Form, ServiceConfig},
};
use serde::Deserialize;

use super::PATH;
use crate::{
    app::App,
    auth::Session,
    error::Result,
    i18n::{self, Language, Message},
    members, organizations,
    pages::{to, view::saying},
    web::{browser::Person, language::asked_for, resource},
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/account/language", "POST").route(web::post().to(save)));
}

/// One to choose.
pub(super) struct Offered {
    pub(super) value: &'static str,
    pub(super) words: Message,
    pub(super) chosen: bool,
}

/// Those to choose from; the first leaves it to the browser.
pub(super) fn offered(request: &HttpRequest, session: &Session) -> Vec<Offered> {
    let browser = asked_for(request).own_name();
    let as_browser = Offered {
        value: "",
        words: say!("As in my browser ({language})", language = browser),
        chosen: session.language.is_none(),
    };
    let each = Language::ALL.into_iter().map(|language| Offered {
        value: language.tag(),
        words: Message::plain(language.own_name()),
        chosen: session.language == Some(language),
    });
    std::iter::once(as_browser).chain(each).collect()
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Posted {
    /// Its tag; empty: as in the browser.
    language: String,
}

/// `POST /account/language`
async fn save(
    app: Data<App>,
    request: HttpRequest,
    Person(session): Person,
    Form(posted): Form<Posted>,
) -> Result<HttpResponse> {
    let chosen = match posted.language.as_str() {
        "" => None,
        tag => Some(organizations::language_of(tag)?),
    };
    app.db.write(move |tx| members::choose_language(tx, &session.account, chosen)).await?;
    // What is said about it is in it.
    i18n::prefer(chosen.unwrap_or_else(|| asked_for(&request)));
    saying(&app, to(PATH), say!("Saved the language."))
}
