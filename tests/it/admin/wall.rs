//! The wall of headshots: who is on it, in which order, and what is taken along from it.

use std::io::{Cursor, Read};

use headroom::{
    generator::{Backdrop, Look},
    ids::{MemberId, ResultId, TeamId},
    invites,
    members::{Actor, Role},
    results::{self, NewHeadshot, Stored},
    shoots,
};
use serde_json::json;

use super::scene::{self, At};
use crate::{
    app::{Answer, Caller, TestApp},
    studio::{headshots, with_headshots},
};

const WALL: &str = "/app/admin/headshots";
const TAKE: &str = "/app/admin/headshots/take";

/// Someone with two headshots, of which they chose one or none. Nobody took the pictures.
async fn hung(app: &TestApp, by: &Actor, name: &str, team: Option<&TeamId>, chosen: bool) -> (MemberId, ResultId) {
    let (by, name, team) = (by.clone(), name.to_owned(), team.cloned());
    let email = format!("{}@{}", name.to_lowercase().replace(' ', "."), "people.test");
    let made = app.db.write(move |tx| {
        let invite = scene::person(tx, &by, &email, Some(&name), team.as_ref(), At::Generating)?;
        let member = invites::get(tx, &invite.id)?.member.unwrap();
        let shoot = shoots::latest(tx, &member)?.unwrap();
        let rows: Vec<NewHeadshot> = [Backdrop::Navy, Backdrop::White]
            .map(|backdrop| NewHeadshot {
                id: ResultId::new(),
                backdrop: backdrop.into(),
                width: 1024,
                height: 1280,
                cutout: None,
                look: Look::default(),
            })
            .into();
        let (first, second) = (rows[0].id.clone(), rows[1].id.clone());
        results::deliver(tx, &shoot.id, &Stored { headshots: rows, ..Stored::default() })?;
        if chosen {
            results::choose(tx, &second)?;
        }
        Ok((member, if chosen { second } else { first }))
    });
    made.await.unwrap()
}

