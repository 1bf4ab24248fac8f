//! A lead at the pages of someone they look after: from the first photo to the favourite, and nobody else there.

use std::collections::BTreeSet;

use headroom::{
    audit::{self, Action},
    auth,
    db::Part,
    generator::Backdrop,
    ids::MemberId,
    invites::{self, NewInvite},
    members::{self, Actor, Email, Kind, NewManaged, PersonName, Role, Title},
    shoots::{self, State},
    styles::{self, Whose},
    teams::{self, TeamName},
};
use reqwest::{Method, multipart};

use crate::{
    app::{Answer, Caller, TestApp, Wishes},
    studio::{deliver_rows, hand_in, headshots, portrait, shoot},
};

/// Someone of Acme who is looked after.
pub(crate) async fn managed(app: &TestApp, name: &str, email: Option<&str>) -> MemberId {
    let new = NewManaged {
        name: PersonName::parse(name).unwrap(),
        email: email.map(|email| email.parse::<Email>().unwrap()),
        title: Title::none(),
        team: None,
    };
    let ada = app.db.read(|view| members::leads(view, &app.organization)).unwrap().remove(0).actor();
    app.db.write(move |tx| shoots::add_on_behalf(tx, &ada, &new)).await.unwrap().id
}

async fn lead(app: &TestApp, email: &str) -> Caller {
    app.browser(&app.organization, email, Role::Admin).await
}

pub(crate) fn deeds(app: &TestApp, about: &MemberId) -> Vec<(String, Action)> {
    let page = app.db.read(|view| audit::page(view, &app.organization, Some(about), &Part::Newest, 50)).unwrap();
    page.rows.into_iter().rev().map(|row| (row.who, row.action)).collect()
}

async fn upload(app: &TestApp, who: &Caller, base: &str, number: u8) -> Answer {
    let part = multipart::Part::bytes(portrait(number)).file_name("me.jpg").mime_str("image/jpeg").unwrap();
    let request = app.request(who, Method::POST, &format!("{base}/photos")).header("accept", "application/json");
    Answer::of(request.multipart(multipart::Form::new().part("photo", part))).await
}

/// The addresses a page leads to, and those it hands to scripts.
fn leads_to(html: &str) -> BTreeSet<String> {
    let attributes = [
        "href=\"",
        "action=\"",
        "src=\"",
        "data-upload=\"",
        "data-upload-continue=\"",
        "data-live=\"",
        "data-picture=\"",
        "data-edit-preview=\"",
        "data-edit-original=\"",
        "formaction=\"",
    ];
    let values =
        attributes.iter().flat_map(|name| html.split(name).skip(1).map(|rest| rest.split('"').next().unwrap()));
    values.map(str::to_owned).collect()
}

/// Nothing on the page leads to the lead's own pages, or to anyone else's.
#[track_caller]
pub(crate) fn stays_under(base: &str, html: &str) {
    let back = format!("/app/admin/members/{}", base.rsplit('/').next().unwrap());
    for address in leads_to(html) {
        let around = ["/assets/", "/brand/", "#", "data:"].iter().any(|start| address.starts_with(start));
        let menu = ["/app/admin", "/account", "/signout"].contains(&address.as_str());
        assert!(around || menu || address == back || address.starts_with(base), "{address} leads out of {base}");
    }
    assert!(html.contains("You are acting for") && html.contains(&format!("href=\"{back}\"")), "{html}");
}

