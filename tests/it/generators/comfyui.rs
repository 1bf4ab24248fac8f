//! ComfyUI, as a real one answered: upload, prompt, queue, history, view, and its two ways to refuse a graph.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use headroom::{
    config::{Config, Sources},
    generator::{self, Handle, Health},
    ids::ShootId,
    members::Role,
    shoots::State,
    storage::Storage,
};
use serde_json::{Value, json};

use super::{
    Bench, SHORT, USUAL, app_with, flags, means,
    page::{PAGE, checked},
    said,
    stub::{Asked, Reply, Stub},
    until,
};
use crate::{
    app::{TestApp, Wishes},
    studio::{gather, headshots, portrait, shoot, submit},
};

const GRAPH: &str = r#"{
    "1": { "class_type": "LoadImage", "inputs": { "image": "{{image}}" } },
    "2": { "class_type": "CLIPTextEncode", "inputs": { "text": "{{prompt}}" } },
    "6": { "class_type": "CheckpointLoaderSimple", "inputs": { "ckpt_name": "none.safetensors", "seed": "{{seed}}" } },
    "4": { "class_type": "SaveImage", "inputs": { "images": ["1", 0], "filename_prefix": "hs" } }
}"#;

/// What a ComfyUI knows.
#[derive(Default)]
struct Known {
    running: Vec<Value>,
    pending: Vec<Value>,
    history: serde_json::Map<String, Value>,
    number: i64,
}

/// One that keeps what it is given in its queue.
fn comfy(known: Arc<Mutex<Known>>) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    move |asked| {
        let mut known = known.lock().unwrap();
        let id = asked.what.rsplit('/').next().unwrap().to_owned();
        match asked.what.as_str() {
            "POST /upload/image" => {
                let name = String::from_utf8_lossy(&asked.body)
                    .split("filename=\"")
                    .nth(1)
                    .unwrap()
                    .split('"')
                    .next()
                    .unwrap()
                    .to_owned();
                Reply::Json(200, json!({ "name": name, "subfolder": "", "type": "input" }))
            }
            "POST /prompt" => {
                known.number += 1;
                let (number, posted) = (known.number, asked.json());
                let id = format!("18e54fe2-44ba-44cc-9a9c-{number:012}");
                let extra = json!({ "client_id": posted["client_id"] });
                known.pending.push(json!([number, id, posted["prompt"], extra, ["4"]]));
                Reply::Json(200, json!({ "prompt_id": id, "number": number, "node_errors": {} }))
            }
            "GET /queue" => Reply::Json(200, json!({ "queue_running": known.running, "queue_pending": known.pending })),
            "POST /queue" => {
                let gone = asked.json()["delete"].clone();
                known.pending.retain(|one| !gone.as_array().unwrap().contains(&one[1]));
                Reply::Json(200, json!({}))
            }
            "POST /interrupt" => {
                known.running.clear();
                Reply::Json(200, json!({}))
            }
            "POST /history" => Reply::Json(200, json!({})),
            "GET /system_stats" => Reply::Json(200, json!({ "system": {} })),
            what if what.starts_with("GET /history/") => {
                let found: Value = known.history.get(&id).cloned().map_or(json!({}), |entry| json!({ id: entry }));
                Reply::Json(200, found)
            }
            "GET /view?filename=hs_00001_.png&subfolder=&type=output" => Reply::File(portrait(1)),
            _ => Reply::Json(404, json!({})),
        }
    }
}

impl Known {
    /// The next one runs.
    fn begin(&mut self) {
        let next = self.pending.remove(0);
        self.running.push(next);
    }

    fn end(&mut self, entry: Value) {
        let ended = self.running.remove(0);
        self.history.insert(ended[1].as_str().unwrap().to_owned(), entry);
    }

    fn finish(&mut self) {
        self.begin();
        self.end(success());
    }
}

fn success() -> Value {
    json!({
        "prompt": [], "meta": {},
        "outputs": { "4": { "images": [{ "filename": "hs_00001_.png", "subfolder": "", "type": "output" }] } },
        "status": { "status_str": "success", "completed": true, "messages": [] },
    })
}

pub(super) fn graph() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), GRAPH).unwrap();
    file
}

struct Comfy {
    known: Arc<Mutex<Known>>,
    stub: Stub,
    bench: Bench,
    _graph: tempfile::NamedTempFile,
}

impl Comfy {
    async fn start() -> Self {
        let known = Arc::new(Mutex::new(Known::default()));
        let (stub, graph) = (Stub::start(comfy(known.clone())).await, graph());
        let bench = bench(&stub, &graph, USUAL).await;
        Self { known, stub, bench, _graph: graph }
    }
}

