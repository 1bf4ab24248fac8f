//! Addresses that must never be connected to: refused when they are saved, and at each attempt.

use std::{
    io,
    net::IpAddr,
    sync::{Arc, Mutex},
};

use futures::future::BoxFuture;
use headroom::{
    config::{Config, Sources},
    outbound::{Lookup, Means, Outbound, Post},
    webhooks::State,
};
use reqwest::{Url, header::HeaderMap};
use tokio::net::TcpStream;

use super::{
    kit::{SHORT, until},
    receiver::{Receiver, Reply},
};
use crate::{
    app::{TestApp, Wishes},
    tally::Tally,
};

/// Where the server itself is reached.
const OWN: &str = "https://headshots.acme.test";

/// `PORT` is where a listener counts who comes.
const HOSTILE: [&str; 52] = [
    "http://127.0.0.1:PORT/",
    "http://127.0.0.1.:PORT/",
    "http://127.1:PORT/",
    "http://127.0.1:PORT/",
    "http://2130706433:PORT/",
    "http://0x7f000001:PORT/",
    "http://0x7f.0.0.1:PORT/",
    "http://0177.0.0.1:PORT/",
    "http://0177.0.0.01:PORT/",
    "http://017700000001:PORT/",
    "http://127.0.0.2:PORT/",
    "http://127.255.255.254:PORT/",
    "http://0:PORT/",
    "http://0.0.0.0:PORT/",
    "http://%31%32%37.0.0.1:PORT/",
    "http://１２７.0.0.1:PORT/",
    "http://①②⑦.0.0.1:PORT/",
    "http://127。0。0。1:PORT/",
    "http:\\\\127.0.0.1:PORT\\",
    "http:127.0.0.1:PORT/",
    "http://[::1]:PORT/",
    "http://[0:0:0:0:0:0:0:1]:PORT/",
    "http://[::]:PORT/",
    "http://[::ffff:127.0.0.1]:PORT/",
    "http://[::ffff:7f00:1]:PORT/",
    "http://[::127.0.0.1]:PORT/",
    "http://[64:ff9b::127.0.0.1]:PORT/",
    "http://[64:ff9b:1::7f00:1]:PORT/",
    "http://[2002:7f00:1::]:PORT/",
    "http://[fe80::1]:PORT/",
    "http://[fc00::1]/",
    "http://[fd12:3456::1]/",
    "http://[ff02::1]/",
    "http://[2001::1]/",
    "http://[2001:db8::1]/",
    "http://[100::1]/",
    "http://10.0.0.1/",
    "http://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://198.18.0.1/",
    "http://203.0.113.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://localhost:PORT/",
    "http://localhost.:PORT/",
    "http://LOCALHOST:PORT/",
    "http://inside.acme.test:PORT/",
    "https://headshots.acme.test/api/v2",
    "https://HEADSHOTS.acme.test.:443/",
    "https://headshots.acme.test./",
];

/// Knows names by heart. Each answer is given once, the last one for ever.
#[derive(Debug)]
struct ByHeart(Mutex<Vec<(&'static str, Vec<&'static str>)>>, Mutex<Vec<String>>);

impl ByHeart {
    fn new(answers: &[(&'static str, &[&'static str])]) -> Arc<Self> {
        let answers = answers.iter().map(|(name, found)| (*name, found.to_vec())).collect();
        Arc::new(Self(Mutex::new(answers), Mutex::default()))
    }

    fn asked(&self) -> usize {
        self.1.lock().unwrap().len()
    }
}

impl Lookup for ByHeart {
    fn lookup<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        self.1.lock().unwrap().push(name.to_owned());
        let mut answers = self.0.lock().unwrap();
        let known: Vec<usize> = (0..answers.len()).filter(|at| answers[*at].0 == name).collect();
        let found = match known.as_slice() {
            [] => Err(io::Error::other("no such name")),
            [last] => Ok(answers[*last].1.clone()),
            [first, ..] => Ok(answers.remove(*first).1),
        };
        Box::pin(async move { Ok(found?.iter().map(|address| address.parse().unwrap()).collect()) })
    }
}

