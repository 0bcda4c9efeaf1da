//! `env`: the settings that point an official SDK here, ready to be evaluated by a shell (wire fact 6).

use crate::exit::Failure;
use crate::messages::Text;
use crate::settings::Context;
use std::path::PathBuf;

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
    let endpoints = context.endpoints();
    let known = if flags.http { endpoints.http } else { endpoints.https.or(endpoints.http) };
    let server = context.settings.server.clone().or(known).unwrap_or_else(|| context.server());
    if flags.language == Language::Go && !server.starts_with("https://") {
        return Err(Failure::usage(Text::EnvGoHttps));
    }
    let mut lines = vec![format!("# {}", Text::EnvFor.with(&[("server", &server)]))];
    let mut export = |name: &str, value: &str| lines.push(format!("export {name}={}", quoted(value)));
    let region = flags.region.to_uppercase().replace('-', "_");
    export("HUAWEICLOUD_SDK_IAM_ENDPOINT", &server);
    export(&format!("HUAWEICLOUD_SDK_REGION_CODEHUB_{region}"), &server);
    export(&format!("HUAWEICLOUD_SDK_REGION_CODEARTSREPO_{region}"), &server);
    let admin = context.admin();
    let keys =
        context.access_key().or_else(|| admin.as_ref().map(|a| (a.access_key.clone(), a.secret_key.clone())));
    match &keys {
        Some((access, secret)) => {
            export("CLOUD_SDK_AK", access);
            export("CLOUD_SDK_SK", secret);
        }
        None => lines.push(format!("# {}", Text::EnvNoCredentials)),
    }
    let mut export = |name: &str, value: &str| lines.push(format!("export {name}={}", quoted(value)));
    export("NO_PROXY", "127.0.0.1,localhost");
    if flags.language == Language::Shell {
        export("STAGEPOST_SERVER", &server);
        if let Some(token) = (context.env)("STAGEPOST_TOKEN").or(admin.map(|admin| admin.token)) {
            export("STAGEPOST_TOKEN", &token);
            export("TOKEN", &token);
        }
    }
    if let Some(ca) = authority(context).filter(|_| server.starts_with("https://")) {
        trust(&mut lines, flags.language, &ca);
    }
    context.output.text(&(lines.join("\n") + "\n"))
}

/// The certificate to trust, when it is not one that every machine does.
fn authority(context: &Context) -> Option<PathBuf> {
    let own = context.settings.data.join("tls/cert.pem");
    let path = context.settings.ca.clone().or_else(|| own.exists().then_some(own))?;
    Some(std::path::absolute(&path).unwrap_or(path))
}

fn trust(lines: &mut Vec<String>, language: Language, ca: &std::path::Path) {
    let path = quoted(&ca.display().to_string());
    match language {
        Language::Shell => {
            lines.push(format!("export STAGEPOST_CA={path}"));
            lines.push(format!("export CURL_CA_BUNDLE={path}"));
        }
        Language::Python => lines.push(format!("export REQUESTS_CA_BUNDLE={path}")),
        Language::Go => lines.push(format!("export SSL_CERT_FILE={path}")),
        Language::Node => lines.push(format!("export NODE_EXTRA_CA_CERTS={path}")),
        Language::Java => {
            let store = ca.with_file_name("trust.p12").display().to_string();
            let quoted_store = quoted(&store);
            lines.push(format!("# {}", Text::EnvTrustStore));
            // A certificate that was made anew is newer than the store that holds the old one.
            lines.push(format!(
                "[ {quoted_store} -nt {path} ] || {{ rm -f {quoted_store}; keytool -importcert -noprompt -alias stagepost -file {path} -keystore {quoted_store} -storetype PKCS12 -storepass stagepost; }}"
            ));
            // The JVM splits at spaces outside of quotes.
            let options = format!(
                r#""-Djavax.net.ssl.trustStore={store}" -Djavax.net.ssl.trustStorePassword=stagepost"#
            );
            lines.push(format!("export JAVA_TOOL_OPTIONS={}", quoted(&options)));
        }
    }
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
    use super::quoted;

    #[test]
    fn values_are_one_word() {
        assert_eq!(quoted("https://127.0.0.1:8443"), "https://127.0.0.1:8443");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(quoted(""), "''");
    }
}
