//! An identity provider of our own, which tells the truth or lies as a test wants it to.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use headroom::db::Db;
use openidconnect::{
    JsonWebKeyId, PrivateSigningKey,
    core::{CoreEdDsaPrivateSigningKey, CoreJwsSigningAlgorithm},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use url::Url;

pub(super) const CLIENT: &str = "headroom";
pub(super) const SECRET: &str = "only the two of us know";

/// What is not as it should be.
#[derive(Clone, Debug)]
pub(super) enum Lie {
    /// A claim of the token is this; null leaves it out.
    Claim(&'static str, Value),
    /// A field of what it says of itself is this.
    Metadata(&'static str, Value),
    /// The token is signed in this way.
    Algorithm(&'static str),
    /// Its signature is made with a key nobody knows.
    Forged,
    /// Its keys change just before it signs.
    Rotates,
    /// It doesn't take its own code.
    RefusesCode,
    /// It doesn't take our secret.
    RefusesClient,
    /// The token endpoint answers with a page of HTML.
    Html,
    /// The token endpoint answers with no token.
    NoToken,
    /// The token endpoint takes the request and says nothing.
    Hangs,
    /// User info is about this subject.
    UserInfo(&'static str),
}

struct Grant {
    nonce: String,
    challenge: String,
    redirect: String,
}

#[derive(Default)]
struct State {
    lies: Vec<Lie>,
    claims: Value,
    grants: BTreeMap<String, Grant>,
    used: BTreeSet<String>,
    key: Option<(String, Arc<CoreEdDsaPrivateSigningKey>)>,
}

pub(super) struct Provider {
    pub(super) issuer: String,
    state: Arc<Mutex<State>>,
    accepting: JoinHandle<()>,
}

fn fresh_key(id: &str) -> (String, Arc<CoreEdDsaPrivateSigningKey>) {
    let mut der = BASE64_STANDARD.decode("MC4CAQAwBQYDK2VwBCIEIA==").unwrap();
    der.extend(rand::random::<[u8; 32]>());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----", BASE64_STANDARD.encode(der));
    let key = CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(JsonWebKeyId::new(id.to_owned()))).unwrap();
    (id.to_owned(), Arc::new(key))
}

impl Provider {
    /// One whose time is that of the server under test.
    pub(super) async fn start(db: &Db) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State { key: Some(fresh_key("one")), ..State::default() }));
        let (shared, db) = (state.clone(), db.clone());
        let accepting = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(answer(connection, address, shared.clone(), db.clone()));
            }
        });
        Self { issuer: format!("http://{address}"), state, accepting }
    }

    /// Who it says signs in.
    pub(super) fn knows(&self, claims: Value) {
        self.state.lock().unwrap().claims = claims;
    }

    pub(super) fn lies(&self, lies: &[Lie]) {
        self.state.lock().unwrap().lies = lies.to_vec();
    }

    /// Its person signs in on the page we sent them to: the code and the state they come back with.
    pub(super) fn signs_in(&self, page: &str) -> (String, String) {
        let url = Url::parse(page).unwrap();
        assert!(page.starts_with(&format!("{}/authorize?", self.issuer)), "{page}");
        let said: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!((said["response_type"].as_str(), said["client_id"].as_str()), ("code", CLIENT));
        assert_eq!(said["code_challenge_method"], "S256");
        let scopes: Vec<&str> = said["scope"].split(' ').collect();
        assert!(scopes.contains(&"openid") && scopes.contains(&"email"), "{scopes:?}");
        let code = format!("code{}", rand::random::<u64>());
        let grant = Grant {
            nonce: said["nonce"].clone(),
            challenge: said["code_challenge"].clone(),
            redirect: said["redirect_uri"].clone(),
        };
        self.state.lock().unwrap().grants.insert(code.clone(), grant);
        (code, said["state"].clone())
    }

    /// Stops listening.
    pub(super) fn falls_over(&self) {
        self.accepting.abort();
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn answer(mut connection: TcpStream, address: SocketAddr, state: Arc<Mutex<State>>, db: Db) {
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    let (head, length) = loop {
        let Ok(read @ 1..) = connection.read(&mut chunk).await else { return };
        request.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length:").map(str::to_owned));
            break (head.to_owned(), length.map_or(0, |length| length.trim().parse().unwrap()));
        }
    };
    while request.len() < head.len() + 4 + length {
        let Ok(read @ 1..) = connection.read(&mut chunk).await else { return };
        request.extend_from_slice(&chunk[..read]);
    }
    let form: BTreeMap<String, String> = url::form_urlencoded::parse(&request[head.len() + 4..]).into_owned().collect();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let lies = state.lock().unwrap().lies.clone();
    if path == "/token" && lies.iter().any(|lie| matches!(lie, Lie::Hangs)) {
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
    let issuer = format!("http://{address}");
    let (status, kind, body) = match path.as_str() {
        "/.well-known/openid-configuration" => (200, JSON, metadata(&issuer, &lies).to_string()),
        "/jwks" => (200, JSON, keys(&state.lock().unwrap()).to_string()),
        "/userinfo" => {
            let claims = state.lock().unwrap().claims.clone();
            let sub = lies.iter().find_map(|lie| if let Lie::UserInfo(sub) = lie { Some(*sub) } else { None });
            let sub = sub.map_or_else(|| claims["sub"].clone(), Value::from);
            (200, JSON, json!({ "sub": sub, "email": "kim@acme.test", "email_verified": true }).to_string())
        }
        "/token" => token(&mut state.lock().unwrap(), &issuer, &head, &form, &lies, &db),
        _ => (404, "text/plain", String::new()),
    };
    let reply = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = connection.write_all(reply.as_bytes()).await;
}

const JSON: &str = "application/json";

fn metadata(issuer: &str, lies: &[Lie]) -> Value {
    let mut metadata = json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"), "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
    });
    for lie in lies {
        match lie {
            Lie::Metadata(name, value) => metadata[*name] = value.clone(),
            Lie::UserInfo(_) => metadata["userinfo_endpoint"] = json!(format!("{issuer}/userinfo")),
            _ => {}
        }
    }
    metadata
}

