//! The layers hold, and every SQL statement fits the schema.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that can't go on panics, its helpers included")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use rusqlite::Connection;
use syn::{
    ItemUse, UseTree,
    visit::{self, Visit},
};

/// The layers, bottom first. A module may use what lies on layers below its own: not its own layer, not above.
const LAYERS: &[&[&str]] = &[
    &["i18n"],
    &["error", "clock", "one_line"],
    &["ids", "secrets", "tables", "meters", "to_its_end"],
    &["config", "redaction"],
    &["db", "outbound", "images", "priority"],
    &["storage", "studio", "oidc", "dns"],
    &["generator", "audit", "backup"],
    &["queue", "workers"],
    &["events"],
    &["organizations"],
    &["members"],
    &["notifications"],
    &["teams", "credits", "branding"],
    &["styles", "fields"],
    &["shoots"],
    &["photos", "results"],
    &["receipts", "uploads", "edits", "shares", "profile_pictures", "house_style"],
    &["places"],
    &["invites", "links", "connections"],
    &["auth", "webhooks", "idempotency", "imports"],
    &["offboarding"],
    &["undo"],
    &["whitelabel"],
    &["mail", "wire"],
    &["doctor"],
    &["app"],
    &["web"],
    &["api", "pages", "jobs"],
    &["server"],
    &["cli"],
];

/// Only this module may write the table.
const WRITERS: &[(&str, &str)] = &[
    ("organizations", "organizations"),
    ("teams", "teams"),
    ("accounts", "members"),
    ("members", "members"),
    ("ledger", "credits"),
    ("shoots", "shoots"),
    ("photos", "photos"),
    ("results", "results"),
    ("cutouts", "results"),
    ("backdrops", "styles"),
    ("edits", "edits"),
    ("shares", "shares"),
    ("uploads", "uploads"),
    ("handoffs", "auth"),
    ("picture_templates", "profile_pictures"),
    ("pinned_pictures", "profile_pictures"),
    ("picture_rounds", "profile_pictures"),
    ("custom_fields", "fields"),
    ("custom_values", "fields"),
    ("invites", "invites"),
    ("imports", "imports"),
    ("import_rows", "imports"),
    ("magic_links", "auth"),
    ("sessions", "auth"),
    ("api_keys", "auth"),
    ("signed_urls", "auth"),
    ("links", "links"),
    ("link_uses", "links"),
    ("idempotency", "idempotency"),
    ("webhook_endpoints", "webhooks"),
    ("deliveries", "webhooks"),
    ("delivery_attempts", "webhooks"),
    ("audit", "audit"),
    ("audit_anchors", "audit"),
    ("consents", "shoots"),
    ("receipts", "receipts"),
    ("passkeys", "auth"),
    ("authenticators", "auth"),
    ("recovery_codes", "auth"),
    ("ceremonies", "auth"),
    ("devices", "auth"),
    ("notices", "auth"),
    ("identities", "auth"),
    ("sso_attempts", "auth"),
    ("connections", "connections"),
    ("domains", "connections"),
    ("events", "events"),
    ("mails", "mail"),
    ("mail_senders", "mail"),
    ("mail_texts", "mail"),
    ("happenings", "notifications"),
    ("notification_choices", "notifications"),
    ("digests", "notifications"),
    ("credit_alerts", "notifications"),
    ("consent_texts", "shoots"),
    ("jobs", "queue"),
    ("work", "workers"),
    ("workers", "workers"),
    ("pulse", "db"),
    ("undoables", "undo"),
    ("undoable_subjects", "undo"),
];

/// A file is asked to be two beyond this; one that is longer has to be looked at, and split or allowed here.
const LONGEST: usize = 450;

struct Source {
    path: PathBuf,
    /// The top-level module it belongs to.
    module: String,
    text: String,
    tree: syn::File,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let inside = path.strip_prefix(&root).unwrap();
                let module = inside.components().next().unwrap().as_os_str().to_str().unwrap();
                let text = fs::read_to_string(&path).unwrap();
                let tree = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                found.push(Source {
                    module: module.trim_end_matches(".rs").to_owned(),
                    path: inside.to_owned(),
                    text,
                    tree,
                });
            }
        }
    }
    assert!(found.len() > 40, "the sources were not found");
    found
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// The modules of this crate that a file names: `crate::name…` anywhere, also inside macros.
fn named(text: &str, tree: &syn::File) -> BTreeSet<String> {
    struct Uses(BTreeSet<String>);
    impl<'a> Visit<'a> for Uses {
        fn visit_item_use(&mut self, item: &'a ItemUse) {
            if let UseTree::Path(path) = &item.tree
                && path.ident == "crate"
            {
                first_names(&path.tree, &mut self.0);
            }
            visit::visit_item_use(self, item);
        }
    }
    fn first_names(tree: &UseTree, names: &mut BTreeSet<String>) {
        match tree {
            UseTree::Path(path) => drop(names.insert(path.ident.to_string())),
            UseTree::Name(name) => drop(names.insert(name.ident.to_string())),
            UseTree::Rename(rename) => drop(names.insert(rename.ident.to_string())),
            UseTree::Group(group) => group.items.iter().for_each(|tree| first_names(tree, names)),
            UseTree::Glob(_) => {}
        }
    }
    let mut uses = Uses(BTreeSet::new());
    uses.visit_file(tree);
    // Paths written out, in code, in macros and in documentation links that the compiler follows.
    for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
        for rest in line.split("crate::").skip(1) {
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if !name.is_empty() {
                uses.0.insert(name);
            }
        }
    }
    uses.0
}

