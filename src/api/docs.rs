//! `GET /api/docs`: the API reference, made from the OpenAPI document, so it can't say anything else than the code. Written
//! by hand are only the sections before the operations.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, ServiceConfig},
};
use askama::Template;
use serde_json::{Value, json};

use super::{get, openapi, resource};
use crate::{
    app::App,
    error::{Error, Result},
    web::{assets, kept::Kept},
};

mod fields;
mod print;
mod samples;
mod text;
mod view;
mod words;

use print::Language;
use samples::{Request, Sample};
use text::Code;
use view::{Group, Webhooks};
use words::Advice;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/docs", "GET").route(get(show)));
}

/// The sections before the operations: their anchors, and what they are called.
const GUIDE: &[(&str, &str)] = &[
    ("start", "A first request"),
    ("authentication", "Authentication"),
    ("errors", "Errors"),
    ("paging", "Paging"),
    ("idempotency", "Repeating a request"),
    ("etags", "Asking what is new"),
    ("rate-limits", "Rate limits"),
    ("times-and-ids", "Times and ids"),
    ("embedding", "Whitelabel in five steps"),
    ("moving", "Moving from HeadshotPro"),
];

/// `GET /api/docs`
async fn show(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    Ok(kept(app.urls.base(), app.config.http.rate_limit)?.answer(&request))
}

/// The page of a server. A process has one server; only tests have several, each with an address of its own.
fn kept(base: &str, rate_limit: u32) -> Result<Arc<Kept>> {
    static PAGES: Mutex<BTreeMap<(String, u32), Arc<Kept>>> = Mutex::new(BTreeMap::new());
    let mut pages = PAGES.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (base.to_owned(), rate_limit);
    if let Some(page) = pages.get(&key) {
        return Ok(page.clone());
    }
    let page = Arc::new(Kept::new(Reference::new(base, rate_limit).render().map_err(Error::internal)?));
    pages.insert(key, page.clone());
    Ok(page)
}

#[derive(Template)]
#[template(path = "reference/page.html")]
struct Reference {
    base: String,
    version: String,
    /// Requests a minute; 0 is no limit.
    rate_limit: u32,
    guide: &'static [(&'static str, &'static str)],
    groups: Vec<Group>,
    webhooks: Option<Webhooks>,
    scopes: Vec<Scope>,
    advice: &'static [Advice],
    snippets: Snippets,
}

/// A scope, and the operations it opens, by anchor and name.
struct Scope {
    name: String,
    opens: Vec<(String, String)>,
}

/// The code beside the hand-written sections.
struct Snippets {
    first: Vec<Sample>,
    refusal: Code,
    pagination: Code,
    keyed: Vec<Sample>,
    tagged: Vec<Sample>,
    embedded: Vec<Sample>,
    verified: Vec<Sample>,
}

impl Reference {
    fn new(base: &str, rate_limit: u32) -> Self {
        let document = openapi::document(base);
        let groups = view::groups(&document);
        Self {
            base: base.to_owned(),
            version: document["info"]["version"].as_str().unwrap_or_default().to_owned(),
            rate_limit,
            guide: GUIDE,
            webhooks: Webhooks::of(&document),
            scopes: scopes(&groups),
            groups,
            advice: words::ADVICE,
            snippets: Snippets::new(base),
        }
    }

    /// Where a file of the page is.
    fn asset(&self, name: &str) -> &'static str {
        assets::address(name)
    }
}

/// All scopes some operation needs, in the order in which they are met. Those of v1 need the same.
fn scopes(groups: &[Group]) -> Vec<Scope> {
    let mut all: Vec<Scope> = Vec::new();
    for operation in groups.iter().filter(|group| group.name != "API v1").flat_map(|group| &group.operations) {
        for name in &operation.scopes {
            let opened = (operation.id.clone(), operation.summary.clone());
            match all.iter_mut().find(|scope| scope.name == *name) {
                Some(scope) => scope.opens.push(opened),
                None => all.push(Scope { name: name.clone(), opens: vec![opened] }),
            }
        }
    }
    all
}

impl Snippets {
    fn new(base: &str) -> Self {
        let at = |path: &str| format!("{base}/api/v2/organization{path}");
        let invite = json!({ "email": "kim@acme.com" });
        let model = json!({ "email": "user@example.com", "isDevelopment": true });
        let ask = |method, url: &str, headers: &[(&str, &str)], body: Option<&Value>| {
            Request { method, url, headers, body }.samples()
        };
        let code = |value: Value| Code::new(&Language::Json.unfold(&value));
        Self {
            first: ask("GET", &at(""), &[], None),
            refusal: code(json!({ "success": false, "error": "Team not found", "code": "NOT_FOUND" })),
            pagination: code(json!({
                "success": true,
                "invites": [],
                "pagination": {
                    "total": 1240, "limit": 50, "offset": 0, "hasMore": true, "nextCursor": "507f1f77bcf86cd799439014",
                },
            })),
            keyed: ask(
                "POST",
                &at("/invites"),
                &[("Idempotency-Key", "a5b3f1de-0d57-4a8e-9c0e-1f6a8f2c7b11")],
                Some(&invite),
            ),
            tagged: ask("GET", &at("/invites?limit=50"), &[("If-None-Match", "\"5d41402abc4b2a76\"")], None),
            embedded: ask("POST", &at("/whitelabel/model/create"), &[], Some(&model)),
            verified: vec![
                Sample { id: "js", language: "JavaScript", code: Code::new(VERIFY_IN_JAVASCRIPT) },
                Sample { id: "python", language: "Python", code: Code::new(VERIFY_IN_PYTHON) },
            ],
        }
    }
}

const VERIFY_IN_JAVASCRIPT: &str = r#"import * as crypto from "node:crypto";

// `body` is the text as it came, not yet parsed.
function isGenuine(headers, body, secret) {
  const time = headers["x-headshotpro-timestamp"];
  const sum = crypto.createHmac("sha256", secret);
  sum.update(`${time}.${body}`);
  const expected = Buffer.from(`sha256=${sum.digest("hex")}`);
  const given = headers["x-headshotpro-signature"] ?? "";
  const bytes = Buffer.from(given);
  return bytes.length === expected.length &&
    crypto.timingSafeEqual(bytes, expected);
}"#;

const VERIFY_IN_PYTHON: &str = r#"import hashlib, hmac

# `body` is the bytes as they came, not yet parsed.
def is_genuine(headers, body, secret):
    time = headers["X-HeadshotPro-Timestamp"]
    given = headers["X-HeadshotPro-Signature"]
    signed = time.encode() + b"." + body
    sum = hmac.new(secret.encode(), signed, hashlib.sha256)
    expected = "sha256=" + sum.hexdigest()
    return hmac.compare_digest(expected, given)"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_without_a_limit_says_so() {
        let without = Reference::new("http://localhost", 0).render().unwrap();
        assert!(without.contains("sets no limit"));
        let with = Reference::new("http://localhost", 300).render().unwrap();
        assert!(with.contains("300 requests a minute"));
    }

    #[test]
    fn a_document_without_webhooks_makes_a_page_without_them() {
        let mut reference = Reference::new("http://localhost", 300);
        assert!(reference.render().unwrap().contains("id=\"events\""));
        reference.webhooks = None;
        assert!(!reference.render().unwrap().contains("#events"));
    }
}
