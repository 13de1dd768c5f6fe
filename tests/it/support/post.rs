//! The mail as people get it: what each has been sent, and where its links lead.

use super::web::{Client, PASSWORD, Web};
use mail_parser::MessageParser;
use serde_json::json;

/// One mail.
#[derive(Debug, Clone)]
pub struct Post {
    pub to: String,
    pub subject: String,
    pub text: String,
}

impl Post {
    /// Where its links lead: paths from `/` on, with what stands behind the `#`.
    pub fn links(&self, web: &Web) -> Vec<String> {
        let base = web.env().config.base_url().trim_end_matches('/').to_owned();
        let found = self.text.split_whitespace().filter_map(|word| {
            let path = word.strip_prefix(&base)?;
            path.starts_with('/').then(|| path.to_owned())
        });
        found.collect()
    }
    /// The path of its first link, and the token behind the `#`.
    #[track_caller]
    pub fn asks(&self, web: &Web) -> (String, String) {
        let all = self.links(web);
        let with = all.iter().find_map(|link| link.split_once("#token="));
        let (path, token) = with.unwrap_or_else(|| panic!("no token in {self:?}"));
        (path.to_owned(), token.to_owned())
    }
}

impl Web {
    /// Does what is due, and reads all mails, the oldest first.
    pub fn letters(&self) -> Vec<Post> {
        self.work();
        let folder = self.env().config.mail_folder();
        let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
        let mut paths: Vec<_> = files.map(|f| f.expect("a file").path()).collect();
        paths.sort();
        let read = |path| {
            let bytes = std::fs::read(path).expect("a mail");
            let mail = MessageParser::default().parse(&bytes).expect("a good mail");
            let to = mail.to().and_then(|t| t.first()).and_then(|a| a.address());
            Post {
                to: to.unwrap_or_default().to_owned(),
                subject: mail.subject().unwrap_or_default().to_owned(),
                text: mail.body_text(0).unwrap_or_default().replace("\r\n", "\n"),
            }
        };
        paths.into_iter().map(read).collect()
    }
    /// The newest mail to this address whose subject has these words.
    #[track_caller]
    pub fn mail(&self, to: &str, words: &str) -> Post {
        let all = self.letters();
        let mut theirs = all.iter().filter(|mail| mail.to == to);
        let found = theirs.clone().rev().find(|mail| mail.subject.contains(words)).cloned();
        found.unwrap_or_else(|| {
            let told: Vec<&str> = theirs.by_ref().map(|mail| mail.subject.as_str()).collect();
            panic!("no mail “{words}” to {to}, but {told:?}")
        })
    }
    /// Somebody who registers, confirms by the mailed link, and logs in; all over HTTP.
    pub fn newcomer(&self, email: &str, name: &str) -> Client {
        let nobody = self.anonymous();
        let form = json!({ "email": email, "name": name, "password": PASSWORD });
        nobody.post("/api/v1/auth/register", form).ok();
        let (page, token) = self.mail(email, "Confirm").asks(self);
        assert_eq!(page, "/confirm");
        let form = json!({ "token": token, "password": PASSWORD });
        nobody.post("/api/v1/auth/confirm", form).ok();
        let form = json!({ "email": email, "password": PASSWORD });
        let tokens = nobody.post("/api/v1/auth/login", form).ok();
        let mut who = self.holding(tokens["access_token"].as_str().expect("a token"));
        let me = who.get("/api/v1/me").ok();
        who.person = me["id"].as_str().and_then(|id| id.parse().ok());
        who.email = email.into();
        who
    }
    /// Every link of every mail so far leads to a page, whoever opens it.
    #[track_caller]
    pub fn every_link_leads_to_a_page(&self) {
        let nobody = self.anonymous();
        for mail in self.letters() {
            for link in mail.links(self) {
                let page = nobody.get(link.split('#').next().unwrap_or_default());
                let kind = page.header("content-type").unwrap_or_default();
                let answer = (page.status, kind.starts_with("text/html"));
                assert_eq!(answer, (200, true), "{link} in “{}”", mail.subject);
            }
        }
    }
}
