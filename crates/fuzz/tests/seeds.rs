//! Every oracle holds for every seed, without a fuzzer.

use lastword_fuzz::{handshake, targets};

/// One test, for the heap is one for all.
#[test]
fn every_oracle_holds_for_every_seed() {
    let targets = targets::all();
    for target in &targets {
        let seeds = target.seeds();
        assert!(seeds.len() >= 40, "{}: {} seeds", target.name, seeds.len());
        for seed in &seeds {
            (target.check)(seed);
        }
        println!("{}: {} seeds", target.name, seeds.len());
    }
    let of_handshakes = targets.iter().find(|target| target.name == "handshake");
    let seeds = of_handshakes.unwrap().seeds();
    let outcomes: Vec<_> = seeds.iter().map(|seed| handshake::outcome(seed)).collect();
    for (begin, least) in [
        ("served", 100),
        ("served with early data", 10),
        ("fails", 10),
        // after a HelloRetryRequest, of which the application knows nothing
        ("client changed its application_layer_protocol_", 2),
    ] {
        let count = outcomes.iter().filter(|it| it.starts_with(begin)).count();
        assert!(count >= least, "only {count} are {begin}");
    }
}
