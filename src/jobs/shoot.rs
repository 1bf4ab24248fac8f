//! Moves a shoot on, as far as it goes now: hands it to the generator, asks how far it is, takes the headshots in. One job
//! lives as long as the shoot is on its way; between two questions it waits in the queue.

use std::time::Duration;

use crate::{
    app::App,
    db::View,
    error::{Error, Result, trail},
    generator::{Failure, Handle, Made, Progress, Request, Stage},
    ids::{PhotoId, ShootId},
    photos,
    queue::{self, Attempt, Next},
    results,
    shoots::{self, Outcome, Shoot, State},
    storage::Folder,
};

/// Headshots in a shoot.
const COUNT: usize = 12;

pub(super) async fn move_on(app: &App, attempt: &Attempt, id: ShootId) -> Result<Next> {
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
        State::Training | State::Generating => ask(app, attempt, &shoot).await,
        State::Deleted => {
            if let Some(handle) = &shoot.handle {
                cancel(app, &shoot, handle).await;
                app.db.write(move |tx| shoots::forget_handle(tx, &id)).await?;
            }
            Ok(Next::Done)
        }
        State::Onboarding | State::Ready => Ok(Next::Done),
    }
}

/// What the generator needs to know of a shoot as it stands now.
fn request(view: &View, id: &ShootId) -> Result<(Shoot, Request)> {
    let shoot = shoots::get(view, id)?;
    let inputs: Vec<PhotoId> = photos::of_shoot(view, id)?.into_iter().map(|photo| photo.id).collect();
    let request = Request { shoot: id.clone(), inputs, scenes: shoot.backdrops.clone(), count: COUNT };
    Ok((shoot, request))
}

async fn hand_over(app: &App, id: &ShootId) -> Result<Next> {
    let (shoot, request) = app.db.read(|view| request(view, id))?;
    match app.generator_for(&shoot).submit(&request).await {
        Ok(handle) => {
            let (id, its) = (id.clone(), handle.clone());
            let outcome = app.db.write(move |tx| shoots::begin_training(tx, &id, &its)).await?;
            settle(app, &shoot, outcome, handle).await?;
            Ok(Next::Again(app.db.clock().now()))
        }
        Err(failure) => fail(app, &shoot, failure).await,
    }
}

/// The generator doesn't know the shoot, say because it went down with an earlier start of this server: it gets it once more, and
/// nobody notices. A generator that loses it over and over runs out of attempts.
async fn hand_over_again(app: &App, attempt: &Attempt, lost: &Shoot) -> Result<Next> {
    if attempt.number >= attempt.of {
        return fail(app, lost, Failure::Lost).await;
    }
    let (_, request) = app.db.read(|view| request(view, &lost.id))?;
    match app.generator_for(lost).submit(&request).await {
        Ok(handle) => {
            tracing::info!(shoot = lost.id.as_str(), "the generator had lost a shoot, and has it again");
            let (seen, its) = (lost.clone(), handle.clone());
            let outcome = app.db.write(move |tx| shoots::hand_over_again(tx, &seen, &its)).await?;
            settle(app, lost, outcome, handle).await?;
            Err(queue::retry_after("the generator had lost the shoot", Duration::ZERO))
        }
        Err(failure) => fail(app, lost, failure).await,
    }
}

/// What was handed over in vain, because the shoot moved elsewhere meanwhile, is taken back.
async fn settle(app: &App, shoot: &Shoot, outcome: Outcome, handle: Handle) -> Result<()> {
    if outcome == Outcome::Elsewhere && app.db.read(|view| shoots::get(view, &shoot.id))?.handle != Some(handle.clone())
    {
        cancel(app, shoot, &handle).await;
    }
    Ok(())
}

