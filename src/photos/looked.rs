//! What came of looking at a photo, as it is kept and in words.

use headroom_studio::{self as studio, Check, Finding};

use crate::{db::stored_as_text, error::Result};

stored_as_text! {
    /// Whether a photo makes a good headshot.
    pub enum Verdict {
        /// Nothing is wrong.
        Fine = "fine",
        /// It is used; another photo would do better.
        Usable = "usable",
        /// Nothing good comes of it: it isn't used, unless a lead allows it.
        Unusable = "unusable",
    }
}

impl From<studio::Verdict> for Verdict {
    fn from(verdict: studio::Verdict) -> Self {
        match verdict {
            studio::Verdict::Fine => Self::Fine,
            studio::Verdict::Usable => Self::Usable,
            studio::Verdict::NotUsable => Self::Unusable,
        }
    }
}

/// What came of looking at a photo.
#[derive(Clone, Debug, PartialEq)]
pub struct Looked {
    /// Whether it makes a good headshot.
    pub verdict: Verdict,
    /// What was found, worst first.
    pub findings: Vec<Finding>,
    /// How well it suits, to choose among several: higher is better.
    pub score: f64,
    /// 64 bits, of which nearly the same photos share most.
    pub likeness: u64,
}

impl Looked {
    /// A check, and the photo's likeness.
    pub fn new(check: Check, likeness: u64) -> Self {
        Self { verdict: check.verdict().into(), score: f64::from(check.score), findings: check.findings, likeness }
    }
}

/// What was found, in a few words that can stand in a list: `more than one person`.
pub fn trouble(finding: Finding) -> String {
    let wrong = finding.words().split_once(". ").map_or(finding.words(), |(wrong, _)| wrong);
    let mut letters = wrong.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

/// The findings as they are stored: their names, as JSON.
pub(super) fn to_store(looked: Option<&Looked>) -> Result<String> {
    let findings = looked.map(|looked| looked.findings.as_slice()).unwrap_or_default();
    let names: Vec<&str> = findings.iter().map(|finding| finding.name()).collect();
    Ok(serde_json::to_string(&names)?)
}

/// Findings that were stored. What this version doesn't know any more is left out rather than losing the photo.
pub(super) fn stored_findings(stored: &str) -> Vec<Finding> {
    let names: Vec<String> = serde_json::from_str(stored).unwrap_or_default();
    let known = |name: &String| Finding::ALL.iter().copied().find(|finding| finding.name() == name);
    names.iter().filter_map(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_stored_by_name_and_read_again() {
        let findings = vec![Finding::EyesClosed, Finding::Soft];
        let looked = Looked { verdict: Verdict::Unusable, findings: findings.clone(), score: -98.0, likeness: 7 };
        let stored = to_store(Some(&looked)).unwrap();
        assert_eq!(stored, r#"["eyes_closed","soft"]"#);
        assert_eq!(stored_findings(&stored), findings);
        assert_eq!(stored_findings(r#"["from_tomorrow","soft"]"#), [Finding::Soft]);
        assert_eq!(to_store(None).unwrap(), "[]");
    }

    #[test]
    fn a_finding_is_told_in_a_few_words() {
        assert_eq!(trouble(Finding::SeveralFaces), "more than one person");
    }
}
