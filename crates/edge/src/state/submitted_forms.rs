//! The ids of forms that created a credential, so that a form that the browser submits again creates nothing.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Most ids that are kept. The oldest is forgotten first.
const IDS_MAX: usize = 4_096;
/// Greatest length of an id in bytes. The server gives shorter ones.
const ID_MAX: usize = 64;

/// The forms that this process has processed.
#[derive(Debug, Default)]
pub struct SubmittedForms(Mutex<VecDeque<String>>);

/// A form that is being processed. It can be submitted again unless it is kept.
#[derive(Debug)]
pub struct FormClaim<'a> {
    forms: &'a SubmittedForms,
    id: Option<String>,
}

impl SubmittedForms {
    /// Claims a form; `None` if it was submitted before. A form without an id is always claimed.
    pub fn claim(&self, id: &str) -> Option<FormClaim<'_>> {
        if id.is_empty() || id.len() > ID_MAX {
            return Some(FormClaim { forms: self, id: None });
        }
        let mut ids = self.ids();
        if ids.iter().any(|known| known == id) {
            return None;
        }
        if ids.len() >= IDS_MAX {
            ids.pop_front();
        }
        ids.push_back(id.to_owned());
        Some(FormClaim { forms: self, id: Some(id.to_owned()) })
    }

    fn ids(&self) -> MutexGuard<'_, VecDeque<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FormClaim<'_> {
    /// The form has succeeded.
    pub fn keep(mut self) {
        self.id = None;
    }
}

impl Drop for FormClaim<'_> {
    fn drop(&mut self) {
        if let Some(id) = &self.id {
            self.forms.ids().retain(|known| known != id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_succeeds_once_and_can_be_corrected() {
        let forms = SubmittedForms::default();
        let refused = forms.claim("a").unwrap();
        assert!(forms.claim("a").is_none(), "while it is processed");
        drop(refused);
        forms.claim("a").unwrap().keep();
        assert!(forms.claim("a").is_none());
        for without_id in ["", &"x".repeat(65)] {
            forms.claim(without_id).unwrap().keep();
            assert!(forms.claim(without_id).is_some());
        }
        (0..IDS_MAX).for_each(|n| forms.claim(&n.to_string()).unwrap().keep());
        assert_eq!(forms.ids().len(), IDS_MAX);
        assert!(forms.claim("a").is_some(), "the oldest is forgotten");
    }
}
