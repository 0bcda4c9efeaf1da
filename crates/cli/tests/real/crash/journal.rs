//! Records the operations of the clients with their responses, and checks them after a restart. Tokens are
//! created and revoked as well: a revoked one must not be valid again.

use super::Stopped;
use super::operations::{Operation, get};
use super::writers::Random;
use crate::http::{Connection, Response};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// One operation in this many is checked once more at the end.
const SAMPLE: usize = 8;

/// All operations.
#[derive(Default)]
pub struct Journal {
    last_number: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Those of the current cycle.
    operations: Vec<(Operation, Option<Response>)>,
    tokens: Vec<Token>,
    /// Some of the earlier ones that were acknowledged, and tokens that were revoked.
    earlier: Vec<(Operation, Option<Response>)>,
    revoked: Vec<Token>,
    counts: Counts,
}

/// Numbers for the summary.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    pub acknowledged: usize,
    pub unknown: usize,
    pub repeated: usize,
    pub revoked: usize,
}

struct Token {
    word: String,
    state: TokenState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TokenState {
    Created,
    /// The revocation has no response.
    Unknown,
    Revoked,
}

impl Journal {
    /// Sends operations one after the other until the server ends.
    ///
    /// # Errors
    /// The connection is lost, or a response is wrong.
    pub fn run(&self, address: SocketAddr, mut random: Random, ending: &AtomicBool) -> Result<(), Stopped> {
        let mut connection = connect(address)?;
        while !ending.load(Ordering::SeqCst) {
            if random.within(0, 12) == 0 {
                self.revoke(&mut connection)?;
            }
            let number = self.last_number.fetch_add(1, Ordering::SeqCst) + 1;
            let operation = Operation::random(number, &mut random);
            let first = self.send(&operation, &mut connection)?;
            match random.within(0, 4) {
                0 => {
                    operation.check(Some(&first), &mut connection)?;
                }
                1 => {
                    if let Some(closing) = operation.closing() {
                        self.send(&closing, &mut connection)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn send(&self, operation: &Operation, connection: &mut Connection) -> Result<Response, Stopped> {
        let response = operation.send(connection);
        let answered = response.as_ref().ok().cloned();
        if let Some(answered) = &answered {
            operation.accepted(answered, false)?;
        }
        self.state.lock().unwrap().operations.push((operation.clone(), answered));
        response
    }

    /// Creates a token and revokes it.
    fn revoke(&self, connection: &mut Connection) -> Result<(), Stopped> {
        let body = json!({"name": "short", "scope": "read"}).to_string();
        let path = "/native/v1/users/admin/tokens";
        let created = connection.request("POST", path, &body)?;
        let token: Value =
            serde_json::from_str(&created.body).map_err(|e| Stopped::wrong(format!("{created:?}: {e}")))?;
        let word = token["token"].as_str().ok_or_else(|| Stopped::wrong(format!("no token: {created:?}")))?;
        let at = {
            let mut state = self.state.lock().unwrap();
            state.tokens.push(Token { word: word.to_owned(), state: TokenState::Created });
            state.tokens.len() - 1
        };
        let set = |word| self.state.lock().unwrap().tokens[at].state = word;
        set(TokenState::Unknown);
        let revoked = connection.request("DELETE", &format!("{path}/{}", token["id"]), "")?;
        if revoked.status != 204 {
            return Err(Stopped::wrong(format!("a token was not revoked: {revoked:?}")));
        }
        set(TokenState::Revoked);
        Ok(())
    }

    /// Checks the operations of the cycle, and drops most of them.
    ///
    /// # Errors
    /// The first difference.
    pub fn check_cycle(&self, address: SocketAddr) -> Result<(), Stopped> {
        let mut state = self.state.lock().unwrap();
        let (operations, tokens) = (std::mem::take(&mut state.operations), std::mem::take(&mut state.tokens));
        check(&operations, &tokens, address, &mut state.counts)?;
        let acknowledged = operations.into_iter().filter(|(_, answered)| answered.is_some());
        state.earlier.extend(acknowledged.step_by(SAMPLE));
        state.revoked.extend(tokens.into_iter().filter(|token| token.state == TokenState::Revoked));
        Ok(())
    }

    /// Checks operations of all cycles.
    ///
    /// # Errors
    /// The first difference.
    pub fn check_all(&self, address: SocketAddr) -> Result<Counts, Stopped> {
        let state = self.state.lock().unwrap();
        check(&state.earlier, &state.revoked, address, &mut Counts::default())?;
        Ok(state.counts)
    }
}

fn check(
    operations: &[(Operation, Option<Response>)],
    tokens: &[Token],
    address: SocketAddr,
    counts: &mut Counts,
) -> Result<(), Stopped> {
    let mut connection = connect(address)?;
    for (operation, answered) in operations {
        counts.repeated += usize::from(operation.check(answered.as_ref(), &mut connection)?);
        match answered {
            Some(_) => counts.acknowledged += 1,
            None => counts.unknown += 1,
        }
    }
    for token in tokens {
        let mut connection = connect(address)?.with_token(&token.word);
        let status = get(&mut connection, "/native/v1/whoami")?.status;
        let right = match token.state {
            TokenState::Created => status == 200,
            TokenState::Unknown => [200, 401].contains(&status),
            TokenState::Revoked => status == 401,
        };
        if !right {
            return Err(Stopped::wrong(format!("a token that was {:?} gets {status}", token.state)));
        }
        counts.revoked += usize::from(token.state == TokenState::Revoked);
    }
    Ok(())
}

/// With the header that both APIs accept.
fn connect(address: SocketAddr) -> Result<Connection, Stopped> {
    let connection = Connection::try_open(address)?;
    Ok(connection.with_credential("PRIVATE-TOKEN"))
}
