//! What leads to what: an id or an address in one reply that another operation takes.

use serde_json::{Map, Value, json};

/// Operations that may follow another one.
struct Next {
    from: &'static str,
    to: &'static [&'static str],
    /// Their parameters, and where in the first one's reply (or, with a `$`, elsewhere) each is found.
    with: &'static [(&'static str, &'static str)],
}

const NEXT: &[Next] = &[
    Next { from: "createInvite", to: &["getInvite"], with: &[("email", "/input/email")] },
    Next { from: "listInvites", to: &["getInvite"], with: &[("email", "/invites/0/email")] },
    Next { from: "createLink", to: &["revokeLink"], with: &[("id", "/link/id")] },
    Next {
        from: "addMember",
        to: &["changeMember", "removeMember", "grantRetry"],
        with: &[("email", "/member/email")],
    },
    Next { from: "addMember", to: &["getModel", "listPhotos"], with: &[("id", "/member/modelId")] },
    Next {
        from: "listMembers",
        to: &["changeMember", "removeMember", "grantRetry"],
        with: &[("email", "/members/0/email")],
    },
    Next { from: "listMembersAt", to: &["grantRetry"], with: &[("email", "/members/0/email")] },
    Next {
        from: "listMembersAt",
        to: &["listPhotos", "getFavoritePhoto", "downloadPhotos"],
        with: &[("id", "/members/0/modelId")],
    },
    Next { from: "listTeams", to: &["renameTeam", "deleteTeam", "addTeamMembers"], with: &[("id", "/teams/0/id")] },
    Next {
        from: "listModels",
        to: &["getModel", "deleteModel", "listPhotos", "getFavoritePhoto", "downloadPhotos"],
        with: &[("id", "/models/0/id")],
    },
    Next { from: "createModel", to: &["getModel", "deleteModel"], with: &[("id", "/modelId")] },
    Next { from: "listPhotos", to: &["getPhoto"], with: &[("id", "$request.path.id"), ("photoId", "/photos/0/id")] },
    Next {
        from: "listFavorites",
        to: &["getPhoto"],
        with: &[("id", "/photos/0/modelId"), ("photoId", "/photos/0/id")],
    },
    Next {
        from: "createWhitelabelModel",
        to: &["getWhitelabelModel", "deleteWhitelabelModel", "getModel"],
        with: &[("id", "/modelId")],
    },
    Next { from: "v1CreateInvite", to: &["v1GetInvite"], with: &[("id", "/id")] },
    Next { from: "v1ListInvites", to: &["v1GetInvite"], with: &[("id", "/invites/0/id")] },
];

/// Writes them to the operations they follow.
pub(super) fn add(document: &mut Value) {
    let operations = document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    for operation in operations.filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
        let following = NEXT.iter().filter(|next| operation["operationId"] == next.from);
        let links: Map<String, Value> =
            following.flat_map(|next| next.to.iter().map(|to| ((*to).to_owned(), link(to, next.with)))).collect();
        if !links.is_empty() {
            operation["responses"]["200"]["links"] = links.into();
        }
    }
}

fn link(to: &str, with: &[(&str, &str)]) -> Value {
    let place = |place: &str| if place.starts_with('/') { format!("$response.body#{place}") } else { place.to_owned() };
    let parameters = with.iter().map(|(name, found)| ((*name).to_owned(), place(found).into()));
    json!({ "operationId": to, "parameters": parameters.collect::<Map<_, _>>() })
}
