//! Tables in text, as spreadsheets and address books write them: in any of the usual alphabets, with any of the usual signs
//! between two columns.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::error::{Error, Result};

/// What may stand between two columns.
const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];

/// Lines looked at to tell which separator a table has.
const LOOKED_AT: usize = 20;

/// How much of a table is read; one that is larger is refused, before it takes memory.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Rows with something in them.
    pub rows: usize,
    /// Columns of a row.
    pub columns: usize,
}

/// A row with something in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line it begins on, counted from 1.
    pub number: usize,
    /// What stands in it, from the left.
    pub cells: Vec<String>,
}

impl Row {
    /// What stands in a column, counted from 0; nothing beyond the last one.
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    /// Whether an address stands somewhere in it.
    pub fn has_address(&self) -> bool {
        self.cells.iter().any(|cell| cell.contains('@'))
    }

    fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }
}

/// The rows of a table that have something in them.
///
/// # Errors
/// It is no text, or has more rows or columns than `limits` let through.
pub fn read(bytes: &[u8], limits: Limits) -> Result<Vec<Row>> {
    let text = decode(bytes)?;
    // Old programs end lines with a return alone.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let (named, text) = named_separator(&text);
    let separator = named.unwrap_or_else(|| separator(text));
    // A quote that is never closed would take in the rest of the file: then no cell goes over several lines.
    let first = if named.is_some() { 2 } else { 1 };
    match split(text, first, separator, true, limits)? {
        Some(rows) => Ok(rows),
        None => Ok(split(text, first, separator, false, limits)?.unwrap_or_default()),
    }
}

/// The text of a file, whatever program wrote it.
fn decode(bytes: &[u8]) -> Result<Cow<'_, str>> {
    let encoding = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None => wide(bytes).unwrap_or_else(|| match std::str::from_utf8(bytes) {
            Ok(_) => UTF_8,
            // Spreadsheets of Western Europe and America.
            Err(_) => WINDOWS_1252,
        }),
    };
    let (text, _) = encoding.decode_with_bom_removal(bytes);
    if text.contains('\0') || bytes.starts_with(b"PK\x03\x04") {
        return Err(Error::invalid(say!("This file is no text. Save the table as CSV, then choose that file.")));
    }
    Ok(text)
}

/// UTF-16 without a mark at its beginning: every other byte of European text is zero.
fn wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let looked_at = &bytes[..bytes.len().min(512)];
    if looked_at.len() < 4 || !bytes.len().is_multiple_of(2) {
        return None;
    }
    let zeros = |from: usize| looked_at.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, most) = (zeros(0), zeros(1), looked_at.len() / 2);
    match (even, odd) {
        (0, odd) if odd * 10 >= most * 7 => Some(UTF_16LE),
        (even, 0) if even * 10 >= most * 7 => Some(UTF_16BE),
        _ => None,
    }
}

