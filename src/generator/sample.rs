//! The `sample` generator, for development and tests: quick, the same every time, no nets and no network.
//!
//! It cuts test headshots out of the uploaded photos, lays them softly on a backdrop, and marks every one SAMPLE.
//! It keeps nothing: the handle says all there is to know, so a restart in the middle of a shoot goes unnoticed.

mod backdrops;
mod mark;
mod portrait;

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use futures::{FutureExt, future::BoxFuture};

use super::{
    Answer, Backdrop, Capabilities, Failure, Generator, Handle, Health, Image, Look, Made, Progress, Request, Scene,
    Stage, Status,
};
use crate::{
    clock::{Clock, Timestamp},
    error::Error,
    ids::{BackdropId, PhotoId, ShootId},
    images,
    storage::{BackdropFile, Key, PhotoFile, Storage},
};
use backdrops::Behind;

/// How a shoot's time is spent, in percent of it: waiting, then training; the rest is generating.
const QUEUED: u128 = 15;
const TRAINING: u128 = 45;
/// How many times a shoot is worth looking at, and how long between at most, so that a page moves.
const LOOKS: u32 = 40;
const LONGEST_NEXT_POLL: Duration = Duration::from_secs(2);
/// A headshot of 1024 × 1280 pixels takes about 150 KB.
const QUALITY: u8 = 88;
/// More than anybody looks at; also bounds what a handle can make us do.
const MOST_HEADSHOTS: usize = 100;

/// Makes test headshots out of the uploaded photos.
pub struct Sample {
    clock: Clock,
    storage: Storage,
    length: Duration,
    /// How many more times a shoot is to fail.
    failures: Mutex<HashMap<ShootId, u32>>,
}

impl Sample {
    /// One whose shoots take `length` on the clock from submission to done, and whose photos are in `storage`.
    pub fn new(clock: Clock, storage: Storage, length: Duration) -> Self {
        Self { clock, storage, length, failures: Mutex::default() }
    }

    /// Lets the next `times` calls about a shoot fail as unavailable, to see what happens then. Forgotten at a restart.
    pub fn fail_next(&self, shoot: &ShootId, times: u32) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).insert(shoot.clone(), times);
    }

    fn fail_if_asked(&self, shoot: &ShootId) -> Answer<()> {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(left) = failures.get_mut(shoot).filter(|left| **left > 0) else {
            return Ok(());
        };
        *left -= 1;
        Err(Failure::unavailable(Error::internal("a failure that was asked for")))
    }

    async fn status(&self, shoot: &Shoot) -> Answer<Status> {
        let left = (shoot.submitted + self.length).since(self.clock.now());
        if left.is_zero() {
            let headshots = self.headshots(shoot).await?;
            return Ok(Status {
                progress: Progress::Done(Made { images: headshots, cutouts: Vec::new() }),
                next_poll: Duration::ZERO,
            });
        }
        let next_poll = (self.length / LOOKS).min(LONGEST_NEXT_POLL).min(left);
        Ok(Status { progress: progress(self.length.saturating_sub(left), self.length), next_poll })
    }

    /// Makes the headshots photo by photo, so that only one is in memory at a time.
    async fn headshots(&self, shoot: &Shoot) -> Answer<Vec<Image>> {
        let mut photos = Vec::new();
        for id in &shoot.inputs {
            // A photo may have been deleted since; the others will do.
            photos.extend(self.storage.get(Key::Photo(id, PhotoFile::Master)).await.map_err(Failure::unavailable)?);
        }
        if photos.is_empty() {
            return Err(Failure::Rejected(say!("None of the photos is there any more. Upload them again.").into()));
        }
        let mut own = HashMap::new();
        for scene in &shoot.scenes {
            if let Scene::Own(id) = scene
                && let Some(file) =
                    self.storage.get(Key::Backdrop(id, BackdropFile::Picture)).await.map_err(Failure::unavailable)?
            {
                own.insert(id.clone(), file);
            }
        }
        let takes = takes(shoot.count, photos.len(), &shoot.scenes);
        // Half a second of work for the CPU: not on a thread that serves requests.
        tokio::task::spawn_blocking(move || make(&photos, &takes, &own))
            .await
            .map_err(|cause| Failure::unavailable(Error::internal(cause)))?
    }
}

