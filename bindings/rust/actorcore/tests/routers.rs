//! Routers: whom their messages reach, and the lives of groups and pools.

mod support;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::Duration;

use actorcore::{messages, Actor, Address, Buffer, Bytes, Context, Dead, DispatcherMode, Event};
use actorcore::{Failure, Hashing, Mailbox, MailboxOrder, Overflow, Route, Router, Spawn, Status};
use actorcore::{Strategy, Supervision, System};
use support::{dropped, in_every_mode, in_mode, Dropped, Seen, PATIENCE};

const MS: Duration = Duration::from_millis(1);

messages! {
    #[derive(Clone)]
    enum Act {
        Value(u64) = 1,
        Fail = 2,
        End = 3,
        Mute = 4,
        Pass(u64) = 5,
        Ask = 6,
        Shared(Bytes) = 7,
        Turn = 8,
    }

    #[derive(Debug, PartialEq)]
    struct Index(u64) = 9;
}

/// One of a team: notes what it gets with its index, and answers with that.
struct Member {
    index: u64,
    team: Team,
    _dropped: Dropped,
}

/// What the members of a test have in common.
#[derive(Clone)]
struct Team {
    made: Arc<AtomicU64>,
    seen: Seen<(u64, u64)>,
    ends: Seen<Status>,
    dropped: Arc<AtomicU64>,
    target: Option<Address<Act>>,
}

impl Team {
    fn new() -> Team {
        let (made, dropped) = (Arc::default(), Dropped::count());
        Team { made, seen: Seen::new(), ends: Seen::new(), dropped, target: None }
    }

    fn member(&self) -> Member {
        let index = self.made.fetch_add(1, Ordering::SeqCst);
        Member { index, team: self.clone(), _dropped: Dropped(self.dropped.clone()) }
    }

    /// What makes a pool's members.
    fn maker(&self) -> impl Fn() -> Member + Send + Sync + 'static {
        let team = self.clone();
        move || team.member()
    }

    fn spawn(&self, system: &System, count: usize) -> Vec<Address<Act>> {
        let members: Vec<_> = (0..count).map(|_| self.member()).collect();
        system.spawn_many(members, &Spawn::new()).unwrap()
    }

    /// How many messages each has had, by index.
    fn shares(&self) -> Vec<usize> {
        let mut shares = vec![0; self.made.load(Ordering::SeqCst) as usize];
        self.seen.take().into_iter().for_each(|(index, _)| shares[index as usize] += 1);
        shares
    }
}

impl Actor for Member {
    type Msg = Act;

    fn handle(&mut self, context: &mut Context<'_>, message: Act) -> Result<(), Failure> {
        match message {
            Act::Value(value) => {
                self.team.seen.push((self.index, value));
                if context.request().is_some() {
                    context.reply(Index(self.index))?;
                }
            }
            Act::Fail => return Err(Failure::new("told to")),
            Act::End => context.stop(),
            Act::Mute => {}
            Act::Pass(count) => {
                let target = self.team.target.ok_or(Failure::new("nobody to pass to"))?;
                (1..=count).try_for_each(|value| context.send(target, Act::Value(value)))?;
            }
            Act::Ask => {
                let target = self.team.target.ok_or(Failure::new("nobody to ask"))?;
                let _ = context.ask(target, Act::Value(0), PATIENCE)?;
            }
            Act::Shared(bytes) => self.team.seen.push((self.index, bytes.as_ptr() as u64)),
            Act::Turn => context.become_(Member::turned)?,
        }
        Ok(())
    }

    fn event(&mut self, _: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Reply(reply) => {
                let ended = reply.read::<Index>().err().map_or(Status::OK, |error| error.status());
                self.team.ends.push(ended);
            }
            Event::Restarted => {}
            event => return event.unhandled(),
        }
        Ok(())
    }
}

impl Member {
    fn turned(&mut self, context: &mut Context<'_>, message: Act) -> Result<(), Failure> {
        match message {
            Act::Value(value) => self.handle(context, Act::Value(value + 100)),
            _ => Ok(context.unbecome()?),
        }
    }
}

fn seeded(seed: u64) -> System {
    System::builder().seeded(seed).build().unwrap()
}

fn settle(system: &System) {
    system.settle(PATIENCE).unwrap();
}

