//! `headroom studio`: headshots out of files, without a server and without a database.

use std::{
    collections::HashSet,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use clap::Args;
use futures::StreamExt;
use serde_json::{Value, json};

use super::{Common, Said, load, table};
use crate::{
    config::Sources,
    error::{Error, Result},
    images,
    studio::{Behind, Check, Drawn, Fault, Finding, Look, Session, Verdict, Workshop},
};

/// What `studio` takes.
#[derive(Debug, Args)]
pub(super) struct StudioArgs {
    /// Photos, or folders of them
    #[arg(required = true, value_name = "PHOTO")]
    photos: Vec<PathBuf>,
    /// What stands behind: grey, charcoal, white, navy, office, garden, all, or a picture's path; several separated by commas
    #[arg(long, value_name = "BACKDROP", value_delimiter = ',', default_value = "grey")]
    backdrop: Vec<String>,
    /// Where the headshots go
    #[arg(long, value_name = "DIR", required_unless_present = "check")]
    out: Option<PathBuf>,
    /// How many times closer, 1 to 1.6
    #[arg(long, default_value_t = 1.0)]
    zoom: f32,
    /// To the right, -0.3 to 0.3 of the width
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    x: f32,
    /// Down, -0.3 to 0.3 of the height
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    y: f32,
    /// Turned clockwise, -10 to 10 degrees
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    turn: f32,
    /// Darker (-1) to lighter (1)
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    light: f32,
    /// Cooler (-1) to warmer (1)
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    warmth: f32,
    /// Write the person alone too, as PNG with transparency
    #[arg(long)]
    cutout: bool,
    /// Only say what is to be said of the photos
    #[arg(long)]
    check: bool,
    /// Make none of photos that are not usable
    #[arg(long)]
    skip_unusable: bool,
    /// Replace files that are there already
    #[arg(long, conflicts_with = "resume")]
    force: bool,
    /// Leave photos alone whose files are there already
    #[arg(long)]
    resume: bool,
}

/// What became of one photo.
struct Line {
    photo: PathBuf,
    check: Option<Check>,
    written: Vec<PathBuf>,
    /// Its files were there already.
    kept: bool,
    failed: Option<String>,
}

/// What is to be made, of every photo alike.
struct Order<'a> {
    args: &'a StudioArgs,
    wanted: Vec<Wanted>,
    look: Look,
}

/// What stands behind, as it was asked for.
enum Wanted {
    Drawn(Drawn, &'static str),
    Picture(Bytes, String),
}

/// Makes the headshots. True if all went well.
pub(super) fn run(common: &Common, args: &StudioArgs) -> Result<(Said, bool)> {
    let config = load(common, &Sources::default())?;
    let photos = listed(&args.photos)?;
    let order = Order { args, wanted: wanted(&args.backdrop)?, look: look(args)? };
    if let Some(out) = &args.out {
        fs::create_dir_all(out).map_err(|cause| {
            Error::invalid(plain!("{} can't be made: {cause}. Name another with --out.", out.display()))
        })?;
    }
    let workshop = Arc::new(Workshop::new(config.studio));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let lines: Vec<Line> = runtime.block_on(async {
        must_be_readable(&workshop, &order.wanted).await?;
        let (all, told) = (photos.len(), AtomicUsize::new(0));
        let tell = |line: &Line| {
            let nth = told.fetch_add(1, Ordering::Relaxed) + 1;
            // A terminal that is gone ends no work.
            let _ = writeln!(io::stderr(), "{nth} of {all}  {}", in_words(line));
        };
        let made = photos.iter().map(|photo| async {
            let line = order.line(&workshop, photo, &photos).await;
            tell(&line);
            line
        });
        // Children wait for their turn by themselves.
        Ok::<_, Error>(futures::stream::iter(made).buffered(AT_ONCE).collect().await)
    })?;
    let well = lines.iter().all(|line| line.failed.is_none());
    Ok((said(&lines), well))
}

/// Photos under way at the same time, at most: more wait for a processor, each with its file in memory.
const AT_ONCE: usize = 16;

impl Order<'_> {
    /// One photo of `all`, whatever becomes of it.
    async fn line(&self, workshop: &Workshop, photo: &Path, all: &[PathBuf]) -> Line {
        let mut line = Line { photo: photo.to_owned(), check: None, written: Vec::new(), kept: false, failed: None };
        if let Err(error) = self.develop(workshop, all, &mut line).await {
            line.failed = Some(error.to_string());
        }
        line
    }

