//! What the operator decides: flags over environment over `headroom.toml` over defaults.
//!
//! Every key stands once in [`KEYS`], with its default and meaning; printing, the commented file, the environment and the
//! error for an unknown key all come from that table.

use std::{
    collections::BTreeMap, fmt::Write, fs::DirBuilder, net::SocketAddr, os::unix::fs::DirBuilderExt, path::PathBuf,
    time::Duration,
};

use figment::{
    Figment,
    providers::{Env, Format, Toml},
    value::Value,
};
use ipnet::IpNet;
use url::Url;

use crate::{
    error::{Error, Result},
    secrets::Secret,
};

mod backups;
mod checks;
mod elsewhere;
mod location;
mod reader;
mod studio;
mod urls;
mod workers;

pub use backups::{Backups, Keep, Rule, Span};
pub use checks::{Checks, PhotoChecks};
pub use elsewhere::{Elsewhere, Way, is_here};
pub use location::Location;
use reader::{Reader, wrong};
pub use studio::{CORES_A_SHOOT, Driver, Priority, Studio, cores};
use studio::{LEAST_MEMORY, this_program};
pub use urls::Urls;

/// One setting, as the operator sees it.
struct Key {
    name: &'static str,
    default: &'static str,
    meaning: &'static str,
    secret: bool,
}

const fn key(name: &'static str, default: &'static str, meaning: &'static str) -> Key {
    Key { name, default, meaning, secret: false }
}

const fn secret(name: &'static str, meaning: &'static str) -> Key {
    Key { name, default: "", meaning, secret: true }
}

/// Every setting. An empty default means: none.
const KEYS: &[Key] = &[
    key("data", "data", "Directory of the database and the photos."),
    key("listen", "127.0.0.1:8080", "Address and port to serve on. Port 0 takes a free one."),
    key(
        "base_url",
        "",
        "How people reach the server; goes into links. https:// switches secure cookies and HSTS on. Default: http:// and the listen address.",
    ),
    key("whitelabel_url", "", "Brand-neutral host of signed URLs. Default: the base URL."),
    key("trusted_proxies", "", "Networks (CIDR, separated by commas) whose X-Forwarded-For counts."),
    secret(
        "smtp_url",
        "Mail server: smtp://, smtps:// or smtp+starttls://user:password@host:port. Without one, mails stay in the outbox page.",
    ),
    key("mail_from", "Headroom <headroom@localhost>", "Sender of mails."),
    key("rate_limit", "300", "API requests a minute and organization; 0 switches the limit off."),
    key(
        "webhook_schedule",
        "5s,5m,15m,1h",
        "Delay before the first attempt to deliver a webhook, then before each retry.",
    ),
    key(
        "webhook_allow",
        "",
        "Networks (CIDR, separated by commas) of private webhook targets and identity providers that are allowed.",
    ),
    key(
        "dns",
        "",
        "DNS server that is asked when a domain is proven, as 9.9.9.9 or 10.0.0.2:5353. Default: the system's.",
    ),
    key("signup", "off", "on: anyone may sign up and make headshots for themselves alone, without an organization."),
    key("signup_credits", "1", "Credits that whoever signs up by themselves begins with."),
    key("dev_shoot", "3m", "Length of a shoot made of test data, from submission to the headshots."),
    key(
        "generator",
        "studio",
        "Who makes the headshots: studio (real ones, made on this machine), http (another server), comfyui, or sample (test headshots).",
    ),
    key(
        "generator_url",
        "",
        "Where the generator http or comfyui is reached. Photos leave the machine unless it is on it.",
    ),
    secret("generator_secret", "What proves to that generator who we are; sent to it as a bearer token."),
    key("generator_preset", "headroom", "How generator = http is spoken to: headroom (docs/generators.md) or openai."),
    key(
        "generator_prompt",
        elsewhere::PROMPT,
        "What openai and comfyui are told; {backdrop} and {gender} are filled in.",
    ),
    key("generator_model", "gpt-image-1", "Which model the preset openai asks for."),
    key("generator_size", "1024x1536", "How large the pictures of the preset openai are to be; they are cut to 4:5."),
    key("generator_graph", "", "File of the graph for generator = comfyui, in ComfyUI's API format."),
    key("generator_output", "", "The graph's node that has the headshot. Default: its only SaveImage."),
    key("studio_memory", "512", "Megabytes of memory a shoot may take, 300 at least."),
    key("studio_time", "10m", "How long a shoot may be worked on, waiting for its turn aside."),
    key("studio_priority", "idle", "When a shoot gets a processor: idle, low or normal."),
    key("upload_memory", "1024", "Megabytes of memory an uploaded photo may take while it is read, 300 at least."),
    key("upload_time", "30s", "How long reading an uploaded photo may take."),
    key(
        "storage",
        "",
        "Where photos are kept: a directory, or s3://bucket/prefix with the usual AWS_… variables (docs/storage.md). Default: in the data directory.",
    ),
    key(
        "metrics_listen",
        "",
        "Address and port of the metrics for Prometheus, at /metrics. Whoever reaches it may read them. Default: none.",
    ),
    key("log", "info", "What is logged: error, warn, info, debug or trace, also per module."),
    key("log_format", "text", "text or json."),
];

