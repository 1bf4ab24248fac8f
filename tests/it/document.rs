//! The API's own description, held against every answer a test is given: a reply has the shape the document gives it and no key
//! beside it, and a refusal is one that the operation names.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex},
};

use regex::Regex;
use reqwest::{Method, StatusCode};
use serde_json::{Map, Value};

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| headroom::api::openapi::document("http://headroom.test"));

/// What a schema can say. The checker has to be taught any other word before a schema uses it.
const UNDERSTOOD: &[&str] = &[
    "type",
    "required",
    "properties",
    "additionalProperties",
    "propertyNames",
    "items",
    "enum",
    "const",
    "oneOf",
    "allOf",
    "pattern",
    "$ref",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "format",
    "description",
    "examples",
    "default",
];

/// An operation of the API.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    pub(crate) method: &'static str,
    /// With its parameters in braces.
    pub(crate) path: &'static str,
    pub(crate) id: &'static str,
    said: &'static Value,
}

/// Every operation.
pub(crate) fn operations() -> Vec<Operation> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, operations)| {
        let each = operations.as_object().unwrap().iter();
        each.map(|(method, said)| Operation { method, path, id: said["operationId"].as_str().unwrap(), said })
    });
    all.collect()
}

impl Operation {
    pub(crate) fn method(&self) -> Method {
        self.method.to_uppercase().parse().unwrap()
    }

    /// The scope that a key needs for it.
    pub(crate) fn scope(&self) -> &'static str {
        self.said["security"][0]["apiKey"][0].as_str().expect("a scope")
    }

    /// Whether its address may have this in its query.
    pub(crate) fn asks(&self, name: &str) -> bool {
        let parameters = self.said["parameters"].as_array();
        parameters.into_iter().flatten().any(|one| one["in"] == "query" && one["name"] == name)
    }

    /// The fields its body may have, or nothing if it takes none.
    pub(crate) fn fields(&self) -> Option<&'static Map<String, Value>> {
        let body = self.said.pointer("/requestBody/content/application~1json/schema")?;
        Some(resolved(body)["properties"].as_object().unwrap())
    }

    fn refuses(&self, status: u16, code: &str) -> bool {
        let examples = format!("/responses/{status}/content/application~1json/examples/{code}");
        self.said.pointer(&examples).is_some()
    }
}

/// What an address and a method ask for. Where a literal name fits as well as a parameter, it is the name.
fn asked(method: &Method, path: &str) -> Option<Operation> {
    let fitting = operations().into_iter().filter_map(|one| Some((literal_pieces(one.path, path)?, one)));
    let (_, nearest) = fitting.max_by_key(|(literal, _)| *literal)?;
    operations().into_iter().find(|one| one.path == nearest.path && one.method() == *method)
}

fn literal_pieces(template: &str, path: &str) -> Option<usize> {
    let (ours, theirs): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    let fits = |(ours, theirs): (&&str, &&str)| ours == theirs || (ours.starts_with('{') && !theirs.is_empty());
    let same = ours.len() == theirs.len() && ours.iter().zip(&theirs).all(fits);
    same.then(|| ours.iter().filter(|piece| !piece.starts_with('{')).count())
}

/// Panics over an answer that the document doesn't promise. What is none of its operations is let through.
pub(crate) fn check(method: &Method, path: &str, status: StatusCode, body: &[u8]) {
    let Some(operation) = asked(method, path) else { return };
    let faults = match status.as_u16() {
        // 405 is said by the address, not by an operation of it.
        304 | 405 => return,
        200 => match serde_json::from_slice(body) {
            Ok(json) => faults(&operation.said["responses"]["200"]["content"]["application/json"]["schema"], &json, ""),
            Err(_) => vec!["no JSON".to_owned()],
        },
        status => {
            let json: Value = serde_json::from_slice(body).unwrap_or_default();
            let code = json["code"].as_str().unwrap_or_default();
            if operation.refuses(status, code) { Vec::new() } else { vec![format!("refuses with {status} {code}")] }
        }
    };
    let told = String::from_utf8_lossy(body);
    assert!(faults.is_empty(), "{method} {path} is not what {} promises: {faults:#?}\n{told}", operation.id);
}

