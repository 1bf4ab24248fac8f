//! Many callers at once: a credit is taken once, the cap holds, and the ledger adds up whoever comes first.

use futures::future::join_all;
use headroom::{
    credits,
    db::Window,
    ids::{OrganizationId, ShootId},
    organizations,
    shoots::State,
};
use rand::{SeedableRng, rngs::StdRng, seq::SliceRandom};
use serde_json::json;

use crate::{
    app::{Caller, INVITES, TestApp, Wishes},
    studio::{pack, shoot, submit},
};

const CALLERS: usize = 64;

/// Sizes of what there is too little of, each with the seed of the order that callers come in.
const ROUNDS: [(usize, u64); 4] = [(1, 11), (7, 23), (31, 5), (63, 42)];

/// A server whose shoots take longer than the test, so that nothing moves but by its callers.
async fn start(data: Option<&tempfile::TempDir>) -> TestApp {
    let data = data.map(|folder| folder.path().to_owned());
    TestApp::start_with(Wishes { settings: vec![("dev_shoot", "1h".to_owned())], data, ..Wishes::default() }).await
}

/// Members with everything ready to be handed in, in the order of a seed.
async fn ready_to_submit(app: &TestApp, seed: u64) -> Vec<(Caller, ShootId)> {
    let mut members = Vec::new();
    for nth in 0..CALLERS {
        let (browser, shoot) = app.member(&format!("p{nth}@acme.test")).await;
        pack(app, &shoot).await;
        members.push((browser, shoot));
    }
    members.shuffle(&mut StdRng::seed_from_u64(seed));
    members
}

/// Leaves Acme with so many credits.
async fn leave(app: &TestApp, credits: usize) {
    app.spend_all().await;
    app.grant(i64::try_from(credits).unwrap()).await;
}

/// Each balance is the one before and its amount, and the last one is the organization's.
fn adds_up(app: &TestApp, organization: &OrganizationId) {
    let everything = Window { limit: 10_000, offset: 0, after: None };
    let (entries, balance) = app
        .db
        .read(|view| {
            Ok((credits::ledger(view, organization, &everything)?, organizations::get(view, organization)?.credits))
        })
        .unwrap();
    let mut sum = 0;
    for entry in entries.iter().rev() {
        sum += entry.amount;
        assert!(entry.balance == sum && sum >= 0, "{entry:?} after which it is {sum}");
    }
    assert_eq!(sum, balance);
}

async fn submit_all_at_once(app: &TestApp, members: &[(Caller, ShootId)]) -> usize {
    join_all(members.iter().map(|(browser, _)| submit(app, browser))).await;
    members.iter().filter(|(_, id)| shoot(app, id).state != State::Onboarding).count()
}

#[tokio::test]
async fn as_many_submit_as_there_are_credits() {
    for (credits, seed) in ROUNDS {
        let data = tempfile::tempdir().unwrap();
        let app = start((credits == 7).then_some(&data)).await;
        let members = ready_to_submit(&app, seed).await;
        leave(&app, credits).await;

        assert_eq!(submit_all_at_once(&app, &members).await, credits, "of {CALLERS}, seed {seed}");

        assert_eq!(app.credits(), 0);
        adds_up(&app, &app.organization);
        let blocked = members.iter().filter(|(_, id)| shoot(&app, id).state == State::Onboarding);
        assert!(blocked.clone().all(|(_, id)| shoot(&app, id).photos == 1), "their photos are kept");
        assert_eq!(blocked.count(), CALLERS - credits);

        // With credits enough the others go on where they were, and nobody pays twice.
        app.grant(i64::try_from(CALLERS).unwrap()).await;
        assert_eq!(submit_all_at_once(&app, &members).await, CALLERS);
        assert_eq!(app.credits(), i64::try_from(credits).unwrap());
        adds_up(&app, &app.organization);
        app.stop().await;
    }
}

#[tokio::test]
async fn whoever_is_revoked_while_they_submit_costs_nothing() {
    for seed in [3, 17] {
        let app = start(None).await;
        let members = ready_to_submit(&app, seed).await;
        let submitting = join_all(members.iter().map(|(browser, _)| submit(&app, browser)));
        let revoking = join_all((0..CALLERS).map(|nth| {
            let (app, body) = (&app, json!({ "email": format!("p{nth}@acme.test") }));
            async move { app.post(&app.lead, &format!("{INVITES}/revoke"), &body).await.ok() }
        }));
        futures::join!(submitting, revoking);
        assert!(members.iter().all(|(_, id)| shoot(&app, id).state == State::Deleted));
        assert_eq!(app.credits(), 100, "seed {seed}");
        adds_up(&app, &app.organization);
    }
}

#[tokio::test]
async fn as_many_are_invited_as_the_cap_allows() {
    for (credits, seed) in [(1, 7), (5, 19), (24, 2), (31, 13)] {
        let data = tempfile::tempdir().unwrap();
        let app = start((credits == 5).then_some(&data)).await;
        leave(&app, credits).await;
        let mut calls: Vec<(String, &str)> = (0..CALLERS)
            .map(|nth| {
                (format!("p{nth}@acme.test"), if nth % 2 == 0 { INVITES } else { "/api/v1/organization/invite" })
            })
            .collect();
        calls.shuffle(&mut StdRng::seed_from_u64(seed));

        let answers = join_all(calls.iter().map(|(email, path)| {
            let (app, body) = (&app, json!({ "email": email }));
            async move { app.post(&app.lead, path, &body).await }
        }));

        let (mut invited, cap) = (0, 2 * credits);
        for answer in answers.await {
            if answer.status == 200 {
                invited += 1;
            } else {
                answer.refused(429, "INVITE_LIMIT_EXCEEDED");
            }
        }
        assert_eq!(invited, cap, "with {credits} credits, seed {seed}");
        let organization = app.db.read(|view| organizations::get(view, &app.organization)).unwrap();
        assert_eq!(usize::try_from(organization.pending_invites).unwrap(), cap);
        app.stop().await;
    }
}

#[tokio::test]
async fn of_many_who_want_the_same_one_gets_it() {
    let app = start(None).await;
    app.switch_whitelabel_on().await;
    let organization = "/api/v2/organization";
    for (path, body, code) in [
        (INVITES.to_owned(), json!({ "email": "kim@acme.test" }), "INVALID_REQUEST"),
        (format!("{organization}/teams"), json!({ "name": "Sales" }), "INVALID_REQUEST"),
        (format!("{organization}/members"), json!({ "name": "Lee", "email": "lee@acme.test" }), "ALREADY_EXISTS"),
        (format!("{organization}/whitelabel/model/create"), json!({ "email": "max@acme.test" }), "ALREADY_EXISTS"),
    ] {
        let answers = join_all((0..CALLERS).map(|_| app.post(&app.lead, &path, &body))).await;
        let (got_it, others): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
        assert_eq!(got_it.len(), 1, "{path}");
        for other in others {
            other.refused(400, code);
        }
    }
    // And one who is deleted 64 times is deleted once.
    let (_, id) = app.member("eve@acme.test").await;
    let model = format!("{organization}/models/{id}");
    let answers = join_all((0..CALLERS).map(|_| app.delete(&app.lead, &model))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
}
