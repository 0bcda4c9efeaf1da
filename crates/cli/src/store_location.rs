//! The location of a store, for the commands that access a store without a server.

use crate::exit::Failure;
use crate::messages::Text;
use crate::settings::Context;
use crate::text_files;
use std::fmt;
use std::path::PathBuf;
use store::read_only::ReadOnlyStore;

/// The location of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreLocation {
    /// A data directory, a backup, or a database file.
    Sqlite(PathBuf),
    /// The URL of a PostgreSQL database.
    Postgres(String),
}

impl StoreLocation {
    /// Parses `sqlite:DIR`, `postgres://...`, a path, or `@FILE`, a file that contains one of these.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        if let Some(file) = text.strip_prefix('@') {
            let path = PathBuf::from(file);
            return Self::parse_plain(text_files::read_secret(&path)?.trim());
        }
        Self::parse_plain(text)
    }

    fn parse_plain(text: &str) -> Result<Self, Failure> {
        if store::postgres::is_url(text) {
            return Ok(Self::Postgres(text.to_owned()));
        }
        let path = text.strip_prefix("sqlite:").unwrap_or(text);
        // A URL with another scheme is not a path.
        if path.is_empty() || path.contains("://") {
            return Err(Failure::usage(Text::InvalidStoreLocation.with(&[("text", &path)])));
        }
        Ok(Self::Sqlite(path.into()))
    }

    /// The store of a server with these settings.
    pub fn for_server(context: &Context) -> Result<Self, Failure> {
        let serve =
            context.settings.serve()?.resolve_store(&context.settings.data).map_err(Failure::usage)?;
        Ok(serve.database.map_or(Self::Sqlite(serve.data), Self::Postgres))
    }

    /// Opens the store read-only.
    pub async fn open_read_only(&self) -> Result<ReadOnlyStore, Failure> {
        match self {
            Self::Sqlite(path) => ReadOnlyStore::sqlite(path),
            Self::Postgres(url) => ReadOnlyStore::postgres(url).await,
        }
        .map_err(Failure::from)
    }
}

impl fmt::Display for StoreLocation {
    /// Does not print the URL, which may contain a password.
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
    fn a_location_is_a_path_or_a_url() {
        let sqlite = |path: &str| StoreLocation::Sqlite(path.into());
        assert_eq!(StoreLocation::parse("sqlite:/var/lib/stagepost").unwrap(), sqlite("/var/lib/stagepost"));
        assert_eq!(StoreLocation::parse("backup.db").unwrap(), sqlite("backup.db"));
        assert_eq!(
            StoreLocation::parse("postgresql://h/d").unwrap(),
            StoreLocation::Postgres("postgresql://h/d".into())
        );
        for invalid in ["mysql://h/d", "sqlite:", ""] {
            assert_eq!(StoreLocation::parse(invalid).unwrap_err().code(), 2, "{invalid}");
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "postgres://u:secret@h/d\n").unwrap();
        let location = StoreLocation::parse(&format!("@{}", file.path().display())).unwrap();
        assert_eq!(location, StoreLocation::Postgres("postgres://u:secret@h/d".into()));
        assert!(!location.to_string().contains("secret"));
    }
}
