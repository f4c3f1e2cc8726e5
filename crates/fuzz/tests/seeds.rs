//! Every oracle holds for every seed, without a fuzzer.

use lastword_fuzz::{handshake, seeds::TARGETS};

/// One test, for the heap is one for all.
#[test]
fn every_oracle_holds_for_every_seed() {
    for target in TARGETS {
        let seeds = target.seeds();
        assert!(seeds.len() >= 40, "{}: {} seeds", target.name, seeds.len());
        for seed in &seeds {
            (target.check)(seed);
        }
        println!("{}: {} seeds", target.name, seeds.len());
    }
    let of_handshakes = TARGETS.iter().find(|target| target.name == "handshake");
    let seeds = of_handshakes.unwrap().seeds();
    let served = seeds.iter().filter(|seed| handshake::is_served(seed));
    let served = served.count();
    assert!(served >= 100, "only {served} clients are served");
}
