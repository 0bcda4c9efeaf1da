//! `migrate`: a whole store, from one engine to another.

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
    /// Where it is: sqlite:DIR or postgres://... (@FILE: what is in the file); no server may be using it
    #[arg(long, value_name = "STORE")]
    from: String,
    /// Where it goes: the same, empty, or what a `migrate` that was cut off left
    #[arg(long, value_name = "STORE")]
    to: String,
}

/// A table, for programs.
#[derive(Debug, Serialize)]
struct Table {
    table: &'static str,
    rows: u64,
    sha256: String,
    rows_at_destination: u64,
    sha256_at_destination: String,
    equal: bool,
}

impl From<TableComparison> for Table {
    fn from(compared: TableComparison) -> Self {
        let equal = compared.source == compared.destination;
        let ((rows, sha256), (rows_at_destination, sha256_at_destination)) =
            (compared.source, compared.destination);
        Self { table: compared.table, rows, sha256, rows_at_destination, sha256_at_destination, equal }
    }
}

pub async fn run(context: &Context, flags: &MigrateArgs) -> Result<(), Failure> {
    let (from, to) = (StoreLocation::read(&flags.from)?, StoreLocation::read(&flags.to)?);
    let source = match &from {
        StoreLocation::Sqlite(path) => Endpoint::from_sqlite(path),
        StoreLocation::Postgres(url) => Endpoint::from_postgres(url).await,
    }
    .map_err(Failure::error)?;
    let destination = match &to {
        StoreLocation::Sqlite(dir) => Endpoint::to_sqlite(dir),
        StoreLocation::Postgres(url) => Endpoint::to_postgres(url).await,
    }
    .map_err(Failure::error)?;
    let bar = progress_bar("{msg} {bar:40} {pos}/{len} {eta}");
    let shown = bar.clone();
    let moved = transfer(source, destination, move |progress| {
        let (text, done, of) = match progress {
            Progress::Copied(done, of) => (Text::Copying, done, of),
            Progress::Compared(done, of) => (Text::Comparing, done, of),
        };
        shown.set_message(text.text());
        shown.set_length(of);
        shown.set_position(done);
        ControlFlow::Continue(())
    })
    .await;
    bar.finish_and_clear();
    let tables: Vec<Table> = moved.map_err(Failure::error)?.into_iter().map(Table::from).collect();
    let row = |table: &Table| {
        vec![
            Cell::from(table.table),
            table.rows.into(),
            Cell::Both { shown: table.sha256[..12].to_owned(), piped: table.sha256.clone() },
            Cell::yes(table.equal),
        ]
    };
    let heading = [Text::Table, Text::Rows, Text::Checksum, Text::Equal];
    context.output.list(&tables, &heading, tables.iter().map(row).collect())?;
    let differ = tables.iter().filter(|table| !table.equal).count();
    if differ > 0 {
        return Err(Failure::error(Text::MigrateDiffers.with(&[("tables", &differ)])));
    }
    if !context.output.json {
        let rows: u64 = tables.iter().map(|table| table.rows).sum();
        eprintln!("{}", Text::MigrateDone.with(&[("rows", &rows), ("place", &to)]));
    }
    Ok(())
}
