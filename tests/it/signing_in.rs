//! The doors: mailed links, codes, passwords, bare and open invite links, and where people land.

use reqwest::Method;

use crate::app::{Answer, Caller, TestApp};

mod alone;
mod converting;
mod crowds;
mod doors;
pub(crate) mod factors;
mod invites;
mod joining;
mod links;
mod sessions;
mod words;

/// A browser without a session that was shown a link's page: what it keeps, and what the page's form carries.
pub(crate) struct Shown {
    cookie: String,
    nonce: String,
    pub(crate) page: String,
}

/// Opens a link as a browser does.
pub(crate) async fn open(app: &TestApp, caller: &Caller, token: &str) -> Shown {
    let answer = app.get(caller, &format!("/auth/link/{token}")).await;
    let page = answer.text();
    let nonce = page.split("name=\"nonce\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let cookie = set_cookie(&answer, "headroom-nonce").unwrap_or_default();
    Shown { cookie, nonce: nonce.unwrap_or_default().to_owned(), page }
}

/// Presses the button of the page that was shown.
pub(crate) async fn press(app: &TestApp, caller: &Caller, token: &str, shown: &Shown, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![("token", token), ("nonce", shown.nonce.as_str())];
    fields.extend(more);
    let session = match caller {
        Caller::Browser(session) => format!("headroom={session}; "),
        _ => String::new(),
    };
    let request = app
        .request(&Caller::Nobody, Method::POST, "/auth/link")
        .header("cookie", format!("{session}headroom-nonce={}", shown.cookie))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish());
    Answer::of(request).await
}

/// The value a cookie is set to.
fn set_cookie(answer: &Answer, name: &str) -> Option<String> {
    let all = answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
    all.filter_map(|cookie| cookie.split(';').next()?.strip_prefix(name)?.strip_prefix('='))
        .find(|value| !value.is_empty())
        .map(ToOwned::to_owned)
}

/// The browser that an answer has signed in.
pub(crate) fn signed_in(answer: &Answer) -> Caller {
    Caller::Browser(set_cookie(answer, "headroom").expect("a session"))
}