fn keys(state: &State) -> Value {
    let (_, key) = state.key.as_ref().unwrap();
    json!({ "keys": [serde_json::to_value(key.as_verification_key()).unwrap()] })
}

fn token(
    state: &mut State,
    issuer: &str,
    head: &str,
    form: &BTreeMap<String, String>,
    lies: &[Lie],
    db: &Db,
) -> (u16, &'static str, String) {
    let refused = |error: &str| (400, JSON, json!({ "error": error, "error_description": "<b>no</b>" }).to_string());
    let has = |wanted: fn(&Lie) -> bool| lies.iter().any(wanted);
    let basic = BASE64_STANDARD.encode(format!("{CLIENT}:{}", SECRET.replace(' ', "+")));
    if has(|lie| matches!(lie, Lie::RefusesClient)) || !head.contains(&format!("Basic {basic}")) {
        return refused("invalid_client");
    }
    if has(|lie| matches!(lie, Lie::Html)) {
        return (200, "text/html", "<h1>Maintenance of id.evil.test</h1>".to_owned());
    }
    let code = &form["code"];
    let proof = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(form["code_verifier"].as_bytes()));
    let Some(grant) =
        state.grants.get(code).filter(|grant| grant.challenge == proof && grant.redirect == form["redirect_uri"])
    else {
        return refused("invalid_grant");
    };
    let nonce = grant.nonce.clone();
    if has(|lie| matches!(lie, Lie::RefusesCode)) || !state.used.insert(code.clone()) {
        return refused("invalid_grant");
    }
    if has(|lie| matches!(lie, Lie::NoToken)) {
        return (200, JSON, json!({ "access_token": "a", "token_type": "Bearer" }).to_string());
    }
    if has(|lie| matches!(lie, Lie::Rotates)) {
        state.key = Some(fresh_key("two"));
    }
    let now = db.clock().now().millis() / 1000;
    let mut claims = json!({ "iss": issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce });
    let said = state.claims.as_object().unwrap().clone();
    let lied = lies.iter().filter_map(|lie| {
        if let Lie::Claim(name, value) = lie { Some(((*name).to_owned(), value.clone())) } else { None }
    });
    for (name, value) in said.into_iter().chain(lied) {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(&name)),
            // Times are told from now.
            Value::Number(span) if matches!(name.as_str(), "exp" | "iat") => {
                claims[name] = json!(now + span.as_i64().unwrap());
            }
            value => claims[name] = value,
        }
    }
    let (id, key) = state.key.clone().unwrap();
    let algorithm =
        lies.iter().find_map(|lie| if let Lie::Algorithm(name) = lie { Some(*name) } else { None }).unwrap_or("EdDSA");
    let encode = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(&json!({ "alg": algorithm, "kid": id })), encode(&claims));
    let key = if has(|lie| matches!(lie, Lie::Forged)) { fresh_key(&id).1 } else { key };
    let signature = match algorithm {
        "none" => Vec::new(),
        // What someone signs who knows only what everyone does.
        "HS256" => {
            let mut mac = <hmac::Hmac<Sha256> as hmac::KeyInit>::new_from_slice(SECRET.as_bytes()).unwrap();
            hmac::Mac::update(&mut mac, signed.as_bytes());
            hmac::Mac::finalize(mac).into_bytes().to_vec()
        }
        _ => key.sign(&CoreJwsSigningAlgorithm::EdDsa, signed.as_bytes()).unwrap(),
    };
    let id_token = format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature));
    (200, JSON, json!({ "access_token": "a", "token_type": "Bearer", "id_token": id_token }).to_string())
}
