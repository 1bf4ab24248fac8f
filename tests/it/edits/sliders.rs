//! What a slider does is to be seen, in the preview and in what is saved, as far and in the direction it says.

use std::ops::RangeInclusive;

use super::*;

/// The figure that edits are measured by: an upright bar, in parts of the picture, of a green that is behind nobody.
const BAR: (RangeInclusive<f64>, RangeInclusive<f64>) = (0.375..=0.625, 0.2..=0.68);
const GREEN: Rgba<u8> = Rgba([60, 160, 70, 255]);

/// Where each slider starts from: close enough to be moved sideways, before what has no colour of its own.
const BEFORE: [(&str, &str); 2] = [("backdrop", "grey"), ("zoom", "150")];

/// The cut-out that is kept of a headshot becomes the figure.
async fn figure(app: &TestApp, of: &Headshot) {
    let part = |pixel: u32, side: u32| (f64::from(pixel) + 0.5) / f64::from(side);
    let pixel = |x, y| {
        let inside = BAR.0.contains(&part(x, SIZE.width)) && BAR.1.contains(&part(y, SIZE.height));
        if inside { GREEN } else { Rgba([0; 4]) }
    };
    let mut file = Cursor::new(Vec::new());
    let picture: DynamicImage = RgbaImage::from_fn(SIZE.width, SIZE.height, pixel).into();
    picture.write_to(&mut file, ImageFormat::Png).unwrap();
    let cutout = of.cutout.as_ref().expect("a cut-out");
    app.storage.put(Key::Cutout(cutout), file.into_inner().into()).await.unwrap();
}

/// What sliders change in a picture.
#[derive(Debug)]
struct Seen {
    /// How light it is, in 255ths.
    light: f64,
    /// How much more red there is than blue, in 255ths.
    warmth: f64,
    /// The part of it that the figure takes up.
    size: f64,
    /// The middle of the figure, in parts of width and height.
    x: f64,
    y: f64,
    /// How far the figure leans to the right, in degrees.
    lean: f64,
}

impl Seen {
    fn of(picture: &Picture) -> Self {
        let Size { width, height } = picture.size();
        let pixels = || picture.rgb().chunks_exact(3).map(|pixel| [pixel[0], pixel[1], pixel[2]].map(f64::from));
        let mean = |of: fn([f64; 3]) -> f64| pixels().map(of).sum::<f64>() / picture.size().area() as f64;
        let place = |at: usize| (f64::from(at as u32 % width) + 0.5, f64::from(at as u32 / width) + 0.5);
        let is_figure = |[red, green, blue]: [f64; 3]| green > red.max(blue) + 30.0;
        let figure: Vec<(f64, f64)> =
            pixels().enumerate().filter(|(_, pixel)| is_figure(*pixel)).map(|(at, _)| place(at)).collect();
        assert!(!figure.is_empty(), "nobody is to be seen");
        let middle =
            |of: &dyn Fn((f64, f64)) -> f64| figure.iter().map(|at| of(*at)).sum::<f64>() / figure.len() as f64;
        let (x, y) = (middle(&|(x, _)| x), middle(&|(_, y)| y));
        // The direction in which the figure is longest.
        let across = middle(&|at| (at.0 - x).powi(2));
        let down = middle(&|at| (at.1 - y).powi(2));
        let both = middle(&|at| (at.0 - x) * (at.1 - y));
        Self {
            light: mean(|[red, green, blue]| 0.299 * red + 0.587 * green + 0.114 * blue),
            warmth: mean(|[red, _, blue]| red - blue),
            size: figure.len() as f64 / picture.size().area() as f64,
            x: x / f64::from(width),
            y: y / f64::from(height),
            lean: (-2.0 * both).atan2(down - across).to_degrees() / 2.0,
        }
    }
}

/// How a headshot looks with these sliders: in the preview, and saved.
async fn looks(app: &TestApp, who: &Caller, of: &Headshot, wish: &[(&str, &str)]) -> [Seen; 2] {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(wish).finish();
    let preview = app.get(who, &format!("/team-member/edit/{}/preview.jpg?{query}", of.id)).await;
    assert_eq!(preview.status, 200, "{}", preview.text());
    let version = version_of(&edit(app, who, of, wish).await);
    [read(&preview.body), read(&portrait(app, &version).await)].map(|picture| Seen::of(&picture))
}

#[tokio::test]
async fn each_slider_changes_what_it_says() {
    let (app, _data) = started(Wishes::default()).await;
    let (who, _, made) = kim(&app).await;
    figure(&app, &made[0]).await;
    app.set("edits", "20").await;
    let before = looks(&app, &who, &made[0], &BEFORE).await;
    let about = |value: f64, by: f64| value - by..=value + by;
    // The slider and where it is put; what changes in the picture, and by how much.
    type Measure = fn(&Seen) -> f64;
    let cases: [(&str, &str, Measure, RangeInclusive<f64>); 11] = [
        ("light", "80", |seen| seen.light, 8.0..=60.0),
        ("light", "-80", |seen| seen.light, -60.0..=-8.0),
        ("warmth", "70", |seen| seen.warmth, 5.0..=40.0),
        ("warmth", "-70", |seen| seen.warmth, -40.0..=-5.0),
        ("zoom", "100", |seen| seen.size.sqrt(), about(-0.173, 0.01)),
        ("x", "20", |seen| seen.x, about(0.2, 0.005)),
        ("x", "-20", |seen| seen.x, about(-0.2, 0.005)),
        ("y", "10", |seen| seen.y, about(0.1, 0.005)),
        ("y", "-10", |seen| seen.y, about(-0.1, 0.005)),
        ("turn", "6.5", |seen| seen.lean, about(6.5, 0.3)),
        ("turn", "-6.5", |seen| seen.lean, about(-6.5, 0.3)),
    ];
    for (slider, to, measure, by) in cases {
        let mut wish = BEFORE.to_vec();
        wish.retain(|(name, _)| *name != slider);
        wish.push((slider, to));
        let after = looks(&app, &who, &made[0], &wish).await;
        for (what, before, after) in [("preview", &before[0], &after[0]), ("saved", &before[1], &after[1])] {
            let change = measure(after) - measure(before);
            assert!(by.contains(&change), "{what}: {slider} at {to} changes it by {change}: {before:?} {after:?}");
        }
    }
}
