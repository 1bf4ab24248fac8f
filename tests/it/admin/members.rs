use std::time::Duration;

use headroom::{
    auth,
    mail::Kind,
    members::{self, Role},
    shoots,
};

use super::scene::At;
use crate::app::TestApp;

#[tokio::test]
async fn members_are_searched_and_filtered_by_the_address_bar() {
    let app = TestApp::start().await;
    let team = app.team(&app.organization, "Design & Co").await;
    app.person("kim_lee@acme.test", Some("Kim Lee"), At::Finished).await;
    app.person("kimxlee@acme.test", Some("<script>alert(1)</script>"), At::Joined).await;
    let html = app.page("/app/admin/members").await;
    assert!(html.contains("3 members") && html.contains("Kim Lee") && html.contains("Design &#38; Co"));
    assert!(html.contains("&#60;script&#62;alert(1)") && !html.contains("<script>alert"));

    let found = app.page("/app/admin/members?q=kim_lee").await;
    assert!(found.contains("1 of 3 members") && found.contains("Kim Lee") && !found.contains("kimxlee"));
    assert!(found.contains(r#"value="kim_lee""#));
    let found = app.page("/app/admin/members?state=joined&q=").await;
    assert!(found.contains("kimxlee@acme.test") && !found.contains("Kim Lee"));
    let found = app.page(&format!("/app/admin/members?team={team}")).await;
    assert!(found.contains("Nobody matches") && found.contains("Clear filters"));
}

#[tokio::test]
async fn long_lists_are_walked_in_parts() {
    let app = TestApp::start().await;
    app.set_credits(1000).await;
    let by = app.by();
    app.db
        .write(move |tx| {
            for nth in 0..120 {
                super::scene::person(tx, &by, &format!("p{nth:03}@acme.test"), None, None, At::Joined)?;
            }
            Ok(())
        })
        .await
        .unwrap();
    let href = |html: &str, rel: &str| {
        let before = html.split(&format!("rel=\"{rel}\"")).next().filter(|before| before.len() < html.len())?;
        Some(before.rsplit("href=\"").next()?.split('"').next()?.replace("&#38;", "&"))
    };
    let people = |html: &str| html.matches("class=\"person\"").count();
    let first = app.page("/app/admin/members?q=acme.test").await;
    assert!(first.contains("121 of 121 members"));
    assert_eq!((people(&first), href(&first, "prev")), (50, None));
    let second = app.page(&href(&first, "next").unwrap()).await;
    assert_eq!(people(&second), 50);
    let third = app.page(&href(&second, "next").unwrap()).await;
    assert_eq!((people(&third), href(&third, "next")), (21, None));
    let back = app.page(&href(&third, "prev").unwrap()).await;
    assert_eq!(people(&back), 50);
    let start = app.page(&href(&back, "prev").unwrap()).await;
    assert_eq!((people(&start), href(&start, "prev")), (50, None));
}

#[tokio::test]
async fn nobody_sees_another_organizations_people() {
    let app = TestApp::start().await;
    let (globex, _) = app.stranger().await;
    app.person("kim@acme.test", None, At::Joined).await;
    let hank = app.browser(&globex, "hank@globex.test", Role::Owner).await;
    let foreign = app.member_ids().pop().unwrap();
    for path in
        ["/app/admin/members".to_owned(), format!("/app/admin/members?before={foreign}"), "/app/admin".to_owned()]
    {
        assert!(!app.page_of(&hank, &path).await.contains("acme.test"), "{path}");
    }
}

const SELECTED: &str = "/app/admin/members/selected";

/// The ids of these addresses, in their order.
fn ids(app: &TestApp, emails: &[&str]) -> Vec<String> {
    let id = |email: &&str| {
        let found = app.db.read(|view| members::by_email(view, &app.organization, &email.parse()?));
        found.unwrap().expect("a member").id.to_string()
    };
    emails.iter().map(id).collect()
}

fn form<'a>(ids: &'a [String], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    ids.iter().map(|id| ("member", id.as_str())).chain(more.iter().copied()).collect()
}

#[tokio::test]
async fn selected_members_are_moved_to_a_team_and_out_of_it() {
    let app = TestApp::start().await;
    let team = app.team(&app.organization, "Design").await;
    app.person("kim@acme.test", Some("Kim"), At::Joined).await;
    app.person("ann@acme.test", Some("Ann"), At::Joined).await;
    let both = ids(&app, &["kim@acme.test", "ann@acme.test"]);
    let path = format!("{SELECTED}?q=acme&state=joined&sort=name");
    let answer = app.submit(&app.owner, &path, &form(&both, &[("do", "move"), ("into", team.as_str())])).await;
    assert_eq!(answer.redirects(), "/app/admin/members?q=acme&state=joined&sort=name");
    assert_eq!(TestApp::flash(&answer), "Moved 2 people to Design.");
    assert_eq!(app.page("/app/admin/members").await.matches("Design</td>").count(), 2);
    assert!(app.page("/app/admin/settings/audit").await.contains("Design</ins>"));
    let answer = app.submit(&app.owner, &path, &form(&both[..1], &[("do", "move"), ("into", "none")])).await;
    assert_eq!(TestApp::flash(&answer), "Took 1 person out of their team.");
    let answer = app.submit(&app.owner, &path, &form(&both, &[("do", "move"), ("into", "")])).await;
    assert_eq!(TestApp::flash(&answer), "Choose a team to move them to first.");
    let answer = app.submit(&app.owner, &path, &[("do", "move"), ("into", "none")]).await;
    assert_eq!(TestApp::flash(&answer), "Select at least one person first.");

    let (globex, _) = app.stranger().await;
    let theirs = app.team(&globex, "Theirs").await;
    let foreign = form(&both, &[("do", "move"), ("into", theirs.as_str())]);
    assert_eq!(app.submit(&app.owner, SELECTED, &foreign).await.status, 404);
    assert_eq!(app.page("/app/admin/members").await.matches("Design</td>").count(), 1, "nobody was moved");
}

#[tokio::test]
async fn members_who_joined_are_reminded_of_their_photos_once_a_day() {
    let app = TestApp::start().await;
    app.person("kim@acme.test", Some("Kim"), At::Uploading).await;
    app.person("ann@acme.test", Some("Ann"), At::Joined).await;
    app.person("bob@acme.test", Some("Bob"), At::Finished).await;
    app.run_jobs().await;
    let all = ids(&app, &["kim@acme.test", "ann@acme.test", "bob@acme.test"]);
    let answer = app.submit(&app.owner, SELECTED, &form(&all, &[("do", "remind")])).await;
    assert_eq!(TestApp::flash(&answer), "Reminded 2 people. Left out 1 without anything to hand in.");
    app.run_jobs().await;
    let nudges: Vec<_> = app.outbox().into_iter().filter(|mail| mail.kind == Kind::Nudge).collect();
    assert_eq!(nudges.len(), 2);
    let kims = nudges.iter().find(|mail| mail.to.as_str() == "kim@acme.test").unwrap();
    assert!(kims.text.as_ref().unwrap().contains("you have added 1 photo"));
    let token = app.token_for("kim@acme.test");
    let entered = app.db.write(move |tx| auth::use_token(tx, &token, &auth::Device::default())).await.unwrap();
    assert_eq!(entered.member.unwrap().id.as_str(), all[0]);

    let html = app.page("/app/admin/members").await;
    assert_eq!(html.matches("Reminder: <time").count(), 2);
    assert!(!html.contains("name=\"remind\""));
    let again = app.submit(&app.owner, SELECTED, &[("remind", &all[0]), ("member", &all[1])]).await;
    assert!(
        TestApp::flash(&again).starts_with("Kim was reminded less than a day ago, at "),
        "a row's button stands for its row alone"
    );
    app.advance(Duration::from_secs(25 * 3600)).await;
    let owner = app.browser(&app.organization, "ada@acme.test", Role::Owner).await;
    let answer = app.submit(&owner, SELECTED, &[("remind", &all[0])]).await;
    assert_eq!(TestApp::flash(&answer), "Reminded Kim.");
}

#[tokio::test]
async fn a_removal_says_first_what_goes_and_who_stays() {
    let app = TestApp::start().await;
    app.person("kim@acme.test", Some("Kim Lee"), At::Finished).await;
    app.person("ann@acme.test", Some("Ann"), At::Uploading).await;
    app.person("many@acme.test", Some("Many"), At::Finished).await;
    let chosen = ids(&app, &["kim@acme.test", "ann@acme.test", "many@acme.test", "ada@acme.test"]);
    let (organization, many) = (app.organization.clone(), chosen[2].parse().unwrap());
    app.db
        .write(move |tx| {
            for _ in 0..3 {
                shoots::begin(tx, &organization, &many, false)?;
            }
            Ok(())
        })
        .await
        .unwrap();
    let answer = app.submit(&app.owner, &format!("{SELECTED}?q=acme"), &form(&chosen, &[("do", "ask")])).await;
    let question = answer.redirects().to_owned();
    assert!(question.starts_with("/app/admin/members?q=acme&remove="), "{question}");
    let html = app.page(&question).await;
    assert!(html.contains("Remove 2 people") && html.contains("Kim Lee, kim@acme.test"), "{html}");
    assert!(html.contains("2 shoots with 2 uploaded photos are deleted for good."), "{html}");
    assert!(html.contains("Their personal accounts stay, without a place in your organization."));
    assert!(html.contains("<strong>ada@acme.test</strong> leads your organization."));
    assert!(html.contains("<strong>Many</strong> has 4 shoots."));
    assert!(html.contains(&format!("headroom member remove --org {} many@acme.test --force", app.organization)));

    let refused = app.submit(&app.owner, SELECTED, &form(&chosen, &[("do", "remove"), ("confirm", "remove")])).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("so nobody was removed"));
    let path = format!("{SELECTED}?q=acme");
    let answer = app.submit(&app.owner, &path, &form(&chosen, &[("do", "remove"), ("confirm", "Remove 2 ")])).await;
    assert_eq!(answer.redirects(), "/app/admin/members?q=acme");
    assert!(app.page("/app/admin/members").await.contains("Removing 2 people (2 left out)."));
    assert_eq!(app.member_ids().len(), 4, "nobody is gone yet");
    app.let_go().await;
    assert_eq!(app.member_ids().len(), 2);
    let log = app.page("/app/admin/settings/audit").await;
    assert!(log.contains("<strong>Kim Lee</strong>") && log.contains("<strong>Ann</strong>"));
    let account = app.db.read(|view| members::account_by_email(view, &"kim@acme.test".parse()?)).unwrap();
    assert!(account.is_some(), "a personal account survives");

    for id in ["507f1f77bcf86cd799439011", "nonsense", &chosen[0]] {
        assert_eq!(app.get(&app.owner, &format!("/app/admin/members?remove={id}")).await.status, 404, "{id}");
    }
}

