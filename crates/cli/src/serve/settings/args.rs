//! The settings of `serve` as given on the command line, in variables and in the configuration file.

use super::sign_in::{List, OidcTable};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::path::PathBuf;

/// The settings as given. `None` means not given.
#[derive(Default, Clone, clap::Args, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ServeArgs {
    /// PostgreSQL database: postgres://USER@HOST/NAME [default: SQLite in the data directory]
    #[arg(long, env = "STAGEPOST_DATABASE", value_name = "URL", hide_env_values = true)]
    pub database: Option<String>,
    /// File with the database URL, for a URL with a password
    #[arg(long, env = "STAGEPOST_DATABASE_FILE", value_name = "FILE")]
    #[serde(alias = "database_file")]
    pub database_file: Option<PathBuf>,
    /// Listen address for HTTP, or `none` [default: 127.0.0.1:8080]
    #[arg(long, env = "STAGEPOST_LISTEN", value_name = "ADDR")]
    pub listen: Option<String>,
    /// Listen address for HTTPS, or `none` [default: 127.0.0.1:8443]
    #[arg(long, env = "STAGEPOST_TLS_LISTEN", value_name = "ADDR")]
    #[serde(alias = "tls_listen")]
    pub tls_listen: Option<String>,
    /// Certificate chain (PEM) [default: a self-signed certificate in DATA/tls]
    #[arg(long, env = "STAGEPOST_TLS_CERT", value_name = "FILE")]
    #[serde(alias = "tls_cert")]
    pub tls_cert: Option<PathBuf>,
    /// Private key of the certificate (PEM)
    #[arg(long, env = "STAGEPOST_TLS_KEY", value_name = "FILE")]
    #[serde(alias = "tls_key")]
    pub tls_key: Option<PathBuf>,
    /// Load the demo data, once per store
    #[arg(long, env = "STAGEPOST_DEMO", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub demo: Option<bool>,
    /// Time zone of the times in CodeArts responses [default: +08:00]
    #[arg(long, env = "STAGEPOST_TIME_OFFSET", value_name = "+HH:MM", allow_hyphen_values = true)]
    #[serde(alias = "time_offset")]
    pub time_offset: Option<String>,
    /// Name of the account (IAM domain) in IAM responses [default: stagepost]
    #[arg(long, env = "STAGEPOST_ACCOUNT", value_name = "NAME")]
    pub account: Option<String>,
    /// Log level: error, warn, info or debug, or a filter by module [default: info]
    #[arg(long, env = "STAGEPOST_LOG", value_name = "FILTER")]
    pub log: Option<String>,
    /// Format of the log: human or json [default: human]
    #[arg(long, env = "STAGEPOST_LOG_FORMAT", value_name = "FORMAT")]
    #[serde(alias = "log_format")]
    pub log_format: Option<String>,
    /// File to which the log is appended; it is reopened at SIGHUP, and at the next line after it was renamed
    /// [default: only stderr]
    #[arg(long, env = "STAGEPOST_LOG_FILE", value_name = "FILE")]
    #[serde(alias = "log_file")]
    pub log_file: Option<PathBuf>,
    /// Maximum number of connections [default: 20000]
    #[arg(long, env = "STAGEPOST_CONNECTIONS", value_name = "N")]
    pub connections: Option<usize>,
    /// Addresses of reverse proxies, separated by commas: access keys are not locked for requests from them;
    /// loopback addresses are always included
    #[arg(long, env = "STAGEPOST_PROXIES", value_name = "ADDR,...")]
    pub proxies: Option<String>,
    /// Address that people and clients use, with or without a path: https://ci.example/stagepost. Links, redirects,
    /// cookies and the origin check use it; the server responds below the path and at the root [default: the address
    /// that each client calls]
    #[arg(long, env = "STAGEPOST_PUBLIC_URL", value_name = "URL")]
    #[serde(alias = "public_url")]
    pub public_url: Option<String>,
    /// Maximum number of queued writes, at most half of them for one repository; further writes get status 503
    /// [default: 10000]
    #[arg(long, env = "STAGEPOST_QUEUE", value_name = "N")]
    pub queue: Option<usize>,
    /// Memory for caches and queues, 96MiB or more: 192MiB, 1G [default: 192MiB]
    #[arg(long, env = "STAGEPOST_MEMORY", value_name = "SIZE")]
    #[serde(deserialize_with = "text_or_number")]
    pub memory: Option<String>,
    /// Start although files of the data directory are missing, damaged or older than before: acknowledged reports
    /// may be lost. Use it for one start only
    #[arg(long, env = "STAGEPOST_ACCEPT_DATA_LOSS", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    #[serde(alias = "accept_data_loss")]
    pub accept_data_loss: Option<bool>,
    /// Share of the time for the integrity check of the database after the server did not stop normally, 0 to
    /// 100 percent; 0 postpones the check [default: 10]
    #[arg(long, env = "STAGEPOST_INTEGRITY_CHECK_SHARE", value_name = "PERCENT")]
    #[serde(alias = "integrity_check_share")]
    pub integrity_check_share: Option<u32>,
    /// Interval of the watchdog, which ends jobs without reports, 1s to 1d: 30, 30s, 1h30m [default: 30s]
    #[arg(long, env = "STAGEPOST_UPKEEP_EVERY", value_name = "DURATION")]
    #[serde(deserialize_with = "text_or_number")]
    #[serde(alias = "upkeep_every")]
    pub upkeep_every: Option<String>,
    /// How long events are kept for clients that reconnect, 1m to 365d with a unit: 3d, 1w [default: 3d]
    #[arg(long, env = "STAGEPOST_EVENTS_KEPT", value_name = "DURATION")]
    #[serde(deserialize_with = "text_or_number")]
    #[serde(alias = "events_kept")]
    pub events_kept: Option<String>,
    /// Request rate of one credential, RATE or RATE:BURST per second, minute or hour: 50/s, 600/m:100; further
    /// requests get status 429 [default: unlimited]
    #[arg(long, env = "STAGEPOST_LIMIT_REQUESTS", value_name = "RATE")]
    #[serde(alias = "limit_requests")]
    pub limit_requests: Option<String>,
    /// Report rate of one credential, in the format of --limit-requests [default: unlimited]
    #[arg(long, env = "STAGEPOST_LIMIT_REPORTS", value_name = "RATE")]
    #[serde(alias = "limit_reports")]
    pub limit_reports: Option<String>,
    /// Request rate of one address, with or without a credential, in the format of --limit-requests; addresses of
    /// proxies and of this machine have no limit [default: unlimited]
    #[arg(long, env = "STAGEPOST_LIMIT_ADDRESS", value_name = "RATE")]
    #[serde(alias = "limit_address")]
    pub limit_address: Option<String>,
    /// Listen address that serves only /metrics, /livez and /readyz, without a credential. If it is not set, the other
    /// addresses serve /metrics to administrators, to clients with the token of --metrics-token-file, and to programs
    /// of this machine unless --public-url or --metrics-token-file is set
    #[arg(long, env = "STAGEPOST_METRICS_LISTEN", value_name = "ADDR")]
    #[serde(alias = "metrics_listen")]
    pub metrics_listen: Option<String>,
    /// File with a token that can only read /metrics (or STAGEPOST_METRICS_TOKEN)
    #[arg(long, env = "STAGEPOST_METRICS_TOKEN_FILE", value_name = "FILE")]
    #[serde(alias = "metrics_token_file")]
    pub metrics_token_file: Option<PathBuf>,
    /// Maximum number of repositories that /metrics lists, those with the most jobs; the others are one series
    /// [default: 20]
    #[arg(long, env = "STAGEPOST_METRICS_REPOSITORIES", value_name = "N")]
    #[serde(alias = "metrics_repositories")]
    pub metrics_repositories: Option<u32>,
    /// How long the audit log is kept, 1d to 3650d with a unit, or `none` to keep it forever [default: 400d]
    #[arg(long, env = "STAGEPOST_AUDIT_RETENTION", value_name = "DURATION")]
    #[serde(deserialize_with = "text_or_number")]
    #[serde(alias = "audit_retention")]
    pub audit_retention: Option<String>,
    /// File to which the audit log is appended as JSON lines, or `-` for stdout; SIGHUP reopens it
    /// [default: only the store]
    #[arg(long, env = "STAGEPOST_AUDIT_LOG", value_name = "FILE", allow_hyphen_values = true)]
    #[serde(alias = "audit_log")]
    pub audit_log: Option<String>,
    /// Private networks to which webhooks may be sent, such as 10.0.0.0/8,fd00::/8. Users who manage a repository see
    /// the beginning of the responses of their hosts [default: none]
    #[arg(long, env = "STAGEPOST_WEBHOOK_ALLOW", value_name = "CIDR,...")]
    #[serde(alias = "webhook_allow")]
    pub webhook_allow: Option<String>,
    /// Issuer of an OpenID Connect provider: the URL that contains its .well-known/openid-configuration. Set further
    /// providers in tables [[serve.oidc]] of the configuration file
    #[arg(long, env = "STAGEPOST_OIDC_ISSUER", value_name = "URL")]
    #[serde(alias = "oidc_issuer")]
    pub oidc_issuer: Option<String>,
    /// Client id at the provider
    #[arg(long, env = "STAGEPOST_OIDC_CLIENT_ID", value_name = "ID")]
    #[serde(alias = "oidc_client_id")]
    pub oidc_client_id: Option<String>,
    /// File with the client secret (or STAGEPOST_OIDC_CLIENT_SECRET) [default: a public client]
    #[arg(long, env = "STAGEPOST_OIDC_CLIENT_SECRET_FILE", value_name = "FILE")]
    #[serde(alias = "oidc_client_secret_file")]
    pub oidc_client_secret_file: Option<PathBuf>,
    /// Name of the provider on the sign-in page [default: sso]
    #[arg(long, env = "STAGEPOST_OIDC_NAME", value_name = "NAME")]
    #[serde(alias = "oidc_name")]
    pub oidc_name: Option<String>,
    /// Scopes besides openid, separated by commas [default: profile,email]
    #[arg(long, env = "STAGEPOST_OIDC_SCOPES", value_name = "SCOPE,...")]
    #[serde(alias = "oidc_scopes")]
    pub oidc_scopes: Option<List>,
    /// Claim with the groups; a dot selects a member of an object: realm_access.roles [default: groups]
    #[arg(long, env = "STAGEPOST_OIDC_GROUPS_CLAIM", value_name = "CLAIM")]
    #[serde(alias = "oidc_groups_claim")]
    pub oidc_groups_claim: Option<String>,
    /// At the sign-out, end the session of the provider too: on or off [default: on]
    #[arg(long, env = "STAGEPOST_OIDC_SIGN_OUT", value_name = "SWITCH")]
    #[serde(alias = "oidc_sign_out")]
    pub oidc_sign_out: Option<String>,
    /// Header with the account of the user, set by an authenticating reverse proxy: X-Forwarded-User
    #[arg(long, env = "STAGEPOST_TRUSTED_HEADER", value_name = "HEADER")]
    #[serde(alias = "trusted_header")]
    pub trusted_header: Option<String>,
    /// Header with the groups of the user, separated by commas
    #[arg(long, env = "STAGEPOST_TRUSTED_HEADER_GROUPS", value_name = "HEADER")]
    #[serde(alias = "trusted_header_groups")]
    pub trusted_header_groups: Option<String>,
    /// Header with the verified email address of the user
    #[arg(long, env = "STAGEPOST_TRUSTED_HEADER_EMAIL", value_name = "HEADER")]
    #[serde(alias = "trusted_header_email")]
    pub trusted_header_email: Option<String>,
    /// Addresses of the proxies whose headers are trusted, separated by commas; loopback addresses must be listed too
    #[arg(long, env = "STAGEPOST_TRUSTED_HEADER_PROXIES", value_name = "ADDR,...")]
    #[serde(alias = "trusted_header_proxies")]
    pub trusted_header_proxies: Option<List>,
    /// Issuer of the accounts that the header names, for links to users [default: trusted-header]
    #[arg(long, env = "STAGEPOST_TRUSTED_HEADER_ISSUER", value_name = "NAME")]
    #[serde(alias = "trusted_header_issuer")]
    pub trusted_header_issuer: Option<String>,
    /// Groups whose members may sign in with a provider or header, separated by commas [default: everybody]
    #[arg(long, env = "STAGEPOST_ALLOWED_GROUPS", value_name = "GROUP,...")]
    #[serde(alias = "allowed_groups")]
    pub allowed_groups: Option<List>,
    /// Domains of verified email addresses that may sign in with a provider or header [default: all]
    #[arg(long, env = "STAGEPOST_ALLOWED_DOMAINS", value_name = "DOMAIN,...")]
    #[serde(alias = "allowed_domains")]
    pub allowed_domains: Option<List>,
    /// Groups whose members are administrators [default: none]
    #[arg(long, env = "STAGEPOST_ADMIN_GROUPS", value_name = "GROUP,...")]
    #[serde(alias = "admin_groups")]
    pub admin_groups: Option<List>,
    /// Roles of groups, GROUP=ROLE:PATH with a full path, a prefix such as team/*, or *: developers=report:team/*
    #[arg(long, env = "STAGEPOST_GROUP_ROLES", value_name = "GROUP=ROLE:PATH,...")]
    #[serde(alias = "group_roles")]
    pub group_roles: Option<List>,
    /// Create a user at the first sign-in with a provider or header: on or off [default: on]
    #[arg(long, env = "STAGEPOST_CREATE_USERS", value_name = "SWITCH")]
    #[serde(alias = "create_users")]
    pub create_users: Option<String>,
    /// Length of sessions that start with a provider or header, 5m to 365d [default: 8h]
    #[arg(long, env = "STAGEPOST_IDENTITY_SESSION", value_name = "DURATION")]
    #[serde(alias = "identity_session")]
    pub identity_session: Option<String>,
    /// How long group permissions, and tokens created in the session, stay valid after a sign-in [default: as the
    /// session]
    #[arg(long, env = "STAGEPOST_IDENTITY_RIGHTS", value_name = "DURATION")]
    #[serde(alias = "identity_rights")]
    pub identity_rights: Option<String>,
    /// Accept passwords of users: on or off [default: on]
    #[arg(long, env = "STAGEPOST_LOCAL_PASSWORDS", value_name = "SWITCH")]
    #[serde(alias = "local_passwords")]
    pub local_passwords: Option<String>,
    /// The tables `[[serve.oidc]]`.
    #[arg(skip)]
    pub oidc: Option<Vec<OidcTable>>,
    /// Name of the administrator that the first start creates [default: admin]
    #[arg(long, env = "STAGEPOST_ADMIN_USER", value_name = "NAME")]
    #[serde(alias = "admin_user")]
    pub admin_user: Option<String>,
    /// Access key of the administrator [default: random]
    #[arg(long, env = "STAGEPOST_ADMIN_AK", value_name = "AK")]
    #[serde(alias = "admin_ak")]
    pub admin_ak: Option<String>,
    /// File with the administrator's password (or STAGEPOST_ADMIN_PASSWORD) [default: random]
    #[arg(long, env = "STAGEPOST_ADMIN_PASSWORD_FILE", value_name = "FILE")]
    #[serde(alias = "admin_password_file")]
    pub admin_password_file: Option<PathBuf>,
    /// File with the secret key of the access key (or STAGEPOST_ADMIN_SK) [default: random]
    #[arg(long, env = "STAGEPOST_ADMIN_SK_FILE", value_name = "FILE")]
    #[serde(alias = "admin_sk_file")]
    pub admin_sk_file: Option<PathBuf>,
    /// File with the administrator's token (or STAGEPOST_ADMIN_TOKEN) [default: random]
    #[arg(long, env = "STAGEPOST_ADMIN_TOKEN_FILE", value_name = "FILE")]
    #[serde(alias = "admin_token_file")]
    pub admin_token_file: Option<PathBuf>,
    /// The data directory, from the global flag `--data`.
    #[arg(skip)]
    #[serde(skip)]
    pub data: PathBuf,
}

