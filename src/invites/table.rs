//! Files of addresses, as spreadsheets and address books write them: tables with any columns, or plain lists.

use std::borrow::Cow;

use super::pasted::split_line;
use crate::error::{Error, Result};

/// What may stand between two columns.
const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];

/// Lines looked at to tell which separator a table has.
const LOOKED_AT: usize = 20;

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
    let text = decode(bytes)?;
    let rows = rows(&text);
    if !rows.iter().any(|row| row.cells.iter().any(|cell| cell.contains('@'))) {
        return Err(Error::invalid(
            "There is no e-mail address in this file. Choose one with the addresses in a column, or one on each line.",
        ));
    }
    let first = rows.iter().position(|row| !row.is_blank());
    let likely = likeliest_column(&rows);
    let headed = first.filter(|at| !rows[*at].has_address());
    let named = headed.and_then(|at| column_headed(&rows[at], &rows));
    let headed = headed.filter(|at| named.is_some() || is_heading(rows[*at].cell(likely)));
    let (mut lines, mut without) = (Vec::new(), 0);
    for (nth, row) in rows.iter().enumerate() {
        if row.is_blank() || headed == Some(nth) {
            continue;
        }
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

struct Row {
    /// The line it begins on, counted from 1.
    number: usize,
    cells: Vec<String>,
}

impl Row {
    fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }

    fn has_address(&self) -> bool {
        self.cells.iter().any(|cell| cell.contains('@'))
    }

    fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}

/// What a cell holds: its addresses or, if there are none, what stands there instead.
fn in_cell(cell: &str) -> Vec<String> {
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

/// The text of a file, whatever program wrote it. Addresses are the same in all of these; names may suffer.
fn decode(bytes: &[u8]) -> Result<Cow<'_, str>> {
    let wide = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| read([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    let text: Cow<str> = match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes).into(),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes).into(),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest),
        // Spreadsheets of Western Europe.
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => bytes.iter().copied().map(char::from).collect::<String>().into(),
        },
    };
    if text.contains('\0') || bytes.starts_with(b"PK\x03\x04") {
        return Err(Error::invalid("This file is no text. Save the table as CSV, then choose that file."));
    }
    Ok(text)
}

fn rows(text: &str) -> Vec<Row> {
    // Old programs end lines with a return alone.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let separator = separator(&text);
    // A quote that is never closed would take in the rest of the file: then no cell goes over several lines.
    split(&text, separator, true).or_else(|| split(&text, separator, false)).unwrap_or_default()
}

/// The one that stands in as many lines as often as in the first.
fn separator(text: &str) -> char {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(LOOKED_AT).collect();
    let count = |line: &str, separator: char| {
        let mut quoted = false;
        line.chars()
            .filter(|sign| {
                quoted ^= *sign == '"';
                *sign == separator && !quoted
            })
            .count()
    };
    let alike = |separator: &char| {
        let wanted = lines.first().map_or(0, |line| count(line, *separator));
        let alike = lines.iter().filter(|line| count(line, *separator) == wanted).count();
        if wanted == 0 { (0, 0) } else { (alike, wanted) }
    };
    SEPARATORS.into_iter().rev().max_by_key(alike).unwrap_or(',')
}

/// The rows; none if a quote is open at the end.
fn split(text: &str, separator: char, over_lines: bool) -> Option<Vec<Row>> {
    let mut rows = Vec::new();
    let (mut number, mut row, mut cell) = (1, Row { number: 1, cells: Vec::new() }, String::new());
    let mut quoted = false;
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '"' if quoted && signs.peek() == Some(&'"') => {
                signs.next();
                cell.push('\'');
            }
            '"' if quoted => quoted = false,
            '"' if cell.trim().is_empty() => quoted = true,
            '\n' if !quoted || !over_lines => {
                number += 1;
                quoted = false;
                row.cells.push(std::mem::take(&mut cell));
                rows.push(std::mem::replace(&mut row, Row { number, cells: Vec::new() }));
            }
            sign if sign == separator && !quoted => row.cells.push(std::mem::take(&mut cell)),
            sign => {
                number += usize::from(sign == '\n');
                cell.push(sign);
            }
        }
    }
    row.cells.push(cell);
    rows.push(row);
    (!quoted || !over_lines).then_some(rows)
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