#[tokio::test]
async fn links_sent_before_a_removal_let_nobody_in() {
    let app = TestApp::start().await;
    app.person("kim@acme.test", Some("Kim"), At::Joined).await;
    let chosen = ids(&app, &["kim@acme.test"]);
    app.submit(&app.owner, SELECTED, &[("remind", &chosen[0])]).await.redirects();
    app.run_jobs().await;
    let token = app.token_for("kim@acme.test");
    let sure = form(&chosen, &[("do", "remove"), ("confirm", "kim@acme.test")]);
    app.submit(&app.owner, SELECTED, &sure).await.redirects();
    assert!(app.page("/app/admin/members").await.contains("Removing Kim."));
    app.let_go().await;
    let entered = app.db.write(move |tx| auth::use_token(tx, &token, &auth::Device::default())).await;
    assert!(entered.is_err(), "the link went with the member");
}

#[tokio::test]
async fn the_list_is_sorted_by_name_and_by_state_over_all_its_parts() {
    let app = TestApp::start().await;
    let by = app.by();
    app.set_credits(1000).await;
    app.db
        .write(move |tx| {
            for nth in 0..70 {
                // Joined in another order than their names have.
                let name = format!("Person {:02}", nth * 37 % 70);
                let at = if nth % 2 == 0 { At::Joined } else { At::Uploading };
                super::scene::person(tx, &by, &format!("p{nth}@acme.test"), Some(&name), None, at)?;
            }
            Ok(())
        })
        .await
        .unwrap();
    let names =
        |html: &str| -> Vec<String> { html.split("Select Person ").skip(1).map(|rest| rest[..2].to_owned()).collect() };
    let first = app.page("/app/admin/members?sort=name&q=person").await;
    let next = first.split("rel=\"next\"").next().unwrap().rsplit("href=\"").next().unwrap().split('"').next().unwrap();
    let second = app.page(&next.replace("&#38;", "&")).await;
    let all = [names(&first), names(&second)].concat();
    assert_eq!(all, (0..70).map(|nth| format!("{nth:02}")).collect::<Vec<_>>());
    let back =
        second.split("rel=\"prev\"").next().unwrap().rsplit("href=\"").next().unwrap().split('"').next().unwrap();
    assert_eq!(names(&app.page(&back.replace("&#38;", "&")).await), names(&first));
    let by_state = names(&app.page("/app/admin/members?sort=state&q=person").await);
    let uploading = |name: &String| (0..70).any(|nth| nth % 2 == 1 && format!("{:02}", nth * 37 % 70) == *name);
    assert!(by_state[..35].iter().all(|name| !uploading(name)) && by_state[35..].iter().all(uploading));
}

