//! Shoots that were handed in and wait for somebody to make them.

use std::{fs, path::Path};

use headroom::{
    auth::{self, Lifetime, NewKey, Scopes},
    clock::Clock,
    config::PhotoChecks,
    credits,
    db::{Db, Place},
    generator::Backdrop,
    ids::PhotoId,
    images,
    members::{self, Actor},
    organizations::{self, NewOrganization, OrganizationName},
    photos::{self, NewPhoto},
    secrets::Digest,
    shoots::{self, Gender, Whereabouts},
    storage::{Key, PhotoFile, Storage},
};

/// How much there is to do.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) shoots: usize,
    pub(crate) photos: usize,
}

/// A data directory with shoots that wait to be made, each of these photos. A key of its organization.
pub(crate) async fn seed(data: &Path, size: Size) -> String {
    let pictures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures");
    let original = images::decode(&fs::read(pictures.join("astronaut.jpg")).unwrap()).unwrap();
    // Of one person, each from another distance and side: those that are nearly the same would be left out.
    let masters: Vec<bytes::Bytes> = (0..u32::try_from(size.photos).unwrap())
        .map(|nth| {
            let side = 512 - 28 * (nth % 6);
            let left = if nth % 2 == 0 { 0 } else { 512 - side };
            let area = images::Area { left, top: 0, size: images::Size { width: side, height: side } };
            // As large as masters of a phone's photos are.
            let master = images::scale(&images::crop(&original, area), images::Size { width: 2_000, height: 2_000 });
            images::encode_jpeg(&master.unwrap(), images::FINE).unwrap().into()
        })
        .collect();
    let storage = Storage::directory(data.join("photos")).unwrap();
    let mut ids = Vec::new();
    for master in masters.iter().cycle().take(size.shoots * size.photos) {
        let id = PhotoId::new();
        storage.put(Key::Photo(&id, PhotoFile::Master), master.clone()).await.unwrap();
        ids.push(id);
    }
    let db = Db::open(&Place::File(data.join("headroom.db")), Clock::system()).unwrap();
    let bytes = masters[0].len();
    let seeded = db.write(move |tx| {
        let name = OrganizationName::parse("Acme")?;
        let new = NewOrganization { name, website: None, unlimited: false, whitelabel: false };
        let organization = organizations::create(tx, &new)?.id;
        let owner = members::add_owner(tx, &organization, &"ada@acme.test".parse()?)?.id;
        credits::grant(tx, &organization, i64::try_from(size.shoots).unwrap(), "Benchmark")?;
        for photos in ids.chunks(size.photos) {
            let shoot = shoots::begin(tx, &organization, &owner, false)?.id;
            for id in photos {
                let new = NewPhoto {
                    id: id.clone(),
                    name: "me.jpg".to_owned(),
                    width: 2_000,
                    height: 2_000,
                    bytes,
                    digest: Digest::of(id.as_str()),
                    looked: None,
                };
                photos::add(tx, &shoot, &new, 8)?;
            }
            let open = shoots::get(tx, &shoot)?;
            shoots::choose_gender(tx, &open, Gender::Person)?;
            shoots::choose_backdrops(tx, &open, &[Backdrop::Navy.into(), Backdrop::Office.into()])?;
            shoots::submit(tx, &shoot, &owner, PhotoChecks::Off, &Whereabouts::default())?;
        }
        let new = NewKey { name: "Benchmark".into(), scopes: Scopes::all(), lifetime: Lifetime::Unlimited };
        Ok(auth::make_key(tx, &Actor::operator(organization), &new)?.text)
    });
    let key = seeded.await.unwrap();
    db.close().await;
    key
}
