use super::scene::At;
use crate::app::TestApp;

const PAGE: &str = "/app/admin/teams";

#[tokio::test]
async fn teams_are_made_renamed_and_deleted() {
    let app = TestApp::start().await;
    assert!(app.page(PAGE).await.contains("No teams yet"));
    let made = app.submit(&app.owner, PAGE, &[("name", " <i>Design</i> ")]).await;
    assert_eq!(made.redirects(), PAGE);
    assert_eq!(TestApp::flash(&made), "Created the team <i>Design</i>.");
    assert!(app.page(PAGE).await.contains("&#60;i&#62;Design&#60;/i&#62;"));

    let team = app.team(&app.organization, "Sales").await;
    let by = (app.by(), team.clone());
    app.db
        .write(move |tx| super::scene::person(tx, &by.0, "kim@acme.test", None, Some(&by.1), At::Joined))
        .await
        .unwrap();
    assert!(app.page(&format!("{PAGE}?rename={team}")).await.contains("value=\"Sales\""));
    let renamed = app.submit(&app.owner, &format!("{PAGE}/{team}"), &[("rename", "Field sales")]).await;
    assert_eq!(TestApp::flash(&renamed), "Renamed the team to Field sales.");

    let deleted = app.submit(&app.owner, &format!("{PAGE}/{team}/delete"), &[]).await;
    assert_eq!(deleted.redirects(), PAGE);
    let going = app.page(PAGE).await;
    assert!(going.contains("Deleting the team Field sales. Its members stay, without a team."), "{going}");
    assert!(!going.contains(&format!("?rename={team}")), "nothing else can be done to it: {going}");
    app.let_go().await;
    assert!(!app.page(PAGE).await.contains("Field sales"));
    assert!(app.page("/app/admin/members").await.contains("kim@acme.test"));
}

#[tokio::test]
async fn a_name_that_cannot_be_stays_in_its_form() {
    let app = TestApp::start().await;
    let team = app.team(&app.organization, "Sales").await;
    app.team(&app.organization, "Design").await;
    let long = "x".repeat(101);
    for (name, words) in
        [("design", "There is already a team called"), (" ", "A team needs a name"), (&long, "A team needs a name")]
    {
        let answer = app.submit(&app.owner, PAGE, &[("name", name)]).await;
        assert_eq!(answer.status, 400);
        assert!(
            answer.text().contains(words) && answer.text().contains(&format!("value=\"{name}\"")),
            "{}",
            answer.text()
        );
        let answer = app.submit(&app.owner, &format!("{PAGE}/{team}"), &[("rename", name)]).await;
        assert_eq!(answer.status, 400);
        assert!(
            answer.text().contains(words) && answer.text().contains(&format!("value=\"{name}\"")),
            "{}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn another_organizations_team_is_like_none() {
    let app = TestApp::start().await;
    let (globex, _) = app.stranger().await;
    let foreign = app.team(&globex, "Theirs").await;
    for team in [foreign.as_str(), "team_507f1f77bcf86cd799439011", "nonsense"] {
        assert_eq!(app.submit(&app.owner, &format!("{PAGE}/{team}"), &[("rename", "Mine")]).await.status, 404);
        assert_eq!(app.submit(&app.owner, &format!("{PAGE}/{team}/delete"), &[]).await.status, 404);
    }
}
