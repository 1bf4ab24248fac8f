//! Every way in which a provider's word isn't enough, each with its page.

use provider::Lie;

use super::*;

/// Acme lets all of its domain in, so that nothing but the lie stands in the way.
async fn open_scene() -> Scene {
    let scene = Scene::start().await;
    scene.provisions().await;
    scene
}

#[track_caller]
fn refused(answer: &Answer, status: u16, title: &str) {
    let page = answer.text();
    assert_eq!(answer.status.as_u16(), status, "{page}");
    assert!(page.contains(&format!("<h1>{title}")), "{title}: {page}");
    assert!(set_cookie(answer, "headroom").is_none(), "nobody is signed in");
    assert!(!page.contains("<b>no</b>") && !page.contains("evil"), "nothing of the provider's is repeated: {page}");
}

#[tokio::test]
async fn what_can_not_be_believed_lets_nobody_in() {
    let scene = open_scene().await;
    let untrusted = "Your provider&#39;s answer can&#39;t be trusted";
    for (lie, title) in [
        (Lie::Claim("nonce", json!("another")), untrusted),
        (Lie::Claim("nonce", Value::Null), untrusted),
        (Lie::Claim("iss", json!("https://evil.test")), untrusted),
        (Lie::Claim("aud", json!("another")), untrusted),
        (Lie::Claim("aud", json!([CLIENT, "another"])), untrusted),
        (Lie::Claim("exp", json!(-61)), untrusted),
        (Lie::Claim("iat", json!(120)), untrusted),
        (Lie::Algorithm("none"), untrusted),
        (Lie::Algorithm("HS256"), untrusted),
        (Lie::Algorithm("RS256"), untrusted),
        (Lie::Forged, untrusted),
        (Lie::NoToken, untrusted),
        (Lie::Html, untrusted),
        (Lie::RefusesCode, "Your provider didn&#39;t take its own code"),
        (Lie::RefusesClient, "Your provider doesn&#39;t know this server"),
        (Lie::Claim("email_verified", json!(false)), "Your provider hasn&#39;t verified your address"),
        (Lie::Claim("email_verified", Value::Null), "Your provider hasn&#39;t verified your address"),
        (Lie::Claim("email", Value::Null), "Your provider told us no address"),
        (Lie::Claim("email", json!("kim@other.test")), "This address is not your organization&#39;s"),
        (Lie::Claim("email", json!("kim@mail.acme.test")), "This address is not your organization&#39;s"),
    ] {
        scene.provider.lies(std::slice::from_ref(&lie));
        let answer = scene.goes("kim@acme.test").await;
        assert_eq!(answer.status, 403, "{lie:?}: {}", answer.text());
        refused(&answer, 403, title);
    }
    assert!(scene.member("kim@acme.test").is_none() && scene.member("kim@other.test").is_none());
    scene.provider.lies(&[]);
    assert_eq!(scene.goes("kim@acme.test").await.redirects(), "/team-member/onboarding");
}

#[tokio::test]
async fn a_minute_between_the_clocks_is_borne() {
    let scene = open_scene().await;
    scene.provider.lies(&[Lie::Claim("exp", json!(-50)), Lie::Claim("iat", json!(50))]);
    assert_eq!(scene.goes("kim@acme.test").await.redirects(), "/team-member/onboarding");
}

#[tokio::test]
async fn keys_may_change_while_someone_signs_in() {
    let scene = open_scene().await;
    scene.provider.lies(&[Lie::Rotates]);
    assert_eq!(scene.goes("kim@acme.test").await.redirects(), "/team-member/onboarding");
}

#[tokio::test]
async fn a_way_is_walked_once_in_time_and_in_one_browser() {
    let scene = open_scene().await;
    let over = "This sign-in is over";
    let left = scene.leaves("kim@acme.test").await;
    let (code, state) = scene.provider.signs_in(&left.page);
    let said = [("code", code.as_str()), ("state", state.as_str())];

    let other = Left { page: String::new(), browser: "x".repeat(43), caller: None };
    refused(&scene.comes_back(&other, &said).await, 400, "This sign-in began in another browser");
    let none = scene.app.get(&Caller::Nobody, &format!("{CALLBACK}?code={code}&state={state}")).await;
    refused(&none, 400, "This sign-in began in another browser");
    scene.comes_back(&left, &said).await.redirects();
    refused(&scene.comes_back(&left, &said).await, 400, over);
    refused(&scene.comes_back(&left, &[("code", "x"), ("state", "unknown")]).await, 400, over);
    refused(&scene.app.get(&Caller::Nobody, CALLBACK).await, 400, over);

    // A code that was used, brought along a way of one's own.
    let again = scene.leaves("kim@acme.test").await;
    let (_, state) = scene.provider.signs_in(&again.page);
    let replayed = scene.comes_back(&again, &[("code", &code), ("state", &state)]).await;
    refused(&replayed, 403, "Your provider didn&#39;t take its own code");

    let late = scene.leaves("kim@acme.test").await;
    let (code, state) = scene.provider.signs_in(&late.page);
    scene.app.advance(Duration::from_secs(10 * 60)).await;
    refused(&scene.comes_back(&late, &[("code", &code), ("state", &state)]).await, 400, over);
}

