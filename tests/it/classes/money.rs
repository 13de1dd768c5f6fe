//! Money that is lost, made or spent twice.

use super::amounts::none_is_taken;
use super::wider::{filled, patient};
use crate::access::world::{World, world};
use crate::payees::count;
use crate::support::Harness;
use crate::support::desk::{threads, usd};
use crate::support::field::{Field, minor};
use crate::support::payday::{planned, us_payee, verified_payee};
use crate::support::web::{Client, Web, new_key};
use almoner::kernel::actor::Role;
use serde_json::{Value, json};

/// What turns into SQL where it is pasted into it.
const HOSTILE: &[&str] =
    &["%27%20OR%201%3D1--", "%22%3BDROP%20TABLE%20people%3B--", "%25", "_", "%5C", "1)%20OR%20(1"];

/// Addresses of lists with a parameter that is text, made from the API document; those below
/// objects with the objects of this world.
fn asked(world: &World) -> Vec<(String, String)> {
    let text = almoner::web::openapi().to_json().expect("it serialises");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let mut asked = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for parameter in item["get"]["parameters"].as_array().into_iter().flatten() {
            let path = filled(world, path).filter(|_| parameter["in"] == "query");
            let name = parameter["name"].as_str().expect("a name");
            asked.extend(path.map(|path| (path, name.to_owned())));
        }
    }
    asked
}

fn sees_all(web: &Web) -> Client {
    let roles = [Role::Admin, Role::Finance, Role::Auditor, Role::Regrantor];
    web.with_roles("Alma All", &roles)
}

/// Announces a contribution, so that there is one to find; the application that it is for.
pub fn announced(web: &Web, field: &mut Field<'_>) -> String {
    let fund = field.desk.fund_with("Open Optics", json!({}));
    let admin = &field.desk.admin;
    let call = json!({ "title": "Optics", "kind": "rolling", "fund_ids": [fund] });
    let call = admin.post("/api/v1/calls", call).id();
    admin.command(&format!("/api/v1/calls/{call}/open")).ok();
    let before = std::mem::replace(&mut field.call, call);
    let application = field.applies(&web.person("Gita"), "1.00", "10.00");
    field.call = before;
    let path = format!("/api/v1/public/applications/{application}/announcements");
    let form = json!({ "amount": usd("5.00"), "email": "gil@example.org" });
    web.anonymous().post(&path, form).ok();
    application
}

