//! Criterion benchmarks live beside this file, one a layer; the library itself is empty.
#![forbid(unsafe_code)]
