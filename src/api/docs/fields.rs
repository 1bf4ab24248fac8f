//! The fields of a body, and the parameters of a request, as a list that unfolds where a field has fields of its own.

use askama::{Template, filters::HtmlSafe};
use serde_json::{Map, Value};

use super::{text::Prose, words};

/// Deeper than this no body goes; a schema that holds itself would.
const DEEPEST: usize = 6;

/// More words than this to choose from are folded, where they are read and not written.
const FEW: usize = 3;

/// A list of them.
#[derive(Template)]
#[template(path = "reference/fields.html")]
pub(super) struct Fields {
    fields: Vec<Field>,
}

impl HtmlSafe for Fields {}

struct Field {
    name: String,
    /// What it holds, in words.
    kind: String,
    /// `required`, or `not always there`.
    presence: &'static str,
    words: Prose,
    limits: Prose,
    values: Vec<Choice>,
    /// Whether the values are folded.
    folded: bool,
    inner: Option<Inner>,
}

/// A word a field may hold, and what it says.
struct Choice {
    value: String,
    words: &'static str,
}

/// The fields of a field.
struct Inner {
    summary: String,
    open: bool,
    fields: Fields,
}

/// Which way a field goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// The reader writes it.
    In,
    /// The reader gets it.
    Out,
}

/// A schema, and what a reference in it leads to.
pub(super) struct Shape {
    own: Map<String, Value>,
    /// Of the schema it refers to.
    name: String,
    nullable: bool,
}

impl Shape {
    /// Follows references, takes `or null` out of choices, and puts together what comes in parts.
    pub(super) fn of(document: &Value, schema: &Value) -> Self {
        let mut shape =
            Self { own: schema.as_object().cloned().unwrap_or_default(), name: String::new(), nullable: false };
        for _ in 0..DEEPEST {
            if !shape.follow(document) && !shape.take_null() {
                break;
            }
        }
        shape.put_together(document);
        if let Some(Value::Array(kinds)) = shape.own.get("type") {
            let kind = kinds.iter().find(|kind| *kind != "null").cloned().unwrap_or_default();
            shape.nullable |= kinds.iter().any(|kind| kind == "null");
            shape.own.insert("type".to_owned(), kind);
        }
        shape
    }

    fn follow(&mut self, document: &Value) -> bool {
        let Some(Value::String(reference)) = self.own.remove("$ref") else { return false };
        let target = document.pointer(reference.trim_start_matches('#')).and_then(Value::as_object);
        let mut whole = target.cloned().unwrap_or_default();
        // What a field says of itself goes before what its schema says.
        whole.append(&mut self.own);
        self.name = reference.rsplit('/').next().unwrap_or_default().to_owned();
        self.own = whole;
        true
    }

    fn take_null(&mut self) -> bool {
        for choice in ["oneOf", "anyOf"] {
            let Some(Value::Array(parts)) = self.own.get(choice) else { continue };
            let other: Vec<&Value> = parts.iter().filter(|part| part["type"] != "null").collect();
            if let ([other], true) = (other.as_slice(), other.len() < parts.len()) {
                let mut whole = other.as_object().cloned().unwrap_or_default();
                self.own.remove(choice);
                whole.append(&mut self.own);
                (self.own, self.nullable) = (whole, true);
                return true;
            }
        }
        false
    }

    fn put_together(&mut self, document: &Value) {
        let Some(Value::Array(parts)) = self.own.remove("allOf") else { return };
        let (mut fields, mut required) = (Map::new(), Vec::new());
        for part in parts {
            let part = Self::of(document, &part);
            fields.extend(part.own.get("properties").and_then(Value::as_object).cloned().unwrap_or_default());
            required.extend(part.own.get("required").and_then(Value::as_array).cloned().unwrap_or_default());
        }
        self.own.insert("type".to_owned(), "object".into());
        self.own.insert("properties".to_owned(), fields.into());
        self.own.insert("required".to_owned(), required.into());
    }

