//! Moves a shoot on, as far as it goes now: hands it to the generator, asks how far it is, takes the headshots in. One job
//! lives as long as the shoot is on its way; between two questions it waits in the queue.

use std::time::Duration;

use crate::{
    app::App,
    config::Priority,
    db::View,
    error::{Error, Result, trail},
    generator::{Answer, Check, Failure, Handle, Looked, Made, Progress, Request, Scene, Stage, studio},
    ids::{PhotoId, ShootId},
    meters::Shot,
    organizations,
    photos::{self, Photo},
    queue::{self, Attempt, Next},
    redaction,
    results::{self, Stored},
    shoots::{self, Gender, Outcome, Shoot, State},
    storage::Folder,
};

/// As much as is kept of why a shoot failed, in characters.
const LONGEST_CAUSE: usize = 500;

pub(super) async fn move_on(app: &App, attempt: &Attempt, id: ShootId) -> Result<Next> {
    let shoot = app.db.read(|view| shoots::get(view, &id))?;
    let next = go_on(app, attempt, &shoot, &id).await;
    measure(app, &shoot);
    next
}

/// Measures how a shoot moved on from where it was.
fn measure(app: &App, before: &Shoot) {
    if app.meters.now().is_none() {
        return;
    }
    // One that is gone by now has no end that would mean anything.
    let Ok(after) = app.db.read(|view| shoots::get(view, &before.id)) else { return };
    if after.state == before.state && after.restarts == before.restarts {
        return;
    }
    if matches!(before.state, State::Submitted | State::Training | State::Generating) {
        app.meters.left_stage(before.state.as_str(), after.stage_at.since(before.stage_at));
    }
    match after.state {
        State::Ready => app.meters.shot(Shot::Ready),
        State::Failed => app.meters.shot(if after.gave_up() { Shot::Failed } else { Shot::Restarts }),
        State::Onboarding | State::Submitted | State::Training | State::Generating | State::Deleted => {}
    }
}

async fn go_on(app: &App, attempt: &Attempt, shoot: &Shoot, id: &ShootId) -> Result<Next> {
    match shoot.state {
        State::Failed => {
            let failed = id.clone();
            match app.db.write(move |tx| shoots::restart(tx, &failed)).await? {
                Outcome::Done => hand_over(app, id).await,
                Outcome::Elsewhere => over(app, attempt, id).await,
            }
        }
        State::Submitted => hand_over(app, id).await,
        State::Training | State::Generating => ask(app, attempt, shoot).await,
        State::Deleted => over(app, attempt, id).await,
        State::Onboarding | State::Ready => Ok(Next::Done),
    }
}

/// Nobody waits for this shoot any more. A run of this job that was cut off, by the end of the server say, may have handed it
/// over all the same, after whoever told the generator to forget it.
async fn over(app: &App, attempt: &Attempt, id: &ShootId) -> Result<Next> {
    if attempt.number > 1 {
        let id = id.clone();
        app.db.write(move |tx| shoots::went_unanswered(tx, &id)).await?;
    }
    Ok(Next::Done)
}

/// What the generator needs to know of a shoot as it stands now.
fn request(view: &View, id: &ShootId) -> Result<(Shoot, Request)> {
    let shoot = shoots::get(view, id)?;
    let photos = photos::best_first(view, id)?;
    let insisted = photos.iter().filter(|photo| photo.allowed).map(|photo| photo.id.clone()).collect();
    let seen = photos.iter().filter_map(seen).collect();
    let inputs: Vec<PhotoId> = photos.into_iter().map(|photo| photo.id).collect();
    let count = organizations::headshots_in_a_shoot(view, &shoot.organization)?;
    let (scenes, gender) = (shoots::scenes(view, &shoot)?, shoot.gender.map(Gender::as_str));
    Ok((shoot, Request { shoot: id.clone(), inputs, insisted, seen, scenes, count, gender }))
}

/// What came of looking at a photo when it was uploaded, if somebody did.
fn seen(photo: &Photo) -> Option<Looked> {
    let check = Check { findings: photo.findings.clone(), score: photo.score? as f32 };
    Some(Looked { photo: photo.id.clone(), check, likeness: photo.likeness? })
}

