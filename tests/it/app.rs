//! A Headroom of one's own: a real server on a free port, in memory, spoken to over HTTP like any client would.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use headroom::{
    auth::{self, Lifetime, NewKey, Scopes},
    config::{Config, Sources},
    credits,
    db::Db,
    ids::{InviteId, MailId, OrganizationId, ShootId},
    invites::{self, NewInvite},
    mail::{self, Mail},
    members::{self, Actor, Email},
    organizations::{self, NewOrganization, OrganizationName},
    outbound::Means,
    queue,
    secrets::ServerKey,
    server::{Mode, Server},
    shoots,
    storage::Storage,
    undo,
    webhooks::{self, Target},
};
use reqwest::{
    Method, StatusCode,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde_json::Value;
use tokio::{sync::oneshot, task::JoinHandle};

use crate::document;

pub(crate) const INVITES: &str = "/api/v2/organization/invites";
pub(crate) const LINKS: &str = "/api/v2/organization/links";
pub(crate) const TEAMS: &str = "/api/v2/organization/teams";

/// How long anything may take before a test gives up on it; far more than it should.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Who is asking.
#[derive(Clone, Debug)]
pub(crate) enum Caller {
    /// A program with this key.
    Key(String),
    /// A browser with this session.
    Browser(String),
    /// A browser with this session inside another product.
    Embedded(String),
    /// Nobody we know.
    Nobody,
}

pub(crate) struct TestApp {
    pub(crate) url: String,
    pub(crate) db: Db,
    pub(crate) key: ServerKey,
    pub(crate) storage: Storage,
    pub(crate) client: reqwest::Client,
    /// The organization everything happens in.
    pub(crate) organization: OrganizationId,
    /// A key of it that may do anything.
    pub(crate) lead: Caller,
    /// Its owner's browser.
    pub(crate) owner: Caller,
    /// Where its metrics are, if a test wants them.
    pub(crate) metrics: Option<String>,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<headroom::error::Result<()>>>,
}

/// What a test wants otherwise than usual.
#[derive(Default)]
pub(crate) struct Wishes {
    /// Settings, as flags would set them.
    pub(crate) settings: Vec<(&'static str, String)>,
    /// A data directory: files instead of memory.
    pub(crate) data: Option<PathBuf>,
    /// Other means of going out over HTTP.
    pub(crate) means: Means,
    /// Another program for the children that work on pictures.
    pub(crate) program: Option<PathBuf>,
}

impl TestApp {
    /// With Acme, its owner Ada, 100 credits and a key.
    pub(crate) async fn start() -> Self {
        Self::start_with(Wishes::default()).await
    }

    pub(crate) async fn start_with(wishes: Wishes) -> Self {
        let server = build(wishes);
        let (organization, key, session) =
            server.app().db.write(|tx| Ok(populate(tx, "Acme", "ada@acme.test"))).await.unwrap();
        Self::serve(server, organization, Caller::Key(key), Caller::Browser(session))
    }

    /// Stops the server and starts another one; with the same data directory, it knows what the first one knew.
    pub(crate) async fn restart(mut self, wishes: Wishes) -> Self {
        self.halt().await;
        Self::serve(build(wishes), self.organization, self.lead, self.owner)
    }

    fn serve(server: Server, organization: OrganizationId, lead: Caller, owner: Caller) -> Self {
        let (url, db) = (server.app().urls.base().to_owned(), server.app().db.clone());
        let (key, storage) = (server.app().key.clone(), server.app().storage.clone());
        let metrics = server.metrics_url();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(server.run_until(async {
            let _ = stopped.await;
        }));
        let (stop, serving) = (Some(stop), Some(serving));
        Self { url, db, key, storage, client: client(), organization, lead, owner, metrics, stop, serving }
    }

    /// A second organization beside Acme, and a key of it.
    pub(crate) async fn stranger(&self) -> (OrganizationId, Caller) {
        self.organization("Globex", "hank@globex.test").await
    }

    /// One more organization, and a key of it.
    pub(crate) async fn organization(&self, name: &str, owner: &str) -> (OrganizationId, Caller) {
        let (name, owner) = (name.to_owned(), owner.to_owned());
        let (organization, key, _) = self.db.write(move |tx| Ok(populate(tx, &name, &owner))).await.unwrap();
        (organization, Caller::Key(key))
    }

    /// A key of Acme with these scopes only.
    pub(crate) async fn key(&self, scopes: &str, lifetime: Lifetime) -> Caller {
        self.key_of(&self.organization, scopes, lifetime).await
    }

    /// A key of an organization with these scopes only.
    pub(crate) async fn key_of(&self, organization: &OrganizationId, scopes: &str, lifetime: Lifetime) -> Caller {
        let new = NewKey { name: "Test".to_owned(), scopes: scopes.parse().unwrap(), lifetime };
        let by = Actor::operator(organization.clone());
        Caller::Key(self.db.write(move |tx| auth::make_key(tx, &by, &new)).await.unwrap().text)
    }

    pub(crate) async fn get(&self, caller: &Caller, path: &str) -> Answer {
        self.send(caller, Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, caller: &Caller, path: &str, body: &Value) -> Answer {
        self.send(caller, Method::POST, path, Some(body)).await
    }

    pub(crate) async fn put(&self, caller: &Caller, path: &str, body: &Value) -> Answer {
        self.send(caller, Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, caller: &Caller, path: &str) -> Answer {
        self.send(caller, Method::DELETE, path, None).await
    }

    async fn send(&self, caller: &Caller, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let mut request = self.request(caller, method, path);
        if let Some(body) = body {
            request = request.json(body);
        }
        Answer::of(request).await
    }

    /// A request that only lacks its body.
    pub(crate) fn request(&self, caller: &Caller, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.url));
        match caller {
            Caller::Key(key) => request.bearer_auth(key),
            Caller::Browser(session) => request.header("cookie", format!("headroom={session}")),
            Caller::Embedded(session) => request.header("cookie", format!("embedded={session}")),
            Caller::Nobody => request,
        }
    }

    /// A form as a browser posts it from one of our own pages.
    pub(crate) async fn submit(&self, caller: &Caller, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self
            .request(caller, Method::POST, path)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        Answer::of(request).await
    }

    /// Returns once no job is due.
    pub(crate) async fn run_jobs(&self) {
        let begun = Instant::now();
        loop {
            let busy = self
                .db
                .read(|view| Ok(queue::loads(view)?.iter().any(|load| load.running > 0 || load.overdue.is_some())));
            if !busy.unwrap() {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "jobs are still due after {PATIENCE:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Moves the clock, and runs what is due then.
    pub(crate) async fn advance(&self, span: Duration) {
        self.db.clock().advance(span);
        self.run_jobs().await;
    }

    /// Lets the time pass in which somebody could undo what they asked for on a page, and lets it happen.
    pub(crate) async fn let_go(&self) {
        self.advance(undo::GRACE).await;
    }

    /// All mails, newest first.
    pub(crate) fn outbox(&self) -> Vec<Mail> {
        self.db.read(|view| mail::outbox(view, None::<&MailId>, 1000)).unwrap()
    }

    /// All mails as `to: subject`, oldest first.
    pub(crate) fn mails(&self) -> Vec<String> {
        self.outbox().iter().rev().map(|mail| format!("{}: {}", mail.to, mail.subject)).collect()
    }

    /// The token of the newest sign-in link that was mailed to an address. Other mails may come at the same moment.
    pub(crate) fn token_for(&self, email: &str) -> String {
        let texts = self.outbox().into_iter().filter(|mail| mail.to.as_str() == email).filter_map(|mail| mail.text);
        let mut links = texts.filter_map(|text| text.split("/auth/link/").nth(1).map(str::to_owned));
        let newest = links.next().expect("a sign-in link to this address");
        newest.split_whitespace().next().unwrap().to_owned()
    }

    pub(crate) async fn patch(&self, caller: &Caller, path: &str, body: &Value) -> Answer {
        self.send(caller, Method::PATCH, path, Some(body)).await
    }

    /// Someone who was invited and has accepted: their browser, and their shoot.
    pub(crate) async fn member(&self, email: &str) -> (Caller, ShootId) {
        let new = NewInvite { email: email.parse().unwrap(), team: None };
        let by = Actor::operator(self.organization.clone());
        let invite = self.db.write(move |tx| invites::invite(tx, &by, &new)).await.unwrap();
        self.accept(&invite.id).await
    }

    /// Accepts an invite as its mail's link does: the browser it signs in, and the shoot that begins.
    pub(crate) async fn accept(&self, invite: &InviteId) -> (Caller, ShootId) {
        let invite = invite.clone();
        let accepted = self.db.write(move |tx| {
            let minted = auth::mint_invite(tx, &invite)?.expect("an open invite");
            let entered = auth::use_token(tx, minted.token.reveal(), &auth::Device::default())?;
            let member = entered.member.expect("a member");
            let shoot = shoots::latest(tx, &member.id)?.expect("a shoot");
            Ok((Caller::Browser(entered.session.reveal().to_owned()), shoot.id))
        });
        accepted.await.unwrap()
    }

    /// Changes one of Acme's settings, as the operator does.
    pub(crate) async fn set(&self, key: &'static str, value: &'static str) {
        let organization = self.organization.clone();
        self.db.write(move |tx| organizations::set(tx, &organization, key, value)).await.unwrap();
    }

    /// Gives Acme all that the whitelabel API asks for.
    pub(crate) async fn switch_whitelabel_on(&self) {
        whitelabel_on(&self.db, &self.organization).await;
    }

    pub(crate) async fn grant(&self, amount: i64) {
        let organization = self.organization.clone();
        self.db.write(move |tx| credits::grant(tx, &organization, amount, "Test")).await.unwrap();
    }

    pub(crate) fn credits(&self) -> i64 {
        self.db.read(|view| Ok(organizations::get(view, &self.organization)?.credits)).unwrap()
    }

    /// Brings the balance to zero through the ledger, as submissions would.
    pub(crate) async fn spend_all(&self) {
        let organization = self.organization.clone();
        self.db
            .write(move |tx| {
                let member = members::leads(tx, &organization)?.remove(0);
                while organizations::get(tx, &organization)?.credits > 0 {
                    let shoot = shoots::begin(tx, &organization, &member.id, false)?;
                    credits::take(tx, &organization, &shoot.id)?;
                }
                Ok(())
            })
            .await
            .unwrap();
    }

    /// Stops the server as a signal would.
    pub(crate) async fn stop(mut self) {
        self.halt().await;
    }

    async fn halt(&mut self) {
        drop(self.stop.take());
        if let Some(serving) = self.serving.take() {
            serving.await.unwrap().unwrap();
        }
    }
}

/// Gives an organization all that the whitelabel API asks for.
pub(crate) async fn whitelabel_on(db: &Db, organization: &OrganizationId) {
    let (organization, key) = (organization.clone(), ServerKey::random());
    let on = db.write(move |tx| {
        organizations::set(tx, &organization, "whitelabel", "on")?;
        // Nothing is ever posted there: the server can't read a secret that another key sealed.
        let target = Target::parse("http://127.0.0.1:9/hooks")?;
        webhooks::set_url(tx, &Actor::operator(organization), &key, &target)
    });
    on.await.unwrap();
}

fn build(wishes: Wishes) -> Server {
    let mut flags = vec![
        ("listen", "127.0.0.1:0".to_owned()),
        ("rate_limit", "0".to_owned()),
        ("generator", "sample".to_owned()),
        ("dev_shoot", "1s".to_owned()),
        ("webhook_allow", "127.0.0.0/8".to_owned()),
        // Most tests upload the same picture again and again, and each look at one takes a while.
        ("photo_checks", "off".to_owned()),
    ];
    flags.extend(wishes.settings);
    let mode = match wishes.data {
        Some(data) => {
            flags.push(("data", data.display().to_string()));
            Mode::Serve
        }
        None => Mode::Dev,
    };
    let mut config = Config::load(&Sources { flags, ..Sources::default() }).unwrap();
    // This program is a test; children are the one it tests.
    // Other tests keep the processors busy.
    config.studio.priority = headroom::config::Priority::Normal;
    config.studio.program = wishes.program.unwrap_or_else(|| env!("CARGO_BIN_EXE_headroom").into());
    Server::build_with(config, mode, wishes.means).unwrap()
}

/// What asks as a browser or a program does: it follows nothing and is patient.
pub(crate) fn client() -> reqwest::Client {
    // A test that has no server in its own process is the first to need it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(PATIENCE)
        // Well before the server closes it: a form can't be sent a second time by itself when both happen at once.
        .pool_idle_timeout(Duration::from_secs(1))
        .build()
        .unwrap()
}

fn populate(tx: &headroom::db::Tx, name: &str, owner: &str) -> (OrganizationId, String, String) {
    let owner: Email = owner.parse().unwrap();
    let new = NewOrganization {
        name: OrganizationName::parse(name).unwrap(),
        website: Some(format!("https://{}.test", name.to_lowercase())),
        unlimited: false,
        whitelabel: false,
    };
    let organization = organizations::create(tx, &new).unwrap();
    members::add_owner(tx, &organization.id, &owner).unwrap();
    credits::grant(tx, &organization.id, 100, "To begin with").unwrap();
    let key = NewKey { name: "Test".to_owned(), scopes: Scopes::all(), lifetime: Lifetime::Unlimited };
    let key = auth::make_key(tx, &Actor::operator(organization.id.clone()), &key).unwrap();
    let account = members::account_for(tx, &owner).unwrap();
    let session = auth::begin_session(tx, &account, auth::Method::Link, &auth::Device::default()).unwrap().session;
    (organization.id, key.text, session.reveal().to_owned())
}

/// An answer, read to its end and held against the API's document.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) async fn of(request: reqwest::RequestBuilder) -> Self {
        let (client, request) = request.build_split();
        let request = request.unwrap();
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let answer = client.execute(request).await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await.unwrap().to_vec();
        document::check(&method, &path, status, &body);
        Self { status, headers, body }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(crate) fn header(&self, name: &'static str) -> Option<&str> {
        self.headers.get(HeaderName::from_static(name)).map(HeaderValue::to_str).map(Result::unwrap)
    }

    /// Worked, and says so.
    #[track_caller]
    pub(crate) fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        let json = self.json();
        assert_eq!(json["success"], true, "{json}");
        json
    }

    /// Was refused, in the one shape of a refusal.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> String {
        let json = self.json();
        assert_eq!((self.status.as_u16(), json["code"].as_str()), (status, Some(code)), "{json}");
        let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["success", "error", "code"], "{json}");
        assert_eq!(json["success"], false);
        let sentence = json["error"].as_str().unwrap();
        assert!(sentence.ends_with('.') || sentence.ends_with("found"), "not a sentence: {sentence}");
        sentence.to_owned()
    }

    /// Sends the browser on; where to.
    #[track_caller]
    pub(crate) fn redirects(&self) -> &str {
        assert_eq!(self.status, 303, "{}", self.text());
        self.header("location").expect("a location")
    }
}
