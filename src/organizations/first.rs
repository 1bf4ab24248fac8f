//! The organization that was set up first: it runs the server, so what concerns all of it is its owner's to see.

use crate::{db::View, error::Result, ids::OrganizationId};

/// Which it is; none on an empty instance. People who are here for themselves alone run nothing.
pub fn first(view: &View) -> Result<Option<OrganizationId>> {
    view.find("select id from organizations where kind = 'company' order by created_at, id limit 1", [], |row| {
        row.get(0)
    })
}