    fn text(&self, key: &str) -> &str {
        self.own.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    fn items(&self, document: &Value) -> Option<Self> {
        self.own.get("items").map(|items| Self::of(document, items))
    }

    /// The words to choose from, if it is such a choice.
    pub(super) fn choices(&self) -> Vec<String> {
        let words = self.own.get("enum").and_then(Value::as_array).into_iter().flatten();
        words.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// What is most often sent.
    pub(super) fn example(&self) -> Option<&Value> {
        self.own.get("examples").and_then(|examples| examples.get(0)).or_else(|| self.own.get("example"))
    }

    pub(super) fn is(&self, kind: &str) -> bool {
        self.text("type") == kind
    }

    fn kind(&self, document: &Value) -> String {
        let kind = match self.items(document) {
            Some(items) => match items.kind(document).as_str() {
                "e-mail address" => "array of e-mail addresses".to_owned(),
                kind => format!("array of {kind}s"),
            },
            None => self.plain_kind().to_owned(),
        };
        if self.nullable { format!("{kind} or null") } else { kind }
    }

    fn plain_kind(&self) -> &str {
        match (self.text("type"), self.text("format"), self.text("pattern")) {
            (_, "email", _) | (_, _, "^[^@]+@[^@]+$") => "e-mail address",
            (_, "uri", _) => "URL",
            (_, "date-time", _) => "time",
            (_, _, pattern) if pattern.starts_with(r"^\d{4}-") => "time",
            ("", ..) => "anything",
            (kind, ..) => kind,
        }
    }
}

impl Fields {
    /// The fields of a body. That a reply says `"success": true` is told once for all of them.
    pub(super) fn of_body(document: &Value, schema: &Value, way: Way) -> Self {
        let shape = Shape::of(document, schema);
        let mut fields = Self::of_object(document, &shape, way, DEEPEST);
        fields.fields.retain(|field| way == Way::In || field.name != "success");
        if let Some(first) = fields.fields.iter_mut().find_map(|field| field.inner.as_mut()) {
            first.open = true;
        }
        fields
    }

    fn of_object(document: &Value, shape: &Shape, way: Way, depth: usize) -> Self {
        let required: Vec<&str> = shape
            .own
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let all = shape.own.get("properties").and_then(Value::as_object).into_iter().flatten();
        let fields = all.map(|(name, schema)| {
            let presence = match (way, required.contains(&name.as_str())) {
                (Way::In, true) => "required",
                (Way::Out, false) => "not always there",
                _ => "",
            };
            Field::new(document, name, schema, presence, way, depth)
        });
        Self { fields: fields.collect() }
    }

    /// Parameters of a request, which describe themselves beside their schema.
    pub(super) fn of_parameters(document: &Value, parameters: &[&Value], way: Way) -> Self {
        let fields = parameters.iter().map(|parameter| {
            let mut schema = parameter["schema"].clone();
            for key in ["description", "example"] {
                if let Some(own) = parameter.get(key) {
                    schema[key] = own.clone();
                }
            }
            let presence = if way == Way::In && parameter["required"] == true { "required" } else { "" };
            Field::new(document, parameter["name"].as_str().unwrap_or_default(), &schema, presence, way, 0)
        });
        Self { fields: fields.collect() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}

impl Field {
    fn new(document: &Value, name: &str, schema: &Value, presence: &'static str, way: Way, depth: usize) -> Self {
        let shape = Shape::of(document, schema);
        let items = shape.items(document);
        let inside = items.as_ref().unwrap_or(&shape);
        let values: Vec<Choice> = inside
            .choices()
            .into_iter()
            .map(|value| Choice { words: words::meaning(&inside.name, &value), value })
            .collect();
        let fields = match depth {
            0 => Vec::new(),
            _ => Fields::of_object(document, inside, way, depth - 1).fields,
        };
        let inner = (!fields.is_empty()).then(|| Inner {
            summary: match (fields.len(), items.is_some()) {
                (1, _) => "1 field".to_owned(),
                (count, false) => format!("{count} fields"),
                (count, true) => format!("{count} fields of each"),
            },
            open: way == Way::In,
            fields: Fields { fields },
        });
        Self {
            name: name.to_owned(),
            kind: shape.kind(document),
            presence,
            words: Prose::new(shape.text("description")),
            limits: Prose::new(&limits(&shape, way)),
            folded: way == Way::Out && values.len() > FEW,
            values,
            inner,
        }
    }
}

/// What is usual, what is allowed, and how it looks. Of what is read, only what it always is.
fn limits(shape: &Shape, way: Way) -> String {
    if let Some(constant) = shape.own.get("const") {
        return format!("Always `{constant}`.");
    }
    if way == Way::Out {
        return String::new();
    }
    let mut said = Vec::new();
    if let Some(usual) = shape.own.get("default") {
        said.push(match usual.as_str() {
            Some(text) => format!("Default `{text}`."),
            None => format!("Default `{usual}`."),
        });
    }
    for (least, most, what) in
        [("minLength", "maxLength", " characters"), ("minimum", "maximum", ""), ("minItems", "maxItems", " items")]
    {
        // The most a number can be is no limit anyone meets.
        let met = |most: &&Value| most.as_u64().is_none_or(|most| most < i32::MAX as u64);
        said.extend(match (shape.own.get(least), shape.own.get(most).filter(met)) {
            (Some(least), Some(most)) => Some(format!("{least} to {most}{what}.")),
            (None, Some(most)) => Some(format!("At most {most}{what}.")),
            (Some(least), None) if *least == 1 && what == " items" => Some("At least one.".to_owned()),
            (Some(least), None) => Some(format!("At least {least}{what}.")),
            (None, None) => None,
        });
    }
    match shape.example() {
        Some(Value::String(text)) if shape.choices().is_empty() && text.len() < 40 => {
            said.push(format!("Such as `{text}`."));
        }
        _ => {}
    }
    said.join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({ "components": { "schemas": {
            "Photo": { "type": "object", "required": ["id"], "properties": {
                "id": { "type": "string", "description": "Its id." },
                "urls": { "type": "object", "properties": { "main": { "type": "string", "format": "uri" } } },
            } },
            "Own": { "allOf": [
                { "$ref": "#/components/schemas/Photo" },
                { "type": "object", "required": ["modelId"], "properties": { "modelId": { "type": "string" } } },
            ] },
            "ModelStatus": { "type": "string", "description": "Where it stands.", "enum": ["onboarding", "active"] },
            "Tree": { "type": "object", "properties": { "tree": { "$ref": "#/components/schemas/Tree" } } },
        } } })
    }

    fn kind(schema: &Value) -> String {
        let document = document();
        Shape::of(&document, schema).kind(&document)
    }

    #[test]
    fn kinds_are_told_in_words() {
        assert_eq!(kind(&json!({ "type": ["string", "null"], "format": "email" })), "e-mail address or null");
        let choice = json!({ "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Photo" }] });
        assert_eq!(kind(&choice), "object or null");
        assert_eq!(kind(&json!({ "type": "array", "items": { "type": "string" } })), "array of strings");
        assert_eq!(
            kind(&json!({ "type": "array", "items": { "$ref": "#/components/schemas/Own" } })),
            "array of objects"
        );
    }

    #[test]
    fn a_field_goes_before_its_schema() {
        let document = document();
        let schema = json!({ "$ref": "#/components/schemas/ModelStatus", "description": "Only these." });
        let shape = Shape::of(&document, &schema);
        assert_eq!((shape.text("description"), shape.name.as_str()), ("Only these.", "ModelStatus"));
        assert_eq!(shape.choices(), ["onboarding", "active"]);
    }

    #[test]
    fn parts_and_what_is_inside_are_unfolded() {
        let document = document();
        let fields = Fields::of_body(&document, &json!({ "$ref": "#/components/schemas/Own" }), Way::Out);
        let named: Vec<_> = fields.fields.iter().map(|field| (field.name.as_str(), field.presence)).collect();
        assert_eq!(named, [("id", ""), ("urls", "not always there"), ("modelId", "")]);
        assert_eq!(fields.fields[1].inner.as_ref().unwrap().summary, "1 field");
        assert!(fields.to_string().contains("main"));
    }

    #[test]
    fn a_schema_that_holds_itself_ends() {
        let fields = Fields::of_body(&document(), &json!({ "$ref": "#/components/schemas/Tree" }), Way::Out);
        assert_eq!(fields.to_string().matches("<code>tree</code>").count(), DEEPEST + 1);
    }

    #[test]
    fn limits_are_told_to_whoever_writes() {
        let name =
            json!({ "type": "string", "minLength": 1, "maxLength": 100, "default": "a", "examples": ["Marketing"] });
        let shape = Shape::of(&Value::Null, &name);
        assert_eq!(limits(&shape, Way::In), "Default `a`. 1 to 100 characters. Such as `Marketing`.");
        assert_eq!(limits(&shape, Way::Out), "");
        let count = json!({ "type": "integer", "minimum": 1, "maximum": u32::MAX });
        assert_eq!(limits(&Shape::of(&Value::Null, &count), Way::In), "At least 1.");
        assert_eq!(limits(&Shape::of(&Value::Null, &json!({ "const": true })), Way::Out), "Always `true`.");
    }
}
