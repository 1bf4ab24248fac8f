//! Difficult photos, made out of an easy one.

use headroom_studio::{Photo, Studio};
use image::{Rgb, RgbImage, imageops, imageops::FilterType};

/// A picture as the studio takes it.
pub(crate) fn read(picture: &RgbImage) -> Result<Photo, headroom_studio::Error> {
    Photo::new(picture.width() as usize, picture.height() as usize, picture.as_raw().clone())
}

/// Every case by its name, the photo as it is first.
pub(crate) fn cases(studio: &Studio, photo: &RgbImage) -> Result<Vec<(String, RgbImage)>, headroom_studio::Error> {
    let large = imageops::resize(photo, photo.width() * 3, photo.height() * 3, FilterType::CatmullRom);
    let mut cases = vec![("as it is".to_owned(), photo.clone()), ("large".to_owned(), large.clone())];
    let mut add = |name: String, case: RgbImage| cases.push((name, case));

    for degrees in [-25.0, -15.0, -8.0, -4.0, 4.0, 8.0, 15.0, 25.0, 40.0] {
        add(format!("tilt {degrees}"), turned(&large, degrees));
    }
    add("on its side".to_owned(), imageops::rotate90(&large));
    add("on its other side".to_owned(), imageops::rotate270(&large));
    add("on its head".to_owned(), imageops::rotate180(&large));
    add("leaning on its side".to_owned(), imageops::rotate90(&turned(&large, 20.0)));
    for (name, gains) in [
        ("warm slight", [1.08, 1.0, 0.88]),
        ("warm", [1.18, 1.0, 0.72]),
        ("warm strong", [1.3, 0.95, 0.5]),
        ("cold slight", [0.92, 1.0, 1.1]),
        ("cold", [0.8, 0.98, 1.22]),
        ("cold strong", [0.62, 0.95, 1.35]),
        ("green", [0.9, 1.08, 0.88]),
        ("magenta", [1.08, 0.9, 1.06]),
    ] {
        add(format!("cast {name}"), changed(&large, |_, _, pixel| std::array::from_fn(|c| pixel[c] * gains[c])));
    }
    for stops in [-3.0_f32, -2.0, -1.3, -0.7, 0.5, 0.9, 1.3] {
        let gain = (stops / 2.2).exp2();
        add(format!("light {stops}"), changed(&large, |_, _, pixel| pixel.map(|value| value * gain)));
    }
    for (name, from, to) in
        [("left soft", 1.1, 0.6), ("left hard", 1.25, 0.25), ("right soft", 0.6, 1.1), ("right hard", 0.25, 1.25)]
    {
        let ramp = |x: f32| from + (to - from) * ((x - 0.3) / 0.3).clamp(0.0, 1.0);
        add(format!("side {name}"), changed(&large, |x, _, pixel| pixel.map(|value| value * ramp(x))));
    }
    let edge = |x: f32| if x < 0.445 { 1.1 } else { 0.35 };
    add("side split".to_owned(), changed(&large, |x, _, pixel| pixel.map(|value| value * edge(x))));
    add("dark and warm".to_owned(), changed(&large, |_, _, [r, g, b]| [r * 0.5, g * 0.42, b * 0.28]));
    add("dark and cold".to_owned(), changed(&large, |_, _, [r, g, b]| [r * 0.3, g * 0.38, b * 0.5]));
    add("pale".to_owned(), changed(&large, |_, _, pixel| pixel.map(|value| 0.35 + 0.5 * value)));
    add("harsh".to_owned(), changed(&large, |_, _, pixel| pixel.map(|value| (value - 0.5) * 1.7 + 0.5)));
    add("grey".to_owned(), changed(&large, |_, _, [r, g, b]| [0.3 * r + 0.6 * g + 0.1 * b; 3]));

    for sigma in [1.0, 2.5, 5.0, 12.0] {
        add(format!("blur {sigma}"), imageops::blur(&large, sigma));
    }
    for side in [96, 160, 256, 384, 768] {
        add(format!("small {side}"), imageops::resize(&large, side, side, FilterType::Triangle));
    }
    let mut noise = Noise(1);
    for amount in [0.04, 0.1, 0.2] {
        add(format!("noise {amount}"), noise.over(photo, amount));
    }

    // Parts of the photo: left, top, width, height as shares.
    for (name, [left, top, width, height]) in [
        ("face only", [0.30, 0.08, 0.30, 0.36]),
        ("head only", [0.24, 0.0, 0.44, 0.48]),
        ("crown cut", [0.15, 0.12, 0.7, 0.8]),
        ("forehead cut", [0.15, 0.2, 0.7, 0.75]),
        ("chin", [0.1, 0.0, 0.75, 0.375]),
        ("half a face", [0.42, 0.0, 0.58, 0.9]),
        ("at the left", [0.24, 0.0, 0.7, 0.9]),
        ("at the right", [0.0, 0.0, 0.62, 0.9]),
        ("shoulders only just", [0.1, 0.0, 0.75, 0.6]),
        ("wide", [0.0, 0.0, 1.0, 0.62]),
        ("tall", [0.22, 0.0, 0.45, 1.0]),
    ] {
        let part = |share: f32, length: u32| (share * length as f32) as u32;
        let (w, h) = large.dimensions();
        let crop = imageops::crop_imm(&large, part(left, w), part(top, h), part(width, w), part(height, h));
        add(format!("crop {name}"), crop.to_image());
    }
    for (name, margin) in [("far", 0.6_f32), ("farther", 1.5)] {
        let side = (photo.width() as f32 * (1.0 + 2.0 * margin)) as u32;
        let mut canvas = RgbImage::from_fn(side, side, |x, y| wall(x, y, side));
        let at = i64::from((side - photo.width()) / 2);
        imageops::overlay(&mut canvas, photo, at, i64::from(side - photo.height()));
        add(format!("{name} away"), canvas);
    }

    add("masked".to_owned(), masked(&large));
    add("two people".to_owned(), twice(&large));

    let cutout = studio.cut_out(&read(&large)?)?;
    let (width, height, person) = (cutout.width(), cutout.height(), cutout.rgba());
    for (name, scene) in SCENES {
        let mut noise = Noise(7);
        let picture = RgbImage::from_fn(width as u32, height as u32, |x, y| {
            let at = (y as usize * width + x as usize) * 4;
            let alpha = f32::from(person[at + 3]) / 255.0;
            let behind = scene(x as f32 / width as f32, y as f32 / width as f32, &mut noise);
            Rgb(std::array::from_fn(|c| {
                (f32::from(person[at + c]) * alpha + behind[c] * 255.0 * (1.0 - alpha) + 0.5) as u8
            }))
        });
        cases.push((format!("before {name}"), picture));
    }
    Ok(cases)
}

