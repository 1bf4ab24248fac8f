//! Moves a shoot on, as far as it goes now: hands it to the generator, asks how far it is, takes the headshots in. One job
//! lives as long as the shoot is on its way; between two questions it waits in the queue.

use crate::{
    app::App,
    error::{Error, Result, trail},
    generator::{Failure, Made, Progress, Request, Stage},
    ids::{PhotoId, ShootId},
    organizations, photos,
    queue::Next,
    results::{self, Stored},
    shoots::{self, Gender, Outcome, Shoot, State},
    storage::Folder,
};

pub(super) async fn move_on(app: &App, id: ShootId) -> Result<Next> {
    let shoot = app.db.read(|view| shoots::get(view, &id))?;
    match shoot.state {
        State::Failed => {
            let failed = id.clone();
            match app.db.write(move |tx| shoots::restart(tx, &failed)).await? {
                Outcome::Done => hand_over(app, &id).await,
                Outcome::Elsewhere => Ok(Next::Done),
            }
        }
        State::Submitted => hand_over(app, &id).await,
        State::Training | State::Generating => ask(app, &shoot).await,
        State::Deleted => forget(app, &shoot).await,
        State::Onboarding | State::Ready => Ok(Next::Done),
    }
}

async fn hand_over(app: &App, id: &ShootId) -> Result<Next> {
    let (shoot, request) = app.db.read(|view| {
        let shoot = shoots::get(view, id)?;
        let inputs: Vec<PhotoId> = photos::best_first(view, id)?.into_iter().map(|photo| photo.id).collect();
        let count = organizations::headshots_in_a_shoot(view, &shoot.organization)?;
        let (scenes, gender) = (shoots::scenes(view, &shoot)?, shoot.gender.map(Gender::as_str));
        Ok((shoot, Request { shoot: id.clone(), inputs, scenes, count, gender }))
    })?;
    if let Some(to) = app.generator_of(&shoot).destination()
        && let Some(why) = app.db.read(|view| shoots::cannot_go(view, &shoot, to))?
    {
        return fail(app, id, Failure::Rejected(why)).await;
    }
    match app.generator_of(&shoot).submit(&request).await {
        Ok(handle) => {
            let id = id.clone();
            app.db.write(move |tx| shoots::begin_training(tx, &id, &handle).map(drop)).await?;
            Ok(Next::Again(app.db.clock().now()))
        }
        Err(failure) => fail(app, id, failure).await,
    }
}

async fn ask(app: &App, shoot: &Shoot) -> Result<Next> {
    let id = shoot.id.clone();
    let Some(handle) = &shoot.handle else {
        return fail(app, &id, Failure::Lost).await;
    };
    let status = match app.generator_of(shoot).poll(handle).await {
        Ok(status) => status,
        Err(failure) => return fail(app, &id, failure).await,
    };
    let again = Next::Again(app.db.clock().now() + status.next_poll);
    match status.progress {
        Progress::Queued { .. } => Ok(again),
        Progress::Running { stage, percent } => {
            // Half of the waiting goes to each stage.
            let percent = percent / 2 + if stage == Stage::Generating { 50 } else { 0 };
            let outcome = app.db.write(move |tx| shoots::report(tx, &id, stage, percent)).await?;
            Ok(if outcome == Outcome::Done { again } else { Next::Done })
        }
        Progress::Done(made) => match take_in(app, &id, made).await {
            Ok(()) => {
                // What was taken in is kept here, and nowhere else.
                if let Err(failure) = app.generator_of(shoot).cancel(handle).await {
                    let cause = source(&failure);
                    tracing::warn!(shoot = shoot.id.as_str(), %failure, cause, "the generator may still keep a shoot");
                }
                Ok(Next::Done)
            }
            // What came back can't be read: the generator's fault, and worth another try.
            Err(Error::Invalid(words)) => fail(app, &id, Failure::Unavailable(Error::Invalid(words))).await,
            Err(other) => Err(other),
        },
    }
}

/// Whatever comes back goes through our own decoding and encoding; files first, then their rows with the step to ready.
async fn take_in(app: &App, id: &ShootId, made: Made) -> Result<()> {
    let mut stored = Stored::default();
    let delivered = async {
        results::store_all(&app.storage, made, &mut stored).await?;
        let (id, stored) = (id.clone(), stored.clone());
        app.db.write(move |tx| results::deliver(tx, &id, &stored)).await
    };
    let delivered = delivered.await;
    if !matches!(delivered, Ok(Outcome::Done)) {
        // Deleted or restarted meanwhile, or one of them can't be read: what nobody knows, nobody could ever purge.
        let headshots = stored.headshots.into_iter().map(|headshot| headshot.id).collect();
        let cutouts = stored.cutouts.into_iter().map(|cutout| cutout.id).collect();
        let (headshots, cutouts) =
            app.db.read(|view| Ok((results::unknown(view, headshots)?, results::unknown_cutouts(view, cutouts)?)))?;
        for folder in headshots.iter().map(Folder::Headshot).chain(cutouts.iter().map(Folder::Cutout)) {
            app.storage.delete_all(folder).await?;
        }
    }
    delivered.map(drop)
}

/// A shoot was deleted while the generator had it: it is to forget it too, or this is tried again.
async fn forget(app: &App, shoot: &Shoot) -> Result<Next> {
    let Some(handle) = &shoot.handle else { return Ok(Next::Done) };
    let forgotten = app.generator_of(shoot).cancel(handle).await;
    forgotten.map_err(|failure| {
        Error::internal(format!("a deleted shoot is not forgotten: {failure} {}", source(&failure)))
    })?;
    let id = shoot.id.clone();
    app.db.write(move |tx| shoots::forgotten(tx, &id)).await?;
    Ok(Next::Done)
}

/// What a failure came from, for the log.
fn source(failure: &Failure) -> String {
    std::error::Error::source(failure).map(trail).unwrap_or_default()
}

async fn fail(app: &App, id: &ShootId, failure: Failure) -> Result<Next> {
    let cause = source(&failure);
    tracing::warn!(shoot = id.as_str(), %failure, cause, "a shoot failed");
    let (words, final_) = (failure.to_string(), matches!(failure, Failure::Rejected(_)));
    let id = id.clone();
    app.db.write(move |tx| shoots::fail(tx, &id, &words, final_)).await?;
    Ok(Next::Done)
}
