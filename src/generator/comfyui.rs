//! A ComfyUI of the operator's own. Each headshot is one prompt in its queue: the operator's graph, filled in. It is asked about
//! its queue and its history rather than listened to: that needs no connection that has to survive hours.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    time::Duration,
};

use futures::{FutureExt, StreamExt, TryStreamExt, future::BoxFuture};
use reqwest::{Method, StatusCode, multipart};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Answer, Backdrop, Capabilities, Destination, Failure, Generator, Handle, Health, Image, Look, Made, Progress,
    Request, Scene, Stage, Status,
    pairs::{pairs, seed},
    site::{Site, jpeg, must_be_fine, no_photos, parsed, said, shaped, start_of, unavailable},
    words::prompt,
};
use crate::{
    config::{Elsewhere, Way},
    error::{Error, Result},
    ids::{PhotoId, ShootId},
    outbound::Means,
    storage::Storage,
};

mod graph;

use graph::{Graph, Values};

/// How long between two questions.
const POLL: Duration = Duration::from_secs(3);

/// Pictures that are fetched at the same time.
const AT_ONCE: usize = 3;

/// Asks a ComfyUI for one headshot at a time.
pub struct ComfyUi {
    site: Site,
    graph: Graph,
    template: String,
}

impl ComfyUi {
    /// One that is reached as configured, and takes photos from `storage`.
    ///
    /// # Errors
    /// The graph can't be read or used: why, and what to do.
    pub fn new(config: &Elsewhere, storage: Storage, means: Means) -> Result<Self> {
        let Way::ComfyUi { graph, output } = &config.way else {
            return Err(Error::internal("this generator is spoken to otherwise"));
        };
        let graph = Graph::read(graph, output.as_deref())?;
        Ok(Self { site: Site::new("comfyui", config, storage, means)?, graph, template: config.prompt.clone() })
    }

    async fn hand_over(&self, request: &Request) -> Answer<Handle> {
        let mut pairs = pairs(request);
        // What was queued for this shoot before, and never heard of by us, would be made for nobody.
        self.clear(|one| one.client == client(&request.shoot)).await?;
        let mut uploaded: HashMap<PhotoId, String> = HashMap::new();
        for id in pairs.iter().map(|pair| pair.photo.clone()).collect::<std::collections::BTreeSet<_>>() {
            if let Some(bytes) = self.site.photo(&id).await? {
                let name = self.upload(&format!("headroom-{id}.jpg"), bytes).await?;
                uploaded.insert(id, name);
            }
        }
        pairs.retain(|pair| uploaded.contains_key(&pair.photo));
        let mut queued = Queued { prompts: Vec::with_capacity(pairs.len()) };
        for pair in pairs {
            // A graph takes no backdrop but in words, and an own one has none.
            let scene = match pair.scene {
                Scene::Own(_) => Scene::Drawn(Backdrop::Grey),
                drawn @ Scene::Drawn(_) => drawn,
            };
            let values = Values {
                image: &uploaded[&pair.photo],
                prompt: &prompt(&self.template, &scene, request.gender),
                backdrop: &prompt("{backdrop}", &scene, None),
                seed: seed(&request.shoot, pair.index),
            };
            match self.queue(&request.shoot, &self.graph.filled(&values)).await {
                Ok(id) => queued.prompts.push((id, scene)),
                Err(failure) => {
                    // All or nothing: the next try queues them anew. That it failed is what counts here.
                    let _ = self.clear(|one| one.client == client(&request.shoot)).await;
                    return Err(failure);
                }
            }
        }
        if queued.prompts.is_empty() {
            return Err(no_photos());
        }
        Ok(Handle::new(queued.to_string()))
    }

