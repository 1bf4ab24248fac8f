//! The real server, killed in the middle: whatever it committed is told at least once, as the same event and in order.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use headroom::{
    clock::Clock,
    db::{Db, Place},
};
use serde_json::json;

use super::{
    kit::until,
    receiver::{Received, Receiver, Reply},
};
use crate::{
    app::{Answer, Caller, TestApp, Wishes},
    process::Process,
};

const MODELS: &str = "/api/v2/organization/models";

fn start(data: &Path, schedule: &str) -> Process {
    Process::start(data, &[("HEADROOM_WEBHOOK_ALLOW", "127.0.0.0/8"), ("HEADROOM_WEBHOOK_SCHEDULE", schedule)])
}

impl Process {
    async fn make_model(&self, scene: &Scene, email: &str) -> String {
        let request = scene.client.post(format!("{}{MODELS}", self.url)).bearer_auth(&scene.key);
        let made = Answer::of(request.json(&json!({ "email": email, "isDevelopment": true }))).await.ok();
        made["modelId"].as_str().unwrap().to_owned()
    }

    async fn delete_model(&self, scene: &Scene, id: &str) {
        Answer::of(scene.client.delete(format!("{}{MODELS}/{id}", self.url)).bearer_auth(&scene.key)).await.ok();
    }
}

/// A data directory with an organization that listens.
struct Scene {
    data: tempfile::TempDir,
    client: reqwest::Client,
    key: String,
}

impl Scene {
    async fn new(receiver: &Receiver) -> Self {
        let data = tempfile::tempdir().unwrap();
        let wishes = Wishes { data: Some(data.path().to_owned()), ..Wishes::default() };
        let app = TestApp::start_with(wishes).await;
        app.switch_whitelabel_on().await;
        let id = app.db.read(|view| headroom::webhooks::first(view, &app.organization)).unwrap().unwrap().id;
        app.with(move |tx, by| headroom::webhooks::remove(tx, by, &id)).await;
        app.listens(receiver).await;
        let Caller::Key(key) = app.lead.clone() else { unreachable!("a key") };
        app.stop().await;
        Self { data, client: reqwest::Client::new(), key }
    }

    /// Every event that was committed: its id, in the order of each model.
    fn events(&self) -> BTreeMap<String, Vec<String>> {
        let db = Db::open(&Place::File(self.data.path().join("headroom.db")), Clock::system()).unwrap();
        let sql = "select shoot_id, id from events order by shoot_id, place";
        let all: Vec<(String, String)> =
            db.read(|view| view.all(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))).unwrap();
        let mut of_models: BTreeMap<String, Vec<String>> = BTreeMap::new();
        all.into_iter().for_each(|(model, id)| of_models.entry(model).or_default().push(id));
        of_models
    }

    fn delivered(&self) -> u32 {
        let db = Db::open(&Place::File(self.data.path().join("headroom.db")), Clock::system()).unwrap();
        let sql = "select count(*) from deliveries where state = 'delivered'";
        db.read(|view| view.one(sql, [], |row| row.get(0))).unwrap()
    }
}

/// The events of each model as they came, repetitions left out.
fn first_times(received: &[Received]) -> BTreeMap<String, Vec<String>> {
    let mut of_models: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for one in received {
        let model = of_models.entry(one.json()["object"]["_id"].as_str().unwrap().to_owned()).or_default();
        if !model.contains(&one.id()) {
            model.push(one.id());
        }
    }
    of_models
}

#[tokio::test]
async fn killed_between_the_commit_and_the_first_try() {
    let receiver = Receiver::happy().await;
    let scene = Scene::new(&receiver).await;
    let server = start(scene.data.path(), "2s,1s");
    let id = server.make_model(&scene, "kim@acme.test").await;
    drop(server);
    assert_eq!(receiver.received().len(), 0);
    let _next = start(scene.data.path(), "2s,1s");
    let told = receiver.has(1).await;
    assert_eq!(told[0].said(), "model.created onboarding");
    assert_eq!(first_times(&told), scene.events());
    assert!(scene.events().contains_key(&id));
}

#[tokio::test]
async fn killed_between_the_receivers_answer_and_the_note_of_it() {
    let receiver = Receiver::gated(|_| Reply::Status(200)).await;
    let scene = Scene::new(&receiver).await;
    let server = start(scene.data.path(), "0s,1s");
    let id = server.make_model(&scene, "kim@acme.test").await;
    server.delete_model(&scene, &id).await;
    receiver.has(1).await;
    // The receiver has it, and what it answers reaches nobody.
    drop(server);
    receiver.open();
    assert_eq!(scene.delivered(), 0);
    let _next = start(scene.data.path(), "0s,1s");
    let told = receiver.has(4).await;
    let said: Vec<String> = told.iter().map(Received::said).collect();
    assert_eq!(
        said,
        [
            "model.created onboarding",
            "model.created onboarding",
            "model.status.updated deleted",
            "model.deleted deleted"
        ]
    );
    assert_eq!((told[0].id(), &told[0].text), (told[1].id(), &told[1].text));
    assert_eq!(first_times(&told), scene.events());
    until(|| scene.delivered() == 3).await;
}

#[tokio::test]
async fn killed_again_and_again_while_many_models_come_and_go() {
    const MODELS: usize = 12;
    let receiver = Receiver::happy().await;
    let scene = Scene::new(&receiver).await;
    let mut made = 0;
    for killed_at in [1, 5, 11, 20, 30] {
        let server = start(scene.data.path(), "0s,0s,0s,0s");
        for _ in 0..MODELS / 4 {
            if made < MODELS {
                let id = server.make_model(&scene, &format!("kim{made}@acme.test")).await;
                server.delete_model(&scene, &id).await;
                made += 1;
            }
        }
        receiver.has(killed_at).await;
    }
    let _last = start(scene.data.path(), "0s,0s,0s,0s");
    until(|| scene.delivered() as usize == 3 * MODELS).await;
    let (told, committed) = (first_times(&receiver.received()), scene.events());
    assert_eq!(told, committed, "all of it, in order, and nothing that never was");
    assert!(committed.values().all(|events| events.len() == 3) && committed.len() == MODELS);
    let bodies: BTreeSet<_> = receiver.received().into_iter().map(|one| one.text).collect();
    assert_eq!(bodies.len(), 3 * MODELS, "whatever came twice was the same to the byte");
}
