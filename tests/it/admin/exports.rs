//! Files that are made while they are sent: as long as a list may be, a piece of it at a time.

use std::time::Duration;

use headroom::ids::{AccountId, MemberId};
use reqwest::Method;
use rusqlite::named_params;

use crate::app::{PATIENCE, TestApp};

/// No piece is larger: what is in memory at once.
const LARGEST: usize = 256 * 1024;

/// The lines of a file, read as it comes, and in how many pieces it came at least.
async fn read(app: &TestApp, path: &str) -> (Vec<String>, usize) {
    let request = app.request(&app.owner, Method::GET, path).timeout(4 * PATIENCE);
    let mut answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
    // Nobody knew how long it would be when it began.
    assert!(answer.headers().get("content-length").is_none());
    assert_eq!(answer.headers()["transfer-encoding"], "chunked");
    let (mut bytes, mut pieces) = (Vec::new(), 0);
    while let Some(piece) = answer.chunk().await.unwrap() {
        assert!(piece.len() <= LARGEST, "a piece of {} bytes", piece.len());
        bytes.extend_from_slice(&piece);
        pieces += 1;
    }
    let text = String::from_utf8(bytes).unwrap();
    let text = text.strip_prefix('\u{feff}').expect("the mark that spreadsheets look for");
    (text.lines().map(str::to_owned).collect(), pieces)
}

#[tokio::test]
async fn ten_thousand_members_come_in_pieces_and_in_order() {
    let app = TestApp::start().await;
    let organization = app.organization.clone();
    app.db
        .write(move |tx| {
            for nth in 0..10_000 {
                let account = AccountId::new();
                tx.execute(
                    "insert into accounts (id, email, name, created_at) values (:id, :email, :name, :now)",
                    named_params! {
                        ":id": account, ":email": format!("p{nth}@acme.test"), ":name": format!("={:05}", 9_999 - nth), ":now": tx.now,
                    },
                )?;
                tx.execute(
                    "insert into members (id, organization_id, account_id, role, created_at)
                     values (:id, :organization, :account, 'member', :at)",
                    named_params! {
                        ":id": MemberId::new(), ":organization": organization, ":account": account,
                        ":at": tx.now + Duration::from_millis(nth),
                    },
                )?;
            }
            Ok(())
        })
        .await
        .unwrap();
    let (lines, pieces) = read(&app, "/app/admin/members.csv").await;
    assert_eq!(lines.len(), 10_002, "headings, the owner and everyone");
    assert!(pieces > 10, "{pieces}");
    assert!(lines[1].starts_with("'=00000,p9999@acme.test,,,Member,Joined,"), "{}", lines[1]);
    assert!(lines[10_001].starts_with(",ada@acme.test,,,Owner,Lead,"), "{}", lines[10_001]);
    let (by_name, _) = read(&app, "/app/admin/members.csv?sort=name&q=p").await;
    assert!(by_name[1].starts_with("'=00000,") && by_name[10_000].starts_with("'=09999,"), "{}", by_name[1]);
    let (few, _) = read(&app, "/app/admin/members.csv?q=p9999").await;
    assert_eq!(few.len(), 2);
}

#[tokio::test]
async fn a_hundred_thousand_entries_of_the_ledger_come_in_pieces() {
    let app = TestApp::start().await;
    let organization = app.organization.clone();
    app.db
        .write(move |tx| {
            for nth in 1..=100_000 {
                tx.execute(
                    "insert into ledger (organization_id, kind, amount, balance, reason, created_at)
                     values (:organization, 'adjust', :amount, :balance, 'Counted, again', :now)",
                    named_params! {
                        ":organization": organization, ":amount": if nth % 2 == 0 { -1 } else { 1 },
                        ":balance": 100 + nth % 2, ":now": tx.now,
                    },
                )?;
            }
            Ok(())
        })
        .await
        .unwrap();
    let (lines, pieces) = read(&app, "/app/admin/credits.csv").await;
    assert_eq!(lines[0], "Time,Reason,Person,Credits in,Credits out,Balance");
    assert_eq!(lines.len(), 100_002);
    assert!(pieces > 100, "{pieces}");
    assert!(lines[1].ends_with(",\"Counted, again\",,,1,100"), "{}", lines[1]);
    assert!(lines[100_001].ends_with(",To begin with,,100,,100"), "{}", lines[100_001]);
    assert!(app.page("/app/admin/credits").await.contains("href=\"/app/admin/credits.csv\""));
}
