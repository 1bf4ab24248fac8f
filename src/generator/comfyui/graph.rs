//! The operator's graph: what it must have, and how a headshot's own values come into it.

use std::path::Path;

use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// What may stand in a graph for what differs from headshot to headshot.
const IMAGE: &str = "{{image}}";
const PROMPT: &str = "{{prompt}}";
const BACKDROP: &str = "{{backdrop}}";
const SEED: &str = "{{seed}}";

/// A graph in ComfyUI's API format, with placeholders.
#[derive(Clone, Debug)]
pub(super) struct Graph {
    nodes: Map<String, Value>,
    /// Which node has the headshot.
    pub(super) output: String,
}

/// What comes in the place of the placeholders.
pub(super) struct Values<'a> {
    pub(super) image: &'a str,
    pub(super) prompt: &'a str,
    pub(super) backdrop: &'a str,
    pub(super) seed: u64,
}

impl Graph {
    pub(super) fn read(path: &Path, output: Option<&str>) -> Result<Self> {
        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|cause| Error::invalid(plain!("generator_graph names {shown}, which can't be read: {cause}.")))?;
        Self::parse(&text, output).map_err(|wrong| Error::invalid(plain!("The graph {shown} can't be used: {wrong}")))
    }

    fn parse(text: &str, output: Option<&str>) -> Result<Self> {
        let graph: Value =
            serde_json::from_str(text).map_err(|cause| Error::invalid(plain!("it is not JSON ({cause}).")))?;
        let Value::Object(nodes) = graph else { return Err(not_api_format()) };
        let has_class = |node: &Value| {
            node.get("class_type").is_some_and(Value::is_string) && node.get("inputs").is_some_and(Value::is_object)
        };
        if nodes.is_empty() || !nodes.values().all(has_class) {
            return Err(not_api_format());
        }
        let all = Value::Object(nodes.clone());
        let missing = |placeholder: &str| (!contains(&all, placeholder)).then(|| placeholder.to_owned());
        if let Some(placeholder) = missing(IMAGE).or_else(|| missing(SEED)) {
            let why = match placeholder.as_str() {
                IMAGE => "write it where the name of the photo stands, in the LoadImage node",
                _ => "write it where the seed stands, in the sampler node",
            };
            return Err(Error::invalid(plain!("it has no {placeholder}; {why}.")));
        }
        if missing(PROMPT).and(missing(BACKDROP)).is_some() {
            return Err(Error::invalid(plain!(
                "it has no {{{{prompt}}}}; write it where the description stands (or {{{{backdrop}}}}, for the backdrop alone)."
            )));
        }
        let output = find_output(&nodes, output)?;
        Ok(Self { nodes, output })
    }

    /// The graph of one headshot.
    pub(super) fn filled(&self, values: &Values) -> Value {
        let mut graph = Value::Object(self.nodes.clone());
        fill(&mut graph, values);
        graph
    }

    /// What a node is called, for people.
    pub(super) fn name_of(&self, id: &str) -> String {
        let class = self.nodes.get(id).and_then(|node| node["class_type"].as_str()).unwrap_or("unknown");
        format!("node {id} ({class})")
    }
}

fn find_output(nodes: &Map<String, Value>, named: Option<&str>) -> Result<String> {
    if let Some(named) = named {
        return match nodes.contains_key(named) {
            true => Ok(named.to_owned()),
            false => Err(Error::invalid(plain!("it has no node {named}, which generator_output names."))),
        };
    }
    let mut saving = nodes.iter().filter(|(_, node)| node["class_type"] == "SaveImage").map(|(id, _)| id);
    match (saving.next(), saving.next()) {
        (Some(one), None) => Ok(one.clone()),
        (None, _) => {
            Err(Error::invalid(plain!("it has no SaveImage node; add one, or name its output by generator_output.")))
        }
        (Some(one), Some(two)) => Err(Error::invalid(plain!(
            "it has several SaveImage nodes ({one}, {two}, …); say by generator_output which has the headshot."
        ))),
    }
}

