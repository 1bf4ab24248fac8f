//! `headroom storage`.

use std::path;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Said, Station, logging};
use crate::{
    config::Location,
    error::{Error, Result},
    server,
    storage::{self, Storage},
};

mod moving;

use moving::{Done, Move};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Copy all photos to another place, file by file and each looked at; stopped anywhere, it goes on when it is run again
    Move(MoveArgs),
}

#[derive(Debug, Args)]
pub(super) struct MoveArgs {
    /// Where to: s3://bucket/prefix with the usual AWS_… variables, or a directory
    #[arg(long, value_name = "PLACE")]
    to: String,
    /// Delete them where they were, once all of them are at the new place; the server has to be stopped
    #[arg(long)]
    delete: bool,
}

pub(super) fn run(station: &Station, command: Command) -> Result<Said> {
    match command {
        Command::Move(args) => {
            logging::begin(&station.config)?;
            move_all(station, &args)
        }
    }
}

fn move_all(station: &Station, args: &MoveArgs) -> Result<Said> {
    let from = &station.config.photos;
    let to = place(&args.to)?;
    if from.overlaps(&to) {
        return Err(Error::invalid(plain!(
            "Photos are kept in {from} now, and {to} is the same place or one within the other. Name another one with --to."
        )));
    }
    // Held until all is done, so that no server begins to change what is being copied.
    let alone = server::hold(&station.config)?;
    if args.delete && alone.is_none() {
        return Err(Error::invalid(plain!(
            "A server is using {from}, so nothing can be deleted there. Stop it first, or copy without --delete while it runs."
        )));
    }
    let done = station.wait(async {
        for place in [from, &to] {
            if let Location::Bucket { name, prefix } = place {
                storage::probe(name, prefix).await?;
            }
        }
        let moved = Move {
            db: &station.db,
            from,
            to: &to,
            source: Storage::open(from)?,
            target: Storage::open(&to)?,
            alone: alone.is_some(),
        };
        let mut done = moved.copy_all().await?;
        if args.delete {
            moved.delete_source(&mut done).await?;
        }
        Ok::<_, Error>(done)
    })??;
    Ok(said(station, &to, alone.is_some(), args.delete, &done))
}

fn place(text: &str) -> Result<Location> {
    let wrong = || {
        Error::invalid(plain!(
            "--to can't be \"{text}\"; an example that works: s3://headshots/photos, or a directory."
        ))
    };
    match Location::parse(text)?.ok_or_else(wrong)? {
        Location::Directory(path) => Ok(Location::Directory(path::absolute(path)?)),
        bucket => Ok(bucket),
    }
}

fn said(station: &Station, to: &Location, alone: bool, deleted: bool, done: &Done) -> Said {
    let from = &station.config.photos;
    // The directory that is taken when nothing is set is said by setting nothing.
    let usual = Location::Directory(station.config.data.join("photos")).overlaps(to);
    let setting = if usual { String::new() } else { to.to_string() };
    let mut words = vec![format!(
        "{} files are in {to}: {} copied now, {} there before and the same.",
        done.copied + done.same,
        done.copied,
        done.same
    )];
    if done.removed > 0 {
        words.push(format!("{} that nobody knows any more were deleted there.", done.removed));
    }
    if done.only_there > 0 {
        words.push(format!("{} more are only there; they were left.", done.only_there));
    }
    if deleted {
        words.push(format!("{} were deleted in {from}.", done.deleted));
    }
    if alone {
        words.push(if usual {
            "Now take HEADROOM_STORAGE (or storage in headroom.toml) out, and start the server.".to_owned()
        } else {
            format!("Now set HEADROOM_STORAGE={to}, and start the server.")
        });
        if to.directory().is_none() {
            words.push(
                "From then on people agree to words that name the bucket's host. Who agreed before read that photos are kept on this server."
                    .to_owned(),
            );
        }
        if !deleted {
            words.push(format!(
                "What is in {from} stays, faces of people who leave later too: run this once more with --delete before you change the \
                 setting, or delete it yourself."
            ));
        }
    } else {
        words.push(
            "A server is running, so this is not all: stop it and run this again, which takes what came meanwhile and deletes what went. \
             Change the setting after that."
                .to_owned(),
        );
    }
    let json = json!({
        "from": from.to_string(), "to": to.to_string(), "complete": alone, "files": done.copied + done.same, "copied": done.copied,
        "bytes": done.bytes, "same": done.same, "removed": done.removed, "onlyThere": done.only_there, "deleted": done.deleted,
        "setting": if alone { json!({ "storage": setting }) } else { Value::Null },
    });
    Said::new(json, words.join("\n"))
}
