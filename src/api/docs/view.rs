//! The document as the page shows it.

use serde_json::{Map, Value};

use super::{
    fields::{Fields, Shape, Way},
    print::Language,
    samples::{Request, Sample},
    text::{Code, Prose},
};

/// A part of the API.
pub(super) struct Group {
    /// Its anchor.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) words: Prose,
    pub(super) operations: Vec<Operation>,
}

/// Something the API does.
pub(super) struct Operation {
    /// Its anchor, and its name in generated clients.
    pub(super) id: String,
    /// In capitals.
    pub(super) method: String,
    pub(super) path: String,
    pub(super) summary: String,
    pub(super) words: Prose,
    pub(super) scopes: Vec<String>,
    pub(super) parameters: Vec<Parameters>,
    pub(super) headers: Fields,
    pub(super) body: Option<Fields>,
    pub(super) reply_words: Prose,
    pub(super) reply: Fields,
    pub(super) errors: Vec<Refused>,
    pub(super) samples: Vec<Sample>,
    pub(super) example: Code,
    pub(super) form: Form,
}

/// Parameters of one place.
pub(super) struct Parameters {
    pub(super) title: &'static str,
    pub(super) fields: Fields,
}

/// What an operation may answer instead.
pub(super) struct Refused {
    pub(super) status: String,
    pub(super) code: String,
    /// What is said, as an example.
    pub(super) says: String,
}

/// What it takes to send the request from the page.
pub(super) struct Form {
    pub(super) inputs: Vec<Input>,
    /// The body to begin with.
    pub(super) body: Option<String>,
    /// Whether it changes anything.
    pub(super) changes: bool,
}

/// A parameter to fill in.
pub(super) struct Input {
    pub(super) name: String,
    /// `path`, `query` or `header`.
    pub(super) place: String,
    pub(super) required: bool,
    /// If it is one of several words.
    pub(super) choices: Vec<String>,
    pub(super) hint: String,
    pub(super) number: bool,
}

/// What is posted to an organization's endpoints.
pub(super) struct Event {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) summary: String,
    pub(super) words: Prose,
    pub(super) example: Code,
}

/// What all events have in common.
pub(super) struct Webhooks {
    pub(super) headers: Fields,
    pub(super) fields: Fields,
    /// What counts as delivered.
    pub(super) delivered: Prose,
    pub(super) events: Vec<Event>,
}

/// All parts in the document's order; those without an operation are left out.
pub(super) fn groups(document: &Value) -> Vec<Group> {
    let mut all: Vec<Group> = list(&document["tags"])
        .map(|tag| Group {
            id: text(&tag["name"]).to_lowercase().replace(' ', "-"),
            name: text(&tag["name"]),
            words: Prose::new(&text(&tag["description"])),
            operations: Vec::new(),
        })
        .collect();
    for (path, method, operation) in operations(&document["paths"]) {
        let tag = text(&operation["tags"][0]);
        if let Some(group) = all.iter_mut().find(|group| group.name == tag) {
            group.operations.push(Operation::new(document, path, method, operation));
        }
    }
    all.retain(|group| !group.operations.is_empty());
    all
}

fn operations(paths: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
    let paths = paths.as_object().into_iter().flatten();
    paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| (path, method, operation))
    })
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// What stands in a body of JSON: its schema, and a whole example.
fn json(body: &Value) -> (&Value, Option<&Value>) {
    let content = &body["content"]["application/json"];
    let named = content["examples"].as_object().and_then(|all| all.values().next());
    (&content["schema"], content.get("example").or_else(|| named.and_then(|one| one.get("value"))))
}

impl Operation {
    fn new(document: &Value, path: &str, method: &str, operation: &Value) -> Self {
        let parameters: Vec<&Value> = list(&operation["parameters"])
            .map(|one| match one["$ref"].as_str() {
                Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap_or(one),
                None => one,
            })
            .collect();
        let at = |place: &str| -> Vec<&Value> {
            parameters.iter().copied().filter(|parameter| parameter["in"] == place).collect()
        };
        let method = method.to_uppercase();
        let scopes: Vec<String> = list(&operation["security"])
            .flat_map(|one| one.as_object().into_iter().flat_map(Map::values))
            .flat_map(|scopes| list(scopes).map(text).collect::<Vec<_>>())
            .collect();
        let body = operation.get("requestBody").map(json);
        let (reply, example) = json(&operation["responses"]["200"]);
        let shown = body.and_then(|(_, example)| example);
        let url = format!("{}{}", text(&document["servers"][0]["url"]), filled(document, path, &at("path")));
        Self {
            id: text(&operation["operationId"]),
            path: path.to_owned(),
            summary: text(&operation["summary"]),
            words: Prose::new(&text(&operation["description"])),
            parameters: [("Path", at("path")), ("Query", at("query"))]
                .into_iter()
                .filter(|(_, parameters)| !parameters.is_empty())
                .map(|(title, parameters)| Parameters {
                    title,
                    fields: Fields::of_parameters(document, &parameters, Way::In),
                })
                .collect(),
            headers: Fields::of_parameters(document, &at("header"), Way::In),
            body: body.map(|(schema, _)| Fields::of_body(document, schema, Way::In)),
            reply_words: Prose::new(&text(&operation["responses"]["200"]["description"])),
            reply: Fields::of_body(document, reply, Way::Out),
            errors: refused(&operation["responses"]),
            samples: Request { method: &method, url: &url, headers: &[], body: shown }.samples(),
            example: Code::new(&example.map(|example| Language::Json.unfold(example)).unwrap_or_default()),
            form: Form {
                inputs: parameters.iter().map(|parameter| Input::new(document, parameter)).collect(),
                body: body.map(|(schema, example)| {
                    Language::Json.unfold(&to_send(document, schema, example.unwrap_or(&Value::Null)))
                }),
                changes: scopes.iter().any(|scope| !scope.ends_with(":read")),
            },
            method,
            scopes,
        }
    }
}

