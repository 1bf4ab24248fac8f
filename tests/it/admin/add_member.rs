use headroom::{invites, members::Role};
use reqwest::Method;
use serde_json::json;

use super::scene::At;
use crate::app::{Answer, TestApp};

const PAGE: &str = "/app/admin/invites";

fn pending(app: &TestApp) -> u32 {
    app.db.read(|view| invites::open(view, &app.organization, 1000)).unwrap()
}

#[tokio::test]
async fn the_dialog_opens_by_its_address_on_three_pages() {
    let app = TestApp::start().await;
    app.team(&app.organization, "Design").await;
    for page in ["/app/admin", "/app/admin/members", "/app/admin/invites"] {
        let html = app.page(&format!("{page}?add=invite")).await;
        let dialog = html.split("<dialog id=\"add-member\"").nth(1).expect(page);
        assert!(dialog.split('>').next().unwrap().ends_with(" open"), "{page}");
        assert!(dialog.contains(&format!("name=\"from\" value=\"{page}\"")) && dialog.contains("Design"), "{page}");
        assert!(!app.page(page).await.contains("close=\"/app/admin\" open"));
    }
}

#[tokio::test]
async fn everyone_new_is_invited_at_once() {
    let app = TestApp::start().await;
    let team = app.team(&app.organization, "Design").await;
    let typed = "kim@acme.test, Sam Roe <sam@acme.test>;\n\"Lee, Ann\" <ANN@acme.test>";
    let form = [("emails", typed), ("team", team.as_str()), ("from", "/app/admin/members?state=joined")];
    let answer = app.submit(&app.owner, PAGE, &form).await;
    assert_eq!(answer.redirects(), "/app/admin/members?state=joined");
    assert_eq!(TestApp::flash(&answer), "Invited 3 people.");
    app.run_jobs().await;
    let mut mails = app.mails();
    mails.sort();
    assert_eq!(mails.len(), 3);
    assert!(mails[0].starts_with("ann@acme.test: "));
    assert_eq!(app.page(PAGE).await.matches("Design</td>").count(), 3);
}

#[tokio::test]
async fn what_is_left_out_is_said_and_what_is_wrong_can_be_corrected() {
    let app = TestApp::start().await;
    app.person("old@acme.test", None, At::Invited).await;
    let form =
        [("emails", "kim@acme.test kim@acme.test old@acme.test ada@acme.test sam@acme <oops>"), ("from", "/app/admin")];
    let answer = app.submit(&app.owner, PAGE, &form).await;
    assert_eq!(answer.redirects(), "/app/admin?add=invite&emails=sam%40acme%0Aoops");
    assert_eq!(
        TestApp::flash(&answer),
        "Invited 1 person. Left out 3 already invited, listed or here. 2 lines left to correct."
    );
    let html = app.page(answer.redirects()).await;
    assert!(html.contains("sam@acme\noops</textarea>") && html.matches("Not an e-mail address").count() == 2, "{html}");
}

#[tokio::test]
async fn nothing_typed_is_lost_when_nobody_is_new() {
    let app = TestApp::start().await;
    for (typed, words) in [
        ("", "Type at least one address."),
        ("kim@acme, <script>alert(1)</script>", "Nobody was invited: there is no new address among these."),
        ("ada@acme.test", "Already a member"),
    ] {
        for from in ["/app/admin", "/app/admin/members?q=x", "https://evil.test/"] {
            let answer = app.submit(&app.owner, PAGE, &[("emails", typed), ("from", from)]).await;
            assert_eq!(answer.status, 400);
            let html = answer.text();
            assert!(html.contains(words), "{html}");
            assert!(html.contains("aria-invalid=\"true\"") && !html.contains("<script>alert"));
            let kept = typed.replace('<', "&#60;").replace('>', "&#62;");
            assert!(html.contains(&format!("{kept}</textarea>")), "{html}");
        }
    }
    assert_eq!(pending(&app), 0);
}

