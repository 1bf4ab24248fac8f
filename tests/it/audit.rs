//! The audit log as it is kept: a chain that shows whatever is done to it by hand.

use std::time::Duration;

use headroom::{
    audit::{self, Action, Change, Check, Filter},
    clock::Clock,
    db::{Db, Place},
    ids::OrganizationId,
    members::Actor,
    organizations::{self, NewOrganization, OrganizationName},
};
use rusqlite::Connection;
use tempfile::TempDir;

/// A database in a file, so that someone else can write into it, and an organization with deeds 1 to 5.
struct Log {
    folder: TempDir,
    db: Db,
    organization: OrganizationId,
}

impl Log {
    async fn of_five() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&Place::File(folder.path().join("headroom.db")), Clock::system()).unwrap();
        let log = Self { organization: organization(&db, "Acme").await, folder, db };
        log.write(5).await;
        log
    }

    async fn write(&self, deeds: u32) {
        let by = Actor::operator(self.organization.clone());
        let write = move |tx: &headroom::db::Tx| {
            for deed in 0..deeds {
                by.note_change_of(tx, Action::TeamRenamed, "Sales", Change::new("a", &deed.to_string()))?;
            }
            Ok(())
        };
        self.db.write(write).await.unwrap();
    }

    fn check(&self) -> Check {
        self.db.read(|view| audit::verify(view, &self.organization)).unwrap()
    }

    /// The number of the first broken row, and what is said of it.
    fn fault(&self) -> (i64, String) {
        let fault = self.check().fault.expect("a fault");
        (fault.number, fault.words)
    }

    /// What someone does who has the file, and takes the triggers away first.
    fn tamper(&self, sql: &str) {
        let file = Connection::open(self.folder.path().join("headroom.db")).unwrap();
        file.pragma_update(None, "foreign_keys", true).unwrap();
        file.execute_batch("drop trigger audit_is_never_changed; drop trigger audit_only_forgets_who_left;").unwrap();
        file.execute_batch(sql).unwrap();
    }
}

async fn organization(db: &Db, name: &str) -> OrganizationId {
    let name = OrganizationName::parse(name).unwrap();
    let new = NewOrganization { name, website: None, unlimited: false, whitelabel: false };
    db.write(move |tx| Ok(organizations::create(tx, &new)?.id)).await.unwrap()
}

#[tokio::test]
async fn a_log_that_nobody_touched_holds() {
    let log = Log::of_five().await;
    let check = log.check();
    assert_eq!((check.entries, check.older, check.expired, &check.fault), (5, 0, 0, &None));
    assert_eq!(check.head.unwrap().number, 5);
    // Others write in between; each organization has a chain of its own.
    let other = organization(&log.db, "Globex").await;
    let by = Actor::operator(other.clone());
    log.db.write(move |tx| by.note_about(tx, Action::TeamMade, "Sales", None)).await.unwrap();
    log.write(1).await;
    assert_eq!(log.check().head.unwrap().number, 7);
    let theirs = log.db.read(|view| audit::verify(view, &other)).unwrap();
    assert_eq!((theirs.entries, theirs.fault), (1, None));
}

#[tokio::test]
async fn the_database_refuses_to_change_a_row() {
    let log = Log::of_five().await;
    let file = Connection::open(log.folder.path().join("headroom.db")).unwrap();
    for sql in [
        "update audit set who = 'Nobody' where id = 3",
        "update audit set after = null where id = 3",
        "update audit set digest = zeroblob(32) where id = 3",
        "update audit set created_at = 0 where id = 3",
    ] {
        let refused = file.execute_batch(sql).unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{sql}: {refused}");
    }
}

