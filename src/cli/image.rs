//! The program's own file in memory: what has run once and will not soon run again.

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
pub use parts::give_back;

/// Elsewhere the system is left to it.
#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
pub fn give_back() {}

#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
#[expect(unsafe_code, reason = "where the parts lie is told, and taken, through C interfaces only")]
mod parts {
    use std::ffi::{c_char, c_int, c_void};

    /// `dl_phdr_info`, as far as it is read.
    #[repr(C)]
    struct Loaded {
        base: usize,
        _name: *const c_char,
        headers: *const Header,
        count: u16,
    }

    /// `Elf64_Phdr`.
    #[repr(C)]
    struct Header {
        kind: u32,
        flags: u32,
        _offset: u64,
        address: usize,
        _physical: u64,
        length: usize,
        _in_memory: u64,
        align: usize,
    }

    type Visit = extern "C" fn(*const Loaded, usize, *mut c_void) -> c_int;

    unsafe extern "C" {
        fn dl_iterate_phdr(visit: Visit, data: *mut c_void) -> c_int;
        fn madvise(start: *mut c_void, length: usize, advice: c_int) -> c_int;
    }

    /// `PT_LOAD`.
    const LOAD: u32 = 1;
    /// `PF_W`.
    const WRITABLE: u32 = 2;
    /// `MADV_DONTNEED`.
    const NOT_NEEDED: c_int = 4;
    /// Of the parts of a program; a page of memory is no larger.
    const LEAST_ALIGN: usize = 4096;

    /// Takes the code and the constants of the program out of this process's memory: what is asked
    /// for again is there at once, from what the system keeps of the file. What can be written, or
    /// could while the program was loaded, is left alone.
    pub fn give_back() {
        // SAFETY: the visitor has the type that is asked for, and takes no data.
        unsafe { dl_iterate_phdr(visit, std::ptr::null_mut()) };
    }

    /// The program comes first; the libraries that it uses are not visited.
    extern "C" fn visit(loaded: *const Loaded, _: usize, _: *mut c_void) -> c_int {
        // SAFETY: the loader hands out what it has itself read, and it stays while this runs.
        let (base, headers) = unsafe {
            let loaded = &*loaded;
            let count = usize::from(loaded.count);
            (loaded.base, std::slice::from_raw_parts(loaded.headers, count))
        };
        for header in headers.iter().filter(|h| h.kind == LOAD && h.flags & WRITABLE == 0) {
            let align = header.align.max(LEAST_ALIGN);
            let start = (base + header.address).next_multiple_of(align);
            let end = (base + header.address + header.length) / align * align;
            if start < end {
                let (from, length) = (std::ptr::with_exposed_provenance_mut(start), end - start);
                // SAFETY: whole pages of a private mapping of a file that nobody has written to;
                // they read the same afterwards. Where it is refused, nothing is lost.
                unsafe { madvise(from, length, NOT_NEEDED) };
            }
        }
        1
    }
}
