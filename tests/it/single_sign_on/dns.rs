//! A name server of our own, and what it proves.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use hickory_resolver::proto::{
    op::{Message, MessageType, ResponseCode},
    rr::{RData, Record, rdata::TXT},
};
use tokio::{net::UdpSocket, task::JoinHandle};

use super::*;

type Zone = Arc<Mutex<BTreeMap<String, Vec<String>>>>;

struct NameServer {
    address: String,
    zone: Zone,
    answering: JoinHandle<()>,
}

impl NameServer {
    async fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let (address, zone) = (socket.local_addr().unwrap().to_string(), Zone::default());
        let shared = zone.clone();
        let answering = tokio::spawn(async move {
            let mut packet = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut packet).await {
                let asked = Message::from_vec(&packet[..length]).unwrap();
                let reply = answer(&asked, &shared.lock().unwrap());
                socket.send_to(&reply.to_vec().unwrap(), from).await.unwrap();
            }
        });
        Self { address, zone, answering }
    }

    fn holds(&self, name: &str, texts: &[&str]) {
        let texts = texts.iter().map(ToString::to_string).collect();
        self.zone.lock().unwrap().insert(format!("{name}."), texts);
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.answering.abort();
    }
}

fn answer(asked: &Message, zone: &BTreeMap<String, Vec<String>>) -> Message {
    let query = asked.queries[0].clone();
    let mut reply = asked.clone();
    reply.metadata.message_type = MessageType::Response;
    reply.metadata.recursion_available = true;
    match zone.get(&query.name().to_string().to_lowercase()) {
        Some(texts) => {
            for text in texts {
                // As long ones are kept: in pieces.
                let pieces =
                    text.as_bytes().chunks(40).map(|piece| String::from_utf8_lossy(piece).into_owned()).collect();
                reply.add_answer(Record::from_rdata(query.name().clone(), 60, RData::TXT(TXT::new(pieces))));
            }
        }
        None => reply.metadata.response_code = ResponseCode::NXDomain,
    }
    reply
}

async fn app(server: &NameServer) -> TestApp {
    TestApp::start_with(Wishes { settings: vec![("dns", server.address.clone())], ..Wishes::default() }).await
}

async fn added(app: &TestApp, name: &str) -> connections::Domain {
    app.submit(&app.owner, &format!("{SETTINGS}/domains"), &[("domain", name)]).await.redirects();
    let name: DomainName = name.parse().unwrap();
    app.db.read(|view| connections::named(view, &app.organization, &name)).unwrap()
}

async fn checked(app: &TestApp, domain: &connections::Domain) -> (connections::Domain, String) {
    let path = format!("{SETTINGS}/domains/{}/check", domain.id);
    let answer = app.submit(&app.owner, &path, &[]).await;
    assert_eq!(answer.redirects(), SETTINGS);
    let now = app.db.read(|view| connections::domain(view, &app.organization, &domain.id)).unwrap();
    (now, TestApp::flash(&answer))
}

#[tokio::test]
async fn a_record_proves_a_domain_and_what_stands_there_instead_is_said() {
    let server = NameServer::start().await;
    let app = app(&server).await;
    let domain = added(&app, "Acme.test").await;
    let (now, said) = checked(&app, &domain).await;
    assert!(now.proven_at.is_none());
    assert_eq!(said, "There is no TXT record at _headroom.acme.test or acme.test.");

    server.holds("acme.test", &["v=spf1 -all"]);
    server.holds("_headroom.acme.test", &["headroom-verification=of-someone-else"]);
    let (now, said) = checked(&app, &domain).await;
    assert!(now.proven_at.is_none());
    assert_eq!(
        said,
        "_headroom.acme.test holds \"headroom-verification=of-someone-else\", which is not this record's value."
    );
    assert!(app.get(&app.owner, SETTINGS).await.text().contains("of-someone-else"), "it stays on the page");

    server.holds("_headroom.acme.test", &["something else", &domain.text()]);
    let (now, said) = checked(&app, &domain).await;
    assert_eq!(now.proven_by, Some(connections::Proof::Dns), "{said}");
    assert_eq!(said, "acme.test is proven. The record can go.");
}

#[tokio::test]
async fn the_domain_itself_may_hold_the_record() {
    let server = NameServer::start().await;
    let app = app(&server).await;
    let domain = added(&app, "acme.test").await;
    server.holds("acme.test", &["v=spf1 -all", &domain.text()]);
    assert!(checked(&app, &domain).await.0.proven_at.is_some());
}

#[tokio::test]
async fn a_name_server_that_is_silent_changes_nothing() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap().to_string();
    drop(socket);
    let app = TestApp::start_with(Wishes { settings: vec![("dns", address)], ..Wishes::default() }).await;
    let domain = added(&app, "acme.test").await;
    let (now, said) = checked(&app, &domain).await;
    assert!(now.checked_at.is_none() && said.contains("name server"), "{said}");
}

#[tokio::test]
async fn a_domain_is_one_organizations_and_nobody_learns_whose() {
    let scene = Scene::start().await;
    let (globex, _) = scene.app.stranger().await;
    let by = Actor::operator(globex);
    let refused = scene.app.db.write(move |tx| {
        let domain = connections::add(tx, &by, &"acme.test".parse()?)?;
        connections::prove(tx, &by, &domain.id)
    });
    let refused = refused.await.unwrap_err().to_string();
    assert!(refused.contains("another organization") && !refused.contains("Acme"), "{refused}");
    for (name, words) in [
        ("gmail.com", "Anyone can have an address at gmail.com"),
        ("acme.test", "in the list already"),
        ("nonsense", "is not a domain"),
    ] {
        let answer = scene.app.submit(&scene.app.owner, &format!("{SETTINGS}/domains"), &[("domain", name)]).await;
        assert_eq!(answer.status, 400);
        assert!(answer.text().contains(words), "{name}");
    }
}
