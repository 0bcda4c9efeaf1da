//! `env`: the settings that point an official SDK here, ready to be evaluated by a shell (wire fact 6).

use crate::exit::Failure;
use crate::messages::Text;
use crate::sdk_target::{SdkTarget, is_direct};
use crate::settings::{Context, Env};
use std::path::Path;

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
    /// Which SDK
    #[arg(value_enum, default_value = "shell")]
    language: Language,
    /// The region that the program names
    #[arg(long, default_value = "cn-north-4")]
    region: String,
    /// Use the plain http address
    #[arg(long)]
    http: bool,
}

pub fn run(context: &Context, flags: &EnvArgs) -> Result<(), Failure> {
    let go = flags.language == Language::Go;
    let pointing = context.sdk_target(flags.http && !go, go)?;
    if go && !pointing.server.starts_with("https://") {
        return Err(Failure::usage(Text::EnvGoHttps));
    }
    context.output.text(&printed(flags, &pointing, context.env))
}

/// The whole text.
fn printed(flags: &EnvArgs, pointing: &SdkTarget, env: &Env) -> String {
    let server = &pointing.server;
    let mut script = Script::default();
    script.say(&Text::EnvFor.with(&[("server", server)]));
    let region = flags.region.to_uppercase().replace('-', "_");
    script.export("HUAWEICLOUD_SDK_IAM_ENDPOINT", server);
    script.export(&format!("HUAWEICLOUD_SDK_REGION_CODEHUB_{region}"), server);
    script.export(&format!("HUAWEICLOUD_SDK_REGION_CODEARTSREPO_{region}"), server);
    match &pointing.keys {
        Some((access, secret)) => {
            script.export("CLOUD_SDK_AK", access);
            script.export("CLOUD_SDK_SK", secret);
        }
        None => script.say(Text::EnvNoCredentials.text()),
    }
    proxies(&mut script, pointing, env);
    if flags.language == Language::Shell {
        script.export("STAGEPOST_SERVER", server);
        if let Some(token) = &pointing.token {
            script.export("STAGEPOST_TOKEN", token);
            script.export("TOKEN", token);
        }
    }
    if let Some(ca) = &pointing.ca {
        trust(&mut script, flags.language, pointing, ca, env);
    }
    script.0
}

/// Lines for a POSIX shell.
#[derive(Default)]
struct Script(String);

impl Script {
    fn line(&mut self, line: &str) {
        self.0 += line;
        self.0.push('\n');
    }

    fn say(&mut self, comment: &str) {
        self.line(&format!("# {comment}"));
    }

    fn export(&mut self, name: &str, value: &str) {
        self.line(&format!("export {name}={}", quoted(value)));
    }
}

/// A server on this machine is no proxy's business; whether another is, only its user knows.
fn proxies(script: &mut Script, pointing: &SdkTarget, env: &Env) {
    let set = env("no_proxy").or_else(|| env("NO_PROXY")).unwrap_or_default();
    let host = pointing.host();
    if pointing.own {
        let mut all = set;
        for host in ["127.0.0.1", "localhost", &host] {
            if !is_direct(&all, host) {
                all = if all.is_empty() { host.to_owned() } else { format!("{all},{host}") };
            }
        }
        // Python looks at the lower-case name first, others at the upper-case one alone.
        script.export("NO_PROXY", &all);
        script.export("no_proxy", &all);
    } else if proxy(env).is_some() && !is_direct(&set, &host) {
        script.say(&Text::EnvProxy.with(&[("host", &host)]));
    }
}

/// The proxy that programs of this shell use for an SDK's calls.
pub fn proxy(env: &Env) -> Option<String> {
    let names = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
    names.into_iter().find_map(env)
}

fn trust(script: &mut Script, language: Language, pointing: &SdkTarget, ca: &Path, env: &Env) {
    let path = ca.display().to_string();
    // Node adds to what it trusts; the others trust nobody else then.
    if language != Language::Node {
        script.say(Text::EnvTrustsOnly.text());
    }
    match language {
        Language::Shell => {
            script.export("STAGEPOST_CA", &path);
            script.export("CURL_CA_BUNDLE", &path);
        }
        Language::Python => script.export("REQUESTS_CA_BUNDLE", &path),
        Language::Go => script.export("SSL_CERT_FILE", &path),
        Language::Node => script.export("NODE_EXTRA_CA_CERTS", &path),
        Language::Java => trust_java(script, pointing, ca, env),
    }
}

