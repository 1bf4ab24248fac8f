//! The OpenAPI document, made from the handlers and the structs themselves. What every operation has in common is said here
//! once and written to each.

use std::sync::LazyLock;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::ContentType,
    web::{Data, ServiceConfig},
};
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use super::{get, resource, v1, v2};
use crate::{app::App, error::Result, wire::Refusal};

/// What the API refuses: code, status, and what is said, as an example.
const REFUSALS: &[(&str, u16, &str)] = &[
    ("INVALID_REQUEST", 400, "\"name\" is missing. A team needs one."),
    ("INVALID_EMAIL", 400, "\"kim\" is not an e-mail address."),
    (
        "ALREADY_EXISTS",
        400,
        "User with this email already exists. To make another, use an address such as user+1@example.com.",
    ),
    ("ALREADY_DELETED", 400, "Model is already deleted."),
    ("UNAUTHORIZED", 401, "This API key is unknown, expired or deleted. Make a new one under API."),
    ("INSUFFICIENT_CREDITS", 402, "Not enough credits. Add credits to your organization and try again."),
    ("FORBIDDEN", 403, "This API key lacks the scope invites:write. Use a key that has it."),
    ("NOT_FOUND", 404, "Team not found"),
    (
        "IDEMPOTENCY_CONFLICT",
        409,
        "A request with this Idempotency-Key is still being answered. Repeat it in a moment.",
    ),
    ("UNSUPPORTED_MEDIA_TYPE", 415, "The body has to be JSON: send Content-Type: application/json."),
    (
        "IDEMPOTENCY_CONFLICT",
        422,
        "This Idempotency-Key was used for another request. Use a new key for each request, and the same one only to repeat it.",
    ),
    (
        "INVITE_LIMIT_EXCEEDED",
        429,
        "Too many pending invites: 200 of at most 200 (twice your credits). Wait until some are accepted, revoke some, or add credits.",
    ),
    ("RATE_LIMIT_EXCEEDED", 429, "Too many requests. Try again in 12 seconds."),
    (
        "INTERNAL_ERROR",
        500,
        "Something went wrong on our side. If it happens again, tell your administrator this id: 4f1c….",
    ),
    ("UNAVAILABLE", 503, "Too many changes are waiting. Try again in a moment."),
];

/// What each status of a refusal means.
const STATUSES: &[(u16, &str)] = &[
    (400, "Something about the request is wrong; the sentence says what."),
    (401, "The API key is missing, unknown, expired or deleted."),
    (402, "The balance of credits is zero."),
    (403, "The API key lacks the scope, or whitelabel is switched off."),
    (404, "There is no such thing in your organization."),
    (409, "A request with this `Idempotency-Key` is still being answered."),
    (415, "The body is not declared as JSON."),
    (422, "This `Idempotency-Key` was used for another request."),
    (429, "Too many requests, or too many pending invites."),
    (500, "A failure on our side."),
    (503, "The server is busy or stopping; the same request can work in a moment."),
];

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Headroom API",
        description = "Professional headshots of everyone in your organization, for programs. A drop-in replacement for HeadshotPro's organization API: an existing client changes only its base URL.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        v2::organization::show, v2::organization::credits, v2::organization::ledger,
        v2::invites::list, v2::invites::create, v2::invites::show, v2::invites::revoke,
        v2::people::list, v2::people::list_at, v2::people::add, v2::people::change, v2::people::remove, v2::people::retry,
        v2::teams::list, v2::teams::create, v2::teams::rename, v2::teams::delete, v2::teams::add_members,
        v2::models::list, v2::models::show, v2::models::create, v2::models::delete,
        v2::photos::list, v2::photos::favorite, v2::photos::show, v2::photos::download, v2::photos::favorites,
        v2::whitelabel::create, v2::whitelabel::show, v2::whitelabel::delete,
        v1::organization::show, v1::organization::credits,
        v1::invites::create, v1::invites::revoke, v1::invites::list, v1::invites::show,
        v1::teams::create, v1::teams::rename, v1::teams::delete, v1::teams::add_members,
    ),
    components(schemas(Refusal)),
    tags(
        (name = "Organization", description = "Your organization and its credits."),
        (name = "Invites", description = "Ask people by e-mail, and see how far they are."),
        (name = "Members", description = "Everyone who has joined."),
        (name = "Teams", description = "Divisions of your organization."),
        (name = "Models", description = "A model is one person's headshots in the making, from the first photo to the last result."),
        (name = "Photos", description = "Finished headshots, with URLs that open them for a day."),
        (name = "Whitelabel", description = "Headshots inside your own product, without an account: a signed URL lets your user in."),
        (name = "API v1", description = "What older clients call. It goes on working; new clients use v2."),
    ),
)]
struct Operations;

