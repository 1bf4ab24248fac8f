//! Organizations that have one of everything, and a call of every operation with what they have. A new operation is called by
//! its address and its body; if those can't be guessed from the ones there are, its sample has to be added here.

use headroom::{
    ids::OrganizationId,
    invites::{self, NewInvite},
    links::{self, NewLink},
    members::Actor,
    results,
    teams::{self, TeamName},
    webhooks,
    whitelabel::{self, NewModel},
    wire::events::{EndpointEvent, TEST},
};
use rusqlite::types::ValueRef;
use serde_json::{Value, json};

use crate::{
    app::{Answer, Caller, TestApp, Wishes, whitelabel_on},
    document::Operation,
    studio::{finish_packed, headshots, pack},
};

/// What an organization has, by what a call can name it by.
#[derive(Clone, Debug)]
pub(super) struct Ids {
    pub(super) team: String,
    /// An invite that was accepted.
    pub(super) invite: String,
    /// The address of who accepted it.
    pub(super) member: String,
    /// Their model, which has photos.
    pub(super) model: String,
    /// The one they chose.
    pub(super) photo: String,
    /// The model of someone anonymous.
    pub(super) anonymous: String,
    pub(super) link: String,
    pub(super) endpoint: String,
    /// Of a test event, which was given up.
    pub(super) delivery: String,
}

/// One of everything.
pub(super) struct World {
    pub(super) organization: OrganizationId,
    pub(super) key: Caller,
    pub(super) ids: Ids,
}

impl World {
    /// A server for worlds: it tries each delivery once, and what isn't asked for only later than any test lasts.
    pub(super) async fn server() -> TestApp {
        let settings = vec![("webhook_schedule", "1h".to_owned())];
        TestApp::start_with(Wishes { settings, ..Wishes::default() }).await
    }

    /// Of a new organization, whose people have addresses that end with its name.
    pub(super) async fn make(app: &TestApp, name: &str) -> Self {
        let address = |who: &str| format!("{who}@{name}.test");
        let (organization, key) = app.organization(name, &address("ada")).await;
        whitelabel_on(&app.db, &organization).await;
        let (by, kim, anna) = (Actor::operator(organization.clone()), address("kim"), address("anna"));
        let made = app.db.write(move |tx| {
            let team = teams::create(tx, &by, &TeamName::parse("Sales")?)?.id;
            let new = NewInvite { email: kim.parse()?, team: Some(team.clone()) };
            let invite = invites::invite(tx, &by, &new)?.id;
            let link = NewLink { domains: Vec::new(), limit: None, expires_at: None, team: Some(team.clone()) };
            let link = links::create(tx, &by, &link)?.id;
            let new = NewModel { email: anna.parse()?, team: None, development: true };
            let endpoint = webhooks::to_try(tx, &by.organization, None)?;
            let message = EndpointEvent::message(TEST, &endpoint, tx.now)?;
            let delivery = webhooks::try_out(tx, &by, &endpoint, &message)?.id;
            Ok((team, invite, link, whitelabel::create(tx, &by, &new)?.shoot.id, endpoint.id, delivery))
        });
        let (team, invite, link, anonymous, endpoint, delivery) = made.await.unwrap();
        let (_, model) = app.accept(&invite).await;
        pack(app, &model).await;
        finish_packed(app, &model).await;
        let photo = headshots(app, &model)[0].id.clone();
        let chosen = photo.clone();
        app.db.write(move |tx| results::choose(tx, &chosen)).await.unwrap();
        let ids = Ids {
            team: team.to_string(),
            invite: invite.to_string(),
            member: address("kim"),
            model: model.to_string(),
            photo: photo.to_string(),
            anonymous: anonymous.to_string(),
            link: link.to_string(),
            endpoint: endpoint.to_string(),
            delivery: delivery.to_string(),
        };
        Self { organization, key, ids }
    }
}

impl Ids {
    /// Of nothing: well-formed, and nobody's.
    pub(super) fn nobodys() -> Self {
        let hex = |last: char| format!("507f1f77bcf86cd79943901{last}");
        Self {
            team: format!("team_{}", hex('2')),
            invite: hex('4'),
            member: "nobody@nowhere.test".to_owned(),
            model: hex('1'),
            photo: hex('7'),
            anonymous: hex('6'),
            link: hex('5'),
            endpoint: format!("we_{}", hex('8')),
            delivery: hex('9'),
        }
    }

    pub(super) fn all(&self) -> [&str; 9] {
        [
            &self.team,
            &self.invite,
            &self.member,
            &self.model,
            &self.photo,
            &self.anonymous,
            &self.link,
            &self.endpoint,
            &self.delivery,
        ]
    }

    /// These, each time with one of them exchanged for the one in `other`.
    pub(super) fn exchanged(&self, other: &Self) -> [Self; 9] {
        let (own, other) = (|| self.clone(), || other.clone());
        [
            Self { team: other().team, ..own() },
            Self { invite: other().invite, ..own() },
            Self { member: other().member, ..own() },
            Self { model: other().model, ..own() },
            Self { photo: other().photo, ..own() },
            Self { anonymous: other().anonymous, ..own() },
            Self { link: other().link, ..own() },
            Self { endpoint: other().endpoint, ..own() },
            Self { delivery: other().delivery, ..own() },
        ]
    }
}

