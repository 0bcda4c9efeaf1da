//! `migrate`: copies a whole store from one engine to another.

use crate::exit::Failure;
use crate::messages::Text;
use crate::output::{Cell, progress_bar};
use crate::settings::Context;
use crate::store_location::StoreLocation;
use serde::Serialize;
use std::ops::ControlFlow;
use store::transfer::{Endpoint, Progress, TableComparison, transfer};

#[derive(Debug, clap::Args)]
pub struct MigrateArgs {
    /// Source: sqlite:DIR or postgres://... (@FILE reads it from a file); no server may be using it
    #[arg(long, value_name = "STORE")]
    from: String,
    /// Destination, in the same format; empty, or left by an interrupted `migrate`
    #[arg(long, value_name = "STORE")]
    to: String,
}

/// A table in the JSON output.
#[derive(Debug, Serialize)]
struct MigratedTable {
    table: &'static str,
    rows: u64,
    sha256: String,
    rows_at_destination: u64,
    sha256_at_destination: String,
    equal: bool,
}

impl From<TableComparison> for MigratedTable {
    fn from(compared: TableComparison) -> Self {
        let equal = compared.source == compared.destination;
        let ((rows, sha256), (rows_at_destination, sha256_at_destination)) =
            (compared.source, compared.destination);
        Self { table: compared.table, rows, sha256, rows_at_destination, sha256_at_destination, equal }
    }
}

pub async fn run(context: &Context, flags: &MigrateArgs) -> Result<(), Failure> {
    let (from, to) = (StoreLocation::parse(&flags.from)?, StoreLocation::parse(&flags.to)?);
    let source = match &from {
        StoreLocation::Sqlite(path) => Endpoint::from_sqlite(path),
        StoreLocation::Postgres(url) => Endpoint::from_postgres(url).await,
    }
    .map_err(Failure::from)?;
    let destination = match &to {
        StoreLocation::Sqlite(dir) => Endpoint::to_sqlite(dir),
        StoreLocation::Postgres(url) => Endpoint::to_postgres(url).await,
    }
    .map_err(Failure::from)?;
    let bar = progress_bar("{msg} {bar:40} {pos}/{len} {eta}");
    let progress_bar = bar.clone();
    let result = transfer(source, destination, move |progress| {
        let (text, done, total) = match progress {
            Progress::Copied(done, total) => (Text::Copying, done, total),
            Progress::Compared(done, total) => (Text::Comparing, done, total),
        };
        progress_bar.set_message(text.text());
        progress_bar.set_length(total);
        progress_bar.set_position(done);
        ControlFlow::Continue(())
    })
    .await;
    bar.finish_and_clear();
    let tables: Vec<MigratedTable> = result?.into_iter().map(MigratedTable::from).collect();
    let row = |table: &MigratedTable| {
        vec![
            Cell::from(table.table),
            table.rows.into(),
            Cell::DisplayAndRaw { display: table.sha256[..12].to_owned(), raw: table.sha256.clone() },
            Cell::from_bool(table.equal),
        ]
    };
    let headings = [Text::Table, Text::Rows, Text::Checksum, Text::Equal];
    context.output.list(&tables, &headings, tables.iter().map(row).collect())?;
    let differing = tables.iter().filter(|table| !table.equal).count();
    if differing > 0 {
        return Err(Failure::error(Text::MigrateDiffers.with(&[("tables", &differing)])));
    }
    if !context.output.json {
        let rows: u64 = tables.iter().map(|table| table.rows).sum();
        eprintln!("{}", Text::MigrateSummary.with(&[("rows", &rows), ("destination", &to)]));
    }
    Ok(())
}
