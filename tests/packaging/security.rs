//! `SECURITY.md` names a test for each promise: they are there.

use std::{collections::BTreeSet, fs};

use regex::Regex;

use super::root;

#[test]
fn each_promise_names_a_test_that_is_there() {
    let page = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let proof = Regex::new(r"`([\w/.-]+)::([^`]+)`").unwrap();
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for found in proof.captures_iter(&page) {
        let (file, name) = (&found[1], &found[2]);
        let text = fs::read_to_string(root().join(file)).unwrap_or_default();
        let there = match file.rsplit('.').next() {
            // Counted as a test only if something marks it as one just before.
            Some("rs") => text.split_once(&format!("fn {name}(")).is_some_and(|(before, _)| {
                before.lines().rev().take(4).any(|line| line.trim_start().starts_with("#[") && line.contains("test"))
            }),
            _ => text.contains(&format!("test('{name}'")),
        };
        seen += 1;
        if !there {
            wrong.push(found[0].to_owned());
        }
    }
    assert!(wrong.is_empty(), "no such tests: {wrong:#?}");
    assert!(seen > 60, "only {seen} were found");
}

#[test]
fn each_item_is_answered_once_and_has_its_proof() {
    let page = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let (met, missing) = page.split_once("### What is not met").unwrap();
    let row = Regex::new(r"(?m)^\| ((?:\d+\.\d+\.\d+(?:, )?)+) \| ((?:[12](?:, )?)+) \| (.+) \|$").unwrap();
    let mut items = BTreeSet::new();
    for found in row.captures_iter(met) {
        let (named, levels) = (found[1].split(", ").count(), found[2].split(", ").count());
        assert!(levels == 1 || levels == named, "{}: a level for all or one for each", &found[1]);
        assert!(found[3].contains("::"), "{} has no proof", &found[1]);
        for item in found[1].split(", ") {
            assert!(items.insert(item.to_owned()), "{item} stands there twice");
        }
    }
    assert!(items.len() > 60, "only {} items were found", items.len());
    let rows = |text: &str| {
        text.lines().filter(|line| line.starts_with("| ") && line.chars().nth(2).unwrap().is_ascii_digit()).count()
    };
    assert_eq!(row.captures_iter(&page).count(), rows(met) + rows(missing), "a row can't be read");
}
