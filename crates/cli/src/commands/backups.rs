//! `backup` and `restore` of the data directory, without the files of a running server.

use crate::exit::Failure;
use crate::messages::Text;
use crate::output::{Cell, progress_bar};
use crate::settings::Context;
use crate::store_location::StoreLocation;
use serde::Serialize;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use store::sqlite::backups;

/// The files of a data directory besides the store.
const OTHER_FILES: [&str; 3] = ["admin.toml", "tls/cert.pem", "tls/key.pem"];

#[derive(Debug, clap::Args)]
pub struct BackupArgs {
    /// New directory, which can be used as a data directory; or a new file with the extension .db, for the
    /// database only
    #[arg(long, value_name = "PATH")]
    to: PathBuf,
}

#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    /// Directory or file created by `backup`
    #[arg(long, value_name = "PATH")]
    from: PathBuf,
    /// Replace the contents of the data directory; this cannot be undone
    #[arg(long)]
    force: bool,
}

/// The JSON output.
#[derive(Debug, Serialize)]
struct CopiedStore {
    path: PathBuf,
    bytes: u64,
}

pub async fn backup(context: &Context, flags: &BackupArgs) -> Result<(), Failure> {
    let StoreLocation::Sqlite(data) = StoreLocation::for_server(context)? else {
        return Err(Failure::usage(Text::BackupNeedsSqlite));
    };
    let to = flags.to.clone();
    let path = blocking(move || {
        if to.extension().is_some_and(|extension| extension == "db") {
            copy_store(|progress| backups::backup(&data, &to, progress))?;
            return Ok(to);
        }
        if !is_empty(&to)? {
            return Err(Failure::error(Text::NotEmpty.with(&[("path", &to.display())])));
        }
        // The directory gets its name when the copy is complete.
        let temporary = PathBuf::from(format!("{}.part", to.display()));
        if temporary.exists() {
            std::fs::remove_dir_all(&temporary).map_err(|error| Failure::file(&temporary, &error))?;
        }
        create_directory(&temporary)?;
        copy_store(|progress| backups::backup(&data, &temporary.join("stagepost.db"), progress))?;
        copy_other_files(&data, &temporary)?;
        std::fs::rename(&temporary, &to).map_err(|error| Failure::file(&to, &error))?;
        Ok(to)
    })
    .await?;
    print(context, path)
}

pub async fn restore(context: &Context, flags: &RestoreArgs) -> Result<(), Failure> {
    let (data, from, force) = (context.settings.data.clone(), flags.from.clone(), flags.force);
    let path = blocking(move || {
        if !force && !is_empty(&data)? {
            return Err(Failure::error(Text::RestoreNotEmpty.with(&[("path", &data.display())])));
        }
        copy_store(|progress| backups::restore(&from, &data, progress))?;
        if from.is_dir() {
            copy_other_files(&from, &data)?;
        }
        Ok(data)
    })
    .await?;
    print(context, path)
}

/// Runs disk operations on their own thread.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(Failure::error)?
}

fn copy_store(copy: impl FnOnce(&mut backups::Progress<'_>) -> domain::Result<()>) -> Result<(), Failure> {
    let bar = progress_bar("{bar:40} {percent}% {eta}");
    let result = copy(&mut |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    Ok(result?)
}

/// Whether the directory does not exist, is empty, or contains only the lock file of a server.
fn is_empty(dir: &Path) -> Result<bool, Failure> {
    if !dir.exists() {
        return Ok(true);
    }
    for entry in std::fs::read_dir(dir).map_err(|error| Failure::file(dir, &error))? {
        if entry.map_err(|error| Failure::file(dir, &error))?.file_name() != "lock" {
            return Ok(false);
        }
    }
    Ok(true)
}

fn create_directory(dir: &Path) -> Result<(), Failure> {
    let result = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir);
    result.map_err(|error| Failure::file(dir, &error))
}

/// Copies the secrets of the first start and the certificate, if they exist, with their file modes.
fn copy_other_files(from: &Path, to: &Path) -> Result<(), Failure> {
    for name in OTHER_FILES {
        let (from, to) = (from.join(name), to.join(name));
        if !from.is_file() {
            continue;
        }
        if let Some(dir) = to.parent() {
            create_directory(dir)?;
        }
        let copy = || -> std::io::Result<()> {
            let mut source = File::open(&from)?;
            let mode = source.metadata()?.permissions().mode() & 0o777;
            let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(mode).open(&to)?;
            std::io::copy(&mut source, &mut file)?;
            file.sync_all()
        };
        copy().map_err(|error| Failure::file(&to, &error))?;
    }
    Ok(())
}

fn print(context: &Context, path: PathBuf) -> Result<(), Failure> {
    let file = if path.is_dir() { path.join("stagepost.db") } else { path.clone() };
    let bytes = std::fs::metadata(&file).map_err(|error| Failure::file(&file, &error))?.len();
    let text = path.display().to_string();
    let values = vec![(Text::Path, Cell::from(text)), (Text::Bytes, Cell::from(bytes))];
    context.output.record(&CopiedStore { path, bytes }, values)
}