/// Spreadsheets may say on the first line what they separate columns with: `sep=;`.
fn named_separator(text: &str) -> (Option<char>, &str) {
    let Some((first, rest)) = text.split_once('\n') else { return (None, text) };
    match first.trim_matches(['"', ' ']).strip_prefix("sep=").map(|sign| sign.chars().collect::<Vec<_>>()).as_deref() {
        Some([sign]) => (Some(*sign), rest),
        _ => (None, text),
    }
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

/// Takes the rows down, and refuses what is too much of them.
struct Rows {
    rows: Vec<Row>,
    row: Row,
    limits: Limits,
}

impl Rows {
    fn cell(&mut self, cell: String) -> Result<()> {
        if self.row.cells.len() == self.limits.columns {
            let most = self.limits.columns;
            return Err(Error::invalid(say!(
                "Line {number} has more than {most} columns. Keep only those with addresses, names and teams, then try again.",
                number = self.row.number,
                most
            )));
        }
        self.row.cells.push(cell);
        Ok(())
    }

    fn end(&mut self, next: usize) -> Result<()> {
        let row = std::mem::replace(&mut self.row, Row { number: next, cells: Vec::new() });
        if row.is_blank() {
            return Ok(());
        }
        if self.rows.len() == self.limits.rows {
            return Err(Error::invalid(say!(
                "This table has more than {rows} rows. Split it into smaller ones, then take them one after the other.",
                rows = self.limits.rows
            )));
        }
        self.rows.push(row);
        Ok(())
    }
}

/// The rows; none if a quote is open at the end.
fn split(text: &str, first: usize, separator: char, over_lines: bool, limits: Limits) -> Result<Option<Vec<Row>>> {
    let mut rows = Rows { rows: Vec::new(), row: Row { number: first, cells: Vec::new() }, limits };
    let (mut number, mut cell, mut quoted) = (first, String::new(), false);
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '"' if quoted && signs.peek() == Some(&'"') => {
                signs.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.trim().is_empty() => {
                cell.clear();
                quoted = true;
            }
            '\n' if !quoted || !over_lines => {
                number += 1;
                quoted = false;
                rows.cell(std::mem::take(&mut cell))?;
                rows.end(number)?;
            }
            sign if sign == separator && !quoted => rows.cell(std::mem::take(&mut cell))?,
            sign => {
                number += usize::from(sign == '\n');
                cell.push(sign);
            }
        }
    }
    if quoted && over_lines {
        return Ok(None);
    }
    rows.cell(cell)?;
    rows.end(number + 1)?;
    Ok(Some(rows.rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { rows: 100, columns: 10 };

    fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
        read(bytes, LIMITS).unwrap().into_iter().map(|row| row.cells).collect()
    }

    #[test]
    fn every_usual_alphabet_is_read() {
        let text = "Name;Mail\nJörg Weiß;jo@x.test";
        let expected = [vec!["Name", "Mail"], vec!["Jörg Weiß", "jo@x.test"]];
        let little = || text.encode_utf16().flat_map(u16::to_le_bytes);
        let big = || text.encode_utf16().flat_map(u16::to_be_bytes);
        for (what, bytes) in [
            ("UTF-8", text.as_bytes().to_vec()),
            ("with a mark", format!("\u{feff}{text}").into_bytes()),
            ("UTF-16", [0xff, 0xfe].into_iter().chain(little()).collect()),
            ("the other way round", [0xfe, 0xff].into_iter().chain(big()).collect()),
            ("UTF-16 without a mark", little().collect()),
            ("the other way round without a mark", big().collect()),
            ("Windows", b"Name;Mail\nJ\xf6rg Wei\xdf;jo@x.test".to_vec()),
        ] {
            assert_eq!(cells(&bytes), expected, "{what}");
        }
        // Signs that Latin-1 has no letters for, and Windows has.
        assert_eq!(cells(b"\x93Kim\x94;\x80;M\xfcller"), [["“Kim”", "€", "Müller"]]);
        for other in [b"PK\x03\x04\x14\x00x@y".as_slice(), b"\x00\x01@x"] {
            assert!(read(other, LIMITS).unwrap_err().to_string().contains("is no text"), "{other:?}");
        }
    }

    #[test]
    fn the_separator_is_found_by_looking_or_said() {
        for (table, row) in [
            ("a,b\n1,2", vec!["1", "2"]),
            ("a;b\n1,5;2", vec!["1,5", "2"]),
            ("a\tb, c\n1\t2", vec!["1", "2"]),
            ("a|b\n1|2", vec!["1", "2"]),
            ("\"a;x\",b\n\"1;y\",2", vec!["1;y", "2"]),
            ("sep=;\na,x;b\n1,y;2", vec!["1,y", "2"]),
            ("sep=:\na:b\n1:2", vec!["1", "2"]),
        ] {
            assert_eq!(cells(table.as_bytes())[1], row, "{table}");
        }
        assert_eq!(read(b"sep=;\na;b\n1;2", LIMITS).unwrap()[1].number, 3);
    }

    #[test]
    fn quoted_cells_hold_anything_and_rows_know_their_line() {
        let rows = read(b"a,b\r\n\r\n\"two\r\nlines, and \"\"more\"\"\",x\r\n,\r\nlast,y", LIMITS).unwrap();
        assert_eq!(rows[1], Row { number: 3, cells: vec!["two\nlines, and \"more\"".to_owned(), "x".to_owned()] });
        assert_eq!((rows[2].number, rows.len()), (6, 3));
        let open = read(b"\"Kim,x\nkim@x.test,y", LIMITS).unwrap();
        assert_eq!(open[1].cells, ["kim@x.test", "y"], "a quote left open takes in no more than its line");
        assert_eq!((rows[0].cell(1), rows[0].cell(7)), ("b", ""));
    }

    #[test]
    fn a_table_that_is_too_large_is_refused_before_it_takes_memory() {
        let wrong = |bytes: &[u8]| read(bytes, LIMITS).unwrap_err().to_string();
        assert!(wrong(&[b','; 4 << 20]).contains("Line 1 has more than 10 columns"));
        assert!(wrong("x\n".repeat(101).as_bytes()).contains("more than 100 rows"));
        assert_eq!(cells("\n".repeat(1 << 20).as_bytes()), Vec::<Vec<String>>::new());
        assert_eq!(cells(b""), Vec::<Vec<String>>::new());
    }
}