async fn bench(stub: &Stub, graph: &tempfile::NamedTempFile, whole: std::time::Duration) -> Bench {
    let path = graph.path().display().to_string();
    Bench::new(&[("generator", "comfyui"), ("generator_url", &stub.url), ("generator_graph", &path)], whole).await
}

#[tokio::test]
async fn a_shoot_is_made_from_submission_to_headshots() {
    let (known, graph) = (Arc::new(Mutex::new(Known::default())), graph());
    let inner = comfy(known.clone());
    // Each question about the queue finds one more made.
    let stub = Stub::start({
        let known = known.clone();
        move |asked| {
            let mut all = known.lock().unwrap();
            if asked.what == "GET /queue" && !all.pending.is_empty() {
                all.finish();
            }
            drop(all);
            inner(asked)
        }
    })
    .await;
    let path = graph.path().display().to_string();
    let app = app_with(&[("generator", "comfyui"), ("generator_url", &stub.url), ("generator_graph", &path)]).await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    submit(&app, &kim).await.redirects();
    until(&app, &id, State::Ready).await;
    assert_eq!(headshots(&app, &id).len(), 12);
    let seen = (stub.count("POST /upload"), stub.count("POST /prompt"), stub.count("POST /history"));
    assert_eq!(seen, (1, 12, 1));
    app.stop().await;
}

#[tokio::test]
async fn each_headshot_is_a_prompt_with_its_own_values() {
    let comfy = Comfy::start().await;
    let handle = comfy.bench.submit().await.unwrap();
    assert_eq!(handle.as_str().split(',').count(), 4);
    let prompts: Vec<Value> =
        comfy.stub.asked().iter().filter(|asked| asked.what == "POST /prompt").map(Asked::json).collect();
    let shoot = &comfy.bench.request.shoot;
    assert!(prompts.iter().all(|one| one["client_id"] == format!("headroom-{shoot}")));
    let first = &prompts[0]["prompt"];
    assert!(first["1"]["inputs"]["image"].as_str().unwrap().starts_with("headroom-"));
    assert!(first["2"]["inputs"]["text"].as_str().unwrap().contains("navy blue"));
    let seeds: std::collections::BTreeSet<u64> =
        prompts.iter().map(|one| one["prompt"]["6"]["inputs"]["seed"].as_u64().unwrap()).collect();
    assert_eq!(seeds.len(), 4);
    // Handed over twice, it is made once, with the same seeds.
    comfy.bench.submit().await.unwrap();
    let known = comfy.known.lock().unwrap();
    assert_eq!(known.pending.len(), 4);
    assert!(known.pending.iter().all(|one| seeds.contains(&one[2]["6"]["inputs"]["seed"].as_u64().unwrap())));
}

#[tokio::test]
async fn its_line_is_counted_in_shoots_of_many_prompts_each() {
    let mut comfy = Comfy::start().await;
    let mut handles = Vec::new();
    for _ in 0..3 {
        comfy.bench.request.shoot = ShootId::new();
        handles.push(comfy.bench.submit().await.unwrap());
    }
    assert_eq!(comfy.bench.told(&handles[0]).await, "queued at 0, ask in 3s");
    comfy.known.lock().unwrap().begin();
    assert_eq!(comfy.bench.told(&handles[0]).await, "Generating 0 %, ask in 3s");
    assert_eq!(comfy.bench.told(&handles[2]).await, "queued at 2, ask in 3s");
    // Whoever else uses it is in the line too.
    comfy.known.lock().unwrap().pending.insert(0, json!([1, "somebody-elses", {}, {}, []]));
    assert_eq!(comfy.bench.told(&handles[2]).await, "queued at 3, ask in 3s");
}

#[tokio::test]
async fn queue_and_history_say_how_far_it_is() {
    let comfy = Comfy::start().await;
    comfy.known.lock().unwrap().running.push(json!([0, "somebody-elses", {}, {}, []]));
    let handle = comfy.bench.submit().await.unwrap();
    assert_eq!(comfy.bench.told(&handle).await, "queued at 1, ask in 3s");
    {
        let mut known = comfy.known.lock().unwrap();
        known.running.clear();
        known.begin();
    }
    assert_eq!(comfy.bench.told(&handle).await, "Generating 0 %, ask in 3s");
    {
        let mut known = comfy.known.lock().unwrap();
        known.end(success());
        known.finish();
    }
    assert_eq!(comfy.bench.told(&handle).await, "Generating 50 %, ask in 3s");
    {
        let mut known = comfy.known.lock().unwrap();
        known.finish();
        known.finish();
    }
    assert_eq!(comfy.bench.told(&handle).await, "done: navy office navy office");
    assert_eq!(comfy.bench.generator.health().await, Health::Ready);
}

