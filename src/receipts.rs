//! Receipts: what was deleted, who wished it, and when the last file was gone. Written in the transaction of the deletion.

use rusqlite::{Row, named_params};

use crate::{
    audit::Via,
    clock::Timestamp,
    db::{Part, Slice, Tx, View, stored_as_text},
    error::{Error, Result},
    ids::{AccountId, OrganizationId, ReceiptId, ShootId},
    members::{self, Actor, Email, Kind, Member},
    photos,
    queue::{self, Job},
    results,
    shoots::{self, Shoot},
};

stored_as_text! {
    /// What goes.
    pub enum What {
        /// The uploaded photos alone.
        Photos = "photos",
        /// The shoot: its photos, its headshots, and everything personal about it.
        Shoot = "shoot",
    }
}

stored_as_text! {
    /// Who wished it.
    pub enum AskedBy {
        /// The person in the photos.
        Person = "person",
        /// Someone who leads the organization.
        Lead = "lead",
        /// A program with an API key.
        Program = "program",
        /// The operator of the server.
        Operator = "operator",
        /// Nobody: its time was over.
        Server = "server",
    }
}

impl AskedBy {
    /// Whoever acts, on someone else's photos.
    pub fn by(actor: &Actor) -> Self {
        match actor.via {
            Via::Session => Self::Lead,
            Via::Key => Self::Program,
            Via::Operator => Self::Operator,
            Via::Server => Self::Server,
        }
    }

    /// Whoever acts, on the photos of this member, who may be themselves.
    pub fn of(actor: &Actor, whose: &Member) -> Self {
        let own = actor.via == Via::Session && actor.member.as_ref() == Some(&whose.id);
        if own { Self::Person } else { Self::by(actor) }
    }
}

/// The proof of a deletion.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// Its number.
    pub id: ReceiptId,
    /// In which organization.
    pub organization: OrganizationId,
    /// Of which shoot.
    pub shoot: ShootId,
    /// What the person is called, as long as they are here or still to be told.
    pub whose: Option<String>,
    /// Who is told once it is done; nobody after that.
    pub email: Option<Email>,
    /// What goes.
    pub what: What,
    /// Who wished it.
    pub asked_by: AskedBy,
    /// So many uploaded photos.
    pub photos: u32,
    /// So many headshots.
    pub headshots: u32,
    /// When it was wished.
    pub asked_at: Timestamp,
    /// When every file was looked for and none was found; not before.
    pub purged_at: Option<Timestamp>,
}

impl Receipt {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            organization: row.get("organization_id")?,
            shoot: row.get("shoot_id")?,
            whose: row.get("whose")?,
            email: row.get("email")?,
            what: row.get("what")?,
            asked_by: row.get("asked_by")?,
            photos: row.get("photos")?,
            headshots: row.get("headshots")?,
            asked_at: row.get("asked_at")?,
            purged_at: row.get("purged_at")?,
        })
    }
}

/// Begins a deletion: the receipt, and the job that removes the files. Who has an address, and loses a picture by it, is told
/// once they are gone; anonymous members are told by the product they came from.
pub fn issue(tx: &Tx, shoot: &Shoot, what: What, asked_by: AskedBy) -> Result<Receipt> {
    let whose = members::of_shoot(tx, &shoot.id)?;
    let photos = photos::of_shoot(tx, &shoot.id)?.len();
    let headshots = if what == What::Shoot { results::of_shoot(tx, &shoot.id)?.len() } else { 0 };
    let told = whose.as_ref().filter(|member| member.kind != Kind::Anonymous && photos + headshots > 0);
    let id = ReceiptId::new();
    tx.execute(
        "insert into receipts (id, organization_id, shoot_id, account_id, email, what, asked_by, photos, headshots, asked_at)
         values (:id, :organization, :shoot, :account, :email, :what, :asked_by, :photos, :headshots, :now)",
        named_params! {
            ":id": id, ":organization": shoot.organization, ":shoot": shoot.id,
            ":account": whose.as_ref().map(|member| &member.account), ":email": told.and_then(|member| member.email.as_ref()),
            ":what": what, ":asked_by": asked_by, ":photos": i64::try_from(photos).unwrap_or(i64::MAX),
            ":headshots": i64::try_from(headshots).unwrap_or(i64::MAX), ":now": tx.now,
        },
    )?;
    queue::push(tx, Job::PurgeFiles(shoot.id.clone()))?;
    receipt(tx, &id)
}

