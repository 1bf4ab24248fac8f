//! Generators that are spoken to like OpenAI's edits of images: one call makes one headshot, and takes until it is made.
//!
//! Nobody waits that long here, so the calls of a shoot are a task of ours, whose progress is kept in memory. After a restart it
//! is lost, and the shoot is handed over again.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use futures::{FutureExt, StreamExt, future::BoxFuture};
use reqwest::{Method, StatusCode, multipart};
use serde::Deserialize;
use tokio::{sync::Semaphore, task::AbortHandle, time::Instant};

use super::{
    Answer, Backdrop, Capabilities, Destination, Failure, Generator, Handle, Health, Image, Look, Made, Progress,
    Request, Scene, Stage, Status,
    pairs::{Pair, pairs},
    site::{Site, jpeg, must_be_fine, no_photos, parsed, retry_after, said, shaped, unavailable},
    words::prompt,
};
use crate::{
    config::{Elsewhere, Way},
    error::{Error, Result, trail},
    ids::ShootId,
    outbound::{Means, NoReply, Reply},
    storage::Storage,
};

/// Calls of one shoot at the same time.
const AT_ONCE: usize = 3;

/// Calls of all shoots at the same time: services count them by the minute, and each holds a photo in memory, and then a picture.
const CALLS: usize = 6;

/// The most that is read of an answer, in bytes: a picture of 25 MB in base64.
const LARGEST: usize = 36 << 20;

/// How long between two questions of ours to ourselves.
const POLL: Duration = Duration::from_secs(2);

/// How often one headshot is asked for when there are too many calls or the service stumbles, and how long is waited at most.
const TRIES: u32 = 4;
/// The same when it doesn't answer in time: it may have been made, and is paid for then.
const TRIES_IN_TIME: u32 = 2;
const LONGEST_PAUSE: Duration = Duration::from_secs(90);

/// What was made and never taken in is forgotten so long after the shoot ended.
const KEPT: Duration = Duration::from_secs(60 * 60);

/// Why content is refused, in the service's words for it.
const REFUSALS: [&str; 5] = [
    "moderation_blocked",
    "content_policy_violation",
    "content_filter",
    "image_generation_user_error",
    "invalid_image",
];

/// Asks a service for one headshot at a time.
pub struct OpenAi {
    service: Arc<Service>,
    runs: Mutex<HashMap<String, Run>>,
}

struct Service {
    site: Site,
    model: String,
    size: String,
    template: String,
    calls: Semaphore,
}

/// A shoot under way, or finished and not yet forgotten.
struct Run {
    all: usize,
    made: Arc<AtomicUsize>,
    end: End,
    task: AbortHandle,
}

/// When a shoot ended, and how; nothing yet while it is under way.
type End = Arc<Mutex<Option<(Instant, Answer<Vec<Image>>)>>>;

impl Drop for Run {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl OpenAi {
    /// One that is reached as configured, and takes photos from `storage`.
    ///
    /// # Errors
    /// No certificates to trust can be found.
    pub fn new(config: &Elsewhere, storage: Storage, means: Means) -> Result<Self> {
        let Way::OpenAi { model, size } = &config.way else {
            return Err(Error::internal("this generator is spoken to otherwise"));
        };
        let site = Site::new("http", config, storage, means)?;
        let service = Service {
            site,
            model: model.clone(),
            size: size.clone(),
            template: config.prompt.clone(),
            calls: Semaphore::new(CALLS),
        };
        Ok(Self { service: Arc::new(service), runs: Mutex::default() })
    }

    fn begin(&self, request: &Request) -> Answer<Handle> {
        let pairs = pairs(request);
        if pairs.is_empty() {
            return Err(no_photos());
        }
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        runs.retain(|_, run| run.is_kept());
        let handle = handle(&request.shoot);
        // Handed over twice, it is made once.
        if runs.get(&handle).is_some_and(|run| !run.has_failed()) {
            return Ok(Handle::new(handle));
        }
        let (all, made, end) = (pairs.len(), Arc::new(AtomicUsize::new(0)), End::default());
        let task = {
            let (service, gender, made, end) = (self.service.clone(), request.gender, made.clone(), end.clone());
            tokio::spawn(async move {
                let answer = service.make(pairs, gender, &made).await;
                *end.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), answer));
            })
        };
        runs.insert(handle.clone(), Run { all, made, end, task: task.abort_handle() });
        Ok(Handle::new(handle))
    }

    fn look(&self, handle: &Handle) -> Answer<Status> {
        let runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let run = runs.get(handle.as_str()).ok_or(Failure::Lost)?;
        let end = run.end.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(match &*end {
            Some((_, Err(failure))) => return Err(failure.clone()),
            Some((_, Ok(images))) => {
                let made = Made { images: images.clone(), cutouts: Vec::new() };
                Status { progress: Progress::Done(made), next_poll: Duration::ZERO }
            }
            // A task that panicked left nothing.
            None if run.task.is_finished() => return Err(Failure::Lost),
            None => {
                let made = run.made.load(Ordering::Relaxed) * 100 / run.all.max(1);
                let percent = u8::try_from(made).unwrap_or(99).min(99);
                Status { progress: Progress::Running { stage: Stage::Generating, percent }, next_poll: POLL }
            }
        })
    }
}

