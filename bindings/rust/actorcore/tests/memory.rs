//! Pools, the scratch memory of turns, mapped files, and what the allocator says and can be told.

mod support;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actorcore::{messages, Actor, Buffer, Bytes, Context, Failure, HugePages, Memory, Pool};
use actorcore::{PoolStats, Status, System};
use support::{in_every_mode, Seen, PATIENCE};

messages! {
    enum Act {
        Build(u64) = 1,
        Overreach = 2,
        Sum(Bytes) = 3,
    }

    #[derive(Debug, PartialEq)]
    struct Total(u64) = 4;
}

/// Counts are of the whole process, so one test at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn pool(pool: Pool) -> PoolStats {
    let rows = Memory::pools();
    for (row, kind) in rows.iter().zip(0..) {
        assert_eq!(row.pool, Pool(kind));
        assert_eq!((row.gets, row.in_use), (row.hits + row.misses, row.gets - row.puts));
    }
    rows[pool.0 as usize]
}

fn refused<T: std::fmt::Debug>(result: actorcore::Result<T>) -> Status {
    let error = result.unwrap_err();
    assert!(error.message().len() > 10, "{error}");
    error.status()
}

#[test]
fn a_buffer_comes_from_the_pool_of_its_size_and_goes_back_to_it() {
    let _alone = alone();
    let fits = [
        (64, Pool::BUFFERS_64B),
        (65, Pool::BUFFERS_1K),
        (4_096, Pool::BUFFERS_4K),
        (4_097, Pool::BUFFERS_OTHER),
        (2 << 20, Pool::BUFFERS_2M),
    ];
    for (size, kind) in fits {
        let before = pool(kind);
        let mut buffer = Buffer::new(size).unwrap();
        buffer.fill(0xff);
        let during = pool(kind);
        assert_eq!((during.gets, during.in_use), (before.gets + 1, before.in_use + 1));
        assert!(during.bytes >= size as u64);
        drop(buffer);
        let after = pool(kind);
        assert_eq!((after.puts, after.in_use), (before.puts + 1, before.in_use));
        let again = Buffer::new(size).unwrap();
        assert!(again.iter().all(|byte| *byte == 0));
        let is_kept = kind != Pool::BUFFERS_OTHER;
        assert_eq!(pool(kind).hits, after.hits + u64::from(is_kept));
    }
}

#[test]
fn decay_times_and_background_threads_are_what_they_were_set_to() {
    let _alone = alone();
    let (ms, never) = (Duration::from_millis(1_234), Duration::MAX);
    let on = Memory::new().background_threads(true).dirty_decay(ms).muzzy_decay(never);
    let Some(first) = Memory::allocator() else {
        assert_eq!(refused(on.configure()), Status::E_UNSUPPORTED);
        return;
    };
    assert!(!first.background_threads);
    assert_eq!((first.arenas_automatic, first.metadata_huge_pages), (1, HugePages::AUTO));
    let profiling = Memory::new().profiling(false).configure();
    assert_eq!(profiling.is_ok(), first.profiling.is_some());
    on.configure().unwrap();
    let stats = Memory::allocator().unwrap();
    assert!(stats.background_threads);
    assert_eq!((stats.dirty_decay, stats.muzzy_decay), (ms, never));
    let off = Memory::new().background_threads(false).dirty_decay(Duration::ZERO);
    off.configure().unwrap();
    let stats = Memory::allocator().unwrap();
    assert!(!stats.background_threads && stats.threads == 0);
    assert_eq!((stats.dirty_decay, stats.muzzy_decay), (Duration::ZERO, never));
    Memory::new().dirty_decay(Duration::from_nanos(1)).configure().unwrap();
    assert_eq!(Memory::allocator().unwrap().dirty_decay, Duration::from_millis(1));
}

#[test]
fn memory_options_that_make_no_sense_are_refused() {
    for large in [1_048_577, u32::MAX] {
        assert_eq!(refused(Memory::new().buffers_1k(large).configure()), Status::E_LIMIT);
    }
    assert_eq!(refused(Memory::new().buffers_2m(4_097).configure()), Status::E_LIMIT);
    let longest = Duration::MAX - Duration::from_nanos(1);
    let told = refused(Memory::new().dirty_decay(longest).configure());
    assert!(matches!(told, Status::E_INVALID_ARGUMENT | Status::E_UNSUPPORTED), "{told}");
}

/// Builds what it is told of, in memory of its turn.
struct Builder(Seen<Status>);

impl Actor for Builder {
    type Msg = Act;

    fn handle(&mut self, context: &mut Context<'_>, message: Act) -> Result<(), Failure> {
        match message {
            Act::Build(count) => {
                let mut parts = Vec::new();
                for number in 1..=8 {
                    let part = context.scratch::<u64>(count as usize)?;
                    assert!(part.iter().all(|item| *item == 0), "it is zero");
                    part.fill(number);
                    parts.push(part);
                }
                assert_eq!(
                    context.scratch::<[u8; 0]>(5)?.len() + context.scratch::<u8>(0)?.len(),
                    5
                );
                let wide = context.scratch::<u128>(1)?;
                assert!(std::ptr::from_mut(&mut wide[0]).is_aligned());
                let total = parts.iter().flat_map(|part| part.iter()).sum();
                context.reply(Total(total))?;
            }
            Act::Overreach => {
                for count in [(1 << 27) + 1, usize::MAX / 8, usize::MAX] {
                    self.0.push(context.scratch::<u64>(count).unwrap_err().status());
                }
            }
            Act::Sum(bytes) => context.reply(Total(bytes.iter().map(|it| u64::from(*it)).sum()))?,
        }
        Ok(())
    }
}

