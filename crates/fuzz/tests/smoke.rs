//! The oracles that depend on rustls hold for altered seeds, without a fuzzer. The alterations remove,
//! repeat, move, change, cut and lengthen records, and add records of another seed.
#![forbid(unsafe_code)]

use std::{env, panic};

use lastword_fuzz::seeds::{OVER_RUSTLS, Target};

/// How many inputs each target gets, unless the variable `SMOKE_CASES` is set.
const CASES: u64 = 2000;

/// One test, for the heap is one for all.
#[test]
fn every_oracle_holds_for_altered_seeds() {
    let cases = env::var("SMOKE_CASES").map_or(CASES, |cases| cases.parse().unwrap());
    for target in OVER_RUSTLS {
        let seeds = Vec::from_iter(target.seeds());
        for case in 0..cases {
            let mut random = Random::of(case);
            let (seed, other) = (random.one(&seeds), random.one(&seeds));
            check(&target, case, &altered(&mut random, &target, seed, other));
        }
    }
}

/// Tries an input. If the oracle does not hold, the input is in the words of the panic; `xxd -r -p` makes a
/// file of it.
fn check(target: &Target, case: u64, input: &[u8]) {
    if panic::catch_unwind(|| (target.check)(input)).is_err() {
        let hex = Vec::from_iter(input.iter().map(|byte| format!("{byte:02x}")));
        panic!("{}: case {case}: {}", target.name, hex.concat());
    }
}

/// Numbers that look random.
struct Random(u64);

impl Random {
    fn of(case: u64) -> Self {
        Self((case + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn below(&mut self, most: usize) -> usize {
        // xorshift: its next number
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as usize % most
    }

    fn one<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// Bytes that mean something in many places, and others.
    fn byte(&mut self) -> u8 {
        match self.below(3) {
            0 => *self.one(&[0, 1, 2, 3, 20, 21, 22, 23, 24, 0x7a, 0x7f, 0x80, 0xff]),
            _ => self.below(256) as u8,
        }
    }
}

/// The seed, altered once or a few times.
fn altered(random: &mut Random, target: &Target, seed: &[u8], other: &[u8]) -> Vec<u8> {
    let (mut choices, mut all) = parts(target, seed);
    let (_, others) = parts(target, other);
    if random.below(4) == 0 {
        let at = random.below(choices.len());
        choices[at] = random.byte();
    }
    for _ in 0..=random.below(4) {
        let at = random.below(all.len());
        match random.below(10) {
            0 if all.len() > 1 => drop(all.remove(at)),
            1 => all.insert(at, all[at].clone()),
            2 => {
                let to = random.below(all.len());
                all.swap(at, to);
            }
            3 => all.insert(at, random.one(&others).clone()),
            _ => alter(random, &mut all[at]),
        }
    }
    [choices, all.concat()].concat()
}

/// Splits an input into the bytes that choose a server, cuts and an end, and its records. The last record
/// may be incomplete.
fn parts(target: &Target, input: &[u8]) -> (Vec<u8>, Vec<Vec<u8>>) {
    let choices = match target.name {
        "transport" => 4 + usize::from(input[3]), // a schedule and its length
        _ => 3,
    };
    let (choices, mut rest) = input.split_at(choices.min(input.len()));
    let mut records = Vec::new();
    while !rest.is_empty() || records.is_empty() {
        let len = match rest {
            [_, _, _, high, low, ..] => 5 + usize::from(u16::from_be_bytes([*high, *low])),
            _ => rest.len(),
        };
        let (record, behind) = rest.split_at(len.min(rest.len()));
        records.push(record.to_vec());
        rest = behind;
    }
    (choices.to_vec(), records)
}

/// Alters a record: a bit, a byte, or some bytes more or less. Its length is then right, or not.
fn alter(random: &mut Random, record: &mut Vec<u8>) {
    let at = random.below(record.len() + 1);
    let most = 1 << random.below(8);
    let some = random.below(most);
    match random.below(4) {
        0 if at < record.len() => record[at] ^= 1 << random.below(8),
        1 if at < record.len() => record[at] = random.byte(),
        2 => drop(record.drain(at..record.len().min(at + some))),
        _ => {
            let byte = random.byte();
            record.splice(at..at, std::iter::repeat_n(byte, some));
        }
    }
    if random.below(4) > 0 {
        let len = record.len().saturating_sub(5) as u16;
        if let Some(header) = record.get_mut(3..5) {
            header.copy_from_slice(&len.to_be_bytes());
        }
    }
}
