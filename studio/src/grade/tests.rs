use super::*;

const TALL: usize = 200;
const WIDE: usize = 160;

/// From very light to very dark, encoded values.
const TONES: [[f32; 3]; 6] = [
    [0.90, 0.76, 0.67],
    [0.80, 0.62, 0.50],
    [0.60, 0.43, 0.32],
    [0.51, 0.36, 0.25],
    [0.38, 0.26, 0.19],
    [0.24, 0.16, 0.12],
];

fn within(x: usize, y: usize, (cx, cy): (f32, f32), (rx, ry): (f32, f32)) -> bool {
    ((x as f32 - cx) / rx).hypot((y as f32 - cy) / ry) < 1.0
}

fn is_eye(x: usize, y: usize) -> bool {
    within(x, y, (60.0, 70.0), (13.0, 6.0)) || within(x, y, (100.0, 70.0), (13.0, 6.0))
}

fn is_face(x: usize, y: usize) -> bool {
    within(x, y, (80.0, 80.0), (45.0, 60.0))
}

fn features() -> Features {
    let mask =
        |is: &(dyn Fn(usize, usize) -> bool + Sync)| Plane::made(WIDE, TALL, |x, y| f32::from(u8::from(is(x, y))));
    Features {
        face: mask(&is_face),
        skin: mask(&|x, y| is_face(x, y) && !is_eye(x, y)),
        holes: mask(&is_eye),
        eyes: mask(&is_eye),
        width: 90.0,
    }
}

fn all() -> Plane {
    Plane::filled(WIDE, TALL, 1.0)
}

/// Somebody with this skin, in these clothes, in so much light.
fn person(skin: [f32; 3], clothes: [f32; 3], light: f32) -> Colour {
    Colour::made(WIDE, TALL, |x, y| {
        let colour = match (is_eye(x, y), is_face(x, y), x % 5 == 0) {
            (true, _, true) => [0.05, 0.04, 0.04],
            (true, ..) => [0.80, 0.78, 0.76],
            (_, true, _) => skin,
            _ if y > 145 => clothes,
            _ => [0.1, 0.08, 0.07],
        };
        colour.map(|value| encoded(linear(value) * light).min(1.0))
    })
}

fn light_for(skin: [f32; 3], clothes: [f32; 3], light: f32) -> f32 {
    let (person, features) = (person(skin, clothes, light), features());
    let whites = Whites::of(&person, &features, mean_skin(&person, &features));
    assert!(whites.is_some());
    exposure(&person, &all(), &features, whites)
}

/// The mean brightness of a square of 12 × 12 pixels.
fn square(picture: &Colour, (left, top): (usize, usize)) -> f32 {
    (0..144).map(|at| luma(picture.row(top + at / 12)[left + at % 12])).sum::<f32>() / 144.0
}

#[test]
fn skin_of_any_tone_keeps_its_tone_in_good_light() {
    for tone in TONES {
        for clothes in [[0.95; 3], [0.1, 0.1, 0.12]] {
            let gain = light_for(tone, clothes, 1.0);
            assert!((0.9..1.13).contains(&gain), "{tone:?} in {clothes:?}: {gain}");
        }
    }
}

#[test]
fn poor_light_is_made_up_for_whatever_the_tone() {
    for tone in TONES {
        let gain = light_for(tone, [0.1; 3], 0.3);
        assert!((1.4..3.5).contains(&gain), "{tone:?}: {gain}");
    }
}

#[test]
fn a_burnt_out_face_is_taken_back() {
    assert!(light_for([0.99, 0.96, 0.95], [0.9; 3], 1.0) < 0.98);
}

#[test]
fn shut_eyes_do_not_turn_a_face_grey() {
    let (features, skin) = (features(), TONES[2]);
    let shut = Colour::made(WIDE, TALL, |x, y| if is_face(x, y) { skin } else { [0.1; 3] });
    assert_eq!(Whites::of(&shut, &features, mean_skin(&shut, &features)), None);
}

#[test]
fn a_veil_goes_and_light_clothes_are_none() {
    let light = person([0.85, 0.72, 0.64], [0.95; 3], 1.0);
    // White hair, white blouse: nothing is dark but the pupils.
    let light = Colour::made(WIDE, TALL, |x, y| {
        if is_eye(x, y) { light.row(y)[x] } else { light.row(y)[x].map(|value| value.max(0.45)) }
    });
    assert_eq!(cleared(light.clone(), &all(), &features()), light);
    let veiled = light.changed(|pixel| pixel.map(|value| 0.35 + 0.5 * value));
    let mut dark = brightness(&cleared(veiled, &all(), &features()), &features().eyes);
    assert!(quantile(&mut dark, 0.1, 1.0) < 0.25);
}