#[tokio::test]
async fn a_lead_does_all_of_it_and_the_audit_log_says_who() {
    let app = TestApp::start_with(Wishes { settings: vec![("dev_shoot", "1h".to_owned())], ..Wishes::default() }).await;
    let kim = managed(&app, "Kim Lee", None).await;
    let base = format!("/team-member/for/{kim}");
    let ada = app.owner.clone();
    let begun = app.db.read(|view| shoots::latest(view, &kim)).unwrap().unwrap().id;

    assert_eq!(app.get(&ada, &base).await.redirects(), format!("{base}/onboarding"));
    assert_eq!(app.get(&ada, &format!("{base}/onboarding")).await.redirects(), format!("{base}/onboarding/you"));
    stays_under(&base, &app.get(&ada, &format!("{base}/onboarding/you")).await.text());
    let you = [("name", "Kim Lee"), ("gender", "person")];
    let next = app.submit(&ada, &format!("{base}/onboarding/you"), &you).await;
    assert_eq!(next.redirects(), format!("{base}/onboarding/photos"));
    for number in 1..=3 {
        let added = upload(&app, &ada, &base, number).await;
        assert_eq!(added.status, 200, "{}", added.text());
        let thumbnail = added.json()["thumbnail"].as_str().unwrap().to_owned();
        assert!(thumbnail.starts_with(&format!("{base}/photos/")), "{thumbnail}");
        assert_eq!(app.get(&ada, &thumbnail).await.status, 200);
    }
    let photos = app.get(&ada, &format!("{base}/onboarding/photos")).await.text();
    stays_under(&base, &photos);
    assert!(photos.contains("Add photos of Kim Lee"), "{photos}");
    stays_under(&base, &app.get(&ada, &format!("{base}/onboarding/style")).await.text());
    let style = app.submit(&ada, &format!("{base}/onboarding/style"), &[("backdrop", "navy")]).await;
    assert_eq!(style.redirects(), format!("{base}/onboarding/review"));
    let review = app.get(&ada, &format!("{base}/onboarding/review")).await.text();
    stays_under(&base, &review);
    assert!(review.contains("The person in these photos has agreed"), "{review}");
    let refused = app.submit(&ada, &format!("{base}/onboarding/review"), &[]).await;
    assert_eq!(refused.status, 400);
    stays_under(&base, &refused.text());
    let submitted = app.submit(&ada, &format!("{base}/onboarding/review"), &[("consent", "yes")]).await;
    assert_eq!(submitted.redirects(), base);
    assert_eq!(app.get(&ada, &base).await.redirects(), format!("{base}/waiting"));
    stays_under(&base, &app.get(&ada, &format!("{base}/waiting")).await.text());

    let began = ("ada@acme.test".to_owned(), Action::MemberAdded);
    let by_ada = |action| ("ada@acme.test".to_owned(), action);
    assert_eq!(deeds(&app, &kim), [began.clone(), by_ada(Action::PhotosFor), by_ada(Action::SubmittedFor)]);

    deliver_rows(&app, &begun).await;
    assert_eq!(app.get(&ada, &format!("{base}/waiting")).await.redirects(), base);
    let grid = app.get(&ada, &base).await.text();
    stays_under(&base, &grid);
    assert!(grid.contains("Headshots of Kim Lee"), "{grid}");
    let first = headshots(&app, &begun)[0].id.clone();
    let large = format!("{base}/headshots/{first}");
    stays_under(&base, &app.get(&ada, &large).await.text());
    let second = headshots(&app, &begun)[1].id.clone();
    for page in [
        format!("{base}?select=1"),
        format!("{base}/compare?a={first}"),
        format!("{base}/compare?a={first}&b={second}"),
        format!("{base}/shoots/{begun}/share?headshot={first}"),
    ] {
        stays_under(&base, &app.get(&ada, &page).await.text());
    }
    assert_eq!(app.submit(&ada, &format!("{large}/favourite"), &[]).await.redirects(), large);
    assert_eq!(
        app.submit(&ada, &format!("{large}/like"), &[("from", "grid")]).await.redirects(),
        format!("{base}#h{first}")
    );
    assert!(headshots(&app, &begun)[0].favorite);
    assert_eq!(deeds(&app, &kim).last(), Some(&by_ada(Action::ChoseFor)));
    assert_eq!(deeds(&app, &kim).len(), 4);
    let link = app.submit(&ada, &format!("{base}/shoots/{begun}/share"), &[("what", "all"), ("days", "1")]).await;
    let made = app.get(&ada, link.redirects()).await;
    assert!(made.text().contains("/share/"), "{}", made.text());
    assert_eq!(deeds(&app, &kim).last(), Some(&by_ada(Action::SharedFor)));
    // What one does for oneself is nobody's business.
    let ada_id = app.db.read(|view| members::leads(view, &app.organization)).unwrap().remove(0).id;
    let own = app.submit(&ada, "/team-member/onboarding/you", &[("name", "Ada"), ("gender", "person")]).await;
    assert_eq!(own.redirects(), "/team-member/onboarding/photos");
    assert_eq!(upload(&app, &ada, "/team-member", 9).await.status, 200);
    assert_eq!(deeds(&app, &ada_id), []);
    app.stop().await;
}