impl Run {
    /// Whether it is under way, or someone may still come for it.
    fn is_kept(&self) -> bool {
        match &*self.end.lock().unwrap_or_else(PoisonError::into_inner) {
            Some((ended, _)) => ended.elapsed() < KEPT,
            None => !self.task.is_finished(),
        }
    }

    fn has_failed(&self) -> bool {
        matches!(&*self.end.lock().unwrap_or_else(PoisonError::into_inner), Some((_, Err(_))))
    }
}

fn handle(shoot: &ShootId) -> String {
    format!("openai-{shoot}")
}

impl Service {
    /// All headshots of a shoot. What the service refuses is left out, as long as anything was made; so is what fails for good,
    /// up to half of them: those that were made are paid for, and enough to choose from. With fewer the service is in such trouble
    /// that trying again later serves everyone better.
    async fn make(&self, pairs: Vec<Pair>, gender: Option<&'static str>, made: &AtomicUsize) -> Answer<Vec<Image>> {
        let all = pairs.len();
        let mut images = Vec::with_capacity(all);
        let (mut refused, mut failed, mut failures) = (None, None, 0);
        let mut answers = futures::stream::iter(pairs.into_iter().map(|pair| self.one(pair, gender))).buffered(AT_ONCE);
        while let Some(answer) = answers.next().await {
            match answer {
                Ok(image) => images.push(image),
                Err(rejected @ Failure::Rejected(_)) => refused = Some(rejected),
                Err(other) => {
                    failures += 1;
                    if failures * 2 > all {
                        return Err(other);
                    }
                    failed = Some(other);
                }
            }
            made.fetch_add(1, Ordering::Relaxed);
        }
        if images.is_empty() {
            return Err(failed.or(refused).unwrap_or_else(no_photos));
        }
        if let Some(failure) = failed {
            let cause = std::error::Error::source(&failure).map(trail).unwrap_or_default();
            tracing::warn!(failures, all, %failure, cause, "a shoot has fewer headshots than were wanted");
        }
        Ok(images)
    }

    async fn one(&self, pair: Pair, gender: Option<&'static str>) -> Answer<Image> {
        let Some(photo) = self.site.photo(&pair.photo).await? else { return Err(no_photos()) };
        let own = self.site.backdrop(&pair.scene).await?;
        // An own backdrop that was removed meanwhile is like the plainest of the others.
        let scene = match (&pair.scene, &own) {
            (Scene::Own(_), None) => Scene::Drawn(Backdrop::Grey),
            (scene, _) => scene.clone(),
        };
        let form = || {
            let mut form = multipart::Form::new()
                .text("model", self.model.clone())
                .text("prompt", prompt(&self.template, &scene, gender))
                .text("n", "1")
                .text("size", self.size.clone());
            // Services that take one picture only know the name without brackets.
            let name = if own.is_some() { "image[]" } else { "image" };
            form = form.part(name, jpeg(photo.clone(), "photo.jpg".to_owned())?);
            if let Some(own) = &own {
                form = form.part(name, jpeg(own.clone(), "backdrop.jpg".to_owned())?);
            }
            Ok(form)
        };
        let reply = self.call(form).await?;
        if reply.status.is_client_error()
            && let Some(code) = code(&reply)
            && REFUSALS.contains(&code.as_str())
        {
            let told: Refusal = parsed(&reply.body)?;
            let words = said(told.error.message.as_deref().unwrap_or("No reason was given."));
            return Err(Failure::Rejected(format!(
                "The service that makes the headshots refuses these photos: {words}"
            )));
        }
        must_be_fine(&reply)?;
        let told: Edited = parsed(&reply.body)?;
        let bytes = match told.data.into_iter().next() {
            Some(Picture { b64_json: Some(data), .. }) => {
                BASE64_STANDARD.decode(data).map_err(|_| unavailable("A picture is not base64."))?.into()
            }
            Some(Picture { url: Some(url), .. }) => self.site.picture(&url).await?,
            _ => return Err(unavailable("The service answered without a picture.")),
        };
        Ok(Image { scene, bytes: shaped(bytes).await?, head: None, cutout: None, look: Look::default() })
    }

