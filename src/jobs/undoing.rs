//! Lets happen what nobody has undone.

use crate::{
    app::App,
    branding,
    error::Result,
    ids::UndoableId,
    organizations, styles,
    undo::{self, Leftover},
};

/// Does what was asked for, if it still is. What a crash leaves of its files goes with the strays.
pub(super) async fn settle(app: &App, id: UndoableId) -> Result<()> {
    let Some(leftover) = app.db.write(move |tx| undo::go_through(tx, &id)).await? else { return Ok(()) };
    match leftover {
        Leftover::Backdrop(backdrop) => styles::discard(&app.storage, &backdrop).await,
        Leftover::Logo(organization) => {
            // Another logo may be there by now, under the same name.
            if app.db.read(|view| organizations::brand_of(view, &organization))?.is_none() {
                branding::discard(&app.storage, &organization).await?;
            }
        }
    }
    Ok(())
}
