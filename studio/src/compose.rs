//! The person before the backdrop, in one light: a trace of shade on the backdrop, a trace of its light around the edges.

use rayon::prelude::*;

use crate::{
    backdrop::{Setting, grain},
    colour::byte,
    grid::{Colour, Plane, Stretched, ease},
    look::Light,
};

/// The backdrop's light is taken from a picture this many times smaller.
const COARSER: usize = 8;
/// And the shade from a matte this many times smaller.
const COARSE: usize = 4;

/// What a person is put into.
pub(crate) struct Scene<'a> {
    /// The backdrop, at any size of about these proportions.
    pub(crate) backdrop: &'a Colour,
    pub(crate) setting: Setting,
    /// How all of it is lit.
    pub(crate) light: Light,
}

/// What a row needs of what is smaller than the picture.
struct Rows {
    behind: Vec<[f32; 3]>,
    glow: Vec<[f32; 3]>,
    shade: Vec<f32>,
}

impl Scene<'_> {
    /// The picture, three bytes a pixel, of a person of these colours and this opacity. All of it is made row by row: pictures in
    /// between, of twelve bytes a pixel, would take longer to write and read than to reckon. Its grain comes last: lit
    /// afterwards, it would stand out.
    pub(crate) fn with(&self, person: impl Fn(usize, usize) -> [f32; 3] + Sync, matte: &Plane) -> Vec<u8> {
        let (width, height) = (matte.width(), matte.height());
        let shade = {
            let small = matte.resized((width / COARSE).max(1), (height / COARSE).max(1));
            Stretched::of(&small.blurred(small.width() as f32 * 0.055), width, height)
        };
        let edge = matte.blurred(width as f32 * 0.009);
        let glow = {
            let small = self.backdrop.resized((width / COARSER).max(1), (height / COARSER).max(1));
            Stretched::of(&small.blurred(small.width() as f32 * 0.05), width, height)
        };
        let behind = Stretched::of(self.backdrop, width, height);
        let (shade_x, shade_y) = (width / 40, width / 50);
        let rows = || Rows { behind: vec![[0.0; 3]; width], glow: vec![[0.0; 3]; width], shade: vec![0.0; width] };

        let mut rgb = vec![[0; 3]; width * height];
        rgb.par_chunks_mut(width).enumerate().for_each_init(
            rows,
            |Rows { behind: back, glow: light, shade: dark }, (y, row)| {
                behind.write_row(y, back);
                glow.write_row(y, light);
                shade.write_row(y.saturating_sub(shade_y), dark);
                let mut grain = grain(y);
                for (x, pixel) in row.iter_mut().enumerate() {
                    let (alpha, person) = (matte.row(y)[x], person(x, y));
                    let dark = 1.0 - self.setting.shade * dark[x.saturating_sub(shade_x)] * (1.0 - alpha);
                    let wrap = self.setting.wrap * ease(0.98, 0.45, edge.row(y)[x]) * alpha;
                    let (dx, dy) = (x as f32 / width as f32 - 0.5, (y as f32 / height as f32 - 0.45) * 1.05);
                    let corner = 1.0 - self.setting.vignette * ease(0.35, 0.85, (dx * dx + dy * dy).sqrt());
                    let composed = std::array::from_fn(|c| {
                        let person = person[c] + (light[x][c] - person[c]) * wrap;
                        ((person * alpha + back[x][c].clamp(0.0, 1.0) * dark * (1.0 - alpha)) * corner).clamp(0.0, 1.0)
                    });
                    let grain = grain.next();
                    *pixel = self.light.on(composed).map(|value| byte((value + grain).clamp(0.0, 1.0)));
                }
            },
        );
        rgb.into_flattened()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::look::Look;

    const PERSON: [f32; 3] = [0.7, 0.5, 0.4];
    const WALL: [f32; 3] = [0.2, 0.3, 0.6];
    const PLAIN: Setting = Setting { wrap: 0.0, shade: 0.0, vignette: 0.0 };

    /// Somebody between the columns 60 and 140 of 200, opaque or not, before a wall.
    fn picture(setting: Setting, opacity: f32, wall: [f32; 3]) -> impl Fn(usize, usize) -> [f32; 3] {
        let matte = Plane::made(200, 250, |x, _| if (60..140).contains(&x) { opacity } else { 0.0 });
        let backdrop = Colour::filled(50, 60, wall);
        let scene = Scene { backdrop: &backdrop, setting, light: Look::default().light() };
        let rgb = scene.with(|_, _| PERSON, &matte);
        // Grain aside: the mean of a square.
        move |x, y| {
            std::array::from_fn(|c| {
                let places = (0..64).map(|at| ((y + at / 8) * 200 + x + at % 8) * 3 + c);
                places.map(|at| f32::from(rgb[at]) / 255.0).sum::<f32>() / 64.0
            })
        }
    }

    fn alike(one: [f32; 3], other: [f32; 3]) -> bool {
        one.iter().zip(other).all(|(one, other)| (one - other).abs() < 0.006)
    }

    #[test]
    fn the_person_is_seen_where_they_are_and_the_backdrop_elsewhere() {
        let at = picture(PLAIN, 1.0, WALL);
        assert!(alike(at(96, 120), PERSON) && alike(at(10, 120), WALL) && alike(at(180, 240), WALL));
        let half = picture(PLAIN, 0.5, WALL);
        assert!(alike(half(96, 120), [0.45, 0.4, 0.5]), "{:?}", half(96, 120));
    }

    #[test]
    fn a_shade_falls_on_the_backdrop_and_never_on_the_person() {
        let at = picture(Setting { shade: 0.5, ..PLAIN }, 1.0, WALL);
        let dark = |x: usize| 1.0 - at(x, 120)[2] / WALL[2];
        assert!(alike(at(96, 120), PERSON));
        assert!(dark(142) > 0.1 && dark(185) < 0.5 * dark(142), "{} {}", dark(142), dark(185));
        // The light comes from the left.
        assert!(dark(142) > dark(50), "{} {}", dark(142), dark(50));
    }

    #[test]
    fn light_of_the_backdrop_lies_on_the_edges_alone() {
        let bright = picture(Setting { wrap: 0.5, ..PLAIN }, 1.0, [1.0; 3]);
        let plain = picture(PLAIN, 1.0, [1.0; 3]);
        assert!(alike(bright(96, 120), plain(96, 120)));
        let glow = |at: &dyn Fn(usize, usize) -> [f32; 3]| (60..64).map(|x| at(x, 120)[2]).sum::<f32>();
        assert!(glow(&bright) > glow(&plain) + 0.03, "{} {}", glow(&bright), glow(&plain));
        assert!(alike(bright(10, 120), plain(10, 120)));
    }

    #[test]
    fn corners_are_darker_than_the_middle() {
        let at = picture(Setting { vignette: 0.2, ..PLAIN }, 0.0, [0.5; 3]);
        assert!(alike(at(96, 110), [0.5; 3]) && at(0, 0)[0] < 0.46 && at(190, 240)[0] < 0.46);
    }
}
