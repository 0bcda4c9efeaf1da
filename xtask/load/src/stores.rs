//! The stores of the servers: empty ones, and copies of data sets. A data set is generated once for its size and
//! schema, and kept in the scratch folder.

use crate::Outcome;
use crate::data_set::DataSet;
use crate::options::Engine;
use crate::postgres::Cluster;
use crate::server::Started;
use std::cell::Cell;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Creates stores.
pub struct Stores {
    scratch: PathBuf,
    /// On the same disk, which fsync is measured on; deleted at the end.
    work: TempDir,
    cluster: Option<Cluster>,
    count: Cell<u32>,
}

impl Stores {
    /// Stores in a scratch folder, and in a cluster.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn new(scratch: &Path, cluster: Option<Cluster>) -> Outcome<Self> {
        let failed = |e: std::io::Error| format!("{}: {e}", scratch.display());
        std::fs::create_dir_all(scratch).map_err(failed)?;
        let scratch = scratch.canonicalize().map_err(failed)?;
        // The files that an interrupted run left.
        for entry in std::fs::read_dir(&scratch).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if entry.file_name().to_string_lossy().starts_with("run-") {
                std::fs::remove_dir_all(entry.path()).map_err(failed)?;
            }
        }
        if let Some(cluster) = &cluster {
            cluster.drop_all("run_")?;
        }
        let work = tempfile::Builder::new().prefix("run-").tempdir_in(&scratch).map_err(failed)?;
        Ok(Self { scratch, work, cluster, count: Cell::new(0) })
    }

    /// A new folder that is deleted at the end.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.work.path().join(format!("{name}-{}", self.count.replace(self.count.get() + 1)))
    }

    /// A store without data.
    ///
    /// # Errors
    /// When the cluster refuses.
    pub fn empty(&self, engine: Engine) -> Outcome<Store> {
        self.create(engine, None)
    }

    /// A copy of the data set of a size. It is generated first unless it is kept from an earlier run.
    ///
    /// # Errors
    /// When the server or the disk fails.
    pub fn with(&self, engine: Engine, binary: &Path, set: DataSet) -> Outcome<Store> {
        let name = format!("{}_{}_{}", engine.key(), set.jobs(), self.schema(engine, binary)?);
        match engine {
            Engine::Sqlite => {
                let kept = self.scratch.join(&name);
                if !kept.exists() {
                    let store = self.empty(engine)?;
                    generate(&store, binary, set)?;
                    std::fs::rename(&store.data, &kept).map_err(|e| format!("{}: {e}", kept.display()))?;
                }
                let store = self.empty(engine)?;
                copy(&kept, &store.data)?;
                Ok(store)
            }
            Engine::Postgres => {
                let cluster = self.cluster()?;
                if !cluster.has(&name)? {
                    let mut store = self.empty(engine)?;
                    generate(&store, binary, set)?;
                    // From here on it is not deleted with the store.
                    let database = store.database.take().ok_or("a store in PostgreSQL has a database")?;
                    cluster.rename(&database, &name)?;
                }
                self.create(engine, Some(&name))
            }
        }
    }

    /// Digits that differ between different schemas.
    fn schema(&self, engine: Engine, binary: &Path) -> Outcome<String> {
        let store = self.empty(engine)?;
        store.serve(binary)?.stop()?;
        let text = match (&store.cluster, &store.database) {
            (Some(cluster), Some(database)) => cluster.schema(database)?,
            _ => sqlite_schema(&store.data.join("stagepost.db")).map_err(|e| e.to_string())?,
        };
        Ok(format!("{:016x}", fnv(text.as_bytes())))
    }

    fn create(&self, engine: Engine, copy_of: Option<&str>) -> Outcome<Store> {
        let data = self.folder(engine.key());
        let mut store = Store { data, cluster: None, database: None };
        if engine == Engine::Postgres {
            let name = format!("run_{}", self.count.get());
            let cluster = self.cluster()?;
            cluster.create(&name, copy_of)?;
            (store.cluster, store.database) = (Some(cluster.clone()), Some(name));
        }
        Ok(store)
    }

    fn cluster(&self) -> Outcome<&Cluster> {
        self.cluster.as_ref().ok_or_else(|| "no PostgreSQL was started".into())
    }
}

