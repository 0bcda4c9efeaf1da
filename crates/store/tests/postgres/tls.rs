//! TLS to the database.

use domain::ports::Health as _;
use store::postgres::{Options, Postgres};
use testkit::postgres::{Cluster, Settings};

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_over_tls_checks_the_server() {
    let cluster = Cluster::start(Settings::default());
    let certificate = |name: &str| rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    let (ours, other) = (certificate("localhost"), certificate("localhost"));
    cluster.enable_tls(&ours.cert.pem(), &ours.signing_key.serialize_pem());
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let (ours, other) = (file("ours.pem", ours.cert.pem()), file("other.pem", other.cert.pem()));
    let database = cluster.database();
    let by_name = database.url.replace("127.0.0.1", "localhost");
    let open = async |url: String| {
        let opened = Postgres::open(&url, Options { readers: 1, ..Options::default() }).await;
        match opened {
            Ok(store) => store.check().await.map(|()| store).map_err(|e| e.to_string()),
            Err(error) => Err(error.to_string()),
        }
    };
    // The server may not have reloaded its settings yet.
    let mut first = open(format!("{by_name}?sslmode=verify-full&sslrootcert={ours}")).await;
    while first.as_ref().is_err_and(|error| error.contains("does not support TLS")) {
        first = open(format!("{by_name}?sslmode=verify-full&sslrootcert={ours}")).await;
    }
    let _store = first.unwrap();
    let encrypted = "SELECT count(*) FROM pg_stat_ssl WHERE ssl AND pid IN (SELECT pid FROM pg_stat_activity
        WHERE application_name = 'stagepost')";
    assert_ne!(database.sql(encrypted), "0");
    for wrong in [
        format!("{by_name}?sslmode=verify-full&sslrootcert={other}"),
        format!("{}?sslmode=require&sslrootcert={ours}", database.url),
        format!("{by_name}?sslmode=require"),
    ] {
        let error = open(wrong.clone()).await.err().unwrap();
        assert!(error.contains("certificate"), "{wrong}: {error}");
    }
    open(database.url.clone()).await.unwrap();
}
