use std::time::Instant;

use headroom::{
    credits::{self, Period},
    organizations,
};

use super::scene::At;
use crate::app::TestApp;

#[tokio::test]
async fn the_ledger_shows_where_credits_went() {
    let app = TestApp::start().await;
    app.person("kim@acme.test", Some("Kim & Co"), At::Generating).await;
    app.person("sam@acme.test", None, At::Failed).await;
    let html = app.page("/app/admin/credits").await;
    assert!(html.contains("<span class=\"value\">99</span>"), "{html}");
    assert!(html.contains("Photos submitted") && html.contains("Kim &#38; Co") && html.contains("−1"));
    assert!(html.contains("The headshots could not be made") && html.contains("+1") && html.contains("+100"));
    assert!(html.contains("4 entries"));
    assert!(html.contains(&format!("headroom credits grant --org {}", app.organization)));
    // Who has credits was not stopped by having none.
    assert!(!app.page("/app/admin/credits?why=invite").await.contains("No credits left"));
}

#[tokio::test]
async fn a_long_ledger_is_walked_in_parts() {
    let app = TestApp::start().await;
    for _ in 0..60 {
        app.grant(1).await;
    }
    let html = app.page("/app/admin/credits").await;
    assert!(html.contains("61 entries") && html.contains("+1</td>"));
    assert!(!html.contains("To begin with"));
    let next = html.split("rel=\"next\"").next().unwrap().rsplit("href=\"").next().unwrap().split('"').next().unwrap();
    assert!(app.page(next).await.contains("To begin with"));
}

#[tokio::test]
async fn unlimited_credits_are_called_so() {
    let app = TestApp::start().await;
    let organization = app.organization.clone();
    app.db.write(move |tx| organizations::set(tx, &organization, "unlimited", "on")).await.unwrap();
    let html = app.page("/app/admin/credits").await;
    assert!(html.contains("Unlimited") && !html.contains("How to get more"));
    assert!(app.page("/app/admin").await.contains("Unlimited"));
}

#[tokio::test]
async fn credits_are_drawn_over_time_and_told_in_figures() {
    let app = TestApp::start().await;
    app.person("kim@acme.test", Some("Kim"), At::Generating).await;
    let html = app.page("/app/admin/credits").await;
    assert!(html.contains("role=\"img\" aria-labelledby=\"chart-name chart-words\""), "{html}");
    assert!(html.contains("From 0 to 99 left: 100 granted, 1 used, 0 given back."), "{html}");
    assert!(html.contains("99 credits left, 100 granted, 1 used</title>"), "each span says what it is");
    assert!(html.contains("The same in figures") && html.contains("data-label=\"Used\">1</td>"));
    for period in ["30d", "1y", "all", "nonsense"] {
        let html = app.page(&format!("/app/admin/credits?period={period}")).await;
        assert!(html.contains("100 granted, 1 used"), "{period}");
    }
    assert!(app.page("/app/admin/credits?period=1y").await.contains("Week from"));
}

#[tokio::test]
async fn the_ledger_is_taken_along_as_a_list() {
    let app = TestApp::start().await;
    app.person("kim@acme.test", Some("=Kim"), At::Generating).await;
    let file = app.get(&app.owner, "/app/admin/credits.csv").await;
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    let lines: Vec<_> = file.text().lines().map(str::to_owned).collect();
    assert_eq!(lines[0].trim_start_matches('\u{feff}'), "Time,Reason,Person,Credits in,Credits out,Balance");
    assert!(lines[1].ends_with(",Photos submitted,'=Kim,,1,99"), "{lines:?}");
    assert!(lines[2].ends_with(",To begin with,,100,,100"), "{lines:?}");
    assert_eq!(lines.len(), 3);
}

#[tokio::test]
async fn a_hundred_thousand_entries_are_summed_up_by_an_index() {
    let app = TestApp::start().await;
    let (organization, id) = (app.organization.clone(), app.organization.clone());
    app.db
        .write(move |tx| {
            tx.execute("update organizations set credits = 0 where id = ?1", [&organization])?;
            tx.execute("drop trigger ledger_adds_up", [])?;
            tx.execute("drop trigger ledger_keeps_balance", [])?;
            tx.execute(
                "insert into ledger (organization_id, kind, amount, balance, reason, created_at)
                 with recursive each (nth) as (select 1 union all select nth + 1 from each where nth < 100000)
                 select ?1, 'grant', 1, 100 + nth, 'Test', ?2 - nth * 60000 from each",
                (&organization, tx.now),
            )
        })
        .await
        .unwrap();
    let plan: Vec<String> = app
        .db
        .read(|view| {
            view.all(
                "explain query plan
                 select (created_at - 0) / 86400000 as nth, sum(amount) filter (where kind = 'grant'), max(id), balance
                 from ledger where organization_id = :organization and created_at >= 0 and created_at < 1 group by nth",
                rusqlite::named_params! { ":organization": id },
                |row| row.get("detail"),
            )
        })
        .unwrap();
    assert!(plan.iter().any(|step| step.contains("COVERING INDEX ledger_by_time")), "{plan:?}");
    let begun = Instant::now();
    let history = app.db.read(|view| credits::history(view, &app.organization, Period::Quarter)).unwrap();
    assert_eq!(history.spans.iter().map(|span| span.granted).sum::<i64>(), 100_100, "all but none of them");
    // A tenth of this is usual, also in a build that isn't optimized.
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
    let html = app.page("/app/admin/credits").await;
    assert!(html.contains("100,001 entries"), "{html}");
}