    /// Makes a call, and makes it again while that may help.
    async fn call(&self, form: impl Fn() -> Answer<multipart::Form>) -> Answer<Reply> {
        // Two seconds, as things are configured.
        let pause = self.site.quick().whole / 5;
        let mut tried = 1;
        loop {
            let posted = self.site.request(Method::POST, "images/edits")?.multipart(form()?);
            let answered = {
                let _one = self.calls.acquire().await.map_err(|gone| Failure::unavailable(Error::internal(gone)))?;
                self.site.fetch(posted, self.site.heavy(LARGEST)).await
            };
            let again = match &answered {
                Ok(reply) if is_busy(reply) => Some((TRIES, retry_after(reply).unwrap_or(pause * tried))),
                Err(NoReply::Broken(_)) => Some((TRIES, pause * tried)),
                Err(NoReply::TooSlow(_)) => Some((TRIES_IN_TIME, pause * tried)),
                Ok(_) | Err(NoReply::TooLarge(_)) => None,
            };
            match again {
                Some((tries, wait)) if tried < tries && wait <= LONGEST_PAUSE => tokio::time::sleep(wait).await,
                _ => return answered.map_err(|none| self.site.without(none)),
            }
            tried += 1;
        }
    }
}

/// Whether asking for the same a little later makes sense.
fn is_busy(reply: &Reply) -> bool {
    let busy = reply.status == StatusCode::TOO_MANY_REQUESTS || reply.status.is_server_error();
    busy && code(reply).as_deref() != Some("insufficient_quota")
}

/// What kind of error it says it is: its code or, without one, its type.
fn code(reply: &Reply) -> Option<String> {
    let told: Refusal = serde_json::from_slice(&reply.body).ok()?;
    told.error.code.or(told.error.kind)
}

impl Generator for OpenAi {
    fn name(&self) -> &'static str {
        "http"
    }

    fn driver(&self) -> &'static str {
        "openai"
    }

    fn capabilities(&self) -> Capabilities {
        self.service.site.capabilities(true)
    }

    fn at_once(&self) -> usize {
        CALLS / AT_ONCE
    }

    fn destination(&self) -> Option<&Destination> {
        self.service.site.destination()
    }

    fn health(&self) -> BoxFuture<'_, Health> {
        self.service.site.answers("models").boxed()
    }

    fn submit<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Answer<Handle>> {
        async { self.begin(request) }.boxed()
    }

    fn poll<'a>(&'a self, handle: &'a Handle) -> BoxFuture<'a, Answer<Status>> {
        async { self.look(handle) }.boxed()
    }

    fn cancel<'a>(&'a self, handle: &'a Handle) -> BoxFuture<'a, Answer<()>> {
        async {
            self.runs.lock().unwrap_or_else(PoisonError::into_inner).remove(handle.as_str());
            Ok(())
        }
        .boxed()
    }
}

#[derive(Deserialize)]
struct Edited {
    data: Vec<Picture>,
}

#[derive(Deserialize)]
struct Picture {
    b64_json: Option<String>,
    url: Option<String>,
}

#[derive(Deserialize)]
struct Refusal {
    error: Refused,
}

#[derive(Deserialize)]
struct Refused {
    message: Option<String>,
    code: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_was_made_is_kept_from_its_end_on_however_long_it_took() {
        let (end, task) = (End::default(), tokio::spawn(std::future::pending::<()>()));
        let run = Run { all: 1, made: Arc::default(), end: end.clone(), task: task.abort_handle() };
        tokio::time::advance(5 * KEPT).await;
        assert!(run.is_kept());
        *end.lock().unwrap() = Some((Instant::now(), Ok(Vec::new())));
        tokio::time::advance(KEPT - Duration::from_secs(1)).await;
        assert!(run.is_kept());
        tokio::time::advance(Duration::from_secs(2)).await;
        assert!(!run.is_kept());
    }
}
