//! Durations of responses, and their percentiles.

use std::time::Duration;

/// Steps of each power of two: a percentile is at most 1/64 too large.
const STEPS: u64 = 64;
/// 64 powers of two, more than a duration in nanoseconds needs.
const BUCKETS: usize = 64 * STEPS as usize;

/// Counts durations in buckets whose width grows with the duration.
#[derive(Clone)]
pub struct Histogram {
    buckets: Vec<u64>,
    count: u64,
}

impl Histogram {
    /// Without a duration.
    pub fn new() -> Self {
        Self { buckets: vec![0; BUCKETS], count: 0 }
    }

    /// Adds a duration.
    pub fn add(&mut self, duration: Duration) {
        let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        self.buckets[bucket(nanoseconds)] += 1;
        self.count += 1;
    }

    /// Adds the durations of another run.
    pub fn merge(&mut self, other: &Self) {
        for (sum, count) in self.buckets.iter_mut().zip(&other.buckets) {
            *sum += count;
        }
        self.count += other.count;
    }

    /// The duration in milliseconds that `percent` of all durations do not exceed (nearest rank); `None` without
    /// durations.
    pub fn percentile(&self, percent: f64) -> Option<f64> {
        let rank = ((self.count as f64 * percent / 100.0).ceil() as u64).clamp(1, self.count.max(1));
        let mut counted = 0;
        for (at, count) in self.buckets.iter().enumerate() {
            counted += count;
            if counted >= rank {
                return Some(upper(at) as f64 / 1e6);
            }
        }
        None
    }
}

/// The bucket of a value: exact below [`STEPS`], and then [`STEPS`] buckets for each power of two.
fn bucket(value: u64) -> usize {
    if value < STEPS {
        return value as usize;
    }
    let power = u64::from(value.ilog2() - STEPS.ilog2());
    (power * STEPS + (value >> power)) as usize
}

/// The largest value of a bucket.
fn upper(bucket: usize) -> u64 {
    let (power, step) = (bucket as u64 / STEPS, bucket as u64 % STEPS);
    if power == 0 { step } else { ((STEPS + step + 1) << (power - 1)) - 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(milliseconds: impl IntoIterator<Item = u64>) -> Histogram {
        let mut histogram = Histogram::new();
        milliseconds.into_iter().for_each(|ms| histogram.add(Duration::from_millis(ms)));
        histogram
    }

    /// Within the width of a bucket.
    fn assert_near(found: Option<f64>, expected: f64) {
        let found = found.unwrap();
        assert!(found >= expected && found <= expected * (1.0 + 1.0 / 64.0), "{found} for {expected}");
    }

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let histogram = histogram(1..=100);
        assert_near(histogram.percentile(50.0), 50.0);
        assert_near(histogram.percentile(90.0), 90.0);
        assert_near(histogram.percentile(99.0), 99.0);
        assert_near(histogram.percentile(100.0), 100.0);
    }

    #[test]
    fn one_slow_response_of_a_hundred_is_not_in_the_99th_percentile() {
        let mut fast = histogram([1; 99]);
        fast.merge(&histogram([1_000]));
        assert_near(fast.percentile(99.0), 1.0);
        assert_near(fast.percentile(99.9), 1_000.0);
    }

    #[test]
    fn without_durations_there_is_no_percentile() {
        assert_eq!(histogram([]).percentile(50.0), None);
    }

    #[test]
    fn buckets_are_in_order_and_contain_their_values() {
        let values =
            (0..200).chain((8..63).flat_map(|power| [(1 << power) - 1, 1 << power, 3 << (power - 1)]));
        for value in values {
            let at = bucket(value);
            assert!(value <= upper(at) && (at == 0 || value > upper(at - 1)), "{value}");
        }
    }
}
