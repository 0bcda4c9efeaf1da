//! The language a person reads: Chinese or English, chosen once per process.
//!
//! Must not know: what is said (that is the catalogue's).

use std::sync::OnceLock;

/// A language of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    Chinese,
    English,
}

static CHOSEN: OnceLock<Lang> = OnceLock::new();

/// Chooses the language of this process; the first choice stays.
pub fn choose(lang: Lang) {
    // A second choice is a test in the same process: the first one serves.
    let _ = CHOSEN.set(lang);
}

/// The language of this process; English until one is chosen.
pub fn chosen() -> Lang {
    CHOSEN.get().copied().unwrap_or(Lang::English)
}

impl Lang {
    /// `zh...` is Chinese, everything else English.
    pub fn of(text: &str) -> Self {
        if text.trim().to_ascii_lowercase().starts_with("zh") { Self::Chinese } else { Self::English }
    }

    /// What is given for this program counts before the machine's locale: flag, `STAGEPOST_LANG`, configuration
    /// file, `LC_ALL`, `LC_MESSAGES`, `LANG`.
    pub fn find(flag: Option<&str>, file: Option<&str>, env: &dyn Fn(&str) -> Option<String>) -> Self {
        let given = flag
            .map(str::to_owned)
            .or_else(|| env("STAGEPOST_LANG"))
            .or_else(|| file.map(str::to_owned))
            .or_else(|| ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(env));
        given.map_or(Self::English, |text| Self::of(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::Lang;

    #[test]
    fn the_nearest_choice_counts() {
        let locale = |name: &str| (name == "LANG").then(|| "zh_CN.UTF-8".to_owned());
        let own = |name: &str| (name == "STAGEPOST_LANG").then(|| "en".to_owned()).or_else(|| locale(name));
        let cases = [
            (Lang::find(None, None, &|_| None), Lang::English),
            (Lang::find(None, None, &locale), Lang::Chinese),
            (Lang::find(None, Some("en"), &locale), Lang::English),
            (Lang::find(None, Some("zh"), &own), Lang::English),
            (Lang::find(Some("zh-Hans"), None, &own), Lang::Chinese),
        ];
        for (number, (found, expected)) in cases.into_iter().enumerate() {
            assert_eq!(found, expected, "case {number}");
        }
    }
}
