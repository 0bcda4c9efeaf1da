//! The client against a server that answers what it is told to: what travels, what is tried again, and what an
//! answer becomes.

mod calls;
mod retries;
mod signing;
mod stub;