fn names(html: &str) -> Vec<String> {
    html.split("class=\"name\">").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

async fn take(app: &TestApp, who: &Caller, query: &str, fields: &[(&str, &str)]) -> Answer {
    app.submit(who, &format!("{TAKE}{query}"), fields).await
}

#[tokio::test]
async fn everyone_hangs_side_by_side_and_who_has_not_chosen_is_marked() {
    let app = TestApp::start().await;
    let empty = app.page(WALL).await;
    assert!(empty.contains("No headshots yet") && empty.contains("members?add=invite"), "{empty}");
    let (sales, by) = (app.team(&app.organization, "Sales & Co").await, app.by());
    let (kim, favourite) = hung(&app, &by, "Kim Lee", Some(&sales), true).await;
    let (_, newest) = hung(&app, &by, "Ann Orr", None, false).await;
    app.person("sam@acme.test", Some("Sam Poe"), At::Joined).await;

    let wall = app.page(WALL).await;
    assert_eq!(names(&wall), ["Ann Orr", "Kim Lee"], "who has none is not on it");
    assert!(wall.contains("2 people, 1 with a favourite"), "{wall}");
    assert!(wall.contains(&format!("{WALL}/{favourite}/tile-256.webp 256w")) && wall.contains("tile-512.webp 512w"));
    assert!(wall.contains(&newest.to_string()), "the first of the newest stands for a choice");
    assert_eq!(wall.matches("Not chosen yet</span>").count(), 1);
    assert!(wall.contains(&format!("href=\"/app/admin/members/{kim}\"")), "a picture opens the person");

    assert_eq!(names(&app.page(&format!("{WALL}?group=team")).await), ["Kim Lee", "Ann Orr"], "no team comes last");
    let grouped = app.page(&format!("{WALL}?group=team")).await;
    assert!(grouped.contains("<h2>Sales &#38; Co</h2>") && grouped.contains("<h2>No team</h2>"), "{grouped}");
    assert_eq!(names(&app.page(&format!("{WALL}?team={sales}")).await), ["Kim Lee"]);
    assert_eq!(names(&app.page(&format!("{WALL}?q=orr")).await), ["Ann Orr"]);
    assert_eq!(names(&app.page(&format!("{WALL}?show=chosen")).await), ["Kim Lee"]);
    assert_eq!(names(&app.page(&format!("{WALL}?show=open")).await), ["Ann Orr"]);
    let nobody = app.page(&format!("{WALL}?q=%25")).await;
    assert!(nobody.contains("Nobody matches") && nobody.contains("Clear filters"), "a percent sign is itself");

    // What is deleted leaves the wall.
    let shoot = app.db.read(|view| results::get(view, &favourite)).unwrap().shoot;
    let gone = app.db.write(move |tx| headroom::offboarding::delete_shoot(tx, &by, shoots::get(tx, &shoot)?));
    gone.await.unwrap();
    assert_eq!(names(&app.page(WALL).await), ["Ann Orr"]);
}

#[tokio::test]
async fn the_wall_is_for_leads_of_its_organization_alone() {
    let app = TestApp::start().await;
    let (_, headshot) = hung(&app, &app.by(), "Kim Lee", None, true).await;
    let member = app.browser(&app.organization, "lee@acme.test", Role::Member).await;
    let (globex, _) = app.stranger().await;
    let hank = app.browser(&globex, "hank@globex.test", Role::Owner).await;
    let tile = format!("{WALL}/{headshot}/tile-256.webp");
    for path in [WALL, &tile] {
        assert_eq!(app.get(&member, path).await.status, 403, "{path}");
        assert_eq!(app.get(&Caller::Nobody, path).await.status, 401, "{path}");
    }
    let random = format!("{WALL}/507f1f77bcf86cd799439011/tile-256.webp");
    for path in [&tile, &random] {
        let answer = app.get(&hank, path).await;
        assert!(answer.status == 404 && answer.text().contains("There is nothing here"), "{path}");
    }
    let (kim, _) = app
        .db
        .read(|view| {
            let face = results::wall(view, &app.organization, &results::Sieve::default(), false, None, 1)?.remove(0);
            Ok((face.member, face.headshot.id))
        })
        .unwrap();
    let taken = take(&app, &hank, "", &[("do", "csv"), ("member", kim.as_str())]).await;
    assert_eq!((taken.redirects(), TestApp::flash(&taken).as_str()), (WALL, "There is no headshot to take along."));
}

#[tokio::test]
async fn a_long_wall_goes_on_where_it_stopped() {
    let app = TestApp::start().await;
    app.set_credits(1000).await;
    let (by, team) = (app.by(), app.team(&app.organization, "B").await);
    for nth in 0..65 {
        let team = (nth % 2 == 0).then_some(&team);
        hung(&app, &by, &format!("Person {nth:02}"), team, nth % 3 == 0).await;
    }
    for query in ["", "?group=team", "?show=open&q=person"] {
        let (mut seen, mut next) = (Vec::new(), Some(format!("{WALL}{query}")));
        while let Some(path) = next {
            let html = app.page(&path).await;
            seen.extend(names(&html));
            let more = html.split("\" rel=\"next\"").next().filter(|before| before.len() < html.len());
            next = more.map(|before| before.rsplit("href=\"").next().unwrap().replace("&#38;", "&"));
        }
        let mut each = seen.clone();
        each.sort();
        each.dedup();
        let wanted = if query.contains("open") { 43 } else { 65 };
        assert_eq!((seen.len(), each.len()), (wanted, wanted), "{query}: nobody twice, nobody left out");
    }
    let csv = take(&app, &app.owner, "", &[("do", "csv")]).await.text();
    assert_eq!(csv.lines().count(), 66);
}

#[tokio::test]
async fn headshots_are_taken_along_under_the_names_of_their_people() {
    let app = TestApp::start().await;
    let (kim, shoot) = with_headshots(&app, "kim@acme.test").await;
    with_headshots(&app, "other@acme.test").await;
    let first = headshots(&app, &shoot).remove(1).id;
    app.submit(&kim, &format!("/team-member/headshots/{first}/favourite"), &[]).await.redirects();

    let all = take(&app, &app.owner, "", &[("do", "zip"), ("size", "square"), ("download", "mine")]).await;
    assert_eq!(all.header("content-type"), Some("application/zip"));
    assert_eq!(all.header("content-disposition"), Some("attachment; filename=\"headshots.zip\""));
    let mut archive = zip::ZipArchive::new(Cursor::new(&all.body)).unwrap();
    let mut names: Vec<_> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    names.sort();
    assert_eq!(names, ["Kim Lee (2) - headshot.jpg", "Kim Lee - headshot.jpg"]);
    let mut file = Vec::new();
    archive.by_name("Kim Lee - headshot.jpg").unwrap().read_to_end(&mut file).unwrap();
    let square = image::load_from_memory(&file).unwrap();
    assert_eq!(square.width(), square.height());
    let progress = app.get(&app.owner, &format!("{WALL}/progress?download=mine")).await;
    assert_eq!(progress.json(), json!({ "done": 2, "all": 2, "over": true }));
    let bob = app.browser(&app.organization, "bob@acme.test", Role::Admin).await;
    assert_eq!(
        app.get(&bob, &format!("{WALL}/progress?download=mine")).await.status,
        404,
        "each lead counts their own"
    );

    let id = app.db.read(|view| Ok(results::get(view, &first)?.shoot)).unwrap();
    let member = app.db.read(|view| Ok(shoots::get(view, &id)?.member.unwrap())).unwrap();
    let one = take(&app, &app.owner, "", &[("do", "zip"), ("size", "portrait"), ("member", member.as_str())]).await;
    let mut archive = zip::ZipArchive::new(Cursor::new(&one.body)).unwrap();
    assert_eq!(archive.len(), 1);
    let mut file = Vec::new();
    archive.by_index(0).unwrap().read_to_end(&mut file).unwrap();
    let portrait = image::load_from_memory(&file).unwrap();
    assert!(portrait.height() > portrait.width());
    assert_eq!(take(&app, &app.owner, "", &[("do", "zip"), ("size", "huge")]).await.status, 400);
    assert_eq!(take(&app, &app.owner, "", &[("do", "nothing")]).await.status, 400);

    // As a list: public addresses only of what was chosen, and no cell is a formula.
    let rename = app.db.write(move |tx| {
        let account = headroom::members::get(tx, &member)?.account;
        headroom::members::rename(tx, &account, &headroom::members::PersonName::parse("=SUM(A1)")?)
    });
    rename.await.unwrap();
    let csv = take(&app, &app.owner, "", &[("do", "csv")]).await;
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    let text = csv.text();
    assert!(text.contains("Name,E-mail,Team,Job title,Picture,Favourite chosen at\r\n"), "{text}");
    assert!(text.contains("'=SUM(A1),kim@acme.test,"), "{text}");
    assert_eq!(text.matches("/team-member/headshots/").count(), 2);
    app.set("avatars", "on").await;
    let text = take(&app, &app.owner, "", &[("do", "csv")]).await.text();
    assert_eq!((text.matches("/avatars/").count(), text.matches("/team-member/headshots/").count()), (1, 1), "{text}");

    // The tile is square, and no larger than it is shown.
    let tile = app.get(&app.owner, &format!("{WALL}/{first}/tile-256.webp")).await;
    assert_eq!(tile.header("content-type"), Some("image/webp"));
    let tile = image::load_from_memory(&tile.body).unwrap();
    assert_eq!((tile.width(), tile.height()), (256, 256));
    app.stop().await;
}
