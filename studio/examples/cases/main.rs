//! Makes difficult photos out of an easy one, headshots out of all of them, and sheets to look at: one row a case, the made photo
//! first. `cargo run --release -p headroom-studio --example cases -- tests/pictures/astronaut.jpg OUT [NAME…]`
#![expect(clippy::print_stdout, reason = "a command speaks")]

mod made;

use std::{error::Error, time::Instant};

use headroom_studio::{Backdrop, Behind, Look, Studio, Thresholds};
use image::{Rgb, RgbImage, imageops, imageops::FilterType};

/// Rows of a sheet, and the size of a picture on it.
const ROWS: usize = 8;
const CELL: (u32, u32) = (224, 280);

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let photo = image::open(arguments.next().ok_or("a photo is missing")?)?.into_rgb8();
    let out = arguments.next().ok_or("a folder for the sheets is missing")?;
    std::fs::create_dir_all(&out)?;
    let wanted: Vec<String> = arguments.collect();
    let studio = Studio::open(Thresholds::default())?;
    let cases: Vec<(String, RgbImage)> = made::cases(&studio, &photo)?
        .into_iter()
        .filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|wanted| name.contains(wanted.as_str())))
        .collect();
    println!("{} cases", cases.len());
    for (number, rows) in cases.chunks(ROWS).enumerate() {
        let mut sheet = RgbImage::from_pixel(CELL.0 * 7, CELL.1 * rows.len() as u32, Rgb([120; 3]));
        for (row, (name, case)) in rows.iter().enumerate() {
            let begun = Instant::now();
            let top = i64::from(CELL.1) * row as i64;
            imageops::overlay(&mut sheet, &fitted(case), 0, top);
            let photo = made::read(case)?;
            let check = studio.check(&photo)?;
            match studio.cut_out(&photo) {
                Ok(cutout) => {
                    for (column, backdrop) in Backdrop::ALL.into_iter().enumerate() {
                        let shot = cutout.before(Behind::Drawn(backdrop), Look::default())?;
                        let picture = RgbImage::from_raw(shot.width as u32, shot.height as u32, shot.rgb);
                        let picture = fitted(&picture.ok_or("a headshot without its pixels")?);
                        imageops::overlay(&mut sheet, &picture, i64::from(CELL.0) * (column as i64 + 1), top);
                    }
                }
                Err(error) => println!("  {name}: {error}"),
            }
            println!(
                "sheet {number} row {row} {name}: {:?} {:?} {:?}",
                check.verdict(),
                check.findings,
                begun.elapsed()
            );
        }
        sheet.save(format!("{out}/sheet-{number}.jpg"))?;
    }
    Ok(())
}

/// As large as a cell of the sheet allows.
fn fitted(picture: &RgbImage) -> RgbImage {
    let factor = (CELL.0 as f32 / picture.width() as f32).min(CELL.1 as f32 / picture.height() as f32);
    let side = |length: u32| ((length as f32 * factor) as u32).max(1);
    imageops::resize(picture, side(picture.width()), side(picture.height()), FilterType::CatmullRom)
}