/// Every address below a member's pages, of one whose headshots are ready.
const PAGES: [&str; 17] = [
    "/answers",
    "/profile-picture",
    "",
    "/onboarding",
    "/onboarding/you",
    "/onboarding/photos",
    "/onboarding/style",
    "/onboarding/review",
    "/waiting",
    "/waiting/events",
    "/photos/events",
    "/shoots/507f1f77bcf86cd799439011",
    "/headshots/507f1f77bcf86cd799439011",
    "/edit/507f1f77bcf86cd799439011",
    "/edit/507f1f77bcf86cd799439011/preview.jpg",
    "/compare",
    "/shoots/507f1f77bcf86cd799439011/share",
];

const FORMS: [&str; 16] = [
    "/answers",
    "/profile-picture/address",
    "/uploads",
    "/uploads/507f1f77bcf86cd799439011/discard",
    "/onboarding/you",
    "/onboarding/style",
    "/onboarding/review",
    "/photos",
    "/photos/507f1f77bcf86cd799439011/remove",
    "/photos/507f1f77bcf86cd799439011/allow",
    "/headshots/507f1f77bcf86cd799439011/like",
    "/headshots/507f1f77bcf86cd799439011/favourite",
    "/edit/507f1f77bcf86cd799439011",
    "/edit/507f1f77bcf86cd799439011/undo",
    "/shoots/507f1f77bcf86cd799439011/share",
    "/shares/507f1f77bcf86cd799439011/revoke",
];

/// What people do for themselves only, by whether it is posted.
const OWN: [(&str, bool); 8] = [
    ("/again", true),
    ("/convert", false),
    ("/privacy", false),
    ("/privacy/export", true),
    ("/privacy/leave", true),
    ("/privacy/receipts/507f1f77bcf86cd799439011.txt", false),
    ("/privacy/shoots/507f1f77bcf86cd799439011/delete", true),
    ("/privacy/shoots/507f1f77bcf86cd799439011/photos/delete", true),
];

#[tokio::test]
async fn what_is_theirs_alone_nobody_does_for_them() {
    let app = TestApp::start().await;
    let kim = managed(&app, "Kim Lee", None).await;
    let ada = app.owner.clone();
    for (page, posted) in OWN {
        let address = format!("/team-member/for/{kim}{page}");
        let answer = if posted { app.submit(&ada, &address, &[]).await } else { app.get(&ada, &address).await };
        assert_eq!(answer.status, 404, "{page}");
    }
}

/// What is under `/team-member` in the sources, so that no page is forgotten here.
#[test]
fn every_member_page_is_known_here() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pages/member");
    let mut found = BTreeSet::new();
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        for rest in text.split("resource(\"/team-member").skip(1) {
            found.insert(rest.split('"').next().unwrap().replace("{id}", "507f1f77bcf86cd799439011"));
        }
    }
    let files = ["portrait.jpg", "square.jpg", "thumbnail.jpg", "320.webp", "480.webp", "download"]
        .map(|file| format!("/headshots/507f1f77bcf86cd799439011/{file}"));
    let more = [
        "/photos/507f1f77bcf86cd799439011/thumbnail",
        "/shoots/507f1f77bcf86cd799439011/headshots.zip",
        "/profile-picture/{template}/{file}",
        "/uploads/507f1f77bcf86cd799439011",
        "/backdrops/507f1f77bcf86cd799439011/picture.jpg",
        "/backdrops/507f1f77bcf86cd799439011/thumbnail.jpg",
    ];
    let known: BTreeSet<String> = PAGES
        .iter()
        .chain(&FORMS)
        .chain(&more)
        .chain(OWN.iter().map(|(page, _)| page))
        .map(|path| (*path).to_owned())
        .chain(files)
        .collect();
    assert!(found.is_subset(&known), "unknown: {:?}", found.difference(&known).collect::<Vec<_>>());
}

