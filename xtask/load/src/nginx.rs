//! nginx with the bytes of a recorded response: the web server that readers know the speed of.

use crate::Outcome;
use crate::http::{once, request};
use crate::server::Started;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Debian installs it in a folder that is not in the `PATH` of every user.
const PROGRAMS: [&str; 2] = ["nginx", "/usr/sbin/nginx"];
/// Another process may take the port that was free.
const ATTEMPTS: usize = 5;
/// The longest text that the configuration may contain; longer ones are files.
const LONGEST: usize = 3_000;

/// The bodies of the responses: a GET gets a static file, and a POST gets `return 201`.
#[derive(Debug, Clone, Copy)]
pub struct Bodies<'a> {
    /// The body of the response to a GET.
    pub list: Option<&'a [u8]>,
    /// The body of the response to a POST.
    pub receipt: Option<&'a [u8]>,
}

/// Starts nginx with a configuration in a folder, on a free port. The folder must be absolute.
///
/// # Errors
/// When nginx is missing, or does not start.
pub fn start(folder: &Path, bodies: Bodies<'_>) -> Outcome<Started> {
    std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    for (name, body) in [("list", bodies.list), ("receipt", bodies.receipt)] {
        if let Some(body) = body {
            std::fs::write(folder.join(name), body).map_err(|e| e.to_string())?;
        }
    }
    let file = folder.join("nginx.conf");
    let mut last = String::new();
    for _ in 0..ATTEMPTS {
        let address = free_address()?;
        std::fs::write(&file, configuration(folder, address, bodies)?).map_err(|e| e.to_string())?;
        let mut child = spawn(&file, folder)?;
        match wait(&mut child, address) {
            Ok(()) => return Ok(Started::listening(child, address)),
            Err(reason) => last = reason,
        }
        // It may have ended already.
        let _ = child.kill();
        let _ = child.wait();
    }
    let printed = std::fs::read_to_string(folder.join("error.log")).unwrap_or_default();
    Err(format!("nginx does not start: {last}\n{printed}"))
}

fn free_address() -> Outcome<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
    listener.local_addr().map_err(|e| e.to_string())
}

fn spawn(file: &Path, folder: &Path) -> Outcome<Child> {
    let mut last = String::new();
    for program in PROGRAMS {
        let mut command = Command::new(program);
        command.arg("-p").arg(folder).arg("-c").arg(file).arg("-e").arg(folder.join("error.log"));
        match command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn() {
            Ok(child) => return Ok(child),
            Err(e) => last = format!("{program}: {e}"),
        }
    }
    Err(last)
}

/// Waits until it responds.
fn wait(child: &mut Child, address: SocketAddr) -> Outcome {
    let began = Instant::now();
    loop {
        if once(address, &request("GET", "/", &[], "")).is_ok() {
            return Ok(());
        }
        if let Some(ended) = child.try_wait().map_err(|e| e.to_string())? {
            return Err(ended.to_string());
        }
        if began.elapsed() > Duration::from_secs(10) {
            return Err("it does not respond".into());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn configuration(folder: &Path, address: SocketAddr, bodies: Bodies<'_>) -> Outcome<String> {
    let folder = folder.to_str().filter(|path| !path.contains(['"', '$', '\\', '\n']));
    let folder = folder.ok_or("the folder of nginx has a name that its configuration cannot contain")?;
    // The workers of a master that runs as root would be a user who may not read the files.
    let user = if rustix::process::geteuid().is_root() { "user root;" } else { "" };
    let location = match (bodies.list.is_some(), bodies.receipt) {
        (false, None) => "return 404;".to_owned(),
        (true, None) => "rewrite ^ /list break;".to_owned(),
        (list, Some(receipt)) => {
            let receipt = post(receipt)?;
            if list {
                format!("if ($request_method = POST) {{ {receipt} }} rewrite ^ /list break;")
            } else {
                receipt
            }
        }
    };
    Ok(format!(
        r#"daemon off; {user} worker_processes auto; pid "{folder}/nginx.pid"; error_log "{folder}/error.log";
events {{ worker_connections 4096; }}
http {{
    access_log off; default_type application/json; client_max_body_size 0; client_body_buffer_size 1m;
    client_body_temp_path "{folder}/body"; proxy_temp_path "{folder}/proxy"; fastcgi_temp_path "{folder}/fastcgi";
    uwsgi_temp_path "{folder}/uwsgi"; scgi_temp_path "{folder}/scgi";
    keepalive_requests 1000000000; sendfile on; tcp_nopush on; open_file_cache max=16;
    server {{
        listen {address}; root "{folder}";
        location / {{ {location} }}
        location = /receipt {{ error_page 405 =200 $uri; }}
    }}
}}
"#
    ))
}

/// The directive that responds to a POST. A body that is too long for the configuration is a static file.
fn post(receipt: &[u8]) -> Outcome<String> {
    if receipt.len() > LONGEST {
        return Ok("rewrite ^ /receipt last;".into());
    }
    let text = std::str::from_utf8(receipt).map_err(|_| "the recorded receipt is not UTF-8")?;
    if text.contains('$') {
        return Err("nginx would replace a variable in the recorded receipt".into());
    }
    Ok(format!("return 201 '{}';", text.replace('\\', "\\\\").replace('\'', "\\'")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configured(bodies: Bodies<'_>) -> String {
        configuration(Path::new("/srv/load"), "127.0.0.1:81".parse().unwrap(), bodies).unwrap()
    }

    #[test]
    fn a_list_is_a_file_and_a_receipt_is_returned() {
        let both = configured(Bodies { list: Some(b"[]"), receipt: Some(br#"{"a":"it's"}"#) });
        assert!(both.contains(
            r#"if ($request_method = POST) { return 201 '{"a":"it\'s"}'; } rewrite ^ /list break;"#
        ));
        let list = configured(Bodies { list: Some(b"[]"), receipt: None });
        assert!(
            list.contains("location / { rewrite ^ /list break; }") && list.contains("listen 127.0.0.1:81;")
        );
    }

    #[test]
    fn a_long_receipt_is_a_file() {
        let long = configured(Bodies { list: None, receipt: Some(&[b'x'; 4_000]) });
        assert!(long.contains("location / { rewrite ^ /receipt last; }"));
    }

    #[test]
    fn a_receipt_with_a_variable_is_refused() {
        assert!(post(b"$host").is_err());
    }
}
