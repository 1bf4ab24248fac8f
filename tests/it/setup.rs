//! The first run: no open setup page, one link, one winner.

use headroom::{
    config::{Config, Sources},
    server::{Mode, Server},
};
use reqwest::{Client, Response};

use crate::app::PATIENCE;

/// An empty instance, and the path of its setup link.
async fn empty() -> (String, String, Client) {
    let flags = vec![("listen", "127.0.0.1:0".to_owned()), ("rate_limit", "0".to_owned())];
    let server = Server::build(Config::load(&Sources { flags, ..Sources::default() }).unwrap(), Mode::Dev).unwrap();
    let url = server.app().urls.base().to_owned();
    let link = server.setup_link().await.unwrap().expect("a link, since nobody has set it up");
    tokio::spawn(server.run_until(std::future::pending()));
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE).build().unwrap();
    (url, link, client)
}

async fn fill(client: &Client, url: &str, fields: &[(&str, &str)]) -> Response {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = client.post(format!("{url}/setup")).header("content-type", "application/x-www-form-urlencoded");
    request.body(body).send().await.unwrap()
}

#[tokio::test]
async fn an_empty_instance_points_at_its_console() {
    let (url, _, client) = empty().await;
    for path in ["/", "/app", "/signin"] {
        let page = client.get(format!("{url}{path}")).send().await.unwrap();
        assert_eq!(page.status(), 200);
        assert!(page.text().await.unwrap().contains("setup link to its console"), "{path}");
    }
    for path in ["/setup", "/setup?token=guess"] {
        let page = client.get(format!("{url}{path}")).send().await.unwrap().text().await.unwrap();
        assert!(page.contains("This setup link is used up") && !page.contains("<form"), "{path}");
    }
}

#[tokio::test]
async fn what_was_typed_stays_until_it_is_right() {
    let (url, link, client) = empty().await;
    let token = link.split("token=").nth(1).unwrap();
    let fields = [
        ("token", token),
        ("organization", "  "),
        ("website", "not a site"),
        ("email", "<ada>"),
        ("password", "too short"),
    ];
    let refused = fill(&client, &url, &fields).await;
    assert_eq!(refused.status(), 400);
    let page = refused.text().await.unwrap();
    assert_eq!(page.matches("aria-invalid").count(), 4, "{page}");
    assert!(page.contains("&#60;ada&#62;") && !page.contains("too short"), "{page}");

    let page = client.get(&link).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Set up your organization"), "the link still works");
    let fields = [("token", token), ("organization", "Acme"), ("website", "acme.test"), ("email", "Ada@acme.test")];
    let made = fill(&client, &url, &fields).await;
    assert_eq!((made.status().as_u16(), made.headers()["location"].to_str().unwrap()), (303, "/app/admin"));
    let page = client.get(&link).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("This setup link is used up"));
}

#[tokio::test]
async fn of_many_at_once_one_becomes_the_owner() {
    let (url, link, client) = empty().await;
    let token = link.split("token=").nth(1).unwrap();
    let claims = (0..10).map(|nth| {
        let (client, url, email) = (&client, &url, format!("ada{nth}@acme.test"));
        async move {
            let fields = [("token", token), ("organization", "Acme"), ("email", &email), ("password", "correct horse")];
            fill(client, url, &fields).await.status().as_u16()
        }
    });
    let statuses = futures::future::join_all(claims).await;
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
}
