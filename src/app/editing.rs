//! The way of an edit: laid anew, stored, then written down.

use std::sync::Arc;

use bytes::Bytes;

use super::App;
use crate::{
    edits,
    error::{Error, Result},
    generator::{Failure, Look, Retouch, Scene, studio},
    i18n::Message,
    ids::ResultId,
    members::Member,
    results::{self, Headshot},
    storage::Folder,
    to_its_end::to_its_end,
};

/// Whose headshot is to look how.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The headshot that is edited; an edit of an edit is fine.
    pub headshot: ResultId,
    /// Whose it is.
    pub member: Member,
    /// Who wants it: the same, or a lead in their place.
    pub by: Member,
    /// What is to stand behind them.
    pub scene: Scene,
    /// How they are to be framed and lit.
    pub look: Look,
}

impl App {
    /// How an edit would look, at half its width and height. It costs nothing.
    ///
    /// # Errors
    /// There is no such headshot for the member, or nothing it could be laid from anew; or the studio can't right now.
    pub async fn preview(&self, wish: &Wish) -> Result<Bytes> {
        studio::preview(&self.studio, &self.storage, &self.retouch(wish)?).await.map_err(refusal)
    }

    /// Makes an edit: its files are stored first, then its row is written; if the row is refused, they are removed again. Whoever
    /// goes meanwhile has it all the same.
    ///
    /// # Errors
    /// As [`App::preview`]; or no edit is left.
    pub async fn edit(self: Arc<Self>, wish: Wish) -> Result<Headshot> {
        to_its_end(async move { self.make_edit(wish).await }).await
    }

    async fn make_edit(&self, wish: Wish) -> Result<Headshot> {
        let retouch = self.retouch(&wish)?;
        self.db.read(|view| edits::must_be_left(view, &wish.by, &wish.member))?;
        let image = studio::retouch(&self.studio, &self.storage, &retouch).await.map_err(refusal)?;
        let new = results::store_version(&self.storage, image, retouch.cutout).await?;
        let id = new.id.clone();
        let Wish { headshot, member, by, .. } = wish;
        let made = self.db.write(move |tx| edits::make(tx, &by, &member, &headshot, &new)).await;
        if made.is_err() {
            self.storage.delete_all(Folder::Headshot(&id)).await?;
        }
        made
    }

    /// What to ask the studio for.
    fn retouch(&self, wish: &Wish) -> Result<Retouch> {
        self.db.read(|view| {
            let headshot = results::own(view, &wish.headshot, &wish.member)?;
            results::retouch_of(view, &headshot, &wish.scene, wish.look)
        })
    }
}

fn refusal(failure: Failure) -> Error {
    match failure {
        Failure::Rejected(words) => Error::invalid(Message::english(words)),
        Failure::Unavailable(cause) => {
            tracing::warn!(error = cause.trail(), "an edit could not be made");
            busy()
        }
        Failure::Lost | Failure::TimedOut => busy(),
    }
}

fn busy() -> Error {
    Error::Unavailable(say!(
        "Headshots can't be edited right now. Nothing was taken from your edits; try again in a moment."
    ))
}
