//! The signals that `report exec` receives.
//!
//! Must not know: the command.

use rustix::process::Signal;
use std::future::poll_fn;
use std::task::Poll;
use tokio::signal::unix::{self, SignalKind, signal};

/// The signals that are passed on to the command. The last one reports that the command has ended or was stopped.
const SIGNALS: [Signal; 9] = [
    Signal::TERM,
    Signal::INT,
    Signal::HUP,
    Signal::QUIT,
    Signal::USR1,
    Signal::USR2,
    Signal::WINCH,
    Signal::CONT,
    Signal::CHILD,
];

/// The received signals.
pub struct Signals(Vec<(Signal, unix::Signal)>);

impl Signals {
    /// Receives signals from now on, except those that the caller of this program has set to be ignored (`nohup`,
    /// background jobs of scripts): the command ignores them as well.
    pub fn receive() -> std::io::Result<Self> {
        let ignored = ignored_signals();
        let received = SIGNALS.into_iter().filter(|signal| !is_in(ignored, *signal));
        let streams = received
            .map(|received| signal(SignalKind::from_raw(received.as_raw())).map(|stream| (received, stream)));
        streams.collect::<Result<_, _>>().map(Self)
    }

    /// The next signal. Cancel safe.
    pub async fn next(&mut self) -> Signal {
        poll_fn(|cx| {
            for (signal, stream) in &mut self.0 {
                if let Poll::Ready(Some(())) = stream.poll_recv(cx) {
                    return Poll::Ready(*signal);
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// The mask of the signals that this process ignores; empty on a system without `/proc`.
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}

fn is_in(mask: u64, signal: Signal) -> bool {
    let bit = u32::try_from(signal.as_raw() - 1).unwrap_or(u32::MAX);
    mask.checked_shr(bit).unwrap_or_default() & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_of_ignored_signals_starts_with_signal_1() {
        assert!(is_in(0b1, Signal::HUP) && !is_in(0b10, Signal::HUP));
        assert!(is_in(1 << 14, Signal::TERM) && !is_in(0, Signal::TERM));
        // Rust programs ignore SIGPIPE.
        assert!(is_in(ignored_signals(), Signal::PIPE));
        assert!(!is_in(ignored_signals(), Signal::KILL));
    }
}
