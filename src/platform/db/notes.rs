//! What is to be told once a transaction has committed, and never of one that was undone or is run
//! again: log lines of what happened.

use std::cell::RefCell;

type Note = Box<dyn FnOnce() + Send>;

thread_local! {
    static NOTES: RefCell<Vec<Note>> = const { RefCell::new(Vec::new()) };
}

/// Runs `note` when the transaction that this thread is in has committed. It must not wait, and
/// must not use the database.
pub fn once_committed(note: impl FnOnce() + Send + 'static) {
    NOTES.with_borrow_mut(|notes| notes.push(Box::new(note)));
}

/// Notes of one try of a transaction.
#[derive(Default)]
pub(super) struct Notes(Vec<Note>);

impl Notes {
    /// Takes those of the try that has just ended on this thread; none are left for the next.
    pub(super) fn take() -> Self {
        Self(NOTES.take())
    }
    /// It has committed.
    pub(super) fn tell(self) {
        self.0.into_iter().for_each(|note| note());
    }
}

/// How many there are, to go back to when a savepoint is undone.
pub(super) fn mark() -> usize {
    NOTES.with_borrow(Vec::len)
}

/// Forgets those after a mark.
pub(super) fn forget_after(mark: usize) {
    NOTES.with_borrow_mut(|notes| notes.truncate(mark));
}
