//! Files that mean harm: each is refused in words or decoded to a picture of bounded size, in bounded memory and time, whether it
//! comes as a photo, as a logo or as a cut-out.
//!
//! What one takes is measured in a process of its own that may have little more memory than the largest honest photo needs;
//! where it asks for more it dies, and the test with it.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test that can't go on panics")]

use std::{
    fs,
    process::Command,
    time::{Duration, Instant},
};

use headroom_pictures::{
    Error, MASTER_SIDE, Size, clean_cutout, decode, decode_transparent, encode_cutout, encode_jpeg, measure,
};
use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

const ASTRONAUT: &[u8] = include_bytes!("../../tests/pictures/astronaut.jpg");
const P3: &[u8] = include_bytes!("../../tests/pictures/p3.heic");
const TILES: &[u8] = include_bytes!("../../tests/pictures/tiles.heic");

/// What the process may take in all, in KB.
const MEMORY: u64 = 1_400_000;
const PATIENCE: Duration = Duration::from_secs(60);

/// How a file may end.
enum End {
    /// In words that begin so, having taken at most so many megabytes.
    Refused(&'static str, u64),
    /// In a picture, or in words; in at most so many megabytes.
    Either(u64),
}
use End::{Either, Refused};

const DAMAGED: &str = "This photo is damaged";
const NO_PHOTO: &str = "This file is not a photo we can read.";
const TOO_LARGE: &str = "This photo is too large";

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
    })
}

fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let named = [kind, content].concat();
    [&u32::try_from(content.len()).unwrap().to_be_bytes()[..], &named, &crc32(&named).to_be_bytes()].concat()
}

fn png(width: u32, height: u32, depth: u8, color: u8, rest: &[u8]) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[depth, color, 0, 0, 0]].concat();
    [b"\x89PNG\r\n\x1a\n", &chunk(b"IHDR", &header)[..], rest].concat()
}

/// A PNG of one colour: very many pixels in very few bytes.
fn zip_bomb(side: u32) -> Vec<u8> {
    let mut file = Vec::new();
    PngEncoder::new(&mut file)
        .write_image(&vec![0; (side * side) as usize], side, side, ExtendedColorType::L8)
        .unwrap();
    file
}

/// The honest JPEG with another size in its frame header.
fn jpeg_of(width: u16, height: u16) -> Vec<u8> {
    let mut file = ASTRONAUT.to_vec();
    let frame = file.windows(2).position(|pair| pair == [0xff, 0xc0] || pair == [0xff, 0xc2]).unwrap();
    file[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    file[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    file
}

fn webp(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = |count: usize| u32::try_from(count).unwrap().to_le_bytes();
    let body = [b"WEBP", &kind[..], &length(content.len()), content].concat();
    [b"RIFF", &length(body.len())[..], &body].concat()
}

fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&u32::try_from(content.len() + 8).unwrap().to_be_bytes()[..], kind, content].concat()
}

/// A HEIC of these boxes in its header.
fn heic(parts: &[Vec<u8>]) -> Vec<u8> {
    let handler = boxed(b"hdlr", b"\0\0\0\0\0\0\0\0pict\0\0\0\0\0\0\0\0\0\0\0\0\0");
    let primary = boxed(b"pitm", b"\0\0\0\0\0\x01");
    let meta = [b"\0\0\0\0".to_vec(), handler, primary, parts.concat()].concat();
    [boxed(b"ftyp", b"heic\0\0\0\0mif1heic"), boxed(b"meta", &meta)].concat()
}

fn item(id: u16, kind: &[u8; 4]) -> Vec<u8> {
    boxed(b"infe", &[b"\x02\0\0\0", &id.to_be_bytes()[..], b"\0\0", kind, b"\0"].concat())
}

fn items(list: &[Vec<u8>]) -> Vec<u8> {
    let count = u16::try_from(list.len()).unwrap_or(u16::MAX);
    boxed(b"iinf", &[b"\0\0\0\0", &count.to_be_bytes()[..], &list.concat()].concat())
}

/// Every item in 65,535 pieces that are described in no bytes.
fn pieces_of_nothing(count: u16) -> Vec<u8> {
    let mut content = b"\0\0\0\0\0\0".to_vec();
    content.extend(count.to_be_bytes());
    for id in 0..count {
        content.extend([&id.to_be_bytes()[..], &[0, 0, 0xff, 0xff]].concat());
    }
    boxed(b"iloc", &content)
}

/// The file with the first `from` in it as `to`.
fn changed(file: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = file.windows(from.len()).position(|part| part == from).unwrap();
    [&file[..at], to, &file[at + from.len()..]].concat()
}

fn nested(depth: usize) -> Vec<u8> {
    (0..depth).fold(Vec::new(), |inner, _| boxed(b"meta", &[b"\0\0\0\0", &inner[..]].concat()))
}

