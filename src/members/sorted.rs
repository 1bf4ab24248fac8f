//! The list of members in other orders than the newest first, and all of it with its headshots counted.

use rusqlite::named_params;

use super::{Filter, Listed, Stage, page};
use crate::{
    db::{Part, Slice, View, stored_as_text},
    error::Result,
    ids::{MemberId, OrganizationId},
};

stored_as_text! {
    /// In which order members are listed.
    pub enum Order {
        /// Who joined last comes first.
        Joined = "joined",
        /// By name, or by address where there is none.
        Name = "name",
        /// By how far they are, then by name.
        State = "state",
    }
}

impl Order {
    /// The stages in the order they come in, as one text; empty where the order asks for none.
    fn stages(self) -> String {
        match self {
            Self::State => Stage::ALL.iter().map(|stage| stage.as_str()).collect::<Vec<_>>().join(" "),
            Self::Joined | Self::Name => String::new(),
        }
    }
}

/// A part of the members that `filter` lets through, in this order.
pub fn page_by(
    view: &View,
    organization: &OrganizationId,
    filter: &Filter,
    order: Order,
    part: &Part<MemberId>,
    limit: u32,
) -> Result<Slice<Listed>> {
    if order == Order::Joined {
        return page(view, organization, filter, part, limit);
    }
    let stages = order.stages();
    // A stage is worth its place in the text of all of them.
    part.read(
        limit,
        |after, limit| {
            view.all(
                r"select p.* from people p
                  where p.organization_id = :organization
                    and (:search = '%%' or p.name like :search escape '\' or p.email like :search escape '\')
                    and (:team is null or p.team_id = :team)
                    and (:stage is null or p.stage = :stage)
                    and (:after is null or (instr(:stages, p.stage), lower(coalesce(p.name, p.email, '')), p.id) >
                        (select instr(:stages, a.stage), lower(coalesce(a.name, a.email, '')), a.id from people a
                         where a.id = :after and a.organization_id = :organization))
                  order by instr(:stages, p.stage), lower(coalesce(p.name, p.email, '')), p.id
                  limit :limit",
                named_params! {
                    ":organization": organization, ":search": filter.pattern(), ":team": filter.team,
                    ":stage": filter.stage, ":stages": stages, ":after": after, ":limit": limit,
                },
                Listed::from_row,
            )
        },
        |before, limit| {
            view.all(
                r"select p.* from people p
                  where p.organization_id = :organization
                    and (:search = '%%' or p.name like :search escape '\' or p.email like :search escape '\')
                    and (:team is null or p.team_id = :team)
                    and (:stage is null or p.stage = :stage)
                    and (instr(:stages, p.stage), lower(coalesce(p.name, p.email, '')), p.id) <
                        (select instr(:stages, a.stage), lower(coalesce(a.name, a.email, '')), a.id from people a
                         where a.id = :before and a.organization_id = :organization)
                  order by instr(:stages, p.stage) desc, lower(coalesce(p.name, p.email, '')) desc, p.id desc
                  limit :limit",
                named_params! {
                    ":organization": organization, ":search": filter.pattern(), ":team": filter.team,
                    ":stage": filter.stage, ":stages": stages, ":before": before, ":limit": limit,
                },
                Listed::from_row,
            )
        },
    )
}

/// Everybody whom `filter` lets through, in this order: for [`crate::db::Db::scan`]. Ids alone, so that a hundred thousand take a
/// few megabytes, and whoever is renamed or leaves while a file is made of them moves nobody else in it.
pub fn everybody(view: &View, organization: &OrganizationId, filter: &Filter, order: Order) -> Result<Vec<MemberId>> {
    view.all(
        r"select p.id from people p
          where p.organization_id = :organization
            and (:search = '%%' or p.name like :search escape '\' or p.email like :search escape '\')
            and (:team is null or p.team_id = :team)
            and (:stage is null or p.stage = :stage)
          order by
              case when :newest then -p.created_at end, instr(:stages, p.stage),
              case when :newest then '' else lower(coalesce(p.name, p.email, '')) end,
              case when :newest then p.id end desc, p.id",
        named_params! {
            ":organization": organization, ":search": filter.pattern(), ":team": filter.team, ":stage": filter.stage,
            ":newest": order == Order::Joined, ":stages": order.stages(),
        },
        |row| row.get(0),
    )
}

/// These members of an organization, each with how many headshots they have. Who isn't there any more is left out.
pub fn details(view: &View, organization: &OrganizationId, ids: &[MemberId]) -> Result<Vec<(Listed, u32)>> {
    let one = |id: &MemberId| {
        view.find(
            "select p.*, (
                 select count(*) from results r join shoots s on s.id = r.shoot_id
                 where s.member_id = p.id and r.deleted_at is null
             ) as headshots
             from people p where p.id = :id and p.organization_id = :organization",
            named_params! { ":id": id, ":organization": organization },
            |row| Ok((Listed::from_row(row)?, row.get("headshots")?)),
        )
    };
    ids.iter().filter_map(|id| one(id).transpose()).collect()
}
