//! The language of the messages: Chinese or English, set once per process.
//!
//! Must not know: the messages.

pub use domain::language::Language as Lang;

use std::sync::OnceLock;

static CURRENT: OnceLock<Lang> = OnceLock::new();

/// Sets the language of this process. Later calls have no effect.
pub fn set(lang: Lang) {
    // Only tests call this more than once.
    let _ = CURRENT.set(lang);
}

/// The language of this process; English by default.
pub fn current() -> Lang {
    CURRENT.get().copied().unwrap_or(Lang::English)
}

/// `zh...` is Chinese, everything else is English.
fn parse(text: &str) -> Lang {
    if text.trim().to_ascii_lowercase().starts_with("zh") { Lang::Chinese } else { Lang::English }
}

/// Reads the flag `--lang`, which unlike a locale has no other values than the two languages.
pub fn parse_flag(text: &str) -> Result<String, String> {
    let name = text.trim().to_ascii_lowercase();
    if name.starts_with("zh") || name.starts_with("en") { Ok(name) } else { Err("neither zh nor en".into()) }
}

/// The first of: flag, `STAGEPOST_LANG`, configuration file, `LC_ALL`, `LC_MESSAGES`, `LANG`.
pub fn detect(flag: Option<&str>, file: Option<&str>, env: &dyn Fn(&str) -> Option<String>) -> Lang {
    let name = flag
        .map(str::to_owned)
        .or_else(|| env("STAGEPOST_LANG"))
        .or_else(|| file.map(str::to_owned))
        .or_else(|| ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(env));
    name.map_or(Lang::English, |name| parse(&name))
}

#[cfg(test)]
mod tests {
    use super::{Lang, detect};

    #[test]
    fn the_most_specific_setting_wins() {
        let locale = |name: &str| (name == "LANG").then(|| "zh_CN.UTF-8".to_owned());
        let variable =
            |name: &str| (name == "STAGEPOST_LANG").then(|| "en".to_owned()).or_else(|| locale(name));
        let cases = [
            (detect(None, None, &|_| None), Lang::English),
            (detect(None, None, &locale), Lang::Chinese),
            (detect(None, Some("en"), &locale), Lang::English),
            (detect(None, Some("zh"), &variable), Lang::English),
            (detect(Some("zh-Hans"), None, &variable), Lang::Chinese),
        ];
        for (number, (lang, expected)) in cases.into_iter().enumerate() {
            assert_eq!(lang, expected, "case {number}");
        }
    }
}
