//! What people choose from: for everyone, for a team, as a file; and what becomes of choices made before.

use headroom::{
    audit,
    db::Part,
    generator::{Backdrop, Scene},
    house_style,
    ids::{ShootId, TeamId},
    images::{self, Picture, Size},
    members::{self, Actor, Role},
    organizations,
    shoots::{self, Whereabouts},
    styles::{self, OwnBackdrop, Whose},
    teams,
};
use reqwest::{Method, multipart};
use serde_json::{Value, json};

use crate::{
    app::{Answer, Caller, TestApp},
    studio::{self, REVIEW, hand_in, pack, shoot, with_rows_of_headshots},
};

const PAGE: &str = "/app/admin/settings/headshots";
const ALLOWED: &str = "/app/admin/settings/headshots/allowed";
const FILE: &str = "/app/admin/settings/headshots/style.json";
const IMPORT: &str = "/app/admin/settings/headshots/style";
const APPLY: &str = "/app/admin/settings/headshots/style/apply";
const STYLE: &str = "/team-member/onboarding/style";
/// A backdrop that is ticked.
const TICKED: &str = " checked><span class=\"scene-frame\">";

async fn add(app: &TestApp, name: &str) -> OwnBackdrop {
    let size = Size { width: 1024, height: 1280 };
    let wall = images::encode_jpeg(&Picture::new(size, [90, 120, 140].repeat(size.area() as usize)).unwrap(), 60);
    let part = multipart::Part::bytes(wall.unwrap()).file_name("wall.jpg");
    let form = multipart::Form::new().text("name", name.to_owned()).part("picture", part);
    let to = format!("{PAGE}/backdrops");
    Answer::of(app.request(&app.owner, Method::POST, &to).multipart(form)).await.redirects();
    app.db.read(|view| styles::named(view, &app.organization, name)).unwrap()
}

fn ticks(scenes: &[Scene]) -> Vec<(&'static str, String)> {
    scenes.iter().map(|scene| ("backdrop", scene.to_string())).collect()
}

async fn tick(app: &TestApp, page: &str, scenes: &[Scene]) -> Answer {
    let ticks = ticks(scenes);
    app.submit(&app.owner, page, &ticks.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>()).await
}

fn set(app: &TestApp, whose: &Whose) -> Vec<Scene> {
    app.db.read(|view| styles::set_for(view, &app.organization, whose)).unwrap()
}