    /// Puts a photo where graphs find it, and says what it is called there.
    async fn upload(&self, name: &str, bytes: bytes::Bytes) -> Answer<String> {
        let form = multipart::Form::new().part("image", jpeg(bytes, name.to_owned())?).text("overwrite", "true");
        let posted = self.site.request(Method::POST, "upload/image")?.multipart(form);
        let reply = self.site.send(posted, self.site.heavy(self.site.quick().most)).await?;
        must_be_fine(&reply)?;
        let kept: Uploaded = parsed(&reply.body)?;
        Ok(if kept.subfolder.is_empty() { kept.name } else { format!("{}/{}", kept.subfolder, kept.name) })
    }

    async fn queue(&self, shoot: &ShootId, graph: &Value) -> Answer<String> {
        let body = json!({ "prompt": graph, "client_id": client(shoot) }).to_string();
        let posted = self.site.request(Method::POST, "prompt")?.header("content-type", "application/json").body(body);
        let reply = self.site.send(posted, self.site.quick()).await?;
        if reply.status == StatusCode::BAD_REQUEST {
            return Err(unavailable(self.refused(&reply.body)));
        }
        must_be_fine(&reply)?;
        let taken: Prompted = parsed(&reply.body)?;
        if taken.prompt_id.is_empty() || !taken.prompt_id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            return Err(unavailable(format!("ComfyUI names a prompt strangely: {}", start_of(&reply.body))));
        }
        Ok(taken.prompt_id)
    }

    /// Why it refuses the graph, node by node.
    fn refused(&self, body: &[u8]) -> String {
        let Ok(refusal) = serde_json::from_slice::<Refusal>(body) else {
            return format!("ComfyUI refuses the graph: {}", start_of(body));
        };
        let with = |message: &str, details: &str| match details.is_empty() {
            true => message.to_owned(),
            false => format!("{message}, {details}"),
        };
        let nodes: Vec<String> = refusal
            .node_errors
            .iter()
            .map(|(id, node)| {
                let wrong: Vec<String> = node.errors.iter().map(|one| with(&one.message, &one.details)).collect();
                format!("{}: {}", self.graph.name_of(id), wrong.join("; "))
            })
            .collect();
        let nodes =
            if nodes.is_empty() { with(&refusal.error.message, &refusal.error.details) } else { nodes.join(" | ") };
        format!("ComfyUI refuses the graph. {}", said(&nodes))
    }

    async fn status(&self, handle: &Handle) -> Answer<Status> {
        let ours: Queued = handle.as_str().parse().map_err(|()| Failure::Lost)?;
        // First the queue, then the history: what leaves the one in between is in the other.
        let queue = self.waiting().await?;
        let is_ours = |one: &Waiting| ours.prompts.iter().any(|(id, _)| *id == one.prompt);
        let mut done: HashMap<&str, Value> = HashMap::new();
        for (id, _) in &ours.prompts {
            if !queue.iter().any(|one| one.prompt == *id) {
                done.insert(id, self.finished(id).await?);
            }
        }
        let running = queue.iter().any(|one| one.runs && is_ours(one));
        if done.is_empty() && !running {
            let first = queue.iter().filter(|one| is_ours(one)).map(|one| one.number).min().unwrap_or_default();
            // A shoot is many prompts, by one client.
            let before: HashSet<&str> =
                queue.iter().filter(|one| one.runs || one.number < first).map(Waiting::whose).collect();
            let progress = Progress::Queued { position: u32::try_from(before.len()).unwrap_or(u32::MAX) };
            return Ok(Status { progress, next_poll: POLL });
        }
        if done.len() < ours.prompts.len() {
            let percent = u8::try_from(done.len() * 100 / ours.prompts.len()).unwrap_or(99).min(99);
            return Ok(Status { progress: Progress::Running { stage: Stage::Generating, percent }, next_poll: POLL });
        }
        let images = ours.prompts.iter().map(|(id, scene)| {
            let file = done.get(id.as_str()).map(|outputs| outputs[&self.graph.output]["images"][0].clone());
            self.image(file.unwrap_or_default(), scene.clone())
        });
        let images = futures::stream::iter(images.collect::<Vec<_>>()).buffered(AT_ONCE).try_collect().await?;
        Ok(Status { progress: Progress::Done(Made { images, cutouts: Vec::new() }), next_poll: Duration::ZERO })
    }

    /// What became of a prompt that is not in the queue any more: what its nodes put out.
    async fn finished(&self, id: &str) -> Answer<Value> {
        let reply = self.site.ask(&format!("history/{id}"), self.site.quick()).await?;
        must_be_fine(&reply)?;
        let mut told: HashMap<String, History> = parsed(&reply.body)?;
        // It keeps its history in memory: after a restart there is none.
        let entry = told.remove(id).ok_or(Failure::Lost)?;
        if entry.status.status_str != "error" {
            return Ok(entry.outputs);
        }
        let stopped = entry.status.messages.iter().find(|message| message[0] == "execution_error");
        Err(unavailable(match stopped.map(|message| &message[1]) {
            Some(error) => {
                let text = |key: &str| error[key].as_str().unwrap_or_default();
                let node = self.graph.name_of(text("node_id"));
                format!("ComfyUI stopped at {node}. {}", said(text("exception_message")))
            }
            None => "ComfyUI stopped before the headshot was made.".to_owned(),
        }))
    }

    async fn image(&self, file: Value, scene: Scene) -> Answer<Image> {
        if !file.is_object() {
            return Err(unavailable(format!("ComfyUI made no picture at {}.", self.graph.name_of(&self.graph.output))));
        }
        let parts = ["filename", "subfolder", "type"].map(|key| (key, file[key].as_str().unwrap_or_default()));
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parts).finish();
        let bytes = self.site.picture(&format!("view?{query}")).await?;
        Ok(Image { scene, bytes: shaped(bytes).await?, head: None, cutout: None, look: Look::default() })
    }

    /// All that waits or runs, whoever wants it.
    async fn waiting(&self) -> Answer<Vec<Waiting>> {
        let reply = self.site.ask("queue", self.site.quick()).await?;
        must_be_fine(&reply)?;
        let queue: QueueTold = parsed(&reply.body)?;
        let running = queue.queue_running.iter().map(|entry| Waiting::read(entry, true));
        Ok(running.chain(queue.queue_pending.iter().map(|entry| Waiting::read(entry, false))).collect())
    }

    /// Takes out of the queue what is named, and stops it if it runs.
    async fn clear(&self, named: impl Fn(&Waiting) -> bool) -> Answer<()> {
        let all: Vec<Waiting> = self.waiting().await?.into_iter().filter(|one| named(one)).collect();
        let pending: Vec<&str> = all.iter().filter(|one| !one.runs).map(|one| one.prompt.as_str()).collect();
        if !pending.is_empty() {
            self.post("queue", &json!({ "delete": pending })).await?;
        }
        for one in all.iter().filter(|one| one.runs) {
            // Newer versions stop this one only; older ones whatever runs, which it is.
            self.post("interrupt", &json!({ "prompt_id": one.prompt })).await?;
        }
        Ok(())
    }

    async fn forget(&self, handle: &Handle) -> Answer<()> {
        let Ok(ours) = handle.as_str().parse::<Queued>() else { return Ok(()) };
        self.clear(|one| ours.prompts.iter().any(|(id, _)| *id == one.prompt)).await?;
        let ids: Vec<&str> = ours.prompts.iter().map(|(id, _)| id.as_str()).collect();
        self.post("history", &json!({ "delete": ids })).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer<()> {
        let posted =
            self.site.request(Method::POST, path)?.header("content-type", "application/json").body(body.to_string());
        must_be_fine(&self.site.send(posted, self.site.quick()).await?)
    }
}

