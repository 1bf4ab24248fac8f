//! The document's schemas, made pleasant to read and to generate clients from.

use serde_json::{Map, Value, json};

/// Does all of it.
pub(super) fn tidy(document: &mut Value) {
    inline_texts(document);
    simplify(document);
    add_success(document);
    require_bodies(document);
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

/// Every reply says whether it worked, so that a program can tell the two apart by their types.
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
    document["components"]["schemas"]["Refusal"]["properties"]["success"]["const"] = false.into();
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

/// A body can be left out if nothing in it is needed: it is then read as an object with nothing in it.
fn require_bodies(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    let operations = document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    for operation in operations.filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
        let Some(body) = operation.get_mut("requestBody") else { continue };
        let name =
            body["content"]["application/json"]["schema"]["$ref"].as_str().and_then(|name| name.rsplit('/').next());
        let schema = &schemas[name.unwrap_or_default()];
        body["required"] = (schema.get("required").is_some() || schema.get("minProperties").is_some()).into();
    }
}

/// Says the same in the words of OpenAPI 3.1, and on one line what is one paragraph.
fn simplify(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if let Some(choice) = object.get("oneOf").and_then(Value::as_array).and_then(|choice| text_or_null(choice))
            {
                let words = object.get("description").cloned();
                *object = choice;
                object.extend(words.map(|words| ("description".to_owned(), words)));
            }
            for text in ["description", "summary"] {
                if let Some(Value::String(words)) = object.get_mut(text) {
                    let parts = words.split("\n\n").map(|part| without_sources(&part.replace('\n', " ")).to_owned());
                    *words = parts.collect::<Vec<_>>().join("\n\n");
                }
            }
            let is_schema = object.contains_key("type");
            if let Some(example) = object.get("example").cloned().filter(|_| is_schema) {
                object.remove("example");
                object.insert("examples".to_owned(), json!([example]));
            }
            object.values_mut().for_each(simplify);
        }
        Value::Array(list) => list.iter_mut().for_each(simplify),
        _ => {}
    }
}

/// A comment may end by naming the document it follows, such as `[004]`: that is for whoever reads the source.
fn without_sources(words: &str) -> &str {
    let source = words.strip_suffix(']').and_then(|words| words.rsplit_once(" ["));
    match source {
        Some((before, name)) if name.len() == 3 && name.bytes().all(|byte| byte.is_ascii_digit()) => before,
        _ => words,
    }
}

/// A text or null, as one schema with two types.
fn text_or_null(choice: &[Value]) -> Option<Map<String, Value>> {
    let [one, other] = choice else { return None };
    let (text, null) = if one["type"] == "null" { (other, one) } else { (one, other) };
    let mut text = text.as_object().filter(|text| text.get("type").is_some_and(|kind| kind == "string"))?.clone();
    (null["type"] == "null").then(|| {
        text.insert("type".to_owned(), json!(["string", "null"]));
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_do_not_name_their_sources() {
        assert_eq!(without_sources("Only for test data. [004]"), "Only for test data.");
        assert_eq!(without_sources("A list such as [1, 2]"), "A list such as [1, 2]");
    }
}