type Scene = fn(f32, f32, &mut Noise) -> [f32; 3];

const SCENES: [(&str, Scene); 9] = [
    ("stripes", |x, _, _| if (x * 24.0) as i32 % 2 == 0 { [0.85, 0.84, 0.8] } else { [0.2, 0.25, 0.4] }),
    (
        "checks",
        |x, y, _| {
            if ((x * 12.0) as i32 + (y * 12.0) as i32) % 2 == 0 { [0.7, 0.2, 0.2] } else { [0.9, 0.9, 0.85] }
        },
    ),
    ("books", |x, y, _| {
        let spine = ((x * 37.0) as u32).wrapping_mul(2_654_435_761) ^ ((y * 4.0) as u32).wrapping_mul(40_503);
        if y * 4.0 % 1.0 > 0.92 {
            [0.3, 0.2, 0.12]
        } else {
            [0, 8, 16].map(|bit| (spine >> bit & 255) as f32 / 320.0 + 0.1)
        }
    }),
    ("leaves", |x, y, noise| {
        let light = ((x * 40.0).sin() * (y * 53.0).cos() * 0.5 + 0.5) * 0.7 + noise.next() * 0.3;
        [0.15 + 0.2 * light, 0.25 + 0.4 * light, 0.1 + 0.1 * light]
    }),
    ("hair colour", |x, y, _| [0.5 + 0.1 * (x * 9.0).sin(), 0.42 + 0.1 * (y * 7.0).sin(), 0.25]),
    ("skin colour", |_, y, _| [0.85 - 0.1 * y, 0.68 - 0.1 * y, 0.58 - 0.1 * y]),
    ("black", |_, _, _| [0.02; 3]),
    ("white", |_, _, _| [0.98; 3]),
    ("window", |x, y, _| {
        let frame = (x * 3.0 % 1.0) < 0.06 || (y * 3.0 % 1.0) < 0.06;
        if frame { [0.25, 0.23, 0.2] } else { [1.0, 1.0, 0.98] }
    }),
];

