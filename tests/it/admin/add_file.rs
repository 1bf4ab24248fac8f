use headroom::invites;
use reqwest::{
    Method,
    multipart::{Form, Part},
};

use crate::app::{Answer, TestApp};

const PAGE: &str = "/app/admin/invites";

async fn send(app: &TestApp, emails: &str, file: &[u8]) -> Answer {
    let form = Form::new()
        .text("from", "/app/admin/members")
        .text("emails", emails.to_owned())
        .text("team", "")
        .part("file", Part::bytes(file.to_vec()).file_name("people.csv"));
    let request = app.request(&app.owner, Method::POST, PAGE).header("sec-fetch-site", "same-origin").multipart(form);
    Answer::of(request).await
}

async fn read(app: &TestApp, file: &[u8]) -> Answer {
    let request = app
        .request(&app.owner, Method::POST, "/app/admin/invites/file")
        .header("sec-fetch-site", "same-origin")
        .header("accept", "application/json")
        .body(file.to_vec());
    Answer::of(request).await
}

fn invited(app: &TestApp) -> Vec<String> {
    let listed = app.db.read(|view| invites::list(view, &app.organization)).unwrap();
    let mut emails: Vec<String> = listed.into_iter().map(|one| one.email.to_string()).collect();
    emails.sort();
    emails
}

#[tokio::test]
async fn addresses_of_a_file_are_invited_with_those_that_were_typed() {
    for file in [
        "Name,E-mail\nKim,kim@acme.test\nSam,sam@acme.test\n",
        "\u{feff}Name;E-Mail;Team\r\n\"Lee; Kim\";kim@acme.test;Design\r\nSam;SAM@acme.test;\r\n",
        "kim@acme.test\r\nsam@acme.test",
        "Kim Lee <kim@acme.test>\nSam <sam@acme.test>",
    ] {
        let app = TestApp::start().await;
        let answer = send(&app, "ann@acme.test", file.as_bytes()).await;
        assert_eq!(answer.redirects(), "/app/admin/members");
        assert_eq!(TestApp::flash(&answer), "Invited 3 people.");
        assert_eq!(invited(&app), ["ann@acme.test", "kim@acme.test", "sam@acme.test"], "{file}");
    }
}

#[tokio::test]
async fn a_file_alone_is_enough_and_its_slips_keep_their_lines() {
    let app = TestApp::start().await;
    let answer = send(&app, "", b"Name,Mail\nKim,kim@acme\nSam,sam@acme\n").await;
    assert_eq!(answer.status, 400);
    let html = answer.text();
    // A line break after the tag is nobody's, so the second one is the first line of the file.
    assert!(html.contains(">\n\nkim@acme\nsam@acme</textarea>"), "{html}");
    assert!(html.contains(">Line 2<") && html.contains(">Line 3<"), "{html}");
    let answer = send(&app, "", b"Name,Mail\nKim,kim@acme.test\nSam,\nAnn,ann@acme.test").await;
    assert_eq!(TestApp::flash(&answer), "Invited 2 people. 1 row of the file has no address.");
}

#[tokio::test]
async fn a_file_that_can_not_be_read_loses_nothing_that_was_typed() {
    let app = TestApp::start().await;
    let large = vec![b'x'; 5 * 1024 * 1024];
    for (file, status, words) in [
        (b"PK\x03\x04\x14\x00".as_slice(), 400, "Save the table as CSV"),
        (b"Name,Mail\n".as_slice(), 400, "There is no e-mail address in this file."),
        (large.as_slice(), 413, "This file is larger than 4 MB, so it was not read."),
    ] {
        let answer = send(&app, "kim@acme.test", file).await;
        assert_eq!(answer.status, status, "{words}");
        let html = answer.text();
        assert!(html.contains(words) && html.contains("kim@acme.test</textarea>"), "{html}");
        let answer = read(&app, file).await;
        assert_eq!(answer.status, status);
        assert!(answer.json()["error"].as_str().unwrap().contains(words));
    }
    assert_eq!(invited(&app), Vec::<String>::new());
    assert_eq!(send(&app, "kim@acme.test", b"").await.redirects(), "/app/admin/members");
}

#[tokio::test]
async fn a_file_of_five_thousand_goes_out_at_once_and_one_more_does_not() {
    let app = TestApp::start().await;
    app.set_credits(10_000).await;
    let table = |rows: usize| {
        let rows = (0..rows).map(|nth| format!("Person {nth},\"Team, {nth}\",person.{nth}@acme.test,Berlin\r\n"));
        format!("Name,Team,E-mail,Town\r\n{}", rows.collect::<String>())
    };
    let answer = send(&app, "", table(5001).as_bytes()).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("These are 5,001 addresses, and at most 5,000 can be invited at once."));
    let answer = send(&app, "", table(5000).as_bytes()).await;
    assert_eq!(TestApp::flash(&answer), "Invited 5,000 people.");
    assert_eq!(invited(&app).len(), 5000);
}

#[tokio::test]
async fn a_file_is_read_into_the_form_for_who_has_scripts() {
    let app = TestApp::start().await;
    let answer = read(&app, b"Mail;Name\nkim@acme.test;Kim\n;Sam\n").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["text"], "\nkim@acme.test");
    assert_eq!(answer.json()["words"], "1 row of the file has no address.");
    assert_eq!(invited(&app), Vec::<String>::new());
}
