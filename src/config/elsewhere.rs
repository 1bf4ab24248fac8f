//! A generator elsewhere: where it is, and what is said to it.

use std::path::PathBuf;

use url::{Host, Url};

use super::reader::{Reader, wrong};
use crate::{
    error::{Error, Result},
    secrets::Secret,
};

/// What prompts begin as.
pub(super) const PROMPT: &str = "Professional corporate headshot of this {gender}, before {backdrop}. Head and shoulders, looking into \
     the camera, soft studio light, natural skin. Keep the face, the hair and the expression exactly as they are.";

/// A generator elsewhere, as configured.
#[derive(Clone, Debug)]
pub struct Elsewhere {
    /// Where it is reached.
    pub url: Url,
    /// What proves to it that we are its customer.
    pub secret: Option<Secret>,
    /// How it is spoken to.
    pub way: Way,
    /// What it is told in words; `{backdrop}` and `{gender}` are filled in.
    pub prompt: String,
}

/// How a generator elsewhere is spoken to.
#[derive(Clone, Debug)]
pub enum Way {
    /// By our own protocol.
    Headroom,
    /// Like OpenAI's edits of images.
    OpenAi {
        /// Which model.
        model: String,
        /// How large the pictures are to be.
        size: String,
    },
    /// Like ComfyUI.
    ComfyUi {
        /// The file of the graph.
        graph: PathBuf,
        /// Which of its nodes has the headshot, if that is said.
        output: Option<String>,
    },
}

impl Elsewhere {
    pub(super) fn read(read: &Reader) -> Result<Option<Self>> {
        let driver = read.text("generator");
        let way = match (driver, read.text("generator_preset")) {
            ("comfyui", _) => {
                let graph = read.text("generator_graph");
                if graph.is_empty() {
                    return Err(Error::invalid(plain!(
                        "generator = \"comfyui\" needs generator_graph: the file of a graph in ComfyUI's API format."
                    )));
                }
                Way::ComfyUi { graph: graph.into(), output: some(read.text("generator_output")) }
            }
            ("http", "headroom") => Way::Headroom,
            ("http", "openai") => Way::OpenAi {
                model: read.text("generator_model").to_owned(),
                size: read.text("generator_size").to_owned(),
            },
            ("http", other) => return Err(wrong("generator_preset", other, "headroom or openai")),
            _ => return Ok(None),
        };
        let url = read.base("generator_url")?.ok_or_else(|| {
            Error::invalid(plain!("generator = \"{driver}\" needs generator_url: where the generator is reached."))
        })?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::invalid(plain!(
                "Setting \"generator_url\" can't hold a password. Put it into generator_secret."
            )));
        }
        let prompt = read.text("generator_prompt").to_owned();
        let secret = some(read.text("generator_secret")).map(Secret::from);
        Ok(Some(Self { url, secret, way, prompt }))
    }

    /// The host it is on, as in its URL.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Whether it is on this machine, so that photos stay here.
    pub fn is_here(&self) -> bool {
        is_here(&self.url)
    }
}

/// Whether an address is one of this machine.
pub fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => {
            address.is_loopback() || address.to_ipv4_mapped().is_some_and(|v4| v4.is_loopback())
        }
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn read(settings: &[(&'static str, &str)]) -> Result<Option<Elsewhere>> {
        let mut values = BTreeMap::from([("generator_preset", "headroom".to_owned())]);
        values.extend(settings.iter().map(|(name, value)| (*name, (*value).to_owned())));
        Elsewhere::read(&Reader { values: &values })
    }

    #[test]
    fn photos_stay_here_only_on_a_loopback_address() {
        let here = |url: &str| read(&[("generator", "http"), ("generator_url", url)]).unwrap().unwrap().is_here();
        for local in [
            "http://127.0.0.1:8188",
            "http://127.9.9.9",
            "http://localhost:1",
            "http://[::1]:2",
            "http://[::ffff:127.0.0.1]",
        ] {
            assert!(here(local), "{local}");
        }
        for away in
            ["https://images.example.com", "http://10.0.0.7:8188", "http://localhost.example.com", "http://0.0.0.0:1"]
        {
            assert!(!here(away), "{away}");
        }
    }

    #[test]
    fn what_is_missing_is_said() {
        for (settings, words) in [
            (&[("generator", "http")][..], "generator_url"),
            (&[("generator", "comfyui"), ("generator_url", "http://gpu:8188")], "generator_graph"),
            (
                &[("generator", "http"), ("generator_preset", "midjourney"), ("generator_url", "http://gpu")],
                "headroom or openai",
            ),
            (&[("generator", "http"), ("generator_url", "https://me:pw@gpu.test")], "generator_secret"),
            (&[("generator", "http"), ("generator_url", "gpu.test")], "an example that works"),
        ] {
            let refused = read(settings).unwrap_err().to_string();
            assert!(refused.contains(words), "{refused}");
        }
        assert!(read(&[("generator", "sample")]).unwrap().is_none());
    }
}
