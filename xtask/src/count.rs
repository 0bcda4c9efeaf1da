//! Reads how many tests passed and failed from the output of test runners.

/// Numbers of tests.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl Count {
    /// Reads one line of output: cargo's `test result: ok. 3 passed; 0 failed; 1 ignored; ...`, or the plain
    /// `3 passed, 0 failed`. `None` for any other line.
    pub fn read(line: &str) -> Option<Self> {
        let (counts, cargo) = match line.trim().strip_prefix("test result: ") {
            Some(rest) => (rest.split_once(". ")?.1, true),
            None => (line.trim(), false),
        };
        let mut count = Self::default();
        for (index, part) in counts.split(if cargo { "; " } else { ", " }).enumerate() {
            let (number, label) = part.split_once(' ')?;
            match (index, label) {
                (0, "passed") => count.passed = number.parse().ok()?,
                (1, "failed") => count.failed = number.parse().ok()?,
                (2, "ignored" | "skipped") => count.skipped = number.parse().ok()?,
                _ if cargo && index > 2 => break,
                _ => return None,
            }
        }
        counts.contains(" failed").then_some(count)
    }

    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// Skipped tests whose package cannot be had from the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unavailable {
    pub tests: u64,
    /// The package, in words.
    pub reason: String,
}

impl Unavailable {
    /// Reads one line of the output of a suite: `unavailable: 12 tests: the registry does not have ...`. `None`
    /// for any other line.
    pub fn read(line: &str) -> Option<Self> {
        let (tests, reason) = line.trim().strip_prefix("unavailable: ")?.split_once(" tests: ")?;
        Some(Self { tests: tests.parse().ok()?, reason: reason.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_from_both_runners() {
        let count = |passed, failed, skipped| Some(Count { passed, failed, skipped });
        let cargo =
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.02s";
        assert_eq!(Count::read(cargo), count(12, 0, 1));
        let broken = "test result: FAILED. 2 passed; 5 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s\n";
        assert_eq!(Count::read(broken), count(2, 5, 0));
        assert_eq!(Count::read("31 passed, 2 failed"), count(31, 2, 0));
        assert_eq!(Count::read("31 passed, 0 failed, 4 skipped"), count(31, 0, 4));
        for other in [
            "",
            "running 3 tests",
            "test a::b ... ok",
            "3 passed",
            "he passed, she failed",
            "3 passed, 1 failed, 2 odd",
        ] {
            assert_eq!(Count::read(other), None, "{other}");
        }
    }

    #[test]
    fn tests_without_their_package_are_read() {
        let reason = "the registry does not have a:b:1".to_owned();
        let line = format!("unavailable: 12 tests: {reason}\n");
        assert_eq!(Unavailable::read(&line), Some(Unavailable { tests: 12, reason }));
        for other in ["", "12 passed, 0 failed, 3 skipped", "unavailable: many tests: x", "unavailable: 1"] {
            assert_eq!(Unavailable::read(other), None, "{other}");
        }
    }
}
