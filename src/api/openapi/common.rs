//! What the web layer does around every handler, written to every operation.

use serde_json::{Map, Value, json};

use super::sentences;

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

/// Adds the key, the headers, the parameters and the refusals that operations share.
pub(super) fn describe(document: &mut Value) {
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
    for_each_operation(document, complete);
}

fn headers() -> Value {
    let text = |words: &str| json!({ "description": words, "schema": { "type": "string" } });
    let number = |words: &str| json!({ "description": words, "schema": { "type": "integer" } });
    json!({
        "X-Request-Id": text("What the request is called in the server's log."),
        "X-RateLimit-Limit": number("Requests your organization may make in a minute; absent if there is no limit."),
        "X-RateLimit-Remaining": number("How many of them are left."),
        "X-RateLimit-Reset": text("When all of them are left again, as an ISO time."),
        "RateLimit-Policy": text("The same limit in the words of the IETF's draft: `\"organization\";q=300;w=60`."),
        "RateLimit": text("What is left of it: `\"organization\";r=299;t=1`, with the seconds until the next request comes back."),
        "Retry-After": number("Seconds after which asking again makes sense."),
        "ETag": text("What this reply is called, for `If-None-Match`."),
        "Idempotent-Replayed": text("`true` if this is the reply to an earlier request with the same `Idempotency-Key`."),
    })
}

fn for_each_operation(document: &mut Value, change: fn(&str, &mut Value)) {
    let Some(paths) = document["paths"].as_object_mut() else { return };
    for operations in paths.values_mut() {
        let Some(operations) = operations.as_object_mut() else { continue };
        for (method, operation) in operations {
            change(method, operation);
        }
    }
}

/// Writes down what the web layer does around every handler.
fn complete(method: &str, operation: &mut Value) {
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
        refused.push(("UNSUPPORTED_MEDIA_TYPE", 415));
    }
    let list = method == "get" && lists(operation);
    let mut headers = vec![
        "X-Request-Id",
        "X-RateLimit-Limit",
        "X-RateLimit-Remaining",
        "X-RateLimit-Reset",
        "RateLimit-Policy",
        "RateLimit",
    ];
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
            operation["responses"][status.to_string()] = refusal(operation, status, &codes);
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

fn refusal(operation: &Value, status: u16, codes: &[&str]) -> Value {
    let words = STATUSES.iter().find(|(its, _)| *its == status).map_or("", |(_, words)| *words);
    let mut examples = Map::new();
    for code in codes {
        let said = sentences::said_of(operation, code).unwrap_or_else(|| usually_said(status, code).to_owned());
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

fn usually_said(status: u16, code: &str) -> &'static str {
    let same = |(one, its, _): &&(&str, u16, &str)| *one == code && *its == status;
    let usual = |(one, ..): &&(&str, u16, &str)| *one == code;
    REFUSALS.iter().find(same).or_else(|| REFUSALS.iter().find(usual)).map_or("", |(.., said)| *said)
}