impl fmt::Debug for ServeArgs {
    /// Without values: the URL of a database may contain a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServeArgs").finish_non_exhaustive()
    }
}

impl ServeArgs {
    /// These settings, completed by those of the file.
    pub fn or(self, file: Self) -> Self {
        macro_rules! merge {
            ($($field:ident)*) => { Self { data: self.data, $($field: self.$field.or(file.$field)),* } };
        }
        merge!(database database_file listen tls_listen tls_cert tls_key demo time_offset account log log_format
            log_file connections proxies public_url queue memory accept_data_loss integrity_check_share upkeep_every events_kept
            audit_retention audit_log limit_requests limit_reports limit_address metrics_listen metrics_token_file
            metrics_repositories webhook_allow
            oidc_issuer oidc_client_id oidc_client_secret_file oidc_name oidc_scopes oidc_groups_claim
            oidc_sign_out
            trusted_header trusted_header_groups trusted_header_email trusted_header_proxies trusted_header_issuer
            allowed_groups allowed_domains admin_groups group_roles create_users identity_session identity_rights
            local_passwords oidc
            admin_user admin_ak admin_password_file admin_sk_file admin_token_file)
    }
}

/// Reads a key of the file that is a text or a number.
fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(u64),
        Text(String),
    }
    Ok(Some(match Either::deserialize(deserializer)? {
        Either::Number(number) => number.to_string(),
        Either::Text(text) => text,
    }))
}
