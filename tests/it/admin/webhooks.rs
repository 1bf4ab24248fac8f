use std::{fs, path::Path, time::Duration};

use headroom::{
    ids::EndpointId,
    members::{Actor, Role},
    webhooks::{self, Endpoint, Filter, State, Target, Why},
};
use reqwest::Method;

use crate::app::{Answer, Caller, TestApp};

const PAGE: &str = "/app/admin/webhooks";
const FIRST_TRY: Duration = Duration::from_secs(6);

fn secret_in(answer: &Answer) -> String {
    let html = answer.text();
    let start = html.split("id=\"webhook-secret\">").nth(1).unwrap_or_else(|| panic!("no secret: {html}"));
    start.split('<').next().unwrap().to_owned()
}

/// Markup taken back to what it shows.
fn unescaped(html: &str) -> String {
    html.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"").replace("&#39;", "'").replace("&#38;", "&")
}

impl TestApp {
    fn endpoints(&self) -> Vec<Endpoint> {
        self.db.read(|view| webhooks::endpoints(view, &self.organization)).unwrap()
    }

    /// An endpoint of Acme where development mode catches everything and answers with this status.
    async fn answering(&self, status: u16) -> EndpointId {
        let (by, key) = (Actor::operator(self.organization.clone()), self.key.clone());
        let target = Target::parse(&format!("{}/dev/webhooks?status={status}", self.url)).unwrap();
        self.db.write(move |tx| webhooks::create(tx, &by, &key, &target, &[])).await.unwrap().endpoint.id
    }

    /// Sends a test event by the page; where it is shown.
    async fn test_event(&self, endpoint: &EndpointId) -> String {
        let sent = self.submit(&self.owner, &format!("{PAGE}/{endpoint}/test"), &[]).await;
        let shown = sent.redirects().to_owned();
        self.run_jobs().await;
        shown
    }

    async fn arrived(&self) -> Vec<serde_json::Value> {
        self.get(&Caller::Nobody, "/dev/webhooks.json").await.json().as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn an_endpoint_is_added_and_its_secret_shown_once() {
    let app = TestApp::start().await;
    let empty = app.page(PAGE).await;
    assert!(empty.contains("No endpoint yet") && empty.contains("aria-current=\"page\""), "{empty}");
    assert!(!empty.contains("id=\"log-title\""));
    assert!(
        app.page(&format!("{PAGE}?add=endpoint")).await.contains("data-dialog-close=\"/app/admin/webhooks\" open>")
    );

    let form = [("url", " https://lumen.test/hooks?a=<b> "), ("event", "model.deleted"), ("event", "model.created")];
    let made = app.submit(&app.owner, PAGE, &form).await;
    assert_eq!(made.status, 200, "{}", made.text());
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let secret = secret_in(&made);
    assert!(secret.starts_with("whsec_"), "{secret}");
    let page = app.page(PAGE).await;
    assert!(!page.contains(&secret));
    assert!(page.contains("https://lumen.test/hooks?a=%3Cb%3E") && page.contains("model.created, model.deleted"));
    assert!(page.contains("Nothing sent yet") && page.contains("Send test event"));
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_the_field_and_nothing_typed_is_lost() {
    let app = TestApp::start().await;
    let form = [("url", "lumen.test/hooks"), ("event", "model.photos_ready")];
    let wrong = app.submit(&app.owner, PAGE, &form).await;
    assert_eq!(wrong.status, 400);
    let html = wrong.text();
    assert!(html.contains("value=\"lumen.test/hooks\"") && html.contains("id=\"url-error\""), "{html}");
    assert!(html.contains("value=\"model.photos_ready\" checked") && !html.contains("value=\"model.created\" checked"));
    let wrong = app.submit(&app.owner, PAGE, &[("url", "https://lumen.test"), ("event", "model.<b>")]).await;
    assert!(wrong.text().contains("There is no event &#34;model.&#60;b&#62;&#34;."), "{}", wrong.text());
    assert!(wrong.text().contains("id=\"events-error\"") && wrong.text().contains("value=\"https://lumen.test\""));
    assert!(app.endpoints().is_empty());

    for _ in 0..10 {
        assert_eq!(app.submit(&app.owner, PAGE, &[("url", "https://lumen.test")]).await.status, 200);
    }
    let many = app.submit(&app.owner, PAGE, &[("url", "https://lumen.test")]).await;
    assert_eq!(many.status, 400);
    assert!(many.text().contains("at most 10 endpoints"));
}

#[tokio::test]
async fn addresses_of_private_networks_are_refused_wherever_they_are_saved() {
    let app = TestApp::start().await;
    let told = "10.0.0.1 is a private or reserved address.";
    let refused = app.submit(&app.owner, PAGE, &[("url", "http://10.0.0.1/hooks")]).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains(told) && refused.text().contains("value=\"http://10.0.0.1/hooks\""));
    let refused = app.submit(&app.owner, "/app/admin/api/embedding", &[("webhook", "http://10.0.0.1/hooks")]).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains(told) && refused.text().contains("id=\"webhook-error\""), "{}", refused.text());
    assert!(app.endpoints().is_empty());

    let id = app.answering(200).await;
    let refused = app.submit(&app.owner, &format!("{PAGE}/{id}"), &[("url", "http://[::1]:9/")]).await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("Edit endpoint") && refused.text().contains("value=\"http://[::1]:9/\""));
    assert!(app.endpoints()[0].url.starts_with(&app.url));
}

