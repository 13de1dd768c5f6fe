//! The journal for other programs: CSV, JSON Lines, hledger and beancount, in constant memory.
//!
//! Plain-text formats use natural accounts (Assets, Liabilities, Equity, Income, Expenses) with
//! fund, budget and grant as dimensions. What happened before the first day is one opening entry;
//! at the end every account is asserted, so that a silent drift becomes a failed check.
//!
//! What a person typed goes through [`text`] on its way out: it cannot leave its field.

mod beancount;
mod hledger;
mod table;
mod text;

use super::model::{Book, Code, Sum};
use super::store::journal::{self, Entry, Posting, Range};
use super::store::sums;
use crate::kernel::Result;
use crate::kernel::fields::days_in_order;
use crate::kernel::ids::{BankAccountId, BudgetId, EntryId, FundId};
use crate::kernel::money::Currency;
use crate::kernel::problem::Problem;
use crate::kernel::time::Date;
use crate::platform::db::Conn;
use crate::platform::files::kind_of;
use crate::text_enum;
use std::collections::{BTreeMap, HashMap};
use std::io::Write;

text_enum! {
    /// A format of the export.
    pub enum Format {
        /// Comma-separated, one posting to a row.
        Csv = "csv",
        /// JSON Lines, one posting to a line.
        Jsonl = "jsonl",
        /// A journal for hledger and ledger.
        Hledger = "hledger",
        /// A file for beancount 3.
        Beancount = "beancount",
    }
}

text_enum! {
    /// Which books to export.
    pub enum Books {
        /// What is owned, owed, earned and spent.
        General = "general",
        /// What may still be spent.
        Budget = "budget",
        /// Both.
        Both = "both",
    }
}

impl Books {
    fn has(self, book: Book) -> bool {
        match self {
            Books::Both => true,
            Books::General => book == Book::General,
            Books::Budget => book == Book::Budget,
        }
    }
}

/// What to export.
#[derive(Debug, Clone, Copy)]
pub struct Query {
    /// The format.
    pub format: Format,
    /// Which books.
    pub books: Books,
    /// From this day on; what was before is one opening entry.
    pub from: Option<Date>,
    /// Up to this day, inclusive.
    pub to: Option<Date>,
}

/// Names for what the ledger knows only by id; who is not in it is shown by id.
#[derive(Debug, Default)]
pub struct Names {
    /// Of funds.
    pub funds: HashMap<FundId, String>,
    /// Of budgets.
    pub budgets: HashMap<BudgetId, String>,
    /// Of bank accounts.
    pub banks: HashMap<BankAccountId, String>,
}

impl Names {
    fn fund(&self, id: Option<FundId>) -> String {
        id.map_or(String::new(), |id| {
            self.funds.get(&id).cloned().unwrap_or_else(|| id.to_string())
        })
    }
    fn budget(&self, id: Option<BudgetId>) -> String {
        id.map_or(String::new(), |id| {
            self.budgets.get(&id).cloned().unwrap_or_else(|| id.to_string())
        })
    }
}

/// Entries to a chunk.
const CHUNK: i64 = 500;