fn outbound(allow: &str, lookup: Arc<dyn Lookup>) -> Outbound {
    let flags = vec![("webhook_allow", allow.to_owned())];
    let config = Config::load(&Sources { flags, ..Sources::default() }).unwrap();
    Outbound::new(&config, &[OWN], false, Means { lookup, limits: SHORT }).unwrap()
}

fn post(url: &Url) -> Post {
    Post { url: url.clone(), headers: HeaderMap::new(), body: "{}".to_owned() }
}

/// What is said to someone who tries this.
async fn refused(outbound: &Outbound, url: &Url) -> (String, String) {
    let at_save =
        outbound.must_be_allowed(url).await.map_or_else(|refusal| refusal.to_string(), |()| "allowed".to_owned());
    let at_attempt = outbound.post(&post(url)).await.answer;
    (at_save, at_attempt.map_or_else(|trouble| trouble.to_string(), |answer| format!("{}", answer.status)))
}

#[tokio::test]
async fn nothing_is_ever_connected_to_that_is_not_the_internet() {
    let tally = Tally::begin("hostile");
    let listener = Receiver::start_at("0.0.0.0:0", tokio::sync::Semaphore::MAX_PERMITS, |_| Reply::Status(200)).await;
    let port = listener.address.port().to_string();
    let lookup = ByHeart::new(&[
        ("localhost", &["127.0.0.1", "::1"]),
        ("localhost.", &["127.0.0.1"]),
        ("inside.acme.test", &["127.0.0.1", "10.0.0.1", "fd00::1"]),
        // Where the server's own name leads is public; it is the name that gives it away.
        ("headshots.acme.test", &["127.0.0.1"]),
    ]);
    let outbound = outbound("", lookup);
    for text in HOSTILE {
        let url = Url::parse(&text.replace("PORT", &port)).unwrap();
        let own = text.to_lowercase().contains("headshots");
        let words = if own { "this server's own" } else { "a private or reserved address" };
        let (at_save, at_attempt) = refused(&outbound, &url).await;
        assert!(at_save.contains(words), "at save: {text}: {at_save}");
        assert!(at_attempt.contains(words), "at the attempt: {text}: {at_attempt}");
    }
    assert_eq!(listener.connections(), 0);
    tally.end(
        "Webhook URLs that lead inside, when saved and when delivered to",
        2 * HOSTILE.len(),
        listener.connections(),
        "webhooks::hostile",
    );
    drop(TcpStream::connect(("127.0.0.1", listener.address.port())).await.unwrap());
    until(|| listener.connections() == 1).await;
}

#[tokio::test]
async fn what_the_operator_allows_is_connected_to_and_nothing_else() {
    let listener = Receiver::start_at("0.0.0.0:0", tokio::sync::Semaphore::MAX_PERMITS, |_| Reply::Status(200)).await;
    let port = listener.address.port();
    let names = ByHeart::new(&[("inside.acme.test", &["127.0.0.1", "127.0.0.2"])]);
    let outbound = outbound("127.0.0.2/32, 10.7.0.0/16", names);
    for allowed in ["http://127.0.0.2", "http://inside.acme.test"] {
        let url = Url::parse(&format!("{allowed}:{port}/")).unwrap();
        assert_eq!(refused(&outbound, &url).await, ("allowed".to_owned(), "200".to_owned()), "{allowed}");
    }
    let other = Url::parse(&format!("http://127.0.0.3:{port}/")).unwrap();
    assert!(refused(&outbound, &other).await.1.contains("a private or reserved address"));
    // Allowed or not, posting to ourselves would go round in circles.
    assert!(refused(&outbound, &Url::parse(OWN).unwrap()).await.1.contains("this server's own"));
    assert_eq!(listener.connections(), 2);
}

