//! Which language an answer is in: the one the browser asks for, until somebody is found to be signed in who chose another.

use actix_web::{
    HttpMessage,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{ACCEPT_LANGUAGE, AcceptLanguage, Header, Preference},
    middleware::Next,
};

use crate::i18n::{Language, reading};

/// What programs call. They read English.
const FOR_PROGRAMS: &str = "/api/";

/// Answers in the language of whoever reads the answer.
pub async fn of_reader<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let language = if request.path().starts_with(FOR_PROGRAMS) { Language::English } else { asked_for(&request) };
    reading(language, next.call(request)).await
}

/// The language that a browser asks for.
pub fn asked_for(request: &impl HttpMessage) -> Language {
    let Ok(asked) = AcceptLanguage::parse(request) else { return Language::English };
    let tags: Vec<String> = asked
        .ranked()
        .into_iter()
        .filter_map(|preference| match preference {
            Preference::Any => None,
            Preference::Specific(tag) => Some(tag.to_string()),
        })
        .collect();
    Language::of_tags(tags.iter().map(String::as_str))
}

/// The same to be written down; nothing if it asks for none, or for the one that is there for us to look at.
pub fn chosen_in(request: &impl HttpMessage) -> Option<Language> {
    let asks = request.headers().contains_key(ACCEPT_LANGUAGE);
    asks.then(|| asked_for(request)).filter(|language| Language::ALL.contains(language))
}