/// A format: told what there is, it writes.
trait Writer {
    fn start(&mut self, plan: &Plan<'_>, out: &mut dyn Write) -> Result<()>;
    fn entry(&mut self, plan: &Plan<'_>, entry: &Entry, out: &mut dyn Write) -> Result<()>;
    fn end(&mut self, plan: &Plan<'_>, out: &mut dyn Write) -> Result<()>;
}

/// What an export is about.
struct Plan<'a> {
    query: &'a Query,
    names: &'a Names,
    /// Every account in use, with its currency.
    accounts: Vec<(Natural, Currency)>,
    /// First and last day.
    days: (Date, Date),
    /// Balances before the first day, by account, currency and fund; debits above zero.
    opening: Vec<Balance>,
    /// Balances after the last day.
    closing: Vec<Balance>,
}

/// Sum of an account.
#[derive(Debug, Clone)]
struct Balance {
    account: Natural,
    code: Code,
    currency: Currency,
    fund: Option<FundId>,
    minor: i128,
}

/// A natural account: its parts, each of letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Natural(String);

impl std::fmt::Display for Natural {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Plan<'_> {
    fn natural(&self, code: Code, bank: Option<BankAccountId>) -> Natural {
        natural(self.names, code, bank)
    }
    /// The postings of an entry that are in the books asked for.
    fn postings<'e>(&self, entry: &'e Entry) -> impl Iterator<Item = &'e Posting> + use<'e> {
        let books = self.query.books;
        entry.postings.iter().filter(move |p| books.has(p.code.book()))
    }
}

fn natural(names: &Names, code: Code, bank: Option<BankAccountId>) -> Natural {
    let bank = |root: &str| match bank {
        Some(id) => {
            let digits = id.uuid().simple().to_string();
            let name = names.banks.get(&id).map(String::as_str).unwrap_or("Bank");
            format!("{root}:{}-{}", text::account_part(name), &digits[24..])
        }
        None => root.to_owned(),
    };
    Natural(match code {
        Code::Cash => bank("Assets:Bank"),
        Code::InTransit => bank("Liabilities:Payments-In-Transit"),
        Code::CurrencyClearing => "Equity:Currency-Clearing".into(),
        Code::GrantsPayable => "Liabilities:Grants-Payable".into(),
        Code::TaxWithheld => "Liabilities:Tax-Withheld".into(),
        Code::Contributions => "Income:Contributions".into(),
        Code::FeeIncome => "Income:Sponsor-Fee".into(),
        Code::CurrencyGain => "Income:Currency-Gain".into(),
        Code::Grants => "Expenses:Grants".into(),
        Code::SponsorFee => "Expenses:Sponsor-Fee".into(),
        Code::BankCharges => "Expenses:Bank-Charges".into(),
        Code::SpendingAuthority => "Equity:Budget:Spending-Authority".into(),
        Code::Unallocated => "Equity:Budget:Unallocated".into(),
        Code::Available => "Equity:Budget:Available".into(),
        Code::Reserved => "Equity:Budget:Reserved".into(),
        Code::Committed => "Equity:Budget:Committed".into(),
        Code::Spent => "Equity:Budget:Spent".into(),
    })
}

/// Writes the journal of a range in a format, in the caller's snapshot.
pub fn export(
    conn: &mut Conn,
    query: &Query,
    names: &Names,
    today: Date,
    out: &mut dyn Write,
) -> Result<()> {
    days_in_order("?", query.from, query.to)?;
    let plan = plan(conn, query, names, today)?;
    let mut writer: Box<dyn Writer> = match query.format {
        Format::Csv => Box::new(table::Csv),
        Format::Jsonl => Box::new(table::Jsonl),
        Format::Hledger => Box::new(hledger::Hledger),
        Format::Beancount => Box::new(beancount::Beancount),
    };
    writer.start(&plan, out)?;
    let range = Range { from: query.from, to: query.to };
    let mut after: Option<(Date, EntryId)> = None;
    loop {
        let chunk = journal::by_day(conn, range, after, CHUNK)?;
        let Some(last) = chunk.last() else { break };
        after = Some((last.head.effective_on, last.head.id));
        for entry in &chunk {
            writer.entry(&plan, entry, out)?;
        }
    }
    writer.end(&plan, out)?;
    out.flush().map_err(wrote)
}

fn plan<'a>(conn: &mut Conn, query: &'a Query, names: &'a Names, today: Date) -> Result<Plan<'a>> {
    let mut accounts: Vec<(Natural, Currency)> = journal::in_use(conn)?
        .into_iter()
        .filter(|(code, ..)| query.books.has(code.book()))
        .map(|(code, bank, currency)| (natural(names, code, bank), currency))
        .collect();
    accounts.sort();
    accounts.dedup();
    let range = Range { from: query.from, to: query.to };
    let found = journal::days(conn, range)?;
    let first = query.from.or(found.map(|d| d.0)).or(query.to).unwrap_or(today);
    let last = query.to.or(found.map(|d| d.1)).unwrap_or(today).max(first);
    let opening = match query.from {
        Some(from) => balances(conn, query, names, from.plus_days(-1))?,
        None => Vec::new(),
    };
    let closing = balances(conn, query, names, last)?;
    Ok(Plan { query, names, accounts, days: (first, last), opening, closing })
}

fn balances(conn: &mut Conn, query: &Query, names: &Names, to: Date) -> Result<Vec<Balance>> {
    // Each account is of one code.
    let mut sums: BTreeMap<(Natural, Currency, Option<FundId>), (Code, i128)> = BTreeMap::new();
    for total in sums::totals(conn, Range { from: None, to: Some(to) })? {
        if query.books.has(total.code.book()) {
            let Sum { minor, currency } = total.sum;
            let key = (natural(names, total.code, total.bank), currency, total.fund);
            sums.entry(key).or_insert((total.code, 0)).1 += total.side.sign() * minor;
        }
    }
    let balance = |((account, currency, fund), (code, minor))| Balance {
        account,
        code,
        currency,
        fund,
        minor,
    };
    Ok(sums.into_iter().map(balance).collect())
}

/// Closing balances without their funds: what a plain-text account holds.
fn by_account(balances: &[Balance]) -> BTreeMap<(Natural, Currency), i128> {
    let mut sums: BTreeMap<(Natural, Currency), i128> = BTreeMap::new();
    for b in balances {
        *sums.entry((b.account.clone(), b.currency)).or_insert(0) += b.minor;
    }
    sums
}

fn amount(minor: i128, currency: Currency) -> String {
    Sum { minor, currency }.to_string()
}

/// A writer that fails: the reader has gone, or the disk is full.
fn wrote(e: std::io::Error) -> Problem {
    Problem::new(kind_of(&e), "The export could not be written.").because(e)
}
