//! Whole examples of bodies, put together from the examples of their fields.

use serde_json::{Map, Value, json};

/// Adds an example to each body that has none.
pub(super) fn add(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    for part in ["paths", "webhooks"] {
        let operations = document[part].as_object_mut().into_iter().flat_map(Map::values_mut);
        for operation in operations.filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
            for body in ["/requestBody/content/application~1json", "/responses/200/content/application~1json"] {
                if let Some(content) = operation.pointer_mut(body).filter(|content| content.get("example").is_none()) {
                    content["example"] = of(&content["schema"], &schemas);
                }
            }
        }
    }
    // A webhook-less document has no such part.
    if document["webhooks"].is_null() {
        document.as_object_mut().map(|document| document.remove("webhooks"));
    }
}

/// An example of what fits a schema: its own one, or one made of its parts.
fn of(schema: &Value, schemas: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
        return of(&schemas[name], schemas);
    }
    let own = schema.get("const").or_else(|| schema["examples"].get(0)).or_else(|| schema.get("default"));
    if let Some(own) = own.or_else(|| schema["enum"].get(0)) {
        return own.clone();
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let parts = parts.iter().map(|part| of(part, schemas)).filter_map(|part| part.as_object().cloned());
        return parts.flatten().collect::<Map<_, _>>().into();
    }
    if let Some(choice) = schema["oneOf"].as_array() {
        return choice.iter().find(|one| one["type"] != "null").map_or(Value::Null, |one| of(one, schemas));
    }
    match schema["type"].as_str().or_else(|| schema["type"].get(0).and_then(Value::as_str)) {
        Some("object") => object(schema, schemas),
        Some("array") => json!([of(&schema["items"], schemas)]),
        Some("boolean") => true.into(),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or(json!(1)),
        Some("string") => "…".into(),
        _ => Value::Null,
    }
}

/// With every field that is always there. What says that something is the exception is left out.
fn object(schema: &Value, schemas: &Value) -> Value {
    const EXCEPTIONS: [&str; 4] = ["expired", "isDevelopment", "message", "nextCursor"];
    let required = |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
    let fields = schema["properties"].as_object().into_iter().flatten();
    let shown = fields.filter(|(name, _)| required(name) || !EXCEPTIONS.contains(&name.as_str()));
    shown.map(|(name, field)| (name.clone(), of(field, schemas))).collect::<Map<_, _>>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_is_made_of_its_parts() {
        let schemas = json!({ "Team": { "type": "object", "properties": { "id": { "type": "string", "examples": ["team_1"] } } } });
        let schema = json!({
            "type": "object",
            "required": ["teams", "success"],
            "properties": {
                "success": { "const": true },
                "teams": { "type": "array", "items": { "$ref": "#/components/schemas/Team" } },
                "status": { "oneOf": [{ "type": "null" }, { "enum": ["a", "b"] }] },
                "expired": { "type": "boolean" },
                "credits": { "type": "integer", "minimum": 0 },
            }
        });
        let expected = json!({ "success": true, "teams": [{ "id": "team_1" }], "status": "a", "credits": 0 });
        assert_eq!(of(&schema, &schemas), expected);
    }
}
