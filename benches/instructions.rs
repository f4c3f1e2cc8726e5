//! Every work in every way, for callgrind to count.
//!
//! What lies within [`measured`] is collected, and dumped when [`ended`] is entered, once for each
//! way of a work: the dumps come in the order of the lines that are printed.
#![forbid(unsafe_code)]

use std::hint::black_box;

use lastword_benches::work::{Meter, WarmUp};
use lastword_benches::works;

fn main() {
    for mut work in works::all() {
        for way in &mut work.ways {
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