/// A data directory, and for PostgreSQL a database. Both are deleted when this is dropped.
pub struct Store {
    data: PathBuf,
    cluster: Option<Cluster>,
    database: Option<String>,
}

impl Store {
    /// Starts a server on it.
    ///
    /// # Errors
    /// When the server ends.
    pub fn serve(&self, binary: &Path) -> Outcome<Started> {
        let url = self.cluster.as_ref().zip(self.database.as_ref()).map(|(cluster, name)| cluster.url(name));
        Started::stagepost(binary, &self.data, url.as_deref())
    }

    /// The process of PostgreSQL that started all others.
    pub fn database_process(&self) -> Option<u32> {
        self.cluster.as_ref().map(|cluster| cluster.process)
    }

    /// The bytes that the data uses on the disk. The server must have stopped.
    ///
    /// # Errors
    /// When the files cannot be read.
    pub fn size(&self) -> Outcome<u64> {
        match (&self.cluster, &self.database) {
            (Some(cluster), Some(database)) => cluster.size(database),
            _ => folder_size(&self.data).map_err(|e| format!("{}: {e}", self.data.display())),
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // The rest is deleted with the folder of the run, and is not measured again.
        let _ = std::fs::remove_dir_all(&self.data);
        if let (Some(cluster), Some(database)) = (&self.cluster, &self.database) {
            let _ = cluster.drop(database);
        }
    }
}

fn generate(store: &Store, binary: &Path, set: DataSet) -> Outcome {
    eprintln!("generating {} jobs", set.jobs());
    let server = store.serve(binary)?;
    set.generate(&server, false)?;
    server.stop()
}

fn copy(from: &Path, to: &Path) -> Outcome {
    let failed = |e: std::io::Error| format!("{}: {e}", from.display());
    std::fs::create_dir(to).map_err(failed)?;
    for entry in std::fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let to = to.join(entry.file_name());
        if entry.file_type().map_err(failed)?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            std::fs::copy(entry.path(), &to).map_err(failed)?;
            // Linux caches a copy in units of many pages, and counts a whole unit as written when one page of it is.
            let file = std::fs::File::open(&to).map_err(failed)?;
            file.sync_all().map_err(failed)?;
            rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed)
                .map_err(|e| failed(e.into()))?;
        }
    }
    Ok(())
}

fn folder_size(folder: &Path) -> std::io::Result<u64> {
    let mut size = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        size += if metadata.is_dir() { folder_size(&entry.path())? } else { metadata.len() };
    }
    Ok(size)
}

fn sqlite_schema(file: &Path) -> rusqlite::Result<String> {
    let database = rusqlite::Connection::open_with_flags(file, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut statement =
        database.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")?;
    let lines: rusqlite::Result<Vec<String>> = statement.query_map([], |row| row.get(0))?.collect();
    Ok(lines?.join("\n"))
}

/// FNV-1a: the same digits in every version of this program.
fn fnv(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_copy_of_a_folder_has_its_size() {
        let work = tempfile::tempdir().unwrap();
        let from = work.path().join("from");
        std::fs::create_dir_all(from.join("tls")).unwrap();
        std::fs::write(from.join("stagepost.db"), [0; 4_096]).unwrap();
        std::fs::write(from.join("tls/cert.pem"), [0; 100]).unwrap();
        let to = work.path().join("to");
        copy(&from, &to).unwrap();
        assert_eq!(folder_size(&to).unwrap(), 4_196);
    }

    #[test]
    fn different_schemas_have_different_digits() {
        assert_ne!(fnv(b"CREATE TABLE a (b)"), fnv(b"CREATE TABLE a (c)"));
        assert_eq!(fnv(b""), 0xcbf2_9ce4_8422_2325);
    }
}
