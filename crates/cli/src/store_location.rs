//! Where a store is, as the commands that work on stores themselves are told it.
//!
//! Must not know: what is done with it.

use crate::exit::Failure;
use crate::messages::Text;
use crate::settings::Context;
use std::fmt;
use std::path::PathBuf;
use store::read_only::ReadOnlyStore;

/// Where a store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreLocation {
    /// A data directory, a backup, or a file of either.
    Sqlite(PathBuf),
    /// A database, by its URL.
    Postgres(String),
}

impl StoreLocation {
    /// Reads `sqlite:DIR`, `postgres://...`, a path, or `@FILE` with one of them in it.
    pub fn read(text: &str) -> Result<Self, Failure> {
        if let Some(file) = text.strip_prefix('@') {
            let path = PathBuf::from(file);
            let inside = std::fs::read_to_string(&path).map_err(|error| Failure::file(&path, &error))?;
            return Self::plain(inside.trim());
        }
        Self::plain(text)
    }

    fn plain(text: &str) -> Result<Self, Failure> {
        if store::postgres::is_url(text) {
            return Ok(Self::Postgres(text.to_owned()));
        }
        let path = text.strip_prefix("sqlite:").unwrap_or(text);
        // Another scheme is no path.
        if path.is_empty() || path.contains("://") {
            return Err(Failure::usage(Text::BadPlace.with(&[("text", &path)])));
        }
        Ok(Self::Sqlite(path.into()))
    }

    /// Where a server with these settings has its store.
    pub fn of_server(context: &Context) -> Result<Self, Failure> {
        let serve = context.settings.serve.clone().at(&context.settings.data).map_err(Failure::usage)?;
        Ok(serve.database.map_or(Self::Sqlite(serve.data), Self::Postgres))
    }

    /// Opens it to be read only.
    pub async fn open_to_read(&self) -> Result<ReadOnlyStore, Failure> {
        match self {
            Self::Sqlite(path) => ReadOnlyStore::sqlite(path),
            Self::Postgres(url) => ReadOnlyStore::postgres(url).await,
        }
        .map_err(Failure::error)
    }
}

impl fmt::Display for StoreLocation {
    /// Never the URL, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => path.display().fmt(f),
            Self::Postgres(_) => f.write_str("PostgreSQL"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::StoreLocation;

    #[test]
    fn a_place_is_a_path_or_a_url() {
        let sqlite = |path: &str| StoreLocation::Sqlite(path.into());
        assert_eq!(StoreLocation::read("sqlite:/var/lib/stagepost").unwrap(), sqlite("/var/lib/stagepost"));
        assert_eq!(StoreLocation::read("backup.db").unwrap(), sqlite("backup.db"));
        assert_eq!(
            StoreLocation::read("postgresql://h/d").unwrap(),
            StoreLocation::Postgres("postgresql://h/d".into())
        );
        for wrong in ["mysql://h/d", "sqlite:", ""] {
            assert_eq!(StoreLocation::read(wrong).unwrap_err().code(), 2, "{wrong}");
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "postgres://u:secret@h/d\n").unwrap();
        let read = StoreLocation::read(&format!("@{}", file.path().display())).unwrap();
        assert_eq!(read, StoreLocation::Postgres("postgres://u:secret@h/d".into()));
        assert!(!read.to_string().contains("secret"));
    }
}
