//! `--demo`: the example of the CodeArts documentation and a few repositories as they are in life, through the ordinary import.

use domain::App;
use domain::actions::imports::ImportOutcome;

/// What is loaded: the lines of an import.
const LINES: &str = include_str!("demo.ndjson");
const NOTE: &str = "demo";

/// Loads the demonstration data, once per store, and says which of the two it was.
///
/// # Errors
/// One line that says what is wrong.
pub async fn load(app: &App) -> Result<(), String> {
    if app.store.setting(NOTE).await.map_err(|e| e.to_string())?.is_some() {
        eprintln!("the demo is in this store already");
        return Ok(());
    }
    let by = super::admin::first(app).await?;
    let mut added = 0;
    for (at, line) in LINES.lines().enumerate() {
        let mut imported = edge::import_line(app, &by, line.as_bytes()).await;
        if imported.is_err() {
            // Another node of the same database loads it too: what it made between our look and our word is known the second time.
            imported = edge::import_line(app, &by, line.as_bytes()).await;
        }
        match imported {
            Ok(ImportOutcome::Added) => added += 1,
            Ok(ImportOutcome::Existing) => {}
            Err(error) => return Err(format!("line {} of the demo: {error}", at + 1)),
        }
    }
    app.store.set_setting(NOTE, "loaded").await.map_err(|e| e.to_string())?;
    eprintln!("loaded the demo: {added} repositories and pipelines");
    Ok(())
}
