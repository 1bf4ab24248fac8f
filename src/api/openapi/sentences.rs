//! What an operation says when it refuses, where the sentence depends on the operation: for the examples.

use serde_json::Value;

/// What this very operation would say, where that depends on it.
pub(super) fn said_of(operation: &Value, code: &str) -> Option<String> {
    match code {
        "FORBIDDEN" => {
            let scope = operation["security"][0]["apiKey"][0].as_str()?;
            Some(format!("This API key lacks the scope {scope}. Use a key that has it."))
        }
        "NOT_FOUND" => {
            let tag = operation["tags"][0].as_str()?;
            let one = match operation["operationId"].as_str()? {
                "createInvite" | "createLink" | "addMember" | "createModel" | "createWhitelabelModel" | "v1CreateInvite" => "Team",
                "revokeLink" => "Link",
                id if id.starts_with("v1") && id.contains("Team") => "Team",
                id if id.starts_with("v1") => "Invite",
                "listMembersAt" => "Endpoint",
                _ => match tag {
                    "Whitelabel" | "Models" => "Model",
                    tag => tag.trim_end_matches('s'),
                },
            };
            Some(format!("{one} not found"))
        }
        "INVALID_REQUEST" => Some(
            match operation["operationId"].as_str()?.trim_start_matches("v1") {
                "createInvite" | "CreateInvite" => "User with this email already invited: user@example.com.",
                "revokeInvite" | "RevokeInvite" => "This invite is already revoked.",
                "addTeamMembers" | "AddTeamMembers" => {
                    "kim@acme.com is not a member of your organization. Invite them first."
                }
                "createTeam" | "CreateTeam" | "renameTeam" | "RenameTeam" => {
                    "There is already a team called \"Marketing\"."
                }
                "createModel" | "createWhitelabelModel" => {
                    "No webhook URL is configured for your organization. Set one, so that you hear when headshots are ready."
                }
                "createLink" => "\"limit\" has to be a whole number of people, at least 1.",
                "revokeLink" => "This link is already revoked.",
                "changeMember" => "Say what to change: \"teamId\", \"title\" or both.",
                "removeMember" => "This person leads your organization. Change their role first.",
                "grantRetry" => "This member is still adding photos, so there is nothing to retry yet.",
                "addMember" => "\"name\" is missing. It has to say whom to add.",
                "downloadPhotos" => "\"photoIds\" names 1 to 100 photos. Leave it out for all of them.",
                "getFavoritePhoto" | "getPhoto" => "\"small\" is none of main, all.",
                _ => "\"limit\" has to be a whole number.",
            }
            .to_owned(),
        ),
        _ => None,
    }
}
