//! The PostgreSQL cluster that the servers use: databases, sizes and processes.

use crate::Outcome;
use std::path::Path;
use tokio_postgres::NoTls;

/// A running cluster.
#[derive(Debug, Clone)]
pub struct Cluster {
    url: String,
    /// The process that started all others of the cluster.
    pub process: u32,
}

impl Cluster {
    /// The cluster at the URL of its administrator without a database.
    ///
    /// # Errors
    /// When it does not respond, or runs on another machine.
    pub fn connect(url: &str) -> Outcome<Self> {
        let mut cluster = Self { url: url.to_owned(), process: 0 };
        let folder = cluster.text("postgres", "SHOW data_directory")?;
        let file = Path::new(&folder).join("postmaster.pid");
        let text = std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        let process = text.lines().next().and_then(|line| line.trim().parse().ok());
        cluster.process = process.ok_or_else(|| format!("{}: no process id", file.display()))?;
        Ok(cluster)
    }

    /// The URL of a database, for the server.
    pub fn url(&self, database: &str) -> String {
        format!("{}/{database}", self.url)
    }

    /// Whether a database exists.
    ///
    /// # Errors
    /// When the cluster does not respond.
    pub fn has(&self, database: &str) -> Outcome<bool> {
        let count = format!("SELECT count(*)::text FROM pg_database WHERE datname = '{database}'");
        Ok(self.text("postgres", &count)? != "0")
    }

    /// Creates a database, as a copy of another one if that is given.
    ///
    /// # Errors
    /// When the cluster refuses.
    pub fn create(&self, database: &str, copy_of: Option<&str>) -> Outcome {
        let copied = copy_of.map_or_else(String::new, |name| format!(" TEMPLATE {name} STRATEGY file_copy"));
        self.run(&format!("CREATE DATABASE {database}{copied}"))
    }

    /// Renames a database.
    ///
    /// # Errors
    /// When the cluster refuses.
    pub fn rename(&self, database: &str, name: &str) -> Outcome {
        self.run(&format!("ALTER DATABASE {database} RENAME TO {name}"))
    }

    /// Deletes a database, if it exists, and its connections.
    ///
    /// # Errors
    /// When the cluster refuses.
    pub fn drop(&self, database: &str) -> Outcome {
        self.run(&format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)"))
    }

    /// Deletes the databases whose names begin with a prefix.
    ///
    /// # Errors
    /// When the cluster refuses.
    pub fn drop_all(&self, prefix: &str) -> Outcome {
        let names = format!(
            "SELECT coalesce(string_agg(datname, ' '), '') FROM pg_database WHERE starts_with(datname, '{prefix}')"
        );
        let names = self.text("postgres", &names)?;
        names.split_ascii_whitespace().try_for_each(|name| self.drop(name))
    }

    /// Writes everything to the files, and returns the bytes of a database.
    ///
    /// # Errors
    /// When the cluster does not respond.
    pub fn size(&self, database: &str) -> Outcome<u64> {
        self.run("CHECKPOINT")?;
        let size = self.text("postgres", &format!("SELECT pg_database_size('{database}')::text"))?;
        size.parse().map_err(|_| format!("not a size: {size}"))
    }

    /// A text that differs between databases with different tables, columns or indexes.
    ///
    /// # Errors
    /// When the cluster does not respond.
    pub fn schema(&self, database: &str) -> Outcome<String> {
        self.text(
            database,
            "SELECT string_agg(line, chr(10) ORDER BY line) FROM (
                SELECT concat_ws(' ', table_name, column_name, data_type) FROM information_schema.columns
                WHERE table_schema = 'public' UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
            ) AS lines (line)",
        )
    }

    fn run(&self, statement: &str) -> Outcome {
        self.query("postgres", statement).map(drop)
    }

    /// The first column of the first row.
    fn text(&self, database: &str, query: &str) -> Outcome<String> {
        self.query(database, query)?.ok_or_else(|| format!("no row: {query}"))
    }

    fn query(&self, database: &str, query: &str) -> Outcome<Option<String>> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
        let url = self.url(database);
        let found: Result<_, tokio_postgres::Error> = runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
            let connection = tokio::spawn(connection);
            let messages = client.simple_query(query).await?;
            drop(client);
            // Its errors have reached the client.
            let _ = connection.await;
            Ok(messages.into_iter().find_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                _ => None,
            }))
        });
        found.map_err(|e| {
            let detail = e.as_db_error().map_or_else(|| e.to_string(), |e| e.message().to_owned());
            format!("{query}: {detail}")
        })
    }
}
