//! Threads that serve connections, one for each core. A connection stays on its thread, so a request wakes no other
//! thread and moves no memory between cores, and a busy thread is not searched for work by an idle one.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// The threads. They end when this is dropped, and then their tasks with them.
#[derive(Default)]
pub(super) struct EventLoops(Vec<EventLoop>);

struct EventLoop {
    runtime: Handle,
    connections: Arc<AtomicUsize>,
    /// Ends the thread when it is dropped.
    _stop: oneshot::Sender<()>,
}

impl EventLoops {
    /// Starts this number of threads. With none, connections are served by the runtime of the caller.
    ///
    /// # Errors
    /// The error of the system, which has no thread or no file descriptor.
    pub(super) fn start(count: usize) -> io::Result<Self> {
        (0..count).map(|_| EventLoop::start()).collect::<io::Result<_>>().map(Self)
    }

    /// Runs a connection on the thread with the fewest of them.
    pub(super) fn spawn(
        &self,
        connections: &mut JoinSet<()>,
        connection: impl Future<Output = ()> + Send + 'static,
    ) {
        let idle = self.0.iter().min_by_key(|thread| thread.connections.load(Ordering::Relaxed));
        match idle {
            Some(thread) => {
                let counted = Counted::new(&thread.connections);
                let connection = async move {
                    connection.await;
                    drop(counted);
                };
                connections.spawn_on(connection, &thread.runtime);
            }
            None => drop(connections.spawn(connection)),
        }
    }
}

impl EventLoop {
    fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        std::thread::Builder::new().name("connections".into()).spawn(move || {
            // The sender is dropped to end the thread.
            let _ = runtime.block_on(stopped);
            // Threads that may block do not keep the process.
            runtime.shutdown_background();
        })?;
        Ok(Self { runtime: handle, connections: Arc::default(), _stop: stop })
    }
}

/// A connection among those of a thread.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(connections: &Arc<AtomicUsize>) -> Self {
        connections.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(connections))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
