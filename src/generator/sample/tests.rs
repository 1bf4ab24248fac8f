use std::sync::Arc;

use super::{portrait::PORTRAIT, *};
use crate::images::{Area, Picture, Size};

const ASTRONAUT: &[u8] = include_bytes!("../../../tests/pictures/astronaut.jpg");
const LENGTH: Duration = Duration::from_secs(180);

/// A generator on its own clock, with one photo uploaded.
struct Studio {
    clock: Clock,
    storage: Storage,
    sample: Sample,
    request: Request,
}

impl Studio {
    async fn new(count: usize, backdrops: &[Backdrop]) -> Self {
        let (clock, storage, photo) = (Clock::system(), Storage::memory(), PhotoId::new());
        storage.put(Key::Photo(&photo, PhotoFile::Master), Bytes::from_static(ASTRONAUT)).await.unwrap();
        let request = Request {
            shoot: ShootId::new(),
            inputs: vec![photo],
            scenes: backdrops.iter().copied().map(Scene::Drawn).collect(),
            count,
            insisted: Vec::new(),
            seen: Vec::new(),
            gender: None,
        };
        Self { sample: Sample::new(clock.clone(), storage.clone(), LENGTH), clock, storage, request }
    }

    async fn progress(&self, handle: &Handle) -> String {
        match self.sample.poll(handle).await.unwrap().progress {
            Progress::Queued { position } => format!("queued at {position}"),
            // The clock runs on while the test does: to the nearest ten.
            Progress::Running { stage, percent } => format!("{stage:?} {} %", (percent + 5) / 10 * 10),
            Progress::Done(made) => format!("{} headshots", made.images.len()),
        }
    }