/// By what our own prompts are known in its queue.
fn client(shoot: &ShootId) -> String {
    format!("headroom-{shoot}")
}

/// The prompts of a shoot in the order of its headshots, and what each stands before; as `<prompt>=<scene>,…`.
#[derive(Debug, PartialEq, Eq)]
struct Queued {
    prompts: Vec<(String, Scene)>,
}

impl fmt::Display for Queued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prompts: Vec<String> = self.prompts.iter().map(|(id, scene)| format!("{id}={scene}")).collect();
        f.write_str(&prompts.join(","))
    }
}

impl std::str::FromStr for Queued {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let one = |part: &str| {
            let (id, scene) = part.split_once('=')?;
            Some((id.to_owned(), scene.parse().ok()?))
        };
        Ok(Self { prompts: text.split(',').map(one).collect::<Option<_>>().ok_or(())? })
    }
}

/// A prompt in its queue.
#[derive(Debug)]
struct Waiting {
    prompt: String,
    number: i64,
    client: String,
    runs: bool,
}

impl Waiting {
    /// What it has in common with others of the same client; a prompt without one stands for itself.
    fn whose(&self) -> &str {
        if self.client.is_empty() { &self.prompt } else { &self.client }
    }

    /// An entry is a list: number, id, graph, what else was sent along, outputs.
    fn read(entry: &Value, runs: bool) -> Self {
        Self {
            number: entry[0].as_f64().unwrap_or_default() as i64,
            prompt: entry[1].as_str().unwrap_or_default().to_owned(),
            client: entry[3]["client_id"].as_str().unwrap_or_default().to_owned(),
            runs,
        }
    }
}

