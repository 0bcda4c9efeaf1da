//! Creates the API client from the settings: server, trusted certificates and credential.
//!
//! Must not know: the calls.

use crate::exit::Failure;
use crate::lang::Lang;
use crate::messages::Text;
use crate::profiles::{Profile, Profiles, is_same_server};
use crate::serve::{OfflineServer, start_offline};
use crate::settings::Context;
use crate::text_files::{self, trim_secret};
use serde::Deserialize;
use stagepost_client::{Client, Credentials, Error, ErrorKind, Language};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// The server without any setting.
const DEFAULT_SERVER: &str = "http://127.0.0.1:8080";

/// The contents of `DATA/admin.toml`.
#[derive(Debug, Deserialize)]
pub struct Admin {
    pub access_key: String,
    pub secret_key: String,
    pub token: String,
}

/// The contents of `DATA/endpoints.toml`: the URLs of the running server.
#[derive(Debug, Default, Deserialize)]
pub struct Endpoints {
    pub http: Option<String>,
    pub https: Option<String>,
    /// The public URL of the server, if its settings name one.
    pub public: Option<String>,
}

impl Context {
    /// The administrator in the data directory; `None` if the file cannot be read.
    pub fn admin(&self) -> Option<Admin> {
        toml::from_str(&std::fs::read_to_string(self.settings.data.join("admin.toml")).ok()?).ok()
    }

    /// The path of the server's self-signed certificate. The file may not exist.
    pub fn self_signed_certificate(&self) -> PathBuf {
        self.settings.data.join("tls/cert.pem")
    }

    /// The URLs of the server that uses the data directory. A data directory that the user did not choose may
    /// be part of a checkout of another person: only addresses of this machine count there.
    pub fn endpoints(&self) -> Endpoints {
        let text = std::fs::read_to_string(self.settings.data.join("endpoints.toml")).unwrap_or_default();
        let Endpoints { http, https, public } = toml::from_str(&text).unwrap_or_default();
        let is_usable = |url: &String| self.settings.data_is_trusted || is_loopback(url);
        Endpoints {
            http: http.filter(is_usable),
            https: https.filter(is_usable),
            public: public.filter(is_usable),
        }
    }

    /// The URL of the server for people: the public one where the server of the data directory is used, else that of
    /// [`Context::server`]. Without a `/` at its end.
    pub fn public_server(&self) -> Result<String, Failure> {
        Ok(self.published(&self.server()?))
    }

    /// The public URL of the server of the data directory, if this is one of its addresses, else the address. Without
    /// a `/` at its end.
    pub fn published(&self, server: &str) -> String {
        let server = server.trim().trim_end_matches('/');
        let Endpoints { http, https, public } = self.endpoints();
        let is_own = [http, https].iter().flatten().any(|own| own == server);
        public.filter(|_| is_own).unwrap_or_else(|| server.to_owned())
    }

    /// The profiles that `login` has stored.
    fn profiles(&self) -> Result<Profiles, Failure> {
        Profiles::path(self.env).map_or_else(|| Ok(Profiles::default()), |path| Profiles::load(&path))
    }

    /// The URL of the server: the configured one, that of the server on the chosen data directory, that of the current
    /// profile, that of the server on the data directory, or the default.
    pub fn server(&self) -> Result<String, Failure> {
        match self.configured_server()? {
            Some(server) => Ok(server),
            None => self.unconfigured_server(),
        }
    }

    fn unconfigured_server(&self) -> Result<String, Failure> {
        let local = self.endpoints().http;
        if let Some(server) = local.clone().filter(|_| self.settings.data_is_trusted) {
            return Ok(server);
        }
        let current = self.profiles()?.current().map(|profile| profile.server.clone());
        Ok(current.or(local).unwrap_or_else(|| DEFAULT_SERVER.into()))
    }

    /// The profile that names the server in [`Context::server`], with its name; `None` if something else does.
    pub fn deciding_profile(&self) -> Result<Option<(String, Profile)>, Failure> {
        if let Some(name) = self.settings.leading_profile() {
            return Ok(Some((name.to_owned(), self.profiles()?.get(name)?.clone())));
        }
        let has_local = self.settings.data_is_trusted && self.endpoints().http.is_some();
        if self.configured_server()?.is_some() || has_local {
            return Ok(None);
        }
        let profiles = self.profiles()?;
        let current = profiles.current().cloned();
        Ok(profiles.current.zip(current))
    }

    /// The URL of a flag or a variable.
    pub fn explicit_server(&self) -> Result<Option<String>, Failure> {
        self.settings.require_usable("STAGEPOST_SERVER")?;
        Ok(self.settings.explicit_server().map(str::to_owned))
    }

