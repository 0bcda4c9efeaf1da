//! placeholder
mod serve;
use clap::Parser;
#[derive(Parser)]
struct Cli { #[command(subcommand)] c: C }
#[derive(clap::Subcommand)]
enum C { Serve { #[command(flatten)] a: serve::ServeArgs, #[arg(long, default_value="stagepost-data")] data: std::path::PathBuf } }
#[tokio::main]
async fn main() { let C::Serve{mut a,data} = Cli::parse().c; a.data=data; let _ = serve::offline; if let Err(e)=serve::run(a).await { eprintln!("{e}"); std::process::exit(1) } }
