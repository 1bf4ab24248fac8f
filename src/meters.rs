//! What the server counts and measures of itself, for Prometheus. Each series stands once, in [`SERIES`]; each fact that feeds
//! them has one function. No label ever holds an address, a name, an id, or anything else there is no end of.
//!
//! A [`Meters`] is handed around like everything else: it is no global, and one that is off costs a branch.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Label, Level, Metadata, Recorder, SharedString};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

use crate::error::{Error, Result};

mod outcomes;
mod series;

pub use outcomes::{Delivered, Entrance, Mailed, Met, Shot};
pub use series::{Kind, SERIES, Series};

/// Where a measured thing is in the code means nothing to Prometheus.
static HERE: Metadata = Metadata::new("headroom", Level::INFO, None);

/// The meters of one server; clones are the same. [`Meters::default`] are off.
#[derive(Clone, Default)]
pub struct Meters(Option<Arc<On>>);

struct On {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    /// Looked up once: the writer comes by for each change.
    writer: Writer,
}

struct Writer {
    group: Histogram,
    wait: Histogram,
    commit: Histogram,
    full: Counter,
}

/// How full a queue is.
#[derive(Clone, Copy, Debug)]
pub struct QueueLoad {
    /// Its name.
    pub queue: &'static str,
    /// Jobs that wait, due or not.
    pub waiting: u32,
    /// Jobs that run.
    pub running: u32,
    /// Jobs that failed for good.
    pub parked: u32,
    /// How long the oldest due job has been due; zero if none is.
    pub oldest: Duration,
}

impl Meters {
    /// Meters that run.
    ///
    /// # Errors
    /// A histogram without buckets, which [`SERIES`] has none of.
    pub fn on() -> Result<Self> {
        let mut builder = PrometheusBuilder::new();
        for series in SERIES {
            if let Kind::Histogram(buckets) = series.kind {
                let name = Matcher::Full(series.name.to_owned());
                builder = builder.set_buckets_for_metric(name, buckets).map_err(Error::internal)?;
            }
        }
        let recorder = builder.build_recorder();
        for series in SERIES {
            let (name, help) = (KeyName::from(series.name), SharedString::const_str(series.help));
            match series.kind {
                Kind::Counter => recorder.describe_counter(name, None, help),
                Kind::Gauge => recorder.describe_gauge(name, None, help),
                Kind::Histogram(_) => recorder.describe_histogram(name, None, help),
            }
        }
        let plain = |series: &Series| recorder.register_histogram(&Key::from_static_name(series.name), &HERE);
        let writer = Writer {
            group: plain(&series::WRITE_GROUP),
            wait: plain(&series::WRITE_WAIT),
            commit: plain(&series::WRITE_COMMIT),
            full: recorder.register_counter(&Key::from_static_name(series::WRITE_FULL.name), &HERE),
        };
        let on = On { handle: recorder.handle(), recorder, writer };
        // What has not happened yet is told as zero: a rate needs to see where it began.
        Mailed::ALL.iter().for_each(|outcome| on.counter(&series::MAILS, outcome.word()).increment(0));
        Delivered::ALL.iter().for_each(|outcome| on.counter(&series::WEBHOOKS, outcome.word()).increment(0));
        Shot::ALL.iter().for_each(|outcome| on.counter(&series::SHOOTS, outcome.word()).increment(0));
        for by in Entrance::ALL {
            Met::ALL.iter().for_each(|met| on.entrance(by, *met).increment(0));
        }
        on.writer.full.increment(0);
        Ok(Self(Some(Arc::new(on))))
    }

    /// The present moment, if somebody wants to know later how long something took.
    pub fn now(&self) -> Option<Instant> {
        self.0.as_ref().map(|_| Instant::now())
    }

