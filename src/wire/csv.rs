//! Files that spreadsheets open.

/// What a file begins with: without this mark, spreadsheets take it for one in the alphabet of their country.
pub const BEGINNING: &str = "\u{feff}";

/// A row, with its end.
pub fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    cells.into_iter().map(cell).collect::<Vec<_>>().join(",") + "\r\n"
}

/// What makes a cell a formula, also in the wide letters of Asian keyboards.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A cell as it is: in quotes where it has to be, and with an apostrophe before what a spreadsheet would take for a formula. A
/// number below zero is none.
fn cell(text: &str) -> String {
    let number =
        text.strip_prefix('-').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()));
    let text = match text.starts_with(FORMULA) && !number {
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
            ("-1", "-1"),
            ("-1+cmd", "'-1+cmd"),
            ("-", "'-"),
            ("＝1", "'＝1"),
            ("\n=1", "\"'\n=1\""),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("", ""),
        ] {
            assert_eq!(cell(text), written);
        }
    }
}
