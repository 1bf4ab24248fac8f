//! One shoot from its photos to its headshots, with one child.

use super::{
    MOST_HEADSHOTS, MOST_USED, failure, nobody,
    plan::{self, Take},
    rank, scenery,
};
use crate::{
    generator::{Answer, Backdrop, Check, Cutout, Failure, Image, Made, Request, Scene, Stage},
    ids::PhotoId,
    storage::{Key, PhotoFile, Storage},
    studio::{Behind, Cut, Fault, Scenery, Session, Workshop},
};

/// Of the time photos are studied, the percent they are looked at; the rest goes to cutting out.
const LOOKING: usize = 50;

/// Makes the headshots of a shoot, once it is its turn. Tells from then on how far it is, in stages and percent of them.
///
/// # Errors
/// [`Failure::Rejected`] if there is nobody in any of the photos; otherwise the child's, and the storage's.
pub(crate) async fn make(
    workshop: &Workshop,
    storage: &Storage,
    request: &Request,
    tell: impl Fn(Stage, u8),
) -> Answer<Made> {
    let mut child = workshop.shoot().await.map_err(failure)?;
    tell(Stage::Training, 0);
    let scenes = scenes(&mut child, storage, &request.scenes).await?;
    let wanted = request.count.min(MOST_HEADSHOTS);
    let terms = (MOST_USED.min(wanted.max(1)), workshop.thresholds().alike);
    let chosen = choose(&mut child, storage, request, terms, &tell).await?;

    let mut cuts: Vec<(PhotoId, Cut)> = Vec::new();
    let mut there = 0;
    for (index, id) in chosen.iter().enumerate() {
        // It was there a moment ago; deleted since, the others will do.
        let Some(master) = master(storage, id).await? else { continue };
        there += 1;
        match child.cut_out(master).await {
            Ok(cut) => cuts.push((id.clone(), cut)),
            Err(Fault::NoFace | Fault::Refused(_)) => {}
            Err(fault) => return Err(failure(fault)),
        }
        tell(Stage::Training, percent(LOOKING + (index + 1) * (100 - LOOKING) / chosen.len()));
    }
    if cuts.is_empty() {
        return Err(if there == 0 { gone() } else { nobody() });
    }
    tell(Stage::Generating, 0);
    let takes = plan::takes(&request.shoot, wanted, cuts.len(), scenes.len());
    let mut images = Vec::with_capacity(takes.len());
    for (index, take) in takes.iter().enumerate() {
        let Take { photo, scene, look } = *take;
        let (scene, behind) = &scenes[scene];
        let laid = child.lay(cuts[photo].1.number, *behind, look).await.map_err(failure)?;
        images.push(Image { scene: scene.clone(), bytes: laid.file, head: Some(laid.head), cutout: Some(photo), look });
        tell(Stage::Generating, percent((index + 1) * 100 / takes.len()));
    }
    let cutouts = cuts.into_iter().map(|(photo, cut)| Cutout { photo, bytes: cut.file, head: cut.head }).collect();
    Ok(Made { images, cutouts })
}

fn percent(part: usize) -> u8 {
    u8::try_from(part.min(99)).unwrap_or(99)
}

async fn master(storage: &Storage, id: &PhotoId) -> Answer<Option<bytes::Bytes>> {
    storage.get(Key::Photo(id, PhotoFile::Master)).await.map_err(Failure::unavailable)
}

/// What is to stand behind, with the pictures handed to the child. One that it can't read is grey.
async fn scenes(child: &mut Session, storage: &Storage, wanted: &[Scene]) -> Answer<Vec<(Scene, Behind)>> {
    let everyones: Vec<Scene>;
    let wanted = if wanted.is_empty() {
        everyones = Backdrop::ALL.iter().copied().map(Scene::Drawn).collect();
        &everyones
    } else {
        wanted
    };
    let mut scenes = Vec::with_capacity(wanted.len());
    for scene in wanted {
        scenes.push(match scenery(storage, scene).await? {
            (scene, Scenery::Drawn(paper)) => (scene, Behind::Drawn(paper)),
            (scene, Scenery::Picture(file)) => match child.picture(file).await {
                Ok(behind) => (scene, behind),
                Err(Fault::Refused(_)) => (Scene::Drawn(Backdrop::Grey), Behind::Drawn(super::paper(Backdrop::Grey))),
                Err(fault) => return Err(failure(fault)),
            },
        });
    }
    Ok(scenes)
}

/// The photos to use, best first: so many at most, no two of which are alike. What nobody looked at yet is looked at now.
///
/// # Errors
/// There is nobody in any of them, or none is there any more.
async fn choose(
    child: &mut Session,
    storage: &Storage,
    request: &Request,
    (most, alike): (usize, u32),
    tell: &impl Fn(Stage, u8),
) -> Answer<Vec<PhotoId>> {
    let inputs = &request.inputs;
    if let [only] = inputs.as_slice() {
        return Ok(vec![only.clone()]);
    }
    let mut seen = Vec::new();
    let mut unread = 0;
    for (place, id) in inputs.iter().enumerate() {
        let known = request.seen.iter().find(|seen| seen.photo == *id);
        let looked = match known {
            Some(known) => Some((known.check.clone(), known.likeness)),
            None => look(child, storage, id).await?,
        };
        match looked {
            Some((check, likeness)) => {
                seen.push(rank::Seen { place, check, likeness, insisted: request.insisted.contains(id) });
            }
            None => unread += 1,
        }
        tell(Stage::Training, percent((place + 1) * LOOKING / inputs.len()));
    }
    if unread == inputs.len() {
        return Err(gone());
    }
    let best = rank::best(seen, most, alike);
    if best.is_empty() { Err(nobody()) } else { Ok(best.iter().map(|&at| inputs[at].clone()).collect()) }
}

fn gone() -> Failure {
    Failure::Rejected(say!("None of the photos is there any more. Upload them again.").into())
}

/// What is to be said of a photo; nothing if it is gone, or nobody's.
async fn look(child: &mut Session, storage: &Storage, id: &PhotoId) -> Answer<Option<(Check, u64)>> {
    let Some(master) = master(storage, id).await? else { return Ok(None) };
    match child.check(master).await {
        Ok(seen) => Ok(Some(seen)),
        Err(Fault::Refused(_) | Fault::NoFace) => Ok(None),
        Err(fault) => Err(failure(fault)),
    }
}
