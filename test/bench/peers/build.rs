// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! Tells the programs where cargo has put the sources of egg and egglog: egg's
//! own tests are compiled from there, egglog's are read at run time.
use std::{env, path::PathBuf, process::Command};

fn main() {
    let output = Command::new(env::var("CARGO").expect("cargo sets CARGO"))
        .args(["metadata", "--format-version=1", "--locked", "--offline"])
        .output()
        .expect("cargo metadata runs");
    let text = String::from_utf8(output.stdout).expect("metadata is UTF-8");
    for name in ["egg", "egglog"] {
        let source = source_of(&text, name).expect("cargo has fetched its source");
        println!("cargo:rustc-env=SOURCE_OF_{}={}", name.to_uppercase(), source.display());
    }
    println!("cargo:rerun-if-changed=Cargo.lock");
}

/// The folder of the manifest whose path says `name`, a dash and a version.
fn source_of(metadata: &str, name: &str) -> Option<PathBuf> {
    metadata
        .split("\"manifest_path\":\"")
        .filter_map(|rest| rest.split('"').next())
        .map(|path| PathBuf::from(path.replace("\\\\", "\\")))
        .filter_map(|path| path.parent().map(PathBuf::from))
        .find(|folder| {
            let last = folder.file_name().and_then(|f| f.to_str()).unwrap_or("");
            last.strip_prefix(name)
                .and_then(|rest| rest.strip_prefix('-'))
                .is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()))
        })
}