/// Those above, those of backups, those of workers and those of the photo checks.
fn keys() -> impl Iterator<Item = &'static Key> {
    KEYS.iter().chain(backups::KEYS).chain(workers::KEYS).chain(checks::KEYS)
}

/// The effective configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// Directory of the database, and of the photos if they are nowhere else.
    pub data: PathBuf,
    /// Where photos are kept.
    pub photos: Location,
    /// HTTP.
    pub http: Http,
    /// Outgoing mail.
    pub mail: Mail,
    /// Webhook deliveries.
    pub webhooks: Webhooks,
    /// Credits that whoever signs up by themselves begins with; none: nobody may.
    pub signup: Option<i64>,
    /// The DNS server that is asked for proofs of domains, if not the system's.
    pub dns: Option<SocketAddr>,
    /// Making headshots.
    pub generator: Generator,
    /// Looking at photos as they are uploaded.
    pub checks: Checks,
    /// Backups that the server makes by itself, if it does.
    pub backups: Option<Backups>,
    /// The processes that work on pictures.
    pub studio: Studio,
    /// Address and port of the metrics; none: nothing is measured.
    pub metrics: Option<SocketAddr>,
    /// What workers on other machines prove themselves by; none: there are none.
    pub worker_token: Option<Secret>,
    /// Logging.
    pub log: Log,
    values: Values,
}

/// The settings as they were given, by name. Holds secrets, so it doesn't show itself.
#[derive(Clone)]
struct Values(BTreeMap<&'static str, String>);

impl std::fmt::Debug for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Values")
    }
}

/// How the server is reached.
#[derive(Clone, Debug)]
pub struct Http {
    /// Address and port to serve on.
    pub listen: SocketAddr,
    /// What links begin with, if it is not the listen address.
    pub base_url: Option<Url>,
    /// The brand-neutral twin of it.
    pub whitelabel_url: Option<Url>,
    /// Networks whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<IpNet>,
    /// API requests a minute and organization; 0 is no limit.
    pub rate_limit: u32,
}

/// Outgoing mail.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The server to send by. `None`: mails stay in the outbox.
    pub smtp: Option<Secret>,
    /// The sender.
    pub from: lettre::message::Mailbox,
}

/// Webhook deliveries.
#[derive(Clone, Debug)]
pub struct Webhooks {
    /// Delay before the first attempt, then before each retry.
    pub schedule: Vec<Duration>,
    /// Private networks that may be targets.
    pub allow: Vec<IpNet>,
}

/// Making headshots.
#[derive(Clone, Debug)]
pub struct Generator {
    /// Who makes them.
    pub driver: Driver,
    /// Length of a shoot made of test data.
    pub dev_shoot: Duration,
    /// Another server that makes the headshots, if one does.
    pub elsewhere: Option<Elsewhere>,
}

/// Logging.
#[derive(Clone, Debug)]
pub struct Log {
    /// A filter such as `info,headroom::mail=debug`.
    pub filter: String,
    /// JSON lines instead of text.
    pub json: bool,
}

