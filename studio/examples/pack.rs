//! Packs the weights of nets as they are kept here: `cargo run --release --example pack -- OUT NET.onnx…`
#![expect(clippy::print_stdout, reason = "a command speaks")]

use std::{error::Error, fs, path::Path};

use headroom_studio::pack;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let out = arguments.next().ok_or("a folder for the packed weights is missing")?;
    for path in arguments {
        let name = Path::new(&path).file_stem().and_then(|name| name.to_str()).ok_or("a file without a name")?;
        let bytes = fs::read(&path)?;
        let packed = pack(&bytes)?;
        println!("{name}: {} of {} bytes", packed.len(), bytes.len());
        fs::write(format!("{out}/{name}.onnx.packed"), packed)?;
    }
    Ok(())
}
