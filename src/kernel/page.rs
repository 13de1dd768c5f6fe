//! Keyset pages: a list continues after the last id that was shown, never at an offset, so that
//! rows added meanwhile are neither shown twice nor skipped.

use crate::kernel::Result;
use crate::kernel::ids::Id;
use crate::kernel::problem::{FieldError, Problem};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// The largest page.
pub const MAX_LIMIT: i64 = 200;

/// Looks that one page takes where rows are left out of it.
const ROUNDS: usize = 8;

/// `?limit=50&after=<cursor>` of a list.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Rows to a page, 1 to 200.
    #[param(default = 50, minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// `next` of the page before.
    pub after: Option<String>,
}

/// One page, asked for and checked.
#[derive(Debug)]
pub struct PageOf<T> {
    /// Rows wanted.
    pub limit: i64,
    /// Continue below this id (ids are UUIDv7: newest first is descending id).
    pub after: Option<Id<T>>,
}

/// A page of a list: `{"items":[…],"next":"…"|null}`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// The rows, newest first unless said otherwise.
    pub items: Vec<T>,
    /// Cursor of the next page; null on the last.
    pub next: Option<String>,
}

impl PageQuery {
    /// Checks limit and cursor.
    pub fn checked<T>(&self) -> Result<PageOf<T>> {
        let limit = self.limit.unwrap_or(50);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(wrong("?limit", "out_of_range", "write a limit from 1 to 200"));
        }
        let after = self.after.as_deref().map(decode).transpose()?;
        Ok(PageOf { limit, after })
    }
}

impl<I> PageOf<I> {
    /// The rows of several lists, each once, the newest first; up to one more than the page. Each
    /// list has an order of its own in an index: they are `read` one after the other, the newest
    /// first, up to one more than the page; where an id is named, only what stands before it.
    pub fn newest_of<L: Copy, T>(
        &self,
        lists: &[L],
        mut read: impl FnMut(L, Option<Id<I>>) -> Result<Vec<T>>,
        id: impl Fn(&T) -> Id<I>,
    ) -> Result<Vec<T>> {
        let most = usize::try_from(self.limit + 1).unwrap_or(0);
        let mut found: Vec<T> = Vec::new();
        for list in lists {
            // Once the page is full, only what stands before its last row can still be on it.
            let floor = found.last().filter(|_| found.len() == most).map(&id);
            found.extend(read(*list, floor)?);
            found.sort_unstable_by_key(|row| Reverse(id(row)));
            found.dedup_by_key(|row| id(row));
            found.truncate(most);
        }
        Ok(found)
    }
}

impl<T> Page<T> {
    /// From up to `limit + 1` loaded rows: the one too many only tells that there is a next page.
    pub fn cut<I>(mut items: Vec<T>, limit: i64, id: impl Fn(&T) -> Id<I>) -> Self {
        let limit = usize::try_from(limit).unwrap_or(0);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(|last| encode(id(last))) } else { None };
        Self { items, next }
    }
    /// A page of those rows that `look` lets through, which brings the rows after a cursor with
    /// whether each is kept. Where nearly nothing is, it ends early: such a page is short, and has
    /// a next one.
    pub fn sifted<I>(
        page: &PageOf<I>,
        mut look: impl FnMut(&PageOf<I>) -> Result<Vec<(T, bool)>>,
        id: impl Fn(&T) -> Id<I>,
    ) -> Result<Self> {
        let limit = usize::try_from(page.limit).unwrap_or(0);
        let (mut items, mut after) = (Vec::new(), page.after);
        for _ in 0..ROUNDS {
            let rows = look(&PageOf { limit: page.limit, after })?;
            let more = rows.len() > limit;
            for (row, keep) in rows.into_iter().take(limit) {
                after = Some(id(&row));
                if !keep {
                    continue;
                }
                if items.len() == limit {
                    let next = items.last().map(|last| encode(id(last)));
                    return Ok(Self { items, next });
                }
                items.push(row);
            }
            if !more {
                return Ok(Self { items, next: None });
            }
        }
        Ok(Self { items, next: after.map(encode) })
    }
    /// The same page with its rows changed.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next }
    }
}

/// The cursor of a page that continues at this id.
pub fn encode<T>(id: Id<T>) -> String {
    URL_SAFE_NO_PAD.encode(id.uuid().as_bytes())
}

fn decode<T>(cursor: &str) -> Result<Id<T>> {
    let bad = || wrong("?after", "malformed", "send the `next` of the page before, unchanged");
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| bad())?;
    uuid::Uuid::from_slice(&bytes).map(Id::from_uuid).map_err(|_| bad())
}

fn wrong(pointer: &str, code: &'static str, message: &str) -> Problem {
    Problem::invalid(vec![FieldError { pointer: pointer.into(), code, message: message.into() }])
}
