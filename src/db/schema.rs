//! The schema and how old databases reach it. `schema.sql` is what a new database runs; an old one runs the numbered steps.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::error::{Error, Result};

/// The whole schema, for a new database.
const SCHEMA: &str = include_str!("../../schema.sql");

/// Steps from version 1 on: the first turns version 1 into 2. Append only; what was released stays as it is.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/2.sql"),
    include_str!("migrations/3.sql"),
    include_str!("migrations/4.sql"),
    include_str!("migrations/5.sql"),
    include_str!("migrations/6.sql"),
    include_str!("migrations/7.sql"),
    include_str!("migrations/8.sql"),
    include_str!("migrations/9.sql"),
    include_str!("migrations/10.sql"),
];

/// Marks the file as ours ("HDRM"), so that another program's database is never migrated.
const APPLICATION_ID: i32 = 0x4844_524d;

pub(super) fn bring_up_to_date(connection: &mut Connection, name: &Path) -> Result<()> {
    migrate(connection, SCHEMA, MIGRATIONS, name)
}

/// Says in one sentence why a database can't be opened and what to do.
pub(super) fn cannot_open(name: &Path, cause: rusqlite::Error) -> Error {
    use rusqlite::ErrorCode::{CannotOpen, NotADatabase, PermissionDenied, ReadOnly};
    let name = name.display();
    match cause.sqlite_error_code() {
        Some(NotADatabase) => {
            Error::invalid(plain!("{name} is not a database. Move it away, or point --data elsewhere."))
        }
        Some(ReadOnly | CannotOpen | PermissionDenied) => Error::invalid(plain!(
            "{name} can't be written. Give this user write access to the directory, or point --data at another."
        )),
        _ => cause.into(),
    }
}

/// The version this program knows.
fn newest(migrations: &[&str]) -> Result<i32> {
    Ok(1 + i32::try_from(migrations.len()).map_err(Error::internal)?)
}

/// What a database says it is: whether ours, its version, and the one this program knows.
pub(super) fn versions(connection: &Connection) -> Result<(bool, i32, i32)> {
    let version: i32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let owner: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    Ok((owner == APPLICATION_ID, version, newest(MIGRATIONS)?))
}

fn migrate(connection: &mut Connection, schema: &str, migrations: &[&str], name: &Path) -> Result<()> {
    let newest = newest(migrations)?;
    let tx = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(|cause| cannot_open(name, cause))?;
    let version: i32 = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let owner: i32 = tx.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let name = name.display();
    if version > newest && owner == APPLICATION_ID {
        return Err(Error::invalid(plain!(
            "{name} was written by a newer Headroom (schema {version}, this one knows {newest}). Install that version again, or restore a backup."
        )));
    }
    if version == 0 {
        let tables: i64 = tx.query_row("select count(*) from sqlite_schema", [], |row| row.get(0))?;
        if tables > 0 {
            return Err(Error::invalid(plain!(
                "{name} belongs to another program. Point --data at a directory of its own."
            )));
        }
        tx.execute_batch(schema)?;
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    } else if owner != APPLICATION_ID {
        return Err(Error::invalid(plain!(
            "{name} belongs to another program. Point --data at a directory of its own."
        )));
    }
    if version != newest {
        let done = usize::try_from((version - 1).max(0)).map_err(Error::internal)?;
        for step in migrations.iter().skip(if version == 0 { migrations.len() } else { done }) {
            tx.execute_batch(step)?;
        }
        tx.pragma_update(None, "user_version", newest)?;
    }
    tx.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the first version made.
    const FIRST: &str = include_str!("../../tests/schemas/1.sql");

    /// Everything in a database as it was declared, whatever its comments and its layout.
    fn shape(connection: &Connection) -> Vec<String> {
        let mut declared =
            connection.prepare("select coalesce(sql, name) from sqlite_schema order by type, name").unwrap();
        let rows = declared.query_map([], |row| row.get::<_, String>(0)).unwrap();
        // A table that was made anew and then renamed has its name in quotes, and SQLite's own words for the rest.
        rows.map(|sql| {
            let bare = sql
                .unwrap()
                .lines()
                .map(|line| line.split("--").next().unwrap_or_default())
                .collect::<Vec<_>>()
                .join(" ");
            bare.replace('"', "")
                .replace(',', " , ")
                .replace('(', " ( ")
                .replace(')', " ) ")
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect()
    }

    #[test]
    fn a_database_of_the_first_version_ends_with_the_schema_of_a_new_one() {
        let mut migrated = Connection::open_in_memory().unwrap();
        migrate(&mut migrated, FIRST, &[], Path::new("old.db")).unwrap();
        bring_up_to_date(&mut migrated, Path::new("old.db")).unwrap();
        let mut fresh = Connection::open_in_memory().unwrap();
        bring_up_to_date(&mut fresh, Path::new("new.db")).unwrap();
        let (migrated, fresh) = (shape(&migrated), shape(&fresh));
        let missing: Vec<_> = fresh.iter().filter(|one| !migrated.contains(one)).collect();
        let beyond: Vec<_> = migrated.iter().filter(|one| !fresh.contains(one)).collect();
        assert_eq!((missing, beyond), (vec![], vec![]));
    }

    #[test]
    fn what_an_old_database_holds_is_kept() {
        let mut old = Connection::open_in_memory().unwrap();
        migrate(&mut old, FIRST, &[], Path::new("old.db")).unwrap();
        old.execute_batch(
            "insert into organizations (id, name, created_at) values ('org_1', 'Acme', 1);
             insert into accounts (id, email, created_at) values ('a', 'kim@acme.test', 1);
             insert into members (id, organization_id, account_id, role, created_at) values ('m', 'org_1', 'a', 'owner', 1);",
        )
        .unwrap();
        bring_up_to_date(&mut old, Path::new("old.db")).unwrap();
        let kept: (String, String) =
            old.query_row("select email, kind from people", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!(kept, ("kim@acme.test".to_owned(), "personal".to_owned()));
    }

    #[test]
    fn a_newer_schema_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, "create table a (x integer) strict;", &["select 1"], Path::new("headroom.db"))
            .unwrap();
        let refused = migrate(&mut connection, "", &[], Path::new("headroom.db")).unwrap_err();
        assert!(refused.to_string().contains("newer Headroom (schema 2, this one knows 1)"), "{refused}");
    }

    #[test]
    fn another_programs_database_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("create table theirs (x)").unwrap();
        let refused = bring_up_to_date(&mut connection, Path::new("other.db")).unwrap_err();
        assert!(refused.to_string().contains("another program"), "{refused}");
    }

    #[test]
    fn the_schema_is_valid_and_strict() {
        let mut connection = Connection::open_in_memory().unwrap();
        bring_up_to_date(&mut connection, Path::new("new.db")).unwrap();
        let loose: Vec<String> = connection
            .prepare("select name from pragma_table_list where schema = 'main' and type = 'table' and not strict and name not like 'sqlite_%'")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap();
        assert_eq!(loose, Vec::<String>::new());
    }
}