#[test]
fn light_from_one_side_is_evened_out_and_a_beard_stays_dark() {
    let lit_from_the_left = Colour::made(WIDE, TALL, |x, _| [0.65 - 0.3 * (x as f32 / WIDE as f32); 3]);
    let evened = filled(lit_from_the_left.clone(), &features());
    let uneven = |picture: &Colour| square(picture, (50, 90)) / square(picture, (100, 90));
    let (before, after) = (uneven(&lit_from_the_left), uneven(&evened));
    assert!(after - 1.0 < 0.85 * (before - 1.0), "{before} {after}");

    let bearded = Colour::made(WIDE, TALL, |_, y| [if y > 105 { 0.18 } else { 0.6 }; 3]);
    let kept = filled(bearded, &features());
    let (beard, cheek) = (square(&kept, (74, 118)), square(&kept, (74, 60)));
    assert!((beard - 0.18).abs() < 0.035 && (cheek - 0.6).abs() < 0.03, "{beard} {cheek}");
}

#[test]
fn blotches_go_and_pores_and_what_is_not_skin_stay() {
    const SIDE: usize = 240;
    // As large as faces are in headshots.
    let whole = Plane::filled(SIDE, SIDE, 1.0);
    let skin = Plane::made(SIDE, SIDE, |x, _| f32::from(u8::from(x < 180)));
    let features = Features { face: whole.clone(), skin, holes: whole.clone(), eyes: whole, width: 360.0 };
    let pattern = |size: usize| {
        Colour::made(SIDE, SIDE, |x, y| [if (x / size + y / size).is_multiple_of(2) { 0.55 } else { 0.6 }; 3])
    };
    let kept = |size: usize| {
        let smooth = smoothed(pattern(size), &features);
        assert_eq!(smooth.at(230, 100), pattern(size).at(230, 100));
        // By how much the middles of two neighbours differ.
        let middle = |nth: usize| smooth.row(60 / size * size + size / 2)[(60 / size + nth) * size + size / 2][0];
        (middle(0) - middle(1)).abs() / 0.05
    };
    let (blotches, pores) = (kept(6), kept(1));
    assert!(blotches < 0.8 && (0.9..1.1).contains(&pores), "{blotches} {pores}");
}

#[test]
fn sharpening_makes_edges_steeper_and_colours_no_others() {
    let edge = Colour::made(WIDE, TALL, |x, _| if x < 80 { [0.5, 0.4, 0.3] } else { [0.6, 0.5, 0.4] });
    assert_eq!(sharpened(edge.clone(), &all(), 0.0), edge);
    let sharp = sharpened(edge.clone(), &all(), 0.4);
    assert!(sharp.at(80, 50)[0] > 0.605 && sharp.at(79, 50)[0] < 0.495);
    let [red, green, _] = sharp.at(80, 50);
    assert!((red - green - 0.1).abs() < 1e-4 && red < 0.651);
    assert_eq!(sharp.at(10, 50), edge.at(10, 50));
}

#[test]
fn the_last_curve_keeps_the_order_of_greys_and_both_ends() {
    let greys = Colour::made(101, 1, |x, _| [x as f32 / 100.0; 3]);
    let toned = toned(greys);
    assert!(toned.row(0).windows(2).all(|pair| pair[0][0] <= pair[1][0]));
    assert!(toned.at(0, 0)[0] < 0.01 && toned.at(100, 0)[0] > 0.99);
}

#[test]
fn highlights_end_softly_and_never_beyond_white() {
    assert_eq!(rolled_off(0.5), 0.5);
    assert!(rolled_off(0.7 + 1e-4) - rolled_off(0.7) < 2e-4);
    assert!(rolled_off(40.0) <= 1.0);
}

#[test]
fn a_quantile_of_nothing_is_the_usual() {
    assert_eq!(quantile(&mut [], 0.5, 0.4), 0.4);
    assert_eq!(quantile(&mut [0.3, 0.1, 0.2], 0.5, 0.4), 0.2);
}
