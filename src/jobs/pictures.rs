//! Public pictures that go over to a new look: a few at a time, behind everything that somebody waits for.

use crate::{
    app::{App, portraits::Order},
    error::{Error, Result},
    ids::OrganizationId,
    organizations,
    profile_pictures::{self, Design, Due, Format},
    queue::Next,
    results,
};

/// Pictures of one run; then whatever else is due has its turn.
const BATCH: u32 = 10;

/// The size drawn beforehand, in pixels a side: the one addresses show unless another is asked for.
const SIZE: u32 = 256;

/// Draws the next few pictures of an organization's round in their new look. What was done before a crash is not done again.
pub(super) async fn refresh(app: &App, organization: OrganizationId) -> Result<Next> {
    let due = app.db.read(|view| profile_pictures::due(view, &organization, BATCH))?;
    for picture in &due {
        bring_up_to_date(app, &organization, picture).await?;
    }
    let (left, now) = app.db.read(|view| Ok((profile_pictures::due(view, &organization, 1)?, view.now)))?;
    if !left.is_empty() {
        return Ok(Next::Again(now));
    }
    app.db.write(move |tx| profile_pictures::finish_round(tx, &organization)).await?;
    Ok(Next::Done)
}

async fn bring_up_to_date(app: &App, id: &OrganizationId, picture: &Due) -> Result<()> {
    let (design, order) = app.db.read(|view| {
        let design = profile_pictures::look(view, id)?;
        let drawn = design.as_ref().map_or_else(|| Design::plain(SIZE), |design| design.at(SIZE));
        let organization = organizations::get(view, id)?;
        let order = match results::get(view, &picture.headshot) {
            Ok(headshot) => Some(Order::new(view, &organization, Some(&headshot), drawn.clone(), Format::of(&drawn))?),
            Err(Error::NotFound(_)) => None,
            Err(other) => return Err(other),
        };
        Ok((design, order))
    })?;
    if let Some(order) = order {
        match app.portraits.draw(&order).await {
            Ok(_) => {}
            // Too much is asked for right now: later.
            Err(busy @ Error::Unavailable(_)) => return Err(busy),
            // Its address draws it again whenever it is asked for; the others need not wait for it.
            Err(error) => tracing::warn!(
                headshot = picture.headshot.as_str(),
                error = error.trail(),
                "a picture could not be drawn in its new look"
            ),
        }
    }
    let (id, picture) = (id.clone(), picture.clone());
    app.db.write(move |tx| profile_pictures::brought_up_to_date(tx, &id, &picture, design.as_ref())).await
}
