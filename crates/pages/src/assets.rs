//! Style sheets, scripts and icons in the binary. Their addresses contain a hash of the content, so that
//! browsers can cache them forever.

use crate::icons;
use domain::model::status::Status;
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;

/// A file of the pages.
#[derive(Debug)]
pub struct Asset {
    /// The path: `/assets/app.0123456789ab.css`.
    pub address: String,
    /// The media type.
    pub content_type: &'static str,
    /// The content.
    pub text: String,
    name: String,
}

/// The path of the files, below that of the server.
const FOLDER: &str = "/assets/";

/// Names and contents. A script imports files that are listed before it as `"./name.js"`.
const FILES: &[(&str, &str)] = &[
    ("app.css", include_str!("../assets/app.css")),
    ("pipeline.css", include_str!("../assets/pipeline.css")),
    ("runs.css", include_str!("../assets/runs.css")),
    ("health.css", include_str!("../assets/health.css")),
    ("app.js", include_str!("../assets/app.js")),
    ("copy.js", include_str!("../assets/copy.js")),
    ("keys.js", include_str!("../assets/keys.js")),
    ("palette.js", include_str!("../assets/palette.js")),
    ("morph.js", include_str!("../assets/morph.js")),
    ("stream.js", include_str!("../assets/stream.js")),
    ("connect.js", include_str!("../assets/connect.js")),
    ("live.js", include_str!("../assets/live.js")),
    ("grid.js", include_str!("../assets/grid.js")),
    ("wall.js", include_str!("../assets/wall.js")),
    ("favicon.svg", include_str!("../assets/favicon.svg")),
    ("explorer.css", include_str!("../assets/explorer/explorer.css")),
    ("members.js", include_str!("../assets/explorer/members.js")),
    ("schema.js", include_str!("../assets/explorer/schema.js")),
    ("request.js", include_str!("../assets/explorer/request.js")),
    ("quote.js", include_str!("../assets/explorer/quote.js")),
    ("sdk.js", include_str!("../assets/explorer/sdk.js")),
    ("java.js", include_str!("../assets/explorer/java.js")),
    ("python.js", include_str!("../assets/explorer/python.js")),
    ("go.js", include_str!("../assets/explorer/go.js")),
    ("node.js", include_str!("../assets/explorer/node.js")),
    ("csharp.js", include_str!("../assets/explorer/csharp.js")),
    ("php.js", include_str!("../assets/explorer/php.js")),
    ("curl.js", include_str!("../assets/explorer/curl.js")),
    ("curl_signed.js", include_str!("../assets/explorer/curl_signed.js")),
    ("cli.js", include_str!("../assets/explorer/cli.js")),
    ("signing.js", include_str!("../assets/explorer/signing.js")),
    ("capture.js", include_str!("../assets/explorer/capture.js")),
    ("token.js", include_str!("../assets/explorer/token.js")),
    ("explain.js", include_str!("../assets/explorer/explain.js")),
    ("times.js", include_str!("../assets/explorer/times.js")),
    ("environment.js", include_str!("../assets/explorer/environment.js")),
    ("panes.js", include_str!("../assets/explorer/panes.js")),
    ("call.js", include_str!("../assets/explorer/call.js")),
    ("typed.js", include_str!("../assets/explorer/typed.js")),
    ("body.js", include_str!("../assets/explorer/body.js")),
    ("explorer.js", include_str!("../assets/explorer/explorer.js")),
    ("explorer_list.js", include_str!("../assets/explorer/explorer_list.js")),
];

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let icons = Status::ALL.map(|status| (format!("{}.svg", status.as_str()), icons::favicon(status)));
    let files = FILES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    files.chain(icons).fold(Vec::new(), |mut assets, (name, text)| {
        assets.push(asset(&assets, name, text));
        assets
    })
});

/// A file with the imports of earlier files replaced by their names with the hash, which browsers find in the same
/// folder.
fn asset(earlier: &[Asset], name: String, mut text: String) -> Asset {
    let (stem, ext) = name.rsplit_once('.').unwrap_or((&name, ""));
    if ext == "js" {
        for other in earlier {
            let address = other.address.replace(FOLDER, "./");
            text = text.replace(&format!("\"./{}\"", other.name), &format!("\"{address}\""));
        }
    }
    let hash: String = Sha256::digest(text.as_bytes()).iter().take(6).map(|b| format!("{b:02x}")).collect();
    let content_type = match ext {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        _ => "image/svg+xml",
    };
    Asset { address: format!("{FOLDER}{stem}.{hash}.{ext}"), content_type, text, name }
}

/// All files.
pub fn all() -> &'static [Asset] {
    &ASSETS
}

/// The address of a file by its name; `/assets/none`, which does not exist, for an unknown name.
pub fn address(name: &str) -> &'static str {
    ASSETS.iter().find(|asset| asset.name == name).map_or("/assets/none", |asset| &asset.address)
}

/// The address of the favicon of a status.
pub fn favicon(status: Status) -> &'static str {
    address(&format!("{}.svg", status.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_depend_on_the_content() {
        let one = asset(&[], "a.js".into(), "1".into());
        assert_ne!(one.address, asset(&[], "a.js".into(), "2".into()).address);
        let two = asset(&[one], "b.js".into(), "import \"./a.js\";".into());
        assert!(two.text.starts_with("import \"./a.") && two.text.ends_with(".js\";"), "{}", two.text);
        for name in ["app.css", "app.js", "favicon.svg", "timedout.svg"] {
            assert_ne!(address(name), "/assets/none", "{name}");
        }
        assert_eq!(address("none.css"), "/assets/none");
    }
}