fn tell(system: &System, router: &Router<Act>, values: impl IntoIterator<Item = u64>) {
    values.into_iter().for_each(|value| system.tell(router.address(), Act::Value(value)).unwrap());
}

fn ask(system: &System, router: &Router<Act>, value: u64) -> Result<u64, Status> {
    let answer = system.ask(router.address(), Act::Value(value), PATIENCE);
    answer.map(|Index(index)| index).map_err(|error| error.status())
}

fn refused<T: std::fmt::Debug>(result: actorcore::Result<T>) -> Status {
    let error = result.unwrap_err();
    assert!(error.message().len() > 10, "{error}");
    error.status()
}

#[test]
fn a_pool_gives_each_routee_a_state_of_its_own_and_ends_with_its_router() {
    in_every_mode(|system, spawn| {
        let team = Team::new();
        let (make, held) = (team.maker(), Dropped(Dropped::count()));
        let closures = held.0.clone();
        let make = move || {
            let _ = &held;
            make()
        };
        let router = Router::pool(system, Route::RoundRobin, make).spawn(spawn).size(4).build();
        let router = router.unwrap();
        tell(system, &router, 0..12);
        settle(system);
        assert_eq!(team.shares(), [3, 3, 3, 3]);
        assert_eq!((dropped(&team.dropped), dropped(&closures)), (0, 0));
        drop(router);
        settle(system);
        assert_eq!((dropped(&team.dropped), dropped(&closures)), (4, 1));
    });
}

#[test]
fn a_routee_of_a_pool_becomes_another_as_any_actor() {
    in_every_mode(|system, spawn| {
        let team = Team::new();
        let router = Router::pool(system, Route::Broadcast, team.maker()).spawn(spawn).size(2);
        let router = router.build().unwrap();
        for message in [Act::Turn, Act::Value(1), Act::Turn, Act::Value(2)] {
            system.tell(router.address(), message).unwrap();
        }
        settle(system);
        let mut seen = team.seen.take();
        seen.sort_unstable();
        assert_eq!(seen, [(0, 2), (0, 101), (1, 2), (1, 101)]);
    });
}

#[test]
fn an_ask_of_a_router_is_answered_whatever_its_route() {
    let routes = || {
        let hashing = Hashing::bytes(..);
        let one = [Route::RoundRobin, Route::Random, Route::SmallestMailbox];
        let all = [Route::ConsistentHash(hashing), Route::Broadcast, Route::ScatterGather(MS)];
        one.into_iter().chain(all)
    };
    for (at, route) in routes().enumerate() {
        let (system, team) = (seeded(4), Team::new());
        let routees = team.spawn(&system, 3);
        let router = Router::group(&system, route).routees(routees).build().unwrap();
        assert!(ask(&system, &router, 5).unwrap() < 3);
        settle(&system);
        let is_many = at >= 4;
        assert_eq!(team.seen.take().len(), if is_many { 3 } else { 1 });
        assert_eq!(system.ledger().dead_of(Dead::LATE_REPLY), if is_many { 2 } else { 0 });
        assert_eq!(router.stats().routed, if is_many { 3 } else { 1 });
    }
}

#[test]
fn a_handler_sends_to_a_router_as_to_any_actor() {
    let (system, mut team) = (seeded(7), Team::new());
    let routees = team.spawn(&system, 3);
    let router = Router::group(&system, Route::RoundRobin).routees(routees).build().unwrap();
    team.target = Some(router.address());
    let source = system.spawn(team.member()).unwrap();
    system.tell(source, Act::Pass(99)).unwrap();
    settle(&system);
    let seen = team.seen.take();
    for index in 0..3 {
        let its: Vec<_> = seen.iter().filter(|(of, _)| *of == index).map(|(_, it)| *it).collect();
        assert_eq!(its, (1..=99).skip(index as usize).step_by(3).collect::<Vec<_>>());
    }
}

#[test]
fn a_broadcast_reaches_all_and_they_share_its_buffer() {
    let (system, team) = (seeded(7), Team::new());
    let router = Router::pool(&system, Route::Broadcast, team.maker()).size(3).build().unwrap();
    let shared = Buffer::new(100).unwrap().freeze();
    system.tell(router.address(), Act::Shared(shared.clone().into())).unwrap();
    settle(&system);
    let place = shared.as_ptr() as u64;
    let mut seen = team.seen.take();
    seen.sort_unstable();
    assert_eq!(seen, [(0, place), (1, place), (2, place)]);
}