#[test]
fn modules_use_only_the_layers_below_their_own() {
    let mut broken = Vec::new();
    for source in sources() {
        if matches!(source.module.as_str(), "lib" | "main") {
            continue;
        }
        let own = layer(&source.module).unwrap_or_else(|| panic!("{} is on no layer", source.module));
        for other in named(&source.text, &source.tree) {
            let Some(its) = layer(&other) else { continue };
            if other != source.module && its >= own {
                broken.push(format!("{} uses {other}", source.path.display()));
            }
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn no_file_is_named_mod() {
    for source in sources() {
        assert!(!source.path.ends_with("mod.rs"), "{} should be named after its module", source.path.display());
    }
}

#[test]
fn no_file_needs_a_table_of_contents() {
    let long: Vec<String> = sources()
        .iter()
        .filter(|source| source.text.lines().count() > LONGEST)
        .map(|source| format!("{}: {} lines", source.path.display(), source.text.lines().count()))
        .collect();
    assert_eq!(long, Vec::<String>::new());
}

/// Every string in a file, wherever it stands.
fn strings(tree: &syn::File) -> Vec<(usize, String)> {
    struct Strings(Vec<(usize, String)>);
    impl<'a> Visit<'a> for Strings {
        fn visit_lit_str(&mut self, literal: &'a syn::LitStr) {
            self.0.push((literal.span().start().line, literal.value()));
        }
        fn visit_macro(&mut self, mac: &'a syn::Macro) {
            tokens(mac.tokens.clone(), &mut self.0);
        }
    }
    fn tokens(stream: proc_macro2::TokenStream, found: &mut Vec<(usize, String)>) {
        for token in stream {
            match token {
                proc_macro2::TokenTree::Group(group) => tokens(group.stream(), found),
                proc_macro2::TokenTree::Literal(literal) => {
                    if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                        found.push((literal.span().start().line, text.value()));
                    }
                }
                _ => {}
            }
        }
    }
    let mut strings = Strings(Vec::new());
    strings.visit_file(tree);
    strings.0
}

/// All SQL in the product: where it stands and what it says.
fn statements() -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for source in sources() {
        for (line, text) in strings(&source.tree) {
            let begins =
                |word: &&str| text.trim_start().strip_prefix(*word).is_some_and(|rest| rest.starts_with([' ', '\n']));
            let is_sql = ["select", "insert", "update", "delete", "with"].iter().any(begins);
            if is_sql && !in_tests(&source, line) {
                found.push((format!("{}:{line}", source.path.display()), source.module.clone(), text));
            }
        }
    }
    assert!(found.len() > 60, "the statements were not found");
    found
}

fn in_tests(source: &Source, line: usize) -> bool {
    let tests = source.text.lines().position(|text| text.trim() == "#[cfg(test)]");
    source.path.components().any(|part| part.as_os_str() == "tests.rs") || tests.is_some_and(|start| line > start)
}

fn schema() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(include_str!("../schema.sql")).unwrap();
    connection
}

#[test]
fn every_statement_fits_the_schema() {
    let connection = schema();
    let wrong: Vec<String> = statements()
        .iter()
        .filter_map(|(place, _, sql)| connection.prepare(sql).err().map(|error| format!("{place}: {error}")))
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_table_is_written_by_one_module_only() {
    let mut broken = Vec::new();
    for (place, module, sql) in statements() {
        let words: Vec<&str> = sql.split_whitespace().collect();
        let table = match words.as_slice() {
            ["insert", "into", table, ..] | ["delete", "from", table, ..] | ["update", table, ..] => *table,
            ["select", ..] => continue,
            _ => {
                broken.push(format!("{place} is neither a plain read nor a plain write"));
                continue;
            }
        };
        match WRITERS.iter().find(|(written, _)| *written == table) {
            Some((_, writer)) if *writer == module => {}
            Some((_, writer)) => broken.push(format!("{place} writes {table}, which is {writer}'s")),
            None => broken.push(format!("{place} writes {table}, which nobody may")),
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}

/// These are filled by the schema itself and never again.
const WRITTEN_BY_NOBODY: &[&str] = &["shoot_states", "shoot_steps"];

#[test]
fn each_table_has_its_writer() {
    let connection = schema();
    let mut query = connection.prepare("select name from sqlite_schema where type = 'table'").unwrap();
    let stored: BTreeSet<String> =
        query.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap();
    let written = WRITERS.iter().map(|(table, _)| *table);
    let known: BTreeSet<String> = written.chain(WRITTEN_BY_NOBODY.iter().copied()).map(str::to_owned).collect();
    assert_eq!(stored, known);
}

#[test]
fn each_table_says_who_writes_it() {
    let text = include_str!("../schema.sql");
    for (table, module) in WRITERS {
        let start = text.find(&format!("create table {table} (")).unwrap();
        let comment = text[..start].trim_end().lines().last().unwrap();
        assert!(comment.contains(&format!("[{module}]")), "the comment above {table} should name [{module}]");
    }
}

/// The steps a shoot may take stand in the code and in the schema; they are the same.
#[test]
fn the_schema_knows_the_same_steps_as_the_code() {
    let connection = schema();
    let mut query = connection.prepare("select before, after from shoot_steps").unwrap();
    let stored: BTreeSet<(String, String)> =
        query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().collect::<rusqlite::Result<_>>().unwrap();
    let coded: BTreeSet<(String, String)> =
        headroom::shoots::STEPS.iter().map(|(before, after)| (before.to_string(), after.to_string())).collect();
    assert_eq!(stored, coded);
}
