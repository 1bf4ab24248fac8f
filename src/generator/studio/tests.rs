//! Handles, the line and failures. Headshots themselves are made in `tests/it/isolation.rs`, where there is a program to do it.

use bytes::Bytes;
use headroom_studio::Thresholds;

use super::*;
use crate::{config, ids::PhotoId};

/// One whose children can't be started.
fn studio() -> Studio {
    let settings = config::Studio {
        program: "/nowhere/headroom".into(),
        memory: 1 << 29,
        time: Duration::from_secs(10),
        shoots: None,
        priority: config::Priority::Normal,
        upload_memory: 1 << 29,
        upload_time: Duration::from_secs(10),
        thresholds: Thresholds::default(),
    };
    Studio::new(Arc::new(Workshop::new(settings)), Storage::memory())
}

async fn request(studio: &Studio) -> Request {
    let photo = PhotoId::new();
    let file = Bytes::from_static(b"a photo");
    studio.storage.put(Key::Photo(&photo, crate::storage::PhotoFile::Master), file).await.unwrap();
    Request {
        shoot: ShootId::new(),
        inputs: vec![photo],
        insisted: Vec::new(),
        seen: Vec::new(),
        scenes: vec![Backdrop::Navy.into()],
        count: 3,
        gender: None,
    }
}

#[tokio::test]
async fn the_same_shoot_is_taken_once_and_anew_after_it_failed() {
    let studio = studio();
    let request = request(&studio).await;
    let handle = studio.submit(&request).await.unwrap();
    assert_eq!(studio.submit(&request).await.unwrap(), handle, "the handle was not stored in time");
    let failure = loop {
        match studio.poll(&handle).await {
            Ok(_) => tokio::task::yield_now().await,
            Err(failure) => break failure,
        }
    };
    assert!(matches!(failure, Failure::Unavailable(_)), "{failure:?}");
    assert_ne!(studio.submit(&request).await.unwrap(), handle, "answers about the two can be told apart");
}

#[tokio::test]
async fn what_was_cancelled_or_never_heard_of_is_lost() {
    let studio = studio();
    let handle = studio.submit(&request(&studio).await).await.unwrap();
    studio.cancel(&handle).await.unwrap();
    for unknown in [handle, Handle::new("studio:of an earlier start")] {
        assert!(matches!(studio.poll(&unknown).await, Err(Failure::Lost)));
        studio.cancel(&unknown).await.unwrap();
    }
}

#[tokio::test]
async fn each_knows_how_many_are_before_it() {
    let studio = studio();
    // Nobody's turn comes as long as this test doesn't wait for anything.
    let mut handles = Vec::new();
    for _ in 0..3 {
        handles.push(studio.submit(&request(&studio).await).now_or_never().unwrap().unwrap());
    }
    let status = |handle: &Handle| studio.poll(handle).now_or_never().unwrap().unwrap();
    let position = |handle: &Handle| match status(handle).progress {
        Progress::Queued { position } => position,
        other => panic!("{other:?}"),
    };
    assert_eq!(handles.iter().map(position).collect::<Vec<_>>(), [0, 1, 2]);
    let next_poll = |handle: &Handle| status(handle).next_poll.as_millis();
    assert_eq!(handles.iter().map(next_poll).collect::<Vec<_>>(), [2_000, 2_250, 2_500], "and is asked in its time");
    studio.cancel(&handles[0]).now_or_never().unwrap().unwrap();
    assert_eq!(handles[1..].iter().map(position).collect::<Vec<_>>(), [0, 1]);
}

#[tokio::test]
async fn a_shoot_without_photos_is_rejected() {
    let studio = studio();
    let empty = Request { inputs: Vec::new(), ..request(&studio).await };
    assert!(matches!(studio.submit(&empty).await, Err(Failure::Rejected(_))));
}
