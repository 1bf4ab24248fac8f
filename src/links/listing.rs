//! Open links as lists show them, and who came in by one.

use rusqlite::named_params;

use super::Link;
use crate::{
    clock::Timestamp,
    db::{Part, Slice, View, Window},
    error::Result,
    ids::{LinkId, MemberId, OrganizationId},
    members::Email,
};

/// All of an organization's links, newest first.
pub fn list(view: &View, organization: &OrganizationId) -> Result<Vec<Link>> {
    view.all(
        "select l.*, t.name as team_name from links l
         left join teams t on t.id = l.team_id
         where l.organization_id = :organization
         order by l.created_at desc, l.id desc",
        named_params! { ":organization": organization },
        Link::from_row,
    )
}

/// One page of an organization's links, newest first.
pub fn page(view: &View, organization: &OrganizationId, page: &Window<LinkId>) -> Result<Vec<Link>> {
    match &page.after {
        Some(after) => view.all(
            "select l.*, t.name as team_name from links l
             left join teams t on t.id = l.team_id
             where l.organization_id = :organization
               and (l.created_at, l.id) < (select created_at, id from links where id = :after and organization_id = :organization)
             order by l.created_at desc, l.id desc
             limit :limit",
            named_params! { ":organization": organization, ":after": after, ":limit": page.limit },
            Link::from_row,
        ),
        None => view.all(
            "select l.*, t.name as team_name from links l
             left join teams t on t.id = l.team_id
             where l.organization_id = :organization
             order by l.created_at desc, l.id desc
             limit :limit offset :offset",
            named_params! { ":organization": organization, ":limit": page.limit, ":offset": page.offset },
            Link::from_row,
        ),
    }
}

/// A part of an organization's links, newest first, for people who look through them.
pub fn part(view: &View, organization: &OrganizationId, part: &Part<LinkId>, limit: u32) -> Result<Slice<Link>> {
    part.read(
        limit,
        |after, limit| page(view, organization, &Window { limit, offset: 0, after: after.cloned() }),
        |before, limit| {
            view.all(
                "select l.*, t.name as team_name from links l
                 left join teams t on t.id = l.team_id
                 where l.organization_id = :organization
                   and (l.created_at, l.id) > (select created_at, id from links where id = :before and organization_id = :organization)
                 order by l.created_at, l.id
                 limit :limit",
                named_params! { ":organization": organization, ":before": before, ":limit": limit },
                Link::from_row,
            )
        },
    )
}

/// How many links an organization has, closed ones included.
pub fn count(view: &View, organization: &OrganizationId) -> Result<i64> {
    view.one(
        "select count(*) from links where organization_id = :organization",
        named_params! { ":organization": organization },
        |row| row.get(0),
    )
}

/// Someone who came in by a link.
#[derive(Clone, Debug)]
pub struct Joined {
    /// Who.
    pub member: MemberId,
    /// What they are called.
    pub name: Option<String>,
    /// Their address.
    pub email: Option<Email>,
    /// When.
    pub at: Timestamp,
}

/// How many came in by a link and are still here.
pub fn still_here(view: &View, link: &LinkId) -> Result<u32> {
    view.one(
        "select count(*) from link_uses where link_id = :link and member_id is not null",
        named_params! { ":link": link },
        |row| row.get(0),
    )
}

/// Who came in by a link and is still here, the latest first. Those who left again count as uses, but nobody can say who they
/// were.
pub fn who_joined(view: &View, link: &LinkId, limit: u32) -> Result<Vec<Joined>> {
    view.all(
        "select m.id, a.name, a.email, u.created_at from link_uses u
         join members m on m.id = u.member_id
         join accounts a on a.id = m.account_id
         where u.link_id = :link
         order by u.id desc
         limit :limit",
        named_params! { ":link": link, ":limit": limit },
        |row| Ok(Joined { member: row.get(0)?, name: row.get(1)?, email: row.get(2)?, at: row.get(3)? }),
    )
}
