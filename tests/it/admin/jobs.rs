//! The jobs of an organization, and running again what gave up.

use headroom::{
    audit::{self, Action},
    db::Part,
    ids::{JobId, OrganizationId},
    invites::{self, NewInvite},
    members::Actor,
    queue::{self, Job},
};
use rusqlite::named_params;

use crate::app::TestApp;

const PAGE: &str = "/app/admin/jobs";

/// A mail with an invite that gave up.
async fn parked(app: &TestApp, organization: &OrganizationId, email: &'static str) -> JobId {
    let by = Actor::operator(organization.clone());
    app.run_jobs().await;
    app.db
        .write(move |tx| {
            let invite = invites::invite(tx, &by, &NewInvite { email: email.parse()?, team: None })?;
            tx.execute("delete from jobs where state = 'waiting' and queue = 'mail'", [])?;
            let later = tx.now + std::time::Duration::from_secs(3600);
            let id = queue::push_at(tx, Job::InviteMail(invite.id), later)?;
            tx.execute(
                "update jobs set state = 'parked', attempts = 12, finished_at = :now, last_error = 'no such <user>' where id = :id",
                named_params! { ":id": id, ":now": tx.now },
            )?;
            Ok(id)
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn what_gave_up_is_shown_with_its_reason_and_runs_again() {
    let app = TestApp::start().await;
    assert!(app.page(PAGE).await.contains("No job gave up"));
    assert!(!app.page("/app/admin").await.contains("gave up"));
    let id = parked(&app, &app.organization.clone(), "kim@acme.test").await;
    let page = app.page(PAGE).await;
    assert!(
        page.contains("Mail with an invite") && page.contains("no such &#60;user&#62;") && page.contains("12 tries"),
        "{page}"
    );
    assert!(app.page("/app/admin").await.contains(&format!("href=\"{PAGE}\"")));

    assert_eq!(app.submit(&app.owner, &format!("{PAGE}/{id}/run-again"), &[]).await.redirects(), PAGE);
    app.run_jobs().await;
    assert!(app.mails().iter().any(|mail| mail.starts_with("kim@acme.test: ")), "{:?}", app.mails());
    assert!(app.page(PAGE).await.contains("No job gave up"));
    let deeds = app.db.read(|view| audit::page(view, &app.organization, None, &Part::Newest, 1)).unwrap();
    assert_eq!(deeds.rows[0].action, Action::JobRunAgain);
    assert_eq!(
        app.submit(&app.owner, &format!("{PAGE}/{id}/run-again"), &[]).await.status,
        404,
        "it is not parked any more"
    );
}

#[tokio::test]
async fn the_jobs_of_others_are_not_there() {
    let app = TestApp::start().await;
    let (others, _) = app.stranger().await;
    let id = parked(&app, &others, "kim@globex.test").await;
    let page = app.page(PAGE).await;
    assert!(page.contains("No job gave up") && !page.contains(id.as_str()), "{page}");
    let theirs = app.submit(&app.owner, &format!("{PAGE}/{id}/run-again"), &[]).await;
    let nobodys = app.submit(&app.owner, &format!("{PAGE}/{}/run-again", JobId::new()), &[]).await;
    assert_eq!((theirs.status.as_u16(), nobodys.status.as_u16()), (404, 404));
    assert_eq!(app.db.read(|view| queue::parked_count(view, &others)).unwrap(), 1);
}

#[tokio::test]
async fn each_job_knows_whose_it_is() {
    let app = TestApp::start().await;
    let (_, shoot) = app.member("kim@acme.test").await;
    let (whose, id) = (app.organization.clone(), shoot.clone());
    app.db
        .write(move |tx| {
            let job = queue::push_at(tx, Job::Shoot(id), tx.now + std::time::Duration::from_secs(3600))?;
            let of: Option<OrganizationId> =
                tx.one("select organization_id from jobs where id = :id", named_params! { ":id": job }, |row| {
                    row.get(0)
                })?;
            assert_eq!(of, Some(whose));
            Ok(())
        })
        .await
        .unwrap();
    app.run_jobs().await;
    let loads = app.db.read(|view| queue::own_loads(view, &app.organization)).unwrap();
    assert!(loads.iter().any(|load| load.done > 0 && load.usual.is_some() && load.longest >= load.usual), "{loads:?}");
    // Nobody's is nobody's: that of the server as a whole, and that of what is gone.
    let nobodys = app.db.read(|view| {
        view.one("select count(*) from jobs where queue = 'mail' and organization_id is null", [], |row| {
            row.get::<_, u32>(0)
        })
    });
    assert_eq!(nobodys.unwrap(), 0);
}
