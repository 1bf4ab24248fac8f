//! What a worker and the server say to each other over HTTP. All of it is `POST`, `GET` and `PUT` below `/worker`, with the token
//! both know; what is about a shoot also names the lease, by a token that the worker made up for it.

use headroom_studio::Thresholds;
use serde::{Deserialize, Serialize};

use super::Wanted;
use crate::generator::Stage;

/// Of what is said here. A worker of another version is sent away with a sentence.
pub const VERSION: u32 = 1;

/// The header that names the version.
pub const VERSION_HEADER: &str = "headroom-worker";

/// The header that proves who holds a shoot.
pub const LEASE_HEADER: &str = "headroom-lease";

/// How long a worker waits for work with one request, in seconds. Proxies give up on a silent one after 30 to 60.
pub const PATIENCE: u64 = 25;

/// The most that is taken of one file, in bytes. A cut-out of the largest master has about ten million.
pub const LARGEST: usize = 32 << 20;

/// A worker says who it is: `POST /worker/hello` when it comes, and `POST /worker/claim` each time it asks for something to do. So
/// a server that has forgotten its workers, say because it was restored, knows each again before it is given a shoot.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hello {
    /// What it is called.
    pub name: String,
    /// Of its Headroom.
    pub version: String,
    /// Shoots it makes at the same time.
    pub at_once: u32,
}

/// The server says who it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Welcome {
    /// Of its Headroom.
    pub version: String,
}

/// Something to do. There is none if the answer is 204.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Work {
    /// What is to be made. The photos lie at `/worker/photos/{id}`, own backdrops at `/worker/backdrops/{id}`. One that was
    /// deleted since is told by 204, which no proxy says by itself; 404 is what proxies say, and nothing is concluded from it.
    pub wanted: Wanted,
    /// By what photos are judged, so that the same ones are chosen as on the server.
    pub thresholds: Thresholds,
}

/// How far a holder is: `POST /worker/progress`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// False as long as photos are studied.
    pub generating: bool,
    /// Of that, 0 to 99.
    pub percent: u8,
}

impl From<(Stage, u8)> for Progress {
    fn from((stage, percent): (Stage, u8)) -> Self {
        Self { generating: stage == Stage::Generating, percent }
    }
}

impl From<Progress> for (Stage, u8) {
    fn from(progress: Progress) -> Self {
        (if progress.generating { Stage::Generating } else { Stage::Training }, progress.percent)
    }
}

/// What the server says when it takes no more of a worker, or does not know what it asks for.
#[derive(Clone, Debug, Deserialize)]
pub struct Refusal {
    /// In a sentence.
    pub error: String,
}