fn wall(x: u32, y: u32, side: u32) -> Rgb<u8> {
    let light = 150.0 + 50.0 * (1.0 - y as f32 / side as f32) + 10.0 * (x as f32 / side as f32);
    Rgb([light as u8, (light * 0.97) as u8, (light * 0.9) as u8])
}

fn changed(picture: &RgbImage, change: impl Fn(f32, f32, [f32; 3]) -> [f32; 3]) -> RgbImage {
    let (width, height) = picture.dimensions();
    RgbImage::from_fn(width, height, |x, y| {
        let pixel = picture.get_pixel(x, y).0.map(|value| f32::from(value) / 255.0);
        let changed = change(x as f32 / width as f32, y as f32 / height as f32, pixel);
        Rgb(changed.map(|value| (value.clamp(0.0, 1.0) * 255.0 + 0.5) as u8))
    })
}

/// Turned as a camera held askew would: corners show what lies at the edge.
fn turned(picture: &RgbImage, degrees: f32) -> RgbImage {
    let (width, height) = picture.dimensions();
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (middle_x, middle_y) = (width as f32 / 2.0, height as f32 / 2.0);
    RgbImage::from_fn(width, height, |x, y| {
        let (dx, dy) = (x as f32 - middle_x, y as f32 - middle_y);
        let place = |value: f32, length: u32| (value.max(0.0) as u32).min(length - 1);
        *picture.get_pixel(place(middle_x + cos * dx + sin * dy, width), place(middle_y - sin * dx + cos * dy, height))
    })
}

/// Where the face is on the photo, as parts of its width and height.
const FACE: Oval = Oval { x: 0.441, y: 0.248, across: 0.092, down: 0.122 };

struct Oval {
    x: f32,
    y: f32,
    across: f32,
    down: f32,
}

impl Oval {
    /// 0 in the middle, 1 on the line.
    fn far(&self, x: f32, y: f32) -> f32 {
        ((x - self.x) / self.across).hypot((y - self.y) / self.down)
    }
}

/// With a mask from the nose to below the chin.
fn masked(picture: &RgbImage) -> RgbImage {
    changed(picture, |x, y, pixel| {
        let on = FACE.far(x, y) < 1.12 && y > FACE.y + 0.01 + 0.02 * ((x - FACE.x) / FACE.across).powi(2);
        if on { [0.55, 0.68, 0.78].map(|value| value - 0.06 * (y * 240.0).sin().powi(8)) } else { pixel }
    })
}

/// Two people beside each other.
fn twice(picture: &RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    let one = imageops::crop_imm(picture, width / 5, 0, width / 2, height).to_image();
    let mut two = RgbImage::new(width / 2 * 2, height);
    imageops::overlay(&mut two, &one, 0, 0);
    imageops::overlay(&mut two, &imageops::flip_horizontal(&one), i64::from(width / 2), 0);
    two
}

/// Random numbers that are the same every time.
struct Noise(u32);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as f32 / 16_777_216.0
    }

    fn over(&mut self, picture: &RgbImage, amount: f32) -> RgbImage {
        RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
            Rgb(picture.get_pixel(x, y).0.map(|value| {
                let noise = (self.next() + self.next() - 1.0) * amount * 255.0;
                (f32::from(value) + noise).clamp(0.0, 255.0) as u8
            }))
        })
    }
}