async fn hand_over(app: &App, id: &ShootId) -> Result<Next> {
    let (shoot, request) = app.db.read(|view| request(view, id))?;
    match submit(app, &shoot, &request).await? {
        Ok(handle) => {
            let id = id.clone();
            app.db.write(move |tx| shoots::begin_training(tx, &id, &handle)).await?;
            Ok(Next::Again(app.db.clock().now()))
        }
        Err(failure) => not_taken(app, &shoot, failure).await,
    }
}

/// Gives the generator a shoot, unless its photos may not go there any more.
async fn submit(app: &App, shoot: &Shoot, request: &Request) -> Result<Answer<Handle>> {
    let generator = app.generator_for(shoot);
    let kept_here = match generator.destination() {
        Some(to) => app.db.read(|view| shoots::cannot_go(view, shoot, to))?,
        None => None,
    };
    Ok(match kept_here {
        Some(why) => Err(Failure::Rejected(why)),
        None => generator.submit(request).await.map(|handle| handle.of(generator.driver())),
    })
}

/// The generator doesn't know the shoot, say because it went down with an earlier start of this server: it gets it once more, and
/// nobody notices. A generator that loses it over and over runs out of attempts.
async fn hand_over_again(app: &App, attempt: &Attempt, lost: &Shoot) -> Result<Next> {
    if attempt.number >= attempt.of {
        return fail(app, lost, Failure::Lost).await;
    }
    let (_, request) = app.db.read(|view| request(view, &lost.id))?;
    match submit(app, lost, &request).await? {
        Ok(handle) => {
            tracing::info!(shoot = lost.id.as_str(), "the generator had lost a shoot, and has it again");
            let seen = lost.clone();
            app.db.write(move |tx| shoots::hand_over_again(tx, &seen, &handle)).await?;
            Err(queue::retry_after("the generator had lost the shoot", Duration::ZERO))
        }
        Err(failure) => not_taken(app, lost, failure).await,
    }
}

async fn ask(app: &App, attempt: &Attempt, shoot: &Shoot) -> Result<Next> {
    let Some(handle) = &shoot.handle else {
        return hand_over_again(app, attempt, shoot).await;
    };
    let generator = app.generator_for(shoot);
    if !handle.may_be_of(generator.driver()) {
        // Another one was configured meanwhile, to which this handle says nothing.
        return hand_over_again(app, attempt, shoot).await;
    }
    let status = match generator.poll(handle).await {
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
        Progress::Done(made) => match take_in(app, attempt, shoot, made).await {
            Ok(()) => Ok(Next::Done),
            // What came back can't be read: the generator's fault, and worth another try.
            Err(unread @ (Error::Invalid(_) | Error::Unsupported(_))) => {
                fail(app, shoot, Failure::unavailable(unread)).await
            }
            // Nobody would ask again after the last time: it failed, and so it restarts.
            Err(other) if attempt.number >= attempt.of => fail(app, shoot, Failure::unavailable(other)).await,
            Err(other) => Err(other),
        },
    }
}

/// Gets a shoot going again that overran its time.
pub(super) async fn wake(app: &App, id: &ShootId) -> Result<()> {
    let (shoot, overdue) = (app.db.read(|view| shoots::get(view, id))?, id.clone());
    app.db.write(move |tx| shoots::wake(tx, &overdue)).await?;
    measure(app, &shoot);
    Ok(())
}

/// Has the generator stop a shoot, and forget its photos and headshots.
///
/// # Errors
/// It doesn't hear: this is tried again, whatever became of the shoot.
pub(super) async fn cancel(app: &App, id: &ShootId, handle: &Handle) -> Result<()> {
    let shoot = app.db.read(|view| shoots::get(view, id))?;
    // A generator may call the same shoot the same each time. Handed over again since, it is wanted, and its end is told later.
    let is_wanted = matches!(shoot.state, State::Training | State::Generating) && shoot.handle.as_ref() == Some(handle);
    let unanswered = handle.as_str() == shoot.id.as_str();
    if is_wanted || (unanswered && shoot.is_wanted()) {
        return Ok(());
    }
    let generator = app.generator_for(&shoot);
    if !handle.may_be_of(generator.driver()) {
        // Whoever is configured now would be told of a shoot it never had, and the other one is out of reach.
        tracing::warn!(
            shoot = id.as_str(),
            handle = handle.stored(),
            now = generator.driver(),
            "the generator that has a shoot is not the one configured, so it can't be told to forget it"
        );
        return Ok(());
    }
    let told = if unanswered { generator.cancel_unanswered(id).await } else { generator.cancel(handle).await };
    told.map_err(|failure| {
        Error::internal(format!("the generator may still keep a shoot: {failure} {}", source(&failure)))
    })
}

