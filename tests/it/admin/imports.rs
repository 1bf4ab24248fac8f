//! People imported out of tables: taken, looked at, and worked off a piece at a time.

use headroom::{
    audit::{self, Action},
    clock::Clock,
    credits,
    db::{Db, Part, Place},
    ids::{ImportId, OrganizationId},
    imports::{self, Filter, Import, Outcome, State},
    invites,
    members::{self, Actor, Role},
    offboarding,
    organizations::{self, NewOrganization, OrganizationName},
    teams,
};
use reqwest::{
    Method,
    multipart::{Form, Part as FormPart},
};
use rusqlite::named_params;

use super::scene::At;
use crate::app::{Answer, TestApp};

const PAGE: &str = "/app/admin/imports";

async fn upload(app: &TestApp, table: &str, file: &[u8]) -> Answer {
    let form = Form::new()
        .text("table", table.to_owned())
        .text("team", "")
        .part("file", FormPart::bytes(file.to_vec()).file_name("staff 2027.csv"));
    let request = app.request(&app.owner, Method::POST, PAGE).header("sec-fetch-site", "same-origin").multipart(form);
    Answer::of(request).await
}

/// Takes a file; the page of its import.
async fn taken(app: &TestApp, file: &[u8]) -> String {
    upload(app, "", file).await.redirects().to_owned()
}

/// Presses the button with what the page has chosen.
async fn press(app: &TestApp, page: &str, button: &str, columns: &[&str], more: &[(&str, &str)]) -> Answer {
    let names: Vec<String> = (0..columns.len()).map(|nth| format!("c{nth}")).collect();
    let chosen = names.iter().map(String::as_str).zip(columns.iter().copied());
    let fields: Vec<(&str, &str)> = chosen.chain([("do", button)]).chain(more.iter().copied()).collect();
    app.submit(&app.owner, page, &fields).await
}

fn import(app: &TestApp, page: &str) -> Import {
    let id: ImportId = page.rsplit('/').next().unwrap().parse().unwrap();
    app.db.read(|view| imports::get(view, &app.organization, &id)).unwrap()
}

fn invited(app: &TestApp) -> Vec<String> {
    let listed = app.db.read(|view| invites::list(view, &app.organization)).unwrap();
    let mut emails: Vec<String> = listed.into_iter().map(|one| one.email.to_string()).collect();
    emails.sort();
    emails
}

