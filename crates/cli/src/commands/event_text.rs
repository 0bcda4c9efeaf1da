//! The API's words in tables: in the reader's language for people, as they are for machines.
//!
//! Must not know: which table.

use crate::messages::Text;
use crate::output::Cell;

/// What a report did.
pub fn effect(word: &str) -> Cell {
    Cell::Both { shown: told(effect_text(word), word), piped: word.to_owned() }
}

/// The fields that a report changed.
pub fn fields(names: &[String]) -> Cell {
    let shown: Vec<String> = names.iter().map(|name| told(field_text(name), name)).collect();
    Cell::Both { shown: shown.join(Text::Comma.text()), piped: names.join(",") }
}

/// How a delivery stands.
pub fn delivery_state(word: &str) -> Cell {
    Cell::Both { shown: told(state_text(word), word), piped: word.to_owned() }
}

/// Whether a webhook is on, and else why not.
pub fn disabled_why(word: Option<&str>) -> Cell {
    let word = word.unwrap_or("on");
    Cell::Both { shown: told(why_text(word), word), piped: word.to_owned() }
}

/// A newer server may have words that are not known here.
fn told(text: Option<Text>, word: &str) -> String {
    text.map_or_else(|| word.to_owned(), |text| text.to_string())
}

fn effect_text(word: &str) -> Option<Text> {
    Some(match word {
        "created" => Text::EffectCreated,
        "changed" => Text::EffectChanged,
        "repeated" => Text::EffectRepeated,
        "late" => Text::EffectLate,
        _ => return None,
    })
}

fn field_text(name: &str) -> Option<Text> {
    Some(match name {
        "status" => Text::FieldStatus,
        "target_url" => Text::FieldLink,
        "description" => Text::FieldDescription,
        "coverage" => Text::FieldCoverage,
        "allow_failure" => Text::FieldAllowFailure,
        "started_at" => Text::FieldStarted,
        "finished_at" => Text::FieldFinished,
        "third_build_id" => Text::FieldBuildId,
        _ => return None,
    })
}

fn state_text(word: &str) -> Option<Text> {
    Some(match word {
        "pending" => Text::StatePending,
        "delivered" => Text::StateDelivered,
        "failed" => Text::StateFailed,
        _ => return None,
    })
}

fn why_text(word: &str) -> Option<Text> {
    Some(match word {
        "on" => Text::On,
        "manual" => Text::WhyManual,
        "gone" => Text::WhyGone,
        "failing" => Text::WhyFailing,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;
    use domain::model::deliveries::DeliveryState;
    use domain::model::reports::{Effect, FieldSet};
    use domain::model::webhooks::DisabledReason;

    fn both(cell: Cell) -> (String, String) {
        match cell {
            Cell::Both { shown, piped } => (shown, piped),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn people_read_words_and_machines_the_apis() {
        assert_eq!(both(effect("late")), ("late".into(), "late".into()));
        let names = ["status", "finished_at", "of_a_later_server"].map(str::to_owned);
        assert_eq!(
            both(fields(&names)),
            ("status, end, of_a_later_server".into(), "status,finished_at,of_a_later_server".into())
        );
        assert_eq!(both(fields(&[])), (String::new(), String::new()));
    }

    #[test]
    fn every_word_of_the_api_is_known_in_both_languages() {
        let chinese = |text: Option<Text>| text.map(|text| text.in_language(Lang::Chinese));
        let effects = Effect::ALL.map(|effect| chinese(effect_text(effect.as_str())));
        assert_eq!(effects, ["新执行", "有变化", "重复", "迟到"].map(Some));
        for name in FieldSet::NAMES {
            assert!(chinese(field_text(name)).is_some(), "{name}");
        }
        for word in DeliveryState::NAMES {
            assert!(chinese(state_text(word)).is_some(), "{word}");
        }
        for why in [DisabledReason::Manual, DisabledReason::Gone, DisabledReason::Failing] {
            assert!(chinese(why_text(why.as_str())).is_some(), "{why:?}");
        }
    }
}
