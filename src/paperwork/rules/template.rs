//! Reading a template strictly, and rendering it.

use super::words::{inline, quoted};
use crate::kernel::money::Money;
use crate::paperwork::model::AgreementFacts;
use crate::text_enum;

text_enum! {
    /// A placeholder.
    pub enum Slot {
        /// Id of the grant.
        GrantId = "grant_id",
        /// Version of the template.
        Template = "template",
        /// Who receives it.
        Grantee = "grantee",
        /// Who holds the money.
        Sponsor = "sponsor",
        /// Title of the project.
        Title = "title",
        /// The award.
        Amount = "amount",
        /// Day of the award.
        AwardedOn = "awarded_on",
        /// Day of the end.
        EndsOn = "ends_on",
        /// What the money is for.
        Purpose = "purpose",
        /// Table of the tranches.
        Tranches = "tranches",
        /// What those who fund it ask for.
        Conditions = "conditions",
    }
}

impl Slot {
    /// Whether it takes several lines, and so a line of its own.
    const fn is_block(self) -> bool {
        matches!(self, Slot::Purpose | Slot::Tranches | Slot::Conditions)
    }
    /// Whether every agreement needs it.
    const fn is_needed(self) -> bool {
        !matches!(self, Slot::GrantId | Slot::Template | Slot::EndsOn)
    }
}

/// What a template consists of, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part<'a> {
    Text(&'a str),
    Slot(Slot),
}

/// A template that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template<'a>(Vec<Part<'a>>);

impl<'a> Template<'a> {
    /// Reads a template.
    ///
    /// # Errors
    /// A sentence for whoever wrote it: a placeholder that we do not know, one that is not closed
    /// or not on a line of its own where it must be, or one that is missing.
    pub fn read(body: &'a str) -> Result<Self, String> {
        let mut parts = Vec::new();
        for (number, line) in body.split_inclusive('\n').enumerate() {
            read_line(line, &mut parts).map_err(|e| format!("line {}: {e}", number + 1))?;
        }
        let template = Self(parts);
        let missing: Vec<String> = Slot::ALL
            .iter()
            .filter(|slot| slot.is_needed() && !template.0.contains(&Part::Slot(**slot)))
            .map(|slot| format!("{{{{{slot}}}}}"))
            .collect();
        if missing.is_empty() {
            Ok(template)
        } else {
            Err(format!("these placeholders are missing: {}", missing.join(", ")))
        }
    }

    /// The text of an agreement. What is put in is not read again, so that no placeholder in it
    /// counts.
    pub fn render(&self, facts: &AgreementFacts, grant: &str, number: i32) -> String {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(fixed) => text.push_str(fixed),
                Part::Slot(slot) => text.push_str(&value(*slot, facts, grant, number)),
            }
        }
        format!("{}\n", text.trim_end())
    }
}

fn read_line<'a>(line: &'a str, parts: &mut Vec<Part<'a>>) -> Result<(), String> {
    let mut rest = line;
    while let Some((before, opened)) = rest.split_once("{{") {
        let unclosed = || "“{{” is not closed by “}}” on the same line".to_owned();
        let (name, after) = opened.split_once("}}").ok_or_else(unclosed)?;
        let slot: Slot = name.trim().parse().map_err(|_| {
            let shown: String = name.trim().chars().take(40).collect();
            format!("there is no placeholder “{shown}”")
        })?;
        if slot.is_block() && line.trim() != rest[before.len()..].trim_end() {
            return Err(format!("{{{{{slot}}}}} has to stand on a line of its own"));
        }
        if slot.is_block() && !after.trim().is_empty() {
            return Err(format!("{{{{{slot}}}}} has to stand on a line of its own"));
        }
        closed(before)?;
        parts.extend([Part::Text(before), Part::Slot(slot)]);
        rest = after;
    }
    closed(rest)?;
    parts.push(Part::Text(rest));
    Ok(())
}

fn closed(text: &str) -> Result<(), String> {
    if text.contains("}}") { Err("“}}” has no “{{” before it".into()) } else { Ok(()) }
}

fn value(slot: Slot, facts: &AgreementFacts, grant: &str, number: i32) -> String {
    match slot {
        Slot::GrantId => grant.to_owned(),
        Slot::Template => number.to_string(),
        Slot::Grantee => inline(&facts.grantee),
        Slot::Sponsor => inline(&facts.sponsor),
        Slot::Title => inline(&facts.title),
        Slot::Amount => facts.amount.to_string(),
        Slot::AwardedOn => facts.awarded_on.to_string(),
        Slot::EndsOn => match facts.ends_on {
            Some(day) => format!("on {day}"),
            None => "when its last report is accepted".into(),
        },
        Slot::Purpose => quoted(&facts.purpose),
        Slot::Tranches => table(&facts.tranches),
        Slot::Conditions => list(&facts.conditions),
    }
}

