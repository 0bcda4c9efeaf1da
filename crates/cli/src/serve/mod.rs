//! `stagepost serve`: starts the store, the domain and the edge, and stops them in order.

mod admin;
mod audit_log;
mod background;
mod certificate;
mod clock;
mod demo;
mod forwarding;
mod http_client;
mod identity_providers;
mod integrity;
mod line_file;
mod line_queue;
mod log_file;
mod logging;
mod maintenance;
mod metrics;
mod offline;
mod settings;
mod signals;
mod stderr;
mod storage;
mod store;
mod systemd;
mod verdicts;
mod webhooks;

pub use offline::{OfflineServer, start_offline};
pub use settings::ServeArgs;

use crate::messages::Text;
use background::Background;
use certificate::ServedCertificate;
use edge::http::forwarded::TrustedProxies;
use edge::http::listen::{self, Bound, Limits};
use edge::http::public_url::PublicUrl;
use edge::{Edge, RepositoryNames, Settings as EdgeSettings};
use metrics_exporter_prometheus::PrometheusHandle;
use settings::Settings;
use signals::Signals;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Connections of the listener for monitoring.
const MONITORING_CONNECTIONS: usize = 64;

/// Runs the server until SIGTERM or SIGINT.
///
/// # Errors
/// A message in one line, for stderr.
pub async fn run(settings: Settings) -> Result<(), String> {
    if settings::password_in_arguments(std::env::args()) {
        tracing::warn!("the list of processes shows the password of the database; use --database-file");
    }
    let metrics = metrics::install()?;
    logging::start(settings.log_format, &settings.log, settings.log_file.clone())?;
    let result = serve(settings, metrics).await;
    logging::flush();
    result
}

