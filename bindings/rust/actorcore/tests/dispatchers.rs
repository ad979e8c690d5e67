//! The three ways to run handlers, and the threads that are lent.

mod support;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use actorcore::{
    messages, Actor, Address, Context, Cpus, DispatcherMode, Failure, Pinned, Placement, Spawn,
    Status,
};
use actorcore::{System, Worker};
use support::{attached, in_mode, MODES, PATIENCE};

messages! {
    enum Hop {
        Token(u64) = 1,
        Link(Address<Hop>) = 2,
        Where = 3,
        Settle = 4,
    }

    struct Thread(u64) = 5;
}

#[derive(Default)]
struct Node {
    next: Option<Address<Hop>>,
    hops: Arc<AtomicU64>,
}

impl Actor for Node {
    type Msg = Hop;

    fn handle(&mut self, context: &mut Context<'_>, message: Hop) -> Result<(), Failure> {
        match message {
            Hop::Link(next) => self.next = Some(next),
            Hop::Where => context.reply(Thread(hash_of_thread()))?,
            Hop::Settle => {
                let status = context.system().settle(PATIENCE).unwrap_err().status();
                context.reply(Thread(status.0.unsigned_abs().into()))?;
            }
            Hop::Token(left) => {
                self.hops.fetch_add(1, Ordering::SeqCst);
                if let (1.., Some(next)) = (left, self.next) {
                    context.send(next, Hop::Token(left - 1))?;
                }
            }
        }
        Ok(())
    }
}

fn hash_of_thread() -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    thread::current().id().hash(&mut hasher);
    hasher.finish()
}

#[test]
fn a_token_goes_round_in_every_mode() {
    for mode in MODES {
        let (system, hops) = (System::new().unwrap(), Arc::new(AtomicU64::new(0)));
        in_mode(&system, mode, |system, spawn| {
            let nodes = (0..10).map(|_| Node { next: None, hops: hops.clone() });
            let nodes = system.spawn_many(nodes, &spawn).unwrap();
            for (at, node) in nodes.iter().enumerate() {
                system.tell(*node, Hop::Link(nodes[(at + 1) % nodes.len()])).unwrap();
            }
            support::tell::<Node>(system, nodes[0], Hop::Token(999));
        });
        assert_eq!(hops.load(Ordering::SeqCst), 1_000, "{mode}");
    }
}

#[test]
fn actors_of_all_modes_work_together() {
    let (system, hops) = (System::new().unwrap(), Arc::new(AtomicU64::new(0)));
    in_mode(&system, DispatcherMode::ATTACHED, |system, lent| {
        let caller = system.dispatcher(DispatcherMode::CALLER).build().unwrap();
        let node = || Node { next: None, hops: hops.clone() };
        let one = system.spawn(node()).unwrap();
        let two = system.spawn_with(node(), &lent).unwrap();
        let three = system.spawn_with(node(), &Spawn::new().on(caller)).unwrap();
        for (from, to) in [(one, two), (two, three), (three, one)] {
            system.tell(from, Hop::Link(to)).unwrap();
        }
        system.tell(one, Hop::Token(29)).unwrap();
        let mut worker = caller.attach().unwrap();
        while hops.load(Ordering::SeqCst) < 30 {
            match worker.step(PATIENCE, 1) {
                Ok(ran) => assert!(ran <= 1),
                Err(error) => panic!("{error}"),
            }
        }
    });
}

#[test]
fn handlers_run_on_the_thread_that_is_lent() {
    let system = System::new().unwrap();
    let dispatcher = attached(&system).unwrap();
    let node = system.spawn_with(Node::default(), &Spawn::new().on(dispatcher)).unwrap();
    thread::scope(|scope| {
        let lent = scope.spawn(move || {
            let mut worker: Worker<Pinned> = dispatcher.attach_pinned().unwrap();
            worker.run().unwrap();
            hash_of_thread()
        });
        let Thread(ran_on) = system.ask(node, Hop::Where, PATIENCE).unwrap();
        let Thread(status) = system.ask(node, Hop::Settle, PATIENCE).unwrap();
        assert_eq!(status, u64::from(Status::E_WOULD_DEADLOCK.0.unsigned_abs()));
        system.stop(PATIENCE).unwrap();
        assert_eq!(lent.join().unwrap(), ran_on);
    });
}

#[test]
fn a_worker_moves_between_threads() {
    let system = System::new().unwrap();
    let dispatcher = attached(&system).unwrap();
    let hops = Arc::new(AtomicU64::new(0));
    let node = Node { next: None, hops: hops.clone() };
    let node = system.spawn_with(node, &Spawn::new().on(dispatcher)).unwrap();
    let mut worker: Worker = dispatcher.attach().unwrap();
    for round in 1..=3 {
        system.tell(node, Hop::Token(0)).unwrap();
        worker = thread::spawn(move || {
            assert_eq!(worker.turn(PATIENCE).unwrap(), 1);
            worker
        })
        .join()
        .unwrap();
        assert_eq!(hops.load(Ordering::SeqCst), round);
    }
}

#[test]
fn a_turn_ends_with_work_a_wake_a_timeout_or_the_stop() {
    let system = System::new().unwrap();
    let dispatcher = attached(&system).unwrap();
    let mut worker: Worker = dispatcher.attach().unwrap();
    assert_eq!(worker.turn(Duration::ZERO).unwrap_err().status(), Status::E_TIMEOUT);
    worker.waker().wake().unwrap();
    assert_eq!(worker.turn(PATIENCE).unwrap(), 0);
    system.stop(PATIENCE).unwrap();
    assert_eq!(worker.turn(PATIENCE).unwrap_err().status(), Status::E_STOPPED);
    worker.run().unwrap();
}