#[tokio::test]
async fn the_list_is_exported_as_it_is_filtered() {
    let app = TestApp::start().await;
    app.person("kim@acme.test", Some("=SUM(A1)"), At::Joined).await;
    app.person("ann@acme.test", Some("Lee, Ann"), At::Finished).await;
    let answer = app.get(&app.owner, "/app/admin/members.csv?sort=name&q=acme").await;
    assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"members.csv\""));
    let text = answer.text();
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    assert_eq!(lines.next(), Some("Name,E-mail,Team,Job title,Role,State,Joined,Headshots"));
    let rest: Vec<&str> = lines.collect();
    assert_eq!(rest.len(), 3);
    assert!(rest[0].starts_with("'=SUM(A1),kim@acme.test,,,Member,Joined,"), "{text}");
    assert!(rest[2].starts_with("\"Lee, Ann\",ann@acme.test,,,Member,Finished,"), "{text}");
    let few = app.get(&app.owner, "/app/admin/members.csv?state=joined").await.text();
    assert!(few.contains("kim@acme.test") && !few.contains("ann@acme.test"));
}

#[tokio::test]
async fn members_are_shown_as_pictures_where_that_was_chosen_last() {
    let app = TestApp::start().await;
    app.person("kim@acme.test", Some("Kim Lee"), At::Joined).await;
    let table = app.page("/app/admin/members?q=kim").await;
    assert!(table.contains("<table") && table.contains("/app/admin/members?q=kim&#38;view=grid"), "{table}");
    let grid = app.get(&app.owner, "/app/admin/members?q=kim&view=grid").await;
    let cookie =
        grid.headers.get_all("set-cookie").iter().find(|value| value.to_str().unwrap().starts_with("members_as="));
    assert!(cookie.unwrap().to_str().unwrap().starts_with("members_as=grid;"));
    let html = grid.text();
    assert!(html.contains("<ul class=\"tiles people\">") && !html.contains("<tbody>"), "{html}");
    assert!(
        html.contains("Select Kim Lee") && html.contains("value=\"remind\"") && html.contains(">KL</span>"),
        "{html}"
    );
}
