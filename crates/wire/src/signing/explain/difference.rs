//! The first line in which two canonical requests differ.

/// The part of a request that a line of the canonical request holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The method.
    Method,
    /// The path.
    Path,
    /// The query.
    Query,
    /// A signed header, by its lower-case name.
    Header(String),
    /// The list of signed headers, or the empty line before it.
    SignedHeaders,
    /// The hash of the body.
    Body,
}

/// The first line that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Its number in both texts, from 1.
    pub line: usize,
    /// The part of the request that it holds.
    pub part: Part,
    /// The signer's line; empty if its text has fewer lines.
    pub signer: String,
    /// The server's line; empty if its text has fewer lines.
    pub server: String,
}

/// Compares two canonical requests line by line. The signer's may also be in the one-line form of the
/// gateway, with `|` for each line end. `None`: they are equal.
#[must_use]
pub fn difference(signer: &str, server: &str) -> Option<Difference> {
    let server_lines: Vec<&str> = server.split('\n').collect();
    let signer = signer.trim_end_matches(['\r', '\n']);
    let signer_lines: Vec<&str> = match signer.contains('\n') {
        true => signer.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).collect(),
        false => signer.split('|').collect(),
    };
    let line = |lines: &[&str], at: usize| lines.get(at).copied().unwrap_or_default().to_owned();
    let at = (0..server_lines.len().max(signer_lines.len()))
        .find(|at| server_lines.get(*at) != signer_lines.get(*at))?;
    let (signer, server) = (line(&signer_lines, at), line(&server_lines, at));
    Some(Difference { line: at + 1, part: part(at, server_lines.len(), &signer, &server), signer, server })
}

fn part(at: usize, length: usize, signer: &str, server: &str) -> Part {
    let name = |line: &str| line.split_once(':').map(|(name, _)| name.to_owned());
    match at {
        0 => Part::Method,
        1 => Part::Path,
        2 => Part::Query,
        // The last three: an empty line, the list, the hash.
        _ if at + 3 >= length && name(signer).is_none() => match at + 1 >= length {
            true => Part::Body,
            false => Part::SignedHeaders,
        },
        _ => name(server).or_else(|| name(signer)).map_or(Part::SignedHeaders, Part::Header),
    }
}

#[cfg(test)]
mod tests {
    use super::{Difference, Part, difference};

    const SERVER: &str = "GET\n/a/\nb=1\nhost:h\nx-sdk-date:d\n\nhost;x-sdk-date\nhash";

    fn against(from: &str, to: &str) -> (usize, Part) {
        let signer = SERVER.replacen(from, to, 1);
        let Difference { line, part, .. } = difference(&signer, SERVER).unwrap();
        let one_line = difference(&signer.replace('\n', "|"), SERVER).unwrap();
        assert_eq!((one_line.line, &one_line.part), (line, &part), "{from} {to}");
        (line, part)
    }

    #[test]
    fn every_part_is_named() {
        assert_eq!(difference(SERVER, SERVER), None);
        assert_eq!(difference(&format!("{}\r\n", SERVER.replace('\n', "\r\n")), SERVER), None);
        assert_eq!(against("GET", "HEAD"), (1, Part::Method));
        assert_eq!(against("/a/", "/A/"), (2, Part::Path));
        assert_eq!(against("b=1", ""), (3, Part::Query));
        assert_eq!(against("host:h", "host:i"), (4, Part::Header("host".into())));
        assert_eq!(against("x-sdk-date:d", "x-sdk-date:e"), (5, Part::Header("x-sdk-date".into())));
        assert_eq!(against("\nx-sdk-date:d", ""), (5, Part::Header("x-sdk-date".into())));
        assert_eq!(against("\n\nhost;", "\nx-z:1\n\nhost;"), (6, Part::Header("x-z".into())));
        assert_eq!(against("host;x", "a;host;x"), (7, Part::SignedHeaders));
        assert_eq!(against("hash", "other"), (8, Part::Body));
        let found = difference(&SERVER.replace("host:h", "host:i"), SERVER).unwrap();
        assert_eq!((found.signer.as_str(), found.server.as_str()), ("host:i", "host:h"));
    }
}
