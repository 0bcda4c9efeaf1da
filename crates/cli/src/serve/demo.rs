//! `--demo`: imports the example of the CodeArts documentation and a few realistic repositories.

use super::stderr;
use crate::messages::Text;
use domain::App;
use domain::actions::imports::ImportOutcome;

/// The import file.
const LINES: &str = include_str!("demo.ndjson");
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
    for (index, line) in LINES.lines().enumerate() {
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
