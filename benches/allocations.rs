//! Every work in every way: how often memory is asked for, and for how much; and what else can be
//! counted: what a half-open connection holds, and its reads and writes.
#![forbid(unsafe_code)]

use std::alloc::System;

use lastword_benches::work::{Meter, WarmUp};
use lastword_benches::{calls, half_open, works};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    allocations();
    half_open::print(ALLOCATOR);
    calls::print();
}

fn allocations() {
    for mut work in works::all() {
        for way in &mut work.ways {
            way.run(&mut WarmUp);
            way.run(&mut WarmUp);
            let mut asked = Asked::default();
            for _ in 0..work.runs {
                way.run(&mut asked);
            }
            let times = f64::from(work.runs) * work.each as f64;
            let line = |measure, value: usize| {
                let value = value as f64 / times;
                println!("{}\t{}\t{measure}\t{value}", work.name, way.name);
            };
            line("allocations", asked.allocations);
            line("bytes allocated", asked.bytes);
        }
    }
}

#[derive(Default)]
struct Asked {
    allocations: usize,
    bytes: usize,
}

impl Meter for Asked {
    fn measure(&mut self, part: &mut dyn FnMut()) {
        let region = Region::new(ALLOCATOR);
        part();
        let change = region.change();
        self.allocations += change.allocations + change.reallocations;
        self.bytes += change.bytes_allocated;
    }
}
