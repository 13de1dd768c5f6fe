//! Closing and opening what is written in the lane.

use crate::concerns::model::{Answer, ConcernRecord, ScreeningRecord, Texts};
use crate::kernel::Result;
use crate::kernel::ids::{ConcernId, ScreeningId};
use crate::kernel::problem::Problem;
use crate::platform::auth::seal::{self, Cell};
use crate::platform::context::Ctx;
use serde::Serialize;
use serde::de::DeserializeOwned;

const fn of_concern(id: ConcernId) -> Cell<'static> {
    Cell { table: "concerns", row: id.uuid(), column: "sealed" }
}

const fn of_screening(id: ScreeningId) -> Cell<'static> {
    Cell { table: "screenings", row: id.uuid(), column: "sealed" }
}

fn close<T: Serialize>(ctx: &Ctx, cell: &Cell<'_>, value: &T) -> Result<Vec<u8>> {
    let plain = zeroize::Zeroizing::new(serde_json::to_vec(value).map_err(Problem::internal)?);
    Ok(seal::seal(&ctx.env.keys, cell, &plain))
}

fn open<T: DeserializeOwned>(ctx: &Ctx, cell: &Cell<'_>, sealed: &[u8]) -> Result<T> {
    let plain = seal::open(&ctx.env.keys, cell, sealed)?;
    // The cause would quote what is sealed.
    serde_json::from_slice(&plain)
        .map_err(|_| Problem::internal("a sealed text of the lane is not in our format"))
}

pub(super) fn seal_texts(ctx: &Ctx, id: ConcernId, texts: &Texts) -> Result<Vec<u8>> {
    close(ctx, &of_concern(id), texts)
}

pub(super) fn texts(ctx: &Ctx, record: &ConcernRecord) -> Result<Texts> {
    open(ctx, &of_concern(record.id), &record.sealed)
}

pub(super) fn seal_answers(ctx: &Ctx, id: ScreeningId, answers: &[Answer]) -> Result<Vec<u8>> {
    close(ctx, &of_screening(id), &answers)
}

pub(super) fn answers(ctx: &Ctx, record: &ScreeningRecord) -> Result<Vec<Answer>> {
    match &record.sealed {
        Some(sealed) => open(ctx, &of_screening(record.id), sealed),
        None => Ok(Vec::new()),
    }
}
