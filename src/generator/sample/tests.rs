use super::*;
#[test]
fn show() {
    let photo = images::decode(include_bytes!("../../../tests/pictures/astronaut.jpg")).unwrap();
    std::fs::create_dir_all("/tmp/show").unwrap();
    let small = images::Size { width: 320, height: 400 };
    let mut sheet = vec![0u8; 320 * 6 * 400 * 2 * 3];
    let start = std::time::Instant::now();
    for i in 0..12 {
        let p = portrait::make(&photo, Backdrop::ALL[i % 6], i).unwrap();
        let _ = images::encode_jpeg(&p, QUALITY).unwrap().len();
        let s = images::scale(&p, small).unwrap();
        for y in 0..400 {
            let at = (((i / 6) * 400 + y) * 1920 + (i % 6) * 320) * 3;
            sheet[at..at + 960].copy_from_slice(&s.rgb()[y * 960..][..960]);
        }
        if i == 4 {
            std::fs::write("/tmp/show/4.png", images::encode_png(&p).unwrap()).unwrap();
        }
        if i < 3 {
            eprintln!("{:?}", start.elapsed());
        }
    }
    eprintln!("{:?}", start.elapsed());
    let sheet = images::Picture::new(images::Size { width: 1920, height: 800 }, sheet).unwrap();
    std::fs::write("/tmp/show/sheet.png", images::encode_png(&sheet).unwrap()).unwrap();
}
