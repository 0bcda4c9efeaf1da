//! Values of the API in tables: translated on a terminal, unchanged for programs.
//!
//! Must not know: the tables.

use crate::messages::Text;
use crate::output::Cell;
use stagepost_client::history::Credential;

/// The effect of a report.
pub fn effect(value: &str) -> Cell {
    cell(effect_text(value), value)
}

/// The credential of a report: its kind, its id, and its name on a terminal.
pub fn credential(credential: Option<&Credential>) -> Cell {
    let Some(Credential { kind, id, name }) = credential else { return Cell::from("") };
    let join = |kind: String| [Some(kind), id.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let display = join(translate(credential_text(kind), kind));
    let display = name.iter().fold(display, |display, name| format!("{display} ({name})"));
    Cell::DisplayAndRaw { display, raw: join(kind.clone()) }
}

/// The result of the last attempt to send something: the status, with the response if it was not accepted; or the
/// error.
pub fn last_result(
    status: Option<u16>,
    response: Option<&str>,
    error: Option<&str>,
    is_accepted: bool,
) -> Option<String> {
    let Some(status) = status else { return error.map(str::to_owned) };
    match response {
        Some(response) if !is_accepted => Some(format!("{status} {response}")),
        _ => Some(status.to_string()),
    }
}

/// The names of the fields that a report changed.
pub fn fields(names: &[String]) -> Cell {
    let translated: Vec<String> = names.iter().map(|name| translate(Text::of_field(name), name)).collect();
    Cell::DisplayAndRaw { display: translated.join(Text::ListSeparator.text()), raw: names.join(",") }
}

/// The state of a webhook delivery.
pub fn delivery_state(value: &str) -> Cell {
    cell(delivery_state_text(value), value)
}

/// The state of a webhook: enabled, or the reason why it is disabled.
pub fn webhook_state(disabled_reason: Option<&str>) -> Cell {
    let value = disabled_reason.unwrap_or("on");
    cell(webhook_state_text(value), value)
}

/// The state of a destination.
pub fn destination_state(enabled: bool) -> Cell {
    match enabled {
        true => cell(Some(Text::WebhookEnabled), "on"),
        false => cell(Some(Text::DisabledManually), "off"),
    }
}

/// The progress of a forwarded state, with the reason why it waits or is stopped.
pub fn forwarding_progress(value: &str, reason: Option<&str>) -> Cell {
    let value = reason.unwrap_or(value);
    cell(forwarding_progress_text(value), value)
}

fn cell(text: Option<Text>, value: &str) -> Cell {
    Cell::DisplayAndRaw { display: translate(text, value), raw: value.to_owned() }
}

/// A newer server may send values that have no translation.
fn translate(text: Option<Text>, value: &str) -> String {
    text.map_or_else(|| value.to_owned(), |text| text.to_string())
}

fn effect_text(value: &str) -> Option<Text> {
    Some(match value {
        "created" => Text::EffectCreated,
        "changed" => Text::EffectChanged,
        "repeated" => Text::EffectRepeated,
        "late" => Text::EffectLate,
        _ => return None,
    })
}

fn credential_text(kind: &str) -> Option<Text> {
    Some(match kind {
        "token" => Text::CredentialToken,
        "access_key" => Text::CredentialAccessKey,
        "temporary_key" => Text::CredentialTemporaryKey,
        "session" => Text::CredentialSession,
        "password" => Text::CredentialPassword,
        _ => return None,
    })
}

fn delivery_state_text(value: &str) -> Option<Text> {
    Some(match value {
        "pending" => Text::DeliveryPending,
        "delivered" => Text::DeliveryDelivered,
        "failed" => Text::DeliveryFailed,
        _ => return None,
    })
}

fn forwarding_progress_text(value: &str) -> Option<Text> {
    Some(match value {
        "pending" => Text::DeliveryPending,
        "sent" => Text::DeliveryDelivered,
        "stopped" => Text::ForwardingStopped,
        "failing" => Text::ForwardingFailing,
        "rate_limited" => Text::ForwardingRateLimited,
        "refused" => Text::ForwardingRefused,
        "exhausted" => Text::ForwardingExhausted,
        _ => return None,
    })
}

fn webhook_state_text(value: &str) -> Option<Text> {
    Some(match value {
        "on" => Text::WebhookEnabled,
        "manual" => Text::DisabledManually,
        "gone" => Text::DisabledGone,
        "failing" => Text::DisabledFailing,
        "no_access" => Text::DisabledNoAccess,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;
    use domain::model::credentials::ReportCredential;
    use domain::model::deliveries::DeliveryState;
    use domain::model::forwarded_states::Progress;
    use domain::model::reports::{Effect, FieldSet};
    use domain::model::webhooks::DisabledReason;

    fn both(cell: Cell) -> (String, String) {
        match cell {
            Cell::DisplayAndRaw { display, raw } => (display, raw),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn terminals_show_translations_and_programs_get_api_values() {
        assert_eq!(both(effect("late")), ("late".into(), "late".into()));
        let names = ["status", "finished_at", "of_a_later_server"].map(str::to_owned);
        assert_eq!(
            both(fields(&names)),
            ("status, finish time, of_a_later_server".into(), "status,finished_at,of_a_later_server".into())
        );
        assert_eq!(both(fields(&[])), (String::new(), String::new()));
    }

    #[test]
    fn a_credential_has_its_kind_its_id_and_on_a_terminal_its_name() {
        let of = |kind: &str, id: Option<&str>, name: Option<&str>| Credential {
            kind: kind.into(),
            id: id.map(str::to_owned),
            name: name.map(str::to_owned),
        };
        assert_eq!(
            both(credential(Some(&of("token", Some("17"), Some("deploy"))))),
            ("token 17 (deploy)".into(), "token 17".into())
        );
        assert_eq!(both(credential(Some(&of("session", None, None)))), ("session".into(), "session".into()));
        assert_eq!(
            both(credential(Some(&of("access_key", Some("AK"), None)))),
            ("access key AK".into(), "access_key AK".into())
        );
        assert!(matches!(credential(None), Cell::Plain(text) if text.is_empty()));
    }

    #[test]
    fn every_value_of_the_api_has_a_translation() {
        let chinese = |text: Option<Text>| text.map(|text| text.in_language(Lang::Chinese));
        let effects = Effect::ALL.map(|effect| chinese(effect_text(effect.as_str())));
        assert_eq!(effects, ["新建", "已更新", "重复", "延迟到达"].map(Some));
        for name in FieldSet::NAMES {
            assert!(chinese(Text::of_field(name)).is_some(), "{name}");
        }
        for kind in ReportCredential::KINDS {
            assert!(chinese(credential_text(kind)).is_some(), "{kind}");
        }
        for state in DeliveryState::NAMES {
            assert!(chinese(delivery_state_text(state)).is_some(), "{state}");
        }
        for reason in
            [DisabledReason::Manual, DisabledReason::Gone, DisabledReason::Failing, DisabledReason::NoAccess]
        {
            assert!(chinese(webhook_state_text(reason.as_str())).is_some(), "{reason:?}");
        }
        for name in Progress::NAMES.iter().chain(Progress::REASONS) {
            assert!(chinese(forwarding_progress_text(name)).is_some(), "{name}");
        }
    }
}
