//! A server that is away for a moment, a studio that is broken, and a worker that has gone: none of them spoils a shoot.

use std::{
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    http::StatusCode as Status,
    web::{self, Data},
};
use bytes::Bytes;

use super::*;

/// Between a worker and its server, like a proxy that knows for a moment of no server behind it: each question for work or for a
/// photo is answered 404 when it comes first.
struct Proxy {
    server: String,
    client: reqwest::Client,
    /// What was asked, and when.
    asked: Mutex<Vec<(String, Instant)>>,
}

impl Proxy {
    /// One in front of a server, and where it is.
    fn start(server: &str) -> (Data<Self>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (server, client) = (server.to_owned(), reqwest::Client::new());
        let proxy = Data::new(Self { server, client, asked: Mutex::default() });
        let shared = proxy.clone();
        let passing = HttpServer::new(move || {
            let largest = web::PayloadConfig::new(protocol::LARGEST);
            App::new().app_data(shared.clone()).app_data(largest).default_service(web::to(pass))
        });
        tokio::spawn(passing.workers(1).disable_signals().listen(listener).unwrap().run());
        (proxy, url)
    }

    fn asked(&self, path: &str) -> Vec<Instant> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.iter().filter(|(what, _)| what == path).map(|(_, at)| *at).collect()
    }
}

async fn pass(proxy: Data<Proxy>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let path = request.path().to_owned();
    proxy.asked.lock().unwrap().push((path.clone(), Instant::now()));
    if (path.ends_with("/claim") || path.contains("/photos/")) && proxy.asked(&path).len() == 1 {
        return HttpResponse::NotFound().body("404 page not found");
    }
    let method: Method = request.method().as_str().parse().unwrap();
    let mut on = proxy.client.request(method, format!("{}{path}", proxy.server)).body(body);
    for name in ["authorization", "accept", "content-type", protocol::VERSION_HEADER, protocol::LEASE_HEADER] {
        if let Some(value) = request.headers().get(name) {
            on = on.header(name, value.as_bytes());
        }
    }
    let answer = on.send().await.unwrap();
    HttpResponse::build(Status::from_u16(answer.status().as_u16()).unwrap()).body(answer.bytes().await.unwrap())
}

#[tokio::test]
async fn a_404_of_a_proxy_is_waited_out_and_takes_no_photo_from_a_shoot() {
    let app = TestApp::start_with(with("0")).await;
    let (proxy, url) = Proxy::start(&app.url);
    let _worker = Worker::start_at(&url, "box-1").await;
    let (kim, id) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    upload(&app, &kim, "again.jpg", portrait(2)).await.ok();
    submit(&app, &kim).await.redirects();
    let ready = until(&app, &id, |shoot| matches!(shoot.state, State::Ready | State::Failed)).await;
    assert_eq!((ready.state, ready.failure, delivered(&app, &id)), (State::Ready, None, (1, 1)));
    for photo in uploaded(&app, &id) {
        assert_eq!(proxy.asked(&format!("/worker/photos/{}", photo.id)).len(), 2, "asked again for each");
    }
    let claims = proxy.asked("/worker/claim");
    assert!(claims[1] - claims[0] >= Duration::from_secs(1), "asked again after a pause");
    app.stop().await;
}

#[tokio::test]
async fn a_broken_studio_leaves_the_line_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("program");
    let text = format!("#!/bin/sh\nif [ \"$2\" = shoot ]; then exit 1; fi\nexec {HEADROOM} \"$@\"\n");
    std::fs::write(&program, text).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let app = TestApp::start_with(Wishes { program: Some(program), ..with("1") }).await;
    let (kim, first) = app.member("kim@acme.test").await;
    let (lee, second) = app.member("lee@acme.test").await;
    gather(&app, &kim).await;
    gather(&app, &lee).await;
    submit(&app, &kim).await.redirects();
    let failed = until(&app, &first, |shoot| shoot.state == State::Failed).await;
    assert!(!failed.gave_up(), "it is tried again later");
    // The server itself waits a while before it spoils another one.
    submit(&app, &lee).await.redirects();
    let hand = Hand::new(&app);
    let wanted = hand.claims().await;
    assert_eq!(wanted["shoot"], second.as_str());
    assert_eq!(hand.makes(&wanted).await, 204);
    let ready = until(&app, &second, |shoot| shoot.state == State::Ready).await;
    assert_eq!(ready.restarts, 0);
    app.stop().await;
}

#[tokio::test]
async fn a_worker_that_has_gone_takes_no_shoot_any_more() {
    let app = TestApp::start_with(with("0")).await;
    let gone = Hand::new(&app);
    let question = gone.claims();
    // Its question is open at the server when it goes, and the connection ends with it.
    assert!(tokio::time::timeout(Duration::from_millis(700), question).await.is_err());
    assert_eq!(workers(&app).len(), 1, "the question has come");
    let id = handed_in(&app).await;
    // By now it is up, and whoever listened has heard of it.
    app.run_jobs().await;
    let (wanted, losses) = (Hand::new(&app).claims().await, "select losses from work where shoot_id = ?1");
    assert_eq!(wanted["shoot"], id.as_str());
    assert_eq!(app.db.read(|view| view.one(losses, [&id], |row| row.get::<_, u32>(0))).unwrap(), 0);
    app.stop().await;
}

#[tokio::test]
async fn a_worker_that_the_server_has_forgotten_is_known_again_when_it_asks_for_work() {
    let app = TestApp::start_with(with("0")).await;
    let hand = Hand::new(&app);
    assert_eq!(hand.tells("hello", &hello()).await, 200);
    app.db.write(headroom::workers::clear).await.unwrap();
    assert_eq!(workers(&app).len(), 0);
    tokio::join!(hand.claims(), handed_in(&app));
    let seen = workers(&app);
    assert_eq!((seen.len(), seen[0].name.as_str(), seen[0].at_once, seen[0].makes), (1, "hand", 1, 1));
    app.stop().await;
}
