//! The program: see `almoner --help`.

use std::process::ExitCode;
use std::time::Duration;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Long enough for a service to have started.
const STARTED: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    // Starting takes much more memory than waiting: each thread of the server builds the list of
    // routes with its document. A process that then waits never asks for what would make the
    // allocator give that back, so it is told to.
    drop(std::thread::Builder::new().name("give-back".into()).spawn(|| {
        std::thread::sleep(STARTED);
        give_back();
    }));
    almoner::cli::main()
}

#[expect(unsafe_code, reason = "the allocator can be told through its C interface only")]
fn give_back() {
    // SAFETY: it takes no pointer, and may be called from any thread at any time.
    unsafe { libmimalloc_sys::mi_collect(true) };
}