#[tokio::test]
async fn a_table_is_looked_at_then_invited_from_and_its_people_are_known() {
    let app = TestApp::start().await;
    app.team(&app.organization, "Design").await;
    app.person("ann@acme.test", Some("Ann"), At::Joined).await;
    app.person("sam@acme.test", None, At::Invited).await;
    let text = "Nachname;Vorname;E-Mail-Adresse;Abteilung;Funktion;Telefon\r\n\
        Weiß;Jörg;JO@acme.test;design;\"Leiter;\r\nEinkauf\";1\r\n\
        Roe;Sam;sam@acme.test;Design;;2\r\n\
        Ann;;ann@acme.test;;;3\r\n\
        Lee;Kim;kim@acme;Vertrieb;;4\r\n\
        Lee;Lu;lu@acme.test;Vertrieb;<b>Rep</b>;5\r\n\
        Weiß;J;jo@acme.test;;;6\r\n\
        ;;;;;7\r\n";
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let page = taken(&app, &wide).await;

    let html = app.page(&page).await;
    for words in [
        "staff 2027.csv",
        "7 rows. Nobody is invited yet.",
        "Not read: Telefon.",
        "The team Vertrieb will be made.",
        "Invite 2 people",
        "Jörg Weiß",
        "Leiter; Einkauf",
        "&#60;b&#62;Rep",
        "No address in this row",
        "&#34;kim@acme&#34; is not an e-mail address",
        "Already a member",
        "Already invited",
        "Twice in the table",
    ] {
        assert!(html.contains(words), "{words} in {html}");
    }
    assert_eq!(invited(&app), ["ann@acme.test", "sam@acme.test"], "looking invites nobody");

    let columns = ["last", "first", "email", "team", "title", "other"];
    let more = [("headed", "yes"), ("new_teams", "create")];
    assert_eq!(press(&app, &page, "invite", &columns, &more).await.redirects(), page);
    app.run_jobs().await;
    let html = app.page(&page).await;
    assert!(html.contains("7 of 7 rows, 2 invited") && html.contains("Teams made") && html.contains("Done"), "{html}");
    let few = app.page(&format!("{page}?result=invalid")).await;
    assert!(few.contains("2 rows") && few.contains("kim@acme") && !few.contains("jo@acme.test"), "{few}");
    assert!(app.page(&format!("{page}?result=new-team")).await.contains("New team"));
    assert!(app.mails().iter().any(|mail| mail.starts_with("jo@acme.test: ")), "{:?}", app.mails());

    let jo = app.db.read(|view| invites::live(view, &app.organization, &"jo@acme.test".parse()?)).unwrap().unwrap();
    assert_eq!(
        jo.invited_by,
        app.db.read(|view| members::leads(view, &app.organization)).unwrap().pop().map(|one| one.id)
    );
    app.accept(&jo.id).await;
    let jo = app.db.read(|view| members::named(view, &app.organization, &jo.email)).unwrap();
    assert_eq!((jo.name.as_deref(), jo.title.as_deref()), (Some("Jörg Weiß"), Some("Leiter; Einkauf")));
    let design = app.db.read(|view| teams::named(view, &app.organization, "Design")).unwrap();
    assert_eq!(jo.team, Some(design.id));
    let deeds = app.db.read(|view| audit::page(view, &app.organization, None, &Part::Newest, 50)).unwrap();
    let imported: Vec<_> = deeds.rows.iter().filter(|deed| deed.action == Action::PeopleImported).collect();
    assert_eq!((imported.len(), imported[0].subject.as_deref()), (1, Some("staff 2027.csv")));
    assert_eq!(imported[0].detail.as_deref(), Some("7 rows"));
}

#[tokio::test]
async fn results_are_taken_out_to_be_corrected() {
    let app = TestApp::start().await;
    let page = taken(&app, b"E-mail,Name,Note\nkim@acme.test,Kim,=1+1\nsam@acme,\"Roe, Sam\",\n").await;
    press(&app, &page, "invite", &["email", "name", "other"], &[("headed", "yes")]).await.redirects();
    app.run_jobs().await;
    let answer = app.get(&app.owner, &format!("{page}/results.csv")).await;
    assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"staff-2027-results.csv\""));
    assert_eq!(
        answer.text(),
        "\u{feff}Line,Result,Note,E-mail,Name,Note\r\n\
         2,Invited,,kim@acme.test,Kim,'=1+1\r\n\
         3,Not valid,\"\"\"sam@acme\"\" is not an e-mail address\",sam@acme,\"Roe, Sam\",\r\n"
    );
    let few = app.get(&app.owner, &format!("{page}/results.csv?result=invalid")).await;
    assert_eq!(few.text().lines().count(), 2);
    // And that very file, once corrected, can be taken again.
    let again = taken(&app, few.text().replace("sam@acme,", "sam@acme.test,").as_bytes()).await;
    assert!(app.page(&again).await.contains("Invite 1 person"));
    let left = app.submit(&app.owner, &format!("{page}/discard"), &[]).await;
    assert_eq!(left.redirects(), PAGE);
    assert_eq!(app.get(&app.owner, &page).await.status, 404);
    assert_eq!(invited(&app), ["kim@acme.test"]);
}

