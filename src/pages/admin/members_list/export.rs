//! The list of members as a file that spreadsheets open.

use actix_web::{
    HttpResponse,
    http::header::{ContentDisposition, DispositionParam, DispositionType},
    web::{Data, Query},
};

use super::{Chosen, MemberState, words_of_role};
use crate::{
    app::App,
    db::View,
    error::{Error, Result},
    fields::{self, Sheet},
    members::{self, Avatar, Email, Listed, Member},
    organizations,
    pages::avatars,
    web::browser::Lead,
    wire::csv,
};

const COLUMNS: [&str; 8] = ["Name", "E-mail", "Team", "Job title", "Role", "State", "Joined", "Headshots"];

/// The last one, while favourites have public addresses.
const AVATAR: &str = "Profile picture";

/// Public addresses made in one transaction, so that nobody waits behind it.
const BATCH: u32 = 500;

/// `GET /app/admin/members.csv`: whoever the list shows, in its order.
pub(super) async fn csv(app: Data<App>, lead: Lead, Query(chosen): Query<Chosen>) -> Result<HttpResponse> {
    let (filter, order, organization) = (chosen.filter(), chosen.order(), lead.member.organization.clone());
    let avatars = app.db.read(|view| Ok(organizations::get(view, &organization)?.avatars))?;
    if avatars {
        loop {
            let whose = organization.clone();
            if app.db.write(move |tx| members::avatars_for_all(tx, &whose, BATCH)).await? == 0 {
                break;
            }
        }
    }
    let (sheet, rows) = app
        .db
        .scan(move |view| {
            let sheet = fields::sheet(view, &organization)?;
            let rows = members::export(view, &organization, &filter, order)?;
            let rows = rows
                .into_iter()
                .map(|(listed, headshots)| {
                    let address = if avatars { Some(found_by(view, &listed)?) } else { None };
                    Ok((listed, headshots, address))
                })
                .collect::<Result<Vec<_>>>()?;
            Ok((sheet, rows))
        })
        .await?;
    let headings = COLUMNS.into_iter().chain(sheet.headings()).chain(avatars.then_some(AVATAR));
    let mut text = format!("{}{}", csv::BEGINNING, csv::line(headings));
    for (listed, headshots, avatar) in rows {
        let address = avatar.map(|(member, avatar)| avatars::address(&app, &member, &avatar));
        text.push_str(&line(listed, headshots, &sheet, address));
    }
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename("members.csv".to_owned())],
    };
    Ok(HttpResponse::Ok().content_type("text/csv; charset=utf-8").insert_header(disposition).body(text))
}

/// Whose picture it is, and what it is found by.
fn found_by(view: &View, listed: &Listed) -> Result<(Member, Avatar)> {
    let avatar = members::avatar(view, &listed.id)?.ok_or(Error::NotFound("Picture"))?;
    Ok((members::get(view, &listed.id)?, avatar))
}

fn line(listed: Listed, headshots: u32, sheet: &Sheet, address: Option<String>) -> String {
    let state = MemberState(listed.stage).words();
    let mut cells = vec![
        listed.name.unwrap_or_default(),
        listed.email.as_ref().map(Email::to_string).unwrap_or_default(),
        listed.team.unwrap_or_default(),
        listed.title.unwrap_or_default(),
        words_of_role(listed.role).to_owned(),
        state.to_owned(),
        listed.created_at.date_time().format("%Y-%m-%d").to_string(),
        headshots.to_string(),
    ];
    cells.extend(sheet.row(&listed.id).map(str::to_owned));
    cells.extend(address);
    csv::line(cells.iter().map(String::as_str))
}
