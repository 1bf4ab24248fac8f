//! Single sign-on: whom a provider's word lets in, and every way in which it doesn't.

use std::time::Duration;

use headroom::{
    auth::{self, Device, Method as By},
    connections::{self, Connection, Settings},
    db::Tx,
    error::Result,
    invites::{self, NewInvite},
    members::{self, Actor, DomainName, Email, Member},
    outbound::{Limits, Means},
};
use serde_json::{Value, json};

use crate::app::{Answer, Caller, TestApp, Wishes};
use provider::{CLIENT, Provider, SECRET};

mod dns;
mod enforcing;
mod provider;
mod refusals;
mod settings;
mod signing_in;

const CALLBACK: &str = "/auth/sso/callback";
const SETTINGS: &str = "/app/admin/settings/single-sign-on";

/// Acme with a provider and the domain acme.test.
struct Scene {
    app: TestApp,
    provider: Provider,
}

impl Scene {
    async fn start() -> Self {
        Self::start_with(Wishes::default()).await
    }

    /// One that loses its patience soon.
    async fn impatient() -> Self {
        let limits = Limits { connect: Duration::from_millis(400), whole: Duration::from_millis(800) };
        Self::start_with(Wishes { means: Means { limits, ..Means::default() }, ..Wishes::default() }).await
    }

    async fn start_with(wishes: Wishes) -> Self {
        let app = TestApp::start_with(wishes).await;
        let provider = Provider::start(&app.db).await;
        provider.knows(kim());
        let scene = Self { app, provider };
        let settings = Settings::parse(&scene.provider.issuer, CLIENT, SECRET).unwrap();
        let key = scene.app.key.clone();
        scene
            .act(move |tx, by| {
                connections::set(tx, by, &key, &settings)?;
                let domain = connections::add(tx, by, &"acme.test".parse()?)?;
                connections::prove(tx, by, &domain.id).map(drop)
            })
            .await;
        scene
    }

    /// Does something as Acme's operator.
    async fn act<T: Send + 'static>(&self, act: impl FnOnce(&Tx, &Actor) -> Result<T> + Send + 'static) -> T {
        let by = Actor::operator(self.app.organization.clone());
        self.app.db.write(move |tx| act(tx, &by)).await.unwrap()
    }

    async fn provisions(&self) {
        self.act(|tx, by| connections::provision(tx, by, true)).await;
    }

    /// Makes it the only way in, as after a test.
    async fn enforces(&self) {
        self.act(|tx, by| {
            connections::mark_tested(tx, by, &connections::must_have(tx, &by.organization)?)?;
            connections::enforce(tx, by, true)
        })
        .await;
    }

    async fn invites(&self, email: &str) {
        let email: Email = email.parse().unwrap();
        self.act(move |tx, by| invites::invite(tx, by, &NewInvite { email, team: None })).await;
        self.app.run_jobs().await;
    }

    fn connection(&self) -> Option<Connection> {
        self.app.db.read(|view| connections::of_organization(view, &self.app.organization)).unwrap()
    }

    fn member(&self, email: &str) -> Option<Member> {
        self.app.db.read(|view| members::by_email(view, &self.app.organization, &email.parse()?)).unwrap()
    }

    /// An address is typed: where it leads, and what the browser keeps.
    async fn leaves(&self, email: &str) -> Left {
        Left::by(&self.app.submit(&Caller::Nobody, "/team-access", &[("email", email)]).await)
    }

    /// There and back, as whoever the provider knows now.
    async fn goes(&self, email: &str) -> Answer {
        let left = self.leaves(email).await;
        let (code, state) = self.provider.signs_in(&left.page);
        self.comes_back(&left, &[("code", &code), ("state", &state)]).await
    }

    async fn comes_back(&self, left: &Left, said: &[(&str, &str)]) -> Answer {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(said).finish();
        let session = match &left.caller {
            Some(Caller::Browser(session)) => format!("; headroom={session}"),
            _ => String::new(),
        };
        let request = self
            .app
            .request(&Caller::Nobody, reqwest::Method::GET, &format!("{CALLBACK}?{query}"))
            .header("cookie", format!("headroom-sso={}{session}", left.browser));
        Answer::of(request).await
    }
}

/// A browser on its way to the provider.
struct Left {
    page: String,
    browser: String,
    /// Who is signed in on it.
    caller: Option<Caller>,
}

impl Left {
    #[track_caller]
    fn by(answer: &Answer) -> Self {
        let page = answer.redirects().to_owned();
        Self { page, browser: set_cookie(answer, "headroom-sso").expect("a cookie"), caller: None }
    }
}

/// Who signs in at the provider, unless a test says otherwise.
fn kim() -> Value {
    json!({ "sub": "u-1", "email": "Kim@acme.test", "email_verified": true, "name": "Kim Lee" })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = kim();
    claims[name] = value;
    claims
}

fn set_cookie(answer: &Answer, name: &str) -> Option<String> {
    let all = answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
    all.filter_map(|cookie| cookie.split(';').next()?.strip_prefix(name)?.strip_prefix('='))
        .find(|value| !value.is_empty())
        .map(ToOwned::to_owned)
}

#[track_caller]
fn signed_in(answer: &Answer) -> Caller {
    Caller::Browser(set_cookie(answer, "headroom").unwrap_or_else(|| panic!("no session: {}", answer.text())))
}
