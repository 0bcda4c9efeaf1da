//! The trusted time of the server: observing the wall clock, and saving what was seen.

use crate::error::{Error, Result};
use crate::model::trusted_time::{ClockChange, TrustedTime};
use crate::ports::App;
use jiff::{SignedDuration, Timestamp};

/// The setting that holds the trusted time.
const SETTING: &str = "trusted_time";
/// How often the trusted time is saved while nothing special happens. After a crash, the time since then looks
/// like a part of the downtime.
const SAVE_INTERVAL: SignedDuration = SignedDuration::from_mins(5);

/// An observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// The trusted time.
    pub time: TrustedTime,
    /// The changes, for the log.
    pub changes: Vec<ClockChange>,
    /// By how much the clock of this process is ahead of the clock of the database, if that has its own.
    pub ahead_of_database: SignedDuration,
}

/// Observes the wall clock, and saves the trusted time from time to time and after each change. The server
/// calls it at the start and periodically. If the database has its own clock, the earlier of both counts,
/// so that one node with a wrong clock deletes nothing of the others.
///
/// # Errors
/// [`crate::Error::Unavailable`]; the trusted time of the process goes on without the observation.
pub async fn observe(app: &App) -> Result<Observation> {
    let own = app.clock.now();
    let database = app.store.database_time().await?.unwrap_or(own);
    let stored = match app.trusted.is_new() {
        true => Some(load(app, own.min(database)).await?),
        false => None,
    };
    // Read again: the store may have taken long.
    let (own, uptime) = (app.clock.now(), app.clock.uptime());
    let wall = own.min(database);
    let (time, changes) =
        app.trusted.observe(|| stored.unwrap_or_else(|| TrustedTime::new(wall)), wall, uptime);
    if !changes.is_empty() || app.trusted.is_unsaved(uptime, SAVE_INTERVAL) {
        save_setting(app, &time).await?;
        app.trusted.set_saved(uptime);
    }
    Ok(Observation { time, changes, ahead_of_database: own.duration_since(database) })
}

/// Observes the wall clock a last time and saves the trusted time, before the server stops.
///
/// # Errors
/// [`crate::Error::Unavailable`].
pub async fn save(app: &App) -> Result<()> {
    let time = observe(app).await?.time;
    save_setting(app, &time).await
}

/// Saves the trusted time. A damaged store keeps the one before: its server goes on reading.
async fn save_setting(app: &App, time: &TrustedTime) -> Result<()> {
    match app.store.set_setting(SETTING, &time.to_string()).await {
        Err(Error::Damaged) => Ok(()),
        saved => saved,
    }
}

/// The trusted time in the store. A store of an earlier version has none: then it is the time of the last
/// report. For a store without repositories, the wall clock is trusted.
async fn load(app: &App, wall: Timestamp) -> Result<TrustedTime> {
    if let Some(time) = app.store.setting(SETTING).await?.and_then(|text| text.parse().ok()) {
        return Ok(time);
    }
    let last = app.store.last_activity_at().await?.unwrap_or(wall);
    Ok(TrustedTime::new(last.min(wall)))
}

impl App {
    /// The trusted time, by which rules delete or end something.
    pub fn trusted_time(&self) -> TrustedTime {
        self.trusted.now(self.clock.now(), self.clock.uptime())
    }

    /// How long this process has received reports since its start or the last jump of the wall clock.
    pub fn listening_for(&self) -> SignedDuration {
        self.trusted.listening_for(self.clock.uptime())
    }
}