async fn serve(settings: Settings, metrics: PrometheusHandle) -> Result<(), String> {
    let signals = Signals::receive()?;
    ::metrics::gauge!("stagepost_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);

    raise_file_limit();
    metrics::record_memory_limits(&settings.memory);
    let app = store::open(&settings, &settings.data, settings.accept_data_loss).await?;
    let audit_log = settings.audit_log.clone().map(audit_log::AuditLog::start).transpose()?;
    if let Some(log) = &audit_log {
        app.store.set_audit_sink(log.sink());
    }
    let mut clock = clock::ClockLog::default();
    clock.observe(&app).await.map_err(|e| e.to_string())?;
    let is_first_start = admin::create_first(&app, &settings).await?;
    // A damaged store is served too, and writes nothing.
    let is_damaged = app.store.integrity().is_some_and(|state| state.is_damaged());
    if settings.demo && !is_damaged {
        demo::load(&app).await?;
    }
    let exporter = metrics.clone();
    let store_metrics = metrics::StoreMetrics::new(app.clock.now());
    let (shown, clock_of_metrics) = (store_metrics.clone(), Arc::clone(&app.clock));
    let edge_settings = EdgeSettings {
        offset: settings.time_offset,
        account: settings.account.clone(),
        metrics: Box::new(move |names| {
            metrics::render(&metrics, &shown, clock_of_metrics.now(), names == RepositoryNames::Shown)
        }),
        proxies: settings.proxies.clone(),
        public_url: settings.public_url.clone(),
        webhook_networks: settings.webhook_allow.clone(),
        sign_in: identity_providers::methods(&settings.sign_in, &app)?,
        memory: settings.memory,
        rate_limits: settings.rate_limits,
        metrics_token: settings.metrics_token.clone(),
        metrics_on_loopback: settings.metrics_on_loopback(),
        ..EdgeSettings::default()
    };
    let edge = Edge::new(app.clone(), edge_settings).map_err(|e| e.to_string())?;

    let mut listeners = Vec::new();
    let mut endpoints = Vec::new();
    if let Some(addr) = settings.listen {
        let listener = bind(addr).await?;
        endpoints.push(("http", listener.local_addr().map_err(|e| e.to_string())?));
        listeners.push(listener);
    }
    let mut tls = None;
    if let Some(addr) = settings.tls_listen {
        let certificate =
            ServedCertificate::open(settings.tls.clone(), &settings.data).map_err(|e| e.to_string())?;
        let listener = bind(addr).await?.with_tls(certificate.server_config().map_err(|e| e.to_string())?);
        certificate::register_metric();
        tls = Some(certificate);
        endpoints.push(("https", listener.local_addr().map_err(|e| e.to_string())?));
        listeners.push(listener);
    }
    if listeners.is_empty() {
        return Err(Text::ServeNoListener.to_string());
    }
    let public = settings.public_url.as_deref().map(PublicUrl::as_str);
    write_endpoints(&settings.data, &endpoints, public)?;
    let monitoring = match settings.metrics_listen {
        Some(addr) => Some(bind(addr).await?),
        None => None,
    };
    let certificate = tls.clone();
    let reopen = audit_log.as_ref().map(audit_log::AuditLog::reopen);
    let stop = signals.start(Arc::clone(&edge), tls, reopen);
    let monitoring = monitoring.map(|bound| serve_monitoring(&edge, bound, &settings)).transpose()?;
    for (scheme, addr) in &endpoints {
        stderr::line(format_args!("listening on {scheme}://{addr}"));
    }
    let prints_secrets = !systemd::stderr_is_journal();
    if prints_secrets && (is_first_start || (settings.demo && !is_damaged)) {
        print_sign_in_link(&app, &endpoints, public).await?;
    }
    systemd::notify_ready();
    let metrics_task = tokio::spawn(metrics::keep_up(exporter));
    let measuring = {
        let (app, interval) = (app.clone(), settings.maintenance_interval);
        let repositories = settings.metrics_repositories;
        Background::start(move |stopped| async move {
            store_metrics.keep_measuring(&app, repositories, interval, stopped).await;
        })
    };
    let watching = certificate.map(|certificate| {
        Background::start(|stopped| certificate.watch(settings.maintenance_interval, stopped))
    });
    let maintenance = maintenance::start(
        app.clone(),
        clock,
        settings.maintenance_interval,
        (settings.event_retention, settings.audit_retention),
        settings.integrity_check_share,
    );
    let webhook_sender =
        webhooks::start(app.clone(), settings.webhook_allow.clone(), public.map(str::to_owned));
    let forwarding_sender =
        forwarding::start(app.clone(), settings.webhook_allow.clone(), public.map(str::to_owned));
    let verdict_recorder = verdicts::start(app.clone());
    let refusal_recorder = maintenance::record_refusals(Arc::clone(&edge), settings.maintenance_interval);
    let limits = Limits {
        connections: settings.connections,
        event_loops: std::thread::available_parallelism().map_or(1, usize::from),
        proxies: TrustedProxies::new(&settings.proxies),
        ..Limits::new(&settings.memory)
    };
    let drained = listen::serve(listeners, edge::router(&edge), limits, stop).await;
    metrics_task.abort();
    webhook_sender.stop().await;
    forwarding_sender.stop().await;
    verdict_recorder.stop().await;
    refusal_recorder.stop().await;
    maintenance.stop().await;
    measuring.stop().await;
    for background in watching.into_iter().chain(monitoring) {
        background.stop().await;
    }
    tracing::info!(accepted = drained.accepted, open = drained.open, cut = drained.cut, "stopped listening");
    app.store.close().await.map_err(|e| e.to_string())?;
    if let Some(log) = audit_log {
        // It waits for its thread.
        tokio::task::spawn_blocking(move || log.stop()).await.map_err(|e| e.to_string())?;
    }
    tracing::info!("stopped");
    Ok(())
}

/// Serves health checks and metrics on their own listener, until the server has stopped.
fn serve_monitoring(edge: &Arc<Edge>, bound: Bound, settings: &Settings) -> Result<Background, String> {
    let addr = bound.local_addr().map_err(|e| e.to_string())?;
    stderr::line(format_args!("metrics on http://{addr}/metrics"));
    let (router, limits) = (edge::monitoring_router(edge), Limits::new(&settings.memory));
    let limits =
        Limits { connections: MONITORING_CONNECTIONS, event_loops: 1, drain: Duration::ZERO, ..limits };
    Ok(Background::start(|mut stopped| async move {
        let stop = async move { drop(stopped.changed().await) };
        listen::serve(vec![bound], router, limits, stop).await;
    }))
}

/// Prints a link that signs the administrator in once.
async fn print_sign_in_link(
    app: &domain::App,
    endpoints: &[(&str, SocketAddr)],
    public: Option<&str>,
) -> Result<(), String> {
    let Some((scheme, addr)) = endpoints.first() else { return Ok(()) };
    let server =
        public.map_or_else(|| format!("{scheme}://{}", connectable(*addr)), |public| public.to_owned());
    let administrator = admin::first(app).await?;
    let token =
        domain::actions::tokens::create_sign_in_link(app, &administrator).await.map_err(|e| e.to_string())?;
    stderr::line(format_args!("sign in once: {server}/sign-in?once={token}"));
    Ok(())
}

/// Raises the soft limit of open files to the hard limit, because every connection is an open file.
fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    if limit.current == limit.maximum {
        return;
    }
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        tracing::warn!(%error, "cannot raise the limit of open files");
    }
}

async fn bind(addr: SocketAddr) -> Result<Bound, String> {
    let bound = listen::bind(addr).await;
    bound.map_err(|error| Text::ServeCannotListen.with(&[("address", &addr), ("reason", &error)]))
}

/// Writes the server's URLs to `DATA/endpoints.toml`, for `stagepost env` and commands on this machine.
fn write_endpoints(
    data: &Path,
    endpoints: &[(&str, SocketAddr)],
    public: Option<&str>,
) -> Result<(), String> {
    let own =
        endpoints.iter().map(|(scheme, addr)| format!("{scheme} = \"{scheme}://{}\"\n", connectable(*addr)));
    let public = public.map(|public| format!("public = \"{public}\"\n"));
    let text: String = own.chain(public).collect();
    let path = data.join("endpoints.toml");
    std::fs::write(&path, text).map_err(|error| file_error(&path, &error))
}

/// The message for a file that cannot be read or written.
fn file_error(path: &Path, error: &std::io::Error) -> String {
    Text::FileError.with(&[("path", &path.display()), ("reason", error)])
}

/// The address to connect to: the loopback address for an unspecified one.
fn connectable(addr: SocketAddr) -> SocketAddr {
    match addr {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => SocketAddr::from(([127, 0, 0, 1], v4.port())),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => {
            SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, v6.port()))
        }
        addr => addr,
    }
}
