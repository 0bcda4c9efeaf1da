//! Interfaces of systemd for services: credentials, and the message that the service is ready. Environment variables
//! name both; without these variables the functions do nothing.

use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::{Path, PathBuf};

/// The file of a credential (`LoadCredential=` of a unit, systemd.exec(5)) for a setting, if the unit has it. It has
/// the name of the variable: `stagepost.admin-password` is `STAGEPOST_ADMIN_PASSWORD`.
pub fn credential(variable: &str) -> Option<PathBuf> {
    let directory = std::env::var_os("CREDENTIALS_DIRECTORY")?;
    let path = Path::new(&directory).join(credential_name(variable));
    path.exists().then_some(path)
}

fn credential_name(variable: &str) -> String {
    variable.to_ascii_lowercase().replacen('_', ".", 1).replace('_', "-")
}

/// Notifies systemd (sd_notify(3)) that the server listens, if it waits for that.
pub fn notify_ready() {
    let Some(socket) = std::env::var_os("NOTIFY_SOCKET") else { return };
    if let Err(error) = send(&socket, b"READY=1") {
        tracing::warn!(%error, "cannot notify systemd that the server is ready");
    }
}

fn send(socket: &OsStr, message: &[u8]) -> io::Result<()> {
    // A name that begins with @ is not a file.
    let address = match socket.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(socket)?,
    };
    UnixDatagram::unbound()?.send_to_addr(message, &address).map(drop)
}

/// Whether stderr goes to the journal, which keeps it and shows it to more people than may know a secret. The variable
/// may be inherited by a process whose stderr is something else.
pub fn stderr_is_journal() -> bool {
    let stream = std::env::var("JOURNAL_STREAM").unwrap_or_default();
    let numbers =
        stream.split_once(':').and_then(|(device, inode)| Some((device.parse().ok()?, inode.parse().ok()?)));
    let Ok(stderr) = std::fs::metadata("/proc/self/fd/2") else { return false };
    numbers == Some((stderr.dev(), stderr.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_has_the_name_of_its_variable() {
        assert_eq!(credential_name("STAGEPOST_ADMIN_PASSWORD"), "stagepost.admin-password");
        assert_eq!(credential_name("STAGEPOST_DATABASE"), "stagepost.database");
    }

    #[test]
    fn the_message_reaches_a_socket_with_a_path_or_without() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("notify");
        let hidden = format!("stagepost-test-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&hidden).unwrap();
        for (receiver, name) in [
            (UnixDatagram::bind(&path).unwrap(), path.into_os_string()),
            (UnixDatagram::bind_addr(&address).unwrap(), format!("@{hidden}").into()),
        ] {
            send(&name, b"READY=1").unwrap();
            let mut message = [0; 16];
            let length = receiver.recv(&mut message).unwrap();
            assert_eq!(&message[..length], b"READY=1");
        }
    }
}
