//! Keeps what the domain decided, and decides nothing.
//!
//! Each engine has a folder of its own and implements [`domain::ports::Store`]; `tests/contract` holds the port's promises and
//! runs on every engine. `rows`, `counters` and `wakes` are what the engines share: how a word of the model is written in a column, what is
//! counted, and who waits for an event.

pub mod counters;
mod rows;
pub mod sqlite;
mod wakes;