impl Generator for Sample {
    fn name(&self) -> &'static str {
        "sample"
    }

    fn usual(&self) -> Option<Duration> {
        Some(self.length)
    }

    /// Shoots don't wait for each other here.
    fn at_once(&self) -> usize {
        usize::MAX
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            remote: false,
            outfits: false,
            prompts: false,
            progress: true,
            cancel: true,
            most_inputs: 30,
            backdrops: Backdrop::ALL,
            own_backdrops: true,
            cutouts: false,
        }
    }

    fn health(&self) -> BoxFuture<'_, Health> {
        async { Health::Ready }.boxed()
    }

    fn submit<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Answer<Handle>> {
        async move {
            self.fail_if_asked(&request.shoot)?;
            let shoot = Shoot::new(request, self.clock.now())?;
            Ok(Handle::new(shoot.to_string()))
        }
        .boxed()
    }

    fn poll<'a>(&'a self, handle: &'a Handle) -> BoxFuture<'a, Answer<Status>> {
        async move {
            let shoot = Shoot::parse(handle.as_str()).ok_or(Failure::Lost)?;
            self.fail_if_asked(&shoot.id)?;
            self.status(&shoot).await
        }
        .boxed()
    }

    fn cancel<'a>(&'a self, _handle: &'a Handle) -> BoxFuture<'a, Answer<()>> {
        // Nothing is under way between two polls.
        async { Ok(()) }.boxed()
    }
}

fn everyones() -> Vec<Scene> {
    Backdrop::ALL.iter().copied().map(Scene::Drawn).collect()
}

/// All that is known of a shoot, written into its handle as
/// `<submitted, in milliseconds>:<shoot>:<how many>:<scene,…>:<photo,…>`.
#[derive(Debug, PartialEq, Eq)]
struct Shoot {
    submitted: Timestamp,
    id: ShootId,
    count: usize,
    scenes: Vec<Scene>,
    inputs: Vec<PhotoId>,
}

impl Shoot {
    fn new(request: &Request, now: Timestamp) -> Answer<Self> {
        if request.inputs.is_empty() {
            return Err(Failure::Rejected(
                say!("There are no photos to make headshots from. Upload some first.").into(),
            ));
        }
        let scenes = if request.scenes.is_empty() { everyones() } else { request.scenes.clone() };
        Ok(Self {
            submitted: now,
            id: request.shoot.clone(),
            count: request.count.min(MOST_HEADSHOTS),
            scenes,
            inputs: request.inputs.clone(),
        })
    }

    /// None for a text that no handle of ours has, say one of another generator.
    fn parse(handle: &str) -> Option<Self> {
        let [submitted, id, count, scenes, inputs] = handle.split(':').collect::<Vec<_>>().try_into().ok()?;
        Some(Self {
            submitted: Timestamp::from_millis(submitted.parse().ok()?),
            id: id.parse().ok()?,
            count: count.parse().ok().filter(|count| *count <= MOST_HEADSHOTS)?,
            scenes: scenes.split(',').map(|word| word.parse().ok()).collect::<Option<_>>()?,
            inputs: inputs.split(',').map(|id| id.parse().ok()).collect::<Option<_>>()?,
        })
    }
}

impl fmt::Display for Shoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scenes: Vec<_> = self.scenes.iter().map(ToString::to_string).collect();
        let inputs: Vec<_> = self.inputs.iter().map(PhotoId::as_str).collect();
        let Self { submitted, id, count, .. } = self;
        write!(f, "{}:{id}:{count}:{}:{}", submitted.millis(), scenes.join(","), inputs.join(","))
    }
}

