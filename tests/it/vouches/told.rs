//! What the applicant hears of vouches, and who may answer a question for one.

use super::*;
use crate::decisions::mails;

/// The token in the newest mail to an address.
pub fn token(web: &crate::support::web::Web, address: &str) -> String {
    web.work();
    let folder = web.env().config.mail_folder();
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).expect("mails").map(|f| f.expect("a file").path()).collect();
    paths.sort();
    let found = paths.into_iter().rev().find_map(|path| {
        let bytes = std::fs::read(path).expect("a mail");
        let mail = mail_parser::MessageParser::default().parse(&bytes).expect("a mail");
        let to = mail.to().and_then(|t| t.first()).and_then(|a| a.address()) == Some(address);
        let text = mail.body_text(0).expect("a text").into_owned();
        let (_, rest) = text.split_once("#token=").filter(|_| to)?;
        Some(rest.split_whitespace().next().expect("a token").to_owned())
    });
    found.expect("a mail with a token")
}

both! {
    fn the_applicant_hears_and_not_what_is_private(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, vera, sam) = (web.person("Rea"), web.person("Vera"), web.person("Sam"));
        let id = field.applies(&rea, "1.00", "100.00");
        let request = ask(&rea, &id, &vera.email).id();
        let path = format!("/api/v1/vouch-requests/{request}/sign");
        let vouch = vera.post(&path, form(json!({ "statement": "Canary of the kiln" }))).id();
        let told = mails(&web, &rea, "Vera vouches for you: A better lens");
        assert_eq!(told.len(), 1);
        assert!(told[0].contains("It is private") && !told[0].contains("Canary"), "{}", told[0]);
        insta::assert_snapshot!("vouched", told[0].replace(&web.url, "URL").replace(&id, "ID"));
        let why = json!({ "reason": "Canary of the marsh" });
        vera.post(&format!("/api/v1/vouches/{vouch}/withdraw"), why.clone()).ok();
        let told = mails(&web, &rea, "Vera has taken a vouch back");
        assert_eq!(told.len(), 1);
        assert!(!told[0].contains("Canary"), "{}", told[0]);
        // What is public is told with its words; of what nobody asked for in private, nothing.
        let made = sign(&sam, &id, json!({ "visibility": "public", "statement": "She can." }));
        assert!(mails(&web, &rea, "Sam vouches for you")[0].contains("She can."));
        sam.post(&format!("/api/v1/vouches/{}/withdraw", made.id()), why).ok();
        assert!(mails(&web, &rea, "Sam has taken a vouch back")[0].contains("the marsh"));
        sign(&sam, &id, json!({})).ok();
        assert_eq!(mails(&web, &rea, "Sam vouches for you").len(), 1);
    }

    fn the_mailed_token_answers_from_another_address(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, vera, sam) = (web.person("Rea"), web.person("Vera"), web.person("Sam"));
        let id = private(&field, &rea);
        let request = ask(&rea, &id, "vera@work.example").id();
        let path = format!("/api/v1/vouch-requests/{request}");
        let token = token(&web, "vera@work.example");
        vera.post(&format!("{path}/sign"), form(json!({}))).refused(404, "not_found");
        for wrong in ["", "alm_", &token[..token.len() - 1], &format!("{token}A")] {
            let body = form(json!({ "token": wrong }));
            vera.post(&format!("{path}/sign"), body).refused(404, "not_found");
        }
        let body = form(json!({ "token": token }));
        rea.post(&format!("{path}/sign"), body.clone()).refused(403, "two_persons");
        let other = field.applies(&rea, "1.00", "9.00");
        sign(&vera, &other, json!({ "token": token })).wrong_fields(&["/token"]);
        assert_eq!(vera.post(&format!("{path}/sign"), body.clone()).ok()["requested"], true);
        // Once: then it is nobody's.
        sam.post(&format!("{path}/sign"), body).refused(404, "not_found");
        let second = ask(&rea, &id, "olga@work.example").id();
        let path = format!("/api/v1/vouch-requests/{second}/decline");
        let olga = self::token(&web, "olga@work.example");
        sam.post(&path, json!({ "token": token })).refused(404, "not_found");
        assert_eq!(sam.post(&path, json!({ "token": olga })).ok()["status"], "declined");
        let told = mails(&web, &rea, "Vera does not vouch");
        assert_eq!(told.len(), 1);
        assert!(told[0].contains("olga@work.example") && !told[0].contains("Sam"), "{}", told[0]);
    }
    fn the_mailed_token_tells_what_it_asks_until_that_is_over(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let (rea, sam, nobody) = (web.person("Rea"), web.person("Sam"), web.anonymous());
        let asks = |token: &str| {
            nobody.post("/api/v1/invitations/preview", json!({ "token": token }))
        };
        let [id, over] = [(); 2].map(|()| private(&field, &rea));
        let request = ask(&rea, &id, "vera@work.example").id();
        let first = token(&web, "vera@work.example");
        let told = asks(&first).ok();
        assert_eq!((&told["object"], &told["id"]), (&json!("vouch_request"), &json!(request)));
        assert_eq!((&told["from"], &told["title"]), (&json!("Rea"), &json!("A better lens")));
        assert_eq!(told["says"], "To see further.\n\nPlease.");
        let text = told.to_string();
        assert!(text.contains("asks you to vouch") && !text.contains('@'), "{text}");
        // The link that another mail took the place of asks nothing, nor does what was answered.
        t.clock.advance_seconds(86_400);
        ask(&rea, &id, "vera@work.example").ok();
        let second = token(&web, "vera@work.example");
        asks(&first).refused(401, "token_refused");
        asks(&second).ok();
        let no = format!("/api/v1/vouch-requests/{request}/decline");
        sam.post(&no, json!({ "token": second })).ok();
        asks(&second).refused(401, "token_refused");
        ask(&rea, &over, "olga@work.example").ok();
        let olga = token(&web, "olga@work.example");
        asks(&olga).ok();
        rea.command(&format!("/api/v1/applications/{over}/withdraw")).ok();
        asks(&olga).refused(401, "token_refused");
    }
}
