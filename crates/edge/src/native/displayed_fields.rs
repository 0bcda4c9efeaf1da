//! Fields of a report that are only displayed: a value of another JSON type is dropped, so that it does not
//! cost the report (design, data rule 6).

use domain::model::reports::{AdjustmentKind, Adjustments};
use serde_json::{Map, Value};

/// The JSON type of a field.
#[derive(Clone, Copy)]
enum Type {
    Text,
    Number,
    Integer,
}

/// The displayed fields of reports, imported pipelines, stages and jobs.
const FIELDS: &[(&str, Type)] = &[
    ("target_url", Type::Text),
    ("description", Type::Text),
    ("coverage", Type::Number),
    ("occurred_at", Type::Text),
    ("started_at", Type::Text),
    ("finished_at", Type::Text),
    ("updated_at", Type::Text),
    ("stage_order", Type::Integer),
    ("sort_id", Type::Integer),
    ("web_url", Type::Text),
    ("trigger_user", Type::Text),
];

/// Removes the displayed fields that have a value of another type, and returns which.
pub fn drop_unreadable(value: &mut Value) -> Adjustments {
    let mut dropped = Adjustments::default();
    if let Value::Object(object) = value {
        drop_from(object, &mut dropped);
    }
    dropped
}

/// As [`drop_unreadable`], for an imported pipeline with its stages and jobs.
pub fn drop_unreadable_in_import(line: &mut Value) -> Adjustments {
    let mut dropped = drop_unreadable(line);
    for stage in items(line, "stages") {
        dropped.extend(drop_unreadable(stage));
        for job in items(stage, "jobs") {
            dropped.extend(drop_unreadable(job));
        }
    }
    dropped
}

fn items<'a>(parent: &'a mut Value, list: &str) -> impl Iterator<Item = &'a mut Value> {
    parent.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten()
}

fn drop_from(object: &mut Map<String, Value>, dropped: &mut Adjustments) {
    for (field, kind) in FIELDS {
        let readable = |value: &Value| match kind {
            Type::Text => value.is_string(),
            Type::Number => value.is_number(),
            Type::Integer => value.is_i64() || value.is_u64(),
        };
        if object.get(*field).is_some_and(|value| !value.is_null() && !readable(value)) {
            object.remove(*field);
            dropped.add(field, AdjustmentKind::Dropped);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn adjusted(dropped: Adjustments) -> Vec<(&'static str, &'static str)> {
        dropped.iter().map(|(field, kind)| (field, kind.as_str())).collect()
    }

    #[test]
    fn only_displayed_fields_of_another_type_are_dropped() {
        let mut report = json!({
            "sha": 5, "name": [], "coverage": "80%", "description": 7, "target_url": {}, "stage_order": 1.5,
            "started_at": 1_700_000_000, "finished_at": null, "web_url": "x", "allow_failure": "yes",
        });
        let dropped = drop_unreadable(&mut report);
        let expected =
            json!({"sha": 5, "name": [], "finished_at": null, "web_url": "x", "allow_failure": "yes"});
        assert_eq!(report, expected);
        let fields = ["target_url", "description", "coverage", "started_at", "stage_order"];
        assert_eq!(adjusted(dropped), fields.map(|field| (field, "dropped")));
        for other in [json!([]), json!(null), json!("x")] {
            assert!(drop_unreadable(&mut other.clone()).is_empty());
        }
    }

    #[test]
    fn an_import_is_read_to_its_jobs() {
        let mut line = json!({"web_url": 1, "stages": [
            {"name": 3, "sort_id": "1", "jobs": [{"name": "a", "coverage": "x"}, 7]}, null, {"jobs": {}},
        ]});
        let dropped = drop_unreadable_in_import(&mut line);
        assert_eq!(line, json!({"stages": [{"name": 3, "jobs": [{"name": "a"}, 7]}, null, {"jobs": {}}]}));
        assert_eq!(adjusted(dropped), ["coverage", "web_url", "sort_id"].map(|field| (field, "dropped")));
    }
}
