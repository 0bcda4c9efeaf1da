//! nginx or HAProxy with TLS in front of a server, with the configuration of docs/operating/reverse-proxy.md, and a
//! client for it.

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Debian installs the programs here, which is not in the `PATH` of every user.
const FOLDER: &str = "/usr/sbin";
/// The timeout of a start, and of a read.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The location of the path in the configuration of nginx that keeps it.
const LOCATION: &str = "    location /stagepost/ { proxy_pass http://127.0.0.1:8080; }\n";
/// The line of the configuration of HAProxy that removes the path.
const REPLACE_PATH: &str = "    # http-request replace-path ";

/// The program in front of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    Nginx,
    Haproxy,
}

impl Program {
    /// The name of the program, of its package, and of the blocks in the document.
    const fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Haproxy => "haproxy",
        }
    }

    /// Runs the program, wherever it is installed.
    pub fn command<T>(self, mut run: impl FnMut(&mut Command) -> std::io::Result<T>) -> T {
        let programs = [PathBuf::from(self.name()), Path::new(FOLDER).join(self.name())];
        let ran = programs.into_iter().find_map(|program| run(&mut Command::new(program)).ok());
        ran.unwrap_or_else(|| panic!("install the package {}", self.name()))
    }
}

/// What the proxy passes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passes {
    /// The whole path.
    WholePath,
    /// The rest below the path of the public URL.
    RestOfPath,
}

/// The configurations of a program in a document.
pub fn documented(document: &str, program: Program) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operating").join(document);
    let text = std::fs::read_to_string(path).unwrap();
    let start = format!("```{}\n", program.name());
    text.split(&start).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// A proxy before it is started: its address and certificate are known.
pub struct ReverseProxy {
    program: Program,
    folder: TempDir,
    address: SocketAddr,
    certificate: CertificateDer<'static>,
    child: Option<Child>,
}

impl ReverseProxy {
    /// Chooses an address and creates a certificate for it.
    pub fn prepare(program: Program) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
        let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        for (name, content) in
            [("cert.pem", &certificate), ("key.pem", &key), ("both.pem", &(certificate.clone() + &key))]
        {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        Self { program, folder, address, certificate: made.cert.der().clone(), child: None }
    }

    /// The address of the server behind it.
    pub fn public_url(&self) -> String {
        format!("https://{}/stagepost", self.address)
    }

    /// The file with the certificate.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    /// Starts it in front of a server, and waits until it responds.
    pub fn start(&mut self, server: SocketAddr, passes: Passes) {
        let name = self.program.name();
        let file = self.folder.path().join("proxy.conf");
        let configuration = match self.program {
            Program::Nginx => self.nginx_configuration(server, passes),
            Program::Haproxy => self.haproxy_configuration(server, passes),
        };
        std::fs::write(&file, configuration).unwrap();
        let log = self.folder.path().join("error.log");
        let mut child = self.program.command(|command| {
            match self.program {
                Program::Nginx => {
                    command.arg("-p").arg(self.folder.path()).arg("-c").arg(&file).arg("-e").arg(&log)
                }
                Program::Haproxy => command.arg("-db").arg("-f").arg(&file),
            };
            let stderr = std::fs::File::options().create(true).append(true).open(&log)?;
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(stderr).spawn()
        });
        let start = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            let printed = || std::fs::read_to_string(&log).unwrap_or_default();
            assert!(child.try_wait().unwrap().is_none(), "{name} ended: {}", printed());
            assert!(start.elapsed() < TIMEOUT, "{name} does not respond: {}", printed());
            std::thread::sleep(Duration::from_millis(5));
        }
        self.child = Some(child);
    }

    fn haproxy_configuration(&self, server: SocketAddr, passes: Passes) -> String {
        let folder = self.folder.path().display();
        let [whole] = &documented("reverse-proxy.md", self.program)[..] else { panic!("one configuration") };
        assert!(whole.contains(REPLACE_PATH), "{whole}");
        let site = match passes {
            Passes::WholePath => whole.clone(),
            Passes::RestOfPath => whole.replace(REPLACE_PATH, "    http-request replace-path "),
        };
        site.replace("127.0.0.1:8080", &server.to_string())
            .replace("bind :443", &format!("bind {}", self.address))
            .replace("/etc/haproxy/ci.example.pem", &format!("{folder}/both.pem"))
    }

    fn nginx_configuration(&self, server: SocketAddr, passes: Passes) -> String {
        let folder = self.folder.path().display();
        let [whole, rest] = &documented("reverse-proxy.md", self.program)[..] else {
            panic!("two configurations")
        };
        assert!(whole.contains(LOCATION), "{whole}");
        let site = match passes {
            Passes::WholePath => whole.clone(),
            Passes::RestOfPath => whole.replace(LOCATION, rest),
        };
        let site = site
            .replace("127.0.0.1:8080", &server.to_string())
            .replace("listen 443 ssl", &format!("listen {} ssl", self.address))
            .replace("/etc/ssl/ci.example.pem", &format!("{folder}/cert.pem"))
            .replace("/etc/ssl/ci.example.key", &format!("{folder}/key.pem"));
        // The workers of a master that runs as root would be a user who may not read the files.
        let user = if rustix::process::geteuid().is_root() { "user root;" } else { "" };
        format!(
            r#"daemon off; {user} pid "{folder}/nginx.pid"; error_log "{folder}/error.log";
events {{ worker_connections 256; }}
http {{
    access_log off; client_body_temp_path "{folder}/body"; proxy_temp_path "{folder}/proxy";
    fastcgi_temp_path "{folder}/fastcgi"; uwsgi_temp_path "{folder}/uwsgi"; scgi_temp_path "{folder}/scgi";
{site}}}
"#
        )
    }

    /// Sends a request with these header lines, each with its end, and returns the response while it is read.
    pub fn send(&self, method: &str, path: &str, headers: &str, body: &str) -> Response {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::IpAddress(self.address.ip().into());
        let socket = TcpStream::connect(self.address).unwrap();
        socket.set_read_timeout(Some(TIMEOUT)).unwrap();
        let connection = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut stream = StreamOwned::new(connection, socket);
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut response = Response { stream: BufReader::new(stream), head: String::new() };
        while !response.head.ends_with("\r\n\r\n") {
            let line = response.line();
            response.head += &line;
        }
        response
    }
}

impl Drop for ReverseProxy {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // SIGTERM ends the workers too; SIGKILL would leave them.
            let _ = rustix::process::kill_process(
                rustix::process::Pid::from_child(&child),
                rustix::process::Signal::TERM,
            );
            let _ = child.wait();
        }
    }
}

/// A response that is being read.
pub struct Response {
    stream: BufReader<StreamOwned<ClientConnection, TcpStream>>,
    head: String,
}

impl Response {
    /// The status.
    pub fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// The value of a header; empty without it.
    pub fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut named = lines.filter(|(other, _)| other.eq_ignore_ascii_case(name));
        named.next().map_or("", |(_, value)| value)
    }

    /// The next line of the response, with its end.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "the response ends early: {}", self.head);
        line
    }

    /// Reads lines until one contains a text.
    pub fn line_with(&mut self, text: &str) -> String {
        loop {
            let line = self.line();
            if line.contains(text) {
                return line;
            }
        }
    }

    /// The rest of the body, with the marks of its chunks.
    pub fn text(mut self) -> String {
        let mut rest = Vec::new();
        // Without the message that closes TLS, what arrived before it counts.
        let _ = self.stream.read_to_end(&mut rest);
        String::from_utf8_lossy(&rest).into_owned()
    }
}
