//! The address of a database, read in one place:
//! `scheme://user:password@host:port,host:port/name?key=value&key=value`.

use zeroize::Zeroizing;

/// What is said in place of an address that is not clear.
pub const UNCLEAR: &str =
    "the address cannot be read: percent-encode what its password has of @ / : ? # %";

/// An address in its parts, as they are written.
struct Parts<'a> {
    scheme: &'a str,
    /// All that stands behind the scheme.
    rest: &'a str,
    /// The user, and perhaps a password.
    user: Option<&'a str>,
    /// Hosts, each perhaps with a port.
    hosts: &'a str,
    /// What stands behind the first `/`, if there is one.
    path: Option<&'a str>,
    query: &'a str,
}

impl<'a> Parts<'a> {
    /// Nothing where there is no scheme.
    fn of(url: &'a str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let (main, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = match main.split_once('/') {
            Some((authority, path)) => (authority, Some(path)),
            None => (main, None),
        };
        let (user, hosts) = match authority.rsplit_once('@') {
            Some((user, hosts)) => (Some(user), hosts),
            None => (None, authority),
        };
        Some(Self { scheme, rest, user, hosts, path, query })
    }

    fn is_clear(&self) -> bool {
        let mut pairs = self.query.split('&').filter(|pair| !pair.is_empty());
        self.user.is_none_or(|user| !user.contains('@'))
            && self.path.is_none_or(|path| !path.contains('@'))
            && self.hosts.split(',').all(has_port)
            && pairs.all(|pair| pair.contains('='))
            && (self.path.is_some() || !self.query.contains('@'))
            && is_encoded(self.rest)
    }
}

/// Whether what stands behind a host, if anything does, is a port.
fn has_port(host: &str) -> bool {
    let bare = host.rsplit_once(']').map_or(host, |(_, rest)| rest);
    bare.split_once(':').is_none_or(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether each `%` begins a percent-encoded byte.
fn is_encoded(text: &str) -> bool {
    let byte = |t: &str| t.len() >= 2 && t.bytes().take(2).all(|b| b.is_ascii_hexdigit());
    text.split('%').skip(1).all(byte)
}

/// Whether an address of PostgreSQL falls into the same parts for everybody. Where a password holds
/// what stands between parts, libpq takes pieces of it for a host or a port, and prints them.
pub fn is_clear(url: &str) -> bool {
    let parts = Parts::of(url).filter(|p| ["postgres", "postgresql"].contains(&p.scheme));
    parts.is_none_or(|parts| parts.is_clear())
}

/// What begins the parameter of an address that is a password.
const PASSWORD: &str = "password=";

/// Each place for a password that an address has, the one behind the user and those as
/// `?password=`, in their order; percent-encoded as they are, and empty where nothing stands there.
fn places<'a>(parts: &Parts<'a>) -> Vec<&'a str> {
    let in_user = parts.user.and_then(|u| u.split_once(':')).map(|(_, password)| password);
    let in_query = parts.query.split('&').filter_map(|p| p.strip_prefix(PASSWORD));
    in_user.into_iter().chain(in_query).collect()
}

/// All passwords in an address, percent-encoded as they are: each is a secret, whichever counts.
pub(super) fn passwords_of(url: &str) -> Vec<&str> {
    let mut found = Parts::of(url).map(|parts| places(&parts)).unwrap_or_default();
    found.retain(|password| !password.is_empty());
    found
}

/// The address without its passwords, and in plain the one that counts: the last, as for libpq,
/// which takes an empty one for none.
pub fn split_password(url: &str) -> (String, Option<Zeroizing<String>>) {
    let Some(parts) = Parts::of(url) else { return (url.to_owned(), None) };
    let mut bare = format!("{}://", parts.scheme);
    if let Some(user) = parts.user {
        bare.push_str(user.split_once(':').map_or(user, |(name, _)| name));
        bare.push('@');
    }
    bare.push_str(parts.hosts);
    if let Some(path) = parts.path {
        bare.push('/');
        bare.push_str(path);
    }
    let pairs = parts.query.split('&').filter(|p| !p.is_empty() && !p.starts_with(PASSWORD));
    for (number, pair) in pairs.enumerate() {
        bare.push(if number == 0 { '?' } else { '&' });
        bare.push_str(pair);
    }
    let last = places(&parts).pop().filter(|password| !password.is_empty());
    (bare, last.map(|password| Zeroizing::new(decoded(password))))
}

