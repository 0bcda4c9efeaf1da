//! Fields of a report that are only displayed: a value of another JSON type is dropped, and the report is accepted
//! without it.

use domain::model::reports::{AdjustmentKind, Adjustments};
use serde_json::{Map, Value};

/// The JSON type of a field.
#[derive(Clone, Copy)]
enum Type {
    Text,
    Number,
    Integer,
    Details,
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
    ("details", Type::Details),
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
    if let Some(Value::Object(details)) = object.get_mut("details") {
        drop_from_details(details, dropped);
    }
    for (field, kind) in FIELDS {
        let readable = |value: &Value| match kind {
            Type::Text => value.is_string(),
            Type::Number => value.is_number(),
            Type::Integer => is_integer(value),
            Type::Details => value.is_object(),
        };
        if object.get(*field).is_some_and(|value| !value.is_null() && !readable(value)) {
            object.remove(*field);
            dropped.add(field, AdjustmentKind::Dropped);
        }
    }
}

fn is_integer(value: &Value) -> bool {
    value.is_i64() || value.is_u64()
}

/// Annotations need some of their fields, so those are read and checked.
fn drop_from_details(details: &mut Map<String, Value>, dropped: &mut Adjustments) {
    let mut remove =
        |object: &mut Map<String, Value>, fields: &[&str], is: fn(&Value) -> bool, name: &str| {
            for field in fields {
                if object.get(*field).is_some_and(|value| !value.is_null() && !is(value)) {
                    object.remove(*field);
                    dropped.add(name, AdjustmentKind::Dropped);
                }
            }
        };
    remove(details, &["title", "summary", "text"], Value::is_string, "details");
    remove(details, &["tests"], Value::is_object, "details");
    remove(details, &["annotations"], Value::is_array, "details.annotations");
    if let Some(Value::Object(tests)) = details.get_mut("tests") {
        remove(tests, &["failed", "passed", "skipped"], is_integer, "details");
    }
    for annotation in details.get_mut("annotations").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Value::Object(annotation) = annotation {
            remove(
                annotation,
                &["end_line", "start_column", "end_column"],
                is_integer,
                "details.annotations",
            );
            remove(annotation, &["title", "raw_details"], Value::is_string, "details.annotations");
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