#[tokio::test]
async fn how_a_table_is_read_can_be_changed_and_nobody_is_invited_unseen() {
    let app = TestApp::start().await;
    let page = taken(&app, b"Kim,kim@acme.test,Sales\nSam,sam@acme.test,Sales\n").await;
    assert!(app.page(&page).await.contains("Not read: Column 3."));
    // The press beside a change only shows what the change does.
    let pressed = press(&app, &page, "invite", &["name", "email", "team"], &[]).await;
    assert_eq!(pressed.redirects(), page);
    assert!(TestApp::flash(&pressed).starts_with("Nobody is invited yet"));
    assert_eq!(import(&app, &page).state, State::Draft);
    assert!(app.page(&page).await.contains("The team Sales will be made."));

    for (columns, words) in [
        (["other", "other", "other"], "No column is said to hold the e-mail addresses."),
        (["email", "email", "other"], "Two columns are said to hold the same."),
    ] {
        press(&app, &page, "look", &columns, &[]).await.redirects();
        let html = app.page(&page).await;
        assert!(html.contains(words) && !html.contains("Invite 2 people"), "{html}");
        assert_eq!(press(&app, &page, "invite", &columns, &[]).await.status, 400);
    }
    press(&app, &page, "look", &["name", "email", "team"], &[("headed", "yes"), ("new_teams", "leave_out")]).await;
    let html = app.page(&page).await;
    assert!(
        html.contains("1 row. Nobody") && html.contains("Unknown team") && !html.contains("Invite 1 person"),
        "{html}"
    );
    let foreign =
        press(&app, &page, "look", &["name", "email", "team"], &[("team", "team_507f1f77bcf86cd799439011")]).await;
    assert!(foreign.status == 400 && foreign.text().contains("This team is not there any more."));
    assert_eq!(invited(&app), Vec::<String>::new());
}

#[tokio::test]
async fn a_table_that_can_not_be_read_loses_nothing_that_was_pasted() {
    let app = TestApp::start().await;
    let large = vec![b'x'; 17 * 1024 * 1024];
    for (file, status, words) in [
        (b"PK\x03\x04\x14\x00".as_slice(), 400, "Save the table as CSV"),
        (b"Name,Mail\nKim,".as_slice(), 400, "There is no e-mail address in this table."),
        (&[b','; 200], 400, "more than 60 columns"),
        (large.as_slice(), 413, "This file is larger than 16 MB, so it was not read."),
    ] {
        let answer = upload(&app, "kim@acme.test, Kim", file).await;
        assert_eq!(answer.status, status, "{words}");
        let html = answer.text();
        assert!(html.contains(words) && html.contains("kim@acme.test, Kim</textarea>"), "{html}");
    }
    for (table, words) in [("", "Choose a file, or paste a table."), ("nobody", "no e-mail address in this table")] {
        let answer = upload(&app, table, b"").await;
        assert!(
            answer.status == 400
                && answer.text().contains(words)
                && answer.text().contains(&format!("{table}</textarea>"))
        );
    }
    let pasted = upload(&app, "Name\tE-mail\nKim\tkim@acme.test", b"").await;
    assert!(app.page(pasted.redirects()).await.contains("Pasted table"));
    let plain = app.submit(&app.owner, PAGE, &[("table", "sam@acme.test")]).await;
    assert!(app.page(plain.redirects()).await.contains("Invite 1 person"));
    assert_eq!(app.page(PAGE).await.matches("Not begun").count(), 2);
}

#[tokio::test]
async fn who_is_over_the_credits_is_invited_once_there_are_more() {
    let app = TestApp::start().await;
    app.spend_all().await;
    app.grant(1).await;
    let page = taken(&app, b"a@acme.test\nb@acme.test\nc@acme.test\nd@acme.test\n").await;
    let html = app.page(&page).await;
    assert!(
        html.contains("Invite 2 people") && html.contains("2 people wait of this table for more credits"),
        "{html}"
    );
    press(&app, &page, "invite", &["email"], &[]).await.redirects();
    app.run_jobs().await;
    assert_eq!(invited(&app), ["a@acme.test", "b@acme.test"]);
    assert!(app.page(&page).await.contains("Go on with 2 people"));
    app.grant(5).await;
    assert_eq!(app.submit(&app.owner, &format!("{page}/go-on"), &[]).await.redirects(), page);
    app.run_jobs().await;
    assert_eq!(invited(&app).len(), 4);
    let again = app.submit(&app.owner, &format!("{page}/go-on"), &[]).await;
    assert!(TestApp::flash(&again).starts_with("Every row of this table has its result."));
    assert!(TestApp::flash(&app.submit(&app.owner, &format!("{page}/stop"), &[]).await).contains("nothing to stop"));
}

