//! The wall as a list that spreadsheets open, written while it is sent.

use actix_web::web::{Bytes, Data};
use futures::Stream;

use super::take::Everyone;
use crate::{
    app::App,
    error::{Error, Result},
    members::{self, Email},
    organizations,
    pages::avatars,
    results::Face,
    wire::csv,
};

const COLUMNS: [&str; 6] = ["Name", "E-mail", "Team", "Job title", "Picture", "Favourite chosen at"];

pub(super) fn write(app: Data<App>, everyone: Everyone) -> impl Stream<Item = Result<Bytes, Error>> {
    async_stream::try_stream! {
        let public = app.db.read(|view| Ok(organizations::get(view, &everyone.organization)?.avatars))?;
        yield Bytes::from(format!("{}{}", csv::BEGINNING, csv::line(COLUMNS)));
        let mut after = None;
        loop {
            let faces = everyone.next(&app, after).await?;
            after = faces.last().map(|last| last.member.clone());
            if faces.is_empty() {
                break;
            }
            let mut text = String::new();
            for face in faces {
                let picture = address(&app, &face, public).await?;
                text.push_str(&line(&face, &picture));
            }
            yield Bytes::from(text);
        }
    }
}

/// Where the picture is: for anyone, as long as favourites have public addresses and this is one; for signed-in leads otherwise.
async fn address(app: &App, face: &Face, public: bool) -> Result<String> {
    if public && face.headshot.favorite {
        let member = app.db.read(|view| members::get(view, &face.member))?;
        if let Some(avatar) = avatars::avatar_of(app, &member).await? {
            return Ok(avatars::address(app, &member, &avatar));
        }
    }
    Ok(app.urls.page(&format!("/team-member/headshots/{}/square.jpg", face.headshot.id)))
}

fn line(face: &Face, picture: &str) -> String {
    let email = face.email.as_ref().map(Email::to_string).unwrap_or_default();
    let team = face.team.as_ref().map_or("", |(_, name)| name);
    let chosen = match face.chosen_at {
        Some(at) => at.to_string(),
        None if face.headshot.favorite => "yes".to_owned(),
        None => String::new(),
    };
    let title = face.title.as_deref().unwrap_or_default();
    csv::line([face.name.as_deref().unwrap_or_default(), &email, team, title, picture, &chosen])
}
