//! Photos: listed, fetched, opened by whoever has their URL, and gone with their model.

mod urls;

use std::time::Duration;

use headroom::{
    ids::ShootId,
    members::Actor,
    offboarding,
    queue::{self, Job},
    results::{self, Headshot, Liked},
    storage::{HeadshotFile, Key},
};
use serde_json::{Value, json};

use super::walk::{all, pages_as_promised, walk};
use crate::{
    app::{Answer, Caller, TEAMS, TestApp},
    studio::{finish_packed, headshots, pack},
};

const FAVORITES: &str = "/api/v2/organization/photos/favorites";
const HOUR: Duration = Duration::from_secs(60 * 60);
const SECOND: Duration = Duration::from_secs(1);

fn of(shoot: &ShootId) -> String {
    format!("/api/v2/organization/models/{shoot}/photos")
}

/// Someone with six headshots, each file of which says whose it is.
async fn with_photos(app: &TestApp, email: &str) -> (ShootId, Vec<Headshot>) {
    let (_, shoot) = app.member(email).await;
    pack(app, &shoot).await;
    finish_packed(app, &shoot).await;
    let made = headshots(app, &shoot);
    assert_eq!(made.len(), 6);
    for headshot in &made {
        for file in HeadshotFile::ALL {
            let words = format!("{} {}", headshot.id, file.name());
            app.storage.put(Key::Headshot(&headshot.id, file), words.into()).await.unwrap();
        }
    }
    (shoot, made)
}

async fn like(app: &TestApp, headshot: &Headshot, liked: Liked) {
    let id = headshot.id.clone();
    app.db.write(move |tx| results::like(tx, &id, liked)).await.unwrap();
}

async fn choose(app: &TestApp, headshot: &Headshot) {
    let id = headshot.id.clone();
    app.db.write(move |tx| results::choose(tx, &id)).await.unwrap();
}

/// Opens a URL with neither key nor session.
async fn open(app: &TestApp, url: &str) -> Answer {
    app.get(&Caller::Nobody, url.strip_prefix(&app.url).expect("a URL of this server")).await
}