#[tokio::test]
async fn an_endpoint_is_edited_rotated_switched_off_and_removed() {
    let app = TestApp::start().await;
    let id = app.answering(200).await;
    let asked = app.page(&format!("{PAGE}?edit={id}")).await;
    assert!(asked.contains("Edit endpoint") && asked.contains(&format!("action=\"{PAGE}/{id}\"")), "{asked}");
    let url = format!("{}/dev/webhooks", app.url);
    let form = [("url", url.as_str()), ("event", "model.deleted")];
    assert_eq!(app.submit(&app.owner, &format!("{PAGE}/{id}"), &form).await.redirects(), PAGE);
    assert_eq!(app.endpoints()[0].url, url);
    assert!(app.page(&format!("{PAGE}?edit={id}")).await.contains("value=\"model.deleted\" checked"));

    let asked = app.page(&format!("{PAGE}?rotate={id}")).await;
    assert!(asked.contains("works for 24 more hours") && !asked.contains("replaced before"), "{asked}");
    let rotated = app.submit(&app.owner, &format!("{PAGE}/{id}/rotate"), &[]).await;
    let secret = secret_in(&rotated);
    assert!(rotated.text().contains("The old one works for 24 more hours"));
    let page = app.page(PAGE).await;
    assert!(page.contains("stops working in 24 hours") && !page.contains(&secret), "{page}");
    assert!(app.page(&format!("{PAGE}?rotate={id}")).await.contains("replaced before"));
    app.db.clock().advance(Duration::from_secs(25 * 60 * 60));
    let owner = app.browser(&app.organization, "ada@acme.test", Role::Owner).await;
    assert!(!app.page_of(&owner, PAGE).await.contains("stops working"));

    assert!(app.page_of(&owner, &format!("{PAGE}?off={id}")).await.contains("Switch this endpoint off"));
    assert_eq!(app.submit(&owner, &format!("{PAGE}/{id}/off"), &[]).await.redirects(), PAGE);
    let page = app.page_of(&owner, PAGE).await;
    assert!(page.contains("Switched off") && page.contains("leads switched it off"), "{page}");
    assert_eq!(app.submit(&owner, &format!("{PAGE}/{id}/test"), &[]).await.status, 400);
    assert_eq!(app.submit(&owner, &format!("{PAGE}/{id}/on"), &[]).await.redirects(), PAGE);
    assert!(app.endpoints()[0].disabled.is_none());

    app.set("whitelabel", "on").await;
    let asked = app.page_of(&owner, &format!("{PAGE}?remove={id}")).await;
    assert!(asked.contains("Remove this endpoint") && asked.contains("no models can be made"), "{asked}");
    assert_eq!(app.submit(&owner, &format!("{PAGE}/{id}/remove"), &[]).await.redirects(), PAGE);
    assert!(app.endpoints().is_empty());
    assert_eq!(app.submit(&owner, &format!("{PAGE}/{id}/remove"), &[]).await.status, 404);
}

#[tokio::test]
async fn a_test_event_leads_to_its_delivery() {
    let app = TestApp::start().await;
    let id = app.answering(200).await;
    let shown = app.test_event(&id).await;
    let html = unescaped(&app.page(&shown).await);
    assert!(html.contains("<h1>webhook.test</h1>") && html.contains("200 OK"), "{html}");
    assert!(html.contains("webhook-signature: v1,") && html.contains("x-headshotpro-signature: sha256="), "{html}");
    assert!(html.contains("  \"event\": \"webhook.test\",") && html.contains("Delivered"), "{html}");
    let caught = app.arrived().await;
    assert_eq!((caught.len(), caught[0]["body"]["event"].as_str()), (1, Some("webhook.test")));
    let listed = app.page(PAGE).await;
    assert!(listed.contains("1 delivery") && listed.contains("Working") && listed.contains(&shown), "{listed}");

    let replayed = app.submit(&app.owner, &format!("{shown}/replay"), &[]).await;
    assert_eq!(replayed.redirects(), shown);
    app.run_jobs().await;
    let caught = app.arrived().await;
    assert_eq!(caught.len(), 2);
    assert_eq!(caught[0]["headers"]["webhook-id"], caught[1]["headers"]["webhook-id"]);
    assert!(app.page(&shown).await.contains("<strong>2.</strong>"));
}

