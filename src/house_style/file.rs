//! The file itself: JSON of a documented shape. Whatever is wrong with it is said with the place it is at.

use serde_json::{Map, Value, json};

use crate::{
    error::{Error, Result},
    generator::Backdrop,
    i18n::Message,
    organizations::{HEADSHOTS, MOST_EDITS, RESULTS_DAYS},
};

/// The version that is written, and the only one that is read.
pub const VERSION: u64 = 1;

/// No file is larger, in bytes: hundreds of teams fit in, and a form can carry it.
pub const MOST_BYTES: usize = 128 * 1024;

/// The file as a whole, among the places in it.
const FILE: &str = "";

/// So many teams a file names at most.
const MOST_TEAMS: usize = 1000;

/// A name in it is at most so long, in characters; those here are shorter.
const LONGEST_NAME: usize = 200;

/// A backdrop as a file names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// One that everyone has.
    BuiltIn(Backdrop),
    /// One of the organization's own, by its name.
    Own(String),
}

/// What a file says; what it leaves out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// What people choose from; empty: all there is.
    pub backdrops: Option<Vec<Named>>,
    /// The teams with a choice of their own, by name; all others have none.
    pub teams: Option<Vec<(String, Vec<Named>)>>,
    /// In a shoot.
    pub headshots: Option<u8>,
    /// By each member.
    pub member_edits: Option<u8>,
    /// By leads for each member.
    pub lead_edits: Option<u8>,
    /// Days until headshots are deleted; none: they are kept.
    pub keep: Option<Option<u16>>,
}

impl Style {
    /// The file that says this.
    pub fn file(&self) -> Value {
        let list = |named: &[Named]| named.iter().map(Named::json).collect::<Vec<_>>();
        let mut fields = Map::new();
        fields.insert("headroomStyle".to_owned(), json!(VERSION));
        if let Some(backdrops) = &self.backdrops {
            let everyones = if backdrops.is_empty() { json!("all") } else { json!(list(backdrops)) };
            fields.insert("backdrops".to_owned(), everyones);
        }
        if let Some(teams) = &self.teams {
            let team = |(name, chosen): &(String, Vec<Named>)| json!({ "team": name, "backdrops": list(chosen) });
            fields.insert("teams".to_owned(), teams.iter().map(team).collect());
        }
        if let Some(number) = self.headshots {
            fields.insert("headshots".to_owned(), json!(number));
        }
        let edits = [("members", self.member_edits), ("leads", self.lead_edits)];
        let edits: Map<String, Value> =
            edits.into_iter().filter_map(|(who, number)| Some((who.to_owned(), json!(number?)))).collect();
        if !edits.is_empty() {
            fields.insert("edits".to_owned(), edits.into());
        }
        if let Some(days) = self.keep {
            fields.insert("deleteAfterDays".to_owned(), json!(days));
        }
        fields.into()
    }
}

impl Named {
    fn json(&self) -> Value {
        match self {
            Self::BuiltIn(backdrop) => json!({ "builtIn": backdrop.as_str() }),
            Self::Own(name) => json!({ "own": name }),
        }
    }
}

/// Reads a file.
///
/// # Errors
/// It is too large, no JSON, of another shape or version, or a number is out of bounds: what, and where.
pub fn read(bytes: &[u8]) -> Result<Style> {
    if bytes.len() > MOST_BYTES {
        return Err(Error::TooLarge(say!("This file is larger than 128 KB, so it is none that was exported here.")));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| not_json(say!("it is no text")))?;
    let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|cause| not_json(Message::plain(cause.to_string())))?;
    let Value::Object(fields) = &value else {
        return Err(wrong(FILE, say!("{shape} with headroomStyle in it", shape = "{ … }"), &value));
    };
    match fields.get("headroomStyle") {
        Some(version) if version.as_u64() == Some(VERSION) => {}
        Some(Value::Number(other)) => {
            return Err(Error::invalid(say!(
                "The file is of version {other}, and this Headroom reads version {known}. Export it anew, or update Headroom.",
                other = other.to_string(),
                known = VERSION
            )));
        }
        Some(other) => return Err(wrong("headroomStyle", Message::plain("1"), other)),
        None => {
            return Err(Error::invalid(say!(
                "The file has no headroomStyle, so it is none that was exported at Settings, Headshots."
            )));
        }
    }
    let known = ["headroomStyle", "backdrops", "teams", "headshots", "edits", "deleteAfterDays"];
    only(FILE, fields, &known)?;
    let (least, most) = RESULTS_DAYS.into_inner();
    let edits = fields.get("edits").map(edits).transpose()?;
    Ok(Style {
        backdrops: fields.get("backdrops").map(everyones).transpose()?,
        teams: fields.get("teams").map(teams).transpose()?,
        headshots: fields
            .get("headshots")
            .map(|value| number("headshots", value, *HEADSHOTS.start(), *HEADSHOTS.end()))
            .transpose()?,
        member_edits: edits.and_then(|(members, _)| members),
        lead_edits: edits.and_then(|(_, leads)| leads),
        keep: match fields.get("deleteAfterDays") {
            None => None,
            Some(Value::Null) => Some(None),
            Some(value) => Some(Some(number("deleteAfterDays", value, least, most)?)),
        },
    })
}