/// DNS rebinding: an address that is checked and another that is connected to.
#[tokio::test]
async fn the_address_that_is_judged_is_the_one_that_is_connected_to() {
    let (checked, other) = (Receiver::start_at("127.0.0.2:0", 1000, |_| Reply::Close).await, "127.0.0.1");
    let trap = Receiver::start_at(&format!("{other}:{}", checked.address.port()), 1000, |_| Reply::Status(200)).await;
    let lookup =
        ByHeart::new(&[("rebind.test", &["127.0.0.2"]), ("rebind.test", &["127.0.0.2"]), ("rebind.test", &[other])]);
    let outbound = outbound("127.0.0.2/32", lookup.clone());
    let url = Url::parse(&format!("http://rebind.test:{}/", checked.address.port())).unwrap();
    outbound.must_be_allowed(&url).await.unwrap();
    outbound.post(&post(&url)).await.answer.unwrap_err();
    assert_eq!((checked.connections(), lookup.asked()), (1, 2), "asked once for each connection");
    let (at_save, at_attempt) = refused(&outbound, &url).await;
    for words in [at_save, at_attempt] {
        assert!(words.starts_with("rebind.test leads to 127.0.0.1, which is a private"), "{words}");
    }
    assert_eq!((checked.connections(), trap.connections()), (1, 0));
}

#[tokio::test]
async fn a_name_that_nobody_knows_may_be_known_tomorrow() {
    let outbound = outbound("", ByHeart::new(&[("empty.acme.test", &[])]));
    for name in ["new", "empty"] {
        let (at_save, at_attempt) =
            refused(&outbound, &Url::parse(&format!("https://{name}.acme.test")).unwrap()).await;
        assert_eq!(at_save, "allowed");
        assert!(at_attempt.starts_with("Could not connect: "), "{at_attempt}");
    }
}

#[derive(Debug)]
struct Silent;

impl Lookup for Silent {
    fn lookup<'a>(&'a self, _: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn a_name_server_that_says_nothing_is_not_waited_for() {
    let outbound = outbound("", Arc::new(Silent));
    let (at_save, at_attempt) = refused(&outbound, &Url::parse("https://acme.test").unwrap()).await;
    assert_eq!(at_save, "allowed");
    assert!(at_attempt.starts_with("Connecting took longer than"), "{at_attempt}");
}

#[tokio::test]
async fn no_redirect_leads_inside() {
    let inside = Receiver::happy().await;
    let location: &'static str = Box::leak(format!("location: {}", inside.url("/")).into_boxed_str());
    let outside = Receiver::start_at("127.0.0.2:0", 1000, move |_| Reply::Full(307, location, String::new())).await;
    let outbound = outbound("127.0.0.2/32", ByHeart::new(&[]));
    let answer = outbound.post(&post(&Url::parse(&outside.url("/")).unwrap())).await.answer.unwrap();
    assert_eq!((answer.status, inside.connections()), (307, 0));
}

#[tokio::test]
async fn an_endpoint_that_moved_inside_is_refused_at_each_attempt() {
    let trap = Receiver::happy().await;
    let lookup = ByHeart::new(&[("hooks.acme.test", &["127.0.0.1"])]);
    let wishes = Wishes {
        settings: vec![("webhook_allow", String::new())],
        means: Means { lookup, ..Means::default() },
        ..Wishes::default()
    };
    let app = TestApp::start_with(wishes).await;
    app.endpoint(&format!("http://hooks.acme.test:{}/", trap.address.port()), &[]).await;
    app.endpoint(&trap.url("/"), &[]).await;
    app.member("kim@acme.test").await;
    app.deliver_first().await;
    app.come_to(app.next_attempt()).await;
    for delivery in app.log() {
        let words = delivery.trouble.unwrap();
        assert!(words.contains("a private or reserved address"), "{words}");
        assert!(matches!(delivery.state, State::Waiting) && delivery.attempts >= 1);
    }
    assert_eq!(trap.connections(), 0);
}
