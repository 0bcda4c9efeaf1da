//! `backup` and `restore`: the whole data directory but for what belongs to a running server.

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

/// What is in a data directory beside the store.
const BESIDE: [&str; 3] = ["admin.toml", "tls/cert.pem", "tls/key.pem"];

#[derive(Debug, clap::Args)]
pub struct BackupArgs {
    /// New directory, which can be served as it is; or a new file whose name ends with .db, for the database alone
    #[arg(long, value_name = "PATH")]
    to: PathBuf,
}

#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    /// Directory or file that `backup` made
    #[arg(long, value_name = "PATH")]
    from: PathBuf,
    /// Replace what the data directory holds; this cannot be undone
    #[arg(long)]
    force: bool,
}

/// What was copied, for programs.
#[derive(Debug, Serialize)]
struct Copied {
    path: PathBuf,
    bytes: u64,
}

pub async fn backup(context: &Context, flags: &BackupArgs) -> Result<(), Failure> {
    let StoreLocation::Sqlite(data) = StoreLocation::of_server(context)? else {
        return Err(Failure::usage(Text::BackupOfPostgres));
    };
    let to = flags.to.clone();
    let copied = blocking(move || {
        if to.extension().is_some_and(|end| end == "db") {
            copy_store(|progress| backups::backup(&data, &to, progress))?;
            return Ok(to);
        }
        if !is_empty(&to)? {
            return Err(Failure::error(Text::NotEmpty.with(&[("path", &to.display())])));
        }
        // Under another name until it is whole.
        let part = PathBuf::from(format!("{}.part", to.display()));
        if part.exists() {
            std::fs::remove_dir_all(&part).map_err(|error| Failure::file(&part, &error))?;
        }
        make_dir(&part)?;
        copy_store(|progress| backups::backup(&data, &part.join("stagepost.db"), progress))?;
        copy_beside(&data, &part)?;
        std::fs::rename(&part, &to).map_err(|error| Failure::file(&to, &error))?;
        Ok(to)
    })
    .await?;
    done(context, copied)
}

pub async fn restore(context: &Context, flags: &RestoreArgs) -> Result<(), Failure> {
    let (data, from, force) = (context.settings.data.clone(), flags.from.clone(), flags.force);
    let copied = blocking(move || {
        if !force && !is_empty(&data)? {
            return Err(Failure::error(Text::RestoreNotEmpty.with(&[("path", &data.display())])));
        }
        copy_store(|progress| backups::restore(&from, &data, progress))?;
        if from.is_dir() {
            copy_beside(&from, &data)?;
        }
        Ok(data)
    })
    .await?;
    done(context, copied)
}

/// Runs what waits for the disk away from the threads that wait for the network.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work).await.map_err(Failure::error)?
}

fn copy_store(copy: impl FnOnce(&mut backups::Progress<'_>) -> domain::Result<()>) -> Result<(), Failure> {
    let bar = progress_bar("{bar:40} {percent}% {eta}");
    let copied = copy(&mut |done, of| {
        bar.set_length(of);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    copied.map_err(Failure::error)
}

/// True where there is nothing, or only the lock that a server leaves.
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

fn make_dir(dir: &Path) -> Result<(), Failure> {
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.map_err(|error| Failure::file(dir, &error))
}

/// Copies the secrets of the first start and the certificate, as far as they are there, for those who may read them.
fn copy_beside(from: &Path, to: &Path) -> Result<(), Failure> {
    for name in BESIDE {
        let (from, to) = (from.join(name), to.join(name));
        if !from.is_file() {
            continue;
        }
        if let Some(dir) = to.parent() {
            make_dir(dir)?;
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

fn done(context: &Context, path: PathBuf) -> Result<(), Failure> {
    let file = if path.is_dir() { path.join("stagepost.db") } else { path.clone() };
    let bytes = std::fs::metadata(&file).map_err(|error| Failure::file(&file, &error))?.len();
    let shown = path.display().to_string();
    let values = vec![(Text::Path, Cell::from(shown)), (Text::Bytes, Cell::from(bytes))];
    context.output.one(&Copied { path, bytes }, values)
}
