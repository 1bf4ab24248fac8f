//! What generators that take a description are told.

use super::{Backdrop, Scene};

/// The operator's words with what is known of a headshot filled in.
pub(super) fn prompt(template: &str, scene: &Scene, gender: Option<&str>) -> String {
    template.replace("{backdrop}", backdrop(scene)).replace("{gender}", person(gender))
}

fn person(gender: Option<&str>) -> &'static str {
    match gender {
        Some("female") => "woman",
        Some("male") => "man",
        _ => "person",
    }
}

fn backdrop(scene: &Scene) -> &'static str {
    match scene {
        Scene::Drawn(Backdrop::Grey) => "plain light grey studio paper",
        Scene::Drawn(Backdrop::Charcoal) => "a dark charcoal studio backdrop, almost black at the edges",
        Scene::Drawn(Backdrop::White) => "a plain white studio backdrop",
        Scene::Drawn(Backdrop::Navy) => "a plain dark navy blue studio backdrop",
        Scene::Drawn(Backdrop::Office) => "a bright modern office, far out of focus",
        Scene::Drawn(Backdrop::Garden) => "sunlit green trees, far out of focus",
        Scene::Own(_) => "the place in the second picture",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_filled_in() {
        let told = prompt("A {gender} before {backdrop}.", &Backdrop::White.into(), Some("female"));
        assert_eq!(told, "A woman before a plain white studio backdrop.");
        assert_eq!(prompt("{gender}", &Backdrop::White.into(), None), "person");
    }
}
