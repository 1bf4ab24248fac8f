//! Headshots: what a shoot results in. They are the API's photos.

use rusqlite::{Row, named_params};
use serde::Serialize;

use crate::{
    clock::Timestamp,
    db::{Topic, Tx, View, stored_as_text},
    error::{Error, Result},
    events::Kind,
    generator::{Backdrop, Look, Scene},
    ids::{CutoutId, ResultId, ShootId},
    members::Member,
    notifications::About,
    shoots::{self, State},
};

mod cutouts;
mod files;
mod listing;
mod versions;
mod wall;

pub use cutouts::{KeptCutout, NewCutout, cutouts_of, retouch_of, unknown_cutouts};
pub use files::{Stored, preview, square_around, store_all, store_version};
pub use listing::{
    Chosen, Filter, count, count_favorites, favorite, favorites, newest_favorite, of_organization, page,
};
pub use versions::{Version, add_version, removed_versions, take_back, versions};
pub use wall::{Face, Sieve, Tally, wall, wall_tally};

stored_as_text! {
    /// What the member thinks of a headshot.
    pub enum Liked {
        /// Nothing said.
        None = "none",
        /// A good one.
        Liked = "liked",
        /// A very good one.
        Loved = "loved",
    }
}

/// A headshot.
#[derive(Clone, Debug, Serialize)]
pub struct Headshot {
    /// The API's photo id.
    pub id: ResultId,
    /// Of which shoot.
    pub shoot: ShootId,
    /// Its place among the shoot's headshots, from 1.
    pub position: u32,
    /// Before which backdrop.
    pub backdrop: Scene,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// What the member thinks of it.
    pub liked: Liked,
    /// The one the organization uses.
    pub favorite: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its files went; the row stays to say so.
    pub deleted_at: Option<Timestamp>,
    /// What it was laid from, if that is kept.
    pub cutout: Option<CutoutId>,
    /// How that was framed and lit for it.
    pub look: Look,
    /// The headshot it is an edit of.
    #[serde(skip)]
    pub original: Option<ResultId>,
}

impl Headshot {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            shoot: row.get("shoot_id")?,
            position: row.get("position")?,
            backdrop: row.get("backdrop").unwrap_or(Scene::Drawn(Backdrop::Grey)),
            width: row.get("width")?,
            height: row.get("height")?,
            liked: row.get("liked")?,
            favorite: row.get("favorite")?,
            created_at: row.get("created_at")?,
            deleted_at: row.get("deleted_at")?,
            cutout: row.get("cutout_id")?,
            // A look of another version is as good as none.
            look: serde_json::from_str(&row.get::<_, String>("look")?).unwrap_or_default(),
            original: row.get("original_id")?,
        })
    }

    /// Whether it can be laid anew: as long as that is kept which it was laid from. Who made it, and who makes headshots now, is
    /// of no account.
    pub fn can_be_edited(&self) -> bool {
        self.cutout.is_some()
    }
}

/// A headshot whose files are stored already.
#[derive(Clone, Debug)]
pub struct NewHeadshot {
    /// The id its files are stored under.
    pub id: ResultId,
    /// Before which backdrop.
    pub backdrop: Scene,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// The cut-out it was laid from; one of those delivered with it.
    pub cutout: Option<CutoutId>,
    /// How that was framed and lit for it.
    pub look: Look,
}

/// Adds what the generator made and shows it to the member: all of it or nothing.
pub fn deliver(tx: &Tx, shoot: &ShootId, stored: &Stored) -> Result<shoots::Outcome> {
    let outcome = shoots::ready(tx, shoot)?;
    if outcome == shoots::Outcome::Elsewhere {
        return Ok(outcome);
    }
    cutouts::add(tx, shoot, &stored.cutouts)?;
    for (position, new) in (1_i64..).zip(&stored.headshots) {
        tx.execute(
            "insert into results (id, shoot_id, position, backdrop, width, height, cutout_id, look, created_at)
             values (:id, :shoot, :position, :backdrop, :width, :height, :cutout, :look, :now)",
            named_params! {
                ":id": new.id, ":shoot": shoot, ":position": position, ":backdrop": new.backdrop,
                ":width": new.width, ":height": new.height, ":cutout": new.cutout,
                ":look": serde_json::to_string(&new.look)?, ":now": tx.now,
            },
        )?;
    }
    Ok(outcome)
}