#[tokio::test]
async fn what_the_provider_refuses_is_said_in_our_words() {
    let scene = open_scene().await;
    for (error, status, title) in [
        ("access_denied", 403, "Your provider said no"),
        ("temporarily_unavailable", 502, "Your provider had a problem"),
        ("invalid_scope", 403, "Your provider refused the sign-in"),
    ] {
        let left = scene.leaves("kim@acme.test").await;
        let (_, state) = scene.provider.signs_in(&left.page);
        let said = [("error", error), ("error_description", "<h1>evil</h1>"), ("state", state.as_str())];
        refused(&scene.comes_back(&left, &said).await, status, title);
    }
}

#[tokio::test]
async fn who_answers_has_to_be_who_was_asked() {
    let scene = open_scene().await;
    let untrusted = "Your provider&#39;s answer can&#39;t be trusted";
    let issuer = scene.provider.issuer.clone();
    for (named, always, fine) in [
        (Some("https://evil.test"), false, false),
        (None, true, false),
        (None, false, true),
        (Some(issuer.as_str()), true, true),
    ] {
        scene.provider.lies(&[Lie::Metadata("authorization_response_iss_parameter_supported", json!(always))]);
        let left = scene.leaves("kim@acme.test").await;
        let (code, state) = scene.provider.signs_in(&left.page);
        let mut said = vec![("code", code.as_str()), ("state", state.as_str())];
        said.extend(named.map(|named| ("iss", named)));
        let answer = scene.comes_back(&left, &said).await;
        if fine { drop(signed_in(&answer)) } else { refused(&answer, 403, untrusted) }
    }
}

#[tokio::test]
async fn a_provider_that_is_down_or_slow_holds_nobody_up() {
    let scene = Scene::impatient().await;
    let down = "Your provider can&#39;t be reached";
    scene.provider.lies(&[Lie::Hangs]);
    let answer = scene.goes("kim@acme.test").await;
    refused(&answer, 502, down);
    assert!(answer.text().contains("Have a link mailed instead"));
    scene.provider.falls_over();
    let answer = scene.app.submit(&Caller::Nobody, "/team-access", &[("email", "kim@acme.test")]).await;
    refused(&answer, 502, down);
}

#[tokio::test]
async fn a_provider_that_names_another_issuer_is_not_asked_further() {
    let scene = open_scene().await;
    scene.provider.lies(&[Lie::Metadata("issuer", json!("https://evil.test"))]);
    let answer = scene.app.submit(&Caller::Nobody, "/team-access", &[("email", "kim@acme.test")]).await;
    refused(&answer, 502, "Your provider is set up differently");
}

#[tokio::test]
async fn a_connection_that_is_removed_or_changed_meanwhile_lets_nobody_in() {
    let scene = open_scene().await;
    let left = scene.leaves("kim@acme.test").await;
    let (code, state) = scene.provider.signs_in(&left.page);
    let (issuer, key) = (scene.provider.issuer.clone(), scene.app.key.clone());
    scene.act(move |tx, by| connections::set(tx, by, &key, &Settings::parse(&issuer, "other", SECRET)?)).await;
    let answer = scene.comes_back(&left, &[("code", &code), ("state", &state)]).await;
    refused(&answer, 403, "Single sign-on was changed meanwhile");
    let left = Left::by(&scene.app.submit(&Caller::Nobody, "/team-access", &[("email", "kim@acme.test")]).await);
    scene.act(connections::remove).await;
    let state =
        url::Url::parse(&left.page).unwrap().query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    refused(&scene.comes_back(&left, &[("code", "x"), ("state", &state)]).await, 400, "This sign-in is over");
}
