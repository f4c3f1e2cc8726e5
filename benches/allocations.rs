//! Counts the allocations of every work in every way, and their bytes; the bytes that a half-open
//! connection holds; and the reads and writes of a connection. Prints a table.
#![forbid(unsafe_code)]

use std::alloc::System;

use lastword_benches::report::{self, Figure, Measure};
use lastword_benches::work::{Meter, WarmUp};
use lastword_benches::{calls, half_open, works};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    let mut figures = allocations();
    figures.extend(half_open::figures(ALLOCATOR));
    figures.extend(calls::figures());
    report::print(&figures);
}

fn allocations() -> Vec<Figure> {
    let mut figures = Vec::new();
    for mut work in works::all() {
        for way in &mut work.ways {
            way.run(&mut WarmUp);
            way.run(&mut WarmUp);
            let mut asked = Asked::default();
            for _ in 0..work.runs {
                way.run(&mut asked);
            }
            let times = f64::from(work.runs) * work.each as f64;
            figures.extend(
                [
                    (Measure::Allocations, asked.allocations),
                    (Measure::Allocated, asked.bytes),
                ]
                .map(|(measure, value)| {
                    Figure::new(&work.name, way.name, measure, value as f64 / times)
                }),
            );
        }
    }
    figures
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