both! {
    fn a_lock_on_a_row_that_does_not_exist(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let desk = &field.desk;
        for round in 0..4 {
            // The first allocation to two budgets that never had any, of a fund's first money.
            let fund = desk.fund(&format!("Fund {round}"));
            desk.give(&fund, "100.00").ok();
            let reg = web.with_role("Reg", Role::Regrantor);
            let budgets = [desk.budget(&fund, &reg), desk.budget(&fund, &reg)];
            let given = threads(6, |n| desk.allocate(&budgets[n % 2], "60.00").status);
            assert_eq!(given.iter().filter(|s| **s < 300).count(), 1, "{given:?}");
            assert!(given.iter().all(|s| *s < 300 || *s == 409), "{given:?}");
            // The first offers of a budget, on applications that nobody has offered to.
            let backer = field.backer("100.00");
            let open: Vec<String> =
                (0..3).map(|_| field.application("1.00", "100.00")).collect();
            let placed = threads(6, |n| backer.offer(&open[n % 3], "60.00").status);
            assert_eq!(placed.iter().filter(|s| **s == 201).count(), 1, "{placed:?}");
            assert!(placed.iter().all(|s| [201, 409].contains(s)), "{placed:?}");
            assert_eq!(field.available(&backer), "40.00");
        }
        field.sound();
    }

    fn the_hash_chain_broken_by_unicode(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let names = [
            "Zoe\u{308} A\u{30A}ngstro\u{308}m", "李小龍", "محمد بن راشد", "👩🏽‍🔬", "ﬁ ² Ⅷ",
            "e\u{301}\u{323}", "\u{1F3F4}\u{E0067}\u{E0062}\u{E007F}", "ß\u{200D}İı", "\u{FFFD}",
        ];
        for (n, name) in names.iter().enumerate() {
            let fund = payday.field.desk.fund(&format!("{name} {n}"));
            let gift = json!({ "funder_name": name, "reference": format!("of {name}"),
                "amount": usd("5.00"), "received_on": "2026-11-02" });
            payday.fia.post(&format!("/api/v1/funds/{fund}/contributions"), gift).ok();
            // Sealed one by one, so that a link of the chain follows on each of them.
            t.clock.advance_seconds(31);
            web.work();
        }
        let entries = payday.fia.get("/api/v1/ledger/entries?limit=200").ok();
        let memos = entries["items"].to_string();
        assert!(memos.contains("Zoë Ångström") && memos.contains("👩🏽‍🔬"), "{memos}");
        payday.check();
        assert_eq!(count(&web, "SELECT COUNT(*) FROM ledger_unsealed"), 0);
        assert!(count(&web, "SELECT COUNT(*) FROM ledger_seals") >= 9);
    }

    fn an_idempotency_key_reused_across_people_or_within_one_batch(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let (one, two) = (payday.field.backer("10.00"), payday.field.backer("10.00"));
        let application = payday.field.application("1.00", "100.00");
        let path = format!("/api/v1/applications/{application}/offers");
        let (key, none) = (new_key(), json!({}));
        let first = one.who.post_key(&path, &key, one.form("4.00", none.clone())).id();
        let second = two.who.post_key(&path, &key, two.form("5.00", none.clone())).id();
        assert_ne!(first, second, "another person's key is another key");
        let again = one.who.post_key(&path, &key, one.form("4.00", none.clone()));
        assert_eq!(again.id(), first);
        // Another amount, another address, another order of the same fields.
        one.who.post_key(&path, &key, one.form("4.01", none.clone())).refused(422, "key_reused");
        let withdraw = format!("/api/v1/offers/{first}/withdraw");
        one.who.post_key(&withdraw, &key, none).refused(422, "key_reused");
        assert_eq!(payday.field.offer(&first)["status"], "placed");
        assert_eq!(payday.field.part(&one, "reserved"), "4.00");
        // Within one batch, one payment counts once.
        let grant = payday.grant(&["1.00", "2.00"]);
        let ids = [1, 2].map(|n| payday.payment(&grant, n, &["approve"]));
        payday.batch(&[&ids[0], &ids[1], &ids[0]]).wrong_fields(&["/disbursement_ids"]);
        let key = new_key();
        let form = json!({ "bank_account_id": payday.bank, "disbursement_ids": [ids[0]] });
        let other = json!({ "bank_account_id": payday.bank, "disbursement_ids": [ids[1]] });
        let batches = "/api/v1/payment-batches";
        let made = payday.fia.post_key(batches, &key, form.clone()).id();
        assert_eq!(payday.fia.post_key(batches, &key, form).id(), made);
        payday.fia.post_key(batches, &key, other).refused(422, "key_reused");
        assert_eq!(payday.books()[1], 100);
        payday.check();
    }

    fn filters_that_became_sql(t: &Harness) {
        let mut config = patient(t);
        config.publishing.how_to_pay = "To the account.".into();
        let web = t.serve_with(config);
        let mut field = web.field();
        announced(&web, &mut field);
        let backer = field.backer("10.00");
        backer.offer(&field.application("1.00", "10.00"), "5.00").ok();
        let world = world(&web);
        let who = sees_all(&web);
        who.get("/api/v1/me").ok();
        let people = count(&web, "SELECT COUNT(*) FROM people");
        let asked = asked(&world);
        let below = asked.iter().filter(|(path, _)| path.split('/').count() > 5).count();
        assert!(below > 20, "{below} filters of lists below objects");
        for (path, name) in asked {
            let all = who.get(&path);
            // What is not theirs at all is refused whatever is asked.
            let hidden = [403, 404].contains(&all.status);
            let all = if all.status == 200 && !path.ends_with("export") {
                all.json()["items"].as_array().map_or(0, Vec::len)
            } else {
                usize::MAX
            };
            for hostile in HOSTILE {
                let reply = who.get(&format!("{path}?{name}={hostile}"));
                let refused = [400, 422].contains(&reply.status);
                let text = reply.text();
                let fits = refused || reply.status == 200 || (hidden && reply.status < 500);
                assert!(fits, "{path}?{name}={hostile}: {text}");
                if reply.status == 200 && !path.ends_with("export") {
                    let found = reply.json()["items"].as_array().map_or(0, Vec::len);
                    let fewer = found < all || [0, usize::MAX].contains(&all);
                    assert!(fewer, "{path}?{name}={hostile} found all");
                }
                assert!(!text.to_lowercase().contains("syntax"), "{text}");
            }
        }
        assert_eq!(count(&web, "SELECT COUNT(*) FROM people"), people);
    }

    fn negative_amounts_self_transfers_too_many_decimals(t: &Harness) {
        let web = t.serve_with(patient(t));
        let payday = web.payday();
        none_is_taken(&web, &payday);
        let field = &payday.field;
        let (desk, backer) = (&field.desk, &payday.backer);
        // To oneself: as regrantor, and as who drafts.
        let own = field.applies(&backer.who, "1.00", "10.00");
        backer.offer(&own, "5.00").refused(403, "conflict_of_interest");
        let fin = web.with_role("Fin", Role::Finance);
        let payee = verified_payee(desk, &fin, us_payee("5550009", json!({})));
        let paid = payday.awarded(&fin, planned(&[("9.00", "on_activation")]), &[]);
        payday.activate(&fin, &payee, &paid);
        payday.draft_as(&fin, &paid, 1, false).refused(403, "two_persons");
        payday.check();
    }

    fn double_refunds_and_double_mark_as_paid(t: &Harness) {
        let web = t.serve();
        let payday = web.payday();
        let grant = payday.grant(&["50.00", "7.00"]);
        let [first, second] = [1, 2].map(|n| payday.payment(&grant, n, &["approve", "batch"]));
        let marked = threads(6, |_| payday.settle(&first).status);
        assert_eq!(marked.iter().filter(|s| **s < 300).count(), 1, "{marked:?}");
        payday.settle(&first).refused(409, "wrong_state");
        let back = threads(6, |_| payday.give_back(&second).status);
        assert_eq!(back.iter().filter(|s| **s < 300).count(), 1, "{back:?}");
        payday.give_back(&second).refused(409, "wrong_state");
        assert_eq!(payday.books()[1..3], [0, 700]);
        let path = format!("/api/v1/grants/{grant}/refunds");
        let form = |amount: &str, reference: &str| {
            json!({ "amount": usd(amount), "received_on": "2026-11-02", "reference": reference })
        };
        // Two of finance read the same statement: the same money is recorded once.
        let both = threads(4, |n| {
            let who = if n % 2 == 0 { &payday.fia } else { &payday.fay };
            who.post(&path, form("20.00", "TRN 1")).status
        });
        assert_eq!(both.iter().filter(|s| **s < 300).count(), 1, "{both:?}");
        payday.fay.post(&path, form("20.00", " TRN 1 ")).refused(409, "already_exists");
        payday.fay.post(&path, form("20.00", "TRN 2")).ok();
        payday.fia.post(&path, form("10.01", "TRN 3")).refused(409, "limit_reached");
        payday.fia.post(&path, form("10.00", "TRN 3")).ok();
        payday.check();
    }

    fn commit_above_the_reservation(t: &Harness) {
        let web = t.serve();
        let field = web.field();
        let backer = field.backer("100.00");
        let plan = |amounts: &[&str]| {
            let one = |a: &&str| json!({ "amount": usd(a), "release_condition": "on_report" });
            json!({ "tranches": amounts.iter().map(one).collect::<Vec<_>>() })
        };
        let application = field.application("1.00", "100.00");
        backer.offer(&application, "60.00").ok();
        for amounts in [&["60.01"][..], &["60.00", "0.01"], &["59.99"], &["61.00", "-1.00"]] {
            let reply = field.award(&application, plan(amounts));
            assert_eq!(reply.status, 422, "{}", reply.text());
        }
        assert_eq!(field.part(&backer, "reserved"), "60.00");
        field.award(&application, plan(&["40.00", "20.00"])).ok();
        let parts = ["available", "reserved", "committed"].map(|p| field.part(&backer, p));
        assert_eq!(parts, ["40.00", "0.00", "60.00"]);
        // What is withdrawn at the moment of the award is either in it or not.
        let racing = field.application("1.00", "40.00");
        let offers = ["10.00", "15.00"].map(|amount| backer.offer(&racing, amount).id());
        threads(2, |n| match n {
            0 => field.award(&racing, json!({})).status,
            _ => backer.who.command(&format!("/api/v1/offers/{}/withdraw", offers[0])).status,
        });
        let held: i64 = ["available", "reserved", "committed"].iter()
            .map(|part| minor(&usd(&field.part(&backer, part)))).sum();
        assert_eq!(held, 10_000);
        web.work();
        field.sound();
    }
}
