//! Observes the wall clock, and reports jumps in the log and in `/metrics`.

use domain::actions::trusted_time::{self, Observation};
use domain::model::trusted_time::{ClockChange, WAIT};
use domain::{App, Result, SignedDuration};
use metrics::gauge;

/// The difference between the clocks of this machine and of the database from which on it is logged.
const DIFFERENCE_MAX: SignedDuration = SignedDuration::from_mins(5);
const AHEAD: &str = "stagepost_clock_ahead_seconds";
const WAIT_LEFT: &str = "stagepost_clock_wait_seconds";

/// Logs what the observations find.
#[derive(Debug, Default)]
pub struct ClockLog {
    differs: bool,
}

impl ClockLog {
    /// Observes the wall clock once.
    ///
    /// # Errors
    /// [`domain::Error::Unavailable`].
    pub async fn observe(&mut self, app: &App) -> Result<()> {
        let Observation { time, changes, ahead_of_database } = trusted_time::observe(app).await?;
        gauge!(AHEAD).set(time.pending().as_secs_f64());
        gauge!(WAIT_LEFT).set(time.wait_left().as_secs_f64());
        for change in changes {
            log(change);
        }
        let differs = ahead_of_database.abs() > DIFFERENCE_MAX;
        if differs && !self.differs {
            let seconds = ahead_of_database.as_secs();
            tracing::warn!(
                seconds,
                "the clock of this machine differs from the clock of the database; rules that delete by age use the earlier one"
            );
        }
        self.differs = differs;
        Ok(())
    }
}

fn log(change: ClockChange) {
    match change {
        ClockChange::Jumped { expected, wall } => {
            let hours = WAIT.as_hours();
            tracing::warn!(
                %expected,
                clock = %wall,
                "the clock jumped, or the server was off: rules that delete or end something by age count this time after the server has run for {hours} hours"
            );
        }
        ClockChange::Corrected { expected, wall } => {
            tracing::info!(%expected, clock = %wall, "the clock jumped back: nothing was deleted because of it");
        }
        ClockChange::Accepted { from, to } => {
            tracing::info!(%from, %to, "the jump of the clock counts from now on for rules that delete by age");
        }
    }
}
