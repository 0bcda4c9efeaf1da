//! `env`: prints the settings of an official SDK for this server as shell commands.

use crate::exit::Failure;
use crate::messages::Text;
use crate::sdk_target::{SdkTarget, bypasses_proxy};
use crate::settings::{Context, Env};
use clap::ValueEnum as _;
use std::path::Path;

/// The region of programs that choose none.
const REGION: &str = "cn-north-4";

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// For this command line and curl
    Shell,
    Python,
    Go,
    Java,
    /// Node.js
    Node,
}

#[derive(Debug, clap::Args)]
pub struct EnvArgs {
    /// The SDK
    #[arg(value_enum, default_value = "shell")]
    language: Language,
    /// Region id that the program uses
    #[arg(long, default_value = REGION)]
    region: String,
    /// Use the http URL
    #[arg(long)]
    http: bool,
}

pub fn run(context: &Context, flags: &EnvArgs) -> Result<(), Failure> {
    let go = flags.language == Language::Go;
    let target = context.sdk_target(flags.http && !go, go)?;
    flags.language.check(&target.server)?;
    context.output.text(&render(flags, &target, context.env))
}

/// The public URL of the server for programs with the SDK of a language, by its name on the command line. Without a
/// public URL, that of a local server is the https URL if it has one.
pub fn public_server(context: &Context, language: &str) -> Result<String, Failure> {
    let language = Language::from_str(language, true).map_err(Failure::usage)?;
    let target = context.sdk_target(false, language == Language::Go)?;
    let server = context.published(&target.server);
    language.check(&server)?;
    Ok(server)
}

impl Language {
    /// Whether programs with this SDK can use the server.
    fn check(self, server: &str) -> Result<(), Failure> {
        if self == Self::Go && !server.starts_with("https://") {
            return Err(Failure::usage(Text::EnvGoHttps));
        }
        Ok(())
    }
}

/// The complete script.
fn render(flags: &EnvArgs, target: &SdkTarget, env: &Env) -> String {
    let (server, endpoint) = (&target.server, target.endpoint());
    let mut script = Script::default();
    script.comment(&Text::EnvHeader.with(&[("server", server)]));
    let region = flags.region.to_uppercase().replace('-', "_");
    script.export("HUAWEICLOUD_SDK_IAM_ENDPOINT", endpoint);
    script.export(&format!("HUAWEICLOUD_SDK_REGION_CODEHUB_{region}"), endpoint);
    script.export(&format!("HUAWEICLOUD_SDK_REGION_CODEARTSREPO_{region}"), endpoint);
    match &target.keys {
        Some((access, secret)) => {
            script.export("CLOUD_SDK_AK", access);
            script.export("CLOUD_SDK_SK", secret);
        }
        None => script.comment(Text::EnvNoCredentials.text()),
    }
    set_no_proxy(&mut script, target, env);
    if flags.language == Language::Shell {
        script.export("STAGEPOST_SERVER", server);
        if let Some(token) = &target.token {
            script.export("STAGEPOST_TOKEN", token);
            script.export("TOKEN", token);
        }
    }
    if let Some(ca) = &target.ca {
        trust(&mut script, flags.language, target, ca, env);
    }
    script.0
}

/// A script for a POSIX shell.
#[derive(Default)]
struct Script(String);

impl Script {
    fn add_line(&mut self, line: &str) {
        self.0 += line;
        self.0.push('\n');
    }

    fn comment(&mut self, text: &str) {
        self.add_line(&format!("# {text}"));
    }

    fn export(&mut self, name: &str, value: &str) {
        self.add_line(&format!("export {name}={}", quote(value)));
    }
}

/// Excludes a local server from the proxy. For another server it prints a comment, because it may need the
/// proxy.
fn set_no_proxy(script: &mut Script, target: &SdkTarget, env: &Env) {
    let current = env("no_proxy").or_else(|| env("NO_PROXY")).unwrap_or_default();
    let host = target.host();
    if target.is_local {
        let mut hosts = current;
        for host in ["127.0.0.1", "localhost", &host] {
            if !bypasses_proxy(&hosts, host) {
                hosts = if hosts.is_empty() { host.to_owned() } else { format!("{hosts},{host}") };
            }
        }
        // Python prefers the lower-case name, other languages read the upper-case name only.
        script.export("NO_PROXY", &hosts);
        script.export("no_proxy", &hosts);
    } else if proxy(env).is_some() && !bypasses_proxy(&current, &host) {
        script.comment(&Text::EnvProxy.with(&[("host", &host)]));
    }
}