/// All hosts that an address names, before its path or in its query. One that begins with `/` is a
/// socket in a folder.
pub(super) fn hosts_of(url: &str) -> Vec<String> {
    let Some(parts) = Parts::of(url) else { return Vec::new() };
    let bare = |host: &str| match host.strip_prefix('[') {
        Some(inner) => decoded(inner.split(']').next().unwrap_or(inner)),
        None => decoded(host.split(':').next().unwrap_or(host)),
    };
    let mut found: Vec<String> = parts.hosts.split(',').map(bare).collect();
    for pair in parts.query.split('&') {
        let named = pair.strip_prefix("host=").or_else(|| pair.strip_prefix("hostaddr="));
        if let Some(named) = named {
            found.extend(decoded(named).split(',').map(str::to_owned));
        }
    }
    found
}

/// Without its percent-encoding.
pub(super) fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// What is said in place of a text that a short password stands in, or a word that looks like it:
/// to take that out would tell the password.
const WITHHELD: &str = "what PostgreSQL says of it is not shown: a part of it reads as the \
                            password, which has fewer than 8 characters";

/// A text of libpq without the passwords of this address, as they are written in it, and in plain.
/// Nothing of it where it tells what of the address could not be read, or a password is short.
pub fn without_password(text: &str, url: &str) -> String {
    if !is_clear(url) || ["URI", "percent-encoded"].iter().any(|word| text.contains(word)) {
        return UNCLEAR.to_owned();
    }
    let mut secrets: Vec<String> = Vec::new();
    for password in passwords_of(url) {
        let plain = decoded(password);
        if plain.chars().count() < 8 && (text.contains(password) || text.contains(&plain)) {
            return WITHHELD.to_owned();
        }
        secrets.extend([plain, password.to_owned()]);
    }
    without(text, &secrets)
}

/// A text with `(password)` in the place of each of these, in one pass, so that nothing of ours is
/// taken for one of them; where several begin at one place, of the longest.
fn without(text: &str, secrets: &[String]) -> String {
    let (mut masked, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(next) = rest.chars().next() {
        let here = secrets.iter().filter(|secret| rest.starts_with(secret.as_str()));
        let length = match here.map(String::len).max() {
            Some(length) => {
                masked.push_str("(password)");
                length
            }
            None => {
                masked.push(next);
                next.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_leaves_the_address() {
        for (url, bare, password) in [
            (
                "postgres://ada:p%40ss%3A@db:5432/x?a=b",
                "postgres://ada@db:5432/x?a=b",
                Some("p@ss:"),
            ),
            ("postgres://ada@db/x", "postgres://ada@db/x", None),
            ("postgres:///x?host=/tmp", "postgres:///x?host=/tmp", None),
            ("postgres://db/x?user=a@b:c", "postgres://db/x?user=a@b:c", None),
            ("postgres://db/x?password=p%26s", "postgres://db/x", Some("p&s")),
            (
                "postgres://ada@db/x?user=b&password=s&sslmode=disable",
                "postgres://ada@db/x?user=b&sslmode=disable",
                Some("s"),
            ),
            // libpq takes the one that comes last.
            ("postgres://ada:one@db/x?password=two", "postgres://ada@db/x", Some("two")),
            ("postgres://db/x?password=one&a=b&password=two", "postgres://db/x?a=b", Some("two")),
            ("postgres://ada:one@db/x?password=", "postgres://ada@db/x", None),
            ("sqlite:///a:b@c", "sqlite:///a:b@c", None),
        ] {
            let (found, secret) = split_password(url);
            assert_eq!((found.as_str(), secret.as_ref().map(|s| s.as_str())), (bare, password));
        }
    }
}