/// The document, for a server whose links begin with `base`.
pub fn document(base: &str) -> Value {
    static COMMON: LazyLock<Value> = LazyLock::new(common);
    let mut document = COMMON.clone();
    document["servers"] = json!([{ "url": base }]);
    document
}

/// The document as text, as it is printed and served.
pub fn printed(base: &str) -> String {
    format!("{:#}\n", document(base))
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(resource("/openapi.json", "GET").route(get(serve)));
}

/// `GET /openapi.json`
async fn serve(app: Data<App>, _: HttpRequest) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(printed(app.urls.base())))
}

fn common() -> Value {
    let mut document = serde_json::to_value(Operations::openapi()).unwrap_or_default();
    document["components"]["securitySchemes"] = json!({
        "apiKey": {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key of your organization, made under API in the pages for leads. Each operation names the scope it needs; `write` includes `read`.",
        }
    });
    document["components"]["headers"] = headers();
    document["components"]["parameters"] = json!({
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "1 to 255 letters of your choice, new for each request. For 24 hours the same request with the same key changes nothing and gets the same reply, marked `Idempotent-Replayed: true`.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" },
            "example": "a5b3f1de-0d57-4a8e-9c0e-1f6a8f2c7b11",
        },
        "IfNoneMatch": {
            "name": "If-None-Match",
            "in": "header",
            "description": "The `ETag` of an earlier reply: if nothing has changed since, the answer is 304 without a body.",
            "schema": { "type": "string" },
        },
    });
    inline_texts(&mut document);
    for_each_operation(&mut document, complete);
    add_success(&mut document);
    document
}

fn headers() -> Value {
    let text = |words: &str| json!({ "description": words, "schema": { "type": "string" } });
    let number = |words: &str| json!({ "description": words, "schema": { "type": "integer" } });
    json!({
        "X-Request-Id": text("What the request is called in the server's log."),
        "X-RateLimit-Limit": number("Requests your organization may make in a minute; absent if there is no limit."),
        "X-RateLimit-Remaining": number("How many of them are left."),
        "X-RateLimit-Reset": text("When all of them are left again, as an ISO time."),
        "Retry-After": number("Seconds after which asking again makes sense."),
        "ETag": text("What this reply is called, for `If-None-Match`."),
        "Idempotent-Replayed": text("`true` if this is the reply to an earlier request with the same `Idempotency-Key`."),
    })
}

/// Texts of one shape are told where they stand: generators make better names of fields than of strings.
fn inline_texts(document: &mut Value) {
    let schemas = document["components"]["schemas"].as_object().cloned().unwrap_or_default();
    let texts: Map<String, Value> = schemas
        .into_iter()
        .filter(|(_, schema)| schema["type"] == "string" && schema.get("enum").is_none())
        .map(|(name, schema)| (format!("#/components/schemas/{name}"), schema))
        .collect();
    replace(document, &texts);
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.retain(|name, _| !texts.contains_key(&format!("#/components/schemas/{name}")));
    }
}