#[test]
fn a_turn_has_memory_that_goes_when_it_ends() {
    let _alone = alone();
    in_every_mode(|system, spawn| {
        let before = pool(Pool::SCRATCH);
        let builder = system.spawn_with(Builder(Seen::new()), &spawn).unwrap();
        for count in [1, 10, 3_000, 100_000, 3_000, 1] {
            let total: Total = system.ask(builder, Act::Build(count), PATIENCE).unwrap();
            assert_eq!(total, Total(36 * count));
        }
        system.settle(PATIENCE).unwrap();
        assert_eq!(pool(Pool::SCRATCH).gets, before.gets + 6 * 9, "nothing takes nothing");
    });
    assert_eq!(pool(Pool::SCRATCH).in_use, 0);
}

#[test]
fn more_scratch_memory_than_there_can_be_is_an_error() {
    let _alone = alone();
    let (system, seen) = (System::builder().seeded(1).build().unwrap(), Seen::new());
    let builder = system.spawn(Builder(seen.clone())).unwrap();
    support::tell::<Builder>(&system, builder, Act::Overreach);
    assert_eq!(seen.take(), [Status::E_LIMIT; 3]);
}

/// A file that goes with the test.
struct File(std::path::PathBuf);

impl File {
    fn new(name: &str, bytes: &[u8]) -> File {
        let path = std::env::temp_dir().join(format!("actorcore-{}-{name}", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        File(path)
    }

    fn is_mapped(&self) -> bool {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        maps.contains(self.0.to_str().unwrap())
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn some_bytes(count: u32) -> Vec<u8> {
    (0..count).map(|at| (at * 31 + at / 256) as u8).collect()
}

#[test]
fn a_file_is_mapped_until_the_last_reference_goes() {
    let _alone = alone();
    let bytes = some_bytes(12_388);
    let file = File::new("mapped", &bytes);
    let check = |buffer: Buffer, part: &[u8]| {
        let other = buffer.clone();
        drop(buffer);
        assert_eq!(other[..], *part);
        assert!(file.is_mapped());
        drop(other);
        assert!(!file.is_mapped());
    };
    check(Buffer::map(&file.0, ..).unwrap(), &bytes);
    check(Buffer::map(&file.0, ..10).unwrap(), &bytes[..10]);
    check(Buffer::map(&file.0, 1..=5_000).unwrap(), &bytes[1..=5_000]);
    check(Buffer::map(&file.0, 4_096..8_192).unwrap(), &bytes[4_096..8_192]);
    check(Buffer::map(&file.0, 12_387..).unwrap(), &bytes[12_387..]);
}

#[test]
fn a_mapped_file_is_a_payload_of_any_length() {
    let _alone = alone();
    let bytes = some_bytes(5_000);
    let file = File::new("payload", &bytes);
    in_every_mode(|system, spawn| {
        let builder = system.spawn_with(Builder(Seen::new()), &spawn).unwrap();
        for size in [1, 32, 33, 5_000] {
            let payload = Bytes::from(Buffer::map(&file.0, ..size).unwrap());
            let total: Total = system.ask(builder, Act::Sum(payload), PATIENCE).unwrap();
            let expected = bytes[..size as usize].iter().map(|it| u64::from(*it)).sum();
            assert_eq!(total, Total(expected));
        }
        system.settle(PATIENCE).unwrap();
    });
    assert!(!file.is_mapped());
}

#[test]
fn what_cannot_be_mapped_is_an_error_that_says_why() {
    let _alone = alone();
    let file = File::new("refused", &some_bytes(100));
    let no_such = file.0.with_extension("no-such-file");
    assert_eq!(refused(Buffer::map(no_such, ..)), Status::E_NOT_FOUND);
    assert_eq!(refused(Buffer::map(std::env::temp_dir(), ..)), Status::E_IO);
    assert_eq!(refused(Buffer::map("", ..)), Status::E_INVALID_ARGUMENT);
    for part in [0..0, 9..9, 100..101, 0..101, u64::MAX - 1..u64::MAX] {
        assert_eq!(refused(Buffer::map(&file.0, part)), Status::E_INVALID_ARGUMENT);
    }
    #[allow(clippy::reversed_empty_ranges)]
    let backwards = 9..3;
    assert_eq!(refused(Buffer::map(&file.0, backwards)), Status::E_INVALID_ARGUMENT);
    assert_eq!(refused(Buffer::map(&file.0, 0..=u64::MAX)), Status::E_INVALID_ARGUMENT);
    assert!(Buffer::map(&file.0, 99..).is_ok());
}