fn everyones(value: &Value) -> Result<Vec<Named>> {
    match value {
        Value::String(all) if all == "all" => Ok(Vec::new()),
        Value::Array(_) => backdrops("backdrops", value),
        other => Err(wrong("backdrops", say!("\"all\" or a list"), other)),
    }
}

fn backdrops(at: &str, value: &Value) -> Result<Vec<Named>> {
    let Value::Array(list) = value else { return Err(wrong(at, say!("a list"), value)) };
    if list.is_empty() {
        return Err(Error::invalid(say!("In the file, {at} is empty. Name at least one backdrop.", at)));
    }
    // More than there can be anywhere.
    if list.len() > MOST_TEAMS {
        return Err(Error::invalid(say!(
            "In the file, {at} names {many} backdrops, which is too many.",
            at,
            many = list.len().to_string()
        )));
    }
    list.iter().enumerate().map(|(index, one)| backdrop(&format!("{at}[{index}]"), one)).collect()
}

fn backdrop(at: &str, value: &Value) -> Result<Named> {
    let shape = || say!("{one} or {other}", one = "{ \"builtIn\": … }", other = "{ \"own\": … }");
    let Value::Object(fields) = value else { return Err(wrong(at, shape(), value)) };
    only(at, fields, &["builtIn", "own"])?;
    match (fields.get("builtIn"), fields.get("own")) {
        (Some(name), None) => {
            let name = text(&format!("{at}.builtIn"), name)?;
            name.parse().map(Named::BuiltIn).map_err(|_| {
                let all = Backdrop::ALL.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                Error::invalid(say!(
                    "In the file, {at}.builtIn is \"{name}\". It has to be one of: {all}.",
                    at,
                    name,
                    all
                ))
            })
        }
        (None, Some(name)) => Ok(Named::Own(text(&format!("{at}.own"), name)?)),
        _ => Err(wrong(at, shape(), value)),
    }
}

fn teams(value: &Value) -> Result<Vec<(String, Vec<Named>)>> {
    let Value::Array(list) = value else { return Err(wrong("teams", say!("a list"), value)) };
    if list.len() > MOST_TEAMS {
        return Err(Error::invalid(say!(
            "The file names {many} teams. It may name {most}.",
            many = list.len().to_string(),
            most = MOST_TEAMS.to_string()
        )));
    }
    let team = |(index, value): (usize, &Value)| {
        let at = format!("teams[{index}]");
        let Value::Object(fields) = value else {
            return Err(wrong(&at, Message::plain("{ \"team\": …, \"backdrops\": … }"), value));
        };
        only(&at, fields, &["team", "backdrops"])?;
        let name = text(&format!("{at}.team"), fields.get("team").unwrap_or(&Value::Null))?;
        let chosen = backdrops(&format!("{at}.backdrops"), fields.get("backdrops").unwrap_or(&Value::Null))?;
        Ok((name, chosen))
    };
    list.iter().enumerate().map(team).collect()
}

/// Of members, and of leads.
fn edits(value: &Value) -> Result<(Option<u8>, Option<u8>)> {
    let Value::Object(fields) = value else {
        return Err(wrong("edits", Message::plain("{ \"members\": …, \"leads\": … }"), value));
    };
    only("edits", fields, &["members", "leads"])?;
    let of = |who: &str| fields.get(who).map(|value| number(&format!("edits.{who}"), value, 0, MOST_EDITS)).transpose();
    Ok((of("members")?, of("leads")?))
}

fn number<N: TryFrom<u64> + Copy + PartialOrd + std::fmt::Display>(
    at: &str,
    value: &Value,
    least: N,
    most: N,
) -> Result<N> {
    let number = value.as_u64().and_then(|number| N::try_from(number).ok());
    let fits = number.filter(|number| (least..=most).contains(number));
    fits.ok_or_else(|| {
        let (least, most) = (least.to_string(), most.to_string());
        wrong(at, say!("a whole number from {least} to {most}", least, most), value)
    })
}

fn text(at: &str, value: &Value) -> Result<String> {
    let text = value.as_str().map(str::trim);
    let fits = text.filter(|text| !text.is_empty() && text.chars().count() <= LONGEST_NAME);
    fits.map(str::to_owned).ok_or_else(|| wrong(at, say!("a name"), value))
}

/// Refuses what nobody would heed.
fn only(at: &str, fields: &Map<String, Value>, known: &[&str]) -> Result<()> {
    match fields.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => {
            let (name, known) = (shortened(name), known.join(", "));
            Err(Error::invalid(match at {
                FILE => say!("In the file, \"{name}\" is not known. There is: {known}.", name, known),
                at => say!("In the file, in {at}, \"{name}\" is not known. There is: {known}.", at, name, known),
            }))
        }
    }
}

