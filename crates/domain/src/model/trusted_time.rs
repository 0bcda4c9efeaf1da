//! The time by which rules delete or end something. It follows the wall clock, but a jump of the wall clock
//! counts only after the server has run for [`WAIT`] with it, so that a wrong clock destroys nothing (ARCHITECTURE.md,
//! invariant 8). A server that was switched off cannot be distinguished from a clock that jumped: it waits too.

use jiff::{SignedDuration, Timestamp};
use std::fmt;
use std::str::FromStr;

/// How long a server runs after a jump until the jump counts. Several runs add up.
pub const WAIT: SignedDuration = SignedDuration::from_hours(6);
/// The greatest correction of the wall clock of a running server that is no jump.
const CORRECTION_MAX: SignedDuration = SignedDuration::from_secs(10);
/// The longest time between two runs that is no jump: a restart, or an update.
const DOWNTIME_MAX: SignedDuration = SignedDuration::from_mins(15);
/// Most jumps that are observed separately; a further one is added to the last.
const JUMPS_MAX: usize = 8;

/// A jump of the wall clock that does not count yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Jump {
    /// The trusted time when it was observed.
    at: Timestamp,
    /// By how much the wall clock jumped; negative: it was set back.
    by: SignedDuration,
    /// How long servers have run with it.
    observed_for: SignedDuration,
}

/// The finding of an observation, for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockChange {
    /// The wall clock jumped.
    Jumped {
        /// The time that was expected.
        expected: Timestamp,
        /// The time of the wall clock.
        wall: Timestamp,
    },
    /// A jump that did not count yet was undone: the wall clock is right again.
    Corrected {
        /// The time that was expected.
        expected: Timestamp,
        /// The time of the wall clock.
        wall: Timestamp,
    },
    /// The server has run with a jump for [`WAIT`]: it counts from now on.
    Accepted {
        /// The trusted time before.
        from: Timestamp,
        /// The trusted time after.
        to: Timestamp,
    },
}

/// The trusted time, and the jumps of the wall clock that do not count yet. Its text form is for the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedTime {
    now: Timestamp,
    /// The oldest first.
    jumps: Vec<Jump>,
}

impl TrustedTime {
    /// The time of a wall clock that is trusted.
    pub fn new(now: Timestamp) -> Self {
        Self { now, jumps: Vec::new() }
    }

    /// The time without the jumps that do not count yet.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The expected time of the wall clock.
    pub fn wall(&self) -> Timestamp {
        shift(self.now, self.pending())
    }

    /// The sum of the jumps that do not count yet: by how much the wall clock is ahead.
    pub fn pending(&self) -> SignedDuration {
        sum(self.jumps.iter())
    }

    /// How long the server must still run until every jump counts; zero without one.
    pub fn wait_left(&self) -> SignedDuration {
        self.jumps.last().map_or(SignedDuration::ZERO, |jump| WAIT.saturating_sub(jump.observed_for))
    }

    /// The time that has certainly come: a credential that ended before it may be deleted.
    pub fn certain(&self) -> Timestamp {
        self.now.min(self.wall())
    }

    /// Data last stamped by the wall clock before this time is certainly older than `age`. A jump does not count
    /// for what was stamped before it, and does not matter for what was stamped after it.
    pub fn cutoff(&self, age: SignedDuration) -> Timestamp {
        let age = -age;
        let trusted = shift(self.now, age);
        let later_stamps = sum(self.jumps.iter().filter(|jump| jump.at <= trusted));
        shift(trusted, later_stamps).min(shift(self.wall(), age))
    }

    /// When a period of this length ends that begins with what the wall clock stamped `since`: the time of the wall
    /// clock, if it does not jump again. It has come exactly when `since` is not after [`Self::cutoff`].
    pub fn end_of(&self, since: Timestamp, length: SignedDuration) -> Timestamp {
        let (mut from, mut passed) = (Timestamp::MIN, SignedDuration::ZERO);
        // The trusted time of the stamp: that before a jump, if it may have been stamped before it.
        let mut stamped = since;
        for jump in &self.jumps {
            if stamped < jump.at {
                break;
            }
            from = from.max(jump.at);
            passed = passed.saturating_add(jump.by);
            stamped = shift(since, -passed).max(from);
        }
        let pending = self.pending();
        shift(shift(stamped.max(shift(since, -pending)), length), pending)
    }

