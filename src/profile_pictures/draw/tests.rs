use super::*;

const RED: [u8; 3] = [200, 40, 30];

fn square(side: u32) -> Picture {
    let size = Size { width: side, height: side };
    Picture::new(size, RED.repeat((side * side) as usize)).unwrap()
}

fn at(picture: &Transparent, x: u32, y: u32) -> [u8; 4] {
    let start = ((y * picture.size().width + x) * 4) as usize;
    picture.rgba()[start..start + 4].try_into().unwrap()
}

fn drawn(design: &Design) -> Transparent {
    draw(&square(900), design, None).unwrap()
}

fn design(shape: Shape) -> Design {
    Design { shape, ..Design::plain(256) }
}

#[test]
fn a_square_is_all_of_it() {
    let plain = drawn(&design(Shape::Square));
    assert_eq!((plain.size().width, plain.size().height), (256, 256));
    for (x, y) in [(0, 0), (255, 0), (0, 255), (255, 255), (128, 128)] {
        assert_eq!(at(&plain, x, y), [200, 40, 30, 255]);
    }
}

#[test]
fn a_circle_reaches_the_edges_and_leaves_the_corners() {
    let circle = drawn(&design(Shape::Circle));
    for (x, y) in [(0, 0), (255, 0), (0, 255), (255, 255), (30, 30)] {
        assert_eq!(at(&circle, x, y), [0; 4]);
    }
    for (x, y) in [(128, 1), (1, 128), (254, 128), (128, 254), (128, 128)] {
        assert_eq!(at(&circle, x, y), [200, 40, 30, 255]);
    }
    // Its edge is smooth, and the colour in it no darker.
    let edge: Vec<[u8; 4]> = (0..256).map(|x| at(&circle, x, 40)).filter(|p| (1..255).contains(&p[3])).collect();
    assert!(!edge.is_empty() && edge.iter().all(|pixel| pixel[..3] == RED), "{edge:?}");
    // As large as a circle is.
    let seen: f64 = circle.rgba().chunks_exact(4).map(|pixel| f64::from(pixel[3]) / 255.0).sum();
    assert!((seen - std::f64::consts::PI * 128.0 * 128.0).abs() < 60.0, "{seen}");
    // The same from all sides.
    for (x, y) in [(10, 90), (37, 37), (60, 20)] {
        assert_eq!(at(&circle, x, y)[3], at(&circle, 255 - x, y)[3]);
        assert_eq!(at(&circle, x, y)[3], at(&circle, x, 255 - y)[3]);
        assert_eq!(at(&circle, x, y)[3], at(&circle, y, x)[3]);
    }
}

#[test]
fn rounded_corners_are_round() {
    let rounded = drawn(&design(Shape::Rounded));
    assert_eq!(at(&rounded, 0, 0), [0; 4]);
    assert_eq!(at(&rounded, 5, 5), [0; 4]);
    for (x, y) in [(46, 0), (0, 46), (20, 20), (128, 128), (255, 128)] {
        assert_eq!(at(&rounded, x, y)[3], 255, "{x} {y}");
    }
}

#[test]
fn a_border_lies_within_the_shape() {
    for shape in Shape::ALL {
        let bordered = drawn(&Design { border: 12, border_colour: Colour([10, 20, 250]), ..design(*shape) });
        for (x, y) in [(128, 2), (128, 10), (2, 128), (253, 128)] {
            assert_eq!(at(&bordered, x, y), [10, 20, 250, 255], "{shape} {x} {y}");
        }
        assert_eq!(at(&bordered, 128, 14), [200, 40, 30, 255], "{shape}");
        assert_eq!(at(&bordered, 128, 128), [200, 40, 30, 255], "{shape}");
    }
}

#[test]
fn grey_is_grey_and_the_border_is_not() {
    let grey =
        drawn(&Design { greyscale: true, border: 8, border_colour: Colour([250, 0, 0]), ..design(Shape::Circle) });
    let [red, green, blue, _] = at(&grey, 128, 128);
    assert_eq!((red, green, blue), (73, 73, 73));
    assert_eq!(at(&grey, 128, 3), [250, 0, 0, 255]);
}

#[test]
fn a_logo_stands_in_its_corner_whole() {
    // Half of it can be seen through.
    let size = Size { width: 200, height: 100 };
    let pixels = (0..200 * 100).flat_map(|nth| if nth % 200 < 100 { [0, 0, 0, 0] } else { [0, 250, 0, 255] });
    let logo = Transparent::new(size, pixels.collect()).unwrap();
    let with =
        |shape, corner| draw(&square(900), &Design { logo: Some(corner), ..design(shape) }, Some(&logo)).unwrap();
    // 67 pixels long, 34 high, 8 from the edges.
    let square = with(Shape::Square, Corner::BottomRight);
    assert_eq!(at(&square, 245, 240), [0, 250, 0, 255]);
    assert_eq!(at(&square, 190, 240), [200, 40, 30, 255], "what can be seen through lets the picture be seen");
    assert_eq!(at(&square, 252, 252), [200, 40, 30, 255], "the margin");
    let circle = with(Shape::Circle, Corner::TopLeft);
    assert_eq!(at(&circle, 60, 20), [0, 250, 0, 255], "it stands over the edge");
    assert_eq!(at(&circle, 12, 12), [0; 4]);
    assert_eq!(at(&with(Shape::Square, Corner::TopRight), 240, 20), [0, 250, 0, 255]);
    assert_eq!(at(&with(Shape::Square, Corner::BottomLeft), 60, 230), [0, 250, 0, 255]);
    let none = draw(&tests::square(900), &Design { logo: Some(Corner::TopLeft), ..design(Shape::Square) }, None);
    assert_eq!(at(&none.unwrap(), 60, 20), [200, 40, 30, 255], "an organization without a logo");
}

#[test]
fn every_size_and_format_can_be_drawn_and_read() {
    for size in [16, 128, 1024] {
        let circle = draw(
            &square(830),
            &Design { border: 4, logo: Some(Corner::TopLeft), ..design(Shape::Circle).at(size) },
            None,
        );
        let circle = circle.unwrap();
        for format in Format::ALL {
            let file = format.write(&circle).unwrap();
            let read = images::decode_transparent(&file, 2048).unwrap();
            assert_eq!(read.size(), circle.size(), "{format:?}");
            let corner = at(&read, 0, 0);
            assert_eq!(corner[3], if format == Format::Jpeg { 255 } else { 0 }, "{format:?}");
            assert_eq!(file, format.write(&circle).unwrap(), "the same each time");
        }
    }
}

#[test]
fn a_silhouette_stands_out_from_any_ground() {
    for ground in [None, Some(Colour([0; 3])), Some(Colour::WHITE), Some(Colour([47, 111, 94]))] {
        let figure = silhouette(200, ground).unwrap();
        let pixel = |x: usize, y: usize| <[u8; 3]>::try_from(&figure.rgb()[(y * 200 + x) * 3..][..3]).unwrap();
        assert_eq!(pixel(0, 0), ground.unwrap_or(NEUTRAL).0);
        let (behind, head) = (luminance(pixel(0, 0)), luminance(pixel(100, 80)));
        assert!(behind.abs_diff(head) > 25, "{ground:?}: {behind} {head}");
        assert_eq!(pixel(100, 80), pixel(100, 190), "head and shoulders");
    }
}
