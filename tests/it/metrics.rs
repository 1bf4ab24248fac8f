//! What Prometheus is told: exact where it can be, valid throughout, and about nobody in particular.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use headroom::{
    members::Actor,
    meters::{Kind, SERIES},
    server::{Mode, Server},
    webhooks::{self, Target},
};
use regex::Regex;
use reqwest::Method;
use serde_json::json;

use crate::{
    app::{Answer, Caller, INVITES, TEAMS, TestApp, Wishes},
    studio::{gather, submit},
};

/// The values of a scrape, by name and labels as they are written.
type Values = BTreeMap<String, f64>;

fn with_metrics() -> Wishes {
    Wishes { settings: vec![("metrics_listen", "127.0.0.1:0".to_owned())], ..Wishes::default() }
}

async fn scrape(app: &TestApp) -> Values {
    let answer = Answer::of(app.client.get(app.metrics.as_ref().unwrap())).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    parsed(&answer.text())
}

/// Reads Prometheus' text format, strictly: each family has its help and type first and is there once, each sample belongs to
/// its family and is there once, and the buckets of a histogram add up.
fn parsed(text: &str) -> Values {
    let sample = Regex::new(r#"^([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)+)\})? (\S+)$"#).unwrap();
    let label = Regex::new(r#"([a-z]+)="((?:[^"\\]|\\.)*)""#).unwrap();
    let mut values = Values::new();
    let mut families = BTreeSet::new();
    let mut family = None;
    let mut help = None;
    assert!(text.ends_with('\n'));
    for line in text.lines().filter(|line| !line.is_empty()) {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            help = Some(rest.split_once(' ').unwrap().0.to_owned());
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert_eq!(help.take().as_deref(), Some(name), "a type without its help");
            let series =
                SERIES.iter().find(|series| series.name == name).unwrap_or_else(|| panic!("{name} is unknown"));
            assert_eq!(series.kind.word(), kind, "{name}");
            assert!(families.insert(name.to_owned()), "{name} is there twice");
            family = Some(series);
        } else {
            let found = sample.captures(line).unwrap_or_else(|| panic!("no sample: {line}"));
            let series = family.expect("a sample before its family");
            let end = found[1].strip_prefix(series.name).unwrap_or_else(|| panic!("{line} in {}", series.name));
            let is_histogram = matches!(series.kind, Kind::Histogram(_));
            assert!(if is_histogram { ["_bucket", "_sum", "_count"].contains(&end) } else { end.is_empty() }, "{line}");
            let labels = found.get(2).map_or("", |labels| labels.as_str());
            let names: Vec<String> = label.captures_iter(labels).map(|one| one[1].to_owned()).collect();
            let mut wanted = series.labels.to_vec();
            if end == "_bucket" {
                wanted.push("le");
            }
            assert_eq!(names, wanted, "{line}");
            for value in label.captures_iter(labels) {
                assert!(is_about_nobody(&value[2]), "{line}");
            }
            let value: f64 = found[3].parse().unwrap_or_else(|_| panic!("no number: {line}"));
            assert!(value >= 0.0, "{line}");
            let name = line.rsplit_once(' ').unwrap().0.to_owned();
            assert!(values.insert(name, value).is_none(), "{line} is there twice");
        }
    }
    buckets_add_up(&values);
    values
}

/// Neither an address nor an id.
fn is_about_nobody(value: &str) -> bool {
    !value.contains('@') && !Regex::new("[0-9a-f]{24}").unwrap().is_match(value)
}

fn buckets_add_up(values: &Values) {
    let bound = Regex::new(r#",?le="[^"]+""#).unwrap();
    let mut by_labels: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for (name, value) in values.iter().filter(|(name, _)| name.contains("_bucket{")) {
        by_labels.entry(bound.replace(name, "").into_owned()).or_default().push(*value);
    }
    for (name, mut counts) in by_labels {
        let count = values[&name.replace("_bucket{", "_count{").replace("{}", "")];
        counts.sort_by(f64::total_cmp);
        assert_eq!(counts.last(), Some(&count), "{name}");
    }
}

#[tokio::test]
async fn what_happened_is_counted_exactly() {
    let app = TestApp::start_with(with_metrics()).await;
    let (by, key) = (Actor::operator(app.organization.clone()), app.key.clone());
    // One is as good as twelve, and sooner made.
    app.db.write(|tx| tx.execute("update organizations set headshots = 1", [])).await.unwrap();
    let target = Target::parse(&format!("{}/dev/webhooks", app.url)).unwrap();
    app.db.write(move |tx| webhooks::create(tx, &by, &key, &target, &[])).await.unwrap();
    for _ in 0..3 {
        app.get(&app.lead, TEAMS).await.ok();
    }
    for who in ["kim", "lee"] {
        let path = format!("/{who}@acme.test/507f1f77bcf86cd799439011?token=hunter2");
        assert_eq!(app.get(&Caller::Nobody, &path).await.status, 404);
    }
    app.get(&Caller::Nobody, TEAMS).await.refused(401, "UNAUTHORIZED");
    app.submit(&app.owner, "/account/password", &[("new", "correct horse")]).await.redirects();
    for (password, status) in [("hunter2", 401), ("correct horse", 303)] {
        let typed = [("email", "ada@acme.test"), ("password", password)];
        assert_eq!(app.submit(&Caller::Nobody, "/signin/password", &typed).await.status, status);
    }
    app.post(&app.lead, INVITES, &json!({ "email": "lee@acme.test" })).await.ok();
    assert_eq!(Answer::of(app.request(&app.owner, Method::DELETE, "/app/admin")).await.status, 405);
    let (kim, shoot) = app.member("kim@acme.test").await;
    gather(&app, &kim).await;
    submit(&app, &kim).await.redirects();
    for _ in 0..4 {
        app.advance(Duration::from_secs(30)).await;
    }
    assert_eq!(app.get(&app.lead, &format!("/api/v2/organization/models/{shoot}")).await.status, 200);
    let caught = app.get(&Caller::Nobody, "/dev/webhooks.json").await.json().as_array().unwrap().len();
    assert!(caught > 0);

    let values = scrape(&app).await;
    let requests = |method: &str, route: &str, status: u16| {
        let name = format!("{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}");
        values.get(&format!("headroom_http_requests_total{name}")).copied()
    };
    assert_eq!(requests("GET", TEAMS, 200), Some(3.0));
    assert_eq!(requests("GET", TEAMS, 401), Some(1.0));
    assert_eq!(requests("POST", INVITES, 200), Some(1.0));
    assert_eq!(requests("GET", "none", 404), Some(2.0));
    assert_eq!(requests("DELETE", "/app/admin", 405), Some(1.0));
    assert_eq!(requests("GET", "/api/v2/organization/models/{id}", 200), Some(1.0));
    let timed = format!("headroom_http_request_duration_seconds_count{{method=\"GET\",route=\"{TEAMS}\"}}");
    assert_eq!(values[&timed], 4.0);

    let mails = u32::try_from(app.outbox().len()).unwrap();
    assert_eq!(values["headroom_mails_total{outcome=\"kept\"}"], f64::from(mails));
    assert_eq!(values["headroom_mails_total{outcome=\"sent\"}"], 0.0);
    let caught = f64::from(u32::try_from(caught).unwrap());
    assert_eq!(values["headroom_webhook_deliveries_total{outcome=\"delivered\"}"], caught);
    assert_eq!(values["headroom_webhook_delivery_duration_seconds_count"], caught);
    assert_eq!(values["headroom_shoots_total{outcome=\"ready\"}"], 1.0);
    assert_eq!(values["headroom_shoots_total{outcome=\"failed\"}"], 0.0);
    assert_eq!(values["headroom_shoot_stage_duration_seconds_count{stage=\"submitted\"}"], 1.0);
    assert_eq!(values["headroom_shoot_stage_duration_seconds_count{stage=\"training\"}"], 1.0);

    let tried =
        |by: &str, outcome: &str| values[&format!("headroom_sign_ins_total{{by=\"{by}\",outcome=\"{outcome}\"}}")];
    assert_eq!((tried("password", "accepted"), tried("password", "refused")), (1.0, 1.0));
    assert_eq!((tried("password", "half"), tried("code", "refused")), (0.0, 0.0));

    assert_eq!(values["headroom_queue_jobs{queue=\"mail\",state=\"parked\"}"], 0.0);
    assert_eq!(values["headroom_queue_oldest_due_age_seconds{queue=\"mail\"}"], 0.0);
    let written = values["headroom_db_write_group_size_sum"];
    // One that was begun may not be committed yet.
    assert!(written > 0.0 && values["headroom_db_write_wait_duration_seconds_count"] >= written);
    assert!(values["headroom_db_write_commit_duration_seconds_count"] <= written);
    assert_eq!(values["headroom_db_writes_refused_total"], 0.0);
    assert_eq!(values[&format!("headroom_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"))], 1.0);
}

#[tokio::test]
async fn sizes_are_those_of_the_files() {
    let data = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(Wishes { data: Some(data.path().to_owned()), ..with_metrics() }).await;
    let values = scrape(&app).await;
    let size = |file: &str| u32::try_from(data.path().join(file).metadata().unwrap().len()).unwrap();
    assert_eq!(values["headroom_db_file_size_bytes"], f64::from(size("headroom.db")));
    let log = values["headroom_db_wal_size_bytes"];
    assert!(log > 0.0 && log <= f64::from(size("headroom.db-wal")));
    assert!(values["headroom_photos_disk_free_bytes"] > 0.0);
    // With a shoot that fails for good and a mail refused, every series there is has been told.
    let told = |name: &str| values.keys().any(|key| key.starts_with(name));
    let later = ["headroom_http", "headroom_shoot_stage", "headroom_webhook_delivery_duration", "headroom_backup"];
    for series in SERIES.iter().filter(|series| !later.iter().any(|name| series.name.starts_with(name))) {
        assert!(told(series.name), "{}", series.name);
    }
}

#[tokio::test]
async fn their_door_has_nothing_else_and_is_shut_unless_it_is_asked_for() {
    let app = TestApp::start_with(with_metrics()).await;
    let metrics = app.metrics.clone().unwrap();
    let base = metrics.strip_suffix("/metrics").unwrap();
    for path in ["/", "/livez", "/app/admin", "/metrics/more"] {
        assert_eq!(app.client.get(format!("{base}{path}")).send().await.unwrap().status(), 404, "{path}");
    }
    assert_ne!(app.client.post(&metrics).send().await.unwrap().status(), 200);
    assert_eq!(app.client.head(&metrics).send().await.unwrap().status(), 200);
    assert_eq!(app.get(&app.owner, "/metrics").await.status, 404, "not at the door for everyone");
    assert!(TestApp::start().await.metrics.is_none());
}

#[tokio::test]
async fn a_taken_address_is_told_in_a_sentence() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let flags = vec![("listen", "127.0.0.1:0".to_owned()), ("metrics_listen", address.clone())];
    let sources = headroom::config::Sources { flags, ..Default::default() };
    let config = headroom::config::Config::load(&sources).unwrap();
    let refused = Server::build(config, Mode::Dev).err().unwrap().to_string();
    assert!(refused.contains(&address) && refused.contains("metrics_listen"), "{refused}");
}