    /// The time after `elapsed` of a clock that never jumps.
    pub fn after(&self, elapsed: SignedDuration) -> Self {
        Self { now: shift(self.now, elapsed), jumps: self.jumps.clone() }
    }

    /// Compares with the wall clock, `elapsed` after the last observation of this run by a clock that never
    /// jumps; `None`: the first observation of a run. Returns what changed.
    pub fn observe(&mut self, wall: Timestamp, elapsed: Option<SignedDuration>) -> Vec<ClockChange> {
        let mut changes = self.advance(elapsed.unwrap_or_default());
        let tolerance = if elapsed.is_some() { CORRECTION_MAX } else { DOWNTIME_MAX };
        let expected = self.wall();
        let mut rest = wall.duration_since(expected);
        if rest.abs() <= tolerance {
            self.now = shift(self.now, rest);
            return changes;
        }
        let had_jumps = self.jumps.len();
        // Undoes jumps in the other direction, the newest first.
        while let Some(last) = self.jumps.last_mut()
            && !rest.is_zero()
            && last.by.is_negative() != rest.is_negative()
        {
            let undone = if last.by.abs() < rest.abs() { -last.by } else { rest };
            last.by = last.by.saturating_add(undone);
            rest = rest.saturating_sub(undone);
            if last.by.abs() > tolerance {
                break;
            }
            // The rest of it is a correction.
            self.now = shift(self.now, last.by);
            self.jumps.pop();
        }
        let undone = self.jumps.len() < had_jumps || rest.is_zero();
        if rest.abs() <= tolerance {
            self.now = shift(self.now, rest);
        } else {
            self.add_jump(rest);
        }
        changes.push(if undone && rest.abs() <= tolerance {
            ClockChange::Corrected { expected, wall }
        } else {
            ClockChange::Jumped { expected, wall }
        });
        changes
    }

    fn advance(&mut self, elapsed: SignedDuration) -> Vec<ClockChange> {
        self.now = shift(self.now, elapsed);
        let mut changes = Vec::new();
        for jump in &mut self.jumps {
            jump.observed_for = jump.observed_for.saturating_add(elapsed);
        }
        while let Some(first) = self.jumps.first().copied().filter(|jump| jump.observed_for >= WAIT) {
            self.jumps.remove(0);
            let from = self.now;
            self.now = shift(from, first.by);
            for jump in &mut self.jumps {
                jump.at = shift(jump.at, first.by);
            }
            changes.push(ClockChange::Accepted { from, to: self.now });
        }
        changes
    }

    fn add_jump(&mut self, by: SignedDuration) {
        let new = Jump { at: self.now, by, observed_for: SignedDuration::ZERO };
        let full = self.jumps.len() >= JUMPS_MAX;
        match self.jumps.last_mut().filter(|_| full) {
            Some(last) => *last = Jump { by: last.by.saturating_add(by), ..new },
            None => self.jumps.push(new),
        }
    }
}

impl fmt::Display for TrustedTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.now.as_millisecond())?;
        for jump in &self.jumps {
            let (by, observed_for) = (jump.by.as_millis(), jump.observed_for.as_millis());
            write!(f, " {}/{by}/{observed_for}", jump.at.as_millisecond())?;
        }
        Ok(())
    }
}

impl FromStr for TrustedTime {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let number = |text: &str| text.parse::<i64>().map_err(|_| ());
        let time = |text: &str| Timestamp::from_millisecond(number(text)?).map_err(|_| ());
        let mut words = text.split(' ');
        let now = time(words.next().ok_or(())?)?;
        let jump = |word: &str| {
            let mut parts = word.split('/');
            let mut next = || parts.next().ok_or(());
            let (at, by, observed_for) = (time(next()?)?, number(next()?)?, number(next()?)?);
            Ok(Jump {
                at,
                by: SignedDuration::from_millis(by),
                observed_for: SignedDuration::from_millis(observed_for),
            })
        };
        Ok(Self { now, jumps: words.take(JUMPS_MAX).map(jump).collect::<Result<_, ()>>()? })
    }
}

fn sum<'a>(jumps: impl Iterator<Item = &'a Jump>) -> SignedDuration {
    jumps.fold(SignedDuration::ZERO, |sum, jump| sum.saturating_add(jump.by))
}

/// The time `by` later, at most the limits of the range of times.
fn shift(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.checked_add(by).unwrap_or(if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX })
}

#[cfg(test)]
mod tests;
