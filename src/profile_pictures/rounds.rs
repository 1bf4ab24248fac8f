//! What becomes of public pictures when the look they are drawn by changes: until somebody has them brought up to date, each is drawn
//! as it was. Nothing is stored but how that was; a round draws them one by one and lets each go over to the new look. Their
//! addresses stay, and whoever has one in a cache hears of another tag. No program is told: a favourite is the same in any look.

use rusqlite::{Row, named_params};

use super::{Design, list};
use crate::{
    audit::{Action, Change},
    clock::Timestamp,
    db::{Topic, Tx, View},
    error::{Error, Result},
    ids::{MemberId, OrganizationId, ResultId},
    members::{Actor, Role},
    organizations,
    queue::{self, Job},
};

/// What becomes of the public pictures there are when their look changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// They are brought up to date, one after the other.
    All,
    /// They stay as they are: only favourites chosen from now on have the new look.
    NewOnly,
}

/// How a round stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// Pictures to be drawn anew.
    pub pictures: u32,
    /// Those that were.
    pub done: u32,
    /// When the last one was; nothing: it goes on.
    pub finished_at: Option<Timestamp>,
}

impl Round {
    fn from_row(row: &Row) -> rusqlite::Result<Self> {
        Ok(Self { pictures: row.get("pictures")?, done: row.get("done")?, finished_at: row.get("finished_at")? })
    }
}

/// A picture that is still to be brought up to date.
#[derive(Clone, Debug)]
pub struct Due {
    /// Whose.
    pub member: MemberId,
    /// Of which headshot.
    pub headshot: ResultId,
}

/// How public pictures look by the templates there are; nothing: as the headshots are.
pub fn look(view: &View, organization: &OrganizationId) -> Result<Option<Design>> {
    Ok(list(view, organization)?.into_iter().next().map(|template| template.design))
}

/// How a member's public picture of this headshot looks, where that is not [`look`]: what it was before. Nothing: it is up to date.
pub fn pinned(view: &View, member: &MemberId, headshot: &ResultId) -> Result<Option<Option<Design>>> {
    let kept: Option<Option<String>> = view.find(
        "select design from pinned_pictures where member_id = :member and result_id = :headshot",
        named_params! { ":member": member, ":headshot": headshot },
        |row| row.get(0),
    )?;
    // A design of another version is as good as none.
    Ok(kept.map(|design| design.and_then(|design| serde_json::from_str(&design).ok())))
}

/// How many people have a public picture that shows a favourite: so many would change with the look.
pub fn shown_pictures(view: &View, organization: &OrganizationId) -> Result<u32> {
    if !organizations::get(view, organization)?.avatars {
        return Ok(0);
    }
    view.one(
        "select count(*) from members m
         where m.organization_id = :organization and m.avatar is not null
           and exists (select 1 from shoots s join results r on r.shoot_id = s.id and r.favorite = 1
                       where s.member_id = m.id and s.state = 'ready')",
        named_params! { ":organization": organization },
        |row| row.get(0),
    )
}

/// How many public pictures keep an older look, and nobody has asked for the new one.
pub fn outdated(view: &View, organization: &OrganizationId) -> Result<u32> {
    view.one(
        "select count(*) from pinned_pictures p
         join members m on m.id = p.member_id
         join results r on r.id = p.result_id and r.favorite = 1
         where m.organization_id = :organization and p.due = 0",
        named_params! { ":organization": organization },
        |row| row.get(0),
    )
}

/// The round that is under way, or the last one.
pub fn round(view: &View, organization: &OrganizationId) -> Result<Option<Round>> {
    view.find(
        "select * from picture_rounds where organization_id = :organization",
        named_params! { ":organization": organization },
        Round::from_row,
    )
}

/// After a change of the templates: pictures that were drawn as `before` go on being so and, if that is wished, are brought up to
/// date. While pictures have no addresses nobody sees any, and nothing is to be done.
pub(super) fn follow(tx: &Tx, by: &Actor, before: Option<&Design>, then: Then) -> Result<()> {
    let organization = &by.organization;
    let after = look(tx, organization)?;
    if before == after.as_ref() || !organizations::get(tx, organization)?.avatars {
        return Ok(());
    }
    tx.execute(
        "insert into pinned_pictures (member_id, result_id, design, due, pinned_at)
         select m.id, r.id, :design, 0, :now
         from members m
         join results r on r.id = (
             select known.id from shoots s join results known on known.shoot_id = s.id and known.favorite = 1
             where s.member_id = m.id and s.state = 'ready'
             order by s.created_at desc, s.id desc
             limit 1)
         where m.organization_id = :organization and m.avatar is not null
         on conflict (member_id) do update
         set design = excluded.design, result_id = excluded.result_id, pinned_at = excluded.pinned_at
         where result_id != excluded.result_id",
        named_params! { ":organization": organization, ":design": written(before)?, ":now": tx.now },
    )?;
    // Changed back: these look as everyone's does again.
    tx.execute(
        "delete from pinned_pictures
         where design is :design and member_id in (select id from members where organization_id = :organization)",
        named_params! { ":organization": organization, ":design": written(after.as_ref())? },
    )?;
    match then {
        Then::All => begin(tx, organization),
        Then::NewOnly => end(tx, organization),
    }
}