/// The proxy that the environment sets for SDK calls.
pub fn proxy(env: &Env) -> Option<String> {
    let names = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
    names.into_iter().find_map(env)
}

fn trust(script: &mut Script, language: Language, target: &SdkTarget, ca: &Path, env: &Env) {
    let path = ca.display().to_string();
    // Node.js adds the certificate to those of the system, the others replace them.
    if language != Language::Node {
        script.comment(Text::EnvTrustsOnly.text());
    }
    match language {
        Language::Shell => {
            script.export("STAGEPOST_CA", &path);
            script.export("CURL_CA_BUNDLE", &path);
        }
        Language::Python => script.export("REQUESTS_CA_BUNDLE", &path),
        Language::Go => script.export("SSL_CERT_FILE", &path),
        Language::Node => script.export("NODE_EXTRA_CA_CERTS", &path),
        Language::Java => trust_java(script, target, ca, env),
    }
}

fn trust_java(script: &mut Script, target: &SdkTarget, ca: &Path, env: &Env) {
    // Next to the certificate of a local server. The directory of another certificate may not be writable.
    let store = match env("HOME").filter(|_| !target.is_local) {
        None => ca.with_file_name("trust.p12"),
        Some(home) => {
            let name: String =
                target.server.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
            Path::new(&home).join(".cache/stagepost").join(format!("{name}.p12"))
        }
    };
    let store = store.display().to_string();
    let (ca, quoted_store) = (quote(&ca.display().to_string()), quote(&store));
    script.comment(Text::EnvTrustStore.text());
    if !target.is_local {
        script.add_line(&format!("mkdir -p \"$(dirname {quoted_store})\""));
    }
    // Created again if the certificate is newer than the trust store.
    script.add_line(&format!(
        "[ {quoted_store} -nt {ca} ] || {{ rm -f {quoted_store}; keytool -importcert -noprompt -alias stagepost -file {ca} -keystore {quoted_store} -storetype PKCS12 -storepass stagepost; }}"
    ));
    // The JVM splits the variable at spaces outside quotes.
    let trust_options =
        format!(r#""-Djavax.net.ssl.trustStore={store}" -Djavax.net.ssl.trustStorePassword=stagepost"#);
    let options = match env("JAVA_TOOL_OPTIONS").filter(|set| !set.is_empty()) {
        Some(set) if set.contains(&trust_options) => set,
        // The last of two equal options has priority.
        Some(set) => format!("{set} {trust_options}"),
        None => trust_options,
    };
    script.export("JAVA_TOOL_OPTIONS", &options);
}

/// Quotes a value as one word of a POSIX shell.
fn quote(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@,=+".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::{EnvArgs, Language, quote, render};
    use crate::sdk_target::SdkTarget;

    #[test]
    fn values_are_quoted_as_one_word() {
        assert_eq!(quote("https://127.0.0.1:8443"), "https://127.0.0.1:8443");
        assert_eq!(quote("a b"), "'a b'");
        assert_eq!(quote("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(quote(""), "''");
    }

    fn local_target() -> SdkTarget {
        SdkTarget {
            server: "https://127.0.0.1:8443".into(),
            is_local: true,
            ca: Some("/data/a b/cert.pem".into()),
            keys: Some(("AK".into(), "SK".into())),
            token: Some("T".into()),
        }
    }

    /// The exports for a language, with this environment.
    fn exports(language: Language, target: &SdkTarget, set: &'static [(&str, &str)]) -> Vec<String> {
        let flags = EnvArgs { language, region: "local-1".into(), http: false };
        let env = |name: &str| set.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        let text = render(&flags, target, &env);
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        lines.map(|line| line.strip_prefix("export ").unwrap_or(line).to_owned()).collect()
    }

    #[test]
    fn all_languages_get_url_and_key_and_their_own_trust_variable() {
        let common = [
            "HUAWEICLOUD_SDK_IAM_ENDPOINT=https://127.0.0.1:8443",
            "HUAWEICLOUD_SDK_REGION_CODEHUB_LOCAL_1=https://127.0.0.1:8443",
            "HUAWEICLOUD_SDK_REGION_CODEARTSREPO_LOCAL_1=https://127.0.0.1:8443",
            "CLOUD_SDK_AK=AK",
            "CLOUD_SDK_SK=SK",
            "NO_PROXY=127.0.0.1,localhost",
            "no_proxy=127.0.0.1,localhost",
        ];
        let pem = "'/data/a b/cert.pem'";
        for (language, trust_lines) in [
            (Language::Python, vec![format!("REQUESTS_CA_BUNDLE={pem}")]),
            (Language::Go, vec![format!("SSL_CERT_FILE={pem}")]),
            (Language::Node, vec![format!("NODE_EXTRA_CA_CERTS={pem}")]),
            (
                Language::Shell,
                vec![
                    "STAGEPOST_SERVER=https://127.0.0.1:8443".to_owned(),
                    "STAGEPOST_TOKEN=T".to_owned(),
                    "TOKEN=T".to_owned(),
                    format!("STAGEPOST_CA={pem}"),
                    format!("CURL_CA_BUNDLE={pem}"),
                ],
            ),
        ] {
            let lines = exports(language, &local_target(), &[]);
            assert_eq!(lines[..7], common, "{language:?}");
            assert_eq!(lines[7..], trust_lines, "{language:?}");
        }
        let java = exports(Language::Java, &local_target(), &[]);
        assert!(java[7].contains("-keystore '/data/a b/trust.p12'"), "{java:?}");
        let options = r#"'"-Djavax.net.ssl.trustStore=/data/a b/trust.p12" -Djavax.net.ssl.trustStorePassword=stagepost'"#;
        assert_eq!(java[8], format!("JAVA_TOOL_OPTIONS={options}"));
    }

    #[test]
    fn existing_variables_are_extended() {
        let set = &[("NO_PROXY", "x"), ("no_proxy", ".corp,localhost"), ("JAVA_TOOL_OPTIONS", "-Xmx1g")];
        let lines = exports(Language::Java, &local_target(), set);
        assert!(lines.contains(&"NO_PROXY=.corp,localhost,127.0.0.1".to_owned()), "{lines:?}");
        assert!(lines.last().unwrap().starts_with("JAVA_TOOL_OPTIONS='-Xmx1g \"-Djavax"), "{lines:?}");
        let repeated = &[(
            "JAVA_TOOL_OPTIONS",
            r#"-Xmx1g "-Djavax.net.ssl.trustStore=/data/a b/trust.p12" -Djavax.net.ssl.trustStorePassword=stagepost"#,
        )];
        let lines = exports(Language::Java, &local_target(), repeated);
        assert_eq!(lines.last().unwrap().matches("trustStore=").count(), 1, "{lines:?}");
    }

    #[test]
    fn a_remote_server_keeps_the_proxy_and_gets_no_local_secrets() {
        let remote = SdkTarget {
            server: "https://ci.example.com".into(),
            is_local: false,
            ca: None,
            keys: None,
            token: None,
        };
        let flags = EnvArgs { language: Language::Python, region: "cn-north-4".into(), http: false };
        let text = render(&flags, &remote, &|name| (name == "HTTPS_PROXY").then(|| "http://proxy".into()));
        assert!(!text.contains("export NO_PROXY") && text.contains("ci.example.com"), "{text}");
        assert!(text.contains("stagepost key create"), "{text}");
        assert_eq!(text.matches("# ").count(), 3, "{text}");
        let below = SdkTarget { server: "https://ci.example.com/stagepost".into(), ..remote.clone() };
        let shell = exports(Language::Shell, &below, &[]);
        assert_eq!(shell[0], "HUAWEICLOUD_SDK_IAM_ENDPOINT=https://ci.example.com");
        assert!(shell.contains(&"STAGEPOST_SERVER=https://ci.example.com/stagepost".to_owned()), "{shell:?}");
        let with_ca = SdkTarget { ca: Some("/etc/ro/ca.pem".into()), ..remote };
        let java = exports(Language::Java, &with_ca, &[("HOME", "/home/u")]);
        assert!(
            java.iter().any(|line| line.contains("/home/u/.cache/stagepost/https---ci-example-com.p12")),
            "{java:?}"
        );
    }
}
