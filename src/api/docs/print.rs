//! Values as they are written in the samples' languages.

use serde_json::Value;

/// How a language writes values.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Json,
    JavaScript,
    Python,
}

/// Up to so many characters, what stands inside something else is written on one line.
const SHORT: usize = 44;

impl Language {
    /// A value that begins somewhere on a line indented by `indent`.
    pub(super) fn write(self, value: &Value, indent: usize) -> String {
        let mut text = String::new();
        self.put(&mut text, value, indent);
        text
    }

    /// The same, with each of its own fields on a line.
    pub(super) fn unfold(self, value: &Value) -> String {
        let mut text = String::new();
        self.put_lines(&mut text, value, 0);
        text
    }

    fn put(self, text: &mut String, value: &Value, indent: usize) {
        let flat = self.flat(value);
        if flat.chars().count() <= SHORT {
            text.push_str(&flat);
        } else {
            self.put_lines(text, value, indent);
        }
    }

    fn put_lines(self, text: &mut String, value: &Value, indent: usize) {
        let step = indent + if self == Self::Python { 4 } else { 2 };
        let (open, close, lines): (_, _, Vec<(String, &Value)>) = match value {
            Value::Object(fields) if !fields.is_empty() => {
                ('{', '}', fields.iter().map(|(name, value)| (format!("{}: ", self.key(name)), value)).collect())
            }
            Value::Array(items) if !items.is_empty() => {
                ('[', ']', items.iter().map(|item| (String::new(), item)).collect())
            }
            other => return text.push_str(&self.flat(other)),
        };
        text.push(open);
        let count = lines.len();
        for (nth, (before, value)) in lines.into_iter().enumerate() {
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', step));
            text.push_str(&before);
            self.put(text, value, step);
            // JSON has no comma after the last one.
            if nth + 1 < count || self != Self::Json {
                text.push(',');
            }
        }
        text.push('\n');
        text.extend(std::iter::repeat_n(' ', indent));
        text.push(close);
    }

    fn flat(self, value: &Value) -> String {
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                let fields = fields.iter().map(|(name, value)| format!("{}: {}", self.key(name), self.flat(value)));
                let fields = fields.collect::<Vec<_>>().join(", ");
                if self == Self::Python { format!("{{{fields}}}") } else { format!("{{ {fields} }}") }
            }
            Value::Array(items) => {
                format!("[{}]", items.iter().map(|item| self.flat(item)).collect::<Vec<_>>().join(", "))
            }
            Value::Bool(true) if self == Self::Python => "True".to_owned(),
            Value::Bool(false) if self == Self::Python => "False".to_owned(),
            Value::Null if self == Self::Python => "None".to_owned(),
            // The others are written as JSON in all three: its texts use no escape that means something else elsewhere.
            other => other.to_string(),
        }
    }

    fn key(self, name: &str) -> String {
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !name.starts_with(|first: char| first.is_ascii_digit());
        match self {
            Self::JavaScript if plain && !name.is_empty() => name.to_owned(),
            _ => Value::from(name).to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_short_stands_on_one_line() {
        let value = json!({ "success": true, "input": { "email": "kim@acme.com" }, "teams": [], "teamId": null });
        let expected = "{\n  \"success\": true,\n  \"input\": { \"email\": \"kim@acme.com\" },\n  \"teams\": [],\n  \"teamId\": null\n}";
        assert_eq!(Language::Json.unfold(&value), expected);
        assert_eq!(serde_json::from_str::<Value>(expected).unwrap(), value);
    }

    #[test]
    fn each_language_has_its_own_words() {
        let value = json!({ "yes": true, "teamId": null, "a-b": "O'Neil" });
        assert_eq!(Language::JavaScript.write(&value, 0), r#"{ yes: true, teamId: null, "a-b": "O'Neil" }"#);
        assert_eq!(
            Language::Python.unfold(&value),
            "{\n    \"yes\": True,\n    \"teamId\": None,\n    \"a-b\": \"O'Neil\",\n}"
        );
    }
}
