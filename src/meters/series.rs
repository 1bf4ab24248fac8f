//! Every series there is: its name, its kind, its labels and what it means. `docs/monitoring.md` repeats them.

/// What is told of a series.
#[derive(Clone, Copy, Debug)]
pub struct Series {
    /// Its name, with the unit at its end.
    pub name: &'static str,
    /// How it is to be read.
    pub kind: Kind,
    /// Its labels, in order.
    pub labels: &'static [&'static str],
    /// What it means.
    pub help: &'static str,
}

/// How a series is to be read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// It only grows, until the server starts again.
    Counter,
    /// It is as it is now.
    Gauge,
    /// How many were at most so large, by these bounds.
    Histogram(&'static [f64]),
}

impl Kind {
    /// Prometheus' word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram(_) => "histogram",
        }
    }
}

/// Seconds an answer may take.
const ANSWER: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Seconds a write may take: from a fast disk's fsync to one that hangs.
const WRITE: &[f64] = &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// Changes in a group, of which the writer takes 128 at most.
const GROUP: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];

/// Seconds someone else's server may take.
const AWAY: &[f64] = &[0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Seconds a stage of a shoot may take: from test data to a night.
const STAGE: &[f64] = &[1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 14400.0];

const fn counter(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Series {
    Series { name, kind: Kind::Counter, labels, help }
}

const fn gauge(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Series {
    Series { name, kind: Kind::Gauge, labels, help }
}

const fn histogram(
    name: &'static str,
    buckets: &'static [f64],
    labels: &'static [&'static str],
    help: &'static str,
) -> Series {
    Series { name, kind: Kind::Histogram(buckets), labels, help }
}

pub(super) const REQUESTS: Series = counter(
    "headroom_http_requests_total",
    &["method", "route", "status"],
    "Requests answered. The route is a pattern, and none for what matches nothing.",
);
pub(super) const REQUEST_TIME: Series = histogram(
    "headroom_http_request_duration_seconds",
    ANSWER,
    &["method", "route"],
    "Time from a request's head to its answer's head.",
);
pub(super) const SIGN_INS: Series = counter(
    "headroom_sign_ins_total",
    &["by", "outcome"],
    "Attempts to sign in: accepted, half (a second factor is due), or refused.",
);
pub(super) const QUEUE_JOBS: Series = gauge(
    "headroom_queue_jobs",
    &["queue", "state"],
    "Jobs that wait (due or not), run, or are parked because they failed for good.",
);
pub(super) const QUEUE_AGE: Series = gauge(
    "headroom_queue_oldest_due_age_seconds",
    &["queue"],
    "How long the oldest due job has been due; 0 if none is.",
);
pub(super) const MAILS: Series = counter(
    "headroom_mails_total",
    &["outcome"],
    "Attempts to send a mail: sent, deferred, refused, or kept in the outbox.",
);
pub(super) const WEBHOOKS: Series = counter(
    "headroom_webhook_deliveries_total",
    &["outcome"],
    "Attempts to deliver a webhook: delivered, retry, given_up, switched_off (the endpoint), or too_late.",
);
pub(super) const WEBHOOK_TIME: Series =
    histogram("headroom_webhook_delivery_duration_seconds", AWAY, &[], "Time an endpoint took to answer.");
pub(super) const SHOOTS: Series = counter(
    "headroom_shoots_total",
    &["outcome"],
    "Tries at a shoot that ended: ready, restarts (failed, and restarts by itself), or failed for good.",
);
pub(super) const STAGE_TIME: Series = histogram(
    "headroom_shoot_stage_duration_seconds",
    STAGE,
    &["stage"],
    "Time shoots spent in a stage: submitted, training or generating.",
);
pub(super) const WRITE_GROUP: Series =
    histogram("headroom_db_write_group_size", GROUP, &[], "Changes committed to the database together.");
pub(super) const WRITE_WAIT: Series =
    histogram("headroom_db_write_wait_duration_seconds", WRITE, &[], "Time a change waited until the writer began it.");
pub(super) const WRITE_COMMIT: Series = histogram(
    "headroom_db_write_commit_duration_seconds",
    WRITE,
    &[],
    "Time it took to write a group of changes and to have it on disk.",
);
pub(super) const WRITE_FULL: Series =
    counter("headroom_db_writes_refused_total", &[], "Changes refused because too many waited already.");
pub(super) const DATABASE_SIZE: Series = gauge("headroom_db_file_size_bytes", &[], "Size of the database's file.");
pub(super) const WAL_SIZE: Series = gauge("headroom_db_wal_size_bytes", &[], "Size of the database's write-ahead log.");
pub(super) const DISK_FREE: Series =
    gauge("headroom_photos_disk_free_bytes", &[], "Free space on the disk that has the photos.");
pub(super) const BACKUP_AGE: Series = gauge(
    "headroom_backup_age_seconds",
    &[],
    "Age of the newest backup that the server made by itself; +Inf if none is to be found.",
);
pub(super) const BUILD: Series =
    gauge("headroom_build_info", &["version"], "Always 1; the label says which version runs.");
pub(super) const STARTED: Series =
    gauge("headroom_start_time_seconds", &[], "When the server started, in seconds since 1970.");

/// Every one of them.
pub const SERIES: &[Series] = &[
    REQUESTS,
    REQUEST_TIME,
    SIGN_INS,
    QUEUE_JOBS,
    QUEUE_AGE,
    MAILS,
    WEBHOOKS,
    WEBHOOK_TIME,
    SHOOTS,
    STAGE_TIME,
    WRITE_GROUP,
    WRITE_WAIT,
    WRITE_COMMIT,
    WRITE_FULL,
    DATABASE_SIZE,
    WAL_SIZE,
    DISK_FREE,
    BACKUP_AGE,
    BUILD,
    STARTED,
];
