//! The schema and how old databases reach it. `schema.sql` is what a new database runs; an old one runs the numbered steps.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::error::{Error, Result};

/// The whole schema, for a new database.
const SCHEMA: &str = include_str!("../../schema.sql");

/// Steps from version 1 on: the first turns version 1 into 2. Append only; what was released stays as it is.
const MIGRATIONS: &[&str] = &[];

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
            Error::invalid(format!("{name} is not a database. Move it away, or point --data elsewhere."))
        }
        Some(ReadOnly | CannotOpen | PermissionDenied) => Error::invalid(format!(
            "{name} can't be written. Give this user write access to the directory, or point --data at another."
        )),
        _ => cause.into(),
    }
}

fn migrate(connection: &mut Connection, schema: &str, migrations: &[&str], name: &Path) -> Result<()> {
    let newest = 1 + i32::try_from(migrations.len()).map_err(Error::internal)?;
    let tx = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(|cause| cannot_open(name, cause))?;
    let version: i32 = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let owner: i32 = tx.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let name = name.display();
    if version > newest && owner == APPLICATION_ID {
        return Err(Error::invalid(format!(
            "{name} was written by a newer Headroom (schema {version}, this one knows {newest}). Install that version again, or restore a backup."
        )));
    }
    if version == 0 {
        let tables: i64 = tx.query_row("select count(*) from sqlite_schema", [], |row| row.get(0))?;
        if tables > 0 {
            return Err(Error::invalid(format!(
                "{name} belongs to another program. Point --data at a directory of its own."
            )));
        }
        tx.execute_batch(schema)?;
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    } else if owner != APPLICATION_ID {
        return Err(Error::invalid(format!(
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

    fn shape(connection: &Connection) -> Vec<String> {
        connection
            .prepare("select type || ' ' || name || ': ' || coalesce(sql, '') from sqlite_schema order by 1")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap()
    }

    #[test]
    fn an_old_database_ends_with_the_schema_of_a_new_one() {
        let old = "create table a (x integer) strict;";
        let new = "create table a (x integer) strict;\ncreate table b (y text) strict;";
        let steps = ["create table b (y text) strict"];
        let mut migrated = Connection::open_in_memory().unwrap();
        migrate(&mut migrated, old, &[], Path::new("m")).unwrap();
        migrate(&mut migrated, new, &steps, Path::new("m")).unwrap();
        let mut fresh = Connection::open_in_memory().unwrap();
        migrate(&mut fresh, new, &steps, Path::new("f")).unwrap();
        assert_eq!(shape(&migrated), shape(&fresh));
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
