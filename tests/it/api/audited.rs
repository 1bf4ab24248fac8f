//! Whatever a program changes is written down: every operation that changes something, as the document has them.

use headroom::{
    audit::{self, Entry, Via},
    db::Part,
    members::Actor,
    teams::{self, TeamName},
};

use super::every::{Call, World};
use crate::{app::TestApp, document::operations};

/// These are posted and change nothing.
const READS: &[&str] = &["downloadPhotos"];

fn newest(app: &TestApp, world: &World) -> Option<Entry> {
    let page = app.db.read(|view| audit::page(view, &world.organization, None, &Part::Newest, 1));
    page.unwrap().rows.pop()
}

#[tokio::test]
async fn every_operation_that_changes_something_is_written_down() {
    let app = World::server().await;
    let changing = |method: &str, id: &str| method != "get" && !READS.contains(&id);
    let mut tried = 0;
    for operation in operations().into_iter().filter(|one| changing(one.method, one.id)) {
        // One each: what one takes away, the next one needs.
        let mut world = World::make(&app, &operation.id.to_lowercase()).await;
        let by = Actor::operator(world.organization.clone());
        if operation.path.contains("/teams/") && operation.method == "post" {
            // Who is in a team already is not put into it.
            let other = app.db.write(move |tx| teams::create(tx, &by, &TeamName::parse("Other")?)).await;
            world.ids.team = other.unwrap().id.to_string();
        }
        app.run_jobs().await;
        let before = newest(&app, &world).map_or(0, |entry| entry.number);
        let call = Call::new(operation, &world.ids);
        call.send(&app, &world.key, operation).await.ok();
        let entry = newest(&app, &world).filter(|entry| entry.number > before);
        let entry = entry.unwrap_or_else(|| panic!("{} left no trace", operation.id));
        assert_eq!(entry.via, Via::Key, "{}: {entry:?}", operation.id);
        let check = app.db.read(|view| audit::verify(view, &world.organization)).unwrap();
        assert_eq!(check.fault, None, "{}", operation.id);
        tried += 1;
    }
    assert!(tried > 25, "{tried}");
}
