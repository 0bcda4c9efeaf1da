//! Packs the documentation of the repository for the pages at `/docs`.

use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> io::Result<()> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    println!("cargo::rerun-if-changed={}", docs.display());
    let mut files = Vec::new();
    collect(&docs, &mut files)?;
    files.sort();
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("docs.gz");
    let mut archive = GzEncoder::new(fs::File::create(out)?, Compression::best());
    for file in files {
        let text = fs::read_to_string(&file)?;
        let path = file.strip_prefix(&docs).unwrap_or(&file).with_extension("");
        let path = path.to_string_lossy().replace('\\', "/");
        write!(archive, "{path}\n{}\n{text}\n", text.len())?;
    }
    archive.finish()?.sync_all()
}

/// Adds the Markdown files of a folder and of those in it.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "md") {
            files.push(path);
        }
    }
    Ok(())
}