#[tokio::test]
async fn a_stopped_one_leaves_the_queue_and_what_others_run_alone() {
    let comfy = Comfy::start().await;
    let handle = comfy.bench.submit().await.unwrap();
    comfy.known.lock().unwrap().running.push(json!([0, "somebody-elses", {}, {}, []]));
    comfy.bench.generator.cancel(&handle).await.unwrap();
    assert!(comfy.known.lock().unwrap().pending.is_empty() && comfy.stub.count("POST /interrupt") == 0);
    comfy.known.lock().unwrap().running.clear();
    let handle = comfy.bench.submit().await.unwrap();
    comfy.known.lock().unwrap().begin();
    comfy.bench.generator.cancel(&handle).await.unwrap();
    assert_eq!((comfy.stub.count("POST /interrupt"), comfy.known.lock().unwrap().pending.len()), (1, 0));
    comfy.bench.generator.cancel(&Handle::new("run-7")).await.unwrap();
}

#[tokio::test]
async fn what_it_queued_without_an_answer_is_known_by_the_shoot() {
    let comfy = Comfy::start().await;
    let shoot = comfy.bench.request.shoot.clone();
    comfy.bench.submit().await.unwrap();
    {
        let mut known = comfy.known.lock().unwrap();
        known.begin();
        known.pending.push(json!([9, "somebody-elses", {}, { "client_id": "somebody" }, []]));
    }
    comfy.bench.generator.cancel_unanswered(&shoot).await.unwrap();
    let known = comfy.known.lock().unwrap();
    assert_eq!((known.running.len(), comfy.stub.count("POST /interrupt")), (0, 1));
    let left: Vec<&Value> = known.pending.iter().map(|one| &one[1]).collect();
    assert_eq!(left, ["somebody-elses"]);
}

#[tokio::test]
async fn after_its_restart_a_shoot_is_lost() {
    let comfy = Comfy::start().await;
    let handle = comfy.bench.submit().await.unwrap();
    *comfy.known.lock().unwrap() = Known::default();
    assert_eq!(comfy.bench.told(&handle).await, "lost");
    assert_eq!(comfy.bench.told(&Handle::new("run-7")).await, "lost");
}

#[tokio::test]
async fn a_node_that_fails_is_named() {
    let comfy = Comfy::start().await;
    let handle = comfy.bench.submit().await.unwrap();
    let error =
        json!({ "node_id": "6", "node_type": "CheckpointLoaderSimple", "exception_message": "CUDA out of\nmemory" });
    {
        let mut known = comfy.known.lock().unwrap();
        known.begin();
        known.end(json!({ "outputs": {}, "status": { "status_str": "error", "messages": [["execution_start", {}], ["execution_error", error]] } }));
    }
    let told = comfy.bench.told(&handle).await;
    assert_eq!(told, "unavailable: ComfyUI stopped at node 6 (CheckpointLoaderSimple). CUDA out of memory");
    {
        let mut known = comfy.known.lock().unwrap();
        let first = known.history.keys().next().unwrap().clone();
        known.history.insert(first, json!({ "outputs": {}, "status": { "status_str": "success" } }));
        while !known.pending.is_empty() {
            known.finish();
        }
    }
    assert_eq!(comfy.bench.told(&handle).await, "unavailable: ComfyUI made no picture at node 4 (SaveImage).");
}

/// What a real one says of a graph that names a model it doesn't have.
fn missing_model() -> Value {
    json!({
        "error": { "type": "prompt_outputs_failed_validation", "message": "Prompt outputs failed validation", "details": "", "extra_info": {} },
        "node_errors": { "6": { "errors": [{ "type": "value_not_in_list", "message": "Value not in list",
            "details": "ckpt_name: 'none.safetensors' not in []", "extra_info": {} }], "dependent_outputs": ["4"] } },
    })
}

