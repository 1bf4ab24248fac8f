//! Everything a door needs, in one value that is handed around: there are no globals.

use std::sync::Arc;

use tokio::sync::watch;

use crate::{
    auth::RelyingParty,
    backup,
    clock::Timestamp,
    config::{Config, Urls},
    db::{Db, View},
    dns::Dns,
    doctor::Checkup,
    error::Result,
    generator::{Generator, sample::Sample},
    mail::Mailer,
    meters::Meters,
    outbound::Outbound,
    secrets::ServerKey,
    shoots::{Makers, Shoot, Whereabouts},
    storage::Storage,
    studio::Workshop,
    workers::{self, Pool},
};

pub mod archive;
pub mod catcher;
pub mod darkroom;
pub mod editing;
pub mod export;
pub mod in_flight;
pub mod lanes;
pub mod limits;
pub mod packing;
pub mod portraits;
pub mod replies;
pub mod streams;
pub mod uploads;

use catcher::Catcher;
use darkroom::Darkroom;
use in_flight::InFlight;
use lanes::Lanes;
use limits::Limits;
use packing::Packing;
use portraits::Portraits;
use replies::Replies;
use streams::Streams;
use uploads::Uploads;

/// One running Headroom.
pub struct App {
    /// What the operator decided.
    pub config: Config,
    /// The database; it carries the clock.
    pub db: Db,
    /// The server's own key.
    pub key: ServerKey,
    /// The files of photos and headshots.
    pub storage: Storage,
    /// Who makes the headshots; of which shoots, says [`App::generator_for`].
    pub generator: Arc<dyn Generator>,
    /// Who hands them to workers on other machines, if there may be any: then it is the generator too.
    pub pool: Option<Arc<Pool>>,
    /// Who makes those of test data, which never leave the machine.
    pub sample: Arc<Sample>,
    /// The processes that work on pictures.
    pub studio: Arc<Workshop>,
    /// Who sends the mails.
    pub mailer: Mailer,
    /// This server as passkeys know it.
    pub passkeys: RelyingParty,
    /// What links begin with.
    pub urls: Urls,
    /// How often one may ask.
    pub limits: Limits,
    /// Changes with an `Idempotency-Key` under way.
    pub in_flight: InFlight,
    /// Replies that are still true.
    pub replies: Replies,
    /// Pages that are told of changes.
    pub streams: Arc<Streams>,
    /// The way out over HTTP.
    pub outbound: Outbound,
    /// Who answers what stands in the DNS.
    pub dns: Dns,
    /// Deliveries under way.
    pub lanes: Lanes,
    /// How far archives are that are being downloaded.
    pub packing: Packing,
    /// Who draws profile pictures.
    pub portraits: Portraits,
    /// Photos on their way in.
    pub uploads: Uploads,
    /// Where pictures are made while somebody waits for them.
    pub darkroom: Darkroom,
    /// Since when it runs.
    pub started: Timestamp,
    /// Whether it can work, as it was found last.
    pub checkup: Checkup,
    /// What is counted and measured, if somebody wants to know.
    pub meters: Meters,
    /// Who makes backups by the clock, if somebody does.
    pub backups: Option<backup::Maker>,
    /// What only development mode has.
    pub dev: Option<Dev>,
    /// True once the server stops: streams end then.
    pub stopping: watch::Receiver<bool>,
}

impl App {
    /// Who makes the headshots of a shoot: whoever was chosen for real ones, and for test data always the same.
    pub fn generator_for(&self, shoot: &Shoot) -> &dyn Generator {
        if shoot.development { &*self.sample } else { &*self.generator }
    }

    /// What is known of whoever makes a shoot, the workers heard of lately included.
    pub fn makers(&self, view: &View, shoot: &Shoot) -> Result<Makers> {
        let generator = self.generator_for(shoot);
        let by_workers = if self.pool.is_some() && !shoot.development { workers::at_once(view)? } else { 0 };
        Ok(Makers { usual: generator.usual(), at_once: generator.at_once().saturating_add(by_workers) })
    }

    /// Where photos are kept and made into headshots, as far as that is not here.
    pub fn whereabouts(&self) -> Whereabouts {
        let kept = self.storage.host().map(str::to_owned);
        Whereabouts { made: self.generator.destination().cloned(), kept }
    }
}

/// What only development mode has.
pub struct Dev {
    /// The generator, with its failures on demand.
    pub sample: Arc<Sample>,
    /// The webhooks caught.
    pub caught: Catcher,
}