/// Where a shoot is after `spent` of `length`, which is not over yet.
fn progress(spent: Duration, length: Duration) -> Progress {
    // In ten-thousandths, so that a percent of a stage is told from the next.
    let spent = spent.as_nanos() * 10_000 / length.as_nanos().max(1);
    let (queued, trained) = (QUEUED * 100, (QUEUED + TRAINING) * 100);
    let percent = |from: u128, to: u128| u8::try_from((spent - from) * 100 / (to - from)).unwrap_or(99).min(99);
    if spent < queued {
        // Shoots don't wait for each other here.
        Progress::Queued { position: 0 }
    } else if spent < trained {
        Progress::Running { stage: Stage::Training, percent: percent(queued, trained) }
    } else {
        Progress::Running { stage: Stage::Generating, percent: percent(trained, 10_000) }
    }
}

/// Headshots of one photo, one before each backdrop, made here and now: what a shoot would give. For the demo organization.
///
/// # Errors
/// As [`Generator::poll`].
pub fn headshots(photo: Bytes, scenes: &[Scene]) -> Answer<Vec<Image>> {
    make(&[photo], &takes(scenes.len(), 1, scenes), &HashMap::new())
}

/// One headshot to make.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Take {
    /// Which photo, by its index.
    photo: usize,
    scene: Scene,
    /// How it is framed and lit.
    variation: usize,
}

/// Goes through scenes and photos so that each comes equally often, in new pairs while there are any;
/// framing and light change from one headshot to the next.
fn takes(count: usize, photos: usize, scenes: &[Scene]) -> Vec<Take> {
    // Counted through side by side, the two begin again together after their least common multiple. One photo further then,
    // or two photos on two backdrops would always meet the same one.
    let cycle = photos / common_divisor(photos, scenes.len()) * scenes.len();
    let turn = |index: usize| Take {
        photo: (index + index / cycle) % photos,
        scene: scenes[index % scenes.len()].clone(),
        variation: index,
    };
    (0..count).map(turn).collect()
}

/// The greatest common divisor (Euclid's).
fn common_divisor(one: usize, other: usize) -> usize {
    if other == 0 { one } else { common_divisor(other, one % other) }
}

/// Makes the headshots, in the order of `takes`. Photos that can't be read are passed over.
///
/// A backdrop of the organization's own that was removed meanwhile is grey.
fn make(photos: &[Bytes], takes: &[Take], own: &HashMap<BackdropId, Bytes>) -> Answer<Vec<Image>> {
    let mut pictures = HashMap::new();
    for (id, file) in own {
        let small = images::decode(file).map_err(Error::from).and_then(|picture| backdrops::small(&picture));
        pictures.insert(id, small.map_err(Failure::unavailable)?);
    }
    let mut made: Vec<(usize, Image)> = Vec::with_capacity(takes.len());
    for (index, bytes) in photos.iter().enumerate() {
        let mut wanted = takes.iter().enumerate().filter(|(_, take)| take.photo == index).peekable();
        if wanted.peek().is_none() {
            continue;
        }
        let Ok(photo) = images::decode(bytes) else { continue };
        for (place, take) in wanted {
            let (scene, behind) = match &take.scene {
                Scene::Drawn(backdrop) => (take.scene.clone(), Behind::Drawn(*backdrop)),
                Scene::Own(id) => match pictures.get(id) {
                    Some(picture) => (take.scene.clone(), Behind::Own(picture)),
                    None => (Scene::Drawn(Backdrop::Grey), Behind::Drawn(Backdrop::Grey)),
                },
            };
            let headshot = portrait::make(&photo, behind, take.variation)
                .and_then(|picture| Ok(images::encode_jpeg(&picture, QUALITY)?))
                .map_err(Failure::unavailable)?;
            let look = Look::default();
            made.push((place, Image { scene, bytes: headshot.into(), head: None, cutout: None, look }));
        }
    }
    if made.is_empty() && !takes.is_empty() {
        return Err(Failure::Rejected(say!("None of the photos can be read. Upload others.").into()));
    }
    made.sort_by_key(|(place, _)| *place);
    Ok(made.into_iter().map(|(_, image)| image).collect())
}

#[cfg(test)]
mod tests;
