//! The flags `--timeout` and `--outage` of `watch` and `wait`.

use crate::durations;
use crate::exit::{self, Failure};
use crate::messages::Text;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

#[derive(Debug, clap::Args)]
pub struct TimeLimits {
    /// Give up after this time with exit code 3: 90m, 1h30m, 2d... [default: never]
    #[arg(long, value_name = "DURATION")]
    timeout: Option<String>,
    /// How long to retry while the server is unreachable
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    outage: String,
}

impl TimeLimits {
    /// How long to retry while the server is unreachable.
    pub fn outage(&self) -> Result<Duration, Failure> {
        durations::parse("--outage", &self.outage)
    }

    /// Whether the timeout is zero: read the state once and do not wait.
    pub fn is_zero(&self) -> Result<bool, Failure> {
        Ok(self.timeout()?.is_some_and(|limit| limit.is_zero()))
    }

    fn timeout(&self) -> Result<Option<Duration>, Failure> {
        self.timeout.as_deref().map(|text| durations::parse("--timeout", text)).transpose()
    }

    /// Runs `work` until it is done or Ctrl-C is pressed.
    pub async fn interruptible(
        &self,
        work: impl Future<Output = Result<(), Failure>>,
    ) -> Result<(), Failure> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        tokio::select! {
            biased;
            result = work => result,
            _ = interrupt.recv() => Err(Failure::without_message(exit::INTERRUPTED)),
        }
    }

    /// Runs `work` until it is done, the timeout is reached, or Ctrl-C is pressed.
    pub async fn apply(&self, work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
        let timeout = self.timeout()?;
        // Before the first poll of `work`: a signal that arrives meanwhile would end the process without its
        // exit code.
        let mut interrupt = signal(SignalKind::interrupt())?;
        let timed_out = async {
            match timeout {
                Some(timeout) => tokio::time::sleep(timeout).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // Finished work has priority over a timeout at the same moment.
            biased;
            result = work => result,
            _ = interrupt.recv() => Err(Failure::without_message(exit::INTERRUPTED)),
            () = timed_out => Err(Failure::timed_out(Text::WaitTimedOut)),
        }
    }
}
