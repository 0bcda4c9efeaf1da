//! What pages were made from when their repository last changed: a conditional request for a page of an unchanged
//! repository needs no other read of the store.

use domain::model::ids::RepositoryId;
use quick_cache::sync::Cache;
use std::sync::Arc;

/// Most pages that are remembered. Those that nobody asks for are forgotten first.
const PAGES_MAX: usize = 4_096;
/// The longest address of a page that is remembered, in bytes.
const ADDRESS_MAX: usize = 512;

/// What the entity tag of a page is made from, beside the reader and the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageState {
    /// The versions of what the page shows.
    pub versions: Vec<i64>,
    /// The page changes by time alone, because something is unfinished.
    pub active: bool,
}

/// The change versions of a repository and of access, which includes the settings of the repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageVersion {
    /// That of the pipelines of the repository.
    pub repository: u64,
    /// That of access.
    pub access: u64,
}

/// The states of pages by repository and address, each with its version.
pub struct PageStates(Cache<(RepositoryId, String), (PageVersion, Arc<PageState>)>);

impl Default for PageStates {
    fn default() -> Self {
        Self(Cache::new(PAGES_MAX))
    }
}

impl PageStates {
    /// The state of a page, if it is known for this version.
    pub fn get(
        &self,
        repository: RepositoryId,
        address: &str,
        version: PageVersion,
    ) -> Option<Arc<PageState>> {
        let (of, state) = self.0.get(&(repository, address.to_owned()))?;
        (of == version).then_some(state)
    }

    /// Remembers the state of a page, which was read while this was the version.
    pub fn insert(&self, repository: RepositoryId, address: &str, version: PageVersion, state: PageState) {
        if address.len() <= ADDRESS_MAX {
            self.0.insert((repository, address.to_owned()), (version, Arc::new(state)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_known_for_one_version() {
        let states = PageStates::default();
        let [one, other] = [1, 2].map(|id| RepositoryId::new(id).unwrap());
        let state = |version| PageState { versions: vec![version], active: false };
        let at = |repository, access| PageVersion { repository, access };
        states.insert(one, "/a?b=c", at(4, 2), state(7));
        assert_eq!(states.get(one, "/a?b=c", at(4, 2)).as_deref(), Some(&state(7)));
        for (repository, address, version) in [
            (one, "/a?b=c", at(6, 2)),
            (one, "/a?b=c", at(4, 4)),
            (one, "/a", at(4, 2)),
            (other, "/a?b=c", at(4, 2)),
        ] {
            assert_eq!(states.get(repository, address, version), None, "{repository} {address} {version:?}");
        }
        states.insert(one, "/a?b=c", at(6, 2), state(8));
        assert_eq!(states.get(one, "/a?b=c", at(4, 2)), None);
        assert_eq!(states.get(one, "/a?b=c", at(6, 2)).as_deref(), Some(&state(8)));
        let long = "/".repeat(ADDRESS_MAX + 1);
        states.insert(one, &long, at(6, 2), state(8));
        assert_eq!(states.get(one, &long, at(6, 2)), None);
    }
}
