use headroom::{invites, members::Role, organizations};
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
        for (add, action) in [("invite", "invites"), ("link", "links"), ("managed", "managed"), ("nonsense", "invites")]
        {
            let html = app.page(&format!("{page}?add={add}")).await;
            let dialog = html.split("<dialog id=\"add-member\"").nth(1).expect(page);
            assert!(dialog.split('>').next().unwrap().ends_with(" open"), "{page}");
            assert!(dialog.contains(&format!("action=\"/app/admin/{action}\"")), "{page} {add}");
            assert!(dialog.contains(&format!("name=\"from\" value=\"{page}\"")) && dialog.contains("Design"), "{page}");
            for other in ["invite", "link", "managed"] {
                assert!(dialog.contains(&format!("href=\"{page}?add={other}\"")), "{page} {add}");
            }
        }
        assert!(!app.page(page).await.contains(&format!("close=\"{page}\" open")));
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
        ("", "Type at least one address, or choose a file."),
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
async fn without_a_credit_each_tab_leads_to_the_credits_which_say_why() {
    let app = TestApp::start().await;
    app.set_credits(0).await;
    for (add, why) in [
        ("invite", "To invite someone, the organization needs at least one credit."),
        ("link", "To make an open invite link, the organization needs at least one credit."),
        ("managed", "To add someone on their behalf, the organization needs at least one credit."),
    ] {
        let credits = format!("/app/admin/credits?why={add}");
        for page in ["/app/admin", "/app/admin/members", "/app/admin/invites", "/app/admin/invites?tab=links"] {
            let joint = if page.contains('?') { '&' } else { '?' };
            assert_eq!(app.get(&app.owner, &format!("{page}{joint}add={add}")).await.redirects(), credits, "{page}");
        }
        assert!(app.page(&credits).await.contains(why));
    }
    assert!(app.page("/app/admin").await.contains("href=\"/app/admin/credits?why=invite\""));
}

#[tokio::test]
async fn who_runs_out_of_credits_while_typing_loses_nothing() {
    let app = TestApp::start().await;
    app.set_credits(0).await;
    for (path, form, why, kept) in [
        (PAGE, [("emails", "kim@acme.test sam@"), ("name", "")], "invite", "kim@acme.test sam@</textarea>"),
        ("/app/admin/links", [("domains", "acme.test"), ("limit", "50")], "link", "value=\"acme.test\""),
        ("/app/admin/managed", [("name", "Kim Lee"), ("title", "Chair")], "managed", "value=\"Kim Lee\""),
    ] {
        let answer = app.submit(&app.owner, path, &form).await;
        assert_eq!(answer.status, 402, "{path}");
        let html = answer.text();
        assert!(html.contains("Your organization has no credits left.") && html.contains(kept), "{html}");
        assert!(
            html.contains(&format!(
                "<a href=\"/app/admin/credits?why={why}\" target=\"_blank\" rel=\"noopener\">Get credits<"
            )),
            "{html}"
        );
        assert!(html.contains("data-dialog-close=\"/app/admin/invites\" open"), "{html}");
    }
    assert_eq!((pending(&app), app.member_ids().len()), (0, 1));
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

fn addresses(count: usize) -> String {
    (0..count).map(|nth| format!("person.number.{nth}@acme.test")).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn five_thousand_are_the_most_at_a_time() {
    let app = TestApp::start().await;
    app.set_credits(10_000).await;
    let many = addresses(5001);
    let answer = app.submit(&app.owner, PAGE, &[("emails", &many)]).await;
    assert_eq!(answer.status, 400);
    let html = answer.text();
    assert!(html.contains("These are 5,001 addresses, and at most 5,000 can be invited at once. Nobody was invited."));
    assert!(html.contains(&format!("{many}</textarea>")), "what was typed is kept");
    assert_eq!(pending(&app), 0);
    let answer = app.submit(&app.owner, PAGE, &[("emails", &addresses(5000))]).await;
    assert_eq!(TestApp::flash(&answer), "Invited 5,000 people.");
    let invited = app.db.read(|view| Ok(organizations::get(view, &app.organization)?.pending_invites)).unwrap();
    assert_eq!(invited, 5000);
}

#[tokio::test]
async fn more_to_correct_than_an_address_holds_is_shown_at_once() {
    let app = TestApp::start().await;
    let wrong = (0..300).map(|nth| format!("person.{nth}")).collect::<Vec<_>>().join("\n");
    let answer = app.submit(&app.owner, PAGE, &[("emails", &format!("kim@acme.test\n{wrong}"))]).await;
    assert_eq!(answer.status, 200);
    let html = answer.text();
    assert!(html.contains("Invited 1 person. 300 lines left to correct.") && html.contains("And 100 more"), "{html}");
    assert!(html.contains(&format!("{wrong}</textarea>")) && html.contains("Line 200"));
    assert_eq!(pending(&app), 1);
}

#[tokio::test]
async fn a_second_press_invites_nobody_twice() {
    let app = TestApp::start().await;
    let form = [("emails", "kim@acme.test")];
    app.submit(&app.owner, PAGE, &form).await.redirects();
    let again = app.submit(&app.owner, PAGE, &form).await;
    assert!(again.status == 400 && again.text().contains("Already invited"));
    assert_eq!(pending(&app), 1);
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
    let line = |number: u32, text: &str, verdict: &str, words: &str| json!({ "number": number, "text": text, "verdict": verdict, "words": words });
    let expected = json!({
        "lines": [
            line(1, "kim@acme.test", "duplicate", "Already in this list"),
            line(2, "sam@acme", "bad", "Not an e-mail address"),
            line(2, "old@acme.test", "invited", "Already invited"),
            line(2, "ann@acme.test", "member", "Already a member"),
        ],
        "odd": 4,
        "new": 1,
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(pending(&app), 1);
}

#[tokio::test]
async fn addresses_left_to_correct_wait_on_the_page_of_credits() {
    let app = TestApp::start().await;
    app.set_credits(0).await;
    let left = "kim@acme, lee@acme.test\n<ada>";
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("emails", left).finish();
    for page in ["/app/admin", "/app/admin/members", "/app/admin/invites"] {
        let credits = app.get(&app.owner, &format!("{page}?add=invite&{query}")).await.redirects().to_owned();
        assert_eq!(credits, format!("/app/admin/credits?why=invite&{query}"), "{page}");
        let html = app.page(&credits).await;
        let shown = "\nkim@acme, lee@acme.test\n&#60;ada&#62;</textarea>";
        assert!(html.contains(shown) && !html.contains("Go on inviting"), "{html}");
    }
    app.set_credits(1).await;
    let html = app.page(&format!("/app/admin/credits?why=invite&{query}")).await;
    let form = format!("/app/admin/invites?add=invite&{query}");
    assert!(html.replace("&#38;", "&").contains(&format!("href=\"{form}\"")), "{html}");
    assert!(app.page(&form).await.contains("kim@acme, lee@acme.test"));
    assert!(!app.page("/app/admin/credits").await.contains("Addresses you typed"));
    app.stop().await;
}