    /// The configured URL of the server, or that of the selected profile.
    pub fn configured_server(&self) -> Result<Option<String>, Failure> {
        if let Some(name) = self.settings.leading_profile() {
            self.settings.require_usable("STAGEPOST_SERVER")?;
            return Ok(Some(self.profiles()?.get(name)?.server.clone()));
        }
        self.configured_without_profile()
    }

    fn configured_without_profile(&self) -> Result<Option<String>, Failure> {
        self.settings.require_usable("STAGEPOST_SERVER")?;
        self.settings.require_trusted("server")?;
        Ok(self.settings.server.clone())
    }

    /// As [`Context::server`], without the selected profile, which may not exist yet.
    pub fn server_without_selected(&self) -> Result<String, Failure> {
        match self.configured_without_profile()? {
            Some(server) => Ok(server),
            None => self.unconfigured_server(),
        }
    }

    /// The profile for a server: the selected one if it is of this server, else the current one, or another one. A
    /// token is sent to no other server.
    fn profile(&self, server: &str) -> Result<Option<Profile>, Failure> {
        let profiles = self.profiles()?;
        let selected = self.settings.profile.as_deref().map(|name| profiles.get(name)).transpose()?;
        let selected = selected.filter(|profile| is_same_server(&profile.server, server));
        Ok(selected.or_else(|| profiles.of_server(server)).cloned())
    }

    /// The configured file of CA certificates.
    pub fn configured_ca(&self) -> Result<Option<&Path>, Failure> {
        self.settings.require_usable("STAGEPOST_CA")?;
        self.settings.require_trusted("ca")?;
        Ok(self.settings.ca.as_deref())
    }

    /// AK and SK from environment variables.
    pub fn access_key(&self) -> Option<(String, String)> {
        ["STAGEPOST", "CLOUD_SDK", "HUAWEICLOUD_SDK"].into_iter().find_map(|prefix| {
            Some(((self.env)(&format!("{prefix}_AK"))?, (self.env)(&format!("{prefix}_SK"))?))
        })
    }

    /// The token for a server, from a flag, the environment, the profile that names the server, the configuration file
    /// or another profile.
    pub fn token(&self, server: &str) -> Result<Option<String>, Failure> {
        if let Some(token) = self.explicit_token(server)? {
            return Ok(Some(token));
        }
        if let Some(token) = self.token_of_deciding_profile(server)? {
            return Ok(Some(token));
        }
        if let Some(token) = self.configured_token(server)? {
            return Ok(Some(token));
        }
        Ok(self.profile(server)?.map(|profile| profile.token))
    }

    /// The token of the profile that names the server.
    fn token_of_deciding_profile(&self, server: &str) -> Result<Option<String>, Failure> {
        let profile = self.deciding_profile()?.map(|(_, profile)| profile);
        Ok(profile.filter(|profile| is_same_server(&profile.server, server)).map(|profile| profile.token))
    }

    /// The token of the configuration file. It is sent only to the server of the configuration file or, without one,
    /// to the default server.
    fn configured_token(&self, server: &str) -> Result<Option<String>, Failure> {
        self.settings.require_trusted("token-file")?;
        let Some(path) = &self.settings.configured_token_file else { return Ok(None) };
        let endpoints = self.endpoints();
        let own = match &self.settings.configured_server {
            Some(own) => [Some(own.as_str()), None, None],
            None => [endpoints.http.as_deref(), endpoints.https.as_deref(), Some(DEFAULT_SERVER)],
        };
        if own.into_iter().flatten().any(|own| is_same_server(own, server)) {
            return read_token(path).map(Some);
        }
        Ok(None)
    }

    /// The token from a flag or the environment. It has priority over an access key in the environment.
    fn explicit_token(&self, server: &str) -> Result<Option<String>, Failure> {
        if let Some(path) = &self.settings.token_file {
            return read_token(path).map(Some);
        }
        if self.settings.profile_flag().is_some()
            && let Some(profile) = self.profile(server)?
        {
            return Ok(Some(profile.token));
        }
        for variable in ["STAGEPOST_TOKEN", "STAGEPOST_TOKEN_FILE", "STAGEPOST_AK", "STAGEPOST_SK"] {
            self.settings.require_usable(variable)?;
        }
        if let Some(token) = (self.env)("STAGEPOST_TOKEN") {
            return Ok(Some(trim_secret(&token).to_owned()));
        }
        (self.env)("STAGEPOST_TOKEN_FILE").map(|path| read_token(Path::new(&path))).transpose()
    }

