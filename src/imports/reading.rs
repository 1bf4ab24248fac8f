//! A table as it comes: a file or something pasted.

use super::columns::{self, Column};
use crate::{
    error::{Error, Result},
    invites,
    tables::{self, Limits, Row},
};

/// Most rows of one table, with the one of headings.
pub const MOST_ROWS: usize = 20_000;

/// Far more columns than say anything of a person.
const MOST_COLUMNS: usize = 60;

/// Rows looked at to tell what the columns hold.
const LOOKED_AT: usize = 200;

/// A table that was read.
#[derive(Clone, Debug)]
pub struct Sheet {
    /// Its rows, the one of headings first.
    pub rows: Vec<Row>,
    /// Whether there is one of headings.
    pub headed: bool,
    /// What each column seems to hold.
    pub columns: Vec<Column>,
}

/// Reads a table, and guesses what its columns hold. A list of addresses, several on a line or not, is a table of one column.
///
/// # Errors
/// It is no text, too large, or holds no address.
pub fn read(bytes: &[u8]) -> Result<Sheet> {
    let mut rows = tables::read(bytes, Limits { rows: MOST_ROWS, columns: MOST_COLUMNS })?;
    if !rows.iter().any(Row::has_address) {
        return Err(Error::invalid(say!(
            "There is no e-mail address in this table. Choose one with the addresses in a column, or one on each line."
        )));
    }
    let headed = rows.first().is_some_and(|first| !first.has_address());
    if !headed && rows.iter().any(|row| row.cells.iter().flat_map(|cell| addresses(cell)).count() > 1) {
        rows = listed(rows)?;
    }
    let columns = match rows.first() {
        Some(first) if headed => {
            let columns = columns::by_headings(&first.cells);
            if columns.contains(&Column::Email) { columns } else { guessed(&rows[1..]) }
        }
        _ => guessed(&rows),
    };
    let widest = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let columns = columns.into_iter().chain(std::iter::repeat(Column::Other)).take(widest).collect();
    Ok(Sheet { rows, headed, columns })
}

fn guessed(rows: &[Row]) -> Vec<Column> {
    let cells: Vec<&[String]> = rows.iter().take(LOOKED_AT).map(|row| row.cells.as_slice()).collect();
    columns::by_contents(&cells)
}

/// What looks like an address in a cell.
pub(super) fn addresses(cell: &str) -> impl Iterator<Item = String> {
    let cell = cell.replace('"', "'");
    let pieces: Vec<String> = cell.lines().flat_map(invites::addresses_of).collect();
    pieces.into_iter().filter(|piece| piece.contains('@'))
}

/// The addresses of a list, a row each.
fn listed(rows: Vec<Row>) -> Result<Vec<Row>> {
    let mut each = Vec::new();
    for row in rows {
        let found: Vec<String> = row.cells.iter().flat_map(|cell| addresses(cell)).collect();
        match found.is_empty() {
            // What stands in place of an address can be corrected.
            true => each.push(Row { number: row.number, cells: vec![row.cells.join(" ")] }),
            false => each.extend(found.into_iter().map(|one| Row { number: row.number, cells: vec![one] })),
        }
        if each.len() > MOST_ROWS {
            return Err(Error::invalid(say!(
                "This list has more than {most} addresses. Split it into smaller ones, then take them one after the other.",
                most = MOST_ROWS
            )));
        }
    }
    Ok(each)
}

#[cfg(test)]
mod tests {
    use super::{Column::*, *};

    fn of(text: &str) -> (bool, Vec<Column>, usize) {
        let sheet = read(text.as_bytes()).unwrap();
        (sheet.headed, sheet.columns, sheet.rows.len())
    }

    #[test]
    fn tables_and_lists_are_told_apart() {
        assert_eq!(of("Name,Mail,Phone\nKim,kim@x.test,1\nSam,sam@x.test,2"), (true, vec![Name, Email, Other], 3));
        assert_eq!(of("Kim;kim@x.test\nSam;sam@x.test"), (false, vec![Name, Email], 2));
        assert_eq!(of("kim@x.test\nsam@x.test"), (false, vec![Email], 2));
        assert_eq!(of("kim@x.test, sam@x.test; ann@x.test\nlee@x.test\nnobody"), (false, vec![Email], 5));
        assert_eq!(of("Who,Where\nKim,kim@x.test"), (true, vec![Name, Email], 2), "by what stands below");
        assert_eq!(of("Mail\nkim@x.test,beyond"), (true, vec![Email, Other], 2), "a row longer than its headings");
    }

    #[test]
    fn what_is_too_much_or_no_table_is_refused() {
        let wrong = |text: &str| read(text.as_bytes()).unwrap_err().to_string();
        assert!(wrong("Name,Mail\nKim,").contains("no e-mail address"));
        assert!(wrong(&format!("Mail\n{}", "kim@x.test\n".repeat(20_000))).contains("more than 20,000 rows"));
        assert!(wrong(&"a@x.test b@x.test\n".repeat(10_001)).contains("more than 20,000 addresses"));
    }
}
