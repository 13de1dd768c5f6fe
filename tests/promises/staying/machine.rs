//! What this machine and this process say of themselves.

use std::fs;
use std::panic::PanicHookInfo;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Resident memory of this process, in KiB.
pub fn memory() -> usize {
    memory_of("self")
}

/// The same of another process.
pub fn memory_of(pid: &str) -> usize {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// How many files and sockets a process has open.
pub fn descriptors_of(pid: &str) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count)
}

type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

/// Counts panics of all threads, until it is dropped.
pub struct Panics {
    count: Arc<AtomicUsize>,
    before: Arc<Hook>,
}

impl Panics {
    pub fn count() -> Self {
        let before: Arc<Hook> = Arc::new(std::panic::take_hook());
        let count = Arc::new(AtomicUsize::new(0));
        let (counting, telling) = (count.clone(), before.clone());
        std::panic::set_hook(Box::new(move |info| {
            counting.fetch_add(1, Ordering::SeqCst);
            telling(info);
        }));
        Self { count, before }
    }
    pub fn seen(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }
}

impl Drop for Panics {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let before = self.before.clone();
            std::panic::set_hook(Box::new(move |info| before(info)));
        }
    }
}