    fn credentials(&self, server: &str) -> Result<Option<Credentials>, Failure> {
        if let Some(token) = self.explicit_token(server)? {
            return Ok(Some(Credentials::token(token)));
        }
        if let Some(token) = self.token_of_deciding_profile(server)? {
            return Ok(Some(Credentials::token(token)));
        }
        if let Some((access, secret)) = self.access_key() {
            return Ok(Some(Credentials::access_key(access, secret)));
        }
        if let Some(token) = self.token(server)? {
            return Ok(Some(Credentials::token(token)));
        }
        // The administrator's token is used only for a server on this machine.
        let admin = is_loopback(server).then(|| self.admin()).flatten();
        Ok(admin.map(|admin| Credentials::token(admin.token)))
    }

    /// Creates a client for the server.
    pub fn client(&self) -> Result<Client, Failure> {
        let server = self.server()?;
        let credentials = self.credentials(&server)?;
        let of_profile = self.profile(&server)?.and_then(|profile| profile.ca);
        let ca = match self.configured_ca()?.map(Path::to_owned).or(of_profile) {
            Some(path) => Some(read_certificates(&path)?),
            None if is_loopback(&server) => std::fs::read(self.self_signed_certificate()).ok(),
            None => None,
        };
        let builder = Client::builder(server).credentials(credentials).extra_ca(ca);
        builder.language(self.language()).build().map_err(Failure::usage)
    }

    /// The language of the server's messages.
    pub fn language(&self) -> Language {
        match self.settings.lang {
            Lang::Chinese => Language::Chinese,
            Lang::English => Language::English,
        }
    }

    /// Runs `work` with a client of the server, or with `offline` on the data directory without a server.
    pub async fn with_client<T>(
        &self,
        offline: bool,
        work: impl AsyncFnOnce(&Client) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        if !offline {
            return work(&self.client()?).await;
        }
        let server: OfflineServer = start_offline(&self.settings.data, self.settings.serve()?).await?;
        let credentials = Credentials::token(server.token.clone());
        let client = Client::builder(server.url.clone()).credentials(credentials).language(self.language());
        let read_only = Text::OfflineReadOnly.with(&[("path", &self.settings.data.display())]);
        let client = client.read_only(server.is_read_only().then_some(read_only)).build()?;
        let result = work(&client).await;
        drop(client);
        server.stop().await.map_err(Failure::error)?;
        result
    }

    /// The configured repository, as id or path.
    pub fn configured_repository(&self) -> Result<Option<&str>, Failure> {
        self.settings.require_usable("STAGEPOST_REPO")?;
        Ok(self.settings.repo.as_deref())
    }

    /// The given id or path of a repository, or the configured one.
    pub fn repository_name<'a>(&'a self, id_or_path: Option<&'a str>) -> Result<&'a str, Failure> {
        let id_or_path = match id_or_path {
            Some(id_or_path) => Some(id_or_path),
            None => self.configured_repository()?,
        };
        let id_or_path = id_or_path.filter(|id_or_path| !id_or_path.trim().is_empty());
        id_or_path.ok_or_else(|| Failure::usage(Text::RepositoryMissing))
    }

    /// The id of a repository given by id or path, or of the configured repository.
    pub async fn repository(&self, client: &Client, id_or_path: Option<&str>) -> Result<i32, Failure> {
        Ok(repository_id(client, self.repository_name(id_or_path)?).await?)
    }
}

/// The id of a repository given by id or path.
pub async fn repository_id(client: &Client, id_or_path: &str) -> Result<i32, Error> {
    if let Ok(id) = id_or_path.parse() {
        return Ok(id);
    }
    let not_found = || {
        let message = Text::RepositoryNotFound.with(&[("path", &id_or_path)]);
        Error::local(ErrorKind::NotFound, message)
    };
    client.repository_by_path(id_or_path).await?.map(|repository| repository.id).ok_or_else(not_found)
}

fn read_token(path: &Path) -> Result<String, Failure> {
    let token = text_files::read_secret(path)?.trim().to_owned();
    if token.is_empty() {
        return Err(Failure::usage(Text::FileEmpty.with(&[("path", &path.display())])));
    }
    Ok(token)
}

/// Reads a file of certificates in PEM.
pub fn read_certificates(path: &Path) -> Result<Vec<u8>, Failure> {
    let pem = match text_files::read(path) {
        Ok(pem) => pem,
        // A certificate in DER.
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => String::new(),
        Err(error) => return Err(Failure::file(path, &error)),
    };
    if !pem.contains("-----BEGIN CERTIFICATE-----") {
        return Err(Failure::usage(Text::NoCertificate.with(&[("path", &path.display())])));
    }
    Ok(pem.into_bytes())
}

/// Whether the URL has a loopback address or `localhost`.
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
mod tests;