#[tokio::test]
async fn a_corrected_address_is_still_the_same_person() {
    let app = TestApp::start().await;
    let page = taken(&app, b"Name,E-mail,Title\nKim Lee,kim@acme.tset,Buyer\n").await;
    press(&app, &page, "invite", &["name", "email", "title"], &[("headed", "yes")]).await.redirects();
    app.run_jobs().await;
    let by = app.by();
    let right = app.db.write(move |tx| {
        let wrong = invites::live(tx, &by.organization, &"kim@acme.tset".parse()?)?.unwrap();
        offboarding::correct_invite(tx, &by, &wrong.id, &"kim@acme.test".parse()?)
    });
    app.accept(&right.await.unwrap().id).await;
    let kim = app.db.read(|view| members::named(view, &app.organization, &"kim@acme.test".parse()?)).unwrap();
    assert_eq!((kim.name.as_deref(), kim.title.as_deref()), (Some("Kim Lee"), Some("Buyer")));
}

#[tokio::test]
async fn another_organizations_import_is_like_none() {
    let app = TestApp::start().await;
    let (globex, _) = app.stranger().await;
    let theirs = app.browser(&globex, "eve@globex.test", Role::Admin).await;
    let page = taken(&app, b"kim@acme.test\n").await;
    for path in [page.as_str(), "/app/admin/imports/imp_507f1f77bcf86cd799439011", "/app/admin/imports/nonsense"] {
        for rest in ["", "/results.csv"] {
            assert_eq!(app.get(&theirs, &format!("{path}{rest}")).await.status, 404, "{path}{rest}");
        }
        for rest in ["", "/stop", "/go-on", "/discard"] {
            let answer = app.submit(&theirs, &format!("{path}{rest}"), &[("do", "invite"), ("c0", "email")]).await;
            assert_eq!(answer.status, 404, "{path}{rest}");
        }
    }
    assert!(!app.page_of(&theirs, PAGE).await.contains("staff 2027"));
    assert_eq!(import(&app, &page).state, State::Draft);
}

#[tokio::test]
async fn the_page_tells_how_far_it_is_and_a_restart_goes_on() {
    let data = tempfile::tempdir().unwrap();
    let wishes = || crate::app::Wishes { data: Some(data.path().to_owned()), ..Default::default() };
    let app = TestApp::start_with(wishes()).await;
    app.set_credits(1000).await;
    let file: String = (0..700).map(|nth| format!("p{nth}@acme.test\n")).collect();
    let page = taken(&app, file.as_bytes()).await;
    press(&app, &page, "invite", &["email"], &[]).await.redirects();
    let app = app.restart(wishes()).await;
    app.run_jobs().await;
    assert!(app.page(&page).await.contains("700 of 700 rows, 700 invited"));
    assert_eq!(invited(&app).len(), 700);
    app.stop().await;
}

#[tokio::test]
async fn whoever_leads_no_more_invites_no_more() {
    let app = TestApp::start().await;
    let ann = app.browser(&app.organization, "ann@acme.test", Role::Admin).await;
    let answer = app.submit(&ann, PAGE, &[("table", "kim@acme.test")]).await;
    let page = answer.redirects().to_owned();
    let import = import(&app, &page);
    let (id, organization) = (import.id.clone(), app.organization.clone());
    app.db
        .write(move |tx| {
            let ann = members::named(tx, &organization, &"ann@acme.test".parse()?)?;
            imports::start(tx, &ann.actor(), &id)?;
            members::set_role(tx, &ann.id, Role::Member)
        })
        .await
        .unwrap();
    app.run_jobs().await;
    assert_eq!(invited(&app).iter().filter(|email| *email == "kim@acme.test").count(), 0);
    assert!(app.page(&page).await.contains("leads nobody here any more"));
    app.submit(&app.owner, &format!("{page}/go-on"), &[]).await.redirects();
    app.run_jobs().await;
    assert!(invited(&app).contains(&"kim@acme.test".to_owned()));
}

