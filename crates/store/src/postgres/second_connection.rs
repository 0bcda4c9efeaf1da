//! The second connection that writes. It opens again in the background, so the writer never waits for it.

use super::connect;
use super::connection::Connection;
use super::server::Server;
use super::session::WRITE_SETTINGS;
use domain::Result;
use domain::ports::unavailable;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::oneshot::{Receiver, channel, error::TryRecvError};

/// The pause after the connection could not be opened.
const RETRY_PAUSE: Duration = Duration::from_secs(60);

pub struct SecondConnection {
    server: Server,
    runtime: Handle,
    connection: Option<Box<Connection>>,
    opening: Option<Receiver<Result<Connection>>>,
    retry_at: Option<Instant>,
}

impl SecondConnection {
    pub fn new(server: Server, runtime: Handle, connection: Option<Connection>) -> Self {
        Self { server, runtime, connection: connection.map(Box::new), opening: None, retry_at: None }
    }

    /// The connection. `None`: it is not open, and is being opened.
    pub fn get(&mut self) -> Option<&mut Box<Connection>> {
        if self.connection.as_ref().is_none_or(|connection| connection.is_closed()) {
            self.start_to_open();
            return None;
        }
        self.connection.as_mut()
    }

    /// The connection that has prepared statements, also if it was closed since.
    pub fn prepared(&mut self) -> Option<&mut Box<Connection>> {
        self.connection.as_mut()
    }

    fn start_to_open(&mut self) {
        if self.opening.is_some() || self.retry_at.is_some_and(|at| at > Instant::now()) {
            return;
        }
        let (sender, receiver) = channel();
        let server = self.server.clone();
        self.runtime.spawn(async move {
            // Fails if the store was closed meanwhile.
            drop(sender.send(connect::connect(&server, WRITE_SETTINGS).await));
        });
        self.opening = Some(receiver);
    }

    /// Takes a connection that was opened in the background. Returns whether there is one: it may lead to another
    /// machine.
    pub fn take_opened(&mut self) -> bool {
        let opened = match self.opening.as_mut().map(Receiver::try_recv) {
            None | Some(Err(TryRecvError::Empty)) => return false,
            Some(Ok(opened)) => opened,
            Some(Err(TryRecvError::Closed)) => Err(unavailable("the runtime ends")),
        };
        self.opening = None;
        match opened {
            Ok(connection) => {
                (self.connection, self.retry_at) = (Some(Box::new(connection)), None);
                true
            }
            Err(error) => {
                tracing::warn!(%error, "the second connection that writes cannot be opened: reports take longer");
                self.retry_at = Some(Instant::now() + RETRY_PAUSE);
                false
            }
        }
    }
}

#[cfg(test)]
mod tests;
