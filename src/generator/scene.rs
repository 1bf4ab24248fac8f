//! What stands behind a person: a backdrop that everyone has, or a picture of the organization's own.

use std::{fmt, str::FromStr};

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Backdrop;
use crate::{
    error::Result,
    ids::{BackdropId, Malformed},
};

/// What stands behind a person. As text it is a backdrop's name or a picture's id; `styles::Names` has the words people read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scene {
    /// A backdrop that everyone has.
    Drawn(Backdrop),
    /// A picture of the organization's own.
    Own(BackdropId),
}

impl From<Backdrop> for Scene {
    fn from(backdrop: Backdrop) -> Self {
        Self::Drawn(backdrop)
    }
}

impl Scene {
    /// Those that a stored list names, as JSON. What is none any more is passed over.
    ///
    /// # Errors
    /// It is no list of texts.
    pub fn listed(json: &str) -> Result<Vec<Self>> {
        let listed: Vec<String> = serde_json::from_str(json)?;
        Ok(listed.iter().filter_map(|scene| scene.parse().ok()).collect())
    }
}

impl fmt::Display for Scene {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Drawn(backdrop) => backdrop.as_str(),
            Self::Own(id) => id.as_str(),
        })
    }
}

impl FromStr for Scene {
    type Err = Malformed;

    fn from_str(text: &str) -> std::result::Result<Self, Malformed> {
        text.parse().map(Self::Drawn).or_else(|_| text.parse().map(Self::Own))
    }
}

impl Serialize for Scene {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scene {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

impl ToSql for Scene {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Drawn(backdrop) => backdrop.as_str().into(),
            Self::Own(id) => id.as_str().into(),
        })
    }
}

impl FromSql for Scene {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map_err(|error| FromSqlError::Other(Box::new(error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scene_is_a_name_or_an_id() {
        let own = BackdropId::new();
        for scene in [Scene::Drawn(Backdrop::Navy), Scene::Own(own)] {
            assert_eq!(scene.to_string().parse::<Scene>().unwrap(), scene);
        }
        assert_eq!(
            Scene::listed(r#"["navy","a moat","grey"]"#).unwrap(),
            [Backdrop::Navy.into(), Backdrop::Grey.into()]
        );
        assert!(Scene::listed("navy").is_err());
        assert!("bd_".parse::<Scene>().is_err() && "purple".parse::<Scene>().is_err());
    }
}
