//! Use-cases of exports, checks and imports.

mod books;
mod import;

pub use books::{check, export, prove};
pub use import::{GrantRow, Imported, Setup, import_row, set_up};