#[tokio::test]
async fn tables_go_when_their_time_is_over() {
    let app = TestApp::start().await;
    taken(&app, b"kim@acme.test\n").await;
    let done = taken(&app, b"sam@acme.test\n").await;
    press(&app, &done, "invite", &["email"], &[]).await.redirects();
    app.advance(std::time::Duration::from_secs(25 * 3600)).await;
    assert_eq!(app.db.write(imports::expire).await.unwrap(), 0, "the hourly job has done it");
    let there = |app: &TestApp| app.db.read(|view| imports::lately(view, &app.organization, 9)).unwrap().len();
    assert_eq!(there(&app), 1);
    app.advance(std::time::Duration::from_secs(7 * 24 * 3600)).await;
    assert_eq!(there(&app), 0);
    let rows: i64 = app.db.read(|view| view.one("select count(*) from import_rows", [], |row| row.get(0))).unwrap();
    assert_eq!((rows, invited(&app).len()), (0, 1));
}

/// An organization in a database of its own, without a server.
fn company(db: &Db, credits: i64) -> OrganizationId {
    db.write_and_wait(move |tx| {
        let name = OrganizationName::parse("Acme")?;
        let new = NewOrganization { name, website: None, unlimited: false, whitelabel: false };
        let organization = organizations::create(tx, &new)?;
        members::add_owner(tx, &organization.id, &"ada@acme.test".parse()?)?;
        credits::grant(tx, &organization.id, credits, "To begin with")?;
        Ok(organization.id)
    })
    .unwrap()
}

fn begun(db: &Db, organization: &OrganizationId, table: String) -> Import {
    let by = Actor::operator(organization.clone());
    let sheet = imports::read(table.as_bytes()).unwrap();
    db.write_and_wait(move |tx| {
        let import = imports::begin(tx, &by, "staff.csv", &sheet, None)?;
        imports::take_down(tx, &import.id, 0, &sheet.rows)?;
        imports::complete(tx, &import.id)?;
        imports::get(tx, &by.organization, &import.id)
    })
    .unwrap()
}

fn piece(db: &Db, id: &ImportId) -> bool {
    let id = id.clone();
    db.write_and_wait(move |tx| imports::work(tx, &id)).unwrap()
}

/// What each row came to, as the preview foresaw it and as it was worked off.
fn counted(db: &Db, import: &Import) -> Vec<(Outcome, u32)> {
    let counts = db.read(|view| imports::counts(view, import)).unwrap();
    Outcome::ALL.iter().map(|outcome| (*outcome, counts.of(*outcome))).filter(|(_, count)| *count > 0).collect()
}