fn files() -> Vec<(&'static str, Vec<u8>, End)> {
    let small = 64;
    let many: Vec<Vec<u8>> = (0..9_000).map(|id| item(id, b"hvc1")).collect();
    let few: Vec<Vec<u8>> = (0..100).map(|id| item(id, b"hvc1")).collect();
    let ispe = |width: u32, height: u32| [b"ispe\0\0\0\0", &width.to_be_bytes()[..], &height.to_be_bytes()].concat();
    let junk = vec![0x5a; 100_000];
    let html = b"<!doctype html><script>alert(1)</script>";
    let commented = [&ASTRONAUT[..2], b"\xff\xfe\x00\x2a", html, &ASTRONAUT[2..]].concat();
    // With opacity: whatever is hidden in it is read as a cut-out's, too.
    let honest = decode(ASTRONAUT).unwrap();
    let seen: Vec<u8> = honest.rgb().chunks_exact(3).flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 200]).collect();
    let honest_png = encode_cutout(honest.size(), &seen).unwrap();
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><script>alert(1)</script></svg>";
    let profile_bomb = chunk(b"iCCP", &[b"x\0\0", &zip_bomb(8_000)[41..]].concat());
    let text = chunk(b"zTXt", &[b"x\0\0", &zip_bomb(8_000)[41..]].concat());
    let picture = &honest_png[33..];
    vec![
        // Sizes that are only said.
        ("PNG of 3.6 gigapixels", png(60_000, 60_000, 8, 2, &chunk(b"IDAT", &junk)), Refused(TOO_LARGE, small)),
        ("PNG of the largest number", png(u32::MAX >> 1, u32::MAX >> 1, 16, 6, &[]), Refused(DAMAGED, small)),
        (
            "PNG of 80 megapixels at 64 bits",
            png(10_000, 8_000, 16, 6, &chunk(b"IDAT", b"")),
            Refused("This photo takes", small),
        ),
        (
            "PNG of 79 megapixels with nothing in it",
            png(8_888, 8_888, 8, 0, &chunk(b"IDAT", b"")),
            Refused(DAMAGED, 400),
        ),
        ("JPEG of 4.3 gigapixels", jpeg_of(65_535, 65_535), Refused(TOO_LARGE, small)),
        ("JPEG of 79 megapixels with the data of one", jpeg_of(8_888, 8_888), Either(900)),
        ("JPEG without height", jpeg_of(512, 0), Either(small)),
        ("WebP of 268 megapixels", webp(b"VP8L", b"\x2f\xff\xff\xff\x0f\0\0\0\0"), Refused("This photo is", small)),
        (
            "WebP of a canvas of a terapixel",
            webp(b"VP8X", b"\x10\0\0\0\xff\xff\xff\xff\xff\xff"),
            Refused("This photo is", small),
        ),
        ("WebP cut off", webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a\x00\x10\x00\x10"), Refused(DAMAGED, 200)),
        (
            "HEIC of 18 exapixels",
            changed(P3, &ispe(512, 512), &ispe(u32::MAX, u32::MAX)),
            Refused("This photo is", small),
        ),
        (
            "HEIC tiles said to be larger",
            changed(TILES, &ispe(128, 128), &ispe(16_000, 2_000)),
            Refused(DAMAGED, small),
        ),
        (
            "HEIC grid of 65,536 tiles",
            changed(TILES, &[0, 0, 3, 3, 1, 244, 1, 144], &[0, 0, 255, 255, 1, 244, 1, 144]),
            Refused(DAMAGED, small),
        ),
        // Little that becomes much.
        ("PNG of 81 megapixels of nothing", zip_bomb(9_000), Refused(TOO_LARGE, small)),
        ("PNG of 64 megapixels of nothing", zip_bomb(8_000), Either(500)),
        ("PNG with a colour profile of 64 MB", [&honest_png[..33], &profile_bomb, picture].concat(), Either(120)),
        ("PNG with a text of 64 MB", [&honest_png[..33], &text, picture].concat(), Either(120)),
        (
            "PNG with more data than it has pixels",
            png(300, 300, 8, 0, &[chunk(b"IDAT", &zip_bomb(8_000)[41..]), chunk(b"IEND", b"")].concat()),
            Either(120),
        ),
        (
            "cut-out with more data than it has pixels",
            png(300, 300, 8, 6, &[chunk(b"IDAT", &zip_bomb(8_000)[41..]), chunk(b"IEND", b"")].concat()),
            Either(120),
        ),
        (
            "cut-out of the largest size at 64 bits with nothing in it",
            png(MASTER_SIDE, MASTER_SIDE, 16, 6, &chunk(b"IDAT", b"")),
            Refused(DAMAGED, 120),
        ),
        ("HEIC with pieces of nothing", heic(&[items(&few), pieces_of_nothing(40_000)]), Refused(DAMAGED, small)),
        ("HEIC with 9,000 items", heic(&[items(&many)]), Refused(DAMAGED, small)),
        ("HEIC with a header of 8 MB", heic(&[boxed(b"free", &vec![0; 8_000_000])]), Refused(DAMAGED, small)),
        (
            "HEIC with a million boxes",
            [heic(&[]), boxed(b"free", b"").repeat(1_000_000)].concat(),
            Refused(DAMAGED, small),
        ),
        (
            "HEIC with a million boxes in its header",
            heic(&[boxed(b"free", b"").repeat(1_000_000)]),
            Refused(DAMAGED, 200),
        ),
        (
            "HEIC that is derived from itself",
            heic(&[items(&[item(1, b"grid")]), boxed(b"iref", b"\0\0\0\0\0\0\0\x0edimg\0\x01\0\x01\0\x01")]),
            Refused(DAMAGED, small),
        ),
        (
            "HEIC in boxes 1,000 deep",
            [boxed(b"ftyp", b"heic\0\0\0\0"), nested(1_000)].concat(),
            Refused(DAMAGED, small),
        ),
        // More than one thing at once, or another than it says.
        ("JPEG and a page", [ASTRONAUT, html].concat(), Either(small)),
        ("JPEG with a page for a comment", commented, Either(small)),
        ("JPEG and an archive", [ASTRONAUT, b"PK\x03\x04", &junk, b"PK\x05\x06"].concat(), Either(small)),
        ("a page that begins like a JPEG", [b"\xff\xd8\xff\xe0", &html[..]].concat(), Refused(DAMAGED, small)),
        ("an archive and a JPEG", [b"PK\x03\x04", ASTRONAUT].concat(), Refused(NO_PHOTO, small)),
        ("SVG", svg.to_vec(), Refused(NO_PHOTO, small)),
        (
            "GIF",
            b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;".to_vec(),
            Refused(NO_PHOTO, small),
        ),
        ("PDF", b"%PDF-1.7\n".to_vec(), Refused(NO_PHOTO, small)),
        ("AVIF", [boxed(b"ftyp", b"avif\0\0\0\0mif1avif"), junk.clone()].concat(), Refused(NO_PHOTO, small)),
        ("a film", [boxed(b"ftyp", b"isom\0\0\0\0mp42"), junk.clone()].concat(), Refused(NO_PHOTO, small)),
        ("PNG with the data of a JPEG", [b"\x89PNG\r\n\x1a\n", ASTRONAUT].concat(), Refused(DAMAGED, small)),
        (
            "HEIC with the data of a JPEG",
            [boxed(b"ftyp", b"heic\0\0\0\0"), ASTRONAUT.to_vec()].concat(),
            Refused(DAMAGED, small),
        ),
        ("nothing", Vec::new(), Refused(NO_PHOTO, small)),
    ]
}

