//! The name of a new user: from the claims of the provider, made valid. The store takes the first that is free, so an
//! existing user is never taken over.

use super::rules::Claims;
use crate::model::ids::hex;

/// Greatest length of the beginning, so that a number fits behind it.
const BASE_MAX: usize = 47;
/// The number of names with a number, before a random one.
const NUMBERED: u32 = 99;

/// Names for a new user, the best one first. The last one ends in random digits.
pub fn user_names(claims: &Claims, random: [u8; 8]) -> Vec<String> {
    let local_part = |email: &str| email.split('@').next().unwrap_or_default().to_owned();
    let wishes = [claims.name.as_deref().map(local_part), claims.email.as_deref().map(local_part)];
    let base = wishes.into_iter().flatten().map(|wish| valid(&wish)).find(|name| !name.is_empty());
    let base = base.unwrap_or_else(|| "user".to_owned());
    let numbered = (2..=NUMBERED).map(|number| format!("{base}-{number}"));
    let last = format!("{base}-{}", hex(&random));
    std::iter::once(base.clone()).chain(numbered).chain([last]).collect()
}

/// The characters of a text that a user name may have; `-` for each run of others.
fn valid(text: &str) -> String {
    let mut name = String::new();
    for c in text.chars() {
        let is_valid = c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
        let c = if is_valid { c } else { '-' };
        let repeats = c == '-' && name.ends_with('-');
        let starts_badly = name.is_empty() && matches!(c, '-' | '.');
        if !repeats && !starts_badly {
            name.push(c);
        }
    }
    name.chars().take(BASE_MAX).collect::<String>().trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::text;

    #[test]
    fn names_are_valid_whatever_the_provider_says() {
        for (name, email, expected) in [
            (Some("amy"), Some("x@y"), "amy"),
            (Some("amy@example.com"), None, "amy"),
            (None, Some("Amy.Li@example.com"), "Amy.Li"),
            (Some("Amy  Li!"), None, "Amy-Li"),
            (Some("李四"), None, "李四"),
            (Some("--.."), Some("bob@x"), "bob"),
            (Some("a/b\n"), None, "a-b"),
            (None, None, "user"),
            (Some(&*"x".repeat(300)), None, &"x".repeat(47)),
        ] {
            let claims = Claims {
                name: name.map(str::to_owned),
                email: email.map(str::to_owned),
                ..Claims::default()
            };
            let names = user_names(&claims, [7; 8]);
            assert_eq!(names[0], expected, "{name:?} {email:?}");
            assert_eq!((names[1].as_str(), names.len()), (&*format!("{expected}-2"), 100));
            assert_eq!(names[99], format!("{expected}-0707070707070707"));
            assert!(names.into_iter().all(|name| text::name("name", name, 64).is_ok()));
        }
    }
}
