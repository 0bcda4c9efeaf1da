//! `--demo`: imports the example of the CodeArts documentation, with its times, and a few realistic repositories,
//! whose last job ended a few minutes ago.

use super::stderr;
use crate::messages::Text;
use domain::actions::imports::ImportOutcome;
use domain::{App, SignedDuration, Timestamp};
use serde_json::Value;

/// The import file.
const LINES: &str = include_str!("demo.ndjson");
/// The repository of the documentation. Its times stay as they are documented.
const DOCUMENTED: i64 = 2_111_976_239;
/// How long ago the last job of the other repositories ended.
const LAST_END: SignedDuration = SignedDuration::from_mins(3);
/// The setting that records the import.
const SETTING: &str = "demo";

/// Loads the demo data once per store and prints a message.
///
/// # Errors
/// A message in one line.
pub async fn load(app: &App) -> Result<(), String> {
    if app.store.setting(SETTING).await.map_err(|e| e.to_string())?.is_some() {
        stderr::line("the demo data is already loaded");
        return Ok(());
    }
    let administrator = super::admin::first(app).await?;
    let mut added = 0;
    for (index, line) in lines(app.clock.now()).into_iter().enumerate() {
        let mut imported = edge::import_line(app, &administrator, line.as_bytes()).await;
        if imported.is_err() {
            // Another node of the same database may have imported the line meanwhile; a repeat finds it.
            imported = edge::import_line(app, &administrator, line.as_bytes()).await;
        }
        match imported {
            Ok(ImportOutcome::Added) => added += 1,
            Ok(ImportOutcome::Existing) => {}
            Err(error) => {
                return Err(Text::ServeDemoLine.with(&[("line", &(index + 1)), ("reason", &error)]));
            }
        }
    }
    app.store.set_setting(SETTING, "loaded").await.map_err(|e| e.to_string())?;
    stderr::line(format_args!("loaded the demo data: {added} repositories and pipelines"));
    Ok(())
}

/// The lines of the import. The times of all repositories but the documented one are moved to the present.
fn lines(now: Timestamp) -> Vec<String> {
    let mut lines: Vec<Value> = LINES.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let is_moved = |line: &Value| ["id", "repository_id"].iter().all(|field| line[*field] != DOCUMENTED);
    let mut last = Timestamp::MIN;
    for line in lines.iter_mut().filter(|line| is_moved(line)) {
        each_time(line, &mut |at| {
            last = last.max(at);
            at
        });
    }
    let distance = (now - LAST_END).duration_since(last);
    for line in lines.iter_mut().filter(|line| is_moved(line)) {
        each_time(line, &mut |at| at + distance);
    }
    lines.iter().map(Value::to_string).collect()
}

/// Replaces every time in a line.
fn each_time(value: &mut Value, replace: &mut impl FnMut(Timestamp) -> Timestamp) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str().filter(|_| name.ends_with("_at")).map(str::parse) {
                    Some(Ok(at)) => *value = replace(at).to_string().into(),
                    _ => each_time(value, replace),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| each_time(value, replace)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_of_the_demo_end_now_except_those_of_the_documented_example() {
        let now: Timestamp = "2031-02-03T04:05:06Z".parse().unwrap();
        let lines = lines(now);
        assert_eq!(lines.len(), LINES.lines().count());
        let (mut documented, mut first, mut last) = (0, Timestamp::MAX, Timestamp::MIN);
        for line in &lines {
            let mut value: Value = serde_json::from_str(line).unwrap();
            if value["repository_id"] == DOCUMENTED {
                documented += 1;
                assert!(line.contains("2025-05-17T11:02:56+08:00"), "{line}");
            } else if value["id"] != DOCUMENTED {
                each_time(&mut value, &mut |at| {
                    (first, last) = (first.min(at), last.max(at));
                    at
                });
            }
        }
        assert_eq!((documented, last), (1, now - LAST_END));
        assert!(now.duration_since(first) < SignedDuration::from_hours(24 * 90), "{first}");
    }
}
