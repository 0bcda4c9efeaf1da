//! A reverse proxy that treats long requests badly: it holds them back, or refuses them.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};

/// What happens to a request for the event stream or with `wait`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LongRequests {
    /// Event streams get no response; long polls work.
    StreamsHeldBack,
    /// 504, also for long polls.
    Refused,
}

/// A proxy on a free port.
pub struct Proxy {
    address: SocketAddr,
    /// The number of long requests that it held back or refused.
    count: Arc<(Mutex<usize>, Condvar)>,
}

impl Proxy {
    /// A proxy that holds back `text/event-stream`.
    pub fn without_streams(server: SocketAddr) -> Self {
        Self::start(server, LongRequests::StreamsHeldBack)
    }

    /// A proxy that answers long requests with 504 at once.
    pub fn that_refuses_long_requests(server: SocketAddr) -> Self {
        Self::start(server, LongRequests::Refused)
    }

    fn start(server: SocketAddr, kind: LongRequests) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let count = Arc::new((Mutex::new(0), Condvar::new()));
        let counted = Arc::clone(&count);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let counted = Arc::clone(&counted);
                std::thread::spawn(move || serve(client, server, kind, &counted));
            }
        });
        Self { address, count }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until this number of long requests was held back or refused.
    pub fn wait_for_streams(&self, number: usize) {
        let (count, changed) = &*self.count;
        let count = changed.wait_while(count.lock().unwrap(), |count| *count < number);
        drop(count.unwrap());
    }
}

/// Serves one request and closes the connection. Requests have no body.
fn serve(mut client: TcpStream, server: SocketAddr, kind: LongRequests, count: &(Mutex<usize>, Condvar)) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if !matches!(client.read(&mut byte), Ok(1)) {
            return;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let target = head.split(' ').nth(1).unwrap();
    let is_stream = target.starts_with("/native/v1/events");
    if is_stream || (kind == LongRequests::Refused && target.contains("wait=")) {
        *count.0.lock().unwrap() += 1;
        count.1.notify_all();
        if kind == LongRequests::StreamsHeldBack {
            // Returns when the client closes the connection.
            let _ = client.read(&mut byte);
            return;
        }
        let response = "HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        let _ = client.write_all(response.as_bytes());
        return;
    }
    let Ok(mut upstream) = TcpStream::connect(server) else { return };
    let head = head.replacen("\r\n", "\r\nConnection: close\r\n", 1);
    if upstream.write_all(head.as_bytes()).is_ok() {
        // Fails if either side has closed the connection.
        let _ = std::io::copy(&mut upstream, &mut client);
    }
}