    /// A request was answered. `method` comes from [`known_method`]; `route` is the pattern it matched; none if it matched nothing.
    pub fn answered(&self, method: &'static str, route: Option<String>, status: u16, took: Duration) {
        let Some(on) = &self.0 else { return };
        let method = Label::new("method", method);
        let route = Label::new("route", route.map_or(SharedString::const_str(NO_ROUTE), SharedString::from_owned));
        let labels = vec![method.clone(), route.clone(), Label::new("status", status.to_string())];
        on.recorder.register_counter(&Key::from_parts(series::REQUESTS.name, labels), &HERE).increment(1);
        let timed = Key::from_parts(series::REQUEST_TIME.name, vec![method, route]);
        on.recorder.register_histogram(&timed, &HERE).record(took);
    }

    /// Somebody tried to come in.
    pub fn tried(&self, by: Entrance, met: Met) {
        let Some(on) = &self.0 else { return };
        on.entrance(by, met).increment(1);
    }

    /// The mail server was asked to take a mail.
    pub fn mailed(&self, outcome: Mailed) {
        let Some(on) = &self.0 else { return };
        on.counter(&series::MAILS, outcome.word()).increment(1);
    }

    /// An endpoint was asked to take a webhook.
    pub fn delivered(&self, outcome: Delivered, took: Duration) {
        let Some(on) = &self.0 else { return };
        on.counter(&series::WEBHOOKS, outcome.word()).increment(1);
        on.recorder.register_histogram(&Key::from_static_name(series::WEBHOOK_TIME.name), &HERE).record(took);
    }

    /// A try at a shoot ended.
    pub fn shot(&self, outcome: Shot) {
        let Some(on) = &self.0 else { return };
        on.counter(&series::SHOOTS, outcome.word()).increment(1);
    }

    /// A shoot left a stage, a word of [`crate::shoots::State`].
    pub fn left_stage(&self, stage: &'static str, took: Duration) {
        let Some(on) = &self.0 else { return };
        let key = Key::from_parts(series::STAGE_TIME.name, vec![Label::new("stage", stage)]);
        on.recorder.register_histogram(&key, &HERE).record(took);
    }

    /// A change was begun that had waited since `handed_in`.
    pub fn change_begun(&self, handed_in: Option<Instant>) {
        if let (Some(on), Some(since)) = (&self.0, handed_in) {
            on.writer.wait.record(since.elapsed());
        }
    }

    /// So many changes were written and committed together, which began at `begun`.
    pub fn committed(&self, changes: usize, begun: Option<Instant>) {
        if let (Some(on), Some(since)) = (&self.0, begun) {
            on.writer.group.record(u32::try_from(changes).unwrap_or(u32::MAX));
            on.writer.commit.record(since.elapsed());
        }
    }

    /// A change was refused because too many waited.
    pub fn change_refused(&self) {
        if let Some(on) = &self.0 {
            on.writer.full.increment(1);
        }
    }

    /// How full a queue is now.
    pub fn queue(&self, load: &QueueLoad) {
        let Some(on) = &self.0 else { return };
        for (state, jobs) in [("waiting", load.waiting), ("running", load.running), ("parked", load.parked)] {
            on.gauge(&series::QUEUE_JOBS, vec![Label::new("queue", load.queue), Label::new("state", state)]).set(jobs);
        }
        on.gauge(&series::QUEUE_AGE, vec![Label::new("queue", load.queue)]).set(load.oldest.as_secs_f64());
    }

    /// How large the database and its log are now, in bytes.
    pub fn database(&self, file: u64, log: u64) {
        let Some(on) = &self.0 else { return };
        on.gauge(&series::DATABASE_SIZE, Vec::new()).set(bytes(file));
        on.gauge(&series::WAL_SIZE, Vec::new()).set(bytes(log));
    }

    /// How much is free now on the disk that has the photos, in bytes.
    pub fn photos_disk(&self, free: u64) {
        let Some(on) = &self.0 else { return };
        on.gauge(&series::DISK_FREE, Vec::new()).set(bytes(free));
    }

    /// How old the newest backup is that the server made by itself; none if there is none.
    pub fn backup(&self, age: Option<Duration>) {
        let Some(on) = &self.0 else { return };
        on.gauge(&series::BACKUP_AGE, Vec::new()).set(age.map_or(f64::INFINITY, |age| age.as_secs_f64()));
    }

