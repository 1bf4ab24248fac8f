//! What all lists that page have in common.

use serde_json::{Value, json};

use crate::app::TestApp;

/// Goes through a list by its cursors, two rows at a time, and runs `between` before each page but the first: what came.
pub(super) async fn walk(app: &TestApp, list: &str, key: &str, mut between: impl AsyncFnMut()) -> Vec<Value> {
    let joint = if list.contains('?') { '&' } else { '?' };
    let (mut rows, mut page) = (Vec::new(), format!("{list}{joint}limit=2"));
    loop {
        let answer = app.get(&app.lead, &page).await.ok();
        let pagination = &answer["pagination"];
        let part = answer[key].as_array().unwrap();
        assert!(part.len() <= 2, "{answer}");
        rows.extend(part.iter().cloned());
        assert_eq!(pagination["hasMore"], pagination.get("nextCursor").is_some(), "{answer}");
        let Some(next) = pagination["nextCursor"].as_str() else { return rows };
        assert!(rows.len() < 100, "the list has no end");
        page = format!("{list}{joint}limit=2&cursor={next}");
        between().await;
    }
}

/// The values of one key.
pub(super) fn all(rows: &[Value], key: &str) -> Vec<Value> {
    rows.iter().map(|row| row[key].clone()).collect()
}

/// Limits are clamped, nonsense is refused, and what is asked for is said back.
pub(super) async fn pages_as_promised(app: &TestApp, list: &str, key: &str) {
    let whole = app.get(&app.lead, list).await.ok();
    let rows = whole[key].as_array().unwrap().clone();
    assert!(rows.len() > 2, "a list worth paging: {whole}");
    assert_eq!(whole["pagination"], json!({ "total": rows.len(), "limit": 50, "offset": 0, "hasMore": false }));

    for (asked, limit) in [("0", 1), ("-5", 1), ("1", 1), ("200", 200), ("201", 200), ("999999", 200)] {
        let page = app.get(&app.lead, &format!("{list}?limit={asked}")).await.ok();
        assert_eq!(page["pagination"]["limit"], limit, "{list}?limit={asked}");
        assert_eq!(page[key].as_array().unwrap()[..], rows[..rows.len().min(limit)], "{list}?limit={asked}");
        assert_eq!(page["pagination"]["total"], rows.len(), "{list}?limit={asked}");
    }
    let second = app.get(&app.lead, &format!("{list}?limit=1&offset=1")).await.ok();
    assert_eq!((&second[key], &second["pagination"]["offset"]), (&json!([rows[1]]), &json!(1)));
    let beyond = app.get(&app.lead, &format!("{list}?offset=1000")).await.ok();
    assert_eq!((&beyond[key], &beyond["pagination"]["hasMore"]), (&json!([]), &json!(false)));
    for wrong in ["limit=ten", "limit=", "limit=1.5", "offset=x", "cursor=", "cursor=x", "limit=1&limit=2"] {
        app.get(&app.lead, &format!("{list}?{wrong}")).await.refused(400, "INVALID_REQUEST");
    }
}