fn trust_java(script: &mut Script, pointing: &SdkTarget, ca: &Path, env: &Env) {
    // Beside our own certificate; somebody else's may lie where nothing can be written.
    let store = match env("HOME").filter(|_| !pointing.own) {
        None => ca.with_file_name("trust.p12"),
        Some(home) => {
            let name: String =
                pointing.server.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
            Path::new(&home).join(".cache/stagepost").join(format!("{name}.p12"))
        }
    };
    let store = store.display().to_string();
    let (ca, quoted_store) = (quoted(&ca.display().to_string()), quoted(&store));
    script.say(Text::EnvTrustStore.text());
    if !pointing.own {
        script.line(&format!("mkdir -p \"$(dirname {quoted_store})\""));
    }
    // A certificate that was made anew is newer than the store that holds the old one.
    script.line(&format!(
        "[ {quoted_store} -nt {ca} ] || {{ rm -f {quoted_store}; keytool -importcert -noprompt -alias stagepost -file {ca} -keystore {quoted_store} -storetype PKCS12 -storepass stagepost; }}"
    ));
    // The JVM splits at spaces outside of quotes.
    let ours =
        format!(r#""-Djavax.net.ssl.trustStore={store}" -Djavax.net.ssl.trustStorePassword=stagepost"#);
    let options = match env("JAVA_TOOL_OPTIONS").filter(|set| !set.is_empty()) {
        Some(set) if set.contains(&ours) => set,
        // The last of two settings counts.
        Some(set) => format!("{set} {ours}"),
        None => ours,
    };
    script.export("JAVA_TOOL_OPTIONS", &options);
}

/// As one word for a POSIX shell.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@,=+".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::{EnvArgs, Language, printed, quoted};
    use crate::sdk_target::SdkTarget;

    #[test]
    fn values_are_one_word() {
        assert_eq!(quoted("https://127.0.0.1:8443"), "https://127.0.0.1:8443");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(quoted(""), "''");
    }

    fn own() -> SdkTarget {
        SdkTarget {
            server: "https://127.0.0.1:8443".into(),
            own: true,
            ca: Some("/data/a b/cert.pem".into()),
            keys: Some(("AK".into(), "SK".into())),
            token: Some("T".into()),
        }
    }

    /// The exports for a language, with this environment.
    fn exports(language: Language, pointing: &SdkTarget, set: &'static [(&str, &str)]) -> Vec<String> {
        let flags = EnvArgs { language, region: "local-1".into(), http: false };
        let env = |name: &str| set.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        let text = printed(&flags, pointing, &env);
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        lines.map(|line| line.strip_prefix("export ").unwrap_or(line).to_owned()).collect()
    }

    #[test]
    fn every_language_is_told_the_same_address_and_key_and_its_own_way_to_trust() {
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
        for (language, own_lines) in [
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
            let lines = exports(language, &own(), &[]);
            assert_eq!(lines[..7], common, "{language:?}");
            assert_eq!(lines[7..], own_lines, "{language:?}");
        }
        let java = exports(Language::Java, &own(), &[]);
        assert!(java[7].contains("-keystore '/data/a b/trust.p12'"), "{java:?}");
        let options = r#"'"-Djavax.net.ssl.trustStore=/data/a b/trust.p12" -Djavax.net.ssl.trustStorePassword=stagepost'"#;
        assert_eq!(java[8], format!("JAVA_TOOL_OPTIONS={options}"));
    }

    #[test]
    fn what_is_set_already_is_kept() {
        let set = &[("NO_PROXY", "x"), ("no_proxy", ".corp,localhost"), ("JAVA_TOOL_OPTIONS", "-Xmx1g")];
        let lines = exports(Language::Java, &own(), set);
        assert!(lines.contains(&"NO_PROXY=.corp,localhost,127.0.0.1".to_owned()), "{lines:?}");
        assert!(lines.last().unwrap().starts_with("JAVA_TOOL_OPTIONS='-Xmx1g \"-Djavax"), "{lines:?}");
        let again = &[(
            "JAVA_TOOL_OPTIONS",
            r#"-Xmx1g "-Djavax.net.ssl.trustStore=/data/a b/trust.p12" -Djavax.net.ssl.trustStorePassword=stagepost"#,
        )];
        let lines = exports(Language::Java, &own(), again);
        assert_eq!(lines.last().unwrap().matches("trustStore=").count(), 1, "{lines:?}");
    }

    #[test]
    fn another_machine_is_another_matter() {
        let there = SdkTarget {
            server: "https://ci.example.com".into(),
            own: false,
            ca: None,
            keys: None,
            token: None,
        };
        let flags = EnvArgs { language: Language::Python, region: "cn-north-4".into(), http: false };
        let text = printed(&flags, &there, &|name| (name == "HTTPS_PROXY").then(|| "http://proxy".into()));
        assert!(!text.contains("export NO_PROXY") && text.contains("ci.example.com"), "{text}");
        assert!(text.contains("stagepost key add"), "{text}");
        assert_eq!(text.matches("# ").count(), 3, "{text}");
        let with_ca = SdkTarget { ca: Some("/etc/ro/ca.pem".into()), ..there };
        let java = exports(Language::Java, &with_ca, &[("HOME", "/home/u")]);
        assert!(
            java.iter().any(|line| line.contains("/home/u/.cache/stagepost/https---ci-example-com.p12")),
            "{java:?}"
        );
    }
}
