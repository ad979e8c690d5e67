//! Clocks, the latch that ends a workload, and the line of JSON.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Instant;

/// Wall and CPU time from its start.
pub struct Timer {
    wall: Instant,
    cpu: f64,
}

impl Timer {
    pub fn start() -> Timer {
        Timer {
            cpu: cpu_seconds(),
            wall: Instant::now(),
        }
    }

    pub fn measured(self, operations: u64) -> Measured {
        let seconds = self.wall.elapsed().as_secs_f64();
        let cpu = cpu_seconds() - self.cpu;
        Measured {
            operations,
            seconds,
            cpu,
            more: String::new(),
        }
    }
}

/// Ends the process: a benchmark that goes on after an error measures something else.
pub fn must<T>(result: Result<T, actorcore::Error>) -> T {
    result.unwrap_or_else(|error| {
        eprintln!("macro: {error:?}");
        std::process::exit(1)
    })
}

/// A number that looks random, the same in each language.
pub fn mixed(number: u64) -> u64 {
    number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32
}

/// CPU time of all the process's threads.
fn cpu_seconds() -> f64 {
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut usage) };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 * 1e-6;
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

/// Resident memory of the process.
pub fn resident_bytes() -> i64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: i64 = statm
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse().ok())
        .unwrap_or(0);
    pages * unsafe { libc::sysconf(libc::_SC_PAGESIZE) }
}

/// What one run of a workload came to.
pub struct Measured {
    operations: u64,
    seconds: f64,
    cpu: f64,
    more: String,
}

impl Measured {
    /// With the distribution of each operation's time.
    pub fn latencies(mut self, mut nanoseconds: Vec<u64>) -> Measured {
        nanoseconds.sort_unstable();
        let at = |permille: usize| nanoseconds[nanoseconds.len() * permille / 1000];
        self.more = format!(
            ",\"p50_ns\":{},\"p95_ns\":{},\"p99_ns\":{},\"p999_ns\":{}",
            at(500),
            at(950),
            at(990),
            at(999)
        );
        self
    }

    pub fn cpu_percent(mut self) -> Measured {
        self.more = format!(",\"cpu_percent\":{:.4}", 100.0 * self.cpu / self.seconds);
        self
    }

    pub fn bytes_per_actor(mut self, bytes: f64) -> Measured {
        self.more = format!(",\"bytes_per_actor\":{bytes:.1}");
        self
    }

    /// With further fields of the line of JSON, each after a comma.
    pub fn with(mut self, more: String) -> Measured {
        self.more = more;
        self
    }

    pub fn json(&self, peer: &str, workload: &str) -> String {
        let Measured {
            operations,
            seconds,
            cpu,
            more,
        } = self;
        let each = 1e9 / *operations as f64;
        format!(
            "{{\"peer\":\"{peer}\",\"version\":\"{}\",\"workload\":\"{workload}\",\
             \"n\":{operations},\"seconds\":{seconds:.6},\"per_sec\":{:.0},\
             \"ns_per_op\":{:.2},\"cpu_ns_per_op\":{:.2}{more}{}}}",
            actorcore::version(),
            *operations as f64 / seconds,
            seconds * each,
            cpu * each,
            memory_fields(),
        )
    }
}

/// The most that the process held, and of what pools were asked for the part that they had.
fn memory_fields() -> String {
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut usage) };
    let pools = actorcore::Memory::pools();
    let gets: u64 = pools.iter().map(|pool| pool.gets).sum();
    let hits: u64 = pools.iter().map(|pool| pool.hits).sum();
    format!(
        ",\"memory_bytes\":{},\"pool_percent\":{:.3}",
        usage.ru_maxrss * 1024,
        100.0 * hits as f64 / gets.max(1) as f64
    )
}

/// Counted down by actors, awaited by the main thread.
#[derive(Clone)]
pub struct Latch(Arc<(AtomicU64, Mutex<bool>, Condvar)>);

impl Latch {
    pub fn new(count: u64) -> Latch {
        Latch(Arc::new((
            AtomicU64::new(count),
            Mutex::new(false),
            Condvar::new(),
        )))
    }

    pub fn down(&self) {
        let (left, done, condition) = &*self.0;
        if left.fetch_sub(1, Ordering::AcqRel) == 1 {
            *done.lock().unwrap() = true;
            condition.notify_one();
        }
    }

    pub fn wait(&self) {
        let (_, done, condition) = &*self.0;
        drop(
            condition
                .wait_while(done.lock().unwrap(), |done| !*done)
                .unwrap(),
        );
    }
}
