//! What the tests of webhooks share.

use std::time::Duration;

use headroom::{
    clock::Timestamp,
    db::{Db, Tx, Window},
    error::Result,
    events::Kind,
    ids::{DeliveryId, EndpointId, EventId, ShootId},
    members::Actor,
    outbound::{Limits, Means},
    webhooks::{self, Attempt, Delivery, Endpoint, Filter, Made, Message, State, Target},
};
use serde_json::json;

use super::receiver::Receiver;
use crate::app::{PATIENCE, TestApp, Wishes};

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const MINUTE: Duration = Duration::from_secs(60);
pub(super) const HOUR: Duration = Duration::from_secs(60 * 60);
pub(super) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Limits that can be waited for.
pub(super) const SHORT: Limits = Limits { connect: Duration::from_millis(400), whole: Duration::from_millis(800) };

/// A server that loses its patience soon.
pub(super) async fn impatient() -> TestApp {
    let means = Means { limits: SHORT, ..Means::default() };
    TestApp::start_with(Wishes { means, ..Wishes::default() }).await
}

impl TestApp {
    pub(super) fn operator(&self) -> Actor {
        Actor::operator(self.organization.clone())
    }

    /// One more endpoint, for all events or for these.
    pub(super) async fn endpoint(&self, url: &str, events: &[Kind]) -> Made {
        let (by, key, target, events) =
            (self.operator(), self.key.clone(), Target::parse(url).unwrap(), events.to_vec());
        self.db.write(move |tx| webhooks::create(tx, &by, &key, &target, &events)).await.unwrap()
    }

    /// An endpoint for everything at this receiver.
    pub(super) async fn listens(&self, receiver: &Receiver) -> Made {
        self.endpoint(&receiver.url("/hooks"), &[]).await
    }

    /// Does something with an endpoint, in the name of a lead.
    pub(super) async fn with<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Tx, &Actor) -> Result<T> + Send + 'static,
    ) -> T {
        let by = self.operator();
        self.db.write(move |tx| act(tx, &by)).await.unwrap()
    }

    pub(super) fn endpoint_now(&self, id: &EndpointId) -> Endpoint {
        self.db.read(|view| webhooks::get(view, id)).unwrap()
    }

    /// Deletes a model by the API.
    pub(super) async fn delete_model(&self, shoot: &ShootId) {
        self.delete(&self.lead, &format!("/api/v2/organization/models/{shoot}")).await.ok();
    }

    /// The log, oldest first.
    pub(super) fn log(&self) -> Vec<Delivery> {
        let window = Window { limit: 1000, offset: 0, after: None };
        let log = self.db.read(|view| webhooks::log(view, &self.organization, &Filter::default(), &window));
        log.unwrap().into_iter().rev().collect()
    }

    /// The only delivery there is.
    #[track_caller]
    pub(super) fn delivery(&self) -> Delivery {
        let [one] = self.log().try_into().expect("one delivery");
        one
    }

    pub(super) fn attempts(&self, id: &DeliveryId) -> Vec<Attempt> {
        self.db.read(|view| webhooks::attempts(view, id)).unwrap()
    }

    /// Runs what is due now, what that makes due at once, and the first attempts of what happened so far.
    pub(super) async fn deliver_first(&self) {
        self.run_jobs().await;
        self.advance(5 * SECOND).await;
    }

    /// Moves the clock to this moment.
    pub(super) async fn come_to(&self, moment: Timestamp) {
        self.advance(moment.since(self.db.clock().now())).await;
    }

    /// Moves the clock to the next attempt of anything.
    #[track_caller]
    pub(super) fn next_attempt(&self) -> Timestamp {
        self.log().iter().filter_map(|delivery| delivery.next_at).min().expect("a delivery that waits")
    }

    /// Jobs of ours that failed.
    pub(super) fn failed_jobs(&self) -> Vec<String> {
        let sql = "select payload || ': ' || last_error from jobs where last_error is not null";
        self.db.read(|view| view.all(sql, [], |row| row.get(0))).unwrap()
    }
}

pub(super) fn states(log: &[Delivery]) -> Vec<State> {
    log.iter().map(|delivery| delivery.state).collect()
}

/// Adds a delivery that is about no model.
pub(super) fn add(tx: &Tx, endpoint: &Endpoint, first: Timestamp) -> Result<()> {
    let event = EventId::new();
    let body = json!({ "id": event, "event": "webhook.test" }).to_string();
    let message = Message { event, name: "webhook.test", shoot: None, place: 0, body };
    webhooks::add(tx, endpoint, &message, first).map(drop)
}

/// Adds so many that are due now.
pub(super) async fn add_many(db: &Db, endpoint: &Endpoint, count: usize) {
    let endpoint = endpoint.clone();
    db.write(move |tx| (0..count).try_for_each(|_| add(tx, &endpoint, tx.now))).await.unwrap();
}

/// Returns once this is so.
pub(super) async fn until(so: impl Fn() -> bool) {
    let begun = std::time::Instant::now();
    while !so() {
        assert!(begun.elapsed() < PATIENCE, "it never came");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
