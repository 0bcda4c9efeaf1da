//! Conclusions: how an attempt ended, where an API distinguishes more ends than the statuses do.

use super::status::Status;

/// The reported conclusion of an attempt, if its status does not imply it. Of two ends that nothing else
/// orders, the greater one wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Conclusion {
    /// The build system could not judge the commit (a status of GitHub and Gitea).
    Error,
    /// Nothing to object to, and no success (a check run of GitHub).
    Neutral,
    /// A person has to act (a check run of GitHub).
    ActionRequired,
    /// The run could not start (a check run of GitHub).
    StartupFailure,
    /// The run was given up without a result (a check run of GitHub).
    Stale,
}

impl Conclusion {
    /// All conclusions, in order of their numbers.
    pub const ALL: [Self; 5] =
        [Self::Error, Self::Neutral, Self::ActionRequired, Self::StartupFailure, Self::Stale];

    /// The status that it is a word for.
    pub const fn status(self) -> Status {
        match self {
            Self::Neutral => Status::Success,
            Self::Error | Self::ActionRequired | Self::StartupFailure => Status::Failed,
            Self::Stale => Status::Canceled,
        }
    }

    /// The number that is stored, from 1 to 7. It never changes.
    pub const fn number(self) -> u8 {
        self as u8 + 1
    }

    /// The conclusion with this number; `None` for 0.
    ///
    /// # Errors
    /// The number, if no conclusion has it.
    pub fn of_number(number: u8) -> Result<Option<Self>, u8> {
        match number.checked_sub(1) {
            None => Ok(None),
            Some(at) => Self::ALL.get(usize::from(at)).copied().map(Some).ok_or(number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_written() {
        assert_eq!(Conclusion::of_number(0), Ok(None));
        for conclusion in Conclusion::ALL {
            assert_eq!(Conclusion::of_number(conclusion.number()), Ok(Some(conclusion)));
            assert!(conclusion.number() < 8 && conclusion.status().is_finished());
        }
        assert_eq!(Conclusion::of_number(6), Err(6));
    }
}