/// Whatever comes back goes through our own decoding and encoding; files first, then their rows with the step to ready.
async fn take_in(app: &App, attempt: &Attempt, shoot: &Shoot, made: Made) -> Result<()> {
    let stranger = |scene: &Scene| matches!(scene, Scene::Own(_)) && !shoot.backdrops.contains(scene);
    if made.images.iter().any(|image| stranger(&image.scene)) {
        return Err(Error::invalid(say!("The generator names a backdrop that it was not given.")));
    }
    // Whoever got a processor for the shoot gets one for this. Should it never be their turn again, they are as everyone else.
    let made_by_studio = app.generator_for(shoot).name() == studio::NAME;
    let priority = if made_by_studio && attempt.number == 1 { app.config.studio.priority } else { Priority::Normal };
    let mut stored = Stored::default();
    let delivered = async {
        results::store_all(&app.storage, made, priority, &mut stored).await?;
        let (seen, stored) = (shoot.clone(), stored.clone());
        app.db
            .write(move |tx| {
                let is_still = shoots::is_still(tx, &seen)?;
                if is_still { results::deliver(tx, &seen.id, &stored) } else { Ok(Outcome::Elsewhere) }
            })
            .await
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

/// Why a shoot failed, for whoever can do something about it. Others wrote it: it holds no secrets and no more than a paragraph.
fn told(app: &App, failure: &Failure) -> String {
    let words = match failure {
        Failure::Unavailable(cause) => match &**cause {
            Error::Internal(inner) => trail(&**inner),
            other => other.to_string(),
        },
        other => other.to_string(),
    };
    let secret = app.config.generator.elsewhere.as_ref().and_then(|elsewhere| elsewhere.secret.as_ref());
    let words = match secret {
        // Who refuses it may quote it.
        Some(secret) => words.replace(secret.reveal(), "[secret]"),
        None => words,
    };
    redaction::for_log(&words).chars().take(LONGEST_CAUSE).collect()
}

/// What a failure came from, for the log.
fn source(failure: &Failure) -> String {
    std::error::Error::source(failure).map(trail).unwrap_or_default()
}

/// The generator doesn't take a shoot. Who refuses has answered; anything else may have arrived all the same.
async fn not_taken(app: &App, shoot: &Shoot, failure: Failure) -> Result<Next> {
    let unanswered = !matches!(failure, Failure::Rejected(_));
    end(app, shoot, failure, unanswered).await
}

async fn fail(app: &App, shoot: &Shoot, failure: Failure) -> Result<Next> {
    end(app, shoot, failure, false).await
}

/// Ends a try; `unanswered` is one of which nobody knows whether it reached the generator.
async fn end(app: &App, shoot: &Shoot, failure: Failure, unanswered: bool) -> Result<Next> {
    let cause = source(&failure);
    tracing::warn!(shoot = shoot.id.as_str(), %failure, cause, "a shoot failed");
    let (words, final_) = (failure.to_string(), matches!(failure, Failure::Rejected(_)));
    let seen = shoot.clone();
    let outcome = app.db.write(move |tx| {
        let is_still = shoots::is_still(tx, &seen)?;
        let outcome = if is_still { shoots::fail(tx, &seen.id, &words, final_)? } else { Outcome::Elsewhere };
        // It was deleted or given up while it was on its way there.
        if unanswered && outcome == Outcome::Elsewhere {
            shoots::went_unanswered(tx, &seen.id)?;
        }
        Ok(outcome)
    });
    // Of refused photos their owner hears, and nobody else can do anything about them.
    let is_trouble = outcome.await? == Outcome::Done && !final_;
    Ok(if is_trouble { Next::InVain(told(app, &failure)) } else { Next::Done })
}