fn table(tranches: &[(i32, Money, String)]) -> String {
    let mut rows = vec!["| No. | Amount | When |".to_owned(), "|---:|---:|---|".to_owned()];
    let row = |(number, amount, when): &(i32, Money, String)| {
        format!("| {number} | {amount} | {} |", inline(when))
    };
    rows.extend(tranches.iter().map(row));
    rows.join("\n")
}

fn list(conditions: &[String]) -> String {
    if conditions.is_empty() {
        return "None.".into();
    }
    let one = |(at, text): (usize, &String)| format!("Condition {}:\n\n{}", at + 1, quoted(text));
    conditions.iter().enumerate().map(one).collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::money::Currency;
    use crate::kernel::time::Date;

    pub(super) const FIRST: &str = include_str!("../templates/agreement-1.md");

    fn facts() -> AgreementFacts {
        let usd = |minor| Money::new(minor, Currency::parse("USD").expect("known"));
        AgreementFacts {
            grantee: "Ada Lovelace".into(),
            sponsor: "Analytical Engines Fund, Inc.".into(),
            title: "Notes on the engine".into(),
            amount: usd(2_500_000),
            awarded_on: Date::new(2026, 11, 23).expect("a day"),
            ends_on: Date::new(2028, 2, 29),
            tranches: vec![
                (1, usd(1_500_000), "at once".into()),
                (2, usd(1_000_000), "when the first report is accepted".into()),
            ],
            conditions: vec!["Publish the code.".into(), "Meet us\n\nonce a month.".into()],
            purpose: "To write down how the engine computes.\n\nAnd to prove it.".into(),
        }
    }

    #[test]
    fn the_first_template_renders() {
        let template = Template::read(FIRST).expect("our own");
        let text = template.render(&facts(), "0193-grant", 1);
        assert!(text.contains("**Ada Lovelace** (the *grantee*)"));
        assert!(text.contains("The grant is 25000.00 USD in total."));
        assert!(text.contains("| 2 | 10000.00 USD | when the first report is accepted |"));
        assert!(!text.contains("{{"));
    }

    #[test]
    fn what_people_type_forges_nothing() {
        let evil =
            "x\n\n# 3. Amount\n\nThe grant is 999999999.00 USD {{amount}} }}\n---\n| 9 | 9 |";
        let forged = AgreementFacts {
            grantee: evil.into(),
            sponsor: evil.into(),
            title: evil.into(),
            purpose: evil.into(),
            conditions: vec![evil.into()],
            tranches: vec![(1, facts().amount, evil.into())],
            ..facts()
        };
        let template = Template::read(FIRST).expect("our own");
        let structure = |text: &str| {
            let marked = |l: &&str| l.starts_with(['#', '|', '-', '=']);
            let cells = |l: &str| l.replace("\\|", "").matches('|').count();
            text.lines()
                .filter(marked)
                .map(|l| if l.starts_with('|') { cells(l).to_string() } else { l.to_owned() })
                .collect::<Vec<_>>()
        };
        let honest = AgreementFacts { tranches: vec![(1, facts().amount, "x".into())], ..facts() };
        let (text, plain) = (template.render(&forged, "g", 1), template.render(&honest, "g", 1));
        assert_eq!(structure(&text), structure(&plain));
        assert!(!text.contains("{{"));
    }

    #[test]
    fn templates_are_read_strictly() {
        let refused = |body: &str| Template::read(body).expect_err("wrong");
        let broken = |line: &str| refused(&format!("# A\n{line}\n{FIRST}"));
        assert!(broken("{{grantor}}").contains("line 2: there is no placeholder “grantor”"));
        assert!(broken("{{ }}").contains("no placeholder"));
        assert!(broken("{{title").contains("not closed"));
        assert!(broken("title}}").contains("no “{{”"));
        assert!(broken("{{{{title}}}}").contains("no placeholder"));
        assert!(broken("{{title}} }}").contains("no “{{”"));
        assert!(broken("For {{purpose}}").contains("a line of its own"));
        assert!(broken("{{purpose}} {{title}}").contains("a line of its own"));
        assert!(broken("{{title}} {{purpose}}").contains("a line of its own"));
        assert!(refused("hello").contains("{{grantee}}, {{sponsor}}"));
        assert!(refused(&FIRST.replace("{{conditions}}", "")).contains("{{conditions}}"));
        let spaced = FIRST.replace("{{title}}", "{{ title }}");
        assert_eq!(
            Template::read(&spaced).map(|t| t.render(&facts(), "g", 1)),
            Template::read(FIRST).map(|t| t.render(&facts(), "g", 1)),
        );
    }

    proptest::proptest! {
        #[test]
        fn never_panics(body in "[a-z{}\n ]{0,60}|\\PC{0,60}") {
            let _ = Template::read(&body);
        }
    }
}