fn not_api_format() -> Error {
    Error::invalid(plain!(
        "it is not in ComfyUI's API format. In ComfyUI, open the workflow and choose Workflow, Export (API); in older versions, \
         switch on the dev mode options in the settings and press Save (API Format)."
    ))
}

fn contains(value: &Value, placeholder: &str) -> bool {
    match value {
        Value::String(text) => text.contains(placeholder),
        Value::Array(parts) => parts.iter().any(|part| contains(part, placeholder)),
        Value::Object(parts) => parts.values().any(|part| contains(part, placeholder)),
        _ => false,
    }
}

fn fill(value: &mut Value, values: &Values) {
    match value {
        // A seed alone is a number where it goes.
        Value::String(text) if text == SEED => *value = values.seed.into(),
        Value::String(text) if text.contains("{{") => {
            let seed = values.seed.to_string();
            let known = [(IMAGE, values.image), (PROMPT, values.prompt), (BACKDROP, values.backdrop), (SEED, &seed)];
            for (placeholder, filled) in known {
                *text = text.replace(placeholder, filled);
            }
        }
        Value::Array(parts) => parts.iter_mut().for_each(|part| fill(part, values)),
        Value::Object(parts) => parts.values_mut().for_each(|part| fill(part, values)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FINE: &str = r#"{
        "1": { "class_type": "LoadImage", "inputs": { "image": "{{image}}" } },
        "2": { "class_type": "CLIPTextEncode", "inputs": { "text": "{{prompt}}, sharp", "clip": ["9", 0] } },
        "3": { "class_type": "KSampler", "inputs": { "seed": "{{seed}}", "steps": 20 } },
        "4": { "class_type": "SaveImage", "inputs": { "images": ["3", 0], "filename_prefix": "hs-{{seed}}" } }
    }"#;

    #[test]
    fn placeholders_are_filled_in() {
        let graph = Graph::parse(FINE, None).unwrap();
        let values = Values { image: "a \"b\".jpg", prompt: "a man", backdrop: "grey", seed: 7 };
        let filled = graph.filled(&values);
        assert_eq!(filled["1"]["inputs"]["image"], "a \"b\".jpg");
        assert_eq!(filled["2"]["inputs"]["text"], "a man, sharp");
        assert_eq!(filled["3"]["inputs"]["seed"], 7);
        assert_eq!(filled["4"]["inputs"]["filename_prefix"], "hs-7");
        assert_eq!((graph.output.as_str(), graph.name_of("3").as_str()), ("4", "node 3 (KSampler)"));
    }

    #[test]
    fn what_can_not_be_used_is_said() {
        let two = FINE.replace("CLIPTextEncode", "SaveImage");
        for (text, output, words) in [
            ("no json", None, "not JSON"),
            (r#"{"nodes": [], "links": [], "version": 0.4}"#, None, "Export (API)"),
            ("[]", None, "Export (API)"),
            ("{}", None, "Export (API)"),
            (FINE.replace("{{image}}", "me.jpg").as_str(), None, "it has no {{image}}"),
            (FINE.replace("{{seed}}", "1").as_str(), None, "it has no {{seed}}"),
            (FINE.replace("{{prompt}}", "a man").as_str(), None, "it has no {{prompt}}"),
            (FINE.replace("SaveImage", "PreviewImage").as_str(), None, "no SaveImage node"),
            (two.as_str(), None, "several SaveImage nodes (2, 4"),
            (FINE, Some("12"), "it has no node 12"),
        ] {
            let refused = Graph::parse(text, output).unwrap_err().to_string();
            assert!(refused.contains(words), "{refused}");
        }
        assert_eq!(Graph::parse(&two, Some("2")).unwrap().output, "2");
        assert!(Graph::parse(&FINE.replace("{{prompt}}", "{{backdrop}}"), None).is_ok());
        let gone = Graph::read(Path::new("/nowhere.json"), None).unwrap_err().to_string();
        assert!(gone.starts_with("generator_graph names /nowhere.json"), "{gone}");
    }
}
