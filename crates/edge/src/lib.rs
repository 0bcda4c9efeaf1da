//! Everything that touches the outside: protocols in, answers out. It asks the domain and never names the store.

pub mod http;
