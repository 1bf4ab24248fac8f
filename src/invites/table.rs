//! Files of addresses, as spreadsheets and address books write them: tables with any columns, or plain lists.

use super::pasted::split_line;
use crate::{
    error::{Error, Result},
    tables::{self, Limits, Row},
};

/// Far more than can be invited at once: who is over that hears so in words of its own.
const LIMITS: Limits = Limits { rows: 100_000, columns: 1000 };

/// What a file holds, as if it had been pasted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The addresses, each on the line it has in the file, so that what is said of line 7 is true of the file too.
    pub text: String,
    /// Rows of people without an address.
    pub without: usize,
}

/// Finds the addresses in a file: in the column that is headed as one, or else wherever one stands in a row. What stands in
/// place of an address comes along, so that it can be corrected.
///
/// # Errors
/// It is no text, or there is no address in it.
pub fn read_file(bytes: &[u8]) -> Result<Table> {
    let rows = tables::read(bytes, LIMITS)?;
    if !rows.iter().any(Row::has_address) {
        return Err(Error::invalid(say!(
            "There is no e-mail address in this file. Choose one with the addresses in a column, or one on each line."
        )));
    }
    let likely = likeliest_column(&rows);
    let headed = rows.first().filter(|first| !first.has_address());
    let named = headed.and_then(|heading| column_headed(heading, &rows));
    let headed = headed.is_some_and(|heading| named.is_some() || is_heading(heading.cell(likely)));
    let (mut lines, mut without) = (Vec::new(), 0);
    for row in rows.iter().skip(usize::from(headed)) {
        let found = match named {
            Some(column) => in_cell(row.cell(column)),
            None if row.has_address() => row.cells.iter().flat_map(|cell| in_cell(cell)).filter(is_like_one).collect(),
            None => in_cell(row.cell(likely)),
        };
        if found.is_empty() {
            without += 1;
        } else {
            lines.resize(row.number - 1, String::new());
            lines.push(found.join(" "));
        }
    }
    Ok(Table { text: lines.join("\n"), without })
}

/// What a cell holds: its addresses or, if there are none, what stands there instead.
fn in_cell(cell: &str) -> Vec<String> {
    // A name in quotes is over before the address begins.
    let cell = cell.replace('"', "'");
    let pieces: Vec<String> = cell.lines().flat_map(split_line).collect();
    let like: Vec<String> = pieces.iter().filter(is_like_one).cloned().collect();
    if like.is_empty() { pieces } else { like }
}

fn is_like_one(piece: &impl AsRef<str>) -> bool {
    piece.as_ref().contains('@')
}

/// Whether the first cell of a column is its heading, and no address with a slip in it.
fn is_heading(cell: &str) -> bool {
    !cell.contains(|sign: char| sign == '.' || sign.is_ascii_digit())
}

/// The column of addresses by its heading; of several, the one that most rows have an address in.
fn column_headed(heading: &Row, rows: &[Row]) -> Option<usize> {
    let headed = heading.cells.iter().enumerate().filter(|(_, cell)| cell.to_lowercase().contains("mail"));
    // `max_by_key` takes the last of equals.
    headed.map(|(column, _)| column).rev().max_by_key(|column| filled(rows, *column))
}

fn likeliest_column(rows: &[Row]) -> usize {
    let widest = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    (0..widest).rev().max_by_key(|column| filled(rows, *column)).unwrap_or(0)
}

