//! What the doors tell about an address: nothing, not by what they say, not by what they write, not by how long they take.

use std::time::Duration;

use headroom::{
    auth,
    error::Error,
    ids::LinkId,
    members::{self, Actor, NewManaged, PersonName, Title},
    offboarding, shoots,
};
use serde_json::json;

use super::{
    alone::{on_their_own, open_to_all},
    joining::link,
    open, press,
    words::code_for,
};
use crate::app::{Answer, Caller, INVITES, TestApp};

/// One address of each kind: someone who leads, is a member, was invited, was removed, is on their own, is looked after, is known
/// by another product, and nobody.
const KINDS: [&str; 8] = [
    "ada@acme.test",
    "member@acme.test",
    "invited@acme.test",
    "removed@acme.test",
    "alone@acme.test",
    "managed@acme.test",
    "embedded@acme.test",
    "nobody@acme.test",
];

async fn everyone() -> TestApp {
    let app = open_to_all().await;
    for email in ["member@acme.test", "removed@acme.test"] {
        app.member(email).await;
    }
    app.post(&app.lead, INVITES, &json!({ "email": "invited@acme.test" })).await.ok();
    on_their_own(&app, "alone@acme.test").await;
    let by = Actor::operator(app.organization.clone());
    app.db
        .write(move |tx| {
            let removed = members::named(tx, &by.organization, &"removed@acme.test".parse()?)?;
            offboarding::remove(tx, &by, &removed, false)?;
            let new = NewManaged {
                name: PersonName::parse("Mia")?,
                email: Some("managed@acme.test".parse()?),
                title: Title::none(),
                team: None,
            };
            shoots::add_on_behalf(tx, &by, &new)?;
            members::add_anonymous(tx, &by.organization, &"embedded@acme.test".parse()?, None)
        })
        .await
        .unwrap();
    app.run_jobs().await;
    app
}

/// What an answer says once its address is taken out.
fn said(answer: &Answer, email: &str) -> (u16, String, Vec<(String, usize)>) {
    let headers = answer.headers.iter().filter(|(name, _)| !["date", "x-request-id"].contains(&name.as_str()));
    let headers =
        headers.map(|(name, value)| (name.to_string(), if name == "content-length" { 0 } else { value.len() }));
    (answer.status.as_u16(), answer.text().replace(email, "someone"), headers.collect())
}

#[tokio::test]
async fn every_kind_of_address_gets_the_same_answer_at_every_door() {
    let app = everyone().await;
    let (_, join) = link(&app, &json!({})).await;
    for door in ["/team-access", "/signin", "/auth/link/fresh", "/signup", join.as_str()] {
        let mut first = None;
        for email in KINDS {
            let answer = app.submit(&Caller::Nobody, door, &[("email", email)]).await;
            let said = said(&answer, email);
            assert_eq!(said.0, 200);
            assert_eq!(*first.get_or_insert(said.clone()), said, "{door}: {email}");
        }
    }
    // And a wrong code is a wrong code.
    let mut first = None;
    for email in KINDS {
        let answer = app.submit(&Caller::Nobody, "/auth/code", &[("email", email), ("code", "no")]).await;
        let said = said(&answer, email);
        assert_eq!(*first.get_or_insert(said.clone()), said, "{email}");
    }
}

/// Equal work is equal time: each asks for the same rows to be written, and none of it can depend on who is known, because it
/// goes through with every table hidden that knows anyone.
#[tokio::test]
async fn asking_does_the_same_for_everyone_and_looks_nobody_up() {
    let app = everyone().await;
    let (made, _) = link(&app, &json!({})).await;
    let open: LinkId = made["id"].as_str().unwrap().parse().unwrap();
    let mut work = Vec::new();
    for email in KINDS {
        let open = open.clone();
        let (sender, counted) = std::sync::mpsc::channel();
        let undone = app.db.write(move |tx| {
            for known in ["accounts", "members", "invites", "sessions"] {
                tx.execute(&format!("alter table {known} rename to hidden_{known}"), [])?;
            }
            let email = email.parse()?;
            for way in ["access", "signup", "join"] {
                let changes = || tx.one("select total_changes()", [], |row| row.get::<_, i64>(0));
                let before = changes()?;
                match way {
                    "access" => auth::ask_for_access(tx, &email)?,
                    "signup" => auth::ask_to_sign_up(tx, &email)?,
                    _ => auth::ask_to_join(tx, &open, &email)?,
                }
                let _ = sender.send((way, changes()? - before));
            }
            Err::<(), _>(Error::invalid(headroom::i18n::Message::plain("Undone")))
        });
        assert_eq!(undone.await.unwrap_err().to_string(), "Undone", "{email}");
        work.push(counted.try_iter().collect::<Vec<_>>());
    }
    assert_eq!(work[0].len(), 3);
    assert!(work.iter().all(|one| *one == work[0]), "{work:?}");
}

#[tokio::test]
async fn a_code_is_too_old_after_ten_minutes_and_its_link_is_not() {
    let app = TestApp::start().await;
    app.submit(&Caller::Nobody, "/team-access", &[("email", "ada@acme.test")]).await;
    app.run_jobs().await;
    let (code, token) = (code_for(&app, "ada@acme.test"), app.token_for("ada@acme.test"));
    app.advance(Duration::from_secs(10 * 60 + 1)).await;
    let late = app.submit(&Caller::Nobody, "/auth/code", &[("email", "ada@acme.test"), ("code", &code)]).await;
    assert_eq!(late.status, 401);
    assert!(late.text().contains("This code is wrong or too old"), "{}", late.text());
    let shown = open(&app, &Caller::Nobody, &token).await;
    assert_eq!(press(&app, &Caller::Nobody, &token, &shown, &[]).await.redirects(), "/app/admin");
}
