//! A generator on another server that speaks our own protocol, which `docs/generators.md` describes: shoots are handed over,
//! asked about, fetched and forgotten.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use futures::{FutureExt, StreamExt, TryStreamExt, future::BoxFuture};
use reqwest::{Method, StatusCode, multipart};
use serde::{Deserialize, Serialize};

use super::{
    Answer, Backdrop, Capabilities, Destination, Failure, Generator, Handle, Health, Image, Look, Made, Progress,
    Request, Scene, Stage, Status,
    pairs::MOST_PHOTOS,
    site::{Site, jpeg, must_be_fine, no_photos, parsed, retry_after, said, shaped, unavailable},
};
use crate::{config::Elsewhere, error::Result, ids::ShootId, outbound::Means, storage::Storage};

/// Of the protocol; in every path.
const VERSION: u8 = 1;

/// The most that is read of an answer that may hold pictures, in bytes.
const INLINE: usize = 64 << 20;

/// Pictures that are fetched at the same time.
const AT_ONCE: usize = 3;

/// Headshots that are fetched of a shoot, which is more than anyone asks for: however many a reply names.
const MOST_HEADSHOTS: usize = 40;

/// How long between two questions, unless it says otherwise, and the bounds of what it may say.
const POLL: Duration = Duration::from_secs(3);
const POLLS: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(300);

/// Asks another server for headshots.
pub struct Http {
    site: Site,
}

impl Http {
    /// One that is reached as configured, and takes photos from `storage`.
    ///
    /// # Errors
    /// No certificates to trust can be found.
    pub fn new(config: &Elsewhere, storage: Storage, means: Means) -> Result<Self> {
        Ok(Self { site: Site::new("http", config, storage, means)? })
    }

    async fn hand_over(&self, request: &Request) -> Answer<Handle> {
        let mut files = Vec::new();
        for id in request.inputs.iter().take(MOST_PHOTOS) {
            if let Some(bytes) = self.site.photo(id).await? {
                files.push((format!("photo-{}", files.len() + 1), bytes));
            }
        }
        if files.is_empty() {
            return Err(no_photos());
        }
        let photos = files.iter().map(|(name, _)| name.clone()).collect();
        let mut backdrops = Vec::with_capacity(request.scenes.len());
        for scene in &request.scenes {
            // An own one that was removed meanwhile is like the plainest of the others.
            let (name, file) = match (scene, self.site.backdrop(scene).await?) {
                (Scene::Own(_), None) => (Backdrop::Grey.to_string(), None),
                (_, None) => (scene.to_string(), None),
                (_, Some(bytes)) => {
                    let name = format!("backdrop-{}", backdrops.len() + 1);
                    files.push((name.clone(), bytes));
                    (scene.to_string(), Some(name))
                }
            };
            backdrops.push(BackdropSaid { name, file });
        }
        let order = Order {
            version: VERSION,
            id: request.shoot.as_str(),
            count: request.count,
            gender: request.gender,
            backdrops,
            photos,
        };
        let order = serde_json::to_string(&order).map_err(Failure::unavailable)?;
        let order = multipart::Part::text(order).mime_str("application/json");
        let mut form = multipart::Form::new().part("request", order.map_err(|cause| unavailable(cause.to_string()))?);
        for (name, bytes) in files {
            let file = jpeg(bytes, format!("{name}.jpg"))?;
            form = form.part(name, file);
        }
        let posted = self
            .site
            .request(Method::POST, &format!("v{VERSION}/shoots"))?
            .header("Idempotency-Key", request.shoot.as_str())
            .multipart(form);
        let reply = self.site.send(posted, self.site.heavy(self.site.quick().most)).await?;
        if reply.status.is_client_error()
            && let Ok(Refusal { error: Refused { kind: Kind::Rejected, message } }) = parsed(&reply.body)
        {
            return Err(Failure::Rejected(said(&message)));
        }
        must_be_fine(&reply)?;
        let taken: Taken = parsed(&reply.body)?;
        // It goes into addresses, and is kept.
        let fine = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
        if taken.handle.is_empty()
            || taken.handle.len() > 200
            || !taken.handle.chars().all(fine)
            || taken.handle.starts_with('.')
        {
            return Err(unavailable("The generator's handle is not 1 to 200 letters, digits and -_.~"));
        }
        Ok(Handle::new(taken.handle))
    }

    async fn status(&self, handle: &Handle) -> Answer<Status> {
        let terms = self.site.heavy(INLINE);
        let reply = self.site.ask(&shoot(handle.as_str()), terms).await?;
        if matches!(reply.status, StatusCode::NOT_FOUND | StatusCode::GONE) {
            return Err(Failure::Lost);
        }
        must_be_fine(&reply)?;
        let wait = |seconds: Option<u64>| {
            let wait = seconds.map(Duration::from_secs).or_else(|| retry_after(&reply));
            wait.map_or(POLL, |wait| wait.clamp(*POLLS.start(), *POLLS.end()))
        };
        match parsed(&reply.body)? {
            Told::Queued { position, poll_after } => {
                Ok(Status { progress: Progress::Queued { position }, next_poll: wait(poll_after) })
            }
            Told::Running { stage, percent, poll_after } => {
                let stage = match stage {
                    StageSaid::Training => Stage::Training,
                    StageSaid::Generating => Stage::Generating,
                };
                let percent = percent.clamp(0.0, 99.0) as u8;
                Ok(Status { progress: Progress::Running { stage, percent }, next_poll: wait(poll_after) })
            }
            Told::Done { images } => {
                let images =
                    futures::stream::iter(images.into_iter().take(MOST_HEADSHOTS).map(|image| self.image(image)))
                        .buffered(AT_ONCE)
                        .try_collect::<Vec<_>>()
                        .await?;
                if images.is_empty() {
                    return Err(unavailable("The generator is done and names no picture."));
                }
                let made = Made { images, cutouts: Vec::new() };
                Ok(Status { progress: Progress::Done(made), next_poll: Duration::ZERO })
            }
            Told::Failed { kind: Kind::Rejected, message } => Err(Failure::Rejected(said(&message))),
            Told::Failed { kind: Kind::Lost, .. } => Err(Failure::Lost),
            Told::Failed { kind: Kind::Unavailable, message } => Err(unavailable(said(&message))),
        }
    }

