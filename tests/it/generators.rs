//! Headshots that are made elsewhere: what is asked of other servers, and what becomes of all they may answer.

use std::{io, net::IpAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{FutureExt, future::BoxFuture};
use headroom::{
    config::{Config, Sources},
    generator::{self, Backdrop, Failure, Generator, Handle, Progress, Request, Scene},
    ids::{PhotoId, ShootId},
    outbound::{Limits, Lookup, Means},
    shoots::State,
    storage::{Key, PhotoFile, Storage},
};

use crate::{
    app::{TestApp, Wishes},
    studio::{portrait, shoot},
};

mod comfyui;
mod consent;
mod example;
mod forgetting;
mod http;
mod openai;
mod page;
mod stub;
mod switched;

/// Everyone is this machine: so that a name that is somewhere else can be answered here.
#[derive(Debug)]
struct AllHere;

impl Lookup for AllHere {
    fn lookup<'a>(&'a self, _name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        async { Ok(vec!["127.0.0.1".parse().unwrap()]) }.boxed()
    }
}

/// With so much time for what is answered at once.
fn means(whole: Duration) -> Means {
    Means { lookup: Arc::new(AllHere), limits: Limits { connect: Duration::from_secs(5), whole } }
}

const USUAL: Duration = Duration::from_secs(10);
const SHORT: Duration = Duration::from_millis(60);

type Settings<'a> = &'a [(&'static str, &'a str)];

fn flags(settings: Settings) -> Vec<(&'static str, String)> {
    settings.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

/// A generator as configured, and a shoot of one photo before navy and office.
struct Bench {
    generator: Arc<dyn Generator>,
    storage: Storage,
    request: Request,
}

impl Bench {
    async fn new(settings: Settings<'_>, whole: Duration) -> Self {
        Self::reached_by(settings, &means(whole)).await
    }

    async fn reached_by(settings: Settings<'_>, means: &Means) -> Self {
        let config = Config::load(&Sources { flags: flags(settings), ..Sources::default() }).unwrap();
        let (storage, photo) = (Storage::memory(), PhotoId::new());
        storage.put(Key::Photo(&photo, PhotoFile::Master), portrait(1).into()).await.unwrap();
        let generator = generator::elsewhere(&config.generator, &storage, means).unwrap().unwrap();
        let scenes = vec![Scene::Drawn(Backdrop::Navy), Scene::Drawn(Backdrop::Office)];
        let request = Request {
            shoot: ShootId::new(),
            inputs: vec![photo],
            insisted: Vec::new(),
            seen: Vec::new(),
            scenes,
            count: 4,
            gender: Some("female"),
        };
        Self { generator, storage, request }
    }

    async fn submit(&self) -> Result<Handle, Failure> {
        self.generator.submit(&self.request).await
    }

    /// How far a shoot is, in words.
    async fn told(&self, handle: &Handle) -> String {
        match self.generator.poll(handle).await {
            Ok(status) => match status.progress {
                Progress::Queued { position } => format!("queued at {position}, ask in {:?}", status.next_poll),
                Progress::Running { stage, percent } => format!("{stage:?} {percent} %, ask in {:?}", status.next_poll),
                Progress::Done(made) => {
                    let scenes: Vec<String> = made.images.iter().map(|image| image.scene.to_string()).collect();
                    format!("done: {}", scenes.join(" "))
                }
            },
            Err(failure) => said(&failure),
        }
    }
}

/// A failure and its cause, in words.
fn said(failure: &Failure) -> String {
    match failure {
        Failure::Rejected(words) => format!("rejected: {words}"),
        Failure::Unavailable(cause) => format!("unavailable: {}", cause.trail()),
        Failure::Lost => "lost".to_owned(),
        Failure::TimedOut => "timed out".to_owned(),
    }
}

/// A square, which headshots are not.
fn square() -> Vec<u8> {
    portrait(9)
}

/// The size of a picture.
fn size(bytes: &Bytes) -> (u32, u32) {
    let size = headroom::images::measure(bytes).unwrap();
    (size.width, size.height)
}

/// A server whose headshots are made there.
async fn app_with(settings: Settings<'_>) -> TestApp {
    TestApp::start_with(Wishes { settings: flags(settings), means: means(USUAL), ..Wishes::default() }).await
}

/// Lets time go by until a shoot is where it should get to.
async fn until(app: &TestApp, id: &ShootId, state: State) {
    for _ in 0..40 {
        app.run_jobs().await;
        if shoot(app, id).state == state {
            return;
        }
        // The work of a task of ours takes no time on the clock that is moved.
        tokio::time::sleep(Duration::from_millis(20)).await;
        app.advance(Duration::from_secs(5)).await;
    }
    panic!("{:?}", shoot(app, id));
}