#[test]
fn random_gives_about_the_same_to_each_and_the_seed_decides() {
    let run = |seed| {
        let (system, team) = (seeded(seed), Team::new());
        let router = Router::pool(&system, Route::Random, team.maker()).size(4).build().unwrap();
        tell(&system, &router, 0..400);
        settle(&system);
        (team.shares(), system.trace_hash().unwrap())
    };
    assert!(run(9).0.iter().all(|share| *share > 60));
    assert_eq!(run(9), run(9));
    assert_ne!(run(9), run(10));
}

#[test]
fn the_smallest_mailbox_is_the_one_with_the_fewest_messages() {
    let (system, team, count) = (seeded(5), Team::new(), Dropped::count());
    let held = Dropped(count.clone());
    let mailbox = Mailbox::new().capacity(1_000, Overflow::FAIL).order(MailboxOrder::PRIORITY);
    let mailbox = mailbox.rank_by(move |_| {
        let _ = &held;
        0
    });
    let router = Router::pool(&system, Route::SmallestMailbox, team.maker());
    let router = router.spawn(Spawn::new().mailbox(&mailbox)).size(4).build().unwrap();
    drop(mailbox);
    tell(&system, &router, 0..40);
    let busy = router.routees()[2];
    assert_eq!((busy.place, busy.routed, busy.queued), (2, 10, 10));
    for value in 0..30 {
        system.tell(busy.actor, Act::Value(value)).unwrap();
    }
    tell(&system, &router, 0..30);
    let routed: Vec<_> = router.routees().iter().map(|routee| routee.routed).collect();
    assert_eq!(routed, [20, 20, 10, 20]);
    settle(&system);
    assert_eq!(team.shares(), [20, 20, 40, 20]);
    assert_eq!(dropped(&count), 0);
    drop(router);
    settle(&system);
    assert_eq!(dropped(&count), 1);
}

#[test]
fn a_group_takes_and_loses_routees_that_live_on() {
    let (system, team) = (seeded(7), Team::new());
    let members = team.spawn(&system, 3);
    let router = Router::group(&system, Route::RoundRobin).routees(members[..2].iter().copied());
    let router = router.build().unwrap();
    assert_eq!(refused(router.add(members[0])), Status::E_EXISTS);
    assert_eq!(refused(router.add(router.address())), Status::E_INVALID_ARGUMENT);
    assert_eq!(refused(router.resize(3)), Status::E_WRONG_MODE);
    router.add(members[2]).unwrap();
    router.remove(members[0]).unwrap();
    assert_eq!(refused(router.remove(members[0])), Status::E_NOT_FOUND);
    let rows = router.routees();
    let placed: Vec<_> = rows.iter().map(|routee| (routee.place, routee.actor)).collect();
    assert_eq!(placed, [(1, members[1].id()), (2, members[2].id())]);
    tell(&system, &router, 0..6);
    settle(&system);
    assert_eq!(team.shares(), [0, 3, 3]);
    let address = router.address();
    drop(router);
    settle(&system);
    assert!(!system.is_alive(address));
    assert!(members.iter().all(|member| system.is_alive(*member)));
}

#[test]
fn many_routees_are_told_of_by_place() {
    let (system, team) = (seeded(7), Team::new());
    let router = Router::pool(&system, Route::RoundRobin, team.maker()).size(100);
    let router = router.build().unwrap();
    assert_eq!(router.routees().len(), 100);
    assert!(router.routees().iter().zip(0..).all(|(routee, place)| routee.place == place));
    system.stop_actor(router.address(), false).unwrap();
    settle(&system);
    assert_eq!(router.routees(), []);
}

#[test]
fn a_key_stays_with_its_routee_and_only_the_keys_of_one_that_goes_move() {
    let (system, team) = (seeded(8), Team::new());
    let members = team.spawn(&system, 10);
    let route = Route::ConsistentHash(Hashing::bytes(..8).virtual_nodes(200));
    let router = Router::group(&system, route).routees(members.iter().copied()).build().unwrap();
    let owners = || (0..500).map(|key| ask(&system, &router, key).unwrap()).collect::<Vec<_>>();
    let before = owners();
    let of = |index| before.iter().filter(|owner| **owner == index).count();
    assert!((0..10).all(|index| of(index) > 20), "{before:?}");
    assert_eq!(owners(), before);
    router.remove(members[3]).unwrap();
    for (owner, now) in before.iter().zip(owners()) {
        assert!(if *owner == 3 { now != 3 } else { now == *owner });
    }
    // Whoever takes its place gets its keys, and no others.
    router.add(team.spawn(&system, 1)[0]).unwrap();
    let moved = before.iter().map(|owner| if *owner == 3 { 10 } else { *owner });
    assert_eq!(owners(), moved.collect::<Vec<_>>());
}

