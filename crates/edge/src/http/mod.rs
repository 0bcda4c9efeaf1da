//! HTTP without a dialect: listening, reading and writing messages.

pub mod bodies;
pub mod budget;
pub mod compress;
pub mod conditional;
pub mod cookies;
pub mod forwarded;
pub mod json;
pub mod json_repair;
pub mod json_writer;
pub mod listen;
pub mod public_url;
pub mod query;
pub mod replies;
pub mod reply;
pub mod request_id;
pub mod shares;
pub mod time_text;
pub mod tls;
pub mod toml;