#[test]
fn ten_thousand_rows_each_have_their_result() {
    let db = Db::open(&Place::Memory, Clock::system()).unwrap();
    let organization = company(&db, 4_000);
    let rows = (0..10_000).map(|nth| match nth % 20 {
        0 => format!("Person {nth},person.{nth}.acme.test,Team {}\r\n", nth % 7),
        1 => format!("Person {nth},Person.{}@acme.test,\r\n", nth + 1),
        2 => format!("Person {nth},person.{nth}@acme.test,\r\n"),
        3 => format!("Person {nth},person.{nth}@acme.test,TEAM {}\r\n", nth % 7),
        _ => format!("\"Person, {nth}\",person.{nth}@acme.test,Team {}\r\n", nth % 7),
    });
    let import = begun(&db, &organization, format!("Name,E-mail,Team\r\n{}", rows.collect::<String>()));
    assert_eq!(import.rows, 10_000);
    // 500 of each twenty are no address, 500 stand there twice, and of the 9,000 left 8,000 may wait for an answer.
    let expected =
        vec![(Outcome::Invited, 8_000), (Outcome::Duplicate, 500), (Outcome::Invalid, 500), (Outcome::Credits, 1_000)];
    let sight = db.read(|view| imports::look(view, &import, 8)).unwrap();
    let foreseen: Vec<_> = expected.iter().map(|(outcome, _)| (*outcome, sight.of(*outcome))).collect();
    assert_eq!((foreseen, sight.new_teams.len(), sight.first.len(), sight.wrong.len()), (expected.clone(), 7, 8, 8));

    let by = Actor::operator(organization.clone());
    let id = import.id.clone();
    db.write_and_wait(move |tx| imports::start(tx, &by, &id)).unwrap();
    let mut pieces = 1;
    while piece(&db, &import.id) {
        pieces += 1;
    }
    assert_eq!(pieces, 101);
    assert_eq!(counted(&db, &import), expected);
    let (pending, mails, teams): (i64, i64, i64) = db
        .read(|view| {
            let count = |sql: &str| view.one(sql, [], |row| row.get(0));
            Ok((
                organizations::get(view, &organization)?.pending_invites,
                count("select count(*) from jobs where queue = 'mail'")?,
                count("select count(*) from teams")?,
            ))
        })
        .unwrap();
    assert_eq!((pending, mails, teams), (8_000, 8_000, 7));

    let by = Actor::operator(organization.clone());
    let id = import.id.clone();
    db.write_and_wait(move |tx| {
        credits::grant(tx, &by.organization, 1_000, "More")?;
        imports::go_on(tx, &by, &id)
    })
    .unwrap();
    while piece(&db, &import.id) {}
    assert_eq!(counted(&db, &import), [(Outcome::Invited, 9_000), (Outcome::Duplicate, 500), (Outcome::Invalid, 500)]);
    let seen = db.read(|view| imports::page(view, &import, Filter::NewTeam, &Part::Newest, 50)).unwrap();
    assert_eq!(seen.rows.len(), 7);
}

#[test]
fn a_server_that_is_killed_in_between_invites_everyone_once() {
    let data = tempfile::tempdir().unwrap();
    let file = || Db::open(&Place::File(data.path().join("headroom.db")), Clock::system()).unwrap();
    let db = file();
    let organization = company(&db, 1_000);
    let table: String = (0..450).map(|nth| format!("p{}@acme.test\n", nth % 400)).collect();
    let import = begun(&db, &organization, table);
    let by = Actor::operator(organization.clone());
    let id = import.id.clone();
    db.write_and_wait(move |tx| imports::start(tx, &by, &id)).unwrap();
    assert!(piece(&db, &import.id) && piece(&db, &import.id));
    // A piece that breaks off leaves nothing of itself.
    let id = import.id.clone();
    let broken = db.write_and_wait(move |tx| {
        imports::work(tx, &id)?;
        Err::<(), _>(headroom::error::Error::invalid(headroom::i18n::Message::plain("Killed.")))
    });
    assert!(broken.is_err());
    drop(db);
    let db = file();
    assert_eq!(counted(&db, &import), [(Outcome::Invited, 200)]);
    while piece(&db, &import.id) {}
    assert!(!piece(&db, &import.id), "once more does nothing");
    assert_eq!(counted(&db, &import), [(Outcome::Invited, 400), (Outcome::Duplicate, 50)]);
    let (jobs, mails): (i64, i64) = db
        .read(|view| {
            let waiting = view.one(
                "select count(*) from jobs where unique_key = :key and state = 'waiting'",
                named_params! { ":key": format!("import@{}", import.id) },
                |row| row.get(0),
            )?;
            Ok((waiting, view.one("select count(*) from jobs where queue = 'mail'", [], |row| row.get(0))?))
        })
        .unwrap();
    assert_eq!((jobs, mails), (1, 400));
}