/// Megabytes that this process took at most since the last time.
fn most_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    let peak = line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1_024;
    fs::write("/proc/self/clear_refs", "5").unwrap();
    peak
}

#[test]
fn nothing_takes_more_than_its_share() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let program = std::env::current_exe().unwrap();
    let script = format!("ulimit -v {MEMORY}; exec \"$0\" --ignored --exact --nocapture each_is_refused_or_bounded");
    let output = Command::new("sh").arg("-c").arg(script).arg(program).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
}

/// Decodes a file as what it came as, and makes a file of our own of it.
type Reader = fn(&[u8]) -> Result<(Size, Vec<u8>), Error>;

const READERS: [(&str, Reader); 3] = [
    ("photo", |file| decode(file).and_then(|picture| Ok((picture.size(), encode_jpeg(&picture, 80)?)))),
    ("logo", |file| decode_transparent(file, 1_024).and_then(|picture| Ok((picture.size(), picture.png()?)))),
    ("cut-out", clean_cutout),
];

#[test]
#[ignore = "run by the test above, with a limit to its memory"]
fn each_is_refused_or_bounded() {
    let mut wrong = Vec::new();
    for (what, file, end) in files() {
        for (kind, read) in READERS {
            most_memory();
            let before = most_memory();
            let begun = Instant::now();
            let made = read(&file);
            let (took, peak) = (begun.elapsed(), most_memory().saturating_sub(before));
            let size = made.as_ref().map(|(size, _)| size);
            let said = format!("{what}, as a {kind}: {took:?}, {peak} MB, {size:?}");
            let ended_well = match (&made, &end) {
                (Err(Error::Broken(_)), _) | (Ok(_), Refused(..)) => false,
                // What is wrong with it as a photo needn't be said of anything else.
                (Err(error), Refused(words, _)) => kind != "photo" || error.to_string().starts_with(words),
                (Ok((size, out)), Either(_)) => {
                    size.width.max(size.height) <= MASTER_SIDE
                        && !out.windows(6).any(|part| part == b"script" || part == b"PK\x03\x04\x5a\x5a")
                }
                (Err(_), Either(_)) => true,
            };
            let (Refused(_, most) | Either(most)) = end;
            if !ended_well || peak > most || took > PATIENCE || measure(&file).is_err() && made.is_ok() {
                wrong.push(said);
            } else {
                println!("{said}");
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
