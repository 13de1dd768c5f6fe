//! What is fuzzed: each takes any bytes, and panics where a rule is broken. Where bytes come from
//! outside today; forms of several parts and XML will follow with what reads them.

use actix_web::web::Query;
use almoner::exports::service::read_rows;
use almoner::kernel::fields::Fields;
use almoner::kernel::ids::{Id, of};
use almoner::kernel::money::{Currency, Money, MoneyText};
use almoner::kernel::page::PageQuery;
use almoner::kernel::split::pro_rata;
use almoner::kernel::text;
use almoner::kernel::time::{Date, Instant};
use almoner::paperwork::rules::Template;
use almoner::payees::model::AccountForm;
use almoner::payees::rules;
use almoner::platform::auth::jwt;
use almoner::platform::auth::keys::Keys;
use std::sync::OnceLock;

/// One of them: its name, and what it does.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const ALL: &[Target] = &[
    ("money", money),
    ("csv", csv),
    ("account", account),
    ("cursor", cursor),
    ("query", query),
    ("jwt", jwt),
    ("text", text),
    ("template", template),
];

fn words(data: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(data)
}

/// Amounts: what is read is written back as it was; a split loses nothing.
pub fn money(data: &[u8]) {
    let words = words(data);
    let (code, amount) = words.split_at_checked(3).unwrap_or(("USD", &words));
    let currencies = [code, "USD", "JPY", "KWD"].map(Currency::parse);
    for currency in currencies.into_iter().flatten() {
        let Ok(money) = Money::parse(amount, currency) else { continue };
        let again = Money::parse(&money.decimal(), currency).expect("what was written is read");
        assert_eq!(money, again);
        assert!(money.decimal() == amount || money.minor() == 0, "{amount}");
        let weights: Vec<i64> = data.iter().map(|b| i64::from(*b)).collect();
        if let Ok(parts) = pro_rata(money.minor(), &weights) {
            assert_eq!(parts.iter().sum::<i64>(), money.minor());
        }
    }
    if let Ok(form) = serde_json::from_slice::<MoneyText>(data) {
        let found = Fields::new().positive_money("", &form);
        assert!(found.is_none_or(|m| m.minor() > 0));
    }
}

/// Files of past grants: each row is read or refused.
pub fn csv(data: &[u8]) {
    for (line, row) in read_rows(data) {
        assert!(line >= 1);
        if let Ok(row) = row {
            assert!(row.amount.is_positive() && !row.external_id.is_empty());
            assert!(row.title.chars().count() <= 200 && row.programs.chars().count() <= 1000);
        }
    }
    // Behind good names, for otherwise no row is ever reached.
    const NAMES: &[u8] = b"id,title,recipient_organization,amount,currency,award_date,programs\n";
    if !data.starts_with(b"id,") {
        csv(&[NAMES, data].concat());
    }
}

/// Bank accounts: what is taken is spelled plainly, and never shown whole.
pub fn account(data: &[u8]) {
    let words = words(data);
    let (first, second) = words.split_once('\n').unwrap_or((&words, ""));
    let iban = |bic: Option<&str>| AccountForm::Iban {
        iban: first.to_owned(),
        bic: bic.map(str::to_owned),
    };
    let mut forms = vec![iban(None), iban(Some(second))];
    forms.extend(serde_json::from_slice::<AccountForm>(data).ok());
    let parts = serde_json::json!({
        "method": "us_bank", "routing": first, "account": second, "account_type": "checking",
    });
    forms.extend(serde_json::from_value::<AccountForm>(parts).ok());
    for form in forms {
        let mut fields = Fields::new();
        let Some(account) = rules::account(&mut fields, "/account", &form) else {
            fields.finish().expect_err("it says why");
            continue;
        };
        fields.finish().expect("what is taken has no fault");
        let (masked, spelling) = (account.masked(), account.spelling());
        let spelling = spelling.as_ref().map_or("", |s| s.as_str());
        assert!(!spelling.chars().any(char::is_control), "it is plain");
        assert!(spelling.len() < 12 || !masked.contains(spelling), "it is shown whole");
    }
    rules::country(&mut Fields::new(), "", &words);
}