#[tokio::test]
async fn the_log_tells_what_became_of_each_delivery() {
    let app = TestApp::start().await;
    let (fine, broken) = (app.answering(200).await, app.answering(503).await);
    app.member("kim@acme.test").await;
    app.run_jobs().await;
    app.advance(FIRST_TRY).await;
    let html = app.page(PAGE).await;
    assert!(html.contains("kim@acme.test") && html.contains("model.created"), "{html}");
    let soon = ["In 5 min", "In 6 min"].iter().any(|words| html.contains(words));
    assert!(html.contains("503") && soon, "{html}");
    assert!(html.contains("Failing") && html.contains("It has not worked since"), "{html}");
    let waiting = app.page(&format!("{PAGE}?state=waiting")).await;
    assert!(waiting.contains("503") && waiting.contains("1 delivery"), "{waiting}");
    let of_fine = app.page(&format!("{PAGE}?endpoint={fine}")).await;
    assert!(!of_fine.contains("<td class=\"soft\">503") && of_fine.contains("1 delivery"), "{of_fine}");
    let none = app.page(&format!("{PAGE}?endpoint={fine}&state=failed")).await;
    assert!(none.contains("No delivery matches") && none.contains("Clear filters"), "{none}");
    assert_eq!(app.get(&app.owner, &format!("{PAGE}?endpoint=nonsense&after=nonsense")).await.status, 200);

    for _ in 0..3 {
        app.advance(Duration::from_secs(2 * 60 * 60)).await;
    }
    let failed = app.page(&format!("{PAGE}?endpoint={broken}&state=failed")).await;
    assert!(failed.contains("1 delivery") && failed.contains("data-label=\"Tries\">4<"), "{failed}");
    assert!(app.page(&format!("{PAGE}?replay=failed")).await.contains("Replay failed deliveries"));
    let replay = format!("{PAGE}/replay");
    assert_eq!(app.submit(&app.owner, &replay, &[("since", "forever")]).await.status, 400);
    let none = app.submit(&app.owner, &replay, &[("since", "1h")]).await;
    assert!(TestApp::flash(&none).starts_with("Nothing to replay"), "{}", TestApp::flash(&none));
    let one = app.submit(&app.owner, &replay, &[("since", "24h")]).await;
    assert_eq!(TestApp::flash(&one), "1 delivery is on its way again.");
    app.run_jobs().await;
    assert!(app.page(&format!("{PAGE}?endpoint={broken}")).await.contains("data-label=\"Tries\">5<"));
}

#[tokio::test]
async fn a_long_log_is_leafed_through_both_ways() {
    let app = TestApp::start().await;
    let id = app.answering(200).await;
    for _ in 0..60 {
        app.submit(&app.owner, &format!("{PAGE}/{id}/test"), &[]).await;
        app.db.clock().advance(Duration::from_millis(1));
    }
    let href = |html: &str, rel: &str| {
        let before = html.split(&format!("rel=\"{rel}\"")).next().unwrap();
        unescaped(before.rsplit("href=\"").next().unwrap().split('"').next().unwrap())
    };
    let rows = |html: &str| html.matches("href=\"/app/admin/webhooks/deliveries/").count();
    let first = app.page(PAGE).await;
    assert!(rows(&first) == 50 && first.contains("60 deliveries") && !first.contains("rel=\"prev\""));
    let second = app.page(&href(&first, "next")).await;
    assert!(rows(&second) == 10 && !second.contains("rel=\"next\""), "{second}");
    let back = app.page(&href(&second, "prev")).await;
    let names = |html: &str| {
        html.split("href=\"/app/admin/webhooks/deliveries/")
            .skip(1)
            .map(|rest| rest[..40].to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&back), names(&first));
}

