//! The settings of signing in: identity providers, the header of an authenticating reverse proxy, passwords.

use super::ServeArgs;
use super::values::{duration, read_secret, secret};
use crate::messages::Text;
use domain::SignedDuration;
use domain::model::identities::{GroupRole, PathPattern, SignInRules};
use domain::model::roles::Role;
use edge::auth::external::TrustedHeader;
use oidc::ProviderSettings;
use serde::{Deserialize, Deserializer};
use std::convert::Infallible;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

/// The default name of a provider in addresses.
const DEFAULT_ID: &str = "sso";
/// The default issuer of accounts that a header names.
const HEADER_ISSUER: &str = "trusted-header";

/// A list: separated by commas, or in the file an array.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct List(pub Vec<String>);

impl FromStr for List {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        Ok(Self(entries.map(str::to_owned).collect()))
    }
}

impl<'de> Deserialize<'de> for List {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Text(String),
            Array(Vec<String>),
        }
        Ok(match Either::deserialize(deserializer)? {
            Either::Text(text) => text.parse().unwrap_or_default(),
            Either::Array(entries) => Self(entries),
        })
    }
}

/// A table `[[serve.oidc]]`. Keys that it does not set have the values of the keys of `[serve]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct OidcTable {
    id: Option<String>,
    name: Option<String>,
    issuer: Option<String>,
    #[serde(alias = "client_id")]
    client_id: Option<String>,
    #[serde(alias = "client_secret_file")]
    client_secret_file: Option<PathBuf>,
    scopes: Option<List>,
    #[serde(alias = "groups_claim")]
    groups_claim: Option<String>,
    #[serde(alias = "sign_out")]
    sign_out: Option<String>,
    #[serde(alias = "allowed_groups")]
    allowed_groups: Option<List>,
    #[serde(alias = "allowed_domains")]
    allowed_domains: Option<List>,
    #[serde(alias = "admin_groups")]
    admin_groups: Option<List>,
    #[serde(alias = "group_roles")]
    group_roles: Option<List>,
    #[serde(alias = "create_users")]
    create_users: Option<String>,
    #[serde(alias = "identity_session")]
    identity_session: Option<String>,
    #[serde(alias = "identity_rights")]
    identity_rights: Option<String>,
}

/// The resolved settings of signing in.
#[derive(Clone)]
pub struct SignInSettings {
    pub passwords: bool,
    pub providers: Vec<OidcSettings>,
    pub header: Option<TrustedHeader>,
}

/// The resolved settings of a provider.
#[derive(Clone)]
pub struct OidcSettings {
    /// The name in addresses.
    pub id: String,
    /// The name for people.
    pub name: String,
    pub rules: SignInRules,
    pub provider: ProviderSettings,
}

/// Reads the settings of signing in.
///
/// # Errors
/// A message that names the setting and the problem.
pub fn resolve(args: &ServeArgs) -> Result<SignInSettings, String> {
    let passwords = switch("--local-passwords", args.local_passwords.as_deref(), true)?;
    let defaults = OidcTable {
        allowed_groups: args.allowed_groups.clone(),
        allowed_domains: args.allowed_domains.clone(),
        admin_groups: args.admin_groups.clone(),
        group_roles: args.group_roles.clone(),
        create_users: args.create_users.clone(),
        identity_session: args.identity_session.clone(),
        identity_rights: args.identity_rights.clone(),
        ..OidcTable::default()
    };
    let mut providers = Vec::new();
    if let Some(issuer) = &args.oidc_issuer {
        let secret = secret("STAGEPOST_OIDC_CLIENT_SECRET", args.oidc_client_secret_file.as_deref())?;
        let table = OidcTable {
            name: args.oidc_name.clone(),
            issuer: Some(issuer.clone()),
            client_id: args.oidc_client_id.clone(),
            scopes: args.oidc_scopes.clone(),
            groups_claim: args.oidc_groups_claim.clone(),
            sign_out: args.oidc_sign_out.clone(),
            ..defaults.clone()
        };
        providers.push(table.resolve(secret)?);
    }
    for table in args.oidc.iter().flatten() {
        let file = table.client_secret_file.as_deref();
        let secret = file.map(|file| read_secret("client-secret-file", file)).transpose()?;
        providers.push(table.clone().or(&defaults).resolve(secret)?);
    }
    let is_repeated =
        |at: usize, one: &OidcSettings| providers.iter().take(at).any(|other| other.id == one.id);
    if let Some((_, twice)) = providers.iter().enumerate().find(|(at, one)| is_repeated(*at, one)) {
        return Err(Text::ServeOidcTwice.with(&[("id", &twice.id)]));
    }
    let header = header(args, &defaults)?;
    if !passwords && providers.is_empty() && header.is_none() {
        return Err(Text::ServeNoSignIn.to_string());
    }
    Ok(SignInSettings { passwords, providers, header })
}

