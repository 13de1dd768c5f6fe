//! Which e-mail domains say that two people belong to one organisation.

/// Providers at which anybody has an address, and names that are nobody's (RFC 2606).
const NOBODYS: &[&str] = &[
    "126.com",
    "163.com",
    "aol.com",
    "duck.com",
    "example.com",
    "example.net",
    "example.org",
    "fastmail.com",
    "free.fr",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.de",
    "hotmail.fr",
    "icloud.com",
    "laposte.net",
    "libero.it",
    "live.com",
    "mac.com",
    "mail.com",
    "mail.ru",
    "mailbox.org",
    "me.com",
    "msn.com",
    "naver.com",
    "orange.fr",
    "outlook.com",
    "outlook.de",
    "pm.me",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "riseup.net",
    "rocketmail.com",
    "seznam.cz",
    "t-online.de",
    "tuta.com",
    "tutanota.com",
    "web.de",
    "wp.pl",
    "yahoo.co.jp",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.de",
    "yahoo.fr",
    "yandex.com",
    "yandex.ru",
    "ymail.com",
    "zoho.com",
];
/// Ends of names that are nobody's (RFC 2606).
const RESERVED: &[&str] = &["example", "invalid", "localhost", "test"];

/// The domain of an address in its stored form, if it says where somebody belongs.
pub fn of(email: &str) -> Option<&str> {
    let (_, domain) = email.rsplit_once('@')?;
    let last = domain.rsplit('.').next()?;
    let nobodys = NOBODYS.binary_search(&domain).is_ok() || RESERVED.contains(&last);
    (!nobodys).then_some(domain)
}

/// Whether two addresses are of one organisation: their domains are the same, or one lies below
/// the other.
pub fn shared(one: &str, other: &str) -> bool {
    let (Some(a), Some(b)) = (of(one), of(other)) else { return false };
    let below = |a: &str, b: &str| a.strip_suffix(b).is_some_and(|rest| rest.ends_with('.'));
    a == b || below(a, b) || below(b, a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_organisation_by_its_domains() {
        assert!(NOBODYS.is_sorted());
        assert!(shared("a@uni.edu", "b@uni.edu") && shared("a@cs.uni.edu", "b@uni.edu"));
        assert!(shared("a@uni.edu", "b@lab.cs.uni.edu"));
        for (one, other) in [
            ("a@uni.edu", "b@myuni.edu"),
            ("a@cs.uni.edu", "b@bio.uni.edu"),
            ("a@gmail.com", "b@gmail.com"),
            ("a@example.org", "b@example.org"),
            ("a@work.example", "b@work.example"),
            ("a@uni.edu", "nobody"),
        ] {
            assert!(!shared(one, other) && !shared(other, one), "{one} {other}");
        }
    }
}