#[tokio::test]
async fn replies_are_shown_as_text_whatever_they_hold() {
    let app = TestApp::start().await;
    let receiver = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", receiver.local_addr().unwrap());
    let answering = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (mut stream, _) = receiver.accept().await.unwrap();
        let mut asked = [0; 8192];
        let _ = stream.read(&mut asked).await.unwrap();
        let body = [b"<script>alert(1)</script>\xff\x00\x1b[31m\xe2\x80\xae".as_slice(), &[b'x'; 5000]].concat();
        let head = format!("HTTP/1.1 500 Oops\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all(&[head.as_bytes(), &body].concat()).await.unwrap();
    });
    app.submit(&app.owner, PAGE, &[("url", &url)]).await;
    let shown = app.test_event(&app.endpoints()[0].id).await;
    answering.await.unwrap();
    let html = app.page(&shown).await;
    assert!(html.contains("&#60;script&#62;alert(1)&#60;/script&#62;\u{fffd}\u{fffd}\u{fffd}[31m\u{fffd}x"), "{html}");
    assert!(
        html.contains("500 Internal Server Error")
            && html.contains("the first 4 KiB")
            && !html.contains("<script>alert")
    );

    // Nobody listens there any more.
    let shown = app.test_event(&app.endpoints()[0].id).await;
    let html = app.page(&shown).await;
    assert!(html.contains("Could not connect") && html.contains("Next try"), "{html}");
    assert!(app.page(PAGE).await.contains("No answer"));
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_said_on_the_overview() {
    let app = TestApp::start().await;
    let id = app.answering(500).await;
    app.test_event(&id).await;
    let html = app.page("/app/admin").await;
    let host = app.url.trim_start_matches("http://");
    assert!(html.contains(&format!("Webhooks to {host} fail")) && !html.contains("role=\"alert\""), "{html}");
    let gone = app.answering(410).await;
    app.test_event(&gone).await;
    let html = app.page("/app/admin").await;
    assert_eq!(html.matches(&format!("Webhooks to {host} are switched off")).count(), 2, "{html}");
    assert!(html.contains("role=\"alert\"") && html.contains("It answered 410"), "{html}");
    assert!(matches!(app.endpoints()[1].disabled, Some((_, Why::Gone))));
    app.submit(&app.owner, &format!("{PAGE}/{gone}/on"), &[]).await;
    app.submit(&app.owner, &format!("{PAGE}/{gone}/off"), &[]).await;
    assert!(
        !app.page("/app/admin").await.contains(&format!("{host} are switched off")),
        "a lead knows what they have switched off"
    );
}

#[tokio::test]
async fn another_organizations_endpoints_are_like_none() {
    let app = TestApp::start().await;
    let id = app.answering(200).await;
    let shown = app.test_event(&id).await;
    let (globex, _) = app.stranger().await;
    let hank = app.browser(&globex, "hank@globex.test", Role::Owner).await;
    for path in
        [format!("{PAGE}?edit={id}"), format!("{PAGE}?remove={id}"), format!("{PAGE}?rotate={id}"), shown.clone()]
    {
        assert_eq!(app.get(&hank, &path).await.status, 404, "{path}");
    }
    for verb in ["", "/remove", "/rotate", "/off", "/on", "/test"] {
        let answer = app.submit(&hank, &format!("{PAGE}/{id}{verb}"), &[("url", "https://lumen.test")]).await;
        assert_eq!(answer.status, 404, "{verb}");
    }
    assert_eq!(app.submit(&hank, &format!("{shown}/replay"), &[]).await.status, 404);
    let nothing = app.submit(&hank, &format!("{PAGE}/replay"), &[("since", "30d")]).await;
    assert!(TestApp::flash(&nothing).starts_with("Nothing to replay"));
    assert!(app.page_of(&hank, &format!("{PAGE}?endpoint={id}")).await.contains("No endpoint yet"));

    let member = app.browser(&app.organization, "kim@acme.test", Role::Member).await;
    assert_eq!(app.get(&member, PAGE).await.status, 403);
    assert_eq!(app.submit(&member, &format!("{PAGE}/{id}/test"), &[]).await.status, 403);
    let elsewhere =
        app.request(&app.owner, Method::POST, &format!("{PAGE}/{id}/remove")).header("sec-fetch-site", "cross-site");
    assert_eq!(Answer::of(elsewhere).await.status, 403);
    let all = Filter { endpoint: Some(id), state: Some(State::Delivered) };
    assert_eq!(app.db.read(|view| webhooks::count(view, &globex, &all)).unwrap(), 0);
}

#[tokio::test]
async fn an_open_page_hears_of_deliveries() {
    let app = TestApp::start().await;
    let id = app.answering(200).await;
    app.run_jobs().await;
    let mut stream = app.request(&app.owner, Method::GET, "/app/admin/changes").send().await.unwrap();
    let first = stream.chunk().await.unwrap().unwrap();
    app.test_event(&id).await;
    let next = stream.chunk().await.unwrap().unwrap();
    assert!(next.starts_with(b"data: ") && next != first, "{next:?}");
}

#[tokio::test]
async fn the_page_and_the_documentation_show_the_same_functions() {
    let app = TestApp::start().await;
    let page = unescaped(&app.page(PAGE).await);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let documentation = fs::read_to_string(root.join("docs/webhooks.md")).unwrap();
    for (file, language) in [("mjs", "js"), ("py", "python"), ("go", "go"), ("php", "php"), ("rb", "ruby")] {
        let code = fs::read_to_string(root.join(format!("assets/snippets/verify.{file}"))).unwrap();
        assert!(page.contains(&format!("\">{code}</code>")), "the page lacks verify.{file}");
        assert!(documentation.contains(&format!("```{language}\n{code}```")), "docs/webhooks.md lacks verify.{file}");
    }
}