    async fn headshots(&self, handle: &Handle) -> Vec<Image> {
        match self.sample.poll(handle).await.unwrap().progress {
            Progress::Done(made) => made.images,
            other => panic!("not done: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_shoot_takes_its_time_on_the_clock_and_survives_a_restart() {
    let mut studio = Studio::new(1, &[Backdrop::Grey]).await;
    let handle = studio.sample.submit(&studio.request).await.unwrap();
    assert_eq!(studio.progress(&handle).await, "queued at 0");
    studio.clock.advance(LENGTH * 15 / 100);
    assert_eq!(studio.progress(&handle).await, "Training 0 %");
    studio.clock.advance(LENGTH * 27 / 100);
    assert_eq!(studio.progress(&handle).await, "Training 60 %");

    studio.sample = Sample::new(studio.clock.clone(), studio.storage.clone(), LENGTH);
    let handle = Handle::new(handle.as_str().to_owned());
    assert_eq!(studio.progress(&handle).await, "Training 60 %");
    studio.clock.advance(LENGTH * 38 / 100);
    assert_eq!(studio.progress(&handle).await, "Generating 50 %");
    studio.clock.advance(LENGTH * 20 / 100);
    assert_eq!(studio.progress(&handle).await, "1 headshots");
    assert_eq!(studio.sample.poll(&handle).await.unwrap().next_poll, Duration::ZERO);
}

#[tokio::test]
async fn the_next_poll_is_soon_and_never_after_the_end() {
    let studio = Studio::new(1, &[Backdrop::Grey]).await;
    let handle = studio.sample.submit(&studio.request).await.unwrap();
    assert_eq!(studio.sample.poll(&handle).await.unwrap().next_poll, LONGEST_NEXT_POLL);
    studio.clock.advance(LENGTH - Duration::from_millis(900));
    assert!(studio.sample.poll(&handle).await.unwrap().next_poll <= Duration::from_millis(900));
}

#[tokio::test]
async fn headshots_are_pictures_of_the_right_size_that_differ_and_come_out_the_same_again() {
    let studio = Studio::new(3, &[Backdrop::Navy, Backdrop::Garden]).await;
    let handle = studio.sample.submit(&studio.request).await.unwrap();
    studio.clock.advance(LENGTH);
    let headshots = studio.headshots(&handle).await;
    let scenes: Vec<_> = headshots.iter().map(|image| image.scene.clone()).collect();
    assert_eq!(scenes, [Backdrop::Navy, Backdrop::Garden, Backdrop::Navy].map(Scene::Drawn));
    assert!(headshots.iter().all(|image| images::measure(&image.bytes).unwrap() == PORTRAIT));
    assert_ne!(headshots[0].bytes, headshots[2].bytes);

    let again = studio.headshots(&handle).await;
    assert!(headshots.iter().zip(again).all(|(one, other)| one.bytes == other.bytes));
}

#[tokio::test]
async fn a_failure_comes_when_asked_for_and_passes() {
    let studio = Studio::new(1, &[Backdrop::Grey]).await;
    let shoot = &studio.request.shoot;
    let handle = studio.sample.submit(&studio.request).await.unwrap();
    studio.sample.fail_next(shoot, 2);
    assert!(matches!(studio.sample.poll(&handle).await, Err(Failure::Unavailable(_))));
    assert!(matches!(studio.sample.submit(&studio.request).await, Err(Failure::Unavailable(_))));
    assert!(studio.sample.poll(&handle).await.is_ok());
}

#[tokio::test]
async fn a_handle_of_another_generator_is_lost() {
    let studio = Studio::new(1, &[Backdrop::Grey]).await;
    let honest = studio.sample.submit(&studio.request).await.unwrap();
    let unknown = honest.as_str().replace("grey", "beach");
    let greedy = honest.as_str().replace(":1:", ":9999999:");
    for handle in ["", "prompt-4711", "::::", unknown.as_str(), greedy.as_str(), &format!("{}:", honest.as_str())] {
        assert!(matches!(studio.sample.poll(&Handle::new(handle)).await, Err(Failure::Lost)), "{handle}");
    }
}

#[tokio::test]
async fn photos_that_make_no_headshots_are_rejected() {
    let mut studio = Studio::new(1, &[Backdrop::Grey]).await;
    let handle = studio.sample.submit(&studio.request).await.unwrap();
    studio.clock.advance(LENGTH);
    let key = Key::Photo(&studio.request.inputs[0], PhotoFile::Master);
    studio.storage.put(key, "no picture".into()).await.unwrap();
    assert!(matches!(studio.sample.poll(&handle).await, Err(Failure::Rejected(_))));
    studio.storage.delete(key).await.unwrap();
    assert!(matches!(studio.sample.poll(&handle).await, Err(Failure::Rejected(_))));

    studio.request.inputs.clear();
    assert!(matches!(studio.sample.submit(&studio.request).await, Err(Failure::Rejected(_))));
}

#[tokio::test]
async fn it_works_behind_the_port() {
    let studio = Studio::new(1, &[]).await;
    let generator: Arc<dyn Generator> = Arc::new(studio.sample);
    assert_eq!(generator.health().await, Health::Ready);
    let handle = generator.submit(&studio.request).await.unwrap();
    generator.cancel(&handle).await.unwrap();
}

#[test]
fn photos_and_backdrops_meet_in_new_pairs() {
    for (photos, backdrops) in [(1, 6), (2, 2), (3, 2), (4, 6), (6, 6), (5, 1)] {
        let scenes = &everyones()[..backdrops];
        let takes = takes(12, photos, scenes);
        let pairs: std::collections::HashSet<_> = takes.iter().map(|take| (take.photo, take.scene.clone())).collect();
        assert_eq!(pairs.len(), 12.min(photos * backdrops), "{photos} photos, {backdrops} backdrops");
        for photo in 0..photos.min(12) {
            let times = takes.iter().filter(|take| take.photo == photo).count();
            assert!((12 / photos..=12_usize.div_ceil(photos)).contains(&times), "{photos} photos: {times} times");
        }
    }
}

#[test]
fn every_backdrop_shows_at_the_edges_and_the_mark_in_all_cuts() {
    let photo = images::decode(ASTRONAUT).unwrap();
    // What the corner above must look like: lighter or darker, and which channel leads.
    let corners = [
        (Backdrop::Charcoal, [40..110, 40..115, 45..120]),
        (Backdrop::White, [215..256, 215..256, 215..256]),
        (Backdrop::Navy, [10..60, 25..90, 55..150]),
    ];
    for (backdrop, expected) in corners {
        let headshot = portrait::make(&photo, Behind::Drawn(backdrop), 0).unwrap();
        let corner = average(&headshot, Area { left: 0, top: 0, size: Size { width: 40, height: 40 } });
        assert!(expected.iter().zip(corner).all(|(range, value)| range.contains(&value)), "{backdrop}: {corner:?}");

        let square = Area { left: 0, top: 0, size: Size { width: 1_024, height: 1_024 } };
        let white = images::crop(&headshot, square).rgb().chunks_exact(3).filter(|pixel| pixel == &[255; 3]).count();
        assert!(white > 2_000, "{backdrop}: the letters are in the square");
    }
}

/// The average colour of an area.
fn average(picture: &Picture, area: Area) -> [u32; 3] {
    let part = images::crop(picture, area);
    let count = u32::try_from(part.size().area()).unwrap();
    std::array::from_fn(|channel| {
        part.rgb().iter().skip(channel).step_by(3).map(|v| u32::from(*v)).sum::<u32>() / count
    })
}

#[tokio::test]
async fn an_own_picture_stands_behind_and_light_grey_in_its_place_once_it_is_gone() {
    let mut studio = Studio::new(2, &[Backdrop::Navy]).await;
    let own = BackdropId::new();
    let size = Size { width: 1024, height: 1280 };
    let red = Picture::new(size, [220, 20, 30].repeat(size.area() as usize)).unwrap();
    let key = Key::Backdrop(&own, BackdropFile::Picture);
    studio.storage.put(key, images::encode_jpeg(&red, 90).unwrap().into()).await.unwrap();
    studio.request.scenes.push(Scene::Own(own.clone()));
    let handle = studio.sample.submit(&studio.request).await.unwrap();
    studio.clock.advance(LENGTH);
    let corner = |image: &Image| images::decode(&image.bytes).unwrap().rgb()[..3].to_vec();

    let made = studio.headshots(&handle).await;
    assert_eq!(made[1].scene, Scene::Own(own.clone()));
    assert!(corner(&made[1])[0] > 150 && corner(&made[1])[1] < 90, "{:?}", corner(&made[1]));
    studio.storage.delete(key).await.unwrap();
    let made = studio.headshots(&handle).await;
    assert_eq!(made[1].scene, Scene::Drawn(Backdrop::Grey));
    assert!(corner(&made[1])[1] > 90, "{:?}", corner(&made[1]));
}
