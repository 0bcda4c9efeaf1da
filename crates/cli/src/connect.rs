//! From the settings to a client: which server, whom it trusts, and by which credential.
//!
//! Must not know: what is asked.

use crate::exit::Failure;
use crate::lang::Lang;
use crate::messages::Text;
use crate::serve::{OfflineServer, offline};
use crate::settings::Context;
use serde::Deserialize;
use stagepost_client::{Client, Credentials, Language};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// What `DATA/admin.toml` holds.
#[derive(Debug, Deserialize)]
pub struct Admin {
    pub access_key: String,
    pub secret_key: String,
    pub token: String,
}

/// What `DATA/endpoints.toml` holds.
#[derive(Debug, Default, Deserialize)]
pub struct Endpoints {
    pub http: Option<String>,
    pub https: Option<String>,
}

impl Context {
    /// The administrator that the data directory knows, when it may be read.
    pub fn admin(&self) -> Option<Admin> {
        toml::from_str(&std::fs::read_to_string(self.settings.data.join("admin.toml")).ok()?).ok()
    }

    /// The certificate that a server of the data directory makes for itself, whether it did or not.
    pub fn made_certificate(&self) -> PathBuf {
        self.settings.data.join("tls/cert.pem")
    }

    /// Where a server of the data directory listens.
    pub fn endpoints(&self) -> Endpoints {
        let text = std::fs::read_to_string(self.settings.data.join("endpoints.toml")).unwrap_or_default();
        toml::from_str(&text).unwrap_or_default()
    }

    /// The server to ask: the one that was named, else the one of the data directory, else the default.
    pub fn server(&self) -> String {
        let known = || self.endpoints().http;
        self.settings.server.clone().or_else(known).unwrap_or_else(|| "http://127.0.0.1:8080".into())
    }

    /// AK and SK from the environment.
    pub fn access_key(&self) -> Option<(String, String)> {
        ["STAGEPOST", "CLOUD_SDK", "HUAWEICLOUD_SDK"].into_iter().find_map(|prefix| {
            Some(((self.env)(&format!("{prefix}_AK"))?, (self.env)(&format!("{prefix}_SK"))?))
        })
    }

    /// The token that a flag, the environment or the configuration names.
    pub fn token(&self) -> Result<Option<String>, Failure> {
        if let Some(token) = self.asked_token()? {
            return Ok(Some(token));
        }
        self.settings.configured_token_file.as_deref().map(token_in).transpose()
    }

    /// The token that counts before an access key of the environment.
    fn asked_token(&self) -> Result<Option<String>, Failure> {
        if let Some(path) = &self.settings.token_file {
            return token_in(path).map(Some);
        }
        if let Some(token) = (self.env)("STAGEPOST_TOKEN") {
            return Ok(Some(token));
        }
        (self.env)("STAGEPOST_TOKEN_FILE").map(|path| token_in(Path::new(&path))).transpose()
    }

    fn credentials(&self, server: &str) -> Result<Option<Credentials>, Failure> {
        if let Some(token) = self.asked_token()? {
            return Ok(Some(Credentials::token(token)));
        }
        if let Some((access, secret)) = self.access_key() {
            return Ok(Some(Credentials::access_key(access, secret)));
        }
        if let Some(token) = self.token()? {
            return Ok(Some(Credentials::token(token)));
        }
        // Beside a server of one's own, its administrator is at hand; never for a server elsewhere.
        let own = is_loopback(server).then(|| self.admin()).flatten();
        Ok(own.map(|admin| Credentials::token(admin.token)))
    }

    /// A client for the server.
    pub fn client(&self) -> Result<Client, Failure> {
        let server = self.server();
        let credentials = self.credentials(&server)?;
        let ca = match &self.settings.ca {
            Some(path) => Some(std::fs::read(path).map_err(|error| Failure::file(path, &error))?),
            None if is_loopback(&server) => std::fs::read(self.made_certificate()).ok(),
            None => None,
        };
        Ok(Client::builder(server).credentials(credentials).extra_ca(ca).language(self.language()).build()?)
    }

    /// The language that the server is to answer in.
    pub fn language(&self) -> Language {
        match self.settings.lang {
            Lang::Chinese => Language::Chinese,
            Lang::English => Language::English,
        }
    }

    /// Runs `work` against the server, or with `alone` against the data directory itself.
    pub async fn with_client<T>(
        &self,
        alone: bool,
        work: impl AsyncFnOnce(&Client) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        if !alone {
            return work(&self.client()?).await;
        }
        let server: OfflineServer =
            offline(&self.settings.data, self.settings.serve.clone()).await.map_err(Failure::error)?;
        let credentials = Credentials::token(server.token.clone());
        let client =
            Client::builder(server.url.clone()).credentials(credentials).language(self.language()).build()?;
        let result = work(&client).await;
        drop(client);
        server.stop().await.map_err(Failure::error)?;
        result
    }

    /// The id of the repository that is meant: by number or by path.
    pub async fn repository(&self, client: &Client, named: Option<&str>) -> Result<i32, Failure> {
        let named = named.or(self.settings.repo.as_deref());
        let named = named.ok_or_else(|| Failure::usage(Text::RepoMissing))?;
        match named.parse::<i32>() {
            Ok(id) => Ok(id),
            Err(_) => {
                let unknown = || Failure::error(Text::RepoUnknown.with(&[("path", &named)]));
                client.repository_by_path(named).await?.map(|found| found.id).ok_or_else(unknown)
            }
        }
    }
}

fn token_in(path: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
    Ok(text.trim().to_owned())
}

/// True for a URL of this machine.
pub fn is_loopback(server: &str) -> bool {
    let rest = server.split_once("://").map_or(server, |(_, rest)| rest);
    let host = rest.split('/').next().unwrap_or_default();
    let host = host
        .strip_prefix('[')
        .and_then(|h| h.split(']').next())
        .unwrap_or_else(|| host.split(':').next().unwrap_or_default());
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn the_administrator_is_for_this_machine_only() {
        for own in ["http://127.0.0.1:8080", "https://localhost/", "http://[::1]:8080", "127.0.0.2"] {
            assert!(is_loopback(own), "{own}");
        }
        for other in [
            "http://10.0.0.1",
            "https://127.0.0.1.example.com",
            "http://localhost.example.com:8080",
            "http://[::2]",
        ] {
            assert!(!is_loopback(other), "{other}");
        }
    }
}
