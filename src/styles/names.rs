//! What stands behind people, in words: everyone's backdrops have theirs, an organization's own were named by someone who leads
//! it, who may have typed anything.

use std::collections::HashMap;

use super::list;
use crate::{
    db::View,
    error::Result,
    generator::{Backdrop, Scene},
    i18n::Message,
    ids::{BackdropId, OrganizationId},
};

/// What an own backdrop is called that was removed since, in English.
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

    /// What programs read of it: everyone's in English.
    pub fn label<'a>(&'a self, scene: &Scene) -> &'a str {
        match scene {
            Scene::Drawn(backdrop) => backdrop.label(),
            Scene::Own(id) => self.0.get(id).map_or(REMOVED, String::as_str),
        }
    }

    /// What people read on buttons and cards.
    pub fn shown(&self, scene: &Scene) -> Message {
        match scene {
            Scene::Drawn(backdrop) => backdrop.called(),
            Scene::Own(id) => self.0.get(id).map_or(say!("Removed backdrop"), Message::plain),
        }
    }

    /// The same within a sentence: `navy backdrop`, `Lobby backdrop`.
    pub fn behind(&self, scene: &Scene) -> Message {
        match scene {
            Scene::Drawn(Backdrop::Grey) => say!("light grey backdrop"),
            Scene::Drawn(Backdrop::Charcoal) => say!("charcoal backdrop"),
            Scene::Drawn(Backdrop::White) => say!("white backdrop"),
            Scene::Drawn(Backdrop::Navy) => say!("navy backdrop"),
            Scene::Drawn(Backdrop::Office) => say!("office backdrop"),
            Scene::Drawn(Backdrop::Garden) => say!("garden backdrop"),
            Scene::Own(id) => match self.0.get(id) {
                Some(name) => say!("{name} backdrop", name),
                None => say!("removed backdrop"),
            },
        }
    }

    /// Several of them, as people read them: `Lobby, Navy`.
    pub fn in_a_row(&self, scenes: &[Scene]) -> String {
        scenes.iter().map(|scene| self.shown(scene).to_string()).collect::<Vec<_>>().join(", ")
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
            [&navy, &lobby, &gone].map(|scene| names.behind(scene).to_string()),
            ["navy backdrop", "../Łódź: <b>Lobby</b> backdrop", "removed backdrop"]
        );
        assert_eq!([&navy, &lobby, &gone].map(|scene| names.for_file(scene)), ["navy", "łódź-b-lobby-b", "own"]);
        assert_eq!(plain(&"ab ".repeat(30)).len(), 40);
        assert_eq!(plain("🎉"), "own");
    }
}