#[tokio::test]
async fn without_a_credit_the_way_leads_to_the_credits() {
    let app = TestApp::start().await;
    app.set_credits(0).await;
    let answer = app.submit(&app.owner, PAGE, &[("emails", "kim@acme.test"), ("from", "/app/admin")]).await;
    assert_eq!(answer.redirects(), "/app/admin/credits?why=invite");
    assert_eq!(app.get(&app.owner, "/app/admin?add=invite").await.redirects(), "/app/admin/credits?why=invite");
    let html = app.page("/app/admin/credits?why=invite").await;
    assert!(html.contains("the organization needs at least one credit"));
    assert!(app.page("/app/admin").await.contains("href=\"/app/admin/credits?why=invite\""));
    assert_eq!(pending(&app), 0);
}

#[tokio::test]
async fn over_the_cap_nobody_is_invited() {
    let app = TestApp::start().await;
    app.set_credits(2).await;
    app.person("old@acme.test", None, At::Invited).await;
    let four = "a@acme.test b@acme.test c@acme.test d@acme.test";
    let answer = app.submit(&app.owner, PAGE, &[("emails", four)]).await;
    assert_eq!(answer.status, 429);
    let html = answer.text();
    assert!(html.contains("Nothing was sent. Too many pending invites: 1 of at most 4"), "{html}");
    assert!(html.contains(&format!("{four}</textarea>")) && html.contains("Invite 4 members"));
    assert_eq!(pending(&app), 1);
    app.submit(&app.owner, PAGE, &[("emails", "a@acme.test b@acme.test c@acme.test")]).await.redirects();
    assert_eq!(pending(&app), 4);
}

#[tokio::test]
async fn five_hundred_are_the_most_at_a_time() {
    let app = TestApp::start().await;
    app.set_credits(1000).await;
    let addresses =
        |count: usize| (0..count).map(|nth| format!("person.number.{nth}@acme.test")).collect::<Vec<_>>().join("\n");
    let answer = app.submit(&app.owner, PAGE, &[("emails", &addresses(501))]).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("These are 501 addresses. Send at most 500 at a time"));
    let answer = app.submit(&app.owner, PAGE, &[("emails", &addresses(500))]).await;
    assert_eq!(TestApp::flash(&answer), "Invited 500 people.");
}

#[tokio::test]
async fn another_organizations_team_is_like_none() {
    let app = TestApp::start().await;
    let (globex, _) = app.stranger().await;
    let foreign = app.team(&globex, "Theirs").await;
    for team in [foreign.as_str(), "team_507f1f77bcf86cd799439011", "nonsense"] {
        let answer = app.submit(&app.owner, PAGE, &[("emails", "kim@acme.test"), ("team", team)]).await;
        assert_eq!(answer.status, 404, "{team}");
        assert!(
            answer.text().contains("This team is not there any more.")
                && answer.text().contains("kim@acme.test</textarea>")
        );
    }
    assert_eq!(pending(&app), 0);
}

#[tokio::test]
async fn addresses_are_checked_while_they_are_typed() {
    let app = TestApp::start().await;
    app.person("old@acme.test", None, At::Invited).await;
    app.browser(&app.organization, "ann@acme.test", Role::Admin).await;
    let request = app
        .request(&app.owner, Method::POST, "/app/admin/invites/check")
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "text/plain;charset=utf-8")
        .header("accept", "application/json")
        .body("Kim <Kim@acme.test> kim@acme.test\nsam@acme, old@acme.test; ann@acme.test");
    let answer = Answer::of(request).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let line = |text: &str, email: Option<&str>, verdict: &str, words: &str| json!({ "text": text, "email": email, "verdict": verdict, "words": words });
    let expected = json!({
        "lines": [
            line("Kim@acme.test", Some("kim@acme.test"), "new", ""),
            line("kim@acme.test", Some("kim@acme.test"), "duplicate", "Already in this list"),
            line("sam@acme", None, "bad", "Not an e-mail address"),
            line("old@acme.test", Some("old@acme.test"), "invited", "Already invited"),
            line("ann@acme.test", Some("ann@acme.test"), "member", "Already a member"),
        ],
        "new": 1,
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(pending(&app), 1);
}
