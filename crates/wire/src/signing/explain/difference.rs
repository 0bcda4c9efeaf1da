//! The first line in which two canonical requests differ.

/// Which part of a request a line of the canonical request is.
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
    /// What it is.
    pub part: Part,
    /// The signer's line; empty where its text has ended.
    pub signer: String,
    /// The server's line; empty where its text has ended.
    pub server: String,
}

/// Compares two canonical requests line by line. The signer's may also be in the one-line form of the gateway, `|` for each line
/// end. `None`: they are the same.
#[must_use]
pub fn difference(signer: &str, server: &str) -> Option<Difference> {
    let ours: Vec<&str> = server.split('\n').collect();
    let signer = signer.trim_end_matches(['\r', '\n']);
    let theirs: Vec<&str> = match signer.contains('\n') {
        true => signer.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).collect(),
        false => signer.split('|').collect(),
    };
    let line = |lines: &[&str], at: usize| lines.get(at).copied().unwrap_or_default().to_owned();
    let at = (0..ours.len().max(theirs.len())).find(|at| ours.get(*at) != theirs.get(*at))?;
    let (signer, server) = (line(&theirs, at), line(&ours, at));
    Some(Difference { line: at + 1, part: part(at, ours.len(), &signer, &server), signer, server })
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
