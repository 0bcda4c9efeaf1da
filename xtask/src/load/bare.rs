//! What there is to compare with: hyper on all cores, answering bytes from memory. A GET gets the list, a POST is read and gets the
//! receipt; nothing is looked at.

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

/// An answer as it was captured: a head and a body.
struct Canned {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Canned {
    fn read(file: &Path) -> Outcome<Self> {
        let bytes = std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
        let bad = |what: &str| format!("{}: {what}", file.display());
        let head = bytes.windows(4).position(|window| window == b"\r\n\r\n").ok_or_else(|| bad("no head"))?;
        let text = std::str::from_utf8(&bytes[..head]).map_err(|_| bad("the head is not UTF-8"))?;
        let mut lines = text.split("\r\n");
        let status = lines.next().and_then(|line| line.get(9..12)).ok_or_else(|| bad("no status"))?;
        let status = status.parse().map_err(|_| bad("no status"))?;
        let mut headers = HeaderMap::new();
        for line in lines {
            let (name, value) = line.split_once(':').ok_or_else(|| bad(line))?;
            let name: HeaderName = name.parse().map_err(|_| bad(line))?;
            // hyper writes these itself, as it does for the server.
            if ![DATE, CONTENT_LENGTH, CONNECTION, TRANSFER_ENCODING].contains(&name) {
                headers.append(name, HeaderValue::from_str(value.trim()).map_err(|_| bad(line))?);
            }
        }
        Ok(Self { status, headers, body: Bytes::copy_from_slice(&bytes[head + 4..]) })
    }

    fn answer(&self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.body.clone()));
        *response.status_mut() = self.status;
        response.headers_mut().clone_from(&self.headers);
        response
    }
}

struct Answers {
    list: Canned,
    receipt: Canned,
}

async fn answer(
    request: Request<Incoming>,
    answers: Arc<Answers>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.method() == Method::GET {
        return Ok(answers.list.answer());
    }
    let read = request.into_body().collect().await;
    let mut response = answers.receipt.answer();
    if read.is_err() {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    Ok(response)
}

/// Serves until it is killed.
pub fn serve(list: &Path, receipt: &Path) -> Outcome {
    let answers = Arc::new(Answers { list: Canned::read(list)?, receipt: Canned::read(receipt)? });
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| e.to_string())?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|e| e.to_string())?;
        let address = listener.local_addr().map_err(|e| e.to_string())?;
        eprintln!("listening on http://{address}");
        loop {
            let (stream, _) = listener.accept().await.map_err(|e| e.to_string())?;
            stream.set_nodelay(true).map_err(|e| e.to_string())?;
            let answers = Arc::clone(&answers);
            tokio::spawn(async move {
                let service = service_fn(move |request| answer(request, Arc::clone(&answers)));
                let mut http = http1::Builder::new();
                http.title_case_headers(true).timer(TokioTimer::new());
                // A client that goes away is no matter here.
                let _ = http.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    })
}