#[tokio::test]
async fn nobody_else_gets_there() {
    let app = TestApp::start().await;
    let kim = managed(&app, "Kim Lee", Some("kim@acme.test")).await;
    let (personal, _) = app.member("sam@acme.test").await;
    let sam = app.db.read(|view| members::named(view, &app.organization, &"sam@acme.test".parse()?)).unwrap().id;
    let owner = app.db.read(|view| members::leads(view, &app.organization)).unwrap().remove(0).id;
    let (globex, _) = app.stranger().await;
    let hank = app.browser(&globex, "hank@globex.test", Role::Owner).await;
    let managed_self = app.browser(&app.organization, "kim@acme.test", Role::Member).await;
    let random = MemberId::new();
    let tries = [
        (&hank, &kim),
        (&personal, &kim),
        (&managed_self, &kim),
        (&app.owner, &sam),
        (&app.owner, &owner),
        (&app.owner, &random),
    ];
    for (who, of) in tries {
        let base = format!("/team-member/for/{of}");
        for page in PAGES {
            assert_eq!(app.get(who, &format!("{base}{page}")).await.status, 404, "{page}");
        }
        for form in FORMS {
            let fields = [("name", "Eve"), ("gender", "male"), ("backdrop", "navy"), ("consent", "yes")];
            assert_eq!(app.submit(who, &format!("{base}{form}"), &fields).await.status, 404, "{form}");
        }
    }
    let base = format!("/team-member/for/{kim}");
    assert_eq!(app.get(&Caller::Nobody, &base).await.status, 401);
    assert_eq!(app.get(&app.owner, &format!("{base}/for/{kim}")).await.status, 404);
    assert_eq!(app.get(&app.owner, "/team-member/for/nonsense").await.status, 404);
    let foreign = app
        .request(&app.owner, Method::POST, &format!("{base}/onboarding/review"))
        .header("sec-fetch-site", "cross-site")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("consent=yes");
    assert_eq!(Answer::of(foreign).await.status, 403);
    // Their own pages are theirs as ever.
    assert_eq!(app.get(&managed_self, "/team-member").await.redirects(), "/team-member/onboarding");
    app.stop().await;
}

#[tokio::test]
async fn two_tabs_never_mix_two_people_up() {
    let app = TestApp::start().await;
    let (kim, lee) = (managed(&app, "Kim Lee", None).await, managed(&app, "Lee Roe", None).await);
    let ann = lead(&app, "ann@acme.test").await;
    let names = [(&kim, "Kim A", "female"), (&lee, "Lee B", "male")];
    for (id, name, gender) in names {
        let path = format!("/team-member/for/{id}/onboarding/you");
        app.submit(&ann, &path, &[("name", name), ("gender", gender)]).await.redirects();
    }
    for (id, number) in [(&kim, 1), (&lee, 2), (&kim, 3)] {
        assert_eq!(upload(&app, &ann, &format!("/team-member/for/{id}"), number).await.status, 200);
    }
    for (id, name, photos) in [(&kim, "Kim A", 2), (&lee, "Lee B", 1)] {
        let (member, shoot) =
            app.db.read(|view| Ok((members::get(view, id)?, shoots::latest(view, id)?.unwrap()))).unwrap();
        assert_eq!((member.name.as_deref(), shoot.photos, member.kind), (Some(name), photos, Kind::Managed));
        assert!(deeds(&app, id).contains(&("ann@acme.test".to_owned(), Action::PhotosFor)));
    }
    // Whoever no longer leads is out, in the middle of it.
    let ann_id = app.db.read(|view| members::named(view, &app.organization, &"ann@acme.test".parse()?)).unwrap().id;
    app.db.write(move |tx| members::set_role(tx, &ann_id, Role::Member)).await.unwrap();
    assert_eq!(upload(&app, &ann, &format!("/team-member/for/{kim}"), 4).await.status, 404);
    app.stop().await;
}

#[tokio::test]
async fn a_shoot_that_was_handed_in_elsewhere_can_be_seen() {
    let app = TestApp::start().await;
    let kim = managed(&app, "Kim Lee", None).await;
    let begun = app.db.read(|view| shoots::latest(view, &kim)).unwrap().unwrap().id;
    crate::studio::pack(&app, &begun).await;
    hand_in(&app, &begun).await;
    deliver_rows(&app, &begun).await;
    assert_eq!(shoot(&app, &begun).state, State::Ready);
    let zip = app.get(&app.owner, &format!("/team-member/for/{kim}/shoots/{begun}/headshots.zip")).await;
    assert_eq!((zip.status.as_u16(), zip.header("content-type")), (200, Some("application/zip")));
    app.stop().await;
}

