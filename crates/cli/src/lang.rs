//! The language a person reads: Chinese or English, chosen once per process.
//!
//! Must not know: what is said (that is the catalogue's).

pub use domain::language::Language as Lang;
use std::sync::OnceLock;

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

/// `zh...` is Chinese, everything else English.
fn parse(text: &str) -> Lang {
    if text.trim().to_ascii_lowercase().starts_with("zh") { Lang::Chinese } else { Lang::English }
}

/// What is given for this program counts before the machine's locale: flag, `STAGEPOST_LANG`, configuration
/// file, `LC_ALL`, `LC_MESSAGES`, `LANG`.
pub fn find(flag: Option<&str>, file: Option<&str>, env: &dyn Fn(&str) -> Option<String>) -> Lang {
    let given = flag
        .map(str::to_owned)
        .or_else(|| env("STAGEPOST_LANG"))
        .or_else(|| file.map(str::to_owned))
        .or_else(|| ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(env));
    given.map_or(Lang::English, |text| parse(&text))
}

#[cfg(test)]
mod tests {
    use super::{Lang, find};

    #[test]
    fn the_nearest_choice_counts() {
        let locale = |name: &str| (name == "LANG").then(|| "zh_CN.UTF-8".to_owned());
        let own = |name: &str| (name == "STAGEPOST_LANG").then(|| "en".to_owned()).or_else(|| locale(name));
        let cases = [
            (find(None, None, &|_| None), Lang::English),
            (find(None, None, &locale), Lang::Chinese),
            (find(None, Some("en"), &locale), Lang::English),
            (find(None, Some("zh"), &own), Lang::English),
            (find(Some("zh-Hans"), None, &own), Lang::Chinese),
        ];
        for (number, (found, expected)) in cases.into_iter().enumerate() {
            assert_eq!(found, expected, "case {number}");
        }
    }
}