#[tokio::test]
async fn whatever_is_changed_by_hand_is_named() {
    for (sql, number, words) in [
        ("update audit set after = 'x' where id = 3", 3, "changed"),
        ("update audit set who = 'Nobody' where id = 1", 1, "changed"),
        ("update audit set action = 'no.such' where id = 2", 2, "changed"),
        ("update audit set subject = detail, detail = subject where id = 4", 4, "changed"),
        ("update audit set digest = zeroblob(32) where id = 5", 5, "changed"),
        ("update audit set digest = null where id = 3", 3, "no digest"),
        ("delete from audit where id = 3", 4, "entry 2"),
        ("delete from audit where id = 1", 2, "taken out"),
        ("delete from audit where id = 5", 5, "newest"),
        ("delete from audit", 5, "newest"),
        ("delete from audit_anchors", 1, "missing"),
        ("update audit_anchors set gone = 3", 1, "put in later"),
        (
            "insert into audit (organization_id, via, who, action, digest, created_at)
             select organization_id, via, who, action, digest, created_at from audit where id = 5",
            6,
            "put in",
        ),
    ] {
        let log = Log::of_five().await;
        assert_eq!(log.check().fault, None);
        log.tamper(sql);
        let (at, said) = log.fault();
        assert!(at == number && said.contains(words), "{sql}: entry {at}: {said}");
    }
}

#[tokio::test]
async fn what_goes_with_its_time_breaks_nothing() {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let log = Log::of_five().await;
    log.db.clock().advance(200 * DAY);
    log.write(2).await;
    log.db.clock().advance(200 * DAY);
    assert_eq!(log.db.write(audit::expire).await.unwrap(), 5);
    assert_eq!(log.db.write(audit::expire).await.unwrap(), 0);
    let check = log.check();
    assert_eq!((check.entries, check.expired, check.fault), (2, 5, None));
    // All of it goes, and it goes on: no number is given out twice.
    log.db.clock().advance(400 * DAY);
    assert_eq!(log.db.write(audit::expire).await.unwrap(), 2);
    assert_eq!((log.check().entries, log.check().expired, log.check().fault), (0, 7, None));
    log.write(1).await;
    let check = log.check();
    assert_eq!((check.entries, check.expired, check.fault.clone()), (1, 7, None));
    assert_eq!(check.head.unwrap().number, 8);
    log.tamper("delete from audit");
    assert_eq!(log.fault().0, 8);
}

#[tokio::test]
async fn rows_from_before_the_chain_are_told_apart() {
    let log = Log::of_five().await;
    // As a database of an earlier version holds them.
    log.tamper("delete from audit_anchors; update audit set digest = null;");
    assert_eq!((log.check().older, log.check().fault), (5, None));
    log.write(2).await;
    let check = log.check();
    assert_eq!((check.entries, check.older, check.expired, check.fault), (2, 5, 0, None));
}

#[tokio::test]
async fn what_a_look_found_is_kept_and_looked_at_again_a_day_later() {
    let log = Log::of_five().await;
    assert_eq!(log.db.read(|view| audit::unchecked(view, 10)).unwrap(), std::slice::from_ref(&log.organization));
    log.tamper("delete from audit where id = 5");
    let (check, whose) = (log.check(), log.organization.clone());
    log.db.write(move |tx| audit::keep(tx, &whose, &check)).await.unwrap();
    assert_eq!(log.db.read(|view| audit::unchecked(view, 10)).unwrap(), []);
    assert_eq!(log.db.read(audit::broken).unwrap(), 1);
    let last = log.db.read(|view| audit::last_check(view, &log.organization)).unwrap().unwrap();
    assert!(last.trouble.unwrap().starts_with("Entry 5: "));
    log.db.clock().advance(Duration::from_secs(25 * 60 * 60));
    assert_eq!(log.db.read(|view| audit::unchecked(view, 10)).unwrap().len(), 1);
}

#[tokio::test]
async fn a_log_is_taken_out_part_by_part() {
    let log = Log::of_five().await;
    let mut numbers = Vec::new();
    while let Some(last) = {
        let behind = numbers.last().copied().unwrap_or(0);
        let rows = log.db.read(|view| audit::export(view, &log.organization, &Filter::default(), behind, 2)).unwrap();
        numbers.extend(rows.iter().map(|entry| entry.number));
        rows.last().map(|entry| entry.number)
    } {
        assert!(last <= 5);
    }
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
}