#[test]
fn a_key_is_where_the_hashing_says() {
    let seven = 7;
    let keys = || {
        let panics = Hashing::by(|_| panic!("knows no key"));
        let by = Hashing::by(move |message| {
            assert!(message.kind() == 1 && message.sender().is_none());
            u64::from_le_bytes(message.payload().try_into().unwrap()) % seven
        });
        let none = [Hashing::bytes(8..), Hashing::bytes(3..3), Hashing::bytes(..0), panics];
        [Hashing::bytes(4..8), Hashing::bytes(4..=7), Hashing::bytes(4..), by]
            .into_iter()
            .chain(none)
    };
    for (way, hashing) in keys().enumerate() {
        let (system, team) = (seeded(8), Team::new());
        let route = Route::ConsistentHash(hashing);
        let router = Router::pool(&system, route, team.maker()).size(5).build().unwrap();
        let mut owners: Vec<_> = (0..7_u64)
            .map(|key| {
                let value = |rest: u64| if way == 3 { key + 7 * rest } else { key << 32 | rest };
                let owner = ask(&system, &router, value(0)).unwrap();
                assert!((1..9).all(|rest| ask(&system, &router, value(rest)) == Ok(owner)));
                owner
            })
            .collect();
        owners.sort_unstable();
        owners.dedup();
        assert_eq!(owners.len() == 1, way >= 4, "way {way}");
    }
}

#[test]
fn a_bound_on_loads_keeps_a_hot_key_from_filling_one_mailbox() {
    let (system, team) = (seeded(8), Team::new());
    let route = Route::ConsistentHash(Hashing::bytes(..).load_bound(150));
    let router = Router::pool(&system, route, team.maker()).size(4).build().unwrap();
    for total in 1..=100 {
        tell(&system, &router, [1]);
        let most = (total * 150_u64).div_ceil(400);
        assert!(router.routees().iter().all(|routee| routee.queued <= most));
    }
    assert!(router.stats().spilled > 25);
}

#[test]
fn what_nobody_is_there_for_is_refused_outside_and_dead_inside() {
    let (system, mut team) = (seeded(7), Team::new());
    let router = Router::<Act>::group(&system, Route::RoundRobin).build().unwrap();
    let told = system.tell(router.address(), Act::Value(1));
    assert_eq!(told.unwrap_err().status(), Status::E_NOT_FOUND);
    assert_eq!(ask(&system, &router, 1), Err(Status::E_NOT_FOUND));
    team.target = Some(router.address());
    let source = system.spawn(team.member()).unwrap();
    system.tell(source, Act::Pass(3)).unwrap();
    system.tell(source, Act::Ask).unwrap();
    settle(&system);
    assert_eq!(team.ends.take(), [Status::E_NOT_FOUND]);
    let letters = system.dead_letters(0);
    let unrouted: Vec<_> = letters.iter().filter(|it| it.reason == Dead::UNROUTED).collect();
    assert!(unrouted.len() >= 3);
    assert_eq!((unrouted[0].to, unrouted[0].sender), (router.address().id(), Some(source.id())));
    assert!(system.ledger().holds());
}

#[test]
fn a_scattered_ask_waits_no_longer_than_the_router_says() {
    let wait = |route, patience| {
        let (system, team) = (seeded(2), Team::new());
        let router = Router::pool(&system, route, team.maker()).size(3).build().unwrap();
        let before = system.now();
        let error = system.ask::<Index, _>(router.address(), Act::Mute, patience).unwrap_err();
        assert_eq!(error.status(), Status::E_TIMEOUT);
        Duration::from_nanos(system.now() - before)
    };
    assert_eq!(wait(Route::ScatterGather(5 * MS), PATIENCE), 5 * MS);
    assert_eq!(wait(Route::ScatterGather(Duration::MAX), 9 * MS), 9 * MS);
    assert_eq!(wait(Route::Broadcast, 9 * MS), 9 * MS);
}

