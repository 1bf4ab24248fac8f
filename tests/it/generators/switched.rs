//! Headshots that were made here, once the operator has others made elsewhere.

use reqwest::StatusCode;

use super::{
    USUAL,
    consent::HOST,
    flags, means,
    stub::{Reply, Stub},
};
use crate::{
    app::Wishes,
    edits::{WISH, edit, kim, started, version_of},
};

const HEADSHOTS: &str = "/app/admin/settings/headshots";
const GENERATOR: &str = "/app/admin/settings/generator";
const NOT_EDITED: &str = "What it makes can&#39;t be edited afterwards.";
const NEW_ONES: &str = "The generator in use makes headshots that can&#39;t be edited";

#[tokio::test]
async fn what_is_kept_of_a_headshot_is_edited_here_whoever_makes_headshots_now() {
    let (app, data) = started(Wishes::default()).await;
    let (who, _, made) = kim(&app).await;
    let page = format!("/team-member/edit/{}", made[0].id);
    let preview = format!("{page}/preview.jpg?backdrop=white&zoom=125&light=40");
    let before = app.get(&who, &preview).await;
    assert_eq!(before.status, StatusCode::OK);
    assert!(!app.page(HEADSHOTS).await.contains(NEW_ONES) && !app.page(GENERATOR).await.contains(NOT_EDITED));

    let stub = Stub::start(|_| Reply::Json(200, serde_json::json!({ "ok": true }))).await;
    let url = format!("http://{HOST}:{}", stub.port());
    let settings = flags(&[("generator", "http"), ("generator_url", &url)]);
    let wishes = Wishes { data: Some(data.path().to_owned()), settings, means: means(USUAL), ..Wishes::default() };
    let app = app.restart(wishes).await;
    assert!(app.get(&who, &page).await.text().contains("10 of 10 edits left"));
    let large = app.get(&who, &format!("/team-member/headshots/{}", made[0].id)).await.text();
    assert!(large.contains(&format!("href=\"{page}\"")), "{large}");
    let after = app.get(&who, &preview).await;
    assert!(after.status == StatusCode::OK && after.body == before.body, "the same studio to the last bit");
    let version = version_of(&edit(&app, &who, &made[0], &WISH).await);
    assert!(app.get(&who, &format!("/team-member/edit/{version}")).await.text().contains("9 of 10 edits left"));

    // What has nothing to be laid from says that, and no more.
    let page = app.get(&who, &format!("/team-member/edit/{}", made[1].id)).await.text();
    assert!(page.contains("What it was made from is no longer stored."), "{page}");
    let refused = edit(&app, &who, &made[1], &WISH).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(stub.asked().is_empty(), "nothing of all that leaves the machine");

    // Leads read what becomes of new ones.
    let page = app.page(HEADSHOTS).await;
    assert!(page.contains(NEW_ONES) && page.contains("own studio still can be"), "{page}");
    assert!(app.page(GENERATOR).await.contains(NOT_EDITED));
    app.stop().await;
}