fn written(design: Option<&Design>) -> Result<Option<String>> {
    Ok(design.map(serde_json::to_string).transpose()?)
}

/// Brings all public pictures up to date that keep an older look. How many that are.
///
/// # Errors
/// All of them are.
pub fn bring_up_to_date(tx: &Tx, by: &Actor) -> Result<u32> {
    by.must_be(Role::Admin)?;
    let waiting = outdated(tx, &by.organization)?;
    if waiting == 0 {
        return Err(Error::invalid(say!("All public pictures are up to date, or about to be.")));
    }
    let before = format!("{waiting} in an older look");
    by.note_change_of(tx, Action::SettingsChanged, "Public pictures", Change::new(&before, "brought up to date"))?;
    begin(tx, &by.organization)?;
    Ok(waiting)
}

fn begin(tx: &Tx, organization: &OrganizationId) -> Result<()> {
    let pictures = tx.execute(
        "update pinned_pictures set due = 1 where member_id in (select id from members where organization_id = :organization)",
        named_params! { ":organization": organization },
    )?;
    tx.execute(
        "delete from picture_rounds where organization_id = :organization",
        named_params! { ":organization": organization },
    )?;
    if pictures > 0 {
        tx.execute(
            "insert into picture_rounds (organization_id, pictures, begun_at) values (:organization, :pictures, :now)",
            named_params! { ":organization": organization, ":pictures": pictures as i64, ":now": tx.now },
        )?;
        let key = format!("pictures@{organization}");
        queue::push_unique(tx, Job::RefreshPictures(organization.clone()), &key, tx.now)?;
    }
    tx.ring(Topic::Organization(organization.clone()));
    Ok(())
}

/// Stops a round: what it has not come to stays as it is.
fn end(tx: &Tx, organization: &OrganizationId) -> Result<()> {
    tx.execute(
        "update pinned_pictures set due = 0 where member_id in (select id from members where organization_id = :organization)",
        named_params! { ":organization": organization },
    )?;
    tx.execute(
        "delete from picture_rounds where organization_id = :organization",
        named_params! { ":organization": organization },
    )?;
    tx.ring(Topic::Organization(organization.clone()));
    Ok(())
}

/// Forgets which pictures keep an older look: they have no addresses any more, and come back in the look there is then.
pub fn forget_pins(tx: &Tx, organization: &OrganizationId) -> Result<()> {
    tx.execute(
        "delete from pinned_pictures where member_id in (select id from members where organization_id = :organization)",
        named_params! { ":organization": organization },
    )?;
    end(tx, organization)
}

/// The next few pictures of a round.
pub fn due(view: &View, organization: &OrganizationId, most: u32) -> Result<Vec<Due>> {
    view.all(
        "select p.member_id, p.result_id from pinned_pictures p join members m on m.id = p.member_id
         where m.organization_id = :organization and p.due = 1
         order by p.member_id
         limit :most",
        named_params! { ":organization": organization, ":most": most },
        |row| Ok(Due { member: row.get("member_id")?, headshot: row.get("result_id")? }),
    )
}

/// A picture was drawn in the look of `design` and shows it from now on. If that is not the look any more, it waits for its turn again.
pub fn brought_up_to_date(
    tx: &Tx,
    organization: &OrganizationId,
    picture: &Due,
    design: Option<&Design>,
) -> Result<()> {
    if look(tx, organization)?.as_ref() != design {
        return Ok(());
    }
    let gone = tx.execute(
        "delete from pinned_pictures where member_id = :member and result_id = :headshot and due = 1",
        named_params! { ":member": picture.member, ":headshot": picture.headshot },
    )?;
    if gone > 0 {
        tx.execute(
            "update picture_rounds
             set done = min(done + 1, pictures), finished_at = case when done + 1 >= pictures then :now end
             where organization_id = :organization and finished_at is null",
            named_params! { ":now": tx.now, ":organization": organization },
        )?;
        tx.ring(Topic::Organization(organization.clone()));
    }
    Ok(())
}

/// Nothing is due any more. Whoever left meanwhile is not counted.
pub fn finish_round(tx: &Tx, organization: &OrganizationId) -> Result<()> {
    tx.execute(
        "delete from picture_rounds where organization_id = :organization and finished_at is null and done = 0",
        named_params! { ":organization": organization },
    )?;
    tx.execute(
        "update picture_rounds set pictures = done, finished_at = :now
         where organization_id = :organization and finished_at is null",
        named_params! { ":organization": organization, ":now": tx.now },
    )?;
    tx.ring(Topic::Organization(organization.clone()));
    Ok(())
}
