//! Use-cases of exports, checks and imports.

mod books;
mod checks;
mod giving;
mod import;
mod rows;

pub use books::{check, export, prove};
pub use checks::{Checked, keep_check, last_check};
pub use giving::{giving, public_giving};
pub use import::{GrantRow, Imported, Setup, import_row, set_up};
pub use rows::{Row, read_rows};
