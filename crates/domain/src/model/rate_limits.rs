//! Limits of how often something may happen, by the generic cell rate algorithm: a burst, and then one in each
//! interval. The state of a limit is one number, the time when the whole burst is free again.

use jiff::{SignedDuration, Timestamp};

/// The greatest number of a rate, and of a burst.
pub const NUMBER_MAX: u32 = 1_000_000;
/// The units of a rate with their length in microseconds.
const UNITS: [(&str, i64); 3] = [("s", 1_000_000), ("m", 60_000_000), ("h", 3_600_000_000)];

/// A burst, and then one in each interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    burst: i64,
    /// In microseconds.
    interval: i64,
    /// How many more than the burst may be used at once.
    debt: i64,
}

/// How much of a burst is used: the time when all of it is free again, in microseconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RateState(i64);

/// Nothing is free: how long to wait until one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait(pub SignedDuration);

impl Wait {
    /// Whole seconds, rounded up, at least 1, as in `Retry-After`.
    pub fn seconds(self) -> u32 {
        let rounded_up = (self.0.as_micros() + 999_999) / 1_000_000;
        u32::try_from(rounded_up).unwrap_or(u32::MAX).max(1)
    }
}

impl RateLimit {
    /// `burst` at once, and then one in each `interval`.
    pub const fn new(burst: u32, interval: SignedDuration) -> Self {
        Self { burst: burst as i64, interval: interval.as_micros() as i64, debt: 0 }
    }

    /// The limit whose uses of several at once may exceed what is free by this number; what exceeds it must be free
    /// again before the next use.
    #[must_use]
    pub const fn with_debt(self, debt: u32) -> Self {
        Self { debt: debt as i64, ..self }
    }

    /// Reads `RATE/UNIT` or `RATE/UNIT:BURST` with the unit `s`, `m` or `h`: `50/s`, `600/m:100`. Without a burst it is
    /// the number of the rate. `None` for any other text, and for numbers that are not from 1 to [`NUMBER_MAX`].
    pub fn parse(text: &str) -> Option<Self> {
        let (rate, burst) = text.trim().split_once(':').map_or((text.trim(), None), |(r, b)| (r, Some(b)));
        let (number, unit) = rate.split_once('/')?;
        let (_, micros) = UNITS.iter().find(|(name, _)| *name == unit)?;
        let number = positive(number)?;
        let burst = burst.map_or(Some(number), positive)?;
        Some(Self { burst, interval: micros / number, debt: 0 })
    }

    /// How much of the burst is used, in microseconds.
    fn used(self, state: RateState, now: i64) -> i64 {
        let most = (self.burst + self.debt).saturating_mul(self.interval);
        // After the clock was set back, nothing is used: that must not prolong the wait.
        Some(state.0 - now).filter(|used| (0..=most).contains(used)).unwrap_or_default()
    }

    /// Whether one is free.
    ///
    /// # Errors
    /// How long to wait.
    pub fn check(self, state: RateState, now: Timestamp) -> Result<(), Wait> {
        let left = self.used(state, now.as_microsecond()) + self.interval - self.burst * self.interval;
        if left > 0 { Err(Wait(SignedDuration::from_micros(left))) } else { Ok(()) }
    }

    /// Uses one.
    ///
    /// # Errors
    /// How long to wait; then nothing is used.
    pub fn take(self, state: &mut RateState, now: Timestamp) -> Result<(), Wait> {
        self.check(*state, now)?;
        self.charge(state, now, 1);
        Ok(())
    }

    /// Uses this number, whatever is free, up to the debt of the limit.
    pub fn charge(self, state: &mut RateState, now: Timestamp, count: u32) {
        let now = now.as_microsecond();
        let most = (self.burst + self.debt).saturating_mul(self.interval);
        let used = self.used(*state, now).saturating_add(i64::from(count).saturating_mul(self.interval));
        *state = RateState(now.saturating_add(used.min(most)));
    }

    /// Takes a use back.
    pub fn give_back(self, state: &mut RateState) {
        state.0 -= self.interval;
    }
}

fn positive(text: &str) -> Option<i64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse::<u32>().ok().filter(|number| digits && (1..=NUMBER_MAX).contains(number))?;
    Some(i64::from(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_700_000_000_000_000;

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_microsecond(START + micros).unwrap()
    }

    #[test]
    fn a_burst_is_free_and_then_one_in_each_interval() {
        // The limit, the times of uses in microseconds, and which waits they get: 0 for those that are free.
        for (limit, uses) in [
            ("2/s", &[(0, 0), (0, 0), (0, 500_000), (499_999, 1), (500_000, 0), (500_000, 500_000)][..]),
            ("1/s:3", &[(0, 0), (0, 0), (0, 0), (0, 1_000_000), (9_000_000, 0)]),
            ("60/m:1", &[(0, 0), (1, 999_999), (1_000_000, 0), (1_500_000, 500_000)]),
            // The clock is set back by more than the burst: nothing counts as used.
            ("1/s:2", &[(10_000_000, 0), (10_000_000, 0), (0, 0), (0, 0), (0, 1_000_000)]),
            ("1000000/s:1", &[(0, 0), (0, 1), (1, 0)]),
        ] {
            let (limit, mut state) = (RateLimit::parse(limit).unwrap(), RateState::default());
            for (n, (time, wait)) in uses.iter().enumerate() {
                let waited = limit.take(&mut state, at(*time)).err().map_or(0, |Wait(wait)| wait.as_micros());
                assert_eq!(waited, *wait, "{limit:?}: use {n}");
            }
        }
    }

    #[test]
    fn a_debt_must_be_free_again_before_the_next_use() {
        let limit = RateLimit::parse("10/s:20").unwrap().with_debt(1_000);
        let mut state = RateState::default();
        limit.charge(&mut state, at(0), 500);
        assert_eq!(limit.check(state, at(0)).unwrap_err().seconds(), 49, "500 - 20 + 1 at 10/s");
        assert!(limit.check(state, at(48_100_000)).is_ok());
        limit.charge(&mut state, at(48_100_000), u32::MAX);
        assert_eq!(limit.check(state, at(48_100_000)).unwrap_err().seconds(), 101, "no more than the debt");
        limit.give_back(&mut state);
        assert_eq!(limit.check(state, at(48_100_000)).unwrap_err().seconds(), 100);
    }

    #[test]
    fn a_rate_is_a_number_a_unit_and_perhaps_a_burst() {
        for (text, burst, interval) in [
            ("50/s", 50, 20_000),
            ("600/m", 600, 100_000),
            ("1/h:5", 5, 3_600_000_000),
            (" 10/s:200 ", 200, 100_000),
        ] {
            let limit = RateLimit::parse(text).unwrap();
            assert_eq!((limit.burst, limit.interval), (burst, interval), "{text}");
        }
        for other in [
            "",
            "50",
            "/s",
            "50/",
            "50/d",
            "0/s",
            "-1/s",
            "+1/s",
            "1.5/s",
            "50/s:",
            "50/s:0",
            "1000001/s",
            "5/s:x",
        ] {
            assert_eq!(RateLimit::parse(other), None, "{other}");
        }
        assert_eq!(Wait(SignedDuration::from_micros(1)).seconds(), 1);
        assert_eq!(Wait(SignedDuration::from_millis(1_001)).seconds(), 2);
    }
}