    /// With children of its own: if it brings one down, the next photo has another.
    async fn develop(&self, workshop: &Workshop, all: &[PathBuf], line: &mut Line) -> Result<()> {
        let targets = self.targets(&line.photo);
        self.must_be_its_own(&targets, &line.photo, all)?;
        if !targets.is_empty() && self.args.resume && targets.iter().all(|path| path.exists()) {
            (line.kept, line.written) = (true, targets);
            return Ok(());
        }
        if !self.args.force
            && !self.args.resume
            && let Some(there) = targets.iter().find(|path| path.exists())
        {
            return Err(Error::invalid(plain!(
                "{} is there already. Replace it with --force, or go on after it with --resume.",
                there.display()
            )));
        }
        let file = fs::read(&line.photo).map_err(|cause| Error::invalid(plain!("It can't be read: {cause}.")))?;
        let developed = workshop.develop(async { Ok(file.into()) }, true).await?;
        line.check = developed.seen.map(|(check, _)| check);
        if let Some(check) = line.check.as_ref().filter(|check| check.verdict() == Verdict::NotUsable)
            && self.args.skip_unusable
        {
            return Err(Error::invalid(plain!("{}", words(check))));
        }
        if self.args.check {
            return Ok(());
        }
        let mut child = workshop.shoot().await.map_err(refused)?;
        let made =
            make(&mut child, &self.wanted, self.look, self.args.cutout, developed.master).await.map_err(refused)?;
        for (path, bytes) in targets.into_iter().zip(made) {
            write(&path, &bytes)?;
            line.written.push(path);
        }
        Ok(())
    }

    /// # Errors
    /// Another photo of this run would be written to the same file.
    fn must_be_its_own(&self, targets: &[PathBuf], photo: &Path, all: &[PathBuf]) -> Result<()> {
        let before = all.iter().take_while(|other| *other != photo).flat_map(|other| self.targets(other));
        let taken: Vec<PathBuf> = before.collect();
        let twice =
            targets.iter().enumerate().find(|(at, path)| taken.contains(*path) || targets[..*at].contains(*path));
        match twice {
            Some((_, path)) => Err(Error::invalid(plain!(
                "Two pictures would both be written to {}. Rename one, or make them one after the other.",
                path.display()
            ))),
            None => Ok(()),
        }
    }

    /// Where the files of a photo go.
    fn targets(&self, photo: &Path) -> Vec<PathBuf> {
        let Some(out) = self.args.out.as_ref().filter(|_| !self.args.check) else { return Vec::new() };
        let stem = photo.file_stem().unwrap_or_default().to_string_lossy();
        let named = |last: &str| out.join(format!("{stem}-{last}"));
        let mut targets: Vec<PathBuf> = self
            .wanted
            .iter()
            .map(|wanted| match wanted {
                Wanted::Drawn(_, name) => named(&format!("{name}.jpg")),
                Wanted::Picture(_, name) => named(&format!("{name}.jpg")),
            })
            .collect();
        if self.args.cutout {
            targets.push(named(CUTOUT));
        }
        targets
    }
}

/// What the file of a cut-out ends with.
const CUTOUT: &str = "cutout.png";

/// The files, in the order of their [`targets`].
async fn make(
    child: &mut Session,
    wanted: &[Wanted],
    look: Look,
    cutout: bool,
    master: Bytes,
) -> std::result::Result<Vec<Bytes>, Fault> {
    let cut = child.cut_out(master).await?;
    let mut made = Vec::new();
    for wanted in wanted {
        let behind = match wanted {
            Wanted::Drawn(drawn, _) => Behind::Drawn(*drawn),
            Wanted::Picture(file, _) => child.picture(file.clone()).await?,
        };
        made.push(child.lay(cut.number, behind, look).await?.file);
    }
    if cutout {
        made.push(cut.file);
    }
    Ok(made)
}

fn refused(fault: Fault) -> Error {
    match fault {
        Fault::Refused(refusal) => refusal,
        fault => Error::invalid(plain!("{fault}")),
    }
}

/// The whole file under its name, or none: whoever stops the program in the middle finds nothing half.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let failed =
        |cause: &dyn std::fmt::Display| Error::invalid(plain!("{} can't be written: {cause}.", path.display()));
    let mut file =
        tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new("."))).map_err(|cause| failed(&cause))?;
    file.write_all(bytes).map_err(|cause| failed(&cause))?;
    file.persist(path).map_err(|cause| failed(&cause))?;
    readable(path).map_err(|cause| failed(&cause))
}

/// A temporary file is its owner's alone; a headshot is like any other file.
fn readable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644))
}

/// The files named, and those in the folders named, that are pictures by their names.
fn listed(named: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut photos = Vec::new();
    for path in named {
        if !path.is_dir() {
            photos.push(path.clone());
            continue;
        }
        let mut inside: Vec<PathBuf> = fs::read_dir(path)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<io::Result<Vec<PathBuf>>>()?
            .into_iter()
            .filter(|path| path.is_file() && is_picture(path))
            .collect();
        inside.sort();
        photos.extend(inside);
    }
    // Named twice, it is made once.
    let mut seen = HashSet::new();
    photos.retain(|photo| seen.insert(photo.clone()));
    if photos.is_empty() { Err(Error::invalid(plain!("There are no photos in these folders."))) } else { Ok(photos) }
}

fn is_picture(path: &Path) -> bool {
    let end = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    matches!(end.as_str(), "jpg" | "jpeg" | "png" | "webp" | "heic" | "heif")
}

