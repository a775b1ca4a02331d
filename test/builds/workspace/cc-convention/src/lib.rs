//! What the crate `cc` agrees on with whoever starts cargo, in small: which variables name the compiler, and in which
//! order. Build scripts use it; it is compiled for this machine. source: docs.rs/cc, "External configuration".
use std::{env, path::PathBuf, process::Command};

fn variable(name: &str) -> Option<String> {
    let target = env::var("TARGET").unwrap();
    let kind = if env::var("HOST").unwrap() == target { "HOST" } else { "TARGET" };
    [format!("{name}_{target}"), format!("{name}_{}", target.replace('-', "_")), format!("{kind}_{name}"), name.to_string()]
        .iter()
        .find_map(|each| env::var(each).ok())
}

/// A launcher in front is words of the command.
fn command(name: &str) -> Command {
    let value = variable(name).unwrap_or_else(|| panic!("nothing says which {name} compiles for {}", env::var("TARGET").unwrap()));
    let mut words = value.split_whitespace();
    let mut command = Command::new(words.next().unwrap());
    command.args(words);
    command
}

pub fn compile(file: &str, library: &str) {
    let out = PathBuf::from(env::var("OUT_DIR").unwrap());
    let object = out.join(format!("{library}.o"));
    let archive = out.join(format!("lib{library}.a"));
    let flags = variable("CFLAGS").unwrap_or_default();
    let run = |mut command: Command| assert!(command.status().unwrap().success(), "{command:?}");
    let mut compiler = command("CC");
    compiler.args(flags.split_whitespace()).arg(format!("-O{}", env::var("OPT_LEVEL").unwrap())).arg("-c").arg(file).arg("-o").arg(&object);
    run(compiler);
    let mut archiver = command("AR");
    archiver.arg("crs").arg(&archive).arg(&object);
    run(archiver);
    println!("cargo:rerun-if-changed={file}");
    println!("cargo:rustc-link-search=native={}", out.display());
    println!("cargo:rustc-link-lib=static={library}");
}