#[tokio::test]
async fn admins_read_why_the_last_shoot_failed_until_one_succeeds() {
    let (known, graph, refuses) = (Arc::new(Mutex::new(Known::default())), graph(), Arc::new(AtomicBool::new(true)));
    let inner = comfy(known.clone());
    let stub = Stub::start({
        let refuses = refuses.clone();
        move |asked| {
            let mut all = known.lock().unwrap();
            if asked.what == "GET /queue" && !all.pending.is_empty() {
                all.finish();
            }
            drop(all);
            match asked.what.as_str() {
                "POST /prompt" if refuses.load(Ordering::SeqCst) => Reply::Json(400, missing_model()),
                _ => inner(asked),
            }
        }
    })
    .await;
    let (path, data) = (graph.path().display().to_string(), tempfile::tempdir().unwrap());
    let settings = [("generator", "comfyui"), ("generator_url", &stub.url), ("generator_graph", &path)];
    let wishes =
        Wishes { settings: flags(&settings), means: means(USUAL), data: Some(data.path().to_owned()), program: None };
    let app = TestApp::start_with(wishes).await;
    let (globex, _) = app.stranger().await;
    let theirs = app.browser(&globex, "hank@globex.test", Role::Owner).await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    submit(&app, &kim).await.redirects();
    app.run_jobs().await;
    assert_eq!(shoot(&app, &id).state, State::Failed);

    let why = " UTC: ComfyUI refuses the graph. \
               node 6 (CheckpointLoaderSimple): Value not in list, ckpt_name: &#39;none.safetensors&#39; not in []";
    let page = app.page(PAGE).await;
    assert!(page.contains("Ready") && page.contains("The last shoot failed on ") && page.contains(why), "{page}");
    assert!(!app.get(&theirs, PAGE).await.text().contains("The last shoot failed"), "it is another organization's");
    let waits = app.get(&kim, "/team-member/waiting").await.text();
    assert!(!waits.contains("ComfyUI"), "{waits}");
    let checks = checked(&app).await;
    assert!(checks.contains("Worth a look") && checks.contains("But the last shoot failed on "), "{checks}");
    assert!(checks.contains("warn  generator"), "{checks}");

    refuses.store(false, Ordering::SeqCst);
    until(&app, &id, State::Ready).await;
    assert!(!app.page(PAGE).await.contains("The last shoot failed"));
    assert!(!checked(&app).await.contains("Worth a look"));
    app.stop().await;
}

#[tokio::test]
async fn a_graph_it_refuses_is_explained_and_nothing_stays_queued() {
    let invalid = json!({ "error": { "type": "invalid_prompt", "message": "Cannot execute", "details": "Node ID '#9'" }, "node_errors": {} });
    for (body, words) in [
        (
            missing_model(),
            "node 6 (CheckpointLoaderSimple): Value not in list, ckpt_name: 'none.safetensors' not in []",
        ),
        (invalid, "Cannot execute, Node ID '#9'"),
        (json!("no"), "ComfyUI refuses the graph"),
    ] {
        let known = Arc::new(Mutex::new(Known::default()));
        let (inner, graph) = (comfy(known.clone()), graph());
        let stub = Stub::start(move |asked| match asked.what.as_str() {
            "POST /prompt" => Reply::Json(400, body.clone()),
            _ => inner(asked),
        })
        .await;
        let told = said(&bench(&stub, &graph, USUAL).await.submit().await.unwrap_err());
        assert!(told.starts_with("unavailable: ComfyUI refuses the graph.") || words.ends_with("graph"), "{told}");
        assert!(told.contains(words), "{told}");
        assert!(known.lock().unwrap().pending.is_empty());
    }
}

#[tokio::test]
async fn what_is_broken_or_slow_is_given_up() {
    for (reply, words) in [
        (Reply::Json(200, json!({ "queue": 7 })), "can't be read"),
        (Reply::Json(500, json!({})), "500"),
        (Reply::Reset, "unavailable"),
        (Reply::Huge, "larger than"),
        (Reply::Endless, "larger than"),
    ] {
        let (stub, graph) = (Stub::start(move |_| reply.clone()).await, graph());
        let told = said(&bench(&stub, &graph, USUAL).await.submit().await.unwrap_err());
        assert!(told.starts_with("unavailable: ") && told.contains(words), "{told}");
    }
    for reply in [Reply::Hang, Reply::Drip] {
        let (stub, graph) = (Stub::start(move |_| reply.clone()).await, graph());
        assert_eq!(said(&bench(&stub, &graph, SHORT).await.submit().await.unwrap_err()), "timed out");
    }
}

#[tokio::test]
async fn a_graph_that_can_not_be_used_is_refused_at_the_start() {
    let file = graph();
    std::fs::write(file.path(), GRAPH.replace("{{seed}}", "1")).unwrap();
    let path = file.path().display().to_string();
    let settings =
        flags(&[("generator", "comfyui"), ("generator_url", "http://127.0.0.1:8188"), ("generator_graph", &path)]);
    let config = Config::load(&Sources { flags: settings, ..Sources::default() }).unwrap();
    let refused = generator::elsewhere(&config.generator, &Storage::memory(), &means(USUAL)).err().unwrap().to_string();
    assert_eq!(
        refused,
        format!(
            "The graph {path} can't be used: it has no {{{{seed}}}}; write it where the seed stands, in the sampler node."
        )
    );
}
