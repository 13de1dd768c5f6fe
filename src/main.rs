//! The program: see `almoner --help`.

use std::process::ExitCode;
use std::time::Duration;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// One after the other: long enough for a service to have started, also on a slow machine.
const STARTED: [Duration; 3] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(7)];

fn main() -> ExitCode {
    // Starting takes much more memory than waiting: the document of the API is built of 300
    // operations. A process that then waits never asks for what would make the
    // allocator give that back, so it is told to; and the code that did it lies in memory.
    drop(std::thread::Builder::new().name("give-back".into()).spawn(|| {
        for pause in STARTED {
            std::thread::sleep(pause);
            give_back();
            almoner::cli::image::give_back();
        }
    }));
    almoner::cli::main()
}

#[expect(unsafe_code, reason = "the allocator can be told through its C interface only")]
fn give_back() {
    // SAFETY: it takes no pointer, and may be called from any thread at any time.
    unsafe { libmimalloc_sys::mi_collect(true) };
}
