// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! egglog on one program per process, on one thread.
//!
//!   peers-egglog FILE [OLD NEW]...   times it, with each OLD replaced by NEW; a
//!                                    FILE that is not there is one of egglog's own
//!   peers-egglog --source            the folder of egglog's own source
use peers::{cpu_seconds, figure, peak_mib};

#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc; // as in egglog's own

fn run(file: &str, changes: &[String]) {
    let own = format!("{}/tests/{file}", env!("SOURCE_OF_EGGLOG"));
    let path = if std::path::Path::new(file).exists() { file } else { &own };
    let mut text = std::fs::read_to_string(path).expect("the program can be read");
    for change in changes.chunks(2) {
        assert!(text.contains(&change[0]), "no {:?} in {file}", change[0]);
        text = text.replace(&change[0], &change[1]);
    }
    let mut egraph = egglog::EGraph::new(1);
    let begin = cpu_seconds();
    let result = egraph.parse_and_run_program(Some(file.to_owned()), &text);
    figure("seconds", cpu_seconds() - begin);
    figure("peak_mib", peak_mib());
    figure("nodes", egraph.num_tuples());
    if let Err(error) = result {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("--source") => println!("{}", env!("SOURCE_OF_EGGLOG")),
        Some(file) if arguments.len() % 2 == 1 => run(file, &arguments[1..]),
        _ => {
            eprintln!("usage: peers-egglog FILE [OLD NEW]... | peers-egglog --source");
            std::process::exit(2);
        }
    }
}