    async fn image(&self, told: ImageTold) -> Answer<Image> {
        let scene = told.backdrop.parse().map_err(|_| {
            unavailable(format!("The generator names a backdrop \"{}\" that it was not given.", said(&told.backdrop)))
        })?;
        let bytes = match (told.data, told.url) {
            (Some(data), _) => {
                BASE64_STANDARD.decode(data).map(Bytes::from).map_err(|_| unavailable("A picture is not base64."))?
            }
            (None, Some(url)) => self.site.picture(&url).await?,
            (None, None) => return Err(unavailable("A picture has neither data nor url.")),
        };
        let before = bytes.len();
        let bytes = shaped(bytes).await?;
        // Where the face was is not where it is once something was cut off.
        let within = |part: f32| (0.0..=1.0).contains(&part);
        let head = told
            .face
            .filter(|face| before == bytes.len() && within(face.x) && within(face.y))
            .map(|face| (face.x, face.y));
        Ok(Image { scene, bytes, head, cutout: None, look: Look::default() })
    }

    /// By the handle; or by the id of the shoot, where no handle came back.
    async fn forget(&self, name: &str) -> Answer<()> {
        let reply = self.site.send(self.site.request(Method::DELETE, &shoot(name))?, self.site.quick()).await?;
        match reply.status {
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(()),
            _ => must_be_fine(&reply),
        }
    }

    async fn look(&self) -> Answer<Health> {
        let request = self.site.request(Method::GET, &format!("v{VERSION}/health"))?;
        let reply = self.site.send(request, self.site.quick()).await?;
        must_be_fine(&reply)?;
        let told: HealthTold = parsed(&reply.body)?;
        Ok(if told.ok {
            Health::Ready
        } else {
            Health::Down(match told.message.as_deref() {
                Some(message) => said(message),
                None => say!("It says it is not ready.").into(),
            })
        })
    }
}

fn shoot(name: &str) -> String {
    format!("v{VERSION}/shoots/{name}")
}

impl Generator for Http {
    fn name(&self) -> &'static str {
        "http"
    }

    fn capabilities(&self) -> Capabilities {
        self.site.capabilities(false)
    }

    fn destination(&self) -> Option<&Destination> {
        self.site.destination()
    }

    fn health(&self) -> BoxFuture<'_, Health> {
        self.look().map(|looked| looked.unwrap_or_else(|failure| super::site::down(&failure))).boxed()
    }

    fn submit<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Answer<Handle>> {
        self.hand_over(request).boxed()
    }

    fn poll<'a>(&'a self, handle: &'a Handle) -> BoxFuture<'a, Answer<Status>> {
        self.status(handle).boxed()
    }

    fn cancel<'a>(&'a self, handle: &'a Handle) -> BoxFuture<'a, Answer<()>> {
        self.forget(handle.as_str()).boxed()
    }

    fn cancel_unanswered<'a>(&'a self, id: &'a ShootId) -> BoxFuture<'a, Answer<()>> {
        self.forget(id.as_str()).boxed()
    }
}

/// What is handed over, beside the files.
#[derive(Serialize)]
struct Order<'a> {
    version: u8,
    id: &'a str,
    count: usize,
    gender: Option<&'a str>,
    backdrops: Vec<BackdropSaid>,
    photos: Vec<String>,
}

#[derive(Serialize)]
struct BackdropSaid {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

#[derive(Deserialize)]
struct Taken {
    handle: String,
}

#[derive(Deserialize)]
struct Refusal {
    error: Refused,
}

#[derive(Deserialize)]
struct Refused {
    kind: Kind,
    #[serde(default)]
    message: String,
}

/// How a shoot is, in its words.
#[derive(Deserialize)]
#[serde(tag = "state", rename_all = "lowercase", rename_all_fields = "camelCase")]
enum Told {
    Queued {
        #[serde(default)]
        position: u32,
        poll_after: Option<u64>,
    },
    Running {
        stage: StageSaid,
        #[serde(default)]
        percent: f64,
        poll_after: Option<u64>,
    },
    Done {
        images: Vec<ImageTold>,
    },
    Failed {
        kind: Kind,
        #[serde(default)]
        message: String,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum StageSaid {
    Training,
    Generating,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Rejected,
    Unavailable,
    Lost,
}

#[derive(Deserialize)]
struct ImageTold {
    backdrop: String,
    url: Option<String>,
    data: Option<String>,
    face: Option<Face>,
}

#[derive(Clone, Copy, Deserialize)]
struct Face {
    x: f32,
    y: f32,
}

#[derive(Deserialize)]
struct HealthTold {
    ok: bool,
    message: Option<String>,
}