impl Generator for ComfyUi {
    fn name(&self) -> &'static str {
        "comfyui"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { own_backdrops: false, ..self.site.capabilities(true) }
    }

    fn destination(&self) -> Option<&Destination> {
        self.site.destination()
    }

    fn health(&self) -> BoxFuture<'_, Health> {
        self.site.answers("system_stats").boxed()
    }

    fn submit<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Answer<Handle>> {
        self.hand_over(request).boxed()
    }

    fn poll<'a>(&'a self, handle: &'a Handle) -> BoxFuture<'a, Answer<Status>> {
        self.status(handle).boxed()
    }

    fn cancel<'a>(&'a self, handle: &'a Handle) -> BoxFuture<'a, Answer<()>> {
        self.forget(handle).boxed()
    }

    fn cancel_unanswered<'a>(&'a self, shoot: &'a ShootId) -> BoxFuture<'a, Answer<()>> {
        self.clear(move |one| one.client == client(shoot)).boxed()
    }
}

#[derive(Deserialize)]
struct Uploaded {
    name: String,
    #[serde(default)]
    subfolder: String,
}

#[derive(Deserialize)]
struct Prompted {
    prompt_id: String,
}

#[derive(Deserialize)]
struct Refusal {
    error: Wrong,
    #[serde(default)]
    node_errors: HashMap<String, NodeErrors>,
}

#[derive(Deserialize)]
struct NodeErrors {
    errors: Vec<Wrong>,
}

#[derive(Deserialize)]
struct Wrong {
    message: String,
    #[serde(default)]
    details: String,
}

#[derive(Deserialize)]
struct QueueTold {
    queue_running: Vec<Value>,
    queue_pending: Vec<Value>,
}

#[derive(Deserialize)]
struct History {
    #[serde(default)]
    outputs: Value,
    status: HistoryStatus,
}

#[derive(Deserialize)]
struct HistoryStatus {
    status_str: String,
    #[serde(default)]
    messages: Vec<Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_read_as_it_was_written() {
        let prompts =
            vec![("18e54fe2-44ba".to_owned(), Backdrop::Navy.into()), ("2".to_owned(), Backdrop::Grey.into())];
        let queued = Queued { prompts };
        assert_eq!(queued.to_string(), "18e54fe2-44ba=navy,2=grey");
        assert_eq!(queued.to_string().parse(), Ok(queued));
        for foreign in ["", "openai-507f", "1=nowhere"] {
            assert!(foreign.parse::<Queued>().is_err(), "{foreign}");
        }
    }
}