/// Cursors: those that are taken are the ones that we write, letter for letter.
pub fn cursor(data: &[u8]) {
    let after = words(data).into_owned();
    let query = PageQuery { limit: Some(50), after: Some(after.clone()) };
    if query.checked::<of::Offer>().is_ok() {
        assert_eq!(after.len(), 22, "{after}");
        assert!(after.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
    }
}

/// Query strings, and what filters are made of.
pub fn query(data: &[u8]) {
    let words = words(data);
    let query = Query::<PageQuery>::from_query(&words);
    if let Ok(page) = query.map_err(drop).and_then(|q| q.checked::<of::Offer>().map_err(drop)) {
        assert!((1..=200).contains(&page.limit));
    }
    if let Ok(date) = words.parse::<Date>() {
        assert_eq!(date.to_string(), *words);
        assert!(date.plus_days(1) >= date && date.plus_months(1) >= date);
        let _ = (date.start(), date.days_since_epoch(), date.plus_days(i32::MIN));
    }
    if let Ok(instant) = words.parse::<Instant>() {
        assert_eq!(instant.to_string().parse::<Instant>().ok(), Some(instant));
        let _ = (instant.date(), instant.plus_seconds(i64::MAX), instant.just_after());
    }
    if let Ok(id) = words.parse::<Id<of::Offer>>() {
        assert_eq!(id.to_string().parse::<Id<of::Offer>>().ok(), Some(id));
    }
}

/// Access tokens: only what was signed is taken, unchanged.
pub fn jwt(data: &[u8]) {
    static KEYS: OnceLock<(Keys, String, Instant)> = OnceLock::new();
    let (keys, good, now) = KEYS.get_or_init(|| {
        let keys = Keys::ephemeral();
        let now: Instant = "2026-11-02T09:00:00Z".parse().expect("an instant");
        let uuid = "01a19b7c-a680-7035-80a7-6d853561f4e6".parse::<Id<of::Person>>().expect("an id");
        let grant = jwt::Grant {
            issuer: "almoner",
            person: uuid,
            session: Id::from_uuid(uuid.uuid()),
            id: uuid.uuid(),
            now,
            seconds: 900,
        };
        let token = jwt::issue(&keys, &grant).expect("it signs");
        (keys, token, now)
    });
    let sent = words(data);
    let refused = |token: &str| jwt::verify(keys, "almoner", token, *now).is_err();
    assert!(!refused(good));
    assert!(*sent == **good || refused(&sent), "{sent}");
    // A good one with something of it replaced.
    let [at, rest @ ..] = data else { return };
    let at = usize::from(*at) * good.len() / 256;
    let rest = words(rest);
    let spliced = format!("{}{rest}{}", &good[..at], good.get(at + rest.len()..).unwrap_or(""));
    assert!(spliced == *good || refused(&spliced), "{spliced}");
}

/// Text of people: what is taken has no control characters, and is no formula in a spreadsheet.
pub fn text(data: &[u8]) {
    let words = words(data);
    if let Ok(line) = text::line(&words, 1, 200) {
        assert!(!line.chars().any(char::is_control) && line.chars().count() <= 200);
        assert_eq!(text::line(&line, 1, 200).ok(), Some(line.clone()), "cleaned once is clean");
    }
    if let Ok(text) = text::paragraphs(&words, 1, 2000) {
        assert!(!text.contains('\0') && !text.contains('\r'));
    }
    if let Ok(email) = text::email(&words) {
        assert!(email.is_ascii() && email.matches('@').count() >= 1 && email.len() <= 254);
        assert!(!email.bytes().any(|b| b.is_ascii_control() || b == b' ' || b == b'<'));
    }
    let cell = text::csv_cell(&words);
    assert!(!cell.trim_start().starts_with(['=', '+', '-', '@']), "{cell}");
    assert!(!cell.chars().any(char::is_control));
}

/// Templates of agreements, as admins write them.
pub fn template(data: &[u8]) {
    let words = words(data);
    if Template::read(&words).is_ok() {
        assert!(!words.is_empty());
    }
}