/// Where to look for settings.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// A file named on the command line; it must exist. Otherwise `headroom.toml`, if it is there.
    pub file: Option<PathBuf>,
    /// Settings from flags: they beat everything.
    pub flags: Vec<(&'static str, String)>,
    /// Defaults that differ from the usual ones, as development mode's do.
    pub defaults: Vec<(&'static str, &'static str)>,
}

impl Config {
    /// Reads all sources.
    ///
    /// # Errors
    /// An unknown key, naming the nearest known one; a value that can't be read, with an example of one that can.
    pub fn load(sources: &Sources) -> Result<Self> {
        let file = match &sources.file {
            Some(path) if !path.is_file() => {
                return Err(Error::invalid(plain!(
                    "There is no configuration file {}. Check --config.",
                    path.display()
                )));
            }
            Some(path) => path.clone(),
            None => PathBuf::from("headroom.toml"),
        };
        let given: BTreeMap<String, Value> = Figment::new()
            .merge(if file.is_file() { Toml::file_exact(&file) } else { Toml::string("") })
            // The guides of the API have people set these two for their own programs, maybe in this very shell.
            .merge(Env::prefixed("HEADROOM_").ignore(&["url", "key"]))
            .extract()
            .map_err(|cause| Error::invalid(plain!("{} can't be read: {cause}", file.display())))?;
        let mut values: BTreeMap<&'static str, String> = keys().map(|key| (key.name, key.default.to_owned())).collect();
        values.extend(sources.defaults.iter().map(|(name, value)| (*name, (*value).to_owned())));
        for (name, value) in &given {
            let (known, value) = resolve(name, value)?;
            values.insert(known, value);
        }
        values.extend(sources.flags.iter().cloned());
        Self::from_values(values)
    }

    fn from_values(values: BTreeMap<&'static str, String>) -> Result<Self> {
        let read = Reader { values: &values };
        let checks = Checks::read(&read)?;
        Ok(Self {
            data: read.text("data").into(),
            photos: Location::read(&read)?,
            http: Http {
                listen: read.parse("listen", "127.0.0.1:8080")?,
                base_url: read.base("base_url")?,
                whitelabel_url: read.base("whitelabel_url")?,
                trusted_proxies: read.list("trusted_proxies", "10.0.0.0/8,fd00::/8")?,
                rate_limit: read.parse("rate_limit", "300")?,
            },
            mail: Mail {
                smtp: Some(read.text("smtp_url")).filter(|url| !url.is_empty()).map(|url| Secret::from(url.to_owned())),
                from: read.parse("mail_from", "Headroom <headroom@example.com>")?,
            },
            webhooks: Webhooks {
                schedule: read
                    .list::<humantime::Duration>("webhook_schedule", "5s,5m,15m,1h")?
                    .into_iter()
                    .map(Into::into)
                    .collect(),
                allow: read.list("webhook_allow", "10.0.0.0/8")?,
            },
            signup: match read.text("signup") {
                "on" => Some(i64::from(read.parse::<u32>("signup_credits", "1")?)),
                "off" => None,
                other => return Err(wrong("signup", other, "on or off")),
            },
            dns: read.server("dns", 53)?,
            generator: Generator {
                driver: match read.text("generator") {
                    "studio" => Driver::Studio,
                    "sample" => Driver::Sample,
                    "http" | "comfyui" => Driver::Elsewhere,
                    other => return Err(wrong("generator", other, "studio")),
                },
                dev_shoot: read.parse::<humantime::Duration>("dev_shoot", "3m")?.into(),
                elsewhere: Elsewhere::read(&read)?,
            },
            studio: Studio {
                program: this_program(),
                memory: read.megabytes("studio_memory", LEAST_MEMORY, "512")?,
                time: read.time("studio_time", "10m")?,
                shoots: workers::shoots(&read)?,
                priority: match read.text("studio_priority") {
                    "idle" => Priority::Idle,
                    "low" => Priority::Low,
                    "normal" => Priority::Normal,
                    other => return Err(wrong("studio_priority", other, "idle")),
                },
                upload_memory: read.megabytes("upload_memory", LEAST_MEMORY, "1024")?,
                upload_time: read.time("upload_time", "30s")?,
                thresholds: checks.thresholds,
            },
            checks,
            metrics: read.address("metrics_listen", "127.0.0.1:9464")?,
            backups: Backups::read(&read)?,
            worker_token: workers::token(&read)?,
            log: Log {
                filter: read.text("log").to_owned(),
                json: match read.text("log_format") {
                    "text" => false,
                    "json" => true,
                    other => return Err(wrong("log_format", other, "text or json")),
                },
            },
            values: Values(values),
        })
    }