fn wrong(at: &str, wanted: Message, found: &Value) -> Error {
    let found = match found {
        Value::Null => say!("nothing"),
        Value::Array(_) => say!("a list"),
        Value::Object(_) => Message::plain("{ … }"),
        other => Message::plain(shortened(&other.to_string())),
    };
    Error::invalid(match at {
        FILE => say!("The file is {found}. It has to be {wanted}.", found, wanted),
        at => say!("In the file, {at} is {found}. It has to be {wanted}.", at, found, wanted),
    })
}

fn not_json(why: Message) -> Error {
    Error::invalid(say!("This is no JSON file: {why}. Choose one that was exported at Settings, Headshots.", why))
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= 40 { text.to_owned() } else { text.chars().take(40).collect::<String>() + "…" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        read(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn all_of_it_is_read() {
        let text = r#"{"headroomStyle": 1, "backdrops": [{"own": " Lobby "}, {"builtIn": "navy"}],
            "teams": [{"team": "Sales", "backdrops": [{"builtIn": "grey"}]}],
            "headshots": 16, "edits": {"members": 0, "leads": 100}, "deleteAfterDays": 90}"#;
        let style = read(format!("\u{feff}{text}").as_bytes()).unwrap();
        assert_eq!(style.backdrops, Some(vec![Named::Own("Lobby".to_owned()), Named::BuiltIn(Backdrop::Navy)]));
        assert_eq!(style.teams, Some(vec![("Sales".to_owned(), vec![Named::BuiltIn(Backdrop::Grey)])]));
        assert_eq!((style.headshots, style.member_edits, style.lead_edits), (Some(16), Some(0), Some(100)));
        assert_eq!(style.keep, Some(Some(90)));
        assert_eq!(read(style.file().to_string().as_bytes()).unwrap(), style);
    }

    #[test]
    fn what_is_left_out_stays() {
        assert_eq!(read(br#"{"headroomStyle": 1}"#).unwrap(), Style::default());
        let some = read(br#"{"headroomStyle": 1, "backdrops": "all", "edits": {"leads": 3}, "deleteAfterDays": null}"#);
        let some = some.unwrap();
        assert_eq!((&some.backdrops, &some.teams, some.keep), (&Some(Vec::new()), &None, Some(None)));
        assert_eq!((some.member_edits, some.lead_edits), (None, Some(3)));
        assert_eq!(read(some.file().to_string().as_bytes()).unwrap(), some);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let with = |rest: &str| refused(&format!("{{\"headroomStyle\": 1, {rest}}}"));
        for (said, words) in [
            (refused("no"), "no JSON file"),
            (refused("[]"), "The file is a list"),
            (refused("{}"), "no headroomStyle"),
            (refused(r#"{"headroomStyle": 2}"#), "of version 2"),
            (refused(r#"{"headroomStyle": "1"}"#), "headroomStyle is \"1\""),
            (with(r#""logo": 1"#), "\"logo\" is not known"),
            (with(r#""headshots": "12""#), "headshots is \"12\". It has to be a whole number from 12 to 24."),
            (with(r#""headshots": 300"#), "headshots is 300"),
            (with(r#""headshots": 12.5"#), "headshots is 12.5"),
            (with(r#""headshots": null"#), "headshots is nothing"),
            (with(r#""deleteAfterDays": 6"#), "from 7 to 3650"),
            (with(r#""edits": 3"#), "edits is 3"),
            (with(r#""edits": {"members": 101}"#), "edits.members is 101"),
            (with(r#""edits": {"owner": 1}"#), "in edits, \"owner\" is not known"),
            (with(r#""backdrops": "none""#), "It has to be \"all\" or a list."),
            (with(r#""backdrops": []"#), "at least one backdrop"),
            (with(r#""backdrops": ["navy"]"#), "backdrops[0] is \"navy\""),
            (with(r#""backdrops": [{"builtIn": "purple"}]"#), "one of: grey, charcoal"),
            (with(r#""backdrops": [{"builtIn": "navy", "own": "Lobby"}]"#), "backdrops[0] is { … }"),
            (with(r#""teams": {}"#), "teams is { … }"),
            (with(r#""teams": [{"team": "Sales"}]"#), "teams[0].backdrops is nothing"),
            (with(r#""teams": [{"team": " ", "backdrops": [{"builtIn": "navy"}]}]"#), "teams[0].team is"),
        ] {
            assert!(said.contains(words), "{words}: {said}");
        }
    }

    #[test]
    fn what_is_huge_is_not_read() {
        let deep = "[".repeat(100_000);
        assert!(refused(&deep).contains("no JSON file"));
        assert!(matches!(read(&vec![b' '; MOST_BYTES + 1]), Err(Error::TooLarge(_))));
        assert!(read(b"\xff\xfe").is_err());
        let long = format!("{{\"headroomStyle\": 1, \"{}\": 1}}", "x".repeat(5000));
        assert!(refused(&long).len() < 300);
    }
}
