//! Every work in every way, by the clock.
#![forbid(unsafe_code)]

use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lastword_benches::work::{Meter, Way};
use lastword_benches::works;

fn times(criterion: &mut Criterion) {
    for mut work in works::all() {
        let mut group = criterion.benchmark_group(&work.name);
        group.throughput(Throughput::Bytes(work.bytes));
        for way in &mut work.ways {
            group.bench_function(way.name, |b| match way.whole() {
                Some(run) => b.iter(run),
                None => b.iter_custom(|times| timed(way, times)),
            });
        }
        group.finish();
    }
}

/// How long the parts take that count.
fn timed(way: &mut Way, times: u64) -> Duration {
    let mut clock = Clock(Duration::ZERO);
    for _ in 0..times {
        way.run(&mut clock);
    }
    clock.0
}

struct Clock(Duration);

impl Meter for Clock {
    fn measure(&mut self, part: &mut dyn FnMut()) {
        let start = Instant::now();
        part();
        self.0 += start.elapsed();
    }
}

criterion_group! {
    name = benches;
    // some ninety ways: four minutes in all, the build not counted
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(50)
        .nresamples(2000);
    targets = times
}
criterion_main!(benches);