impl Operation {
    /// Those it may refuse with, each once.
    pub(super) fn statuses(&self) -> String {
        let mut statuses: Vec<&str> = self.errors.iter().map(|error| error.status.as_str()).collect();
        statuses.dedup();
        statuses.join(" ")
    }
}

/// A path with examples in it.
fn filled(document: &Value, path: &str, parameters: &[&Value]) -> String {
    parameters.iter().fold(path.to_owned(), |path, parameter| {
        let shape = Shape::of(document, &parameter["schema"]);
        let example = shape.example().and_then(Value::as_str).map(str::to_owned);
        let example = example.or_else(|| shape.choices().into_iter().next()).unwrap_or_default();
        path.replace(&format!("{{{}}}", text(&parameter["name"])), &example)
    })
}

/// An example to begin with. What may be left out is: an id that exists nowhere would only be refused.
fn to_send(document: &Value, schema: &Value, example: &Value) -> Value {
    let target = schema["$ref"].as_str().and_then(|reference| document.pointer(reference.trim_start_matches('#')));
    let required: Vec<String> = list(&target.unwrap_or(schema)["required"]).map(text).collect();
    match example.as_object() {
        Some(fields) if !required.is_empty() => {
            fields.clone().into_iter().filter(|(name, _)| required.contains(name)).collect::<Map<_, _>>().into()
        }
        _ => example.clone(),
    }
}

fn refused(responses: &Value) -> Vec<Refused> {
    let replies = responses.as_object().into_iter().flatten();
    let mut all: Vec<Refused> = replies
        .filter(|(status, _)| status.as_str() >= "400")
        .flat_map(|(status, reply)| {
            let examples = reply["content"]["application/json"]["examples"].as_object().into_iter().flatten();
            examples.map(|(code, example)| Refused {
                status: status.clone(),
                code: code.clone(),
                says: text(&example["value"]["error"]),
            })
        })
        .collect();
    all.sort_by(|one, other| one.status.cmp(&other.status));
    all
}

impl Input {
    fn new(document: &Value, parameter: &Value) -> Self {
        let shape = Shape::of(document, &parameter["schema"]);
        let example = parameter.get("example").or_else(|| shape.example());
        Self {
            name: text(&parameter["name"]),
            place: text(&parameter["in"]),
            required: parameter["required"] == true,
            choices: shape.choices(),
            hint: example.and_then(Value::as_str).unwrap_or_default().to_owned(),
            number: shape.is("integer"),
        }
    }
}

impl Webhooks {
    /// What the document says of them, if it does.
    pub(super) fn of(document: &Value) -> Option<Self> {
        let all: Vec<(&String, &Value)> =
            operations(&document["webhooks"]).map(|(name, _, operation)| (name, operation)).collect();
        let (_, first) = all.first()?;
        let headers: Vec<&Value> = list(&first["parameters"]).collect();
        let (schema, _) = json(&first["requestBody"]);
        let answer = first["responses"].as_object().and_then(|all| all.values().next()).unwrap_or(&Value::Null);
        Some(Self {
            headers: Fields::of_parameters(document, &headers, Way::Out),
            fields: Fields::of_body(document, schema, Way::Out),
            delivered: Prose::new(&text(&answer["description"])),
            events: all.into_iter().map(|(name, operation)| Event::new(name, operation)).collect(),
        })
    }
}

impl Event {
    fn new(name: &str, operation: &Value) -> Self {
        let (_, example) = json(&operation["requestBody"]);
        Self {
            id: text(&operation["operationId"]),
            name: name.to_owned(),
            summary: text(&operation["summary"]),
            words: Prose::new(&text(&operation["description"])),
            example: Code::new(&example.map(|example| Language::Json.unfold(example)).unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::openapi;

    #[test]
    fn a_document_without_webhooks_has_none() {
        assert!(Webhooks::of(&json!({ "paths": {} })).is_none());
        assert!(groups(&json!({})).is_empty());
    }

    #[test]
    fn what_is_sent_from_the_page_names_nothing_that_may_be_left_out() {
        let document = openapi::document("http://localhost");
        let all = groups(&document);
        let body = |id: &str| {
            let form = &all.iter().flat_map(|group| &group.operations).find(|one| one.id == id).unwrap().form;
            serde_json::from_str::<Value>(form.body.as_deref().unwrap()).unwrap()
        };
        assert_eq!(body("createInvite"), json!({ "email": "user@example.com" }));
        assert!(body("changeMember").as_object().is_some_and(|fields| !fields.is_empty()));
    }

    #[test]
    fn only_what_reads_is_sent_without_a_word() {
        let document = openapi::document("http://localhost");
        for operation in groups(&document).into_iter().flat_map(|group| group.operations) {
            let reads = operation.method == "GET" || operation.id == "downloadPhotos";
            assert_eq!(operation.form.changes, !reads, "{}", operation.id);
        }
    }
}
