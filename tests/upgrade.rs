//! An upgrade from the oldest schema: rows in every table, the program of today on them, and nothing lost.
#![expect(clippy::unwrap_used, reason = "a test that can't go on panics, its helpers included")]

use std::{
    collections::BTreeMap,
    path::Path,
    process::{Command, Output},
};

use rusqlite::{Connection, types::Value};
use serde_json::Value as Json;
use tempfile::TempDir;

/// What version 1 made, and what was in it.
const SCHEMA: &str = include_str!("schemas/1.sql");
const ROWS: &str = include_str!("schemas/1-rows.sql");

/// "HDRM", as `src/db/schema.rs` marks a file.
const APPLICATION_ID: i32 = 0x4844_524d;

/// The rows of a table, each by column.
type Rows = Vec<BTreeMap<String, Value>>;

fn old_database(file: &Path) -> Connection {
    let old = Connection::open(file).unwrap();
    old.pragma_update(None, "journal_mode", "wal").unwrap();
    old.pragma_update(None, "foreign_keys", true).unwrap();
    old.execute_batch(SCHEMA).unwrap();
    old.execute_batch(ROWS).unwrap();
    old.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    old
}

fn tables(connection: &Connection) -> BTreeMap<String, Rows> {
    let mut list =
        connection.prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'").unwrap();
    let names = list.query_map([], |row| row.get::<_, String>(0)).unwrap();
    names.map(Result::unwrap).map(|name| (name.clone(), rows(connection, &name))).collect()
}

fn rows(connection: &Connection, table: &str) -> Rows {
    let mut all = connection.prepare(&format!("select * from {table}")).unwrap();
    let columns: Vec<String> = all.column_names().iter().map(|name| (*name).to_owned()).collect();
    let read = all
        .query_map([], |row| columns.iter().enumerate().map(|(at, name)| Ok((name.clone(), row.get(at)?))).collect());
    read.unwrap().map(Result::unwrap).collect()
}

fn headroom(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_headroom"));
    command.current_dir(folder).env_clear().args(["--data", "."]).args(args).output().unwrap()
}

#[track_caller]
fn json(folder: &Path, args: &[&str]) -> Json {
    let output = headroom(folder, &[args, &["--json"]].concat());
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn what_was_kept_by_the_first_version_is_there_in_this_one() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("headroom.db");
    let before = tables(&old_database(&file));
    let empty: Vec<&String> = before.iter().filter(|(_, rows)| rows.is_empty()).map(|(name, _)| name).collect();
    assert_eq!(empty, Vec::<&String>::new(), "tables without a row would prove nothing");

    // The first command of a newer version brings the file up to date; none of these writes anything else.
    let organizations = json(folder.path(), &["org", "list"]);
    let mut names: Vec<(&str, i64)> = organizations["organizations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].as_str().unwrap(), one["credits"].as_i64().unwrap()))
        .collect();
    names.sort_unstable();
    assert_eq!(names, [("Acme", 24), ("Globex", 0)]);

    let now = Connection::open(&file).unwrap();
    let version: i32 = now.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert!(version > 1, "nothing was migrated");
    let broken: i64 = now.query_row("select count(*) from pragma_foreign_key_check", [], |row| row.get(0)).unwrap();
    let sound: String = now.pragma_query_value(None, "integrity_check", |row| row.get(0)).unwrap();
    assert_eq!((broken, sound.as_str()), (0, "ok"));

    let after = tables(&now);
    for (table, old) in &before {
        let new = after.get(table).unwrap_or_else(|| panic!("{table} is gone"));
        let missing: Vec<_> = old.iter().filter(|row| !new.iter().any(|one| holds(one, row))).collect();
        assert!(missing.is_empty(), "{table} lost {missing:#?}\nand has {new:#?}");
    }

    let members = json(folder.path(), &["member", "list", "--org", "Acme"]);
    assert_eq!(members["members"].as_array().unwrap().len(), 3, "{members}");
    let ledger = json(folder.path(), &["credits", "ledger", "--org", "Acme"]);
    assert_eq!((ledger["ledger"].as_array().unwrap().len(), &ledger["ledger"][0]["balance"]), (4, &24.into()));
    let keys = json(folder.path(), &["key", "list", "--org", "Acme"]);
    assert_eq!(keys["keys"][0]["name"], "HR import", "{keys}");
    let doctor = headroom(folder.path(), &["doctor", "--json"]);
    let checks: Json = serde_json::from_slice(&doctor.stdout).unwrap();
    for check in ["database", "integrity", "audit"] {
        let found = checks.as_array().unwrap().iter().find(|one| one["check"] == check).unwrap();
        assert_eq!(found["ok"], true, "{found}");
    }
}

/// Whether a row of today has all that one of then had, as far as its columns are still there.
fn holds(new: &BTreeMap<String, Value>, old: &BTreeMap<String, Value>) -> bool {
    old.iter().all(|(column, value)| column == "changes" || new.get(column).is_none_or(|now| now == value))
}
