//! What is removed, deleted or revoked on a page can be undone for ten seconds. Until then nothing of it has happened.

use std::time::Duration;

use headroom::{
    audit::{self, Action},
    branding,
    db::Part,
    fields::{self, Asks, Label, NewQuestion},
    ids::{MemberId, UndoableId},
    images::{self, Picture, Size},
    invites, links,
    members::{self, Role},
    offboarding, organizations,
    profile_pictures::{self, Design, TemplateName, Then},
    queue::{self, Job},
    teams,
    undo::{self, GRACE, Kind, State},
};

use super::scene::At;
use crate::app::{Caller, TEAMS, TestApp, Wishes};

const PAGE: &str = "/app/admin/teams";
const SELECTED: &str = "/app/admin/members/selected";

/// Where the newest of a browser's removals is undone, as its pages say.
async fn undo_on(app: &TestApp, who: &Caller, page: &str) -> String {
    let html = app.page_of(who, page).await;
    let form = html.split("data-undo=").nth(1).unwrap_or_else(|| panic!("nothing to undo: {html}"));
    form.split("action=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// Deletes a team on its page; where that is undone.
async fn delete_team(app: &TestApp, who: &Caller, name: &str) -> String {
    let team = app.team(&app.organization, name).await;
    assert_eq!(app.submit(who, &format!("{PAGE}/{team}/delete"), &[]).await.redirects(), PAGE);
    undo_on(app, who, PAGE).await
}

fn names(app: &TestApp) -> Vec<String> {
    let listed = app.db.read(|view| teams::list(view, &app.organization)).unwrap();
    listed.into_iter().map(|team| team.name).collect()
}

fn noted(app: &TestApp, action: Action) -> usize {
    let log = app.db.read(|view| audit::page(view, &app.organization, None, &Part::Newest, 100)).unwrap();
    log.rows.iter().filter(|entry| entry.action == action).count()
}

fn id_of(app: &TestApp, email: &str) -> MemberId {
    let email = email.parse().unwrap();
    app.db.read(|view| members::named(view, &app.organization, &email)).unwrap().id
}

fn ask_for(path: &str) -> UndoableId {
    path.rsplit('/').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn what_is_undone_has_never_happened() {
    let app = TestApp::start().await;
    let action = delete_team(&app, &app.owner, "Sales").await;
    let going = app.page(PAGE).await;
    assert!(going.contains("Deleting the team Sales.") && going.contains("class=\"leaving\""), "{going}");
    assert!(app.page("/app/admin").await.contains(&action), "it can be undone from any page");
    assert_eq!(names(&app), ["Sales"]);

    let undone = app.submit(&app.owner, &action, &[]).await;
    assert_eq!(undone.redirects(), PAGE);
    assert_eq!(TestApp::flash(&undone), "Undone. Nothing was deleted.");
    let page = app.page(PAGE).await;
    assert!(!page.contains("data-undo") && !page.contains("leaving"), "{page}");
    app.let_go().await;
    app.advance(GRACE).await;
    assert_eq!((names(&app), noted(&app, Action::TeamDeleted)), (vec!["Sales".to_owned()], 0));
    assert_eq!(TestApp::flash(&app.submit(&app.owner, &action, &[]).await), "Undone. Nothing was deleted.");
}

#[tokio::test]
async fn it_happens_once_however_often_it_is_asked_for_and_however_often_the_job_runs() {
    let app = TestApp::start().await;
    let action = delete_team(&app, &app.owner, "Sales").await;
    let team = app.db.read(|view| teams::list(view, &app.organization)).unwrap().remove(0).id;
    // Another tab, and another lead.
    let ann = app.browser(&app.organization, "ann@acme.test", Role::Admin).await;
    for who in [&app.owner, &ann] {
        assert_eq!(app.submit(who, &format!("{PAGE}/{team}/delete"), &[]).await.redirects(), PAGE);
    }
    assert_eq!(undo_on(&app, &app.owner, PAGE).await, action);
    let waiting = app.get(&app.owner, &action).await.json();
    assert_eq!(waiting["state"], "waiting");
    app.let_go().await;
    for _ in 0..2 {
        let again = Job::Settle(ask_for(&action));
        app.db.write(move |tx| queue::push(tx, again)).await.unwrap();
        app.run_jobs().await;
    }
    assert!(names(&app).is_empty());
    assert_eq!(noted(&app, Action::TeamDeleted), 1);
    let done = app.get(&app.owner, &action).await.json();
    assert_eq!(
        (done["state"].as_str(), done["words"].as_str()),
        (Some("done"), Some("Deleted the team Sales. Its members stay, without a team."))
    );
    let late = app.submit(&app.owner, &action, &[]).await;
    assert!(TestApp::flash(&late).starts_with("Too late to undo. Deleted the team Sales."));
    assert!(!app.page(PAGE).await.contains("data-undo"), "there is nothing to say any more");

    // A day later nobody remembers.
    app.advance(Duration::from_secs(26 * 3600)).await;
    assert_eq!(
        app.db.read(|view| view.one("select count(*) from undoables", [], |row| row.get::<_, u32>(0))).unwrap(),
        0
    );
}

#[tokio::test]
async fn it_outlives_the_server_that_was_asked() {
    let data = tempfile::tempdir().unwrap();
    let wishes = || Wishes { data: Some(data.path().to_owned()), ..Wishes::default() };
    let app = TestApp::start_with(wishes()).await;
    let kept = delete_team(&app, &app.owner, "Kept").await;
    delete_team(&app, &app.owner, "Gone").await;
    let app = app.restart(wishes()).await;
    app.submit(&app.owner, &kept, &[]).await.redirects();
    app.let_go().await;
    assert_eq!(names(&app), ["Kept"]);
}

#[tokio::test]
async fn only_who_asked_and_other_leads_undo_it() {
    let app = TestApp::start().await;
    let (globex, _) = app.stranger().await;
    let hank = app.browser(&globex, "hank@globex.test", Role::Owner).await;
    let (kim, _) = app.member("kim@acme.test").await;
    let action = delete_team(&app, &app.owner, "Sales").await;
    let random = format!("/undo/{}", UndoableId::new());
    for who in [&hank, &kim] {
        for path in [&action, &random] {
            assert_eq!(app.get(who, path).await.status, 404);
            assert_eq!(app.submit(who, path, &[]).await.status, 404);
            assert_eq!(app.submit(who, &format!("{path}/read"), &[]).await.status, 404);
        }
    }
    assert_eq!(app.submit(&Caller::Nobody, &action, &[]).await.status, 401);
    let ann = app.browser(&app.organization, "ann@acme.test", Role::Admin).await;
    let seen = app.page_of(&ann, PAGE).await;
    assert!(seen.contains(&format!("action=\"{action}\"")) && !seen.contains("data-undo"), "{seen}");
    app.submit(&ann, &action, &[]).await.redirects();
    app.let_go().await;
    assert_eq!(names(&app), ["Sales"]);
}

#[tokio::test]
async fn an_invite_that_is_accepted_meanwhile_stays_and_its_lead_is_told() {
    let app = TestApp::start().await;
    let invite = app.person("kim@acme.test", None, At::Invited).await;
    let path = format!("/app/admin/invites/{}/revoke", invite.id);
    app.submit(&app.owner, &path, &[]).await.redirects();
    app.accept(&invite.id).await;
    app.let_go().await;
    let state = app.db.read(|view| invites::get(view, &invite.id)).unwrap().state;
    assert_eq!((state, app.member_ids().len()), (invites::State::Accepted, 2));
    let told = app.page("/app/admin").await;
    assert!(told.contains("Could not revoke the invite of kim@acme.test. They accepted it meanwhile."), "{told}");
    let read = told.split("action=\"").find(|rest| rest.starts_with("/undo/")).unwrap().split('"').next().unwrap();
    assert!(read.ends_with("/read"));
    app.submit(&app.owner, read, &[]).await.redirects();
    assert!(!app.page("/app/admin").await.contains("Could not revoke"));
}

#[tokio::test]
async fn what_somebody_else_took_away_meanwhile_is_no_trouble() {
    let app = TestApp::start().await;
    delete_team(&app, &app.owner, "Sales").await;
    let team = app.db.read(|view| teams::list(view, &app.organization)).unwrap().remove(0).id;
    // Programs wait for nothing.
    app.delete(&app.lead, &format!("{TEAMS}/{team}")).await.ok();
    assert!(names(&app).is_empty());
    app.let_go().await;
    assert!(!app.page(PAGE).await.contains("class=\"toast\""));
}

#[tokio::test]
async fn of_several_who_leads_by_then_stays() {
    let app = TestApp::start().await;
    for (email, name) in [("kim@acme.test", "Kim"), ("lee@acme.test", "Lee"), ("sam@acme.test", "Sam")] {
        app.person(email, Some(name), At::Joined).await;
    }
    let ids = ["kim@acme.test", "lee@acme.test", "sam@acme.test"].map(|email| id_of(&app, email));
    let mut form: Vec<(&str, &str)> = ids.iter().map(|id| ("member", id.as_str())).collect();
    form.extend([("do", "remove"), ("confirm", "remove 3")]);
    app.submit(&app.owner, SELECTED, &form).await.redirects();
    let page = app.page("/app/admin/members").await;
    assert!(page.contains("Removing 3 people.") && page.matches("class=\"leaving\"").count() == 3, "{page}");
    let (kim, lee, by) = (ids[0].clone(), ids[1].clone(), app.by());
    app.db
        .write(move |tx| {
            members::set_role(tx, &kim, Role::Admin)?;
            let lee = members::get(tx, &lee)?;
            offboarding::remove(tx, &by, &lee, false)
        })
        .await
        .unwrap();
    app.let_go().await;
    assert_eq!(app.member_ids().len(), 2, "Ada and Kim");
    let told = app.page("/app/admin").await;
    assert!(
        told.contains("Not all of 3 people were removed. Kim stays: they lead your organization by now."),
        "{told}"
    );
}

#[tokio::test]
async fn who_leads_no_more_by_then_removes_nothing() {
    let app = TestApp::start().await;
    let ann = app.browser(&app.organization, "ann@acme.test", Role::Admin).await;
    delete_team(&app, &ann, "Sales").await;
    let id = id_of(&app, "ann@acme.test");
    app.db.write(move |tx| members::set_role(tx, &id, Role::Member)).await.unwrap();
    app.let_go().await;
    assert_eq!(names(&app), ["Sales"]);
    assert!(app.get(&ann, "/team-member/privacy").await.text().contains("Could not delete the team Sales."));
}

/// What a lead asks for in the place of someone they look after is theirs to undo, and what people ask for themselves is not.
#[tokio::test]
async fn what_people_delete_of_their_own_nobody_else_undoes() {
    let app = TestApp::start().await;
    let (kim, shoot) = app.member("kim@acme.test").await;
    let page = "/team-member/privacy";
    app.submit(&kim, &format!("{page}/shoots/{shoot}/delete"), &[]).await.redirects();
    let html = app.get(&kim, page).await.text();
    assert!(html.contains("Deleting your photos and headshots.") && !html.contains("?delete=shoot"), "{html}");
    let action = undo_on(&app, &kim, page).await;
    assert_eq!(app.submit(&app.owner, &action, &[]).await.status, 404);
    assert_eq!(app.submit(&kim, &action, &[]).await.redirects(), page);
    app.let_go().await;
    assert!(app.get(&kim, page).await.text().contains("?delete=shoot"));
}

#[tokio::test]
async fn settings_wait_too() {
    let app = TestApp::start().await;
    let by = app.by();

    let drawn = Picture::new(Size { width: 64, height: 64 }, vec![90; 64 * 64 * 3]).unwrap();
    let logo = images::encode_png(&drawn).unwrap().into();
    branding::keep(&app.db, &app.storage, by.clone(), Size { width: 64, height: 64 }, logo).await.unwrap();
    let made = app.db.write(move |tx| {
        let label = Label::parse("Which office?")?;
        let question = fields::add(tx, &by, &NewQuestion { label, asks: Asks::Text, required: false })?;
        let template = profile_pictures::add(tx, &by, &TemplateName::parse("Round")?, &Design::plain(256), Then::All)?;
        let link = links::create(tx, &by, &links::NewLink::default())?;
        Ok((question.id, template.id, link.id))
    });
    let (question, template, link) = made.await.unwrap();
    let there = || {
        let of = |view: &headroom::db::View| {
            let organization = organizations::get(view, &app.organization)?;
            Ok((
                organization.logo.is_some(),
                fields::get(view, &app.organization, &question).is_ok(),
                profile_pictures::get(view, &app.organization, &template).is_ok(),
                links::get(view, &link)?.revoked_at.is_none(),
            ))
        };
        app.db.read(of).unwrap()
    };
    let settings = "/app/admin/settings";
    let each = [
        (format!("{settings}/organization/logo/remove"), format!("{settings}/organization"), "Removing the logo."),
        (format!("{settings}/questions/{question}/remove"), format!("{settings}/questions"), "Which office?&#34;."),
        (
            format!("{settings}/profile-pictures/{template}/remove"),
            format!("{settings}/profile-pictures"),
            "Deleting the template Round.",
        ),
        (
            format!("/app/admin/links/{link}/revoke"),
            "/app/admin/invites?tab=links".to_owned(),
            "Revoking the link for anyone.",
        ),
    ];
    for undone in [true, false] {
        for (path, page, words) in &each {
            assert_eq!(app.submit(&app.owner, path, &[]).await.redirects(), page);
            let html = app.page(page).await;
            assert!(html.contains(words) && html.contains("data-going"), "{page}: {html}");
            if undone {
                let action = undo_on(&app, &app.owner, page).await;
                assert_eq!(app.submit(&app.owner, &action, &[]).await.redirects(), page);
            }
        }
        assert_eq!(there(), (true, true, true, true));
        app.let_go().await;
        assert_eq!(there(), if undone { (true, true, true, true) } else { (false, false, false, false) });
    }
    let stored = app.storage.logos_before(app.db.clock().now() + Duration::from_secs(3600)).await.unwrap();
    assert!(stored.is_empty(), "the file went with the logo");
}

#[tokio::test]
async fn the_schema_settles_each_once() {
    let app = TestApp::start().await;
    let action = delete_team(&app, &app.owner, "Sales").await;
    let id = ask_for(&action);
    let settled = |state: State| {
        let id = id.clone();
        app.db.write(move |tx| {
            tx.execute(
                "update undoables set state = ?1, settled_at = 1, trouble = case ?1 when 'refused' then 'No' end where id = ?2",
                (state, id),
            )
        })
    };
    assert!(settled(State::Waiting).await.is_err(), "what waits is not settled");
    assert_eq!(settled(State::Undone).await.unwrap(), 1);
    assert!(settled(State::Done).await.is_err(), "what was undone never happens");
    let left = app.db.read(|view| undo::going(view, &app.organization, Kind::Team)).unwrap();
    let subjects: u32 =
        app.db.read(|view| view.one("select count(*) from undoable_subjects", [], |row| row.get(0))).unwrap();
    assert!(left.of("anything").is_none() && subjects == 0);
}
