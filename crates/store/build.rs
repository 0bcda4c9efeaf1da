//! Lists the migrations of both engines in order of their numbers, so that a new migration is one new file.

use std::path::Path;
use std::{env, fs};

fn main() {
    let sources = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("set by cargo")).join("src");
    let out = env::var("OUT_DIR").expect("set by cargo");
    for engine in ["sqlite", "postgres"] {
        let folder = sources.join(engine).join("migrations");
        println!("cargo::rerun-if-changed={}", folder.display());
        let mut names: Vec<String> = fs::read_dir(&folder)
            .expect("the folder of the migrations")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name in UTF-8"))
            // Other files are data of tests.
            .filter(|name| name.starts_with(|first: char| first.is_ascii_digit()))
            .collect();
        names.sort();
        let mut list = String::from("&[\n");
        for (number, name) in (1..).zip(&names) {
            let prefix = format!("{number:04}_");
            assert!(name.starts_with(&prefix), "{engine}: {name} must be migration {prefix}");
            list += &format!("    include_str!({:?}),\n", folder.join(name));
        }
        list += "]\n";
        fs::write(Path::new(&out).join(format!("{engine}_migrations.rs")), list).expect("the list");
    }
}