    /// The database's file.
    pub fn database(&self) -> PathBuf {
        self.data.join("headroom.db")
    }

    /// The file of the server's own key.
    pub fn key_file(&self) -> PathBuf {
        self.data.join("headroom.key")
    }

    /// Where photos are kept, if not in the data directory as usual.
    pub fn photos_elsewhere(&self) -> Option<&Location> {
        Some(&self.photos).filter(|photos| photos.directory() != Some(&self.data.join("photos")))
    }

    /// Makes the data directory if need be.
    ///
    /// # Errors
    /// [`Config::cannot_write_data`].
    pub fn make_data(&self) -> Result<()> {
        // Faces, addresses and mails with sign-in links lie in it: nobody else on the machine may look into one we make.
        DirBuilder::new().recursive(true).mode(0o700).create(&self.data).map_err(|cause| self.cannot_write_data(&cause))
    }

    /// Says in one sentence that the data directory can't be written, and what to do.
    pub fn cannot_write_data(&self, cause: &std::io::Error) -> Error {
        let shown = self.data.display();
        Error::invalid(plain!(
            "The data directory {shown} can't be written: {cause}. Give this user write access, or point --data elsewhere."
        ))
    }

    /// Every setting with its effective value, secrets hidden.
    pub fn printed(&self) -> BTreeMap<&'static str, &str> {
        let shown = |key: &Key| match self.values.0[key.name].as_str() {
            value if key.secret && !value.is_empty() => "********",
            value => value,
        };
        keys().map(|key| (key.name, shown(key))).collect()
    }

    /// A commented file to start from.
    pub fn example() -> String {
        let mut file = String::from(
            "# Headroom's configuration. Each value below is the default; the environment (HEADROOM_LISTEN, …) and flags go first.\n",
        );
        for key in keys() {
            let _ = write!(file, "\n# {}\n# {} = \"{}\"\n", key.meaning, key.name, key.default);
        }
        file
    }
}

/// The known key a given one stands for, and its value; `…_file` reads the value from a file.
fn resolve(given: &str, value: &Value) -> Result<(&'static str, String)> {
    let known = |name: &str| keys().find(|key| key.name == name);
    if let Some(key) = known(given) {
        return Ok((key.name, plain(given, value)?));
    }
    if let Some(key) = given.strip_suffix("_file").and_then(known) {
        let path = plain(given, value)?;
        let content = std::fs::read_to_string(&path)
            .map_err(|cause| Error::invalid(plain!("{given} names {path}, which can't be read: {cause}.")))?;
        return Ok((key.name, content.trim_end().to_owned()));
    }
    let nearest =
        keys().min_by_key(|key| strsim::damerau_levenshtein(key.name, given)).map_or("listen", |key| key.name);
    Err(Error::invalid(plain!("Unknown setting \"{given}\". Did you mean \"{nearest}\"?")))
}

/// A value as the text it would have in the environment.
fn plain(name: &str, value: &Value) -> Result<String> {
    Ok(match value {
        Value::String(_, text) => text.clone(),
        Value::Num(_, number) => {
            let whole = number
                .to_u128()
                .map(|whole| whole.to_string())
                .or_else(|| number.to_i128().map(|whole| whole.to_string()));
            whole.or_else(|| number.to_f64().map(|broken| broken.to_string())).unwrap_or_default()
        }
        Value::Bool(_, yes) => yes.to_string(),
        Value::Array(_, parts) => parts.iter().map(|part| plain(name, part)).collect::<Result<Vec<_>>>()?.join(","),
        Value::Char(..) | Value::Empty(..) | Value::Dict(..) => {
            return Err(Error::invalid(plain!("Setting \"{name}\" takes a text, a number or a list.")));
        }
    })
}

#[cfg(test)]
mod tests;