impl OidcTable {
    /// The table, with the rules of `[serve]` where it has none.
    fn or(self, defaults: &Self) -> Self {
        macro_rules! merge {
            ($($field:ident)*) => { Self { $($field: self.$field.or_else(|| defaults.$field.clone()),)* ..self } };
        }
        merge!(allowed_groups allowed_domains admin_groups group_roles create_users identity_session identity_rights)
    }

    fn resolve(self, client_secret: Option<String>) -> Result<OidcSettings, String> {
        let id = self.id.clone().unwrap_or_else(|| DEFAULT_ID.to_owned());
        let is_id = !id.is_empty()
            && id.len() <= 32
            && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !is_id {
            return Err(Text::ServeOidcId.with(&[("id", &id)]));
        }
        let rules = self.rules()?;
        let missing = |key: &str| Text::ServeOidcMissing.with(&[("id", &id), ("key", &key)]);
        let issuer = self.issuer.ok_or_else(|| missing("issuer"))?;
        let client_id = self.client_id.ok_or_else(|| missing("client-id"))?;
        if !is_issuer(&issuer) {
            return Err(Text::ServeOidcIssuer.with(&[("text", &issuer)]));
        }
        let scopes = self.scopes.map_or_else(|| vec!["profile".into(), "email".into()], |list| list.0);
        let provider = ProviderSettings {
            issuer,
            client_id,
            client_secret,
            scopes: scopes.into_iter().filter(|scope| scope != "openid").collect(),
            groups_claim: self.groups_claim.unwrap_or_else(|| "groups".into()),
            sign_out: switch("--oidc-sign-out", self.sign_out.as_deref(), true)?,
        };
        let name = self.name.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| id.clone());
        Ok(OidcSettings { id, name, rules, provider })
    }

    fn rules(&self) -> Result<SignInRules, String> {
        let list = |list: &Option<List>| list.clone().unwrap_or_default().0;
        let time = |flag, text: &str| duration(flag, text, ("5m", "365d"), "8h");
        let session = self.identity_session.as_deref().unwrap_or("8h");
        let seconds = time("--identity-session", session)?;
        let rights = time("--identity-rights", self.identity_rights.as_deref().unwrap_or(session))?;
        if rights < seconds {
            return Err(Text::ServeIdentityRights.to_string());
        }
        let signed = |time| SignedDuration::try_from(time).map_err(|error: jiff::Error| error.to_string());
        Ok(SignInRules {
            create_users: switch("--create-users", self.create_users.as_deref(), true)?,
            allowed_groups: list(&self.allowed_groups),
            allowed_domains: list(&self.allowed_domains),
            admin_groups: list(&self.admin_groups),
            roles: list(&self.group_roles).iter().map(|text| group_role(text)).collect::<Result<_, _>>()?,
            session: signed(seconds)?,
            rights: signed(rights)?,
        })
    }
}

/// `GROUP=ROLE:PATTERN`. The group may contain `=`, as names in LDAP do.
fn group_role(text: &str) -> Result<GroupRole, String> {
    let bad = || Text::ServeGroupRole.with(&[("text", &text)]);
    let (group, rest) = text.rsplit_once('=').ok_or_else(bad)?;
    let (role, pattern) = rest.split_once(':').ok_or_else(bad)?;
    if group.is_empty() {
        return Err(bad());
    }
    Ok(GroupRole {
        group: group.to_owned(),
        role: Role::parse(role).ok_or_else(bad)?,
        pattern: PathPattern::parse("group-roles", pattern).map_err(|_| bad())?,
    })
}

/// An absolute URL without query and fragment; not encrypted only for this machine.
fn is_issuer(text: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(text) else { return false };
    let is_local = match url.host_str() {
        Some("localhost" | "[::1]") => true,
        Some(host) => host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()),
        None => false,
    };
    url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && (url.scheme() == "https" || (url.scheme() == "http" && is_local))
}

fn switch(flag: &str, text: Option<&str>, default: bool) -> Result<bool, String> {
    match text {
        None => Ok(default),
        Some("on" | "true") => Ok(true),
        Some("off" | "false") => Ok(false),
        Some(other) => Err(Text::ServeSwitch.with(&[("flag", &flag), ("text", &other)])),
    }
}

