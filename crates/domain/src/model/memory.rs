//! How the memory of a server is divided: the bytes of every cache, and of everything that waits.

/// Bytes of a server whose operator chooses none.
pub const DEFAULT: u64 = 192 << 20;
/// The least number of bytes: with less, a report of the greatest size does not fit into its part.
pub const MIN: u64 = 96 << 20;
/// The greatest number of bytes.
pub const MAX: u64 = 1 << 40;
/// The memory of the passwords that are hashed at the same time: two, with 19 MiB each.
pub const PASSWORDS: u64 = 38 << 20;

/// The bytes of each part. Their sum with [`PASSWORDS`] is at most the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryLimits {
    /// Pages of a database file that its connections keep.
    pub pages: u64,
    /// Pipelines that receive reports.
    pub pipelines: u64,
    /// Writes that wait for the writer.
    pub writes: u64,
    /// Responses that are sent again while their pipeline does not change, and documents.
    pub cached_responses: u64,
    /// Credentials, users and their access to repositories.
    pub credentials: u64,
    /// Counts of wrong passwords and signatures.
    pub guesses: u64,
    /// Recently refused signatures, which the owners of the keys can read.
    pub refused_signatures: u64,
    /// Bodies of requests whose sender is known.
    pub bodies: u64,
    /// Bodies of requests whose sender is not known yet.
    pub unverified_bodies: u64,
    /// Long headers of requests.
    pub headers: u64,
    /// Responses to known callers that are not read yet.
    pub responses: u64,
    /// Responses to strangers that are not read yet.
    pub stranger_responses: u64,
    /// Events that a slow stream has not sent yet.
    pub events: u64,
}

/// The parts with their names in the metrics, in percent of what [`PASSWORDS`] leaves.
const PARTS: [(&str, u64); 13] = [
    ("pages", 16),
    ("pipelines", 15),
    ("writes", 9),
    ("cached responses", 18),
    ("credentials", 6),
    ("guesses", 5),
    ("refused signatures", 2),
    ("bodies", 7),
    ("unverified bodies", 5),
    ("headers", 2),
    ("responses", 10),
    ("responses to strangers", 3),
    ("events", 2),
];

impl MemoryLimits {
    /// Divides so many bytes; fewer than [`MIN`] count as [`MIN`].
    pub fn of(total: u64) -> Self {
        let rest = total.clamp(MIN, MAX) - PASSWORDS;
        let [
            pages,
            pipelines,
            writes,
            cached_responses,
            credentials,
            guesses,
            refused_signatures,
            bodies,
            unverified_bodies,
            headers,
            responses,
            stranger_responses,
            events,
        ] = PARTS.map(|(_, percent)| rest / 100 * percent);
        Self {
            pages,
            pipelines,
            writes,
            cached_responses,
            credentials,
            guesses,
            refused_signatures,
            bodies,
            unverified_bodies,
            headers,
            responses,
            stranger_responses,
            events,
        }
    }

    /// The bytes of each part with its name in the metrics.
    pub fn parts(&self) -> [(&'static str, u64); 13] {
        let bytes = [
            self.pages,
            self.pipelines,
            self.writes,
            self.cached_responses,
            self.credentials,
            self.guesses,
            self.refused_signatures,
            self.bodies,
            self.unverified_bodies,
            self.headers,
            self.responses,
            self.stranger_responses,
            self.events,
        ];
        std::array::from_fn(|at| (PARTS[at].0, bytes[at]))
    }
}

impl Default for MemoryLimits {
    fn default() -> Self {
        Self::of(DEFAULT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_the_whole_and_grow_with_it() {
        for total in [MIN, DEFAULT, DEFAULT + 1, 10 << 30] {
            let parts = MemoryLimits::of(total).parts();
            let sum: u64 = parts.iter().map(|(_, bytes)| bytes).sum::<u64>() + PASSWORDS;
            assert!(sum <= total && sum + 100 > total, "{sum} of {total}");
            assert!(parts.iter().all(|(_, bytes)| *bytes >= 1 << 20), "{parts:?}");
        }
        assert_eq!(MemoryLimits::of(0), MemoryLimits::of(MIN));
        assert!(MemoryLimits::of(DEFAULT).pipelines > MemoryLimits::of(MIN).pipelines);
    }

    #[test]
    fn the_documentation_has_every_part() {
        let document = include_str!("../../../../docs/operating.md");
        for ((name, bytes), (_, percent)) in MemoryLimits::default().parts().into_iter().zip(PARTS) {
            let row = format!("| `{name}` | {percent} % | {:.1} MiB |", bytes as f64 / f64::from(1 << 20));
            assert!(document.contains(&row), "{row}");
        }
    }
}
