//! Jumps of the wall clock at a start and in a running server, forwards and backwards.

use super::*;
use proptest::prelude::*;

fn start() -> Timestamp {
    "2026-11-24T00:00:00Z".parse().unwrap()
}

fn hours(n: i64) -> SignedDuration {
    SignedDuration::from_hours(n)
}

fn days(n: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * n)
}

const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// One run of a server with its clocks.
struct Run {
    time: TrustedTime,
    wall: Timestamp,
}

impl Run {
    fn new() -> Self {
        Self { time: TrustedTime::new(start()), wall: start() }
    }

    /// Runs for some time, with an observation per minute.
    fn run(&mut self, mut elapsed: SignedDuration) -> Vec<ClockChange> {
        let minute = SignedDuration::from_mins(1);
        let mut changes = Vec::new();
        while elapsed.is_positive() {
            let step = elapsed.min(minute);
            elapsed -= step;
            self.wall += step;
            changes.extend(self.time.observe(self.wall, Some(step)));
        }
        changes
    }

    /// Sets the wall clock of the running server.
    fn jump(&mut self, by: SignedDuration) -> Vec<ClockChange> {
        self.wall += by;
        self.time.observe(self.wall, Some(SignedDuration::ZERO))
    }

    /// Stops the server, and starts it later, from the text in the store.
    fn restart(&mut self, after: SignedDuration) -> Vec<ClockChange> {
        self.time = self.time.to_string().parse().unwrap();
        self.wall += after;
        self.time.observe(self.wall, None)
    }

    /// Whether what was stamped at this time is older than `age`.
    fn is_old(&self, stamp: Timestamp, age: SignedDuration) -> bool {
        stamp < self.time.cutoff(age)
    }
}

#[test]
fn without_a_jump_the_wall_clock_counts() {
    let mut server = Run::new();
    let stamp = server.wall;
    // Small corrections, as NTP makes them.
    for by in [SECOND, -SECOND, SECOND * 9] {
        assert_eq!(server.jump(by), []);
        assert_eq!(server.run(hours(1)), []);
    }
    assert_eq!((server.time.now(), server.time.pending()), (server.wall, SignedDuration::ZERO));
    assert!(server.is_old(stamp, hours(3)) && !server.is_old(stamp, hours(4)));
    assert_eq!(server.restart(SignedDuration::from_mins(14)), [], "an update is no jump");
    assert_eq!(server.time.certain(), server.wall);
}

#[test]
fn a_clock_in_the_future_makes_nothing_old() {
    for at_start in [true, false] {
        let mut server = Run::new();
        let before = server.wall;
        server.run(hours(1));
        let expected = server.time.wall();
        let changes = if at_start { server.restart(days(400)) } else { server.jump(days(400)) };
        assert_eq!(changes, [ClockChange::Jumped { expected, wall: server.wall }]);
        let after = server.wall;
        server.run(hours(5));
        for stamp in [before, after] {
            assert!(!server.is_old(stamp, days(90)), "{at_start}: {stamp}");
        }
        // Short times go on counting: for what happened before the jump, and for what happened after it.
        assert!(server.is_old(before, hours(5)) && !server.is_old(before, hours(7)), "{at_start}");
        assert!(server.is_old(after, hours(4)) && !server.is_old(after, hours(6)), "{at_start}");
        assert!(server.time.certain() < before + days(1));
        // The clock is right again before the jump counts.
        let changes = if at_start { server.restart(days(-400)) } else { server.jump(days(-400)) };
        assert!(matches!(changes[..], [ClockChange::Corrected { .. }]), "{changes:?}");
        assert_eq!((server.time.now(), server.time.pending()), (server.wall, SignedDuration::ZERO));
        assert_eq!(server.run(hours(7)), [], "there is nothing to wait for");
        assert!(!server.is_old(before, days(1)));
    }
}

#[test]
fn a_jump_counts_after_the_wait_in_one_run_or_several() {
    for runs in [1, 2, 6] {
        let mut server = Run::new();
        let stamp = server.wall;
        server.restart(days(21));
        let mut changes = Vec::new();
        for _ in 0..runs {
            changes.extend(server.restart(SECOND));
            changes.extend(server.run(SignedDuration::from_mins(359) / runs));
        }
        assert_eq!(changes, [], "{runs}");
        assert!(!server.is_old(stamp, days(20)), "{runs}");
        assert!(server.time.wait_left() <= SignedDuration::from_mins(1), "{:?}", server.time);
        changes = server.run(SignedDuration::from_mins(1));
        assert!(matches!(changes[..], [ClockChange::Accepted { .. }]), "{runs}: {changes:?}");
        assert!(server.is_old(stamp, days(20)) && !server.is_old(stamp, days(22)), "{runs}");
        assert_eq!((server.time.now(), server.time.wait_left()), (server.wall, SignedDuration::ZERO));
    }
}

#[test]
fn a_server_that_runs_some_hours_a_day_prunes() {
    let mut server = Run::new();
    let stamp = server.wall;
    for day in 1..=30 {
        server.run(hours(2));
        server.restart(hours(22));
        let lag = server.wall.duration_since(server.time.now());
        assert!(lag <= days(4), "day {day}: {lag:?}");
    }
    assert!(server.is_old(stamp, days(25)));
}

