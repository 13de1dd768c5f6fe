//! What the operating system knows of processes: time on the processor and memory. Linux only;
//! elsewhere nothing is known.

use std::time::Duration;

/// Linux counts in hundredths of a second, whatever the kernel's own tick.
const TICK: Duration = Duration::from_millis(10);

/// Time on the processor of one process.
pub fn cpu(pid: u32) -> Option<Duration> {
    stat(pid).map(|stat| stat.own)
}

/// The same with its children, those that have ended as well: a PostgreSQL server's.
pub fn cpu_of_family(pid: u32) -> Option<Duration> {
    let parent = stat(pid)?;
    let mut sum = parent.own + parent.ended_children;
    for entry in std::fs::read_dir("/proc").ok()?.flatten() {
        let Some(child) = entry.file_name().to_str().and_then(|n| n.parse().ok()) else { continue };
        if let Some(stat) = stat(child).filter(|s| s.parent == pid) {
            sum += stat.own;
        }
    }
    Some(sum)
}

struct Stat {
    parent: u32,
    own: Duration,
    ended_children: Duration,
}

fn stat(pid: u32) -> Option<Stat> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name is in parentheses and may hold anything.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |i: usize| fields.get(i)?.parse::<u32>().ok();
    Some(Stat {
        parent: ticks(1)?,
        own: TICK * (ticks(11)? + ticks(12)?),
        ended_children: TICK * (ticks(13)? + ticks(14)?),
    })
}

/// A line of `/proc/PID/status` in KiB: `VmRSS` (now), `VmHWM` (the most so far).
pub fn memory(pid: u32, line: &str) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let found = text.lines().find_map(|l| l.strip_prefix(line)?.strip_prefix(':'))?;
    found.trim().trim_end_matches(" kB").parse().ok()
}

/// The load of the last minute, as the kernel prints it.
pub fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().filter(|t| !t.is_empty()).unwrap_or("n/a").to_owned()
}

/// Processors and memory.
pub fn describe() -> String {
    let processors = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|l| l.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("processors", |(_, name)| name);
    let info = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib = info.lines().find_map(|l| l.strip_prefix("MemTotal:")?.split_whitespace().next());
    let gib = kib.and_then(|k| k.parse::<u64>().ok()).map_or(0, |k| k.div_ceil(1 << 20));
    format!("{processors} × {model}, {gib} GiB of memory")
}
