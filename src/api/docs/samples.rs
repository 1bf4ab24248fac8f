//! Requests to copy, in three languages that need nothing installed beside them.

use serde_json::Value;

use super::{print::Language, text::Code};

/// A request in one language.
pub(super) struct Sample {
    /// How the page and the browser's memory call the language.
    pub(super) id: &'static str,
    pub(super) language: &'static str,
    pub(super) code: Code,
}

/// What is asked for.
pub(super) struct Request<'a> {
    /// In capitals.
    pub(super) method: &'a str,
    /// The whole address.
    pub(super) url: &'a str,
    /// Headers beside the key's and the body's.
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) body: Option<&'a Value>,
}

/// The languages: how the page calls them, and how people do.
const LANGUAGES: [(&str, &str); 3] = [("curl", "curl"), ("js", "JavaScript"), ("python", "Python")];

impl Request<'_> {
    /// In all languages.
    pub(super) fn samples(&self) -> Vec<Sample> {
        let codes = [self.curl(), self.javascript(), self.python()];
        let all = LANGUAGES.iter().zip(codes);
        all.map(|((id, language), code)| Sample { id, language, code: Code::new(&code) }).collect()
    }

    pub(super) fn curl(&self) -> String {
        let mut lines = vec![match self.method {
            "GET" => format!("curl {}", in_shell(self.url)),
            method => format!("curl -X {method} {}", in_shell(self.url)),
        }];
        lines.push("-H \"Authorization: Bearer $HEADROOM_KEY\"".to_owned());
        lines.extend(self.headers.iter().map(|(name, value)| format!("-H {}", quoted(&format!("{name}: {value}")))));
        if let Some(body) = self.body {
            lines.push("-H \"Content-Type: application/json\"".to_owned());
            lines.push(format!("-d {}", quoted(&Language::Json.write(body, 2))));
        }
        lines.join(" \\\n  ")
    }

    fn javascript(&self) -> String {
        let mut options = Vec::new();
        if self.method != "GET" {
            options.push(format!("  method: \"{}\",\n", self.method));
        }
        let key = "Authorization: `Bearer ${process.env.HEADROOM_KEY}`";
        let mut headers: Vec<String> =
            self.headers.iter().map(|(name, value)| format!("\"{name}\": {}", Value::from(*value))).collect();
        if self.body.is_some() {
            headers.push("\"Content-Type\": \"application/json\"".to_owned());
        }
        options.push(match headers.as_slice() {
            [] => format!("  headers: {{ {key} }},\n"),
            more => format!("  headers: {{\n    {key},\n    {},\n  }},\n", more.join(",\n    ")),
        });
        if let Some(body) = self.body {
            options.push(format!("  body: JSON.stringify({}),\n", Language::JavaScript.write(body, 2)));
        }
        format!(
            "const answer = await fetch({}, {{\n{}}});\nconst reply = await answer.json();\nif (!reply.success) throw new Error(reply.error);",
            Value::from(self.url),
            options.concat()
        )
    }

    fn python(&self) -> String {
        let mut options = Vec::new();
        if self.method != "GET" {
            options.push(format!("    method=\"{}\",\n", self.method));
        }
        let key = "\"Authorization\": f\"Bearer {os.environ['HEADROOM_KEY']}\"";
        let mut headers: Vec<String> =
            self.headers.iter().map(|(name, value)| format!("\"{name}\": {}", Value::from(*value))).collect();
        if self.body.is_some() {
            headers.push("\"Content-Type\": \"application/json\"".to_owned());
        }
        options.push(match headers.as_slice() {
            [] => format!("    headers={{{key}}},\n"),
            more => format!("    headers={{\n        {key},\n        {},\n    }},\n", more.join(",\n        ")),
        });
        if let Some(body) = self.body {
            options.push(format!("    data=json.dumps({}).encode(),\n", Language::Python.write(body, 4)));
        }
        format!(
            "import json, os, urllib.request\n\nrequest = urllib.request.Request(\n    {},\n{})\nwith urllib.request.urlopen(request) as answer:\n    reply = json.load(answer)",
            Value::from(self.url),
            options.concat()
        )
    }
}

/// A word that a shell takes as it is, or one between quotes.
fn in_shell(word: &str) -> String {
    let plain = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/:.-_@%+,=".contains(&byte));
    if plain { word.to_owned() } else { quoted(word) }
}

/// Between single quotes nothing means anything to a shell, except a single quote.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rename() -> Value {
        json!({ "name": "Kim's \"team\" \\ $HOME" })
    }

    #[test]
    fn a_shell_reads_back_what_was_meant() {
        let body = rename();
        let request = Request { method: "PUT", url: "http://localhost/a?b=c&d", headers: &[], body: Some(&body) };
        // `printf` stands in for curl: it says what it was given.
        let script = request.curl().replacen("curl", "printf '%s\\n'", 1);
        let said = std::process::Command::new("sh").arg("-c").arg(script).env("HEADROOM_KEY", "hr_1").output().unwrap();
        let said = String::from_utf8(said.stdout).unwrap();
        let lines: Vec<&str> = said.lines().collect();
        let (given, sent) = lines.split_at(lines.len() - 1);
        assert_eq!(given[..5], ["-X", "PUT", "http://localhost/a?b=c&d", "-H", "Authorization: Bearer hr_1"]);
        assert_eq!(serde_json::from_str::<Value>(sent[0]).unwrap(), body);
    }

    #[test]
    fn requests_say_only_what_they_need() {
        let request = Request { method: "GET", url: "http://localhost/api", headers: &[], body: None };
        assert_eq!(request.curl(), "curl http://localhost/api \\\n  -H \"Authorization: Bearer $HEADROOM_KEY\"");
        assert!(!request.javascript().contains("method"), "{}", request.javascript());
        assert!(!request.python().contains("data="), "{}", request.python());
    }

    #[test]
    fn all_languages_carry_headers_and_body() {
        let body = rename();
        let headers = [("Idempotency-Key", "a5b3")];
        let request = Request { method: "POST", url: "http://localhost/", headers: &headers, body: Some(&body) };
        for code in [request.curl(), request.javascript(), request.python()] {
            assert!(code.contains("Idempotency-Key") && code.contains("a5b3") && code.contains("Kim"), "{code}");
        }
        assert!(request.javascript().contains(r#"body: JSON.stringify({ name: "Kim's \"team\" \\ $HOME" })"#));
        assert!(request.python().contains(r#"json.dumps({"name": "Kim's \"team\" \\ $HOME"})"#));
    }
}