/// How people are framed and lit.
///
/// # Errors
/// A number is outside of what can be made.
fn look(args: &StudioArgs) -> Result<Look> {
    let StudioArgs { zoom, x, y, turn, light, warmth, .. } = *args;
    let look = Look { zoom, x, y, turn, light, warmth };
    let near = look.bounded();
    for (option, given, possible, range) in [
        ("zoom", zoom, near.zoom, "1 and 1.6"),
        ("x", x, near.x, "-0.3 and 0.3"),
        ("y", y, near.y, "-0.3 and 0.3"),
        ("turn", turn, near.turn, "-10 and 10"),
        ("light", light, near.light, "-1 and 1"),
        ("warmth", warmth, near.warmth, "-1 and 1"),
    ] {
        // What is no number is not even equal to itself.
        if given != possible {
            return Err(Error::invalid(plain!("--{option} must be between {range}, not {given}.")));
        }
    }
    Ok(look)
}

/// Has the pictures that are to stand behind read before any work is done for nothing.
async fn must_be_readable(workshop: &Workshop, wanted: &[Wanted]) -> Result<()> {
    for wanted in wanted {
        if let Wanted::Picture(file, name) = wanted {
            let mut child = workshop.shoot().await.map_err(refused)?;
            let unread = |fault| Error::invalid(plain!("{name} can't stand behind anyone. {}", refused(fault)));
            child.picture(file.clone()).await.map_err(unread)?;
        }
    }
    Ok(())
}

/// What is to stand behind, each of ours once.
fn wanted(named: &[String]) -> Result<Vec<Wanted>> {
    let mut wanted: Vec<Wanted> = Vec::new();
    for name in named {
        if name.is_empty() {
            return Err(Error::invalid(plain!(
                "--backdrop has a comma with nothing beside it. Name a backdrop there."
            )));
        }
        let mut ours = DRAWN.into_iter().filter(|(_, known)| name == "all" || name == known).peekable();
        if ours.peek().is_none() {
            wanted.push(picture(Path::new(name))?);
        }
        for (drawn, name) in ours {
            if !wanted.iter().any(|other| matches!(other, Wanted::Drawn(_, known) if *known == name)) {
                wanted.push(Wanted::Drawn(drawn, name));
            }
        }
    }
    Ok(wanted)
}

const DRAWN: [(Drawn, &str); 6] = [
    (Drawn::Grey, "grey"),
    (Drawn::Charcoal, "charcoal"),
    (Drawn::White, "white"),
    (Drawn::Navy, "navy"),
    (Drawn::Office, "office"),
    (Drawn::Garden, "garden"),
];

fn picture(path: &Path) -> Result<Wanted> {
    let shown = path.display();
    let file = fs::read(path).map_err(|cause| {
        let names = DRAWN.map(|(_, name)| name).join(", ");
        Error::invalid(plain!(
            "{shown} is neither a built-in backdrop ({names}) nor a picture file that can be read: {cause}."
        ))
    })?;
    images::measure(&file).map_err(|refusal| Error::invalid(plain!("{shown} can't stand behind anyone. {refusal}")))?;
    Ok(Wanted::Picture(file.into(), path.file_stem().unwrap_or_default().to_string_lossy().into_owned()))
}

fn said(lines: &[Line]) -> Said {
    let json: Vec<Value> = lines.iter().map(as_json).collect();
    let rows: Vec<Vec<String>> = lines.iter().map(as_row).collect();
    Said::new(json!({ "photos": json }), table(&["Photo", "Verdict", "Headshots", "What to know"], &rows))
}

fn as_json(line: &Line) -> Value {
    let mut said = json!({ "photo": line.photo.display().to_string(), "ok": line.failed.is_none() });
    if let Some(check) = &line.check {
        said["verdict"] = verdict(check).into();
        said["score"] = json!((f64::from(check.score) * 1000.0).round() / 1000.0);
        said["findings"] = check.findings.iter().map(|finding| finding.name()).collect();
    }
    if let Some(words) = &line.failed {
        said["error"] = words.as_str().into();
    }
    if line.kept {
        said["kept"] = true.into();
    }
    said["files"] = line.written.iter().map(|path| path.display().to_string()).collect();
    said
}

fn as_row(line: &Line) -> Vec<String> {
    let headshots = line.written.iter().filter(|path| !path.to_string_lossy().ends_with(CUTOUT)).count();
    vec![line.photo.display().to_string(), standing(line).to_owned(), headshots.to_string(), to_know(line)]
}

/// One line of what became of a photo, told as soon as it is known.
fn in_words(line: &Line) -> String {
    format!("{}  {}  {}", line.photo.display(), standing(line), to_know(line)).trim_end().to_owned()
}

fn standing(line: &Line) -> &'static str {
    match (&line.check, line.kept) {
        (Some(check), _) => verdict(check),
        (None, true) => "there already",
        (None, false) => "not read",
    }
}

fn to_know(line: &Line) -> String {
    line.failed.clone().or_else(|| line.check.as_ref().map(words)).unwrap_or_default()
}

/// What is to be said of a photo, and what to do.
fn words(check: &Check) -> String {
    check.findings.iter().copied().map(Finding::words).collect::<Vec<_>>().join(" ")
}

fn verdict(check: &Check) -> &'static str {
    match check.verdict() {
        Verdict::Fine => "fine",
        Verdict::Usable => "usable",
        Verdict::NotUsable => "not usable",
    }
}
