//! The URLs of photos: what they open, for whom, and how long.

use super::{HOUR, SECOND, open, url_of, with_photos};
use crate::app::TestApp;

#[tokio::test]
async fn a_url_opens_without_a_key_for_24_hours() {
    let app = TestApp::start().await;
    let (shoot, made) = with_photos(&app, "kim@acme.test").await;
    let url = url_of(&app, &shoot, &made[0]).await;

    let opened = open(&app, &url).await;

    assert_eq!((opened.status.as_u16(), opened.header("content-type")), (200, Some("image/jpeg")));
    assert_eq!(opened.header("cross-origin-resource-policy"), Some("cross-origin"));
    app.db.clock().advance(24 * HOUR - 10 * SECOND);
    assert_eq!(open(&app, &url).await.status, 200, "a whole day");
    app.db.clock().advance(2 * 60 * SECOND);
    let late = open(&app, &url).await.refused(403, "FORBIDDEN");
    assert!(late.contains("has expired"), "{late}");

    let fresh = url_of(&app, &shoot, &made[0]).await;
    assert_ne!(fresh, url);
    assert_eq!(open(&app, &fresh).await.status, 200);
}

#[tokio::test]
async fn a_url_opens_nothing_but_what_it_was_signed_for() {
    let app = TestApp::start().await;
    let (shoot, made) = with_photos(&app, "kim@acme.test").await;
    let url = url_of(&app, &shoot, &made[0]).await;
    let (address, query) = url.split_once('?').unwrap();
    let (expires, signature) = query.strip_prefix("expires=").unwrap().split_once("&signature=").unwrap();
    let later = expires.parse::<i64>().unwrap() + 1;
    let mut flipped = signature.to_owned();
    flipped.replace_range(..1, if signature.starts_with('A') { "B" } else { "A" });
    for forged in [
        url.replace(made[0].id.as_str(), made[1].id.as_str()),
        url.replace("portrait", "thumbnail"),
        format!("{address}?expires={later}&signature={signature}"),
        format!("{address}?expires={expires}&signature={flipped}"),
        format!("{address}?expires={expires}&signature="),
        format!("{address}?expires={expires}"),
        format!("{address}?signature={signature}"),
        address.to_owned(),
    ] {
        let told = open(&app, &forged).await.refused(403, "FORBIDDEN");
        assert!(told.contains("not signed"), "{forged}: {told}");
    }
    for nothing in [url.replace("portrait", "master"), url.replace(made[0].id.as_str(), "x")] {
        open(&app, &nothing).await.refused(404, "NOT_FOUND");
    }
    // The query of one isn't that of another server, nor of this one after its key is lost.
    let other = TestApp::start().await;
    let (theirs, photos) = with_photos(&other, "kim@acme.test").await;
    let foreign = url_of(&other, &theirs, &photos[0]).await.replace(&other.url, &app.url);
    open(&app, &foreign.replace(photos[0].id.as_str(), made[0].id.as_str())).await.refused(403, "FORBIDDEN");
}
