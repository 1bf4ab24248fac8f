//! What stands behind people, in words: everyone's backdrops have theirs, an organization's own were named by someone who leads
//! it, who may have typed anything.

use std::collections::HashMap;

use super::list;
use crate::{
    db::View,
    error::Result,
    generator::Scene,
    ids::{BackdropId, OrganizationId},
};

/// What an own backdrop is called that was removed since.
const REMOVED: &str = "Removed backdrop";

/// Longest part of a file's name that a backdrop's gives, in characters.
const LONGEST: usize = 40;

/// The names of one organization's backdrops.
#[derive(Clone, Debug, Default)]
pub struct Names(HashMap<BackdropId, String>);

impl Names {
    /// Those of an organization.
    pub fn of(view: &View, organization: &OrganizationId) -> Result<Self> {
        Ok(Self(list(view, organization)?.into_iter().map(|own| (own.id, own.name)).collect()))
    }

    /// What people read on buttons and cards.
    pub fn label<'a>(&'a self, scene: &Scene) -> &'a str {
        match scene {
            Scene::Drawn(backdrop) => backdrop.label(),
            Scene::Own(id) => self.0.get(id).map_or(REMOVED, String::as_str),
        }
    }

    /// The same within a sentence: `navy backdrop`, `Lobby backdrop`.
    pub fn behind(&self, scene: &Scene) -> String {
        match scene {
            Scene::Drawn(backdrop) => format!("{} backdrop", backdrop.label().to_lowercase()),
            Scene::Own(id) => self.0.get(id).map_or(REMOVED.to_lowercase(), |name| format!("{name} backdrop")),
        }
    }

    /// Several of them: `Lobby, Navy`.
    pub fn in_a_row(&self, scenes: &[Scene]) -> String {
        scenes.iter().map(|scene| self.label(scene)).collect::<Vec<_>>().join(", ")
    }

    /// The same within a file's name: small letters, digits and hyphens of any script, and nothing that a file system might mind.
    pub fn for_file(&self, scene: &Scene) -> String {
        match scene {
            Scene::Drawn(backdrop) => backdrop.to_string(),
            Scene::Own(id) => plain(self.0.get(id).map(String::as_str).unwrap_or_default()),
        }
    }
}

fn plain(name: &str) -> String {
    let lower = name.to_lowercase();
    let words: Vec<&str> =
        lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let plain: String = words.join("-").chars().take(LONGEST).collect();
    let plain = plain.trim_end_matches('-');
    if plain.is_empty() { "own".to_owned() } else { plain.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generator::Backdrop;

    #[test]
    fn names_are_told_as_they_were_typed_and_files_get_what_is_harmless_of_them() {
        let (lobby, gone) = (BackdropId::new(), BackdropId::new());
        let names = Names([(lobby.clone(), "../Łódź: <b>Lobby</b>".to_owned())].into());
        let (navy, lobby, gone) = (Scene::Drawn(Backdrop::Navy), Scene::Own(lobby), Scene::Own(gone));
        assert_eq!(
            [&navy, &lobby, &gone].map(|scene| names.label(scene)),
            ["Navy", "../Łódź: <b>Lobby</b>", "Removed backdrop"]
        );
        assert_eq!(
            [&navy, &lobby, &gone].map(|scene| names.behind(scene)),
            ["navy backdrop", "../Łódź: <b>Lobby</b> backdrop", "removed backdrop"]
        );
        assert_eq!([&navy, &lobby, &gone].map(|scene| names.for_file(scene)), ["navy", "łódź-b-lobby-b", "own"]);
        assert_eq!(plain(&"ab ".repeat(30)).len(), 40);
        assert_eq!(plain("🎉"), "own");
    }
}
