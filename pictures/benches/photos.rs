//! Photos as phones take them, beside sharp (libvips), in one run on whatever machine this is: ratios, not seconds.
//!
//! `cargo bench -p headroom-pictures`; for the comparison `npm install --prefix target/ci/sharp sharp` first. The photos, 12
//! and 48 megapixels, are made out of the test picture on the first run, and kept under `target/bench`. Ends with 1 if an aim
//! was missed; what can't be compared here is not counted.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a program that measures and prints"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use headroom_pictures::{FINE, MASTER_SIDE, Picture, Size, decode, decode_within, encode_jpeg, scale};

const ROUNDS: u32 = 12;
const SIDE: u32 = 512;
/// What a thumbnail may take of the processor, times what sharp takes. [001]
const MOST_OF_SHARP: f64 = 1.3;
/// How long a phone's HEIC may take. [001]
const HEIC_WITHIN: Duration = Duration::from_secs(1);

/// Does the same by sharp and prints the microseconds of processor time that one took.
const SHARP: &str = "
const [module, file, side, rounds] = process.argv.slice(1);
const sharp = require(module);
sharp.concurrency(1);
sharp.cache(false);
const once = () => sharp(file).resize(Number(side), Number(side), { fit: 'inside' }).rotate().jpeg({ quality: 82 }).toBuffer();
(async () => {
  await once();
  const begun = process.cpuUsage();
  for (let round = 0; round < rounds; round++) await once();
  const { user, system } = process.cpuUsage(begun);
  console.log((user + system) / rounds);
})();
";

struct Cost {
    processor: Duration,
    wall: Duration,
}

/// Processor time of this process so far, all threads, those that ended too.
fn processor() -> Duration {
    let text = fs::read_to_string("/proc/self/stat").expect("Linux");
    // After the name, which may hold anything: user and system time are the 12th and 13th field, in hundredths of a second.
    let fields: Vec<&str> = text.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

fn measure(rounds: u32, mut once: impl FnMut()) -> Cost {
    once();
    let (begun, spent) = (Instant::now(), processor());
    (0..rounds).for_each(|_| once());
    Cost { processor: (processor() - spent) / rounds, wall: begun.elapsed() / rounds }
}

fn print(what: &str, cost: &Cost) {
    println!("{what:<44} {:>7.1} ms processor {:>7.1} ms wall", millis(cost.processor), millis(cost.wall));
}

fn told(is_met: bool) -> &'static str {
    if is_met { "met" } else { "MISSED" }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// The test picture at the size of a camera's, with the noise of one.
fn photo(width: u32, height: u32) -> Picture {
    let small = decode(include_bytes!("../../tests/pictures/astronaut.jpg")).unwrap();
    let mut large = scale(&small, Size { width, height }).unwrap();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for value in large.rgb_mut() {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        *value = value.saturating_add_signed(i8::try_from(random % 9).unwrap() - 4);
    }
    large
}

/// A file under `target/bench`, made once.
fn kept(name: &str, make: impl FnOnce() -> Vec<u8>) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench");
    let path = folder.join(name);
    if !path.exists() {
        fs::create_dir_all(&folder).unwrap();
        fs::write(&path, make()).unwrap();
    }
    path
}

fn heic(picture: &Picture) -> Vec<u8> {
    let Size { width, height } = picture.size();
    let options = heifer::EncodeOptions { quality: 93, ..heifer::EncodeOptions::default() };
    heifer::encode_rgb8(width, height, picture.rgb(), &options).unwrap()
}

/// What sharp takes for the same, if node and sharp are here.
fn sharp(file: &Path) -> Option<Duration> {
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/ci/sharp/node_modules/sharp");
    let mut node = Command::new("node");
    node.arg("-e").arg(SHARP).arg(module).arg(file).args([SIDE, ROUNDS].map(|number| number.to_string()));
    let output = node.output().ok()?;
    let micros: f64 = String::from_utf8(output.stdout).ok()?.trim().parse().ok()?;
    Some(Duration::from_secs_f64(micros / 1e6))
}

fn main() -> ExitCode {
    let path = kept("12-megapixels.jpg", || encode_jpeg(&photo(4_032, 3_024), FINE).unwrap());
    let file = fs::read(&path).unwrap();
    let ours = measure(ROUNDS, || drop(encode_jpeg(&decode_within(&file, SIDE).unwrap(), 82).unwrap()));
    print(&format!("JPEG, 12 megapixels, to {SIDE} pixels"), &ours);
    let slower = match sharp(&path) {
        Some(sharp) => {
            let ratio = ours.processor.as_secs_f64() / sharp.as_secs_f64();
            println!("{:<44} {:>7.1} ms processor", "  by sharp", millis(sharp));
            println!(
                "{:<44} {ratio:>7.2} aim {MOST_OF_SHARP:.2}   {}",
                "  ours beside it",
                told(ratio <= MOST_OF_SHARP)
            );
            ratio > MOST_OF_SHARP
        }
        None => {
            println!("  by sharp: skipped, node or target/ci/sharp is not here");
            false
        }
    };
    print("JPEG, 12 megapixels, to the master", &measure(3, || drop(decode_within(&file, MASTER_SIDE).unwrap())));

    let file = fs::read(kept("48-megapixels.jpg", || encode_jpeg(&photo(8_064, 6_048), FINE).unwrap())).unwrap();
    print("JPEG, 48 megapixels, to the master", &measure(3, || drop(decode_within(&file, MASTER_SIDE).unwrap())));
    print("  decoded whole, as it was", &measure(1, || drop(decode_within(&file, 8_000).unwrap())));

    let file = fs::read(kept("12-megapixels-fine.heic", || heic(&photo(4_032, 3_024)))).unwrap();
    let ours = measure(3, || drop(decode_within(&file, MASTER_SIDE).unwrap()));
    print(&format!("HEIC, 12 megapixels, {:.1} MB, to the master", file.len() as f64 / 1e6), &ours);
    let late = ours.wall > HEIC_WITHIN;
    println!("{:<44} {:>7.1} ms wall on two cores   {}", "  aim", millis(HEIC_WITHIN), told(!late));
    if slower || late { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