/// A call of an operation.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Call {
    pub(super) path: String,
    pub(super) body: Option<Value>,
}

impl Call {
    pub(super) fn new(operation: Operation, ids: &Ids) -> Self {
        let pieces: Vec<&str> = operation.path.split('/').collect();
        let filled = pieces.iter().enumerate().map(|(at, piece)| match piece.starts_with('{') {
            true => parameter(pieces[at - 1], piece, ids).unwrap_or_else(|| unknown(operation)),
            false => *piece,
        });
        let mut path = filled.collect::<Vec<_>>().join("/");
        for (name, id) in [("teamId", &ids.team), ("endpointId", &ids.endpoint)] {
            if operation.asks(name) {
                path = format!("{path}?{name}={id}");
            }
        }
        let body = operation.fields().map(|_| body(operation.id, ids).unwrap_or_else(|| unknown(operation)));
        Self { path, body }
    }

    pub(super) async fn send(&self, app: &TestApp, caller: &Caller, operation: Operation) -> Answer {
        let request = app.request(caller, operation.method(), &self.path);
        match &self.body {
            Some(body) => Answer::of(request.json(body)).await,
            None => Answer::of(request).await,
        }
    }
}

fn unknown(operation: Operation) -> ! {
    panic!("no sample for operation {} ({} {})", operation.id, operation.method, operation.path)
}

/// What stands in an address for a parameter, by the word before it.
fn parameter<'i>(before: &str, name: &str, ids: &'i Ids) -> Option<&'i str> {
    Some(match (before, name) {
        ("teams", "{id}") => &ids.team,
        ("invites" | "members", "{email}") => &ids.member,
        ("models", "{id}") => &ids.model,
        ("photos", "{photoId}") => &ids.photo,
        ("links", "{id}") => &ids.link,
        ("endpoints", "{id}") => &ids.endpoint,
        ("deliveries", "{id}") => &ids.delivery,
        ("id", "{id}") => &ids.invite,
        ("get" | "delete", "{id}") => &ids.anonymous,
        ("team", "{status}") => "finished",
        _ => return None,
    })
}

/// A body that works.
fn body(operation: &str, ids: &Ids) -> Option<Value> {
    let fresh = || format!("new-{}", ids.member);
    Some(match operation {
        "createInvite" | "v1CreateInvite" => json!({ "email": fresh(), "teamId": ids.team }),
        "revokeInvite" | "v1RevokeInvite" => json!({ "email": ids.member }),
        "createLink" => json!({ "teamId": ids.team }),
        "addMember" => json!({ "name": "Max", "email": fresh(), "teamId": ids.team }),
        "changeMember" => json!({ "title": "Engineer", "teamId": ids.team }),
        "createTeam" | "v1CreateTeam" => json!({ "name": "Design" }),
        "renameTeam" | "v1RenameTeam" => json!({ "name": "Revenue" }),
        "addTeamMembers" | "v1AddTeamMembers" => json!({ "emails": [ids.member] }),
        "createModel" | "createWhitelabelModel" => json!({ "email": fresh(), "teamId": ids.team }),
        "createEndpoint" => json!({ "url": "http://127.0.0.1:9/hooks", "events": ["model.created"] }),
        "changeEndpoint" => json!({ "events": ["model.deleted"], "enabled": false }),
        "testEndpoint" => json!({ "endpointId": ids.endpoint }),
        "replayFailed" => json!({ "since": "2024-01-15T10:30:00.000Z" }),
        "downloadPhotos" => json!({ "photoIds": [ids.photo] }),
        _ => return None,
    })
}

/// Every row there is but for the queue's own and what only says when a key was used.
pub(super) fn rows(app: &TestApp) -> Vec<String> {
    let all = app.db.read(|view| {
        let tables: Vec<String> = view.all(
            "select name from sqlite_master where type = 'table' and name not like 'sqlite%'
             and name not in ('jobs', 'pulse', 'api_keys')",
            [],
            |row| row.get(0),
        )?;
        let mut rows = Vec::new();
        for table in tables {
            rows.extend(view.all(&format!("select * from {table}"), [], |row| {
                let values = (0..row.as_ref().column_count()).map(|at| row.get_ref(at).map(shown));
                Ok(format!("{table} {}", values.collect::<rusqlite::Result<Vec<_>>>()?.join(" | ")))
            })?);
        }
        Ok(rows)
    });
    all.unwrap()
}

fn shown(value: ValueRef) -> String {
    match value {
        ValueRef::Null => "null".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        // Of a mail, its subject is enough: the rest has a new link each time.
        ValueRef::Text(text) => String::from_utf8_lossy(text).lines().next().unwrap_or_default().to_owned(),
        ValueRef::Blob(bytes) => format!("blob {bytes:?}"),
    }
}