/// The series that a text names.
fn named(text: &str) -> BTreeSet<String> {
    let name = Regex::new(r"headroom_[a-z_]+").unwrap();
    let family = |name: &str| {
        let of = |series: &&headroom::meters::Series| match series.kind {
            Kind::Histogram(_) => {
                name.strip_prefix(series.name).is_some_and(|end| ["_bucket", "_sum", "_count"].contains(&end))
            }
            Kind::Counter | Kind::Gauge => series.name == name,
        };
        SERIES.iter().find(of).map_or_else(|| format!("{name}, which there is not"), |series| series.name.to_owned())
    };
    name.find_iter(text).map(|found| family(found.as_str())).collect()
}

#[test]
fn the_dashboard_and_the_alerts_ask_for_nothing_that_is_not_there() {
    let known: BTreeSet<String> = SERIES.iter().map(|series| series.name.to_owned()).collect();
    let dashboard = include_str!("../../docs/grafana/headroom.json");
    let model: serde_json::Value = serde_json::from_str(dashboard).unwrap();
    assert_eq!(model["__inputs"][0]["pluginId"], "prometheus");
    let panels = model["panels"].as_array().unwrap();
    let mut ids = BTreeSet::new();
    let mut asked = String::new();
    for panel in panels {
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{panel}");
        if panel["type"] == "row" {
            continue;
        }
        assert_eq!(panel["datasource"]["uid"], "${DS_PROMETHEUS}", "{panel}");
        for target in panel["targets"].as_array().unwrap() {
            asked.push_str(target["expr"].as_str().unwrap());
            asked.push('\n');
        }
    }
    assert_eq!(named(&asked), known, "the dashboard shows each series there is");
    let alerts = include_str!("../../docs/grafana/alerts.yml");
    let expressions: String = alerts.lines().filter(|line| line.trim_start().starts_with("expr:")).collect();
    assert!(!expressions.is_empty() && named(&expressions).is_subset(&known), "{:?}", named(&expressions));
}

#[test]
fn the_guide_has_a_row_for_each_series() {
    let guide = include_str!("../../docs/monitoring.md");
    for series in SERIES {
        let labels: Vec<String> = series.labels.iter().map(|label| format!("`{label}`")).collect();
        let row = format!("| `{}` | {} | {} | {} |", series.name, series.kind.word(), labels.join(", "), series.help);
        assert!(guide.contains(&row), "docs/monitoring.md lacks: {row}");
    }
    let rows = guide.lines().filter(|line| line.starts_with("| `headroom_")).count();
    assert_eq!(rows, SERIES.len());
}