#[tokio::test]
async fn whoever_moves_elsewhere_or_leads_is_looked_after_by_nobody() {
    let app = TestApp::start().await;
    let kim = managed(&app, "Kim Lee", Some("kim@acme.test")).await;
    let base = format!("/team-member/for/{kim}/onboarding/you");
    assert_eq!(app.get(&app.owner, &base).await.status, 200);
    let owner = app.db.read(|view| members::leads(view, &app.organization)).unwrap().remove(0).actor();
    let promoted = kim.clone();
    app.db.write(move |tx| auth::change_role(tx, &owner, None, &promoted, Role::Admin)).await.unwrap();
    assert_eq!(app.get(&app.owner, &base).await.status, 404, "leads look after themselves");
    let page = app.get(&app.owner, &format!("/app/admin/members/{kim}")).await.text();
    assert!(!page.contains("/team-member/for/"), "{page}");
    app.run_jobs().await;
    assert!(app.mails().contains(&"kim@acme.test: Your role changed: Acme".to_owned()), "{:?}", app.mails());

    let (globex, _) = app.stranger().await;
    let hank = app.browser(&globex, "hank2@globex.test", Role::Admin).await;
    let by = Actor::operator(globex.clone());
    let moved = app
        .db
        .write(move |tx| {
            let invite = invites::invite(tx, &by, &NewInvite { email: "kim@acme.test".parse()?, team: None })?;
            invites::accept(tx, &invite.id).map(|(_, member)| member)
        })
        .await
        .unwrap();
    assert_eq!((moved.organization, moved.kind), (globex, Kind::Personal), "who came by themselves is their own");
    assert_eq!(app.get(&hank, &format!("/team-member/for/{}", moved.id)).await.status, 404);
}

#[tokio::test]
async fn an_open_invite_is_answered_by_adding_its_person() {
    let app = TestApp::start().await;
    let by = Actor::operator(app.organization.clone());
    let new = NewInvite { email: "kim@acme.test".parse().unwrap(), team: None };
    let invite = app.db.write(move |tx| invites::invite(tx, &by, &new)).await.unwrap();
    app.run_jobs().await;
    let token = app.token_for("kim@acme.test");
    let form = [("name", "Kim Lee"), ("email", "kim@acme.test")];
    let added = app.submit(&app.owner, "/app/admin/managed", &form).await;
    assert!(added.redirects().starts_with("/team-member/for/"), "{}", added.text());
    let kim =
        app.db.read(|view| members::by_email(view, &app.organization, &"kim@acme.test".parse()?)).unwrap().unwrap();
    let now = app.db.read(|view| invites::get(view, &invite.id)).unwrap();
    assert_eq!((now.state, now.member.as_ref()), (invites::State::Accepted, Some(&kim.id)), "nobody is reminded of it");

    let entered = app.db.write(move |tx| auth::use_token(tx, &token, &auth::Device::default())).await.unwrap();
    assert_eq!(entered.member.unwrap().id, kim.id, "its link is a way back");
    let begun = app.db.read(|view| shoots::of_member(view, &kim.id)).unwrap();
    assert_eq!(begun.len(), 1, "one shoot is enough");
}

#[tokio::test]
async fn a_lead_chooses_for_someone_from_all_that_the_organization_allows() {
    let app = TestApp::start().await;
    let ada = lead(&app, "ada@acme.test").await;
    let by = Actor::operator(app.organization.clone());
    let kim = managed(&app, "Kim Lee", None).await;
    let id = kim.clone();
    let narrowed = app.db.write(move |tx| {
        let sales = teams::create(tx, &by, &TeamName::parse("Sales & Co")?)?.id;
        teams::move_members(tx, &by, &[id], Some(&sales))?;
        styles::allow(tx, &by, &Whose::Everyone, &[Backdrop::White.into(), Backdrop::Navy.into()])?;
        styles::allow(tx, &by, &Whose::Team(sales), &[Backdrop::Office.into()])
    });
    assert!(narrowed.await.unwrap());
    let base = format!("/team-member/for/{kim}");
    app.submit(&ada, &format!("{base}/onboarding/you"), &[("name", "Kim Lee"), ("gender", "person")]).await.redirects();
    upload(&app, &ada, &base, 1).await.ok();
    let page = app.get(&ada, &format!("{base}/onboarding/style")).await.text();
    assert!(page.contains("Sales &#38; Co chooses from fewer"), "{page}");
    assert_eq!(page.matches("Not the team&#39;s").count() + page.matches("Not the team's").count(), 2, "{page}");
    for (name, there) in [("white", true), ("navy", true), ("office", true), ("garden", false)] {
        assert_eq!(page.contains(&format!("value=\"{name}\"")), there, "{name}");
    }
    let chosen = app.submit(&ada, &format!("{base}/onboarding/style"), &[("backdrop", "navy")]).await;
    assert_eq!(chosen.redirects(), format!("{base}/onboarding/review"));
    let refused = app.submit(&ada, &format!("{base}/onboarding/style"), &[("backdrop", "garden")]).await;
    assert_eq!(refused.status, 400, "what the organization doesn't allow is not there for leads either");
}
