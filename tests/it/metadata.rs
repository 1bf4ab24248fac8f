//! What a camera writes beside the pixels goes no further than the upload: not to disk, not to the database, not to anyone.

use std::{fs, path::Path};

use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder, codecs::webp::WebPEncoder};

use crate::{
    app::{TestApp, Wishes},
    studio::{files, portrait, submit, told, upload},
};

/// Stands in every block that a test adds, and in the made-up place and camera of the HEIC.
const WORD: &str = "Secret";
const XMP: &str = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><photoshop:City>Secretville</photoshop:City></x:xmpmeta>";

/// A TIFF block: the camera's name, and a place in degrees, minutes and seconds.
fn exif() -> Vec<u8> {
    let mut block = b"II*\0\x08\0\0\0\x02\0".to_vec();
    block.extend(b"\x10\x01\x02\0\x0c\0\0\0\x60\0\0\0"); // camera: 12 letters at 96
    block.extend(b"\x25\x88\x04\0\x01\0\0\0\x26\0\0\0"); // the place's own list, at 38
    block.extend(b"\0\0\0\0");
    block.extend(b"\x02\0\x01\0\x02\0\x02\0\0\0N\0\0\0\x02\0\x05\0\x03\0\0\0\x44\0\0\0\0\0\0\0"); // north, at 68
    for number in [51u32, 1, 30, 1] {
        block.extend(number.to_le_bytes());
    }
    block.resize(96, 0);
    block.extend(b"SecretCam 9\0");
    block
}

fn segment(marker: u8, content: &[&[u8]]) -> Vec<u8> {
    let content = content.concat();
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker][..], &length, &content].concat()
}

fn jpeg() -> Vec<u8> {
    let file = portrait(1);
    let blocks = [
        segment(0xe1, &[b"Exif\0\0", &exif()]),
        segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", XMP.as_bytes()]),
        segment(0xe2, &[b"ICC_PROFILE\0\x01\x01", &[0; 128], b"SecretProfile"]),
        segment(0xed, &[b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\x11\x1c\x02\x5a\0\x0cSecret Place"]),
        segment(0xfe, &[b"a SecretComment"]),
    ];
    [&file[..2], &blocks.concat(), &file[2..], b"Secret after the end"].concat()
}

fn pixels() -> (Vec<u8>, u32, u32) {
    let picture =
        image::load_from_memory(&portrait(1)).unwrap().resize(300, 300, image::imageops::FilterType::Triangle);
    (picture.to_rgb8().into_raw(), picture.width(), picture.height())
}

fn chunk(kind: &[u8; 4], content: &[&[u8]]) -> Vec<u8> {
    let named = [&kind[..], &content.concat()].concat();
    let mut sum = flate2::Crc::new();
    sum.update(&named);
    [&u32::try_from(named.len() - 4).unwrap().to_be_bytes()[..], &named, &sum.sum().to_be_bytes()].concat()
}

fn png() -> Vec<u8> {
    let (rgb, width, height) = pixels();
    let mut file = Vec::new();
    PngEncoder::new(&mut file).write_image(&rgb, width, height, ExtendedColorType::Rgb8).unwrap();
    let blocks = [
        chunk(b"eXIf", &[&exif()]),
        chunk(b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0", XMP.as_bytes()]),
        chunk(b"tEXt", &[b"Comment\0SecretComment"]),
        chunk(b"tIME", &[&[0x07, 0xe8, 5, 5, 12, 0, 0]]),
    ];
    [&file[..33], &blocks.concat(), &file[33..]].concat()
}

fn webp() -> Vec<u8> {
    let (rgb, width, height) = pixels();
    let mut file = Vec::new();
    let mut encoder = WebPEncoder::new_lossless(&mut file);
    encoder.set_exif_metadata(exif()).unwrap();
    encoder.set_icc_profile([&[0; 128][..], b"SecretProfile"].concat()).unwrap();
    encoder.write_image(&rgb, width, height, ExtendedColorType::Rgb8).unwrap();
    let length = u32::try_from(XMP.len()).unwrap().to_le_bytes();
    file.extend([b"XMP ", &length[..], XMP.as_bytes(), &vec![0; XMP.len() % 2]].concat());
    let whole = u32::try_from(file.len() - 8).unwrap().to_le_bytes();
    file[4..8].copy_from_slice(&whole);
    file
}

fn heic() -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures/p3.heic")).unwrap()
}

fn holds(file: &[u8], word: &[u8]) -> bool {
    file.windows(word.len()).any(|part| part == word)
}

/// The markers of a JPEG's segments, up to its pixels.
fn markers(file: &[u8]) -> Vec<u8> {
    let mut markers = Vec::new();
    let mut at = 2;
    while let Some(&[0xff, marker, high, low]) = file.get(at..at + 4) {
        markers.push(marker);
        if marker == 0xda {
            break;
        }
        at += 2 + usize::from(u16::from_be_bytes([high, low]));
    }
    markers
}

/// Nothing in it but what a picture needs: a header, tables, a frame, pixels.
#[track_caller]
fn only_pixels(file: &[u8], what: &str) {
    const NEEDED: [u8; 5] = [0xe0, 0xdb, 0xc0, 0xc4, 0xda];
    let markers = markers(file);
    assert!(markers.contains(&0xc0) && markers.iter().all(|marker| NEEDED.contains(marker)), "{what}: {markers:x?}");
    assert_eq!(file[file.len() - 2..], [0xff, 0xd9], "{what}: something follows its end");
    assert!(!holds(file, WORD.as_bytes()), "{what}");
}

#[tokio::test]
async fn nothing_that_a_camera_wrote_is_kept_or_served() {
    let directory = tempfile::tempdir().unwrap();
    let app = TestApp::start_with(Wishes { data: Some(directory.path().to_owned()), ..Wishes::default() }).await;
    let (kim, shoot) = app.member("kim@acme.test").await;
    app.submit(&kim, "/team-member/onboarding/you", &[("name", "Kim Lee"), ("gender", "person")]).await.redirects();
    for (name, file) in [("a.jpg", jpeg()), ("a.png", png()), ("a.webp", webp()), ("a.heic", heic())] {
        let words = file.windows(WORD.len()).filter(|part| *part == WORD.as_bytes()).count();
        assert!(words >= 2, "{name} has nothing to hide");
        let added = upload(&app, &kim, name, file).await.ok();
        let small = app.get(&kim, added["thumbnail"].as_str().unwrap()).await;
        only_pixels(&small.body, name);
    }
    let stored = files(&directory.path().join("photos"));
    assert_eq!(stored.len(), 8);
    for path in stored {
        only_pixels(&fs::read(&path).unwrap(), &path.display().to_string());
    }

    // Nor in what is made of them, nor in the database.
    let style = [("backdrop", "navy"), ("backdrop", "office")];
    app.submit(&kim, "/team-member/onboarding/style", &style).await.redirects();
    submit(&app, &kim).await.redirects();
    told(&app, &kim).await;
    let archive = app.get(&kim, &format!("/team-member/shoots/{shoot}/headshots.zip")).await;
    assert_eq!(archive.header("content-type"), Some("application/zip"));
    assert!(!holds(&archive.body, WORD.as_bytes()));
    app.stop().await;
    let left = files(directory.path());
    assert!(left.iter().any(|path| path.ends_with("headroom.db")) && left.len() > 20, "{left:?}");
    for path in left {
        let file = fs::read(&path).unwrap();
        assert!(!holds(&file, WORD.as_bytes()), "{}", path.display());
        if path.extension().is_some_and(|end| end == "jpg") {
            only_pixels(&file, &path.display().to_string());
        }
    }
}