async fn url_of(app: &TestApp, shoot: &ShootId, headshot: &Headshot) -> String {
    let shown = app.get(&app.lead, &format!("{}/{}", of(shoot), headshot.id)).await.ok();
    shown["photo"]["urls"]["main"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn photos_come_in_their_order_with_the_urls_asked_for() {
    let app = TestApp::start().await;
    let (shoot, made) = with_photos(&app, "kim@acme.test").await;

    let listed = app.get(&app.lead, &of(&shoot)).await.ok();

    let photos = listed["photos"].as_array().unwrap();
    assert_eq!(json!(all(photos, "id")), json!(made.iter().map(|one| &one.id).collect::<Vec<_>>()));
    assert_eq!(
        photos[0],
        json!({
            "id": made[0].id, "status": "active", "likedStatus": "none", "createdAt": made[0].created_at.to_string(),
            "urls": { "main": photos[0]["urls"]["main"] }, "expiresAt": photos[0]["expiresAt"],
        })
    );
    for (include, names) in [("main", vec!["main"]), ("all", vec!["main", "thumbnail", "square", "original"])] {
        let listed = app.get(&app.lead, &format!("{}?include={include}", of(&shoot))).await.ok();
        let shown = app.get(&app.lead, &format!("{}/{}?include={include}", of(&shoot), made[0].id)).await.ok();
        assert_eq!(shown["photo"], listed["photos"][0]);
        let urls = shown["photo"]["urls"].as_object().unwrap();
        assert_eq!(urls.keys().collect::<Vec<_>>(), names);
        for (name, file) in
            [("main", "portrait"), ("thumbnail", "thumbnail"), ("square", "square"), ("original", "portrait")]
        {
            if let Some(url) = urls.get(name) {
                assert_eq!(open(&app, url.as_str().unwrap()).await.text(), format!("{} {file}", made[0].id));
            }
        }
    }
    for wrong in ["include=some", "status=new", "likedStatus=hated"] {
        app.get(&app.lead, &format!("{}?{wrong}", of(&shoot))).await.refused(400, "INVALID_REQUEST");
    }
    pages_as_promised(&app, &of(&shoot), "photos").await;
    let walked = walk(&app, &of(&shoot), "photos", async || {}).await;
    assert_eq!(all(&walked, "id"), all(photos, "id"));
}

#[tokio::test]
async fn photos_are_filtered_by_what_the_member_thinks_of_them() {
    let app = TestApp::start().await;
    let (shoot, made) = with_photos(&app, "kim@acme.test").await;
    like(&app, &made[1], Liked::Liked).await;
    like(&app, &made[3], Liked::Loved).await;
    like(&app, &made[4], Liked::Liked).await;
    for (liked, places) in [("liked", vec![1, 4]), ("loved", vec![3]), ("none", vec![0, 2, 5])] {
        let found = app.get(&app.lead, &format!("{}?likedStatus={liked}", of(&shoot))).await.ok();
        let expected: Vec<_> = places.iter().map(|&place| &made[place as usize].id).collect();
        assert_eq!(json!(all(found["photos"].as_array().unwrap(), "id")), json!(expected), "{liked}");
        assert!(found["photos"].as_array().unwrap().iter().all(|photo| photo["likedStatus"] == liked));
        assert_eq!(found["pagination"]["total"], places.len(), "{liked}");
    }
}

/// Deletes a model as the API does, and keeps its files from the job that purges them.
async fn delete_and_leave_the_files(app: &TestApp, shoot: &ShootId) {
    let (by, shoot) = (Actor::operator(app.organization.clone()), crate::studio::shoot(app, shoot));
    let deleted = app.db.write(move |tx| {
        offboarding::delete_shoot(tx, &by, shoot)?;
        tx.execute("delete from jobs where queue = 'housekeeping'", [])
    });
    deleted.await.unwrap();
}

#[tokio::test]
async fn with_the_model_go_the_photos_and_leave_tombstones() {
    let app = TestApp::start().await;
    let (shoot, made) = with_photos(&app, "kim@acme.test").await;
    like(&app, &made[0], Liked::Loved).await;
    choose(&app, &made[0]).await;
    let url = url_of(&app, &shoot, &made[0]).await;
    assert_eq!(open(&app, &url).await.status, 200);
    let deleted = format!("{}?status=deleted", of(&shoot));
    assert_eq!(app.get(&app.lead, &deleted).await.ok()["photos"], json!([]));

    delete_and_leave_the_files(&app, &shoot).await;

    for purged in [false, true] {
        open(&app, &url).await.refused(404, "NOT_FOUND");
        assert_eq!(
            app.get(&app.lead, &of(&shoot)).await.ok()["photos"],
            json!([]),
            "status=active is what is asked for"
        );
        let left = app.get(&app.lead, &format!("{deleted}&include=all")).await.ok();
        assert_eq!(left["pagination"]["total"], 6);
        for (photo, headshot) in left["photos"].as_array().unwrap().iter().zip(&made) {
            assert_eq!((&photo["id"], &photo["status"]), (&json!(headshot.id), &json!("deleted")));
            assert_eq!((&photo["urls"], &photo["expiresAt"]), (&json!({}), &json!(null)));
        }
        let shown = app.get(&app.lead, &format!("{}/{}", of(&shoot), made[0].id)).await.ok();
        assert_eq!(shown["photo"]["urls"], json!({}));
        let favorite = app.get(&app.lead, &format!("{}/favorite", of(&shoot))).await.ok();
        assert_eq!(favorite["photo"], Value::Null);
        assert_eq!(app.get(&app.lead, FAVORITES).await.ok()["photos"], json!([]));
        let download = app.post(&app.lead, &format!("{}/download", of(&shoot)), &json!({})).await.ok();
        assert_eq!(download["downloads"], json!([]));
        let named = json!({ "photoIds": [made[0].id] });
        app.post(&app.lead, &format!("{}/download", of(&shoot)), &named).await.refused(404, "NOT_FOUND");
        if !purged {
            let purge = Job::PurgeFiles(shoot.clone());
            app.db.write(move |tx| queue::push(tx, purge)).await.unwrap();
            app.run_jobs().await;
            let file = app.storage.get(Key::Headshot(&made[0].id, HeadshotFile::Portrait)).await.unwrap();
            assert!(file.is_none(), "the files are gone");
        }
    }
}

#[tokio::test]
async fn the_favorite_is_null_until_one_is_chosen() {
    let app = TestApp::start().await;
    let (shoot, made) = with_photos(&app, "kim@acme.test").await;
    let path = format!("{}/favorite", of(&shoot));
    let none = json!({ "success": true, "photo": null, "message": "No favorite photo selected yet" });
    assert_eq!(app.get(&app.lead, &path).await.ok(), none);

    choose(&app, &made[2]).await;

    let chosen = app.get(&app.lead, &format!("{path}?include=all")).await.ok();
    assert_eq!(chosen.as_object().unwrap().keys().collect::<Vec<_>>(), ["success", "photo"]);
    let shown = app.get(&app.lead, &format!("{}/{}?include=all", of(&shoot), made[2].id)).await.ok();
    assert_eq!(chosen["photo"], shown["photo"]);
    app.get(&app.lead, &format!("{path}?include=some")).await.refused(400, "INVALID_REQUEST");
    let nobody = of(&"507f1f77bcf86cd799439011".parse().unwrap());
    for path in [nobody.clone(), format!("{nobody}/favorite"), format!("{nobody}/{}", made[0].id)] {
        app.get(&app.lead, &path).await.refused(404, "NOT_FOUND");
    }
    for photo in ["507f1f77bcf86cd799439017", "x"] {
        app.get(&app.lead, &format!("{}/{photo}", of(&shoot))).await.refused(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn favorites_say_whose_they_are() {
    let app = TestApp::start().await;
    let teams = app.post(&app.lead, TEAMS, &json!({ "name": "Sales" })).await.ok();
    let team = teams["organization"]["teams"][0]["id"].as_str().unwrap();
    let mut chosen = Vec::new();
    for email in ["kim@acme.test", "lee@acme.test", "max@acme.test"] {
        app.db.clock().advance(SECOND);
        let (shoot, made) = with_photos(&app, email).await;
        choose(&app, &made[1]).await;
        chosen.push((shoot, made[1].clone()));
    }
    let members = format!("{TEAMS}/{team}/members");
    app.post(&app.lead, &members, &json!({ "emails": ["lee@acme.test"] })).await.ok();

    let of_team = app.get(&app.lead, &format!("{FAVORITES}?teamId={team}&include=all")).await.ok();

    let (shoot, headshot) = &chosen[1];
    let mut expected =
        app.get(&app.lead, &format!("{}/{}?include=all", of(shoot), headshot.id)).await.ok()["photo"].clone();
    expected["modelId"] = json!(shoot);
    expected["member"] = json!({ "email": "lee@acme.test", "name": null, "teamId": team, "teamName": "Sales" });
    assert_eq!(of_team["photos"], json!([expected]));
    pages_as_promised(&app, FAVORITES, "photos").await;
    let walked = walk(&app, FAVORITES, "photos", async || {
        app.db.clock().advance(SECOND);
        let (_, made) = with_photos(&app, "new@acme.test").await;
        choose(&app, &made[0]).await;
    });
    let newest_first: Vec<_> = chosen.iter().rev().map(|(shoot, _)| shoot).collect();
    assert_eq!(json!(all(&walked.await, "modelId")), json!(newest_first));
    for nobodys in ["team_507f1f77bcf86cd799439012", "x"] {
        app.get(&app.lead, &format!("{FAVORITES}?teamId={nobodys}")).await.refused(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn downloads_are_of_all_or_of_those_named() {
    let app = TestApp::start().await;
    let (shoot, made) = with_photos(&app, "kim@acme.test").await;
    let (_, others) = with_photos(&app, "lee@acme.test").await;
    let path = format!("{}/download", of(&shoot));
    let post = async |body: Value| app.post(&app.lead, &path, &body).await;

    let everything = post(json!({})).await.ok();
    assert_eq!(everything.as_object().unwrap().keys().collect::<Vec<_>>(), ["success", "downloads", "expiresAt"]);
    let ids: Vec<_> = made.iter().map(|one| &one.id).collect();
    assert_eq!(json!(all(everything["downloads"].as_array().unwrap(), "photoId")), json!(ids));

    let named = post(json!({ "photoIds": [made[4].id, made[1].id], "include": "all" })).await.ok();
    let downloads = named["downloads"].as_array().unwrap();
    assert_eq!(json!(all(downloads, "photoId")), json!([made[4].id, made[1].id]), "as they were named");
    assert_eq!(downloads[0]["urls"].as_object().unwrap().len(), 4);
    let opened = open(&app, downloads[0]["urls"]["square"].as_str().unwrap()).await;
    assert_eq!(opened.text(), format!("{} square", made[4].id));

    for unknown in ["507f1f77bcf86cd799439017", "x", others[0].id.as_str()] {
        post(json!({ "photoIds": [made[0].id, unknown] })).await.refused(404, "NOT_FOUND");
    }
    let many: Vec<_> = std::iter::repeat_n(&made[0].id, 101).collect();
    for wrong in [
        json!({ "photoIds": [] }),
        json!({ "photoIds": many }),
        json!({ "photoIds": "x" }),
        json!({ "include": "some" }),
    ] {
        post(wrong).await.refused(400, "INVALID_REQUEST");
    }
}
