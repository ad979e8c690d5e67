//! What a process reserves before its first system, which is why nothing else is tested here.

use actorcore::{Memory, Pool, System};

#[test]
fn as_many_buffers_are_ready_as_was_said_and_a_system_has_arenas_of_its_own() {
    let free = |pool: Pool| Memory::pools()[pool.0 as usize].free;
    Memory::new().buffers_64b(20_000).buffers_1k(0).configure().unwrap();
    assert!(free(Pool::BUFFERS_64B) >= 20_000);
    assert_eq!(free(Pool::BUFFERS_4K), 0, "the first system makes these");

    let before = Memory::allocator();
    let system = System::new().unwrap();
    assert_eq!([Pool::BUFFERS_1K, Pool::BUFFERS_4K, Pool::BUFFERS_2M].map(free), [0, 100, 10]);
    if let (Some(before), Some(during)) = (before, Memory::allocator()) {
        assert!(during.arenas >= before.arenas + 2);
        assert!(during.allocated_bytes > before.allocated_bytes);
        assert!(during.active_bytes >= during.allocated_bytes && during.resident_bytes != 0);
    }

    Memory::new().buffers_2m(50).buffers_4k(300).configure().unwrap();
    assert_eq!([Pool::BUFFERS_1K, Pool::BUFFERS_4K, Pool::BUFFERS_2M].map(free), [0, 300, 50]);
    drop(system);
}
