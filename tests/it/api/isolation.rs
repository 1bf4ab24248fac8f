//! What is another organization's isn't there: every operation of the document, with every id it takes.

use super::every::{Call, Ids, World, rows};
use crate::{document::operations, tally::Tally};

/// What an answer tells, but for the ids that were asked about.
fn told(answer: &crate::app::Answer, asked: &Ids) -> (u16, String) {
    let text = asked.all().iter().fold(answer.text(), |text, id| text.replace(id, "…"));
    (answer.status.as_u16(), text)
}

#[tokio::test]
async fn another_organizations_ids_are_like_nobodys() {
    let tally = Tally::begin("tenants");
    let app = World::server().await;
    let (ours, theirs) = (World::make(&app, "initech").await, World::make(&app, "globex").await);
    app.run_jobs().await;
    let before = rows(&app);
    let mut tried = 0;
    for operation in operations() {
        let good = Call::new(operation, &theirs.ids);
        let (with_ours, with_nobodys) = (theirs.ids.exchanged(&ours.ids), theirs.ids.exchanged(&Ids::nobodys()));
        // What differs from a call that works is one id at a time, so nothing else can be what is refused.
        let calls = with_ours
            .iter()
            .zip(&with_nobodys)
            .map(|(ours, nobodys)| ((ours, Call::new(operation, ours)), (nobodys, Call::new(operation, nobodys))));
        for ((ours, with_ours), (nobodys, with_nobodys)) in calls.filter(|((_, call), _)| *call != good) {
            if invents_an_address(&with_ours, &good) {
                continue;
            }
            let real = with_ours.send(&app, &theirs.key, operation).await;
            let random = with_nobodys.send(&app, &theirs.key, operation).await;
            assert!(real.status.is_client_error(), "{} {with_ours:?}: {}", operation.id, real.text());
            assert_eq!(told(&real, ours), told(&random, nobodys), "{} {with_ours:?}", operation.id);
            tried += 1;
        }
    }
    assert!(tried > 30, "{tried}");
    app.run_jobs().await;
    assert_eq!(rows(&app), before, "nothing was changed");
    tally.end("API calls with another organization's ids", tried, 0, "api::isolation");
}

/// An address that is asked to join need not be anybody's yet: only `new-…` differs then, and nothing is named.
fn invents_an_address(call: &Call, good: &Call) -> bool {
    let email = |call: &Call| call.body.as_ref().map(|body| body["email"].as_str().unwrap_or_default().to_owned());
    let others = |call: &Call| {
        let mut call = call.clone();
        call.body.as_mut().map(|body| body["email"].take());
        call
    };
    email(call).is_some_and(|email| email.starts_with("new-")) && others(call) == others(good)
}

#[tokio::test]
async fn what_is_read_holds_nothing_of_others() {
    let (tally, mut tried) = (Tally::begin("reads"), 0);
    let app = World::server().await;
    let (ours, theirs) = (World::make(&app, "initech").await, World::make(&app, "globex").await);
    for operation in operations().into_iter().filter(|operation| operation.method == "get") {
        let call = Call::new(operation, &theirs.ids);
        for path in [call.path.as_str(), call.path.split('?').next().unwrap()] {
            let answer = app.get(&theirs.key, path).await;
            let text = answer.text();
            answer.ok();
            let foreign = ours.ids.all().into_iter().chain([ours.organization.as_str(), "initech"]);
            for one in foreign {
                assert!(!text.contains(one), "{} told {one}: {text}", operation.id);
            }
            tried += 1;
        }
    }
    tally.end("API reads that must hold nothing of another organization", tried, 0, "api::isolation");
}
