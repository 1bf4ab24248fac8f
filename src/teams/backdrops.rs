//! What a team's people choose from to stand behind them, where that is not what the organization allows.

use rusqlite::named_params;

use crate::{
    db::{Tx, View},
    error::{Error, Result},
    generator::Scene,
    ids::{OrganizationId, TeamId},
};

/// What a team has chosen for its people; empty if it goes by the organization.
///
/// # Errors
/// The team isn't the organization's.
pub fn backdrops(view: &View, organization: &OrganizationId, team: &TeamId) -> Result<Vec<Scene>> {
    let text: Option<String> = view.find(
        "select backdrops from teams where id = :id and organization_id = :organization",
        named_params! { ":id": team, ":organization": organization },
        |row| row.get(0),
    )?;
    Scene::listed(&text.ok_or(Error::NotFound("Team"))?)
}

/// Changes that; nothing: it goes by the organization. Called by `styles` alone, which knows what there is.
pub fn set_backdrops(tx: &Tx, organization: &OrganizationId, team: &TeamId, scenes: &[Scene]) -> Result<()> {
    tx.execute(
        "update teams set backdrops = :scenes where id = :id and organization_id = :organization",
        named_params! { ":id": team, ":organization": organization, ":scenes": serde_json::to_string(scenes)? },
    )?;
    Ok(())
}
