//! The signals of the server: SIGTERM and SIGINT stop it, SIGHUP reads the certificate again and opens the files of
//! the log and of the audit log again, SIGUSR1 and SIGUSR2 have no effect.

use super::audit_log::Reopen;
use super::certificate::ServedCertificate;
use super::{log_file, logging};
use crate::messages::Text;
use edge::Edge;
use std::future::Future;
use std::io::IsTerminal as _;
use std::sync::Arc;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;

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
        certificate: Option<Arc<ServedCertificate>>,
        audit_log: Option<Reopen>,
    ) -> impl Future<Output = ()> + Send + 'static {
        let (stop, stopped) = oneshot::channel();
        tokio::spawn(self.run(edge, certificate, audit_log, stop));
        async move { drop(stopped.await) }
    }

    async fn run(
        mut self,
        edge: Arc<Edge>,
        certificate: Option<Arc<ServedCertificate>>,
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
                        // First: what follows is logged in the new file.
                        log_file::reopen();
                        match &certificate {
                            Some(certificate) => certificate.reload("SIGHUP"),
                            None => tracing::info!("SIGHUP: there is no certificate to read again"),
                        }
                        audit_log.iter().for_each(Reopen::request);
                        continue;
                    }
                }
            }
            let Some(stop) = stop.take() else {
                logging::flush();
                std::process::exit(130);
            };
            tracing::info!("stopping after running requests have finished; a second signal stops at once");
            edge.drain();
            // Fails only if the server stopped already.
            let _ = stop.send(());
        }
    }
}