fn filled(rows: &[Row], column: usize) -> usize {
    rows.iter().filter(|row| row.cell(column).contains('@')).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        read_file(text.as_bytes()).unwrap().text
    }

    #[test]
    fn addresses_are_found_in_every_usual_form() {
        let expected = "kim@x.test\nsam@x.test";
        for (what, file) in [
            ("a list", "kim@x.test\nsam@x.test\n"),
            ("Windows", "kim@x.test\r\nsam@x.test\r\n"),
            ("an old Mac", "kim@x.test\rsam@x.test"),
            ("a mark at the beginning", "\u{feff}kim@x.test\nsam@x.test"),
            ("two columns", "Kim,kim@x.test\nSam,sam@x.test"),
            ("semicolons", "kim@x.test;Kim;12,5\nsam@x.test;Sam;3,25"),
            ("tabs", "Kim\tkim@x.test\tDesign\nSam\tsam@x.test\tSales"),
            ("bars", "Kim|kim@x.test\nSam|sam@x.test"),
            ("quotes", "\"Lee, Kim\",\"kim@x.test\"\n\"Roe \"\"Sam\"\" S\",\"sam@x.test\""),
            ("names beside", "Kim Lee <kim@x.test>\n\"Roe, Sam\" <sam@x.test>"),
            ("blanks", " Kim , kim@x.test \n Sam , sam@x.test "),
            ("rows of nothing at the end", "kim@x.test,,\nsam@x.test,,\n,,\n,,\n"),
        ] {
            assert_eq!(read(file), expected, "{what}");
        }
        let spread = read("kim@x.test, sam@x.test; ann@x.test\nlee@x.test");
        assert_eq!(spread, "kim@x.test sam@x.test ann@x.test\nlee@x.test");
    }

    #[test]
    fn a_heading_tells_the_column_and_each_address_keeps_its_line() {
        for heading in ["Name,E-mail,Team", "Name,EMAIL ADDRESS,Team", "\"Name\",\"Work e-Mail\",\"Team\""] {
            assert_eq!(
                read(&format!("{heading}\nKim,kim@x.test,@design\nSam,sam@x.test,")),
                "\nkim@x.test\nsam@x.test"
            );
        }
        // Of two columns of addresses, the one that is filled; of equals, the first.
        assert_eq!(
            read("Mail,Private mail\n,a@home.test\nk@x.test,b@home.test\n,c@home.test"),
            "\na@home.test\nb@home.test\nc@home.test"
        );
        assert_eq!(read("Work mail,Private mail\nk@x.test,b@home.test"), "\nk@x.test");
        // A heading without the word, and one after blank lines.
        assert_eq!(read("Who,Where\nKim,kim@x.test"), "\nkim@x.test");
        assert_eq!(read("\n\nName;Mail\nKim;kim@x.test\n\nSam;sam@x.test"), "\n\n\nkim@x.test\n\nsam@x.test");
        assert_eq!(read("Note,Mail\n\"two\nlines\",kim@x.test\nx,sam@x.test"), "\nkim@x.test\n\nsam@x.test");
    }

    #[test]
    fn what_stands_in_place_of_an_address_comes_along() {
        let table = read_file(b"Name,Mail\nKim,kim.x.test\nSam,\nAnn,ann@x\nLee,lee@x.test").unwrap();
        assert_eq!(table, Table { text: "\nkim.x.test\n\nann@x\nlee@x.test".to_owned(), without: 1 });
        let bare = read_file(b"Kim,kim@x.test\nSam,nothing\nAnn,ann@x.test").unwrap();
        assert_eq!(read("kim.x.test\nsam@x.test"), "kim.x.test\nsam@x.test");
        assert_eq!(bare, Table { text: "kim@x.test\nnothing\nann@x.test".to_owned(), without: 0 });
    }

    #[test]
    fn a_quote_left_open_takes_in_no_more_than_its_line() {
        assert_eq!(read("\"Kim,x\nkim@x.test,y\nsam@x.test,z"), "\nkim@x.test\nsam@x.test");
    }

    #[test]
    fn files_of_other_alphabets_are_read_and_other_files_are_refused() {
        let wide = |read: fn(u16) -> [u8; 2], mark: [u8; 2]| {
            let units = "Jörg\tjo@x.test".encode_utf16().flat_map(read);
            mark.into_iter().chain(units).collect::<Vec<u8>>()
        };
        assert_eq!(read_file(&wide(u16::to_le_bytes, [0xff, 0xfe])).unwrap().text, "jo@x.test");
        assert_eq!(read_file(&wide(u16::to_be_bytes, [0xfe, 0xff])).unwrap().text, "jo@x.test");
        assert_eq!(read_file(b"J\xf6rg;jo@x.test").unwrap().text, "jo@x.test");
        for other in [b"PK\x03\x04\x14\x00x@y".as_slice(), b"\x00\x01@", b"Name,Mail\nKim,", b""] {
            assert!(read_file(other).is_err(), "{other:?}");
        }
    }
}
