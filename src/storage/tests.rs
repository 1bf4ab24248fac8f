use super::*;
use crate::{
    clock::Clock,
    ids::{BackdropId, CutoutId, PhotoId, ResultId},
};

const DAY: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

fn both() -> (tempfile::TempDir, [Storage; 2]) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("photos and headshots");
    (directory, [Storage::directory(path).unwrap(), Storage::memory()])
}

#[test]
fn files_are_spread_by_the_random_part_of_the_id() {
    let id = "018bcfe568004f1c2d3e4a5b".parse().unwrap();
    let path = Key::Photo(&id, PhotoFile::Master).path();
    assert_eq!(path.as_ref(), "photos/4f/018bcfe568004f1c2d3e4a5b/master.jpg");
}

#[tokio::test]
async fn what_was_put_is_there_until_it_is_deleted() {
    let (_directory, storages) = both();
    for storage in storages {
        let (id, other) = (PhotoId::new(), PhotoId::new());
        let key = Key::Photo(&id, PhotoFile::Master);
        assert_eq!(storage.get(key).await.unwrap(), None);
        storage.put(key, "first".into()).await.unwrap();
        storage.put(key, "second".into()).await.unwrap();
        storage.put(Key::Photo(&other, PhotoFile::Master), "other".into()).await.unwrap();
        assert_eq!(storage.get(key).await.unwrap().unwrap(), "second");
        assert_eq!(storage.get(Key::Photo(&id, PhotoFile::Thumbnail)).await.unwrap(), None);

        storage.delete(key).await.unwrap();
        storage.delete(key).await.unwrap();
        assert_eq!(storage.get(key).await.unwrap(), None);
        assert!(storage.get(Key::Photo(&other, PhotoFile::Master)).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_headshots_files_go_together() {
    let (_directory, storages) = both();
    for storage in storages {
        let (id, other) = (ResultId::new(), ResultId::new());
        for file in [HeadshotFile::Portrait, HeadshotFile::Square, HeadshotFile::Thumbnail] {
            storage.put(Key::Headshot(&id, file), "picture".into()).await.unwrap();
            storage.put(Key::Headshot(&other, file), "picture".into()).await.unwrap();
        }
        storage.delete_all(Folder::Headshot(&id)).await.unwrap();
        storage.delete_all(Folder::Headshot(&id)).await.unwrap();
        for file in [HeadshotFile::Portrait, HeadshotFile::Square, HeadshotFile::Thumbnail] {
            assert_eq!(storage.get(Key::Headshot(&id, file)).await.unwrap(), None);
            assert!(storage.get(Key::Headshot(&other, file)).await.unwrap().is_some());
        }
    }
}

#[tokio::test]
async fn what_is_there_is_listed_until_it_is_gone() {
    let (_directory, storages) = both();
    for storage in storages {
        assert_eq!(storage.ids().await.unwrap(), Ids::default());
        let (photo, headshot) = (PhotoId::new(), ResultId::new());
        let (cutout, backdrop) = (CutoutId::new(), BackdropId::new());
        storage.put(Key::Cutout(&cutout), "picture".into()).await.unwrap();
        storage.put(Key::Backdrop(&backdrop, BackdropFile::Picture), "picture".into()).await.unwrap();
        storage.put(Key::Backdrop(&backdrop, BackdropFile::Thumbnail), "picture".into()).await.unwrap();
        storage.put(Key::Photo(&photo, PhotoFile::Master), "picture".into()).await.unwrap();
        storage.put(Key::Headshot(&headshot, HeadshotFile::Square), "picture".into()).await.unwrap();
        storage.put(Key::Headshot(&headshot, HeadshotFile::Thumbnail), "picture".into()).await.unwrap();
        let found = storage.ids().await.unwrap();
        assert_eq!((&found.photos, &found.headshots), (&vec![photo.clone()], &vec![headshot.clone()]));
        assert_eq!((found.cutouts, found.backdrops), (vec![cutout], vec![backdrop]));
        assert!(storage.holds(Folder::Photo(&photo)).await.unwrap());
        storage.delete_all(Folder::Photo(&photo)).await.unwrap();
        assert!(!storage.holds(Folder::Photo(&photo)).await.unwrap());
        assert!(storage.holds(Folder::Headshot(&headshot)).await.unwrap());
    }
}

#[tokio::test]
async fn a_logo_is_as_old_as_its_file() {
    let (_directory, storages) = both();
    for storage in storages {
        let id: OrganizationId = "org_018bcfe568004f1c2d3e4a5b".parse().unwrap();
        let begun = Clock::system().now();
        assert_eq!(storage.logos_before(begun + DAY).await.unwrap(), []);
        storage.put(Key::Logo(&id), "picture".into()).await.unwrap();
        assert_eq!(storage.logos_before(begun - DAY).await.unwrap(), []);
        assert_eq!(storage.logos_before(begun + DAY).await.unwrap(), std::slice::from_ref(&id));
        storage.delete_all(Folder::Logo(&id)).await.unwrap();
        assert_eq!(storage.logos_before(begun + DAY).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_disk_that_cannot_be_read_is_not_taken_for_empty() {
    let directory = tempfile::tempdir().unwrap();
    let storage = Storage::directory(directory.path()).unwrap();
    std::fs::write(directory.path().join("photos"), "a file where a directory belongs").unwrap();
    assert!(matches!(storage.holds(Folder::Photo(&PhotoId::new())).await, Err(Error::Unavailable(_))));
}

#[tokio::test]
async fn half_written_files_are_never_seen_and_go_with_the_rest() {
    let directory = tempfile::tempdir().unwrap();
    let storage = Storage::directory(directory.path()).unwrap();
    let id = PhotoId::new();
    let key = Key::Photo(&id, PhotoFile::Master);
    let folder = directory.path().join(Folder::Photo(&id).path().as_ref());
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("master.jpg#1"), "of a process that was killed").unwrap();

    assert_eq!(storage.get(key).await.unwrap(), None);
    storage.put(key, "whole".into()).await.unwrap();
    assert_eq!(storage.get(key).await.unwrap().unwrap(), "whole");
    storage.delete_all(Folder::Photo(&id)).await.unwrap();
    assert!(!folder.exists());
}

#[tokio::test]
async fn a_failing_disk_is_told_calmly_and_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let storage = Storage::directory(directory.path()).unwrap();
    std::fs::write(directory.path().join("photos"), "a file where a directory belongs").unwrap();
    let id = PhotoId::new();
    let refused = storage.put(Key::Photo(&id, PhotoFile::Master), "photo".into()).await.unwrap_err();
    assert!(matches!(refused, Error::Unavailable(_)));
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[test]
fn a_full_disk_is_recognised_beneath_the_storages_own_error() {
    let source = Box::new(io::Error::from(io::ErrorKind::StorageFull));
    let cause = object_store::Error::Generic { store: "LocalFileSystem", source };
    assert!(unavailable("put", &cause).to_string().starts_with("There is no room left"));
    assert!(unavailable("put", &io::Error::other("hiss")).to_string().starts_with("Photos can't be"));
}

/// Every file of a kind, wherever it lies.
async fn all(storage: &Storage, kind: Kind) -> Vec<Stored> {
    let mut found = Vec::new();
    for shelf in storage.shelves(kind).await.unwrap() {
        found.extend(storage.on_shelf(kind, &shelf).await.unwrap());
    }
    found
}

#[tokio::test]
async fn files_are_copied_from_place_to_place_and_told_apart() {
    let (_directory, [disk, memory]) = both();
    let (_elsewhere, [other, _]) = both();
    for (source, target) in [(&disk, &memory), (&memory, &other)] {
        assert!(all(target, Kind::Photos).await.is_empty());
        let id = PhotoId::new();
        source.put(Key::Photo(&id, PhotoFile::Master), "master".into()).await.unwrap();
        source.put(Key::Photo(&id, PhotoFile::Thumbnail), "thumbs".into()).await.unwrap();
        let files = all(source, Kind::Photos).await;
        for file in files.iter().filter(|file| file.id() == id.as_str()) {
            assert!(source.copy_to(file, target).await.unwrap());
            let there = all(target, Kind::Photos).await;
            let its = there.iter().find(|its| its.name() == file.name()).unwrap();
            assert!(source.is_same(file, target, its).await.unwrap());
        }
        target.put(Key::Photo(&id, PhotoFile::Master), "MASTER".into()).await.unwrap();
        let there = all(target, Kind::Photos).await;
        let pairs = files.iter().filter_map(|file| Some((file, there.iter().find(|its| its.name() == file.name())?)));
        let mut differ = Vec::new();
        for (file, its) in pairs {
            if !source.is_same(file, target, its).await.unwrap() {
                differ.push(file.name().rsplit('/').next().unwrap());
            }
        }
        assert_eq!(differ, ["master.jpg"], "of the same size, but not the same");
        let gone = files.iter().find(|file| file.id() == id.as_str()).unwrap();
        source.delete(Key::Photo(&id, PhotoFile::Master)).await.unwrap();
        source.delete(Key::Photo(&id, PhotoFile::Thumbnail)).await.unwrap();
        assert!(!source.copy_to(gone, target).await.unwrap(), "what is gone meanwhile is not copied");
    }
}

#[tokio::test]
async fn what_is_cleared_away_leaves_no_half_written_files_and_nothing_of_ours() {
    let directory = tempfile::tempdir().unwrap();
    let storage = Storage::directory(directory.path()).unwrap();
    let (id, half): (PhotoId, PhotoId) =
        ("018bcfe568004f1c2d3e4a5b".parse().unwrap(), "018bcfe568004f9c2d3e4a5b".parse().unwrap());
    storage.put(Key::Photo(&id, PhotoFile::Master), "master".into()).await.unwrap();
    let half = directory.path().join(Folder::Photo(&half).path().as_ref());
    std::fs::create_dir_all(&half).unwrap();
    std::fs::write(half.join("master.jpg#1"), "of a process that was killed").unwrap();
    let theirs = directory.path().join("photos/4f/notes.txt");
    std::fs::write(&theirs, "somebody else's").unwrap();

    let [shelf] = &storage.shelves(Kind::Photos).await.unwrap().into_iter().collect::<Vec<_>>()[..] else {
        panic!("one shelf")
    };
    let files = storage.on_shelf(Kind::Photos, shelf).await.unwrap();
    assert_eq!(files.iter().map(Stored::name).collect::<Vec<_>>(), ["photos/4f/018bcfe568004f1c2d3e4a5b/master.jpg"]);
    storage.clear(files).await.unwrap();
    storage.clear_away(Kind::Photos, shelf).await.unwrap();
    assert!(theirs.exists() && !half.exists());
    std::fs::remove_file(&theirs).unwrap();
    storage.clear_away(Kind::Photos, shelf).await.unwrap();
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}