/// A shoot's headshots in their order, each with its edits behind it.
pub fn of_shoot(view: &View, shoot: &ShootId) -> Result<Vec<Headshot>> {
    view.all(
        "select r.* from results r left join results o on o.id = r.original_id
         where r.shoot_id = :shoot and r.deleted_at is null
         order by coalesce(o.position, r.position), r.position",
        named_params! { ":shoot": shoot },
        Headshot::from_row,
    )
}

/// The headshot with this id, as long as it has its files.
pub fn get(view: &View, id: &ResultId) -> Result<Headshot> {
    view.find(
        "select * from results where id = :id and deleted_at is null",
        named_params! { ":id": id },
        Headshot::from_row,
    )?
    .ok_or(Error::NotFound("Photo"))
}

/// The headshot, for someone who may see it. To all others there is none.
pub fn seen_by(view: &View, id: &ResultId, viewer: &Member) -> Result<Headshot> {
    let headshot = get(view, id)?;
    if shoots::get(view, &headshot.shoot)?.is_seen_by(viewer) { Ok(headshot) } else { Err(Error::NotFound("Photo")) }
}

/// The headshot, for the member in it. To all others there is none.
pub fn own(view: &View, id: &ResultId, member: &Member) -> Result<Headshot> {
    let headshot = get(view, id)?;
    match shoots::own_results(view, &headshot.shoot, member) {
        Ok(_) => Ok(headshot),
        Err(Error::NotFound(_)) => Err(Error::NotFound("Photo")),
        Err(other) => Err(other),
    }
}

/// Says what the member thinks of a headshot.
pub fn like(tx: &Tx, id: &ResultId, liked: Liked) -> Result<()> {
    let changed =
        tx.execute("update results set liked = :liked where id = :id", named_params! { ":liked": liked, ":id": id })?;
    if changed == 0 { Err(Error::NotFound("Photo")) } else { Ok(()) }
}

/// Chooses the one headshot the organization uses; the one chosen before is no longer it.
pub fn choose(tx: &Tx, id: &ResultId) -> Result<()> {
    let headshot = get(tx, id)?;
    if headshot.favorite {
        return Ok(());
    }
    unchoose(tx, &headshot.shoot)?;
    tx.execute(
        "update results set favorite = 1, chosen_at = :now where id = :id",
        named_params! { ":now": tx.now, ":id": id },
    )?;
    let shoot = shoots::get(tx, &headshot.shoot)?;
    shoots::tell_leads(tx, &shoot, &About::Favorite(shoot.id.clone()))?;
    shoots::tell(tx, &shoot, Kind::FavoriteSelected)
}

/// Leaves a shoot without a favourite.
pub fn unchoose(tx: &Tx, shoot: &ShootId) -> Result<()> {
    tx.execute(
        "update results set favorite = 0 where shoot_id = :shoot and favorite = 1",
        named_params! { ":shoot": shoot },
    )?;
    tx.ring(Topic::Shoot(shoot.clone()));
    tx.ring(Topic::Organization(shoots::get(tx, shoot)?.organization));
    Ok(())
}

/// Whether a headshot's files are to stay. Not once its shoot is deleted, although it is known until they are gone.
pub fn stays(view: &View, id: &ResultId) -> Result<bool> {
    match get(view, id) {
        Ok(headshot) => Ok(shoots::get(view, &headshot.shoot)?.state != State::Deleted),
        Err(Error::NotFound(_)) => Ok(false),
        Err(other) => Err(other),
    }
}

/// Which of these headshots nobody knows, or only a tombstone: files that lie under their ids belong to no one.
pub fn unknown(view: &View, ids: Vec<ResultId>) -> Result<Vec<ResultId>> {
    let mut unknown = Vec::new();
    for id in ids {
        match get(view, &id) {
            Ok(_) => {}
            Err(Error::NotFound(_)) => unknown.push(id),
            Err(other) => return Err(other),
        }
    }
    Ok(unknown)
}

/// Forgets a deleted shoot's headshots and cut-outs, once their files are gone; of each headshot a tombstone stays.
pub fn forget(tx: &Tx, shoot: &ShootId) -> Result<()> {
    tx.execute(
        "update results set deleted_at = :now, liked = 'none', favorite = 0, look = '{}'
         where shoot_id = :shoot and deleted_at is null",
        named_params! { ":now": tx.now, ":shoot": shoot },
    )?;
    cutouts::forget(tx, shoot)
}
