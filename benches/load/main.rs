//! `load`: measures the cost of thousands of clients at a time, and finds leaks.
#![forbid(unsafe_code)]

mod failure;
mod offered;
mod scale;
mod soak;

use std::alloc::System;
use std::process::ExitCode;

use clap::Parser;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

/// Counts the bytes on the heap.
#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Measures the cost of thousands of clients at a time, and finds leaks
#[derive(Parser)]
#[command(name = "load")]
enum Command {
    Load(offered::Options),
    Scale(scale::Options),
    Soak(soak::Options),
}

fn main() -> ExitCode {
    let result = match Command::parse() {
        Command::Load(options) => offered::run(&options),
        Command::Scale(options) => scale::run(&options),
        Command::Soak(options) => soak::run(&options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {}", failure.in_words());
            ExitCode::FAILURE
        }
    }
}
