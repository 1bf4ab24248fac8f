use headroom::mail::Delivery;

use super::scene::{At, STUCK};
use crate::app::TestApp;

#[tokio::test]
async fn a_new_organization_is_shown_its_first_steps() {
    let app = TestApp::start().await;
    let html = app.page("/app/admin").await;
    assert!(html.contains("Three steps to the first headshots"));
    assert!(html.contains("Set up mail") && html.contains("Get credits") && html.contains("Invite the first person"));
    assert!(html.contains("Nothing yet. It begins with the first invite."));
    app.member("kim@acme.test").await;
    let html = app.page("/app/admin").await;
    assert!(!html.contains("Three steps"));
    assert!(html.contains("No mail server is set up"));
}

#[tokio::test]
async fn it_says_how_far_everyone_is_and_what_needs_a_hand() {
    let app = TestApp::start().await;
    for (nth, at) in
        [At::Invited, At::Invited, At::Joined, At::Uploading, At::Generating, At::Finished].into_iter().enumerate()
    {
        app.person(&format!("p{nth}@acme.test"), None, at).await;
    }
    app.person("sam@acme.test", Some("Sam <b>Roe</b>"), At::Failed).await;
    let lost = app.person("lost@acme.test", None, At::Invited).await;
    app.run_jobs().await;
    app.refuse_mail(lost, Delivery::Refused("550 5.1.1 No such user".to_owned())).await;

    let html = app.page("/app/admin").await;
    for (words, count) in [("Invited", 3), ("Joined", 1), ("Uploading", 1), ("Generating", 1), ("Finished", 1)] {
        let step = html.split(&format!("<span class=\"words\">{words}</span>")).nth(1).expect(words);
        assert!(
            step.split("</a>").next().unwrap().contains(&format!("<span class=\"count\">{count}</span>")),
            "{words}"
        );
    }
    assert!(html.contains("Sam &#60;b&#62;Roe&#60;/b&#62;&#39;s shoot failed"), "{html}");
    assert!(html.contains(STUCK));
    assert!(html.contains("No mail reached lost@acme.test") && html.contains("550 5.1.1 No such user"));
    assert!(html.contains("p5@acme.test&#39;s headshots are ready") && html.contains("joined"));
    assert!(!html.contains("<b>Roe</b>"));
}

#[tokio::test]
async fn it_warns_before_the_credits_run_out() {
    let app = TestApp::start().await;
    app.set_credits(2).await;
    for nth in 0..3 {
        app.person(&format!("p{nth}@acme.test"), None, if nth == 0 { At::Joined } else { At::Invited }).await;
    }
    assert!(app.page("/app/admin").await.contains("2 credits left"));
    app.set_credits(0).await;
    let html = app.page("/app/admin").await;
    assert!(html.contains("No credits left") && html.contains("3 people have yet to submit their photos."));
}
