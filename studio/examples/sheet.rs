//! Makes headshots of photos: `cargo run --release --example sheet -- OUT PHOTO…`
#![expect(clippy::print_stdout, reason = "a command speaks")]

use std::{error::Error, path::Path, time::Instant};

use headroom_studio::{Backdrop, Behind, Look, Photo, Studio, Thresholds};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let out = arguments.next().ok_or("a folder for the headshots is missing")?;
    let begun = Instant::now();
    let studio = Studio::open(Thresholds::default())?;
    println!("nets {:?}", begun.elapsed());
    for path in arguments {
        let decoded = image::open(&path)?.into_rgb8();
        let photo = Photo::new(decoded.width() as usize, decoded.height() as usize, decoded.into_raw())?;
        let begun = Instant::now();
        let check = studio.check(&photo)?;
        println!("{path}: {:?} {:?} {:.2} in {:?}", check.verdict(), check.findings, check.score, begun.elapsed());
        let begun = Instant::now();
        let cutout = studio.cut_out(&photo)?;
        println!("  cut out in {:?}", begun.elapsed());
        let name = Path::new(&path).file_stem().and_then(|name| name.to_str()).unwrap_or("photo");
        for backdrop in Backdrop::ALL {
            let begun = Instant::now();
            let headshot = cutout.before(Behind::Drawn(backdrop), Look::default())?;
            println!("  {backdrop:?} in {:?}", begun.elapsed());
            let file = format!("{out}/{name}_{backdrop:?}.png").to_lowercase();
            image::save_buffer(
                file,
                &headshot.rgb,
                headshot.width as u32,
                headshot.height as u32,
                image::ColorType::Rgb8,
            )?;
        }
    }
    Ok(())
}
