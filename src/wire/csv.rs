//! Files that spreadsheets open.

/// What a file begins with: without this mark, spreadsheets take it for one in the alphabet of their country.
pub const BEGINNING: &str = "\u{feff}";

/// A row, with its end.
pub fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    cells.into_iter().map(cell).collect::<Vec<_>>().join(",") + "\r\n"
}

/// A cell as it is: in quotes where it has to be, and with an apostrophe before what a spreadsheet would take for a formula.
fn cell(text: &str) -> String {
    let text = match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    };
    if text.contains([',', '"', '\n', '\r', ';']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn no_cell_is_a_formula_or_two_cells() {
        for (text, written) in [
            ("Kim Lee", "Kim Lee"),
            ("Lee, Kim", "\"Lee, Kim\""),
            ("Kim \"K\" Lee", "\"Kim \"\"K\"\" Lee\""),
            ("=HYPERLINK(\"https://evil.test\")", "\"'=HYPERLINK(\"\"https://evil.test\"\")\""),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("", ""),
        ] {
            assert_eq!(cell(text), written);
        }
    }
}