    /// Which version runs, and since when, in seconds since 1970.
    pub fn build(&self, version: &'static str, started: f64) {
        let Some(on) = &self.0 else { return };
        on.gauge(&series::BUILD, vec![Label::new("version", version)]).set(1.0);
        on.gauge(&series::STARTED, Vec::new()).set(started);
    }

    /// All of it in Prometheus' text format; nothing if they are off.
    pub fn text(&self) -> Option<String> {
        self.0.as_ref().map(|on| on.handle.render())
    }

    /// Sorts what was measured since into its buckets. Without it, memory would grow for as long as nobody looks.
    pub fn tidy(&self) {
        if let Some(on) = &self.0 {
            on.handle.run_upkeep();
        }
    }
}

impl On {
    /// The counter of an outcome.
    fn counter(&self, series: &Series, outcome: &'static str) -> Counter {
        let key = Key::from_parts(series.name, vec![Label::new("outcome", outcome)]);
        self.recorder.register_counter(&key, &HERE)
    }

    fn entrance(&self, by: Entrance, met: Met) -> Counter {
        let labels = vec![Label::new("by", by.word()), Label::new("outcome", met.word())];
        self.recorder.register_counter(&Key::from_parts(series::SIGN_INS.name, labels), &HERE)
    }

    fn gauge(&self, series: &Series, labels: Vec<Label>) -> Gauge {
        self.recorder.register_gauge(&Key::from_parts(series.name, labels), &HERE)
    }
}

/// What a request that matches no route is counted under, so that whoever tries addresses makes no series.
pub const NO_ROUTE: &str = "none";

/// Methods are words that a client makes up; those nobody here knows are all the same.
pub fn known_method(method: &str) -> &'static str {
    const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    METHODS.into_iter().find(|known| *known == method).unwrap_or("other")
}

/// Prometheus knows floating numbers only; they are exact up to 8 PiB.
#[expect(clippy::cast_precision_loss, reason = "no disk is that large")]
fn bytes(bytes: u64) -> f64 {
    bytes as f64
}

impl fmt::Debug for Meters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Meters(on)" } else { "Meters(off)" })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn off_they_say_nothing_and_keep_nothing() {
        let off = Meters::default();
        off.answered("GET", None, 200, Duration::from_millis(1));
        off.mailed(Mailed::Sent);
        assert!(off.text().is_none() && off.now().is_none());
    }

    #[test]
    fn no_backup_is_older_than_any() {
        let meters = Meters::on().unwrap();
        meters.backup(Some(Duration::from_secs(60)));
        meters.backup(None);
        assert!(meters.text().unwrap().contains("headroom_backup_age_seconds inf"), "{:?}", meters.text());
    }

    #[test]
    fn each_series_has_a_name_prometheus_would_give_it() {
        let names: BTreeSet<&str> = SERIES.iter().map(|series| series.name).collect();
        assert_eq!(names.len(), SERIES.len(), "a name is there twice");
        for series in SERIES {
            let name = series.name;
            assert!(
                name.starts_with("headroom_") && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'),
                "{name}"
            );
            assert_eq!(matches!(series.kind, Kind::Counter), name.ends_with("_total"), "{name}");
            assert!(series.help.ends_with('.'), "{name}: {}", series.help);
            if let Kind::Histogram(buckets) = series.kind {
                assert!(buckets.is_sorted() && !buckets.is_empty(), "{name}");
            }
        }
    }

    #[test]
    fn whoever_makes_up_methods_and_addresses_makes_no_series() {
        let meters = Meters::on().unwrap();
        for method in ["BREW", "kim@acme.test", "GET"] {
            meters.answered(known_method(method), None, 404, Duration::from_millis(1));
        }
        let text = meters.text().unwrap();
        assert!(
            text.contains("headroom_http_requests_total{method=\"other\",route=\"none\",status=\"404\"} 2"),
            "{text}"
        );
        assert!(!text.contains("kim"), "{text}");
    }
}
