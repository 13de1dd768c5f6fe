//! SQLite without anything in front of it: its C interface, prepared statements and nothing else.
#![expect(unsafe_code, reason = "the bare engine is measured through its C interface")]

use libsqlite3_sys as ffi;
use std::ffi::{CStr, CString, c_int};
use std::path::Path;
use std::ptr;

/// An open database.
pub struct Raw(*mut ffi::sqlite3);

/// A prepared statement; it must not outlive its [`Raw`].
pub struct Statement(*mut ffi::sqlite3_stmt);

/// A parameter.
pub enum Value<'a> {
    Blob(&'a [u8]),
    Text(&'a str),
    Int(i64),
    Null,
}

impl Raw {
    /// Opens a file.
    pub fn open(path: &Path) -> Result<Self, String> {
        let path = CString::new(path.to_string_lossy().as_bytes()).map_err(|e| e.to_string())?;
        let mut raw = ptr::null_mut();
        // SAFETY: the path ends in NUL, and `raw` takes one pointer.
        let code = unsafe { ffi::sqlite3_open(path.as_ptr(), &raw mut raw) };
        let opened = Self(raw);
        opened.checked(code, ffi::SQLITE_OK)?;
        Ok(opened)
    }
    /// Runs statements without parameters.
    pub fn run(&self, sql: &str) -> Result<(), String> {
        let sql = CString::new(sql).map_err(|e| e.to_string())?;
        // SAFETY: the database is open, the text ends in NUL, nothing is called back.
        let code = unsafe {
            ffi::sqlite3_exec(self.0, sql.as_ptr(), None, ptr::null_mut(), ptr::null_mut())
        };
        self.checked(code, ffi::SQLITE_OK)
    }
    /// Prepares a statement.
    pub fn prepare(&self, sql: &str) -> Result<Statement, String> {
        let mut statement = ptr::null_mut();
        let length = c_int::try_from(sql.len()).map_err(|e| e.to_string())?;
        // SAFETY: the database is open, and the text has the length that is told.
        let code = unsafe {
            ffi::sqlite3_prepare_v2(
                self.0,
                sql.as_ptr().cast(),
                length,
                &raw mut statement,
                ptr::null_mut(),
            )
        };
        self.checked(code, ffi::SQLITE_OK)?;
        Ok(Statement(statement))
    }
    /// Runs a statement to its end; how many rows it gave.
    pub fn step(&self, statement: &Statement, values: &[Value<'_>]) -> Result<u32, String> {
        let mut rows = 0;
        // SAFETY: the statement belongs to this database; what is bound outlives this call, and
        // no later step reads it before it is bound anew.
        unsafe {
            for (index, value) in (1..).zip(values) {
                let statement = statement.0;
                let code = match value {
                    Value::Blob(b) => {
                        let length = c_int::try_from(b.len()).map_err(|e| e.to_string())?;
                        ffi::sqlite3_bind_blob(statement, index, b.as_ptr().cast(), length, None)
                    }
                    Value::Text(t) => {
                        let length = c_int::try_from(t.len()).map_err(|e| e.to_string())?;
                        ffi::sqlite3_bind_text(statement, index, t.as_ptr().cast(), length, None)
                    }
                    Value::Int(n) => ffi::sqlite3_bind_int64(statement, index, *n),
                    Value::Null => ffi::sqlite3_bind_null(statement, index),
                };
                self.checked(code, ffi::SQLITE_OK)?;
            }
            let mut code = ffi::sqlite3_step(statement.0);
            while code == ffi::SQLITE_ROW {
                rows += 1;
                code = ffi::sqlite3_step(statement.0);
            }
            let done = self.checked(code, ffi::SQLITE_DONE);
            ffi::sqlite3_reset(statement.0);
            done.map(|()| rows)
        }
    }
    fn checked(&self, code: c_int, wanted: c_int) -> Result<(), String> {
        if code == wanted {
            return Ok(());
        }
        // SAFETY: SQLite gives a text that ends in NUL, also for a database that did not open.
        let text = unsafe { CStr::from_ptr(ffi::sqlite3_errmsg(self.0)) };
        Err(text.to_string_lossy().into_owned())
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // SAFETY: nobody else has it; with statements still there it would stay open, no worse.
        unsafe { ffi::sqlite3_close(self.0) };
    }
}
impl Drop for Statement {
    fn drop(&mut self) {
        // SAFETY: nobody else has it.
        unsafe { ffi::sqlite3_finalize(self.0) };
    }
}
