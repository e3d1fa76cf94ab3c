// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! What both programs share: a figure is a line "name value" on standard output.
use std::fmt::Display;

pub fn figure(name: &str, value: impl Display) {
    println!("{name} {value}");
}

/// The most memory that this process ever held, in MiB.
pub fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM:"));
    let kib = line.and_then(|l| l.split_whitespace().nth(1)?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}

/// Seconds of processor time of this process so far, all its threads together.
/// Engines on one core are compared by it: other programs do not disturb it much.
pub fn cpu_seconds() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes to the struct it is given, and to nothing else.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}
