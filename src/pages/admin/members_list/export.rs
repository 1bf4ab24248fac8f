//! The list of members as a file that spreadsheets open.

use actix_web::{
    HttpResponse,
    http::header::ContentEncoding,
    web::{Bytes, Data, Query},
};
use futures::Stream;

use super::{Chosen, MemberState, words_of_role};
use crate::{
    app::App,
    db::View,
    error::{Error, Result},
    fields::{self, Sheet},
    i18n::{Language, Message},
    ids::{MemberId, OrganizationId},
    members::{self, Avatar, Email, Listed, Member},
    organizations,
    pages::{avatars, taking::attachment},
    web::browser::Lead,
    wire::csv,
};

const COLUMNS: [&str; 8] = ["Name", "E-mail", "Team", "Job title", "Role", "State", "Joined", "Headshots"];

/// The last one, while favourites have public addresses.
const AVATAR: &str = "Profile picture";

/// Public addresses made in one transaction, so that nobody waits behind it.
const BATCH: u32 = 500;

/// Members that are in memory at once.
const PIECE: usize = 250;

/// `GET /app/admin/members.csv`: whoever the list shows, in its order, however many they are.
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
    let whose = organization.clone();
    let (sheet, ids) = app
        .db
        .scan(move |view| Ok((fields::sheet(view, &whose)?, members::everybody(view, &whose, &filter, order)?)))
        .await?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(attachment("members.csv"))
        .insert_header(ContentEncoding::Identity)
        .streaming(written(app, organization, sheet, ids, avatars)))
}

/// The file, made while it is sent: a piece of it at a time is in memory.
fn written(
    app: Data<App>,
    organization: OrganizationId,
    sheet: Sheet,
    ids: Vec<MemberId>,
    avatars: bool,
) -> impl Stream<Item = Result<Bytes, Error>> {
    async_stream::try_stream! {
        let headings = COLUMNS.into_iter().chain(sheet.headings()).chain(avatars.then_some(AVATAR));
        yield Bytes::from(format!("{}{}", csv::BEGINNING, csv::line(headings)));
        let mut sheet = sheet;
        for piece in ids.chunks(PIECE) {
            let (whose, piece) = (organization.clone(), piece.to_vec());
            let read = app.db.scan(move |view| {
                let sheet = sheet.of(view, &piece)?;
                let rows = members::details(view, &whose, &piece)?;
                let rows = rows.into_iter().map(|(listed, headshots)| {
                    let address = if avatars { found_by(view, &listed.id)? } else { None };
                    Ok((listed, headshots, address))
                });
                Ok((sheet, rows.collect::<Result<Vec<_>>>()?))
            });
            let rows;
            (sheet, rows) = read.await?;
            let mut text = String::new();
            for (listed, headshots, avatar) in rows {
                let address = avatar.map(|(member, avatar)| avatars::address(&app, &member, &avatar));
                text.push_str(&line(listed, headshots, &sheet, avatars.then(|| address.unwrap_or_default())));
            }
            yield Bytes::from(text);
        }
    }
}

/// Whose picture it is, and what it is found by.
fn found_by(view: &View, id: &MemberId) -> Result<Option<(Member, Avatar)>> {
    let avatar = members::avatar(view, id)?;
    avatar.map(|avatar| Ok((members::get(view, id)?, avatar))).transpose()
}

fn line(listed: Listed, headshots: u32, sheet: &Sheet, address: Option<String>) -> String {
    // Programs read it too, so it is English for everyone.
    let english = |words: Message| words.in_language(Language::English);
    let mut cells = vec![
        listed.name.unwrap_or_default(),
        listed.email.as_ref().map(Email::to_string).unwrap_or_default(),
        listed.team.unwrap_or_default(),
        listed.title.unwrap_or_default(),
        english(words_of_role(listed.role)),
        english(MemberState(listed.stage).words()),
        listed.created_at.date_time().format("%Y-%m-%d").to_string(),
        headshots.to_string(),
    ];
    cells.extend(sheet.row(&listed.id).map(str::to_owned));
    cells.extend(address);
    csv::line(cells.iter().map(String::as_str))
}