#[test]
fn a_worker_does_only_what_its_dispatcher_is_for() {
    let system = System::new().unwrap();
    let mut lent: Worker = attached(&system).unwrap().attach().unwrap();
    assert_eq!(lent.step(Duration::ZERO, 1).unwrap_err().status(), Status::E_WRONG_MODE);
    let caller = system.dispatcher(DispatcherMode::CALLER).build().unwrap();
    let mut stepped: Worker = caller.attach().unwrap();
    assert_eq!(stepped.turn(Duration::ZERO).unwrap_err().status(), Status::E_WRONG_MODE);
    let inline = system.dispatcher(DispatcherMode::INLINE).workers(1).name("more").build().unwrap();
    assert_eq!(inline.attach().unwrap_err().status(), Status::E_WRONG_MODE);
    let unknown = system.dispatcher(DispatcherMode(99)).build().unwrap_err();
    assert_eq!(unknown.status(), Status::E_UNKNOWN_CONSTANT);
}

#[test]
fn several_lent_threads_share_the_actors() {
    let (system, hops) = (System::new().unwrap(), Arc::new(AtomicU64::new(0)));
    let dispatcher = attached(&system).unwrap();
    thread::scope(|scope| {
        for _ in 0..3 {
            let mut worker: Worker = dispatcher.attach().unwrap();
            scope.spawn(move || worker.run().unwrap());
        }
        let nodes = (0..100).map(|_| Node { next: None, hops: hops.clone() });
        let nodes = system.spawn_many(nodes, &Spawn::new().on(dispatcher)).unwrap();
        for (at, node) in nodes.iter().enumerate() {
            system.tell(*node, Hop::Link(nodes[(at + 1) % nodes.len()])).unwrap();
        }
        system.tell_many(nodes.iter().map(|node| (*node, Hop::Token(99)))).unwrap();
        system.settle(PATIENCE).unwrap();
        system.stop(PATIENCE).unwrap();
    });
    assert_eq!(hops.load(Ordering::SeqCst), 100 * 100);
    assert!(system.ledger().holds());
}

#[test]
fn actors_of_a_dispatcher_without_a_worker_end_with_the_system() {
    let (system, dropped) = (System::new().unwrap(), support::Dropped::count());
    struct Kept(#[allow(dead_code)] support::Dropped);
    impl Actor for Kept {
        type Msg = Thread;
        fn handle(&mut self, _: &mut Context<'_>, _: Thread) -> Result<(), Failure> {
            Ok(())
        }
    }
    let caller = system.dispatcher(DispatcherMode::CALLER).build().unwrap();
    system.spawn_with(Kept(support::Dropped(dropped.clone())), &Spawn::new().on(caller)).unwrap();
    assert_eq!(system.stop(PATIENCE).unwrap().actors, 1);
    assert_eq!(support::dropped(&dropped), 1);
}

/// Where the calling thread may run, as the kernel tells it.
fn thread_cpus() -> String {
    let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("Cpus_allowed_list:")).unwrap();
    line.split_whitespace().nth(1).unwrap().to_string()
}

fn first_cpu() -> u32 {
    thread_cpus().split(['-', ',']).next().unwrap().parse().unwrap()
}

#[test]
fn a_lent_thread_is_bound_while_it_is_lent() {
    let (system, all, first) = (System::new().unwrap(), thread_cpus(), [first_cpu()]);
    let dispatcher = system
        .dispatcher(DispatcherMode::ATTACHED)
        .placed(Placement::new().cpus(Cpus::Named(&first)).pinned())
        .build()
        .unwrap();
    let worker = dispatcher.attach_pinned().unwrap();
    assert_eq!(thread_cpus(), first[0].to_string());
    let rows = system.workers();
    assert!(rows.iter().any(|row| row.is_own == 0 && row.cpu == first[0] + 1), "{rows:?}");
    drop(worker);
    assert_eq!(thread_cpus(), all);
}

#[test]
fn where_threads_cannot_run_is_refused_with_where_they_can() {
    let system = System::new().unwrap();
    for wrong in [
        Placement::new().cpus(Cpus::Named(&[1023])),
        Placement::new().cpus(Cpus::Any(1024)),
        Placement::new().node(98),
        Placement::new().critical(),
        Placement::new().priority(100),
    ] {
        let error = system.dispatcher(DispatcherMode::INLINE).placed(wrong).build().unwrap_err();
        assert!(!error.to_string().is_empty(), "{wrong:?}");
    }
    let urgent = Placement::new().priority(1);
    if let Err(error) = system.dispatcher(DispatcherMode::INLINE).workers(1).placed(urgent).build()
    {
        assert_eq!(error.status(), Status::E_UNSUPPORTED);
        assert!(error.to_string().contains("CAP_SYS_NICE"), "{error}");
    }
    let optional = Placement::new().priority_if_allowed(1).node(0).fairness(8);
    system.dispatcher(DispatcherMode::INLINE).workers(1).placed(optional).build().unwrap();
}

#[test]
fn what_is_used_is_told() {
    let system = System::builder().workers(2).share(500).build().unwrap();
    let usage = system.usage();
    assert!(usage.workers == 2 && usage.share_permille == 500 && usage.nodes >= 1, "{usage:?}");
    assert!(usage.resident_bytes > 0 && usage.peak_bytes >= usage.resident_bytes, "{usage:?}");
    for row in system.workers() {
        assert!((0.0..=1.0).contains(&row.utilization()), "{row:?}");
    }
}
