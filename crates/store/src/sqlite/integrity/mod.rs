//! The integrity check. After a server did not stop normally, the whole file is read in the background, so
//! that the start does not depend on its size. `PRAGMA integrity_check` is one statement for each table: it
//! would hold an old state of the database for minutes, and the write-ahead log would grow. This check uses it
//! for small tables, and reads larger ones some hundred rows at a time, each part in its own read transaction.
//! The state is a setting of the store: a check that a stop interrupts is due until one has read the whole file.

mod reads;
mod run;
mod tables;

use crate::readers::Stop;
use crate::rows::settings;
use crate::sql::Sql;
use domain::model::integrity::{IntegrityProgress, IntegrityState};
use domain::{Error, Result, Timestamp};
use run::Run;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The setting that holds the state.
pub const INTEGRITY_CHECK: &str = "integrity_check";
/// A check ends when it has found this much: further findings are of no use to an operator.
const FINDINGS_MAX: usize = 20;

/// The state in the store.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Stored {
    due: bool,
    damage: Vec<String>,
    /// Milliseconds since 1970.
    ended_at: Option<i64>,
}

impl Stored {
    fn load(sql: &dyn Sql) -> Result<Self> {
        let text = settings::load(sql, INTEGRITY_CHECK)?;
        // A state that cannot be read gives no result: the file is checked again.
        let read = |text: String| {
            serde_json::from_str(&text).unwrap_or_else(|_| Self { due: true, ..Self::default() })
        };
        Ok(text.map(read).unwrap_or_default())
    }

    fn text(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|error| Error::Internal(error.to_string()))
    }
}

/// The damage that the checks of the servers have found in a store.
///
/// # Errors
/// [`Error::Unavailable`].
pub fn known_damage(sql: &dyn Sql) -> Result<Vec<String>> {
    Ok(Stored::load(sql)?.damage)
}

/// The check of an open store.
pub struct IntegrityCheck {
    path: PathBuf,
    /// The same as in the state, for each write.
    is_damaged: AtomicBool,
    state: Mutex<State>,
    /// The running check, locked for a whole step.
    run: Mutex<Option<Run>>,
}

struct State {
    stored: Stored,
    /// A step remains. What a check of this process found is not checked again before the next start.
    is_due: bool,
    progress: Option<IntegrityProgress>,
}

impl IntegrityCheck {
    /// The check of the store in the file `path`. It becomes due if the last server did not stop normally.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub fn open(sql: &dyn Sql, path: &Path, is_unclean: bool) -> Result<Self> {
        let mut stored = Stored::load(sql)?;
        if is_unclean && !stored.due {
            stored.due = true;
            settings::store(sql, INTEGRITY_CHECK, &stored.text()?)?;
        }
        Ok(Self {
            path: path.to_owned(),
            is_damaged: AtomicBool::new(!stored.damage.is_empty()),
            state: Mutex::new(State { is_due: stored.due, stored, progress: None }),
            run: Mutex::new(None),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether damage is known.
    pub fn is_damaged(&self) -> bool {
        self.is_damaged.load(Ordering::Relaxed)
    }

    /// The state.
    pub fn state(&self) -> IntegrityState {
        let State { stored, is_due, progress } = &*self.lock();
        IntegrityState {
            is_due: *is_due,
            progress: progress.clone(),
            damage: stored.damage.clone(),
            ended_at: stored.ended_at.and_then(|at| Timestamp::from_millisecond(at).ok()),
        }
    }

    /// Runs one step, if one is due. Returns the state to store, if it changed.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: the same step can be tried again.
    pub fn step(&self, now: Timestamp, stop: &Stop) -> Result<Option<String>> {
        let mut running = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.lock().is_due {
            return Ok(None);
        }
        let run = match &mut *running {
            Some(run) => run,
            none => none.insert(Run::start(&self.path)?),
        };
        let known = run.findings.len();
        let is_at_end = run.step(stop)? || run.findings.len() >= FINDINGS_MAX;
        let mut state = self.lock();
        let State { stored, is_due, progress } = &mut *state;
        *progress = Some(run.progress());
        for finding in &run.findings[known..] {
            if !stored.damage.contains(finding) {
                stored.damage.push(finding.clone());
            }
        }
        if is_at_end {
            (stored.damage, stored.ended_at) = (run.findings.clone(), Some(now.as_millisecond()));
            // Damage is checked again after each start, until the file is replaced.
            stored.due = !stored.damage.is_empty();
            (*is_due, *progress) = (false, None);
        }
        self.is_damaged.store(!stored.damage.is_empty(), Ordering::Relaxed);
        let is_changed = is_at_end || run.findings.len() > known;
        let text = is_changed.then(|| stored.text()).transpose()?;
        if is_at_end {
            *running = None;
        }
        Ok(text)
    }
}