fn offered(page: &str) -> Vec<&str> {
    page.split("name=\"backdrop\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

fn noted(app: &TestApp) -> Vec<String> {
    let page = app.db.read(|view| audit::page(view, &app.organization, None, &Part::Newest, 20)).unwrap();
    let told = page.rows.into_iter().filter(|deed| deed.action == audit::Action::SettingsChanged);
    told.map(|deed| deed.detail.or(deed.after).unwrap_or_default()).collect()
}

fn drawn(backdrops: &[Backdrop]) -> Vec<Scene> {
    backdrops.iter().copied().map(Scene::Drawn).collect()
}

async fn into_team(app: &TestApp, email: &str, team: Option<TeamId>) {
    let (by, email) = (app.by(), email.parse().unwrap());
    let moved = app.db.write(move |tx| {
        let member = members::named(tx, &by.organization, &email)?;
        teams::move_members(tx, &by, &[member.id], team.as_ref())
    });
    moved.await.unwrap();
}

/// Everything up to the choice.
async fn begin(app: &TestApp, who: &Caller) {
    let you = [("name", "Kim Lee"), ("gender", "person")];
    app.submit(who, "/team-member/onboarding/you", &you).await.redirects();
    studio::upload(app, who, "me.jpg", studio::portrait(1)).await.ok();
}

async fn choose(app: &TestApp, who: &Caller, scenes: &[&str]) -> Answer {
    app.submit(who, STYLE, &scenes.iter().map(|scene| ("backdrop", *scene)).collect::<Vec<_>>()).await
}

#[tokio::test]
async fn a_lead_says_what_people_choose_from() {
    let app = TestApp::start().await;
    let lobby = add(&app, "Lobby").await;
    let (kim, _) = app.member("kim@acme.test").await;
    begin(&app, &kim).await;
    assert_eq!(offered(&app.get(&kim, STYLE).await.text()).len(), 7, "all, as long as nobody said otherwise");

    let some = [Scene::Own(lobby.id.clone()), Backdrop::Navy.into()];
    let saved = tick(&app, ALLOWED, &[some[1].clone(), some[0].clone()]).await;
    assert_eq!((saved.redirects(), TestApp::flash(&saved).as_str()), (PAGE, "Saved. People choose from Lobby, Navy."));
    assert_eq!(set(&app, &Whose::Everyone), some);
    let page = app.get(&kim, STYLE).await.text();
    assert_eq!(offered(&page), [lobby.id.as_str(), "navy"]);
    assert_eq!(choose(&app, &kim, &["grey"]).await.status, 400);
    assert_eq!(app.page(PAGE).await.matches(TICKED).count(), 2);

    // What is added is not on the list; a list of all is none.
    add(&app, "Hall").await;
    assert_eq!(set(&app, &Whose::Everyone).len(), 2);
    let all = app.db.read(|view| styles::available(view, &app.organization)).unwrap();
    let saved = tick(&app, ALLOWED, &all).await;
    assert!(TestApp::flash(&saved).contains("also from those you add later"), "{}", TestApp::flash(&saved));
    add(&app, "Roof").await;
    assert_eq!(offered(&app.get(&kim, STYLE).await.text()).len(), 9);
    let told: Vec<String> = noted(&app).into_iter().filter(|detail| detail.contains("choose")).collect();
    assert_eq!(told, ["people choose from all", "people choose from Lobby, Navy"]);
}

#[tokio::test]
async fn one_stays_and_what_is_none_is_refused() {
    let app = TestApp::start().await;
    let none = app.submit(&app.owner, ALLOWED, &[]).await;
    assert_eq!(none.status, 400);
    assert!(none.text().contains("Keep at least one backdrop") && !none.text().contains(TICKED), "{}", none.text());
    let foreign = {
        let (globex, _) = app.stranger().await;
        let hank = app.browser(&globex, "hank@globex.test", Role::Owner).await;
        let team = app.team(&globex, "Theirs").await;
        assert_eq!(app.get(&hank, &format!("/app/admin/teams/{team}/style")).await.status, 200);
        team
    };
    let random = TeamId::new();
    for team in [&foreign, &random] {
        let page = format!("/app/admin/teams/{team}/style");
        assert_eq!(app.get(&app.owner, &page).await.status, 404);
        assert_eq!(tick(&app, &page, &drawn(&[Backdrop::Navy])).await.status, 404);
        assert_eq!(app.submit(&app.owner, &page, &[]).await.status, 404);
        assert_eq!(app.submit(&app.owner, &format!("{page}/navy"), &[]).await.status, 404);
    }
    let gone = Scene::Own(headroom::ids::BackdropId::new());
    assert!(tick(&app, ALLOWED, &[gone]).await.text().contains("not there any more"));
    assert_eq!(app.submit(&app.owner, &format!("{ALLOWED}/purple"), &[]).await.status, 404);
    let (kim, _) = app.member("kim@acme.test").await;
    assert_eq!(app.submit(&kim, ALLOWED, &[("backdrop", "navy")]).await.status, 403);
    assert_eq!(app.get(&kim, FILE).await.status, 403);
    assert_eq!(set(&app, &Whose::Everyone), []);
    assert_eq!(noted(&app), Vec::<String>::new());
}

#[tokio::test]
async fn who_chose_what_is_not_offered_any_more_chooses_again() {
    let app = TestApp::start().await;
    let (kim, kims) = app.member("kim@acme.test").await;
    begin(&app, &kim).await;
    choose(&app, &kim, &["navy", "garden"]).await.redirects();
    let (_, sams) = app.member("sam@acme.test").await;
    pack(&app, &sams).await;
    hand_in(&app, &sams).await;

    let asked = tick(&app, ALLOWED, &drawn(&[Backdrop::Grey, Backdrop::Garden])).await;
    assert_eq!(asked.redirects(), format!("{PAGE}?allow=grey%2Cgarden#allowed"));
    let question = app.page(&format!("{PAGE}?allow=grey%2Cgarden")).await;
    assert!(question.contains("1 person has chosen something else and not submitted yet."), "{question}");
    assert!(question.contains(&format!("{ALLOWED}/grey,garden")) && question.matches(TICKED).count() == 2);
    assert_eq!(set(&app, &Whose::Everyone), [], "nothing is set before the answer");
    app.submit(&app.owner, &format!("{ALLOWED}/grey,garden"), &[]).await.redirects();

    assert_eq!(shoot(&app, &kims).backdrops, drawn(&[Backdrop::Navy, Backdrop::Garden]), "nothing is lost silently");
    assert_eq!(app.get(&kim, REVIEW).await.redirects(), STYLE);
    assert_eq!(studio::submit(&app, &kim).await.redirects(), "/team-member/onboarding", "nor submitted");
    let page = app.get(&kim, STYLE).await.text();
    assert!(page.contains("Not offered any more: Navy") && page.matches(" checked").count() == 1, "{page}");
    let by_hand = app.db.write(move |tx| {
        let member = shoots::get(tx, &kims)?.member.unwrap();
        shoots::submit(tx, &kims, &member, headroom::config::PhotoChecks::On, &Whereabouts::default())
    });
    assert!(by_hand.await.unwrap_err().to_string().contains("not offered any more"));
    assert_eq!(choose(&app, &kim, &["garden"]).await.redirects(), REVIEW);
    assert_eq!(app.get(&kim, REVIEW).await.status, 200);

    // What is under way stays.
    assert_eq!(shoot(&app, &sams).backdrops, drawn(&[Backdrop::Navy]));
    let scenes = app.db.read(|view| shoots::scenes(view, &shoot(&app, &sams))).unwrap();
    assert_eq!(scenes, drawn(&[Backdrop::Navy]));
}

#[tokio::test]
async fn with_one_backdrop_nobody_is_asked() {
    let app = TestApp::start().await;
    let lobby = add(&app, "Lobby").await;
    let saved = tick(&app, ALLOWED, &[Scene::Own(lobby.id.clone())]).await;
    assert_eq!(TestApp::flash(&saved), "Saved. Everybody gets Lobby.");
    let (kim, kims) = app.member("kim@acme.test").await;
    begin(&app, &kim).await;
    let page = app.get(&kim, STYLE).await.text();
    assert!(page.contains("Acme has chosen it for you") && page.contains("Lobby"), "{page}");
    assert!(!page.contains("type=\"checkbox\""), "{page}");
    assert_eq!(choose(&app, &kim, &[lobby.id.as_str()]).await.redirects(), REVIEW);
    assert_eq!(shoot(&app, &kims).backdrops, [Scene::Own(lobby.id.clone())]);

    // Without the picture there is no list any more, which is said before.
    let question = app.page(&format!("{PAGE}?remove={}", lobby.id)).await;
    assert!(question.contains("People choose from it alone at present"), "{question}");
    app.submit(&app.owner, &format!("{PAGE}/backdrops/{}/remove", lobby.id), &[]).await.redirects();
    app.let_go().await;
    assert_eq!(set(&app, &Whose::Everyone), []);
    assert_eq!(offered(&app.get(&kim, STYLE).await.text()).len(), 6);
}

#[tokio::test]
async fn a_team_has_a_choice_of_its_own() {
    let app = TestApp::start().await;
    let lobby = Scene::Own(add(&app, "Lobby").await.id);
    let sales = app.team(&app.organization, "Sales").await;
    let page = format!("/app/admin/teams/{sales}/style");
    let whose = Whose::Team(sales.clone());
    tick(&app, ALLOWED, &drawn(&[Backdrop::Grey, Backdrop::White])).await.redirects();
    let shown = app.page(&page).await;
    assert!(shown.contains("goes by what holds for everyone") && shown.matches(TICKED).count() == 2, "{shown}");
    let none = app.submit(&app.owner, &page, &[]).await;
    assert!(none.status == 400 && none.text().contains("Keep at least one backdrop"), "{}", none.text());

    // Also what everyone else may not choose.
    let saved = tick(&app, &page, &[Backdrop::Navy.into(), lobby.clone()]).await;
    assert_eq!(TestApp::flash(&saved), "Saved. Sales chooses from Lobby, Navy.");
    assert_eq!(set(&app, &whose), [lobby.clone(), Backdrop::Navy.into()]);
    assert!(app.page("/app/admin/teams").await.contains("2 backdrops"));
    assert!(app.page(PAGE).await.contains(&format!("href=\"{page}\"")));
    assert_eq!(noted(&app)[0], "the team Sales chooses from Lobby, Navy");

    let (kim, kims) = app.member("kim@acme.test").await;
    begin(&app, &kim).await;
    assert_eq!(offered(&app.get(&kim, STYLE).await.text()), ["grey", "white"]);
    choose(&app, &kim, &["grey"]).await.redirects();
    into_team(&app, "kim@acme.test", Some(sales.clone())).await;
    assert_eq!(app.get(&kim, REVIEW).await.redirects(), STYLE, "another team, another choice");
    assert_eq!(offered(&app.get(&kim, STYLE).await.text()), [lobby.to_string().as_str(), "navy"]);
    choose(&app, &kim, &["navy"]).await.redirects();
    assert_eq!(app.get(&kim, REVIEW).await.status, 200);

    // Whoever has a team's choice doesn't mind what everyone else may choose.
    tick(&app, ALLOWED, &drawn(&[Backdrop::Grey])).await.redirects();
    assert_eq!(app.get(&kim, REVIEW).await.status, 200);
    let asked = app.submit(&app.owner, &page, &[("usual", "yes")]).await;
    assert_eq!(asked.redirects(), format!("{page}?allow=usual"));
    let question = app.page(&format!("{page}?allow=usual")).await;
    assert!(question.contains("They are told that it is Light grey now."), "{question}");
    app.submit(&app.owner, &format!("{page}/usual"), &[]).await.redirects();
    assert_eq!(set(&app, &whose), []);
    let told = app.get(&kim, STYLE).await.text();
    assert!(told.contains("Not offered any more: Navy") && told.contains("Everyone gets this one now."), "{told}");
    assert_eq!(choose(&app, &kim, &["grey"]).await.redirects(), REVIEW);
    assert_eq!(shoot(&app, &kims).backdrops, drawn(&[Backdrop::Grey]));
}

#[tokio::test]
async fn a_picture_that_goes_leaves_every_list() {
    let app = TestApp::start().await;
    let lobby = add(&app, "Lobby").await;
    let (own, sales) = (Scene::Own(lobby.id.clone()), app.team(&app.organization, "Sales").await);
    tick(&app, ALLOWED, &[own.clone(), Backdrop::Navy.into()]).await.redirects();
    tick(&app, &format!("/app/admin/teams/{sales}/style"), &[own]).await.redirects();
    app.submit(&app.owner, &format!("{PAGE}/backdrops/{}/remove", lobby.id), &[]).await.redirects();
    app.let_go().await;
    assert_eq!(set(&app, &Whose::Everyone), drawn(&[Backdrop::Navy]));
    assert_eq!(set(&app, &Whose::Team(sales)), []);
}

async fn import(app: &TestApp, who: &Caller, file: Vec<u8>) -> Answer {
    let part = multipart::Part::bytes(file).file_name("style.json");
    Answer::of(app.request(who, Method::POST, IMPORT).multipart(multipart::Form::new().part("style", part))).await
}

/// What the page of the question would post.
fn answer(page: &str) -> Vec<(&'static str, String)> {
    let of = |name: &str| {
        let value = page.split(&format!("name=\"{name}\" value=\"")).nth(1).expect(name).split('"').next().unwrap();
        value.replace("&#34;", "\"").replace("&#39;", "'").replace("&#38;", "&")
    };
    vec![("file", of("file")), ("seen", of("seen"))]
}

async fn apply(app: &TestApp, page: &str) -> Answer {
    let fields = answer(page);
    app.submit(&app.owner, APPLY, &fields.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>()).await
}

#[tokio::test]
async fn a_style_is_taken_out_and_read_in_again() {
    let app = TestApp::start().await;
    let fresh = app.get(&app.owner, FILE).await;
    assert!(fresh.header("content-disposition").unwrap().contains("headroom-style.json"));
    assert_eq!(
        fresh.json(),
        json!({ "headroomStyle": 1, "backdrops": "all", "teams": [], "headshots": 12,
            "edits": { "members": 10, "leads": 10 }, "deleteAfterDays": null })
    );
    let lobby = Scene::Own(add(&app, "Lobby & \"bar\"").await.id);
    let sales = app.team(&app.organization, "Sales").await;
    tick(&app, ALLOWED, &[lobby.clone(), Backdrop::Navy.into()]).await.redirects();
    tick(&app, &format!("/app/admin/teams/{sales}/style"), &drawn(&[Backdrop::White])).await.redirects();
    app.set("headshots", "16").await;
    let file = app.get(&app.owner, FILE).await;
    let said = file.json();
    assert_eq!(said["backdrops"], json!([{ "own": "Lobby & \"bar\"" }, { "builtIn": "navy" }]));
    assert_eq!(said["teams"], json!([{ "team": "Sales", "backdrops": [{ "builtIn": "white" }] }]));

    // All of it anew, and back by the file.
    let same = import(&app, &app.owner, file.body.to_vec()).await;
    assert_eq!(same.redirects(), PAGE);
    assert!(TestApp::flash(&same).contains("Nothing to change"));
    let by = app.by();
    let undo = house_style::read(fresh.body.as_ref()).unwrap();
    app.db.write(move |tx| house_style::apply(tx, &by, &undo)).await.unwrap();
    assert_eq!((set(&app, &Whose::Everyone), set(&app, &Whose::Team(sales.clone()))), (vec![], vec![]));
    let page = import(&app, &app.owner, file.body.to_vec()).await;
    assert_eq!(page.status, 200);
    let page = page.text();
    for words in ["Import 3 changes", "All backdrops", "What Sales chooses from", "Headshots per shoot", "16"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert_eq!(set(&app, &Whose::Everyone), [], "nothing before the answer");
    let applied = apply(&app, &page).await;
    assert_eq!((applied.redirects(), TestApp::flash(&applied).as_str()), (PAGE, "Imported: 3 changes."));
    assert_eq!(set(&app, &Whose::Everyone), [lobby, Backdrop::Navy.into()]);
    assert_eq!(set(&app, &Whose::Team(sales)), drawn(&[Backdrop::White]));
    assert_eq!(app.db.read(|view| organizations::headshots_in_a_shoot(view, &app.organization)).unwrap(), 16);
    assert_eq!(app.get(&app.owner, FILE).await.json(), said);
    assert_eq!(
        noted(&app)[..3],
        ["16 in a shoot", "the team Sales chooses from White", "people choose from Lobby & \"bar\", Navy"]
    );
    let page = app.db.read(|view| audit::page(view, &app.organization, None, &Part::Newest, 3)).unwrap();
    let before: Vec<_> = page.rows.iter().map(|deed| deed.before.as_deref().unwrap_or_default()).collect();
    let allowed = "the team Sales chooses from what the organization allows";
    assert_eq!(before, ["12 in a shoot", allowed, "people choose from all"], "a file says before and after too");
}

#[tokio::test]
async fn an_import_says_what_it_means_and_is_never_another_one() {
    let app = TestApp::start().await;
    with_rows_of_headshots(&app, "kim@acme.test").await;
    let (lee, _) = app.member("lee@acme.test").await;
    begin(&app, &lee).await;
    choose(&app, &lee, &["navy"]).await.redirects();
    let file = json!({ "headroomStyle": 1, "backdrops": [{ "builtIn": "grey" }], "edits": { "leads": 3 }, "deleteAfterDays": 30 });
    let page = import(&app, &app.owner, file.to_string().into()).await.text();
    for words in [
        "1 person has chosen something else and not submitted yet",
        "of 1 person will be deleted for good, the first on",
        "10 by each member, 3 by leads for each member",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    // Somebody else was faster.
    app.set("lead_edits", "3").await;
    let late = apply(&app, &page).await;
    assert_eq!(late.status, 409);
    assert!(late.text().contains("Something was changed meanwhile") && late.text().contains("Import 2 changes"));
    assert_eq!(set(&app, &Whose::Everyone), []);
    apply(&app, &late.text()).await.redirects();
    assert_eq!(set(&app, &Whose::Everyone), drawn(&[Backdrop::Grey]));
    let organization = app.db.read(|view| organizations::get(view, &app.organization)).unwrap();
    assert_eq!((organization.results_days, organization.headshots), (Some(30), 12));
}

#[tokio::test]
async fn a_file_that_cannot_be_is_refused_in_words() {
    let app = TestApp::start().await;
    app.team(&app.organization, "Sales").await;
    let with = |rest: Value| {
        let mut file = json!({ "headroomStyle": 1 });
        file.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        file.to_string().into_bytes()
    };
    let navy = json!([{ "builtIn": "navy" }]);
    for (file, status, words) in [
        (b"\x89PNG".to_vec(), 400, "This is no JSON file"),
        (b"".to_vec(), 400, "Choose a file first."),
        (vec![b' '; 300_000], 413, "larger than 128 KB"),
        (with(json!({ "headshots": "many" })), 400, "It has to be a whole number from 12 to 24."),
        (
            with(json!({ "backdrops": [{ "own": "Lobby" }], "teams": [{ "team": "Ops", "backdrops": navy }] })),
            400,
            "The file names what are not here: the backdrop &#34;Lobby&#34;, the team &#34;Ops&#34;.",
        ),
        (
            with(json!({ "teams": [{ "team": "Sales", "backdrops": navy }, { "team": "SALES", "backdrops": navy }] })),
            400,
            "The file names the team &#34;Sales&#34; twice.",
        ),
    ] {
        let refused = import(&app, &app.owner, file).await;
        assert_eq!(refused.status.as_u16(), status, "{words}: {}", refused.text());
        assert!(refused.text().contains(words), "{words}: {}", refused.text());
    }
    let (kim, _) = app.member("kim@acme.test").await;
    assert_eq!(import(&app, &kim, with(json!({}))).await.status, 403);
    assert_eq!(app.submit(&app.owner, APPLY, &[("file", "{}"), ("seen", "")]).await.status, 400);
    let globex = app.stranger().await.0;
    let changed = app.db.write(move |tx| {
        let style = house_style::read(br#"{"headroomStyle": 1, "backdrops": [{"own": "Lobby"}]}"#)?;
        house_style::apply(tx, &Actor::operator(globex), &style)
    });
    assert!(changed.await.is_err(), "another organization's picture is none");
}

#[tokio::test]
async fn leads_see_when_headshots_were_made_and_the_profile_picture() {
    let app = TestApp::start().await;
    let (kim, id): (Caller, ShootId) = with_rows_of_headshots(&app, "kim@acme.test").await;
    let member = shoot(&app, &id).member.unwrap();
    let page = format!("/app/admin/members/{member}");
    let html = app.page(&page).await;
    let made = studio::headshots(&app, &id);
    let day = made[0].created_at.to_string();
    assert!(html.matches(&format!("datetime=\"{day}\"")).count() >= made.len(), "{html}");
    assert!(!html.contains("Profile picture"), "no address, no picture");
    app.set("avatars", "true").await;
    let html = app.page(&page).await;
    assert!(html.contains("No favourite is chosen yet") && html.contains("data-copy=\"#avatar-address\""), "{html}");
    let src = html.split("src=\"/avatars/").nth(1).unwrap().split('"').next().unwrap();
    let picture = app.get(&Caller::Nobody, &format!("/avatars/{src}")).await;
    assert_eq!(picture.status, 200);
    assert!(html.contains(&format!("{}/avatars/{}", app.url, src.split('?').next().unwrap())), "{html}");
    app.submit(&kim, &format!("/team-member/headshots/{}/favourite", made[0].id), &[]).await.redirects();
    assert!(app.page(&page).await.contains("The favourite, as whoever has the address sees it."));
}