/// The one way a shoot is deleted: never without a receipt.
pub fn take_down(tx: &Tx, asked_by: AskedBy, shoot: &Shoot, reason: &str) -> Result<Receipt> {
    let receipt = issue(tx, shoot, What::Shoot, asked_by)?;
    shoots::delete(tx, shoot, reason)?;
    Ok(receipt)
}

/// Every file was looked for and is gone: completes the open receipts of a shoot, and has those told who are to be.
pub fn complete(tx: &Tx, shoot: &ShootId, what: What) -> Result<()> {
    let done = tx.all(
        "update receipts set purged_at = :now
         where shoot_id = :shoot and purged_at is null and (what = 'photos' or :what = 'shoot')
         returning id, email is not null",
        named_params! { ":shoot": shoot, ":what": what, ":now": tx.now },
        |row| Ok((row.get::<_, ReceiptId>(0)?, row.get::<_, bool>(1)?)),
    )?;
    for (receipt, has_address) in done {
        if has_address {
            queue::push(tx, Job::DeletedMail(receipt))?;
        }
    }
    Ok(())
}

/// The receipt with this number.
pub fn receipt(view: &View, id: &ReceiptId) -> Result<Receipt> {
    view.find(
        "select r.*, coalesce(a.name, a.email, m.contact, r.email) as whose
         from receipts r
         left join accounts a on a.id = r.account_id
         left join members m on m.account_id = a.id
         where r.id = :id",
        named_params! { ":id": id },
        Receipt::from_row,
    )?
    .ok_or(Error::NotFound("Receipt"))
}

/// The receipt with this number, if it is this organization's.
pub fn of_organization(view: &View, organization: &OrganizationId, id: &ReceiptId) -> Result<Receipt> {
    Some(receipt(view, id)?).filter(|receipt| receipt.organization == *organization).ok_or(Error::NotFound("Receipt"))
}

/// The receipts of what was someone's, newest first.
pub fn of_account(view: &View, account: &AccountId) -> Result<Vec<Receipt>> {
    view.all(
        "select r.*, coalesce(a.name, a.email, m.contact, r.email) as whose
         from receipts r
         left join accounts a on a.id = r.account_id
         left join members m on m.account_id = a.id
         where r.account_id = :account
         order by r.asked_at desc, r.id desc",
        named_params! { ":account": account },
        Receipt::from_row,
    )
}

/// A part of an organization's receipts, newest first.
pub fn page(view: &View, organization: &OrganizationId, part: &Part<ReceiptId>, limit: u32) -> Result<Slice<Receipt>> {
    part.read(
        limit,
        |after, limit| {
            view.all(
                "select r.*, coalesce(a.name, a.email, m.contact, r.email) as whose
                 from receipts r
                 left join accounts a on a.id = r.account_id
                 left join members m on m.account_id = a.id
                 where r.organization_id = :organization
                   and (:after is null or (r.asked_at, r.id) <
                       (select asked_at, id from receipts where id = :after and organization_id = :organization))
                 order by r.asked_at desc, r.id desc
                 limit :limit",
                named_params! { ":organization": organization, ":after": after, ":limit": limit },
                Receipt::from_row,
            )
        },
        |before, limit| {
            view.all(
                "select r.*, coalesce(a.name, a.email, m.contact, r.email) as whose
                 from receipts r
                 left join accounts a on a.id = r.account_id
                 left join members m on m.account_id = a.id
                 where r.organization_id = :organization
                   and (r.asked_at, r.id) >
                       (select asked_at, id from receipts where id = :before and organization_id = :organization)
                 order by r.asked_at, r.id
                 limit :limit",
                named_params! { ":organization": organization, ":before": before, ":limit": limit },
                Receipt::from_row,
            )
        },
    )
}

/// The person was told: their address is needed no more.
pub fn told(tx: &Tx, id: &ReceiptId) -> Result<()> {
    tx.execute("update receipts set email = null where id = :id", named_params! { ":id": id })?;
    Ok(())
}
