//! `headroom backdrop`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Said, Station, table};
use crate::{
    error::{Error, Result},
    members::Actor,
    organizations, shoots,
    storage::Storage,
    styles::{self, BackdropName, Names, Whose},
    teams,
};

/// Whose.
#[derive(Debug, Args)]
pub(super) struct Org {
    /// Id or exact name of the organization
    #[arg(long)]
    pub(super) org: String,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Add a picture to stand behind people: upright 4:5 or cut to it, at least 1024 × 1280 pixels
    Add {
        #[command(flatten)]
        of: Org,
        /// What people read below it [default: what the file is called]
        #[arg(long)]
        name: Option<String>,
        /// The picture
        file: PathBuf,
    },
    /// List an organization's own backdrops
    List {
        #[command(flatten)]
        of: Org,
    },
    /// Give one another name
    Rename {
        #[command(flatten)]
        of: Org,
        /// Id or name
        backdrop: String,
        /// The new name
        name: String,
    },
    /// Say which ones people choose from, built-in ones among them; without any, say which these are
    Allow {
        #[command(flatten)]
        of: Org,
        /// For this team alone, by id or name
        #[arg(long)]
        team: Option<String>,
        /// Back to all, also those added later; for a team, to what holds for everyone
        #[arg(long, conflicts_with = "backdrops")]
        reset: bool,
        /// Names, or ids of own ones
        backdrops: Vec<String>,
    },
    /// Remove one: headshots made before it stay, who chose it chooses again, what is being made gets light grey
    Remove {
        #[command(flatten)]
        of: Org,
        /// Id or name
        backdrop: String,
    },
}

pub(super) fn run(station: &Station, command: Command) -> Result<Said> {
    match command {
        Command::Add { of, name, file } => add(station, &of.org, name.as_deref().unwrap_or_default(), &file),
        Command::List { of } => {
            let all = station.db.read(|view| styles::list(view, &organizations::company(view, &of.org)?.id))?;
            let rows: Vec<_> =
                all.iter().map(|own| vec![own.id.to_string(), own.name.clone(), own.created_at.to_string()]).collect();
            Ok(Said::new(json!({ "backdrops": all }), table(&["ID", "NAME", "ADDED"], &rows)))
        }
        Command::Rename { of, backdrop, name } => {
            let name = BackdropName::parse(&name)?;
            let (id, called) = station.db.write_and_wait(move |tx| {
                let by = Actor::operator(organizations::company(tx, &of.org)?.id);
                let own = styles::named(tx, &by.organization, &backdrop)?;
                styles::rename(tx, &by, &own.id, &name)?;
                Ok((own.id, name))
            })?;
            let words = format!("Renamed it to {}.", called.as_str());
            Ok(Said::new(json!({ "id": id, "name": called.as_str() }), words))
        }
        Command::Allow { of, team, reset, backdrops } => {
            allow(station, &of.org, team.as_deref(), (!backdrops.is_empty() || reset).then_some(backdrops))
        }
        Command::Remove { of, backdrop } => {
            let gone = station.db.write_and_wait(move |tx| {
                let by = Actor::operator(organizations::company(tx, &of.org)?.id);
                let own = styles::named(tx, &by.organization, &backdrop)?;
                shoots::remove_backdrop(tx, &by, &own.id)
            })?;
            let storage = storage(station)?;
            station.wait(styles::discard(&storage, &gone.id))?;
            Ok(Said::new(json!({ "id": gone.id, "name": gone.name }), format!("Removed the backdrop {}.", gone.name)))
        }
    }
}

fn add(station: &Station, org: &str, name: &str, path: &PathBuf) -> Result<Said> {
    let by = Actor::operator(station.db.read(|view| organizations::company(view, org))?.id);
    let called = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = BackdropName::or_of_file(name, &called)?;
    let file = std::fs::read(path)
        .map_err(|cause| Error::invalid(plain!("{} can't be read: {cause}. Name another file.", path.display())))?;
    let storage = storage(station)?;
    let own = station.wait(styles::keep(&station.db, &storage, by, name, file))??;
    let words = format!("Added the backdrop {} as {}.", own.name, own.id);
    Ok(Said::new(json!({ "id": own.id, "name": own.name }), words))
}

/// Sets it if something is `wanted`, and tells what holds then. An empty wish is what is usual.
fn allow(station: &Station, org: &str, team: Option<&str>, wanted: Option<Vec<String>>) -> Result<Said> {
    let (by, whose) = station.db.read(|view| {
        let by = Actor::operator(organizations::company(view, org)?.id);
        let whose = match team {
            Some(team) => Whose::Team(teams::named(view, &by.organization, team)?.id),
            None => Whose::Everyone,
        };
        Ok((by, whose))
    })?;
    if let Some(wanted) = wanted {
        let (by, whose) = (by.clone(), whose.clone());
        station.db.write_and_wait(move |tx| {
            let named = |text: &String| styles::named_scene(tx, &by.organization, text);
            match wanted.iter().map(named).collect::<Result<Vec<_>>>()?.as_slice() {
                [] => styles::allow_all(tx, &by, &whose),
                some => styles::allow(tx, &by, &whose, some),
            }
        })?;
    }
    let (set, names) = station.db.read(|view| {
        let set = styles::set_for(view, &by.organization, &whose)?;
        Ok((!set.is_empty(), (styles::offered_by(view, &by.organization, &whose)?, Names::of(view, &by.organization)?)))
    })?;
    let (offered, names) = names;
    let from = names.in_a_row(&offered);
    let words = match (set, &whose) {
        (true, _) => format!("They choose from {from}."),
        (false, Whose::Everyone) => format!("They choose from all: {from}."),
        (false, Whose::Team(_)) => format!("They choose from what holds for everyone: {from}."),
    };
    let offered: Vec<_> =
        offered.iter().map(|scene| json!({ "backdrop": scene.to_string(), "name": names.label(scene) })).collect();
    Ok(Said::new(json!({ "set": set, "backdrops": offered }), words))
}

fn storage(station: &Station) -> Result<Storage> {
    Storage::open(&station.config.photos)
}
