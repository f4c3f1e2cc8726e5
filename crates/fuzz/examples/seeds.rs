//! Writes the seeds of each target into its corpus: `seeds FOLDER`.
#![forbid(unsafe_code)]

use std::path::Path;
use std::{env, fs, io};

use lastword_fuzz::targets;

fn main() -> io::Result<()> {
    let Some(corpus) = env::args_os().nth(1) else {
        return Err(io::Error::other("usage: seeds FOLDER"));
    };
    for target in targets::all() {
        let folder = Path::new(&corpus).join(target.name);
        fs::create_dir_all(&folder)?;
        let seeds = target.seeds();
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{number:04}")), seed)?;
        }
        println!("{}: {} seeds", target.name, seeds.len());
    }
    Ok(())
}