#[test]
fn a_routee_that_stopped_is_replaced_in_its_place_and_one_that_failed_restarts() {
    let (system, team) = (seeded(5), Team::new());
    let router = Router::pool(&system, Route::RoundRobin, team.maker()).size(3).build().unwrap();
    let before = router.routees();
    assert_eq!(system.supervisor(before[0].actor).unwrap(), Some(router.address().id()));
    system.tell(before[0].actor, Act::Fail).unwrap();
    system.tell(before[1].actor, Act::End).unwrap();
    settle(&system);
    assert_eq!((router.stats().routees, router.stats().ended), (2, 1));
    system.advance(MS).unwrap();
    let after = router.routees();
    assert_eq!((router.stats().routees, router.stats().replaced), (3, 1));
    assert_eq!((after[0].actor, after[2].actor), (before[0].actor, before[2].actor));
    assert_ne!(after[1].actor, before[1].actor);
    tell(&system, &router, 0..6);
    settle(&system);
    assert_eq!(team.shares(), [2, 0, 2, 2]);
}

#[test]
fn the_spawn_says_what_a_failure_leads_to() {
    let run = |strategy| {
        let (system, team) = (seeded(5), Team::new());
        let spawn = Spawn::new().supervision(Supervision::new(strategy));
        let router = Router::pool(&system, Route::RoundRobin, team.maker()).spawn(spawn).size(2);
        let router = router.build().unwrap();
        system.tell(router.routees()[0].actor, Act::Fail).unwrap();
        system.advance(100 * MS).unwrap();
        let stats = router.stats();
        (system.is_alive(router.address()), stats.routees, stats.replaced, dropped(&team.dropped))
    };
    assert_eq!(run(Strategy::Resume), (true, 2, 0, 0));
    assert_eq!(run(Strategy::Stop), (true, 1, 0, 1));
    assert_eq!(run(Strategy::Escalate), (false, 0, 0, 2));
}

#[test]
fn a_pool_is_resized_by_hand_and_who_goes_handles_what_it_has() {
    let (system, team) = (seeded(5), Team::new());
    let router = Router::pool(&system, Route::RoundRobin, team.maker()).size(4).build().unwrap();
    tell(&system, &router, 0..40);
    router.resize(1).unwrap();
    tell(&system, &router, 0..5);
    settle(&system);
    assert_eq!(team.shares(), [15, 10, 10, 10]);
    assert_eq!((router.stats().shrunk, dropped(&team.dropped)), (3, 3));
    router.resize(6).unwrap();
    assert_eq!((router.stats().grown, router.stats().routees), (5, 6));
    assert_eq!(refused(router.resize(4_097)), Status::E_LIMIT);
    let other = team.spawn(&system, 1)[0];
    assert_eq!(refused(router.add(other)), Status::E_WRONG_MODE);
    assert_eq!(refused(router.remove(router.routees()[0].actor)), Status::E_WRONG_MODE);
}

#[test]
fn a_pool_grows_with_what_waits_and_shrinks_when_nothing_does() {
    // Who waits to be restarted handles nothing meanwhile.
    let (system, team) = (seeded(5), Team::new());
    let policy = Supervision::new(Strategy::Restart).backoff(55 * MS, Duration::ZERO);
    let router = Router::pool(&system, Route::RoundRobin, team.maker())
        .spawn(Spawn::new().supervision(policy))
        .size(2)
        .between(2, 6)
        .resized(10 * MS, 5, 1)
        .build()
        .unwrap();
    assert_eq!(refused(router.resize(7)), Status::E_LIMIT);
    for _ in 0..2 {
        system.tell(router.address(), Act::Fail).unwrap();
    }
    tell(&system, &router, 0..40);
    let size = |_| {
        system.advance(10 * MS).unwrap();
        router.stats().routees
    };
    assert_eq!((0..10).map(size).collect::<Vec<_>>(), [3, 4, 5, 6, 6, 5, 4, 3, 2, 2]);
    assert_eq!(team.seen.take().len(), 40);
}

