//! Every work in every way, for callgrind to count.
//!
//! What lies within [`measured`] is collected, and dumped when [`ended`] is entered, once for each
//! way of a work: the dumps come in the order of the lines that are printed. With `--ours` no peer's
//! way is run.
#![forbid(unsafe_code)]

use std::env;
use std::hint::black_box;

use lastword_benches::work::{Meter, WarmUp};
use lastword_benches::works;

fn main() {
    let is_all = !env::args().any(|arg| arg == "--ours");
    for mut work in works::all() {
        let ways = work.ways.iter_mut();
        for way in ways.filter(|way| is_all || way.name.starts_with("lastword")) {
            // what is made at its first use is made, and memory is at hand
            way.run(&mut WarmUp);
            way.run(&mut WarmUp);
            for _ in 0..work.runs {
                way.run(&mut Counted);
            }
            ended();
            let times = u64::from(work.runs) * work.each;
            println!("{}\t{}\t{times}", work.name, way.name);
        }
    }
}

struct Counted;

impl Meter for Counted {
    fn measure(&mut self, part: &mut dyn FnMut()) {
        measured(part);
    }
}

#[inline(never)]
fn measured(part: &mut dyn FnMut()) {
    black_box(part)();
}

#[inline(never)]
fn ended() {
    black_box(());
}