async fn ask(app: &App, attempt: &Attempt, shoot: &Shoot) -> Result<Next> {
    let Some(handle) = &shoot.handle else {
        return hand_over_again(app, attempt, shoot).await;
    };
    let status = match app.generator_for(shoot).poll(handle).await {
        Ok(status) => status,
        Err(Failure::Lost) => return hand_over_again(app, attempt, shoot).await,
        Err(failure) => return fail(app, shoot, failure).await,
    };
    let again = Next::Again(app.db.clock().now() + status.next_poll);
    let seen = shoot.clone();
    match status.progress {
        Progress::Queued { position } => {
            let outcome = app.db.write(move |tx| shoots::queued(tx, &seen, position)).await?;
            Ok(if outcome == Outcome::Done { again } else { Next::Done })
        }
        Progress::Running { stage, percent } => {
            // Half of the waiting goes to each stage.
            let percent = percent / 2 + if stage == Stage::Generating { 50 } else { 0 };
            let outcome = app.db.write(move |tx| shoots::report(tx, &seen, stage, percent)).await?;
            Ok(if outcome == Outcome::Done { again } else { Next::Done })
        }
        Progress::Done(made) => match take_in(app, shoot, made).await {
            Ok(()) => {
                cancel(app, shoot, handle).await;
                Ok(Next::Done)
            }
            // What came back can't be read: the generator's fault, and worth another try.
            Err(Error::Invalid(words)) => fail(app, shoot, Failure::Unavailable(Error::Invalid(words))).await,
            Err(other) => Err(other),
        },
    }
}

/// Gets a shoot going again that overran its time. What the generator still does for it is for nobody.
pub(super) async fn wake(app: &App, id: &ShootId) -> Result<()> {
    let shoot = app.db.read(|view| shoots::get(view, id))?;
    let overdue = id.clone();
    let outcome = app.db.write(move |tx| shoots::wake(tx, &overdue)).await?;
    if let (Outcome::Done, Some(handle)) = (outcome, &shoot.handle) {
        cancel(app, &shoot, handle).await;
    }
    Ok(())
}

/// Has the generator forget a shoot. If it can't be told, it forgets by itself one day.
async fn cancel(app: &App, shoot: &Shoot, handle: &Handle) {
    if let Err(failure) = app.generator_for(shoot).cancel(handle).await {
        tracing::warn!(shoot = shoot.id.as_str(), %failure, "a generator could not be told to forget a shoot");
    }
}

/// Whatever comes back goes through our own decoding and encoding; files first, then their rows with the step to ready.
async fn take_in(app: &App, shoot: &Shoot, made: Made) -> Result<()> {
    let mut headshots = Vec::with_capacity(made.images.len());
    let delivered = async {
        for image in made.images {
            headshots.push(results::store(&app.storage, image).await?);
        }
        let (seen, headshots) = (shoot.clone(), headshots.clone());
        app.db
            .write(move |tx| {
                let is_still = shoots::is_still(tx, &seen)?;
                if is_still { results::deliver(tx, &seen.id, &headshots) } else { Ok(Outcome::Elsewhere) }
            })
            .await
    };
    let delivered = delivered.await;
    if !matches!(delivered, Ok(Outcome::Done)) {
        // Deleted or restarted meanwhile, or one of them can't be read: what nobody knows, nobody could ever purge.
        for headshot in &headshots {
            if matches!(app.db.read(|view| results::get(view, &headshot.id)), Err(Error::NotFound(_))) {
                app.storage.delete_all(Folder::Headshot(&headshot.id)).await?;
            }
        }
    }
    delivered.map(drop)
}

async fn fail(app: &App, shoot: &Shoot, failure: Failure) -> Result<Next> {
    let cause = std::error::Error::source(&failure).map(trail).unwrap_or_default();
    tracing::warn!(shoot = shoot.id.as_str(), %failure, cause, "a shoot failed");
    let (words, final_) = (failure.to_string(), matches!(failure, Failure::Rejected(_)));
    let seen = shoot.clone();
    app.db
        .write(move |tx| {
            let is_still = shoots::is_still(tx, &seen)?;
            if is_still { shoots::fail(tx, &seen.id, &words, final_) } else { Ok(Outcome::Elsewhere) }
        })
        .await?;
    if let Some(handle) = &shoot.handle {
        cancel(app, shoot, handle).await;
    }
    Ok(Next::Done)
}
