//! A running PostgreSQL as tests use it: statements through a client connection, and databases that are
//! dropped again.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio_postgres::{Config, NoTls, SimpleQueryMessage};

/// The administrator, who owns no database of a test.
pub(super) const ADMINISTRATOR: &str = "postgres";
/// The owner of the databases: the product needs no more rights than that.
pub(super) const OWNER: &str = "stagepost";

/// A PostgreSQL on 127.0.0.1.
pub struct Server {
    port: u16,
    /// The database with the product's tables and no rows that others are copies of, once it is asked for.
    template: OnceLock<String>,
}

/// A database. Dropping this drops it.
pub struct Database<'a> {
    server: &'a Server,
    /// Its name.
    pub name: String,
    /// The URL for the product.
    pub url: String,
}

impl Server {
    pub(super) fn on(port: u16) -> Self {
        Self { port, template: OnceLock::new() }
    }

    /// A server that runs already, by the URL of its administrator without a database.
    ///
    /// # Panics
    /// When the URL has no port.
    pub(super) fn given(url: &str) -> Self {
        let port = url.rsplit_once(':').and_then(|(_, port)| port.trim_end_matches('/').parse().ok());
        Self::on(port.unwrap_or_else(|| panic!("{url}: not postgres://{ADMINISTRATOR}@127.0.0.1:PORT")))
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Creates an empty database.
    ///
    /// # Panics
    /// When it cannot be created.
    pub fn database(&self) -> Database<'_> {
        self.create("")
    }

    /// Creates a database with the product's tables and no rows: a copy of one that was migrated once in this
    /// process.
    ///
    /// # Panics
    /// When it cannot be created.
    pub fn migrated_database(&self) -> Database<'_> {
        let template = self.template.get_or_init(|| {
            let database = self.database();
            blocking(async {
                let options = store::postgres::Options { readers: 1, ..store::postgres::Options::default() };
                let store = store::postgres::Postgres::open(&database.url, options)
                    .await
                    .map_err(domain::ports::unavailable)?;
                let store: Box<dyn domain::ports::Store> = Box::new(store);
                store.close().await
            })
            .unwrap_or_else(|error| panic!("the tables of the template: {error}"));
            // A database with connections cannot be copied. The store's end with its runtime; this waits for
            // the server's side.
            self.sql(&format!(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{}'",
                database.name
            ));
            // Not dropped: the databases of this process are copies of it. It is dropped with the cluster.
            let name = database.name.clone();
            std::mem::forget(database);
            name
        });
        // Copying files costs half of what writing each block to the log does.
        self.create(&format!("TEMPLATE {template} STRATEGY file_copy"))
    }

    fn create(&self, options: &str) -> Database<'_> {
        static CREATED: AtomicU32 = AtomicU32::new(0);
        // The processes of a run share the server.
        let name = format!("test_{}_{}", std::process::id(), CREATED.fetch_add(1, Ordering::SeqCst));
        self.sql(&format!("CREATE DATABASE {name} OWNER {OWNER} {options}"));
        let url = format!("postgres://{OWNER}@127.0.0.1:{}/{name}", self.port);
        Database { server: self, name, url }
    }

    /// Runs statements as the administrator; returns the rows as text, with `|` between columns.
    ///
    /// # Panics
    /// When one fails.
    pub fn sql(&self, statements: &str) -> String {
        self.try_sql("postgres", statements).unwrap_or_else(|error| panic!("{statements}: {error}"))
    }

    /// The same in one database.
    ///
    /// # Errors
    /// With what PostgreSQL reports.
    pub fn try_sql(&self, database: &str, statements: &str) -> Result<String, String> {
        let mut config = Config::new();
        config.host("127.0.0.1").port(self.port).user(ADMINISTRATOR).dbname(database);
        blocking(async {
            let (client, connection) = config.connect(NoTls).await?;
            let connection = tokio::spawn(connection);
            let messages = client.simple_query(statements).await;
            drop(client);
            // Waits until the server has closed the connection: a database cannot be dropped or copied
            // before.
            let _ = connection.await;
            messages.map(|messages| text(&messages))
        })
        .map_err(|error: tokio_postgres::Error| match error.as_db_error() {
            Some(reported) => reported.to_string(),
            None => error.to_string(),
        })
    }

    /// Ends every client connection to its databases; returns their number.
    ///
    /// # Panics
    /// When the statement fails.
    pub fn terminate_all(&self) -> u32 {
        let ended = self.sql(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
             WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
        );
        ended.parse().expect("a number")
    }
}

impl Database<'_> {
    /// Runs statements in it as the administrator; returns the rows as text, with `|` between columns.
    ///
    /// # Panics
    /// When one fails.
    pub fn sql(&self, statements: &str) -> String {
        self.server.try_sql(&self.name, statements).unwrap_or_else(|error| panic!("{statements}: {error}"))
    }
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        // Without a running server the database is not available either.
        let _ =
            self.server.try_sql("postgres", &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

/// Rows as `psql --no-align --tuples-only` prints them.
fn text(messages: &[SimpleQueryMessage]) -> String {
    let rows = messages.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let lines = rows.map(|row| {
        let columns: Vec<&str> = (0..row.len()).map(|column| row.get(column).unwrap_or_default()).collect();
        columns.join("|")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Runs a future to its end in a separate runtime: the caller may be in one already.
fn blocking<T: Send>(work: impl Future<Output = T> + Send) -> T {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
            runtime.expect("a runtime").block_on(work)
        });
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