fn header(args: &ServeArgs, rules: &OidcTable) -> Result<Option<TrustedHeader>, String> {
    let name = |flag: &str, text: &Option<String>| {
        let text = text.as_deref();
        text.map(|text| text.parse().map_err(|_| Text::ServeHeader.with(&[("flag", &flag), ("text", &text)])))
            .transpose()
    };
    let Some(user) = name("--trusted-header", &args.trusted_header)? else { return Ok(None) };
    let List(proxies) = args.trusted_header_proxies.clone().unwrap_or_default();
    let address = |text: &String| {
        text.parse().map_err(|_| {
            Text::ServeAddressList.with(&[("flag", &"--trusted-header-proxies"), ("text", text)])
        })
    };
    let proxies: Vec<IpAddr> = proxies.iter().map(address).collect::<Result<_, _>>()?;
    if proxies.is_empty() {
        return Err(Text::ServeHeaderProxies.to_string());
    }
    let issuer = args.trusted_header_issuer.clone().unwrap_or_else(|| HEADER_ISSUER.to_owned());
    domain::model::identities::check_key(&issuer, "x")
        .map_err(|_| Text::ServeHeader.with(&[("flag", &"--trusted-header-issuer"), ("text", &issuer)]))?;
    Ok(Some(TrustedHeader {
        user,
        groups: name("--trusted-header-groups", &args.trusted_header_groups)?,
        email: name("--trusted-header-email", &args.trusted_header_email)?,
        proxies,
        issuer,
        rules: rules.rules()?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(toml: &str) -> Result<SignInSettings, String> {
        resolve(&toml::from_str::<ServeArgs>(toml).unwrap())
    }

    const PROVIDER: &str =
        "[[oidc]]\nid = 'kc'\nissuer = 'https://id.example/realms/x'\nclient-id = 'stagepost'\n";

    #[test]
    fn a_table_has_the_rules_of_the_server_and_its_own() {
        let text = format!(
            "admin-groups = 'ops'\ngroup-roles = 'dev=read:*'\n{PROVIDER}name = 'Company'\nidentity_session = '1h'\n\
             identity-rights = '30d'\ngroup-roles = ['cn=dev,dc=x=report:team/*']\ncreate-users = 'off'\n"
        );
        let settings = resolved(&text).unwrap();
        let [provider] = &settings.providers[..] else { panic!() };
        assert_eq!((provider.id.as_str(), provider.name.as_str()), ("kc", "Company"));
        let rules = &provider.rules;
        assert_eq!((rules.session.as_hours(), rules.rights.as_hours()), (1, 720));
        assert_eq!((rules.create_users, &rules.admin_groups[..]), (false, &["ops".to_owned()][..]));
        let role = &rules.roles[0];
        assert_eq!(
            (role.group.as_str(), role.role, role.pattern.as_str()),
            ("cn=dev,dc=x", Role::Report, "team/*")
        );
        assert_eq!(provider.provider.scopes, ["profile", "email"]);
        assert!(provider.provider.sign_out);
        let off = resolved(&format!("{PROVIDER}sign-out = 'off'\n")).unwrap();
        assert!(!off.providers[0].provider.sign_out);
    }

    #[test]
    fn flags_are_a_provider_too() {
        let settings =
            resolved("oidc-issuer = 'http://127.0.0.1:9'\noidc-client-id = 'x'\nlocal-passwords = 'off'");
        let settings = settings.unwrap();
        assert_eq!((settings.providers[0].id.as_str(), settings.passwords), ("sso", false));
        assert_eq!(settings.providers[0].rules.session, settings.providers[0].rules.rights);
    }

    #[test]
    fn a_wrong_value_is_named() {
        for (text, named) in [
            ("local-passwords = 'off'", "--local-passwords"),
            ("local-passwords = 'no'", "--local-passwords"),
            (&format!("{PROVIDER}sign-out = 'no'"), "--oidc-sign-out"),
            ("oidc-issuer = 'http://id.example'\noidc-client-id = 'x'", "http://id.example"),
            ("oidc-issuer = 'https://id.example?a=b'\noidc-client-id = 'x'", "https://id.example?a=b"),
            ("oidc-issuer = 'https://id.example'", "client-id"),
            (&format!("{PROVIDER}{PROVIDER}"), "kc"),
            (&format!("{PROVIDER}group-roles = 'dev=owner:*'"), "dev=owner:*"),
            (&format!("{PROVIDER}group-roles = 'dev'"), "'dev'"),
            (&format!("{PROVIDER}identity-rights = '1h'"), "--identity-rights"),
            ("[[oidc]]\nid = 'A b'\n", "A b"),
            ("trusted-header = 'X-User'", "--trusted-header-proxies"),
            ("trusted-header = 'X User'\ntrusted-header-proxies = '10.0.0.1'", "X User"),
            ("trusted-header = 'X-User'\ntrusted-header-proxies = 'proxy'", "proxy"),
        ] {
            let error = resolved(text).err().unwrap_or_else(|| panic!("accepted: {text}"));
            assert!(error.contains(named), "{text}: {error}");
        }
    }
}
