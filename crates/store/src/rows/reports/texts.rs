//! The texts that reports of one job or pipeline often repeat. A report with a base does not store it again.

use super::credential;
use crate::rows::expected_url::expected_url;
use domain::model::binary::shared_prefix;
use domain::model::credentials::ReportCredential;
use domain::model::reports::ReportedState;
use std::borrow::Cow;

/// The places of two of the texts.
pub const THIRD_BUILD_ID: usize = 0;
pub const TARGET_URL: usize = 1;

/// The texts and the credential that reports of one job or pipeline often repeat; fields of `ReportedState`, `Report`
/// and `ReportBatch`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts<T> {
    pub third_build_id: Option<T>,
    pub target_url: Option<T>,
    pub description: Option<T>,
    pub web_url: Option<T>,
    pub trigger_user: Option<T>,
    pub credential: Option<ReportCredential>,
}

impl<T> Texts<T> {
    pub fn to_array(&self) -> [Option<&T>; 5] {
        [&self.third_build_id, &self.target_url, &self.description, &self.web_url, &self.trigger_user]
            .map(Option::as_ref)
    }

    pub fn from_array(texts: [Option<T>; 5], credential: Option<ReportCredential>) -> Self {
        let [third_build_id, target_url, description, web_url, trigger_user] = texts;
        Self { third_build_id, target_url, description, web_url, trigger_user, credential }
    }
}

impl<'a> Texts<&'a str> {
    /// The texts of a reported state.
    pub fn of_state(state: &'a ReportedState) -> Self {
        Self {
            third_build_id: state.third_build_id.as_deref(),
            target_url: state.target_url.as_deref(),
            description: state.description.as_deref(),
            ..Self::default()
        }
    }

    /// The number of bytes that the texts share with the beginnings of those of `base`, and of a key in both.
    pub fn shared(&self, base: &Texts<String>) -> usize {
        let pairs = self.to_array().into_iter().zip(base.to_array());
        let credential = credential::spared(self.credential.as_ref(), base.credential.as_ref());
        credential + pairs.filter_map(|(text, base)| Some(shared_prefix(base?, text?))).sum::<usize>()
    }

    /// The texts that are equal in `base`, by their bits.
    pub fn repeated(&self, base: &Texts<String>) -> u8 {
        let pairs = (0..).zip(self.to_array().into_iter().zip(base.to_array()));
        pairs
            .filter(|(_, (text, base))| text.is_some_and(|text| base.is_some_and(|base| base == text)))
            .map(|(at, _)| 1_u8 << at)
            .sum()
    }

    /// The length of all texts.
    pub fn len(&self) -> usize {
        self.to_array().into_iter().flatten().map(|text| text.len()).sum()
    }

    /// Copies the texts.
    pub fn to_owned(&self) -> Texts<String> {
        let texts = self.to_array().map(|text| text.map(|text| (*text).to_owned()));
        Texts::from_array(texts, self.credential.clone())
    }
}

impl Texts<String> {
    /// The link of a report with this `third_build_id`, if it is like the one of these texts.
    pub fn expected_url(&self, third_build_id: Option<&str>) -> Option<Cow<'_, str>> {
        Some(expected_url(self.target_url.as_deref()?, self.third_build_id.as_deref(), third_build_id))
    }
}
