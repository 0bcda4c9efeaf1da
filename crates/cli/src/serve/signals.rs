//! The signals of the server: SIGTERM and SIGINT stop it, SIGHUP reads the certificate again and opens the
//! file of the audit log again, SIGUSR1 and SIGUSR2
//! have no effect.

use super::audit_log::Reopen;
use super::stderr;
use crate::messages::Text;
use edge::Edge;
use edge::http::tls::{Certificate, TlsError};
use std::future::Future;
use std::io::IsTerminal as _;
use std::sync::Arc;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

/// Reads the certificate and key again and replaces them if they are valid. Returns whether they differ.
pub type Reload = Box<dyn Fn(&Certificate) -> Result<bool, TlsError> + Send>;

/// Signals that are received from now on.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
    user: [Signal; 2],
    /// Whether the server was started in a terminal.
    in_terminal: bool,
}

impl Signals {
    /// Receives all signals from now on, also before [`Signals::start`].
    ///
    /// # Errors
    /// A message in one line.
    pub fn receive() -> Result<Self, String> {
        let receive = |kind| signal(kind).map_err(|e| Text::ServeNoSignals.with(&[("reason", &e)]));
        Ok(Self {
            terminate: receive(SignalKind::terminate())?,
            interrupt: receive(SignalKind::interrupt())?,
            hangup: receive(SignalKind::hangup())?,
            user: [receive(SignalKind::user_defined1())?, receive(SignalKind::user_defined2())?],
            in_terminal: std::io::stdin().is_terminal(),
        })
    }

    /// Acts on the signals. The returned future resolves at the first SIGTERM or SIGINT; the second one ends
    /// the process at once.
    pub fn start(
        self,
        edge: Arc<Edge>,
        tls: Option<(Arc<Certificate>, Reload)>,
        audit_log: Option<Reopen>,
    ) -> impl Future<Output = ()> + Send + 'static {
        let (stop, stopped) = oneshot::channel();
        tokio::spawn(self.run(edge, tls, audit_log, stop));
        async move { drop(stopped.await) }
    }

    async fn run(
        mut self,
        edge: Arc<Edge>,
        tls: Option<(Arc<Certificate>, Reload)>,
        audit_log: Option<Reopen>,
        stop: oneshot::Sender<()>,
    ) {
        let mut stop = Some(stop);
        let [user1, user2] = &mut self.user;
        loop {
            tokio::select! {
                _ = self.terminate.recv() => {}
                _ = self.interrupt.recv() => {}
                _ = user1.recv() => continue,
                _ = user2.recv() => continue,
                _ = self.hangup.recv() => {
                    // A terminal that was closed: the person who started the server has left.
                    if !self.in_terminal || std::io::stdin().is_terminal() {
                        reload(tls.as_ref());
                        audit_log.iter().for_each(Reopen::request);
                        continue;
                    }
                }
            }
            let Some(stop) = stop.take() else {
                stderr::flush();
                std::process::exit(130);
            };
            tracing::info!("stopping after running requests have finished; a second signal stops at once");
            edge.drain();
            // Fails only if the server stopped already.
            let _ = stop.send(());
        }
    }
}

/// Reads the certificate again. The present one stays if the new one cannot be used.
fn reload(tls: Option<&(Arc<Certificate>, Reload)>) {
    let Some((certificate, reload)) = tls else {
        return tracing::info!("SIGHUP: there is no certificate to read again");
    };
    let result = match reload(certificate) {
        Ok(true) => {
            tracing::info!("SIGHUP: the certificate was replaced; open connections keep the former one");
            "replaced"
        }
        Ok(false) => {
            tracing::info!("SIGHUP: the certificate is unchanged");
            "unchanged"
        }
        Err(error) => {
            tracing::error!(%error, "SIGHUP: the certificate was not replaced; the former one stays in use");
            "failed"
        }
    };
    metrics::counter!("stagepost_certificate_reloads_total", "result" => result).increment(1);
}