#[test]
fn many_jumps_are_added_up_and_count_at_last() {
    let mut server = Run::new();
    for _ in 0..40 {
        server.restart(hours(1));
        server.run(SignedDuration::from_mins(1));
    }
    assert_eq!(server.time.wall(), server.wall);
    assert!(server.time.to_string().split(' ').count() <= 1 + JUMPS_MAX);
    server.run(hours(12));
    assert_eq!(server.time.now(), server.wall);
}

#[test]
fn a_clock_that_is_set_back_makes_nothing_old() {
    let mut server = Run::new();
    server.run(hours(1));
    // A machine without a battery starts in 1970, and gets the time from the network later.
    let stamp = server.wall;
    server.restart(Timestamp::UNIX_EPOCH.duration_since(server.wall));
    assert!(!server.is_old(stamp, SECOND) && !server.is_old(Timestamp::UNIX_EPOCH, SECOND));
    assert!(server.time.certain() < Timestamp::UNIX_EPOCH + hours(1));
    server.run(SignedDuration::from_mins(1));
    let changes = server.jump(stamp.duration_since(server.wall) + SECOND * 90);
    assert!(matches!(changes[..], [ClockChange::Corrected { .. } | ClockChange::Jumped { .. }]));
    assert!(server.time.pending() < SignedDuration::from_mins(2), "{:?}", server.time);
    assert!(!server.is_old(stamp, hours(1)));

    // A clock was wrong for so long that it counted; then it is set back.
    let mut server = Run::new();
    server.jump(days(400));
    server.run(hours(7));
    server.jump(days(-400));
    let stamp = server.wall;
    for _ in 0..3 {
        assert!(!server.is_old(stamp, hours(24)), "{:?}", server.time);
        server.run(hours(4));
    }
    assert_eq!(server.time.now(), server.wall);
    assert!(server.is_old(stamp, hours(11)));
}

#[test]
fn the_text_keeps_everything() {
    let mut server = Run::new();
    server.restart(days(3));
    server.run(hours(1));
    server.jump(days(-9));
    let text = server.time.to_string();
    assert_eq!(text.parse::<TrustedTime>(), Ok(server.time), "{text}");
    for invalid in ["", "x", "1 2", "1 2/3", "1 a/b/c"] {
        assert_eq!(invalid.parse::<TrustedTime>(), Err(()), "{invalid}");
    }
}

proptest! {
    /// Whatever the clock shows in the future, nothing becomes old before servers have run for that long.
    #[test]
    fn only_time_that_passes_makes_old(
        steps in prop::collection::vec((0..40_i64, prop::option::of(0..10_000_i64), any::<bool>()), 1..9),
        age in 1..600_i64,
    ) {
        let mut server = Run::new();
        let age = SignedDuration::from_mins(age);
        let (mut stamps, mut ran, mut ahead) = (vec![(server.wall, SignedDuration::ZERO)], SignedDuration::ZERO, 0);
        for (minutes, offset, restarts) in steps {
            if let Some(hours_ahead) = offset {
                let by = hours(hours_ahead - ahead);
                ahead = hours_ahead;
                if restarts { server.restart(by); } else { server.jump(by); }
            }
            server.run(SignedDuration::from_mins(minutes));
            ran += SignedDuration::from_mins(minutes);
            stamps.push((server.wall, ran));
        }
        for (stamp, at) in stamps {
            // Corrections and restarts that are no jumps may add to the time.
            let passed = ran - at + DOWNTIME_MAX * 9;
            prop_assert!(!server.is_old(stamp, age) || age <= passed, "{stamp} {age:?} {passed:?} {:?}", server.time);
        }
    }
}

/// The end of a period is the first minute at which its begin is not after the cutoff, in whichever order stamps, jumps
/// and their end follow.
#[test]
fn a_period_ends_when_its_begin_is_old_enough() {
    for jump in [hours(0), hours(5), hours(-5)] {
        let mut server = Run::new();
        server.run(hours(1));
        let before = server.wall;
        server.run(hours(1));
        server.jump(jump);
        let after = server.wall;
        for _ in 0..600 {
            server.run(SignedDuration::from_mins(1));
            for (since, length) in
                [(before, hours(1)), (before, hours(4)), (after, hours(1)), (after, hours(7))]
            {
                let end = server.time.end_of(since, length);
                let (has_ended, is_old) = (end <= server.time.wall(), since <= server.time.cutoff(length));
                assert_eq!(has_ended, is_old, "{jump:?} {since} {length:?} {:?}", server.time);
            }
        }
    }
    let mut server = Run::new();
    server.jump(hours(5));
    let since = server.wall;
    assert_eq!(server.time.end_of(since, hours(1)), since + hours(1), "a later stamp waits no longer");
    assert_eq!(
        server.time.end_of(start() - SECOND, hours(1)),
        since - SECOND + hours(1),
        "an earlier one does"
    );
}