fn replace(value: &mut Value, texts: &Map<String, Value>) {
    match value {
        Value::Object(object) => {
            if let Some(text) = object.get("$ref").and_then(Value::as_str).and_then(|name| texts.get(name)) {
                // What the field says of itself goes before what its type says.
                let own = object.remove("description");
                *object = text.as_object().cloned().unwrap_or_default();
                object.extend(own.map(|words| ("description".to_owned(), words)));
            } else {
                object.values_mut().for_each(|inner| replace(inner, texts));
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|inner| replace(inner, texts)),
        _ => {}
    }
}

fn for_each_operation(document: &mut Value, change: fn(&str, &str, &mut Value)) {
    let Some(paths) = document["paths"].as_object_mut() else { return };
    for (path, operations) in paths {
        let Some(operations) = operations.as_object_mut() else { continue };
        for (method, operation) in operations {
            change(path, method, operation);
        }
    }
}

/// Writes down what the web layer does around every handler.
fn complete(path: &str, method: &str, operation: &mut Value) {
    let named = operation.as_object_mut().and_then(|operation| operation.remove("x-refusals"));
    let named = named.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut refused: Vec<(&str, u16)> = named.split_whitespace().map(code_and_status).collect();
    refused.extend([401, 403, 500].map(|status| (code_of(status), status)));
    refused.push(("RATE_LIMIT_EXCEEDED", 429));
    refused.push(("UNAVAILABLE", 503));
    let parameters = |operation: &mut Value, name: &str| {
        let reference = json!({ "$ref": format!("#/components/parameters/{name}") });
        match operation["parameters"].as_array_mut() {
            Some(parameters) => parameters.push(reference),
            None => operation["parameters"] = json!([reference]),
        }
    };
    if method == "post" {
        parameters(operation, "IdempotencyKey");
        refused.extend([("INVALID_REQUEST", 400), ("IDEMPOTENCY_CONFLICT", 409), ("IDEMPOTENCY_CONFLICT", 422)]);
    }
    if operation.get("requestBody").is_some() {
        operation["requestBody"]["required"] = true.into();
        refused.push(("UNSUPPORTED_MEDIA_TYPE", 415));
    }
    let list = method == "get" && lists(operation);
    let mut headers = vec!["X-Request-Id", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"];
    if list {
        parameters(operation, "IfNoneMatch");
        operation["responses"]["304"] =
            json!({ "description": "Nothing has changed since.", "headers": named_headers(&["X-Request-Id", "ETag"]) });
        headers.push("ETag");
    }
    if method == "post" {
        headers.push("Idempotent-Replayed");
    }
    operation["responses"]["200"]["headers"] = named_headers(&headers);
    for status in STATUSES.iter().map(|(status, _)| *status) {
        let codes: Vec<&str> = refused.iter().filter(|(_, its)| *its == status).map(|(code, _)| *code).collect();
        if !codes.is_empty() {
            operation["responses"][status.to_string()] = refusal(status, &codes, path);
        }
    }
}

/// Whether an operation answers a list, which has an `ETag`.
fn lists(operation: &Value) -> bool {
    operation["operationId"].as_str().is_some_and(|id| id.trim_start_matches("v1").to_lowercase().starts_with("list"))
}

fn named_headers(names: &[&str]) -> Value {
    let all = names.iter().map(|name| ((*name).to_owned(), json!({ "$ref": format!("#/components/headers/{name}") })));
    Value::Object(all.collect())
}

/// `CODE`, or `CODE:400` where a code has another status than usual.
fn code_and_status(word: &str) -> (&str, u16) {
    match word.split_once(':') {
        Some((code, status)) => (code, status.parse().unwrap_or_default()),
        None => (word, REFUSALS.iter().find(|(code, ..)| *code == word).map_or(0, |(_, status, _)| *status)),
    }
}

fn code_of(status: u16) -> &'static str {
    REFUSALS.iter().find(|(_, its, _)| *its == status).map_or("", |(code, ..)| *code)
}

fn refusal(status: u16, codes: &[&str], _path: &str) -> Value {
    let words = STATUSES.iter().find(|(its, _)| *its == status).map_or("", |(_, words)| *words);
    let mut examples = Map::new();
    for code in codes {
        let same = |(one, its, _): &&(&str, u16, &str)| one == code && *its == status;
        let usual = |(one, ..): &&(&str, u16, &str)| one == code;
        let said = REFUSALS.iter().find(same).or_else(|| REFUSALS.iter().find(usual)).map_or("", |(.., said)| *said);
        examples.insert((*code).to_owned(), json!({ "value": { "success": false, "error": said, "code": code } }));
    }
    let mut headers = vec!["X-Request-Id"];
    if matches!(status, 409 | 429 | 503) {
        headers.push("Retry-After");
    }
    json!({
        "description": words,
        "headers": named_headers(&headers),
        "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Refusal" }, "examples": examples } },
    })
}

/// Every reply that worked says so beside its own keys.
fn add_success(document: &mut Value) {
    let mut replies: Vec<String> = Vec::new();
    for operations in document["paths"].as_object().into_iter().flat_map(Map::values) {
        for operation in operations.as_object().into_iter().flat_map(Map::values) {
            let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"];
            if let Some(name) = schema.as_str().and_then(|name| name.strip_prefix("#/components/schemas/")) {
                replies.push(name.to_owned());
            }
        }
    }
    replies.sort();
    replies.dedup();
    let success = json!({ "type": "boolean", "const": true, "description": "Always true." });
    for name in replies {
        let schema = &mut document["components"]["schemas"][name];
        let mut properties = Map::from_iter([("success".to_owned(), success.clone())]);
        properties.extend(schema["properties"].as_object().cloned().unwrap_or_default());
        schema["properties"] = properties.into();
        let own = schema["required"].as_array().cloned().unwrap_or_default();
        schema["required"] = std::iter::once("success".into()).chain(own).collect();
    }
}
