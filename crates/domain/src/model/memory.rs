//! How the memory of a server is divided: the bytes of every cache, and of everything that waits.

/// Bytes of a server whose operator chooses none.
pub const DEFAULT: u64 = 192 << 20;
/// The least number of bytes: with less, a report of the greatest size does not fit into its part.
pub const MIN: u64 = 96 << 20;
/// The greatest number of bytes.
pub const MAX: u64 = 1 << 40;
/// The memory of the passwords that are hashed at the same time: two, with 19 MiB each.
pub const PASSWORDS: u64 = 38 << 20;

/// Declares the parts: field, name in the metrics, and percent of what [`PASSWORDS`] leaves.
macro_rules! parts {
    ($($(#[$doc:meta])* $field:ident: $name:literal, $percent:literal;)+) => {
        /// The bytes of each part. Their sum with [`PASSWORDS`] is at most the whole.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct MemoryLimits {
            $($(#[$doc])* pub $field: u64),+
        }

        /// The number of parts.
        const COUNT: usize = [$($percent),+].len();
        #[cfg(test)]
        const PERCENTS: [u64; COUNT] = [$($percent),+];

        impl MemoryLimits {
            /// Divides a number of bytes; fewer than [`MIN`] count as [`MIN`].
            pub fn of(total: u64) -> Self {
                let rest = total.clamp(MIN, MAX) - PASSWORDS;
                Self { $($field: rest / 100 * $percent),+ }
            }

            /// The bytes of each part with its name in the metrics.
            pub fn parts(&self) -> [(&'static str, u64); COUNT] {
                [$(($name, self.$field)),+]
            }
        }
    };
}

parts! {
    /// Pages of a database file that its connections keep.
    pages: "pages", 8;
    /// Pipelines that receive reports.
    pipelines: "pipelines", 28;
    /// Writes that wait for the writer.
    writes: "writes", 9;
    /// Responses that are sent again while their pipeline does not change, and documents.
    cached_responses: "cached responses", 17;
    /// Credentials, users and their access to repositories.
    credentials: "credentials", 5;
    /// Counts of wrong passwords and signatures.
    guesses: "guesses", 3;
    /// Recently refused signatures, which the owners of the keys can read.
    refused_signatures: "refused signatures", 2;
    /// Bodies of requests whose sender is known.
    bodies: "bodies", 7;
    /// Bodies of requests whose sender is not known yet.
    unverified_bodies: "unverified bodies", 5;
    /// Long headers of requests.
    headers: "headers", 2;
    /// Responses to known callers that are not read yet.
    responses: "responses", 9;
    /// Responses to callers without a credential that are not read yet.
    stranger_responses: "anonymous responses", 3;
    /// Events that a slow stream has not sent yet.
    events: "events", 2;
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
        let document = include_str!("../../../../docs/operating/limits.md");
        for ((name, bytes), percent) in MemoryLimits::default().parts().into_iter().zip(PERCENTS) {
            let row = format!("| `{name}` | {percent} % | {:.1} MiB |", bytes as f64 / f64::from(1 << 20));
            assert!(document.contains(&row), "{row}");
        }
    }
}