#[test]
fn a_closure_that_panics_costs_one_message_and_makes_another_routee_later() {
    for mode in [DispatcherMode::INLINE, DispatcherMode::ATTACHED] {
        let system = seeded(5);
        in_mode(&system, mode, |system, spawn| {
            let team = Team::new();
            let (make, times) = (team.maker(), AtomicU64::new(0));
            let make = move || {
                assert_ne!(times.fetch_add(1, Ordering::SeqCst), 1, "the second is not made");
                make()
            };
            let router = Router::pool(system, Route::RoundRobin, make).spawn(spawn).size(3);
            let router = router.build().unwrap();
            tell(system, &router, 0..3);
            settle(system);
            assert_eq!(team.seen.take().len(), 2);
            let failures = system.failures(0);
            assert_eq!((failures.len(), failures[0].status), (1, Status::E_PANIC));
            assert!(failures[0].text.starts_with("rust Member: was not made"), "{failures:?}");
            system.advance(2 * MS).unwrap();
            assert_eq!((router.stats().routees, router.stats().replaced), (3, 1));
            tell(system, &router, 0..6);
            settle(system);
            assert_eq!(team.shares(), [2, 2, 2]);
            assert_eq!(system.failures(0).len(), 1);
        });
    }
}

#[test]
fn what_was_not_made_is_dropped_by_nobody() {
    for mode in [DispatcherMode::INLINE, DispatcherMode::ATTACHED] {
        let system = seeded(5);
        in_mode(&system, mode, |system, spawn| {
            let made = || -> Member { panic!("there are no members") };
            let router = Router::pool(system, Route::RoundRobin, made).spawn(spawn.stopped());
            let router = router.size(2).build().unwrap();
            let address = router.address();
            drop(router);
            settle(system);
            assert!(!system.is_alive(address));
            assert_eq!(system.failures(0), []);
        });
    }
}

#[test]
fn what_contradicts_itself_is_refused_and_its_closures_are_dropped() {
    let (system, team) = (seeded(7), Team::new());
    let members = team.spawn(&system, 2);
    let group = |route| Router::<Act>::group(&system, route);
    let twice = group(Route::RoundRobin).routees([members[0], members[0]]);
    assert_eq!(refused(twice.build()), Status::E_EXISTS);
    let bound = Hashing::bytes(..).load_bound(99);
    assert_eq!(refused(group(Route::ConsistentHash(bound)).build()), Status::E_INVALID_ARGUMENT);

    let count = Dropped::count();
    let pool = || {
        let (key, make, team) = (Dropped(count.clone()), Dropped(count.clone()), team.clone());
        let key = Hashing::by(move |_| {
            let _ = &key;
            0
        });
        Router::pool(&system, Route::ConsistentHash(key), move || {
            let _ = &make;
            team.member()
        })
    };
    let custom = Spawn::new().supervision(Supervision::new(Strategy::Decide));
    assert_eq!(refused(pool().size(5_000).build()), Status::E_LIMIT);
    assert_eq!(refused(pool().size(2).between(3, 9).build()), Status::E_INVALID_ARGUMENT);
    assert_eq!(refused(pool().resized(MS / 2, 1, 0).build()), Status::E_INVALID_ARGUMENT);
    assert_eq!(refused(pool().resized(MS, 1, 2).build()), Status::E_INVALID_ARGUMENT);
    assert_eq!(refused(pool().spawn(Spawn::new().name("one")).build()), Status::E_INVALID_ARGUMENT);
    assert_eq!(refused(pool().spawn(custom).build()), Status::E_INVALID_ARGUMENT);
    assert_eq!(dropped(&count), 2 * 6);
    drop(pool().build().unwrap());
    settle(&system);
    assert_eq!((dropped(&count), dropped(&team.dropped)), (2 * 7, 1));
}

#[test]
fn a_router_has_a_name_and_is_stopped_as_an_actor() {
    let (system, team) = (seeded(7), Team::new());
    let router = Router::pool(&system, Route::RoundRobin, team.maker()).name("team").build();
    let router = router.unwrap();
    assert_eq!(system.find("team").unwrap(), router.address().id());
    let again = Router::<Act>::group(&system, Route::RoundRobin).name("team").build();
    assert_eq!(refused(again), Status::E_EXISTS);
    system.stop_actor(router.address(), false).unwrap();
    settle(&system);
    assert!(!system.is_alive(router.address()));
    assert_eq!((dropped(&team.dropped), router.stats().routees), (1, 0));
    assert_eq!(refused(system.find("team")), Status::E_NOT_FOUND);
}