fn resolved(schema: &'static Value) -> &'static Value {
    match schema["$ref"].as_str() {
        Some(name) => resolved(DOCUMENT.pointer(name.trim_start_matches('#')).expect("a schema of this name")),
        None => schema,
    }
}

/// The schemas that have to fit together.
fn parts(schema: &'static Value) -> Vec<&'static Value> {
    let schema = resolved(schema);
    let all = schema["allOf"].as_array().into_iter().flatten().flat_map(parts);
    all.chain([schema]).collect()
}

/// Where a value doesn't fit a schema, and how.
fn faults(schema: &'static Value, value: &Value, at: &str) -> Vec<String> {
    let parts = parts(schema);
    let mut found: Vec<String> = parts.iter().flat_map(|part| own_faults(part, value, at)).collect();
    let fields = |name: &str| parts.iter().filter_map(|part| part["properties"].get(name)).collect::<Vec<_>>();
    let closed = parts.iter().any(|part| part["properties"].is_object());
    for (name, inner) in value.as_object().into_iter().flatten() {
        let (mut known, at) = (fields(name), format!("{at}.{name}"));
        if known.is_empty() {
            known.extend(parts.iter().filter_map(|part| part.get("additionalProperties")));
        }
        if known.is_empty() && closed {
            found.push(format!("{at} is not in the document"));
        }
        found.extend(known.into_iter().flat_map(|schema| faults(schema, inner, &at)));
    }
    found
}

/// As [`faults`], but for the fields of an object.
fn own_faults(schema: &'static Value, value: &Value, at: &str) -> Vec<String> {
    for word in schema.as_object().into_iter().flat_map(Map::keys) {
        assert!(UNDERSTOOD.contains(&word.as_str()), "the checker doesn't know what \"{word}\" means");
    }
    let mut found = Vec::new();
    let mut must = |good: bool, what: &dyn Fn() -> String| {
        if !good {
            found.push(format!("{at} {}: {value}", what()));
        }
    };
    if let Some(kind) = schema.get("type") {
        let kinds = kind.as_array().map_or_else(|| vec![kind], |kinds| kinds.iter().collect());
        must(kinds.iter().any(|kind| is_a(value, kind.as_str().unwrap())), &|| format!("is no {kind}"));
    }
    if let Some(words) = schema["enum"].as_array() {
        must(words.contains(value), &|| format!("is none of {words:?}"));
    }
    if let Some(only) = schema.get("const") {
        must(value == only, &|| format!("is not {only}"));
    }
    if let Some(choice) = schema["oneOf"].as_array() {
        must(choice.iter().filter(|one| faults(one, value, at).is_empty()).count() == 1, &|| {
            format!("fits not one of {choice:?}")
        });
    }
    for name in schema.get("propertyNames").into_iter().flat_map(|_| value.as_object()).flat_map(Map::keys) {
        let wrong = faults(&schema["propertyNames"], &name.as_str().into(), at);
        must(wrong.is_empty(), &|| format!("has a key that fits not: {name}"));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        must(!value.is_object() || value.get(name).is_some(), &|| format!("lacks \"{name}\""));
    }
    if let Some(text) = value.as_str() {
        let (shape, length) = (schema["pattern"].as_str(), text.chars().count());
        must(shape.is_none_or(|shape| matches(shape, text)), &|| format!("doesn't match {}", schema["pattern"]));
        must(schema["format"] != "uri" || url::Url::parse(text).is_ok(), &|| "is no address".to_owned());
        must(within(length, schema, "minLength", "maxLength"), &|| "has the wrong length".to_owned());
    }
    if let Some(number) = value.as_i64() {
        let (least, most) = (schema["minimum"].as_i64(), schema["maximum"].as_i64());
        must(least.is_none_or(|least| number >= least) && most.is_none_or(|most| number <= most), &|| {
            "is out of range".to_owned()
        });
    }
    if let Some(list) = value.as_array() {
        must(within(list.len(), schema, "minItems", "maxItems"), &|| "has the wrong length".to_owned());
        let each = list.iter().enumerate();
        found.extend(each.flat_map(|(nth, item)| faults(&schema["items"], item, &format!("{at}[{nth}]"))));
    }
    found
}

fn is_a(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("the checker doesn't know what a {other} is"),
    }
}

fn within(length: usize, schema: &Value, least: &str, most: &str) -> bool {
    let length = length as u64;
    schema[least].as_u64().is_none_or(|least| length >= least)
        && schema[most].as_u64().is_none_or(|most| length <= most)
}

fn matches(shape: &str, text: &str) -> bool {
    static SHAPES: LazyLock<Mutex<HashMap<String, Regex>>> = LazyLock::new(Mutex::default);
    let mut shapes = SHAPES.lock().unwrap();
    shapes.entry(shape.to_owned()).or_insert_with(|| Regex::new(shape).unwrap()).is_match(text)
}

/// What the checker finds in a reply to `GET …/team`.
#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn member() -> Value {
        json!({
            "id": "507f1f77bcf86cd799439013", "email": null, "name": "Kim", "title": null, "status": "accepted",
            "teamId": null, "teamName": null, "modelId": null, "modelStatus": null, "joinedAt": "2024-01-15T10:30:00.000Z",
        })
    }

    fn found(member: &Value) -> Vec<String> {
        let pagination = json!({ "total": 1, "limit": 50, "offset": 0, "hasMore": false });
        let reply = json!({ "success": true, "members": [member], "pagination": pagination });
        let operation = asked(&Method::GET, "/api/v2/organization/team").unwrap();
        faults(&operation.said["responses"]["200"]["content"]["application/json"]["schema"], &reply, "")
    }

    #[test]
    fn a_reply_that_is_as_documented_has_no_faults() {
        assert_eq!(found(&member()), Vec::<String>::new());
    }

    #[test]
    fn each_way_to_be_wrong_is_found() {
        for (key, wrong) in [
            ("id", json!("507F")),
            ("id", json!(null)),
            ("name", json!(7)),
            ("status", json!("finnished")),
            ("joinedAt", json!("2024-01-15")),
            ("surprise", json!(true)),
        ] {
            let mut member = member();
            member[key] = wrong.clone();
            let found = found(&member);
            assert!(!found.is_empty() && found.iter().all(|fault| fault.contains(key)), "{key} {wrong}: {found:?}");
        }
        let mut short = member();
        short.as_object_mut().unwrap().remove("title");
        assert!(found(&short)[0].contains("lacks \"title\""));
    }

    #[test]
    fn a_literal_name_goes_before_a_parameter() {
        let id = |path: &str| asked(&Method::GET, path).map(|operation| operation.id);
        let photos = "/api/v2/organization/models/507f1f77bcf86cd799439013/photos";
        assert_eq!(id(&format!("{photos}/favorite")), Some("getFavoritePhoto"));
        assert_eq!(id(&format!("{photos}/507f1f77bcf86cd799439017")), Some("getPhoto"));
        assert_eq!(id("/api/v2/organization/nothing"), None);
        assert_eq!(id("/api/v2/organization/invites/revoke"), None, "it is posted to");
        let operation = asked(&Method::GET, photos).unwrap();
        assert!(
            operation.refuses(404, "NOT_FOUND")
                && !operation.refuses(404, "FORBIDDEN")
                && !operation.refuses(402, "NOT_FOUND")
        );
    }
}
