//! The server that the others are compared with: hyper on all cores, responding from memory. A GET gets the
//! list; the body of a POST is read, and the response is the receipt. Paths, headers and bodies are ignored.

use crate::Outcome;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    CONNECTION, CONTENT_LENGTH, DATE, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING,
};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;

/// A response of the product, read from a file with its head and body.
struct RecordedResponse {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl RecordedResponse {
    fn read(file: &Path) -> Outcome<Self> {
        let bytes = std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
        let invalid = |what: &str| format!("{}: {what}", file.display());
        let head =
            bytes.windows(4).position(|window| window == b"\r\n\r\n").ok_or_else(|| invalid("no head"))?;
        let text = std::str::from_utf8(&bytes[..head]).map_err(|_| invalid("the head is not UTF-8"))?;
        let mut lines = text.split("\r\n");
        let status = lines.next().and_then(|line| line.get(9..12)).ok_or_else(|| invalid("no status"))?;
        let status = status.parse().map_err(|_| invalid("no status"))?;
        let mut headers = HeaderMap::new();
        for line in lines {
            let (name, value) = line.split_once(':').ok_or_else(|| invalid(line))?;
            let name: HeaderName = name.parse().map_err(|_| invalid(line))?;
            // hyper writes these itself, as it does for the server.
            if ![DATE, CONTENT_LENGTH, CONNECTION, TRANSFER_ENCODING].contains(&name) {
                headers.append(name, HeaderValue::from_str(value.trim()).map_err(|_| invalid(line))?);
            }
        }
        Ok(Self { status, headers, body: Bytes::copy_from_slice(&bytes[head + 4..]) })
    }

    fn to_response(&self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.body.clone()));
        *response.status_mut() = self.status;
        response.headers_mut().clone_from(&self.headers);
        response
    }
}

struct Responses {
    list: RecordedResponse,
    receipt: RecordedResponse,
}

async fn respond(
    request: Request<Incoming>,
    responses: Arc<Responses>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.method() == Method::GET {
        return Ok(responses.list.to_response());
    }
    let read = request.into_body().collect().await;
    let mut response = responses.receipt.to_response();
    if read.is_err() {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    Ok(response)
}

/// Serves until it is killed.
pub fn serve(list: &Path, receipt: &Path) -> Outcome {
    let list = RecordedResponse::read(list)?;
    let responses = Arc::new(Responses { list, receipt: RecordedResponse::read(receipt)? });
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| e.to_string())?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|e| e.to_string())?;
        let address = listener.local_addr().map_err(|e| e.to_string())?;
        eprintln!("listening on http://{address}");
        loop {
            let (stream, _) = listener.accept().await.map_err(|e| e.to_string())?;
            stream.set_nodelay(true).map_err(|e| e.to_string())?;
            let responses = Arc::clone(&responses);
            tokio::spawn(async move {
                let service = service_fn(move |request| respond(request, Arc::clone(&responses)));
                let mut http = http1::Builder::new();
                http.title_case_headers(true).timer(TokioTimer::new());
                // A client may disconnect at any time.
                let _ = http.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    })
}
