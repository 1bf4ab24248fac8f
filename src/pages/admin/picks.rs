//! What people choose from, as leads tick it: for everyone in the settings, and for one team.

use serde::Deserialize;

use crate::{
    app::App,
    db::{Tx, View},
    error::Result,
    generator::Scene,
    i18n::Message,
    ids::OrganizationId,
    members::Actor,
    pages::view::Confirm,
    shoots,
    styles::{self, Names, Whose},
};

/// Where leads see an organization's own pictures.
const PICTURES: &str = "/app/admin/settings/headshots/backdrops";

/// What stands in an address in place of a list, where nothing is set: all, or for a team what the organization allows.
const USUAL: &str = "usual";

/// One that can be ticked.
pub(super) struct Pick {
    pub(super) value: String,
    pub(super) words: String,
    /// Where it is seen, if it is a picture.
    pub(super) picture: Option<String>,
    pub(super) chosen: bool,
}

/// All there is, with these ticked.
pub(super) fn picks(
    view: &View,
    app: &App,
    organization: &OrganizationId,
    names: &Names,
    ticked: &[Scene],
) -> Result<Vec<Pick>> {
    let drawn = app.generator.capabilities().backdrops;
    let can = |scene: &Scene| !matches!(scene, Scene::Drawn(backdrop) if !drawn.contains(backdrop));
    let pick = |scene: Scene| Pick {
        value: scene.to_string(),
        words: names.shown(&scene).to_string(),
        chosen: ticked.contains(&scene),
        picture: match &scene {
            Scene::Own(id) => Some(format!("{PICTURES}/{id}/thumbnail.jpg")),
            Scene::Drawn(_) => None,
        },
    };
    Ok(styles::available(view, organization)?.into_iter().filter(can).map(pick).collect())
}

/// A choice in an address: `?allow=navy,bd_…`
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    pub(super) allow: Option<String>,
}

/// What was ticked in a form.
pub(super) fn ticked(fields: &[(String, String)]) -> Vec<Scene> {
    let backdrops = fields.iter().filter(|(name, _)| name == "backdrop");
    backdrops.filter_map(|(_, value)| value.parse().ok()).collect()
}

/// A choice as it stands in addresses; nothing chosen is what is usual.
pub(super) fn in_address(scenes: &[Scene]) -> String {
    match scenes {
        [] => USUAL.to_owned(),
        some => some.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
    }
}

/// The same read again. Nothing if it is no choice.
pub(super) fn of_address(text: &str) -> Option<Vec<Scene>> {
    if text == USUAL {
        return Some(Vec::new());
    }
    text.split(',').map(|scene| scene.parse().ok()).collect()
}

/// Makes it so; whether that is a change.
pub(super) fn set(tx: &Tx, by: &Actor, whose: &Whose, scenes: &[Scene]) -> Result<bool> {
    match scenes {
        [] => styles::allow_all(tx, by, whose),
        some => styles::allow(tx, by, whose, some),
    }
}

/// What it means for those who have chosen and not submitted; nothing if it means nothing to anyone.
pub(super) fn meaning(
    view: &View,
    organization: &OrganizationId,
    whose: &Whose,
    scenes: &[Scene],
) -> Result<Option<Message>> {
    let offer = match (scenes, whose) {
        ([], Whose::Everyone) => styles::available(view, organization)?,
        ([], Whose::Team(_)) => styles::offered_by(view, organization, &Whose::Everyone)?,
        (some, _) => some.to_vec(),
    };
    let people = shoots::would_choose_again(view, organization, whose, &offer)?;
    if people == 0 {
        return Ok(None);
    }
    let who = say!(
        "{n} person has chosen something else and not submitted yet."
            | "{n} people have chosen something else and not submitted yet.",
        n = people
    );
    let then = match offer.as_slice() {
        [only] => {
            let names = Names::of(view, organization)?;
            say!("They are told that it is {backdrop} now.", backdrop = names.shown(only))
        }
        _ => say!("They choose again; what they chose and is still offered stays ticked."),
    };
    Ok(Some(who.then(then)))
}

/// The question before it is done, where somebody has to choose again.
pub(super) fn question(
    view: &View,
    organization: &OrganizationId,
    whose: &Whose,
    scenes: &[Scene],
    page: &str,
    action: &str,
) -> Result<Option<Confirm>> {
    let Some(meaning) = meaning(view, organization, whose, scenes)? else { return Ok(None) };
    Ok(Some(Confirm {
        title: say!("Change what people choose from").into(),
        words: meaning
            .then(say!("Their photos are kept. Headshots that are being made, or are done, stay as they are."))
            .into(),
        action: format!("{action}/{}", in_address(scenes)),
        button: say!("Save").into(),
        cancel: page.to_owned(),
        name_to_type: None,
    }))
}

/// How many are offered, in words.
pub(super) fn how_many(scenes: &[Scene], usual: Message) -> Message {
    match scenes {
        [] => usual,
        some => say!("{n} backdrop" | "{n} backdrops", n = some.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generator::Backdrop;

    #[test]
    fn a_choice_comes_back_from_its_address() {
        let two = [Scene::Own(crate::ids::BackdropId::new()), Backdrop::Navy.into()];
        assert_eq!(of_address(&in_address(&two)).unwrap(), two);
        assert_eq!(of_address(&in_address(&[])), Some(Vec::new()));
        for wrong in ["", "navy,", "purple", "navy;grey"] {
            assert_eq!(of_address(wrong), None, "{wrong}");
        }
    }
}
