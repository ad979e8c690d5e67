//! What a failure leads to, and the lives of families.

mod support;

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actorcore::{messages, Actor, ActorId, Address, Context, DispatcherMode, Event, Failed};
use actorcore::{Failure, Spawn, Status, Strategy, Supervision, System, Timing};
use support::{dropped, in_every_mode, in_mode, tell_all, Dropped, Seen, PATIENCE};

const MS: Duration = Duration::from_millis(1);

messages! {
    #[derive(Clone, Copy)]
    enum Act {
        Work = 11,
        Fail = 12,
        Panic = 13,
        Restart = 14,
        RestartOther(ActorId) = 15,
        KillOther(ActorId) = 16,
        Look = 17,
        StartTimers = 18,
        Tick(u64) = 19,
    }
}

/// What an actor heard, a sign each: S started, a digit for what it has worked since it began, !
/// what it fails at, r restarting, R restarted, t stopping, T stopped, F told of a failure.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Log {
    fn push(&self, sign: &str) {
        self.0.lock().unwrap().push_str(sign);
    }

    fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }
}

struct Life {
    log: Log,
    worked: u64,
    /// What it is told of failures, and what it decides.
    failures: Seen<Failed>,
    decision: Option<Strategy>,
    /// Fails at this sign, once.
    fails_at: &'static str,
    /// When it heard each sign.
    times: Seen<u64>,
    _dropped: Dropped,
}

impl Life {
    fn hear(&mut self, context: &mut Context<'_>, sign: &str) -> Result<(), Failure> {
        self.log.push(sign);
        self.times.push(context.now());
        if sign == self.fails_at {
            self.fails_at = "";
            return Err(Failure::new("as it was made"));
        }
        Ok(())
    }
}

impl Actor for Life {
    type Msg = Act;

    fn handle(&mut self, context: &mut Context<'_>, message: Act) -> Result<(), Failure> {
        match message {
            Act::Work => {
                self.worked += 1;
                self.hear(context, &self.worked.to_string())?;
            }
            Act::Fail => {
                self.hear(context, "!")?;
                return Err(Failure::new("told to"));
            }
            Act::Panic => {
                self.hear(context, "!")?;
                panic!("told to panic");
            }
            Act::Restart => context.restart()?,
            Act::RestartOther(other) => context.restart_other(other)?,
            Act::KillOther(other) => context.kill_other(other)?,
            Act::Look => {
                let family = (context.children()?.len(), context.supervisor()?.is_some());
                let restarts = context.supervision_stats()?.restarts;
                self.log.push(&format!("{family:?} after {restarts}"));
            }
            Act::StartTimers => {
                let (tick, kept) = (Timing::after(MS), Timing::after(2 * MS).kept_on_restart());
                let _ = context.start_timer(context.me(), Act::Tick(1), tick)?;
                let _ = context.start_timer(context.me(), Act::Tick(2), kept)?;
            }
            Act::Tick(number) => self.log.push(&format!("tick {number}")),
        }
        Ok(())
    }

    fn event(&mut self, context: &mut Context<'_>, event: Event<'_>) -> Result<(), Failure> {
        match event {
            Event::Started => self.hear(context, "S"),
            Event::Restarting => self.hear(context, "r"),
            Event::Restarted => {
                self.worked = 0;
                self.hear(context, "R")
            }
            Event::Stopping => self.hear(context, "t"),
            Event::Stopped => self.hear(context, "T"),
            Event::Failed(failed) => {
                self.hear(context, "F")?;
                if let Some(strategy) = self.decision {
                    context.decide(failed.actor, strategy)?;
                    let again = context.decide(failed.actor, strategy).unwrap_err();
                    assert!(matches!(again.status(), Status::E_NOT_FOUND | Status::E_STALE));
                }
                self.failures.push(failed);
                Ok(())
            }
            event => event.unhandled(),
        }
    }
}

/// Lives, and what they leave behind.
#[derive(Clone)]
struct Scene {
    log: Log,
    failures: Seen<Failed>,
    times: Seen<u64>,
    dropped: Arc<AtomicU64>,
}

impl Scene {
    fn new() -> Scene {
        Scene {
            log: Log::default(),
            failures: Seen::new(),
            times: Seen::new(),
            dropped: Dropped::count(),
        }
    }

    fn life(&self) -> Life {
        Life {
            log: self.log.clone(),
            worked: 0,
            failures: self.failures.clone(),
            decision: None,
            fails_at: "",
            times: self.times.clone(),
            _dropped: Dropped(self.dropped.clone()),
        }
    }
}

fn every_hook(spawn: Spawn<'static>) -> Spawn<'static> {
    spawn.started().restarting().stopping().stopped()
}

type Id = Address<Act>;

/// A supervisor with this policy and its child, both started.
fn two(system: &System, spawn: Spawn<'static>, policy: Supervision) -> (Id, Scene, Id, Scene) {
    let (boss, child, spawn) = (Scene::new(), Scene::new(), every_hook(spawn));
    let above = system.spawn_with(boss.life(), &spawn.children(policy)).unwrap();
    let below = system.spawn_with(child.life(), &spawn.supervisor(above.id())).unwrap();
    system.settle(PATIENCE).unwrap();
    (above, boss, below, child)
}

/// Work, work, fail, work, work, all queued before the first is handled.
fn tell_five(system: &System, to: Id, failing: Act) {
    tell_all(system, to, [Act::Work, Act::Work, failing, Act::Work, Act::Work]);
}

/// What a child hears and what its supervisor hears, whichever way it fails.
fn expect_of(strategy: Strategy, child_hears: &str, boss_hears: &str) {
    for failing in [Act::Fail, Act::Panic] {
        in_every_mode(|system, spawn| {
            let (_, boss, below, child) = two(system, spawn, Supervision::new(strategy));
            tell_five(system, below, failing);
            assert_eq!(child.log.text(), child_hears);
            assert_eq!(boss.log.text(), boss_hears);
            assert_eq!(system.ledger().failed, 1);
            assert!(system.ledger().holds());
        });
    }
}

#[test]
fn a_restarted_actor_keeps_its_mailbox_and_makes_its_state_anew() {
    expect_of(Strategy::Restart, "S12!rR12", "S");
}

#[test]
fn a_resumed_actor_goes_on_with_the_next_message() {
    expect_of(Strategy::Resume, "S12!34", "S");
}

#[test]
fn an_actor_that_its_supervisor_stops_hears_of_it() {
    expect_of(Strategy::Stop, "S12!tT", "S");
}

#[test]
fn a_failure_that_nobody_is_above_of_stops_the_supervisor_and_its_children() {
    expect_of(Strategy::Escalate, "S12!tT", "StT");
}

#[test]
fn without_a_policy_a_child_stops_and_its_supervisor_is_told() {
    in_every_mode(|system, spawn| {
        let (_, boss, below, child) = two(system, spawn, Supervision::default());
        tell_five(system, below, Act::Fail);
        assert_eq!((child.log.text(), boss.log.text()), ("S12!tT".into(), "SF".into()));
        assert!(!system.is_alive(below));
    });
}

#[test]
fn a_restart_needs_no_asking_to_be_told_of() {
    in_every_mode(|system, spawn| {
        let life = Scene::new();
        let actor = system.spawn_with(life.life(), &spawn).unwrap();
        tell_all(system, actor, [Act::Work, Act::Restart]);
        tell_all(system, actor, [Act::Work]);
        assert_eq!(life.log.text(), "1R1");
    });
}

#[test]
fn a_dropped_actor_is_dropped_once_however_often_it_restarted() {
    let life = Scene::new();
    in_every_mode(|system, spawn| {
        let actor = system.spawn_with(life.life(), &spawn).unwrap();
        for _ in 0..3 {
            tell_all(system, actor, [Act::Restart]);
        }
        assert_eq!(system.supervision_stats(actor).unwrap().restarts, 3);
    });
    assert_eq!(dropped(&life.dropped), 5, "one in each of five systems");
}

/// What three children hear of the failure of the second.
fn three_hear(strategy: Strategy) -> Vec<[String; 3]> {
    let all = Seen::new();
    in_every_mode(|system, spawn| {
        let (above, _, first, of_first) = two(system, spawn, Supervision::new(strategy));
        let younger = [Scene::new(), Scene::new()];
        let spawn = every_hook(spawn).supervisor(above.id());
        let [second, third] = younger.clone().map(|life| system.spawn_with(life.life(), &spawn));
        system.settle(PATIENCE).unwrap();
        tell_all(system, second.unwrap(), [Act::Fail]);
        let [of_second, of_third] = younger;
        all.push([of_first, of_second, of_third].map(|life| life.log.text()));
        let (first, third) = (first.id(), third.unwrap().id());
        let children = system.children(above).unwrap();
        assert!(children.is_empty() || children[0] == first && children[2] == third);
        let kept = if strategy == Strategy::StopAll { 0 } else { 3 };
        assert_eq!(children.len(), kept);
    });
    all.take()
}

#[test]
fn a_failure_can_be_that_of_all_children_or_of_the_younger_ones() {
    for (strategy, expected) in [
        (Strategy::RestartAll, ["SrR", "S!rR", "SrR"]),
        (Strategy::RestForOne, ["S", "S!rR", "SrR"]),
        (Strategy::StopAll, ["StT", "S!tT", "StT"]),
    ] {
        let heard = three_hear(strategy);
        assert!(heard.iter().all(|logs| *logs == expected), "{strategy:?}: {heard:?}");
    }
}

#[test]
fn an_escalated_failure_is_the_supervisors_and_its_supervisor_decides() {
    in_every_mode(|system, spawn| {
        let (top, middle) = (Scene::new(), Scene::new());
        let spawn = every_hook(spawn);
        let restart = Supervision::new(Strategy::Restart);
        let escalate = Supervision::new(Strategy::Escalate);
        let above = system.spawn_with(top.life(), &spawn.children(restart)).unwrap();
        let under = spawn.supervisor(above.id()).children(escalate);
        let under = system.spawn_with(middle.life(), &under).unwrap();
        let child = Scene::new();
        let below = system.spawn_with(child.life(), &spawn.supervisor(under.id())).unwrap();
        system.settle(PATIENCE).unwrap();
        tell_five(system, below, Act::Panic);
        assert_eq!(middle.log.text(), "SrR");
        assert_eq!(child.log.text(), "S12!tT");
        assert_eq!(system.supervision_stats(under).unwrap().escalated, 1);
        let failures = system.failures(0);
        assert_eq!((failures.len(), failures[1].actor), (2, under.id()));
        assert_eq!((failures[1].status, failures[1].kind), (Status::E_PANIC, 13));
    });
}

#[test]
fn a_supervisor_that_sees_the_failure_decides_or_the_child_stops() {
    for (decision, hears) in [
        (None, "S12!tT"),
        (Some(Strategy::Stop), "S12!tT"),
        (Some(Strategy::Restart), "S12!rR12"),
        (Some(Strategy::Resume), "S12!34"),
    ] {
        in_every_mode(|system, spawn| {
            let (boss, child, spawn) = (Scene::new(), Scene::new(), every_hook(spawn));
            let policy = Supervision::new(Strategy::Decide);
            let decider = Life { decision, ..boss.life() };
            let above = system.spawn_with(decider, &spawn.children(policy)).unwrap();
            let below = spawn.supervisor(above.id());
            let below = system.spawn_with(child.life(), &below).unwrap();
            system.settle(PATIENCE).unwrap();
            tell_five(system, below, Act::Panic);
            assert_eq!((child.log.text(), boss.log.text()), (hears.into(), "SF".into()));
            let text = "rust Life: panicked: told to panic".to_owned();
            let (actor, status) = (below.id(), Status::E_PANIC);
            let failed = Failed { actor, status, kind: 13, number: 1, text };
            assert_eq!(boss.failures.take(), [failed]);
        });
    }
}

#[test]
fn nobody_decides_what_is_not_open() {
    let system = System::new().unwrap();
    let actor = system.spawn(Scene::new().life()).unwrap();
    let refused = system.decide(actor, Strategy::Stop).unwrap_err();
    assert_eq!(refused.status(), Status::E_NOT_FOUND);
    let refused = system.decide(actor, Strategy::Decide).unwrap_err();
    assert_eq!(refused.status(), Status::E_INVALID_ARGUMENT);
}

#[test]
fn more_restarts_than_the_intensity_allows_lead_to_what_the_limit_says() {
    for (on_limit, child_hears, boss_hears) in [
        (None, "S!rR!rR!tT", "S"),
        (Some(Strategy::StopAll), "S!rR!rR!tT", "S"),
        (Some(Strategy::Escalate), "S!rR!rR!tT", "StT"),
    ] {
        in_every_mode(|system, spawn| {
            let policy = Supervision::new(Strategy::Restart).intensity(2, PATIENCE);
            let policy = on_limit.map_or(policy, |strategy| policy.on_limit(strategy));
            let (above, boss, below, child) = two(system, spawn, policy);
            for _ in 0..3 {
                tell_all(system, below, [Act::Fail]);
            }
            assert_eq!(
                (child.log.text(), boss.log.text()),
                (child_hears.into(), boss_hears.into())
            );
            if let Ok(stats) = system.supervision_stats(above) {
                let counts = (stats.failures, stats.restarted, stats.limited, stats.stopped);
                assert_eq!(counts, (3, 2, 1, 1));
            }
        });
    }
}

/// How long each of so many restarts waited.
fn waits(policy: Supervision, pauses: &[Duration]) -> Vec<Duration> {
    let system = System::builder().seeded(5).build().unwrap();
    let (_, _, below, child) = two(&system, Spawn::new(), policy);
    system.settle(PATIENCE).unwrap();
    let signs = pauses.iter().map(|pause| {
        system.advance(*pause).unwrap();
        child.times.take();
        tell_all(&system, below, [Act::Fail]);
        let times = child.times.take();
        assert_eq!((times.len(), times[0]), (3, times[1]), "failed, restarting, restarted");
        Duration::from_nanos(times[2] - times[0])
    });
    signs.collect()
}

#[test]
fn each_restart_waits_longer_than_the_last_up_to_the_longest() {
    let none = [Duration::ZERO; 4];
    let policy = Supervision::new(Strategy::Restart);
    assert_eq!(waits(policy, &none), none);
    let policy = policy.backoff(10 * MS, 35 * MS);
    assert_eq!(waits(policy, &none), [10 * MS, 20 * MS, 35 * MS, 35 * MS]);
    assert_eq!(waits(policy.backoff_percent(100), &none), [10 * MS; 4]);
    let reset = policy.backoff_reset(Duration::from_secs(1));
    let pauses = [Duration::ZERO, Duration::ZERO, Duration::from_secs(1), Duration::ZERO];
    assert_eq!(waits(reset, &pauses), [10 * MS, 20 * MS, 10 * MS, 20 * MS]);
    let longest_by_default = Supervision::new(Strategy::Restart).backoff(MS, Duration::ZERO);
    assert_eq!(waits(longest_by_default.backoff_percent(1000), &none)[2..], [60 * MS, 60 * MS]);
}

#[test]
fn jitter_moves_a_wait_within_its_bounds() {
    let policy = Supervision::new(Strategy::Restart).backoff(100 * MS, 100 * MS);
    let waits = waits(policy.jitter_percent(20), &[Duration::ZERO; 8]);
    assert!(waits.iter().all(|wait| (80 * MS..=120 * MS).contains(wait)), "{waits:?}");
    assert!(waits.iter().any(|wait| *wait != waits[0]), "{waits:?}");
}

#[test]
fn a_childs_own_policy_takes_the_place_of_its_supervisors() {
    in_every_mode(|system, spawn| {
        let (above, _, usual, of_usual) = two(system, spawn, Supervision::new(Strategy::Restart));
        let special = Scene::new();
        let own = every_hook(spawn).supervisor(above.id());
        let own = own.supervision(Supervision::new(Strategy::Resume));
        let own = system.spawn_with(special.life(), &own).unwrap();
        system.supervise(above, Supervision::new(Strategy::Stop)).unwrap();
        tell_five(system, usual, Act::Fail);
        tell_five(system, own, Act::Fail);
        assert_eq!(of_usual.log.text(), "S12!tT", "the policy that took the place of the first");
        assert_eq!(special.log.text(), "S12!34");
    });
}

#[test]
fn a_policy_out_of_bounds_is_refused() {
    let system = System::new().unwrap();
    let actor = system.spawn(Scene::new().life()).unwrap();
    let restart = Supervision::new(Strategy::Restart);
    for wrong in [
        restart.intensity(1001, Duration::ZERO),
        restart.on_limit(Strategy::Resume),
        restart.backoff_percent(99),
        restart.jitter_percent(101),
        restart.backoff(2 * MS, MS),
    ] {
        let refused = system.supervise(actor, wrong).unwrap_err();
        assert_eq!(refused.status(), Status::E_INVALID_ARGUMENT);
        for spawn in [Spawn::new().children(wrong), Spawn::new().supervision(wrong)] {
            let refused = system.spawn_with(Scene::new().life(), &spawn).unwrap_err();
            assert_eq!(refused.status(), Status::E_INVALID_ARGUMENT);
        }
    }
}

#[test]
fn a_restart_stops_the_children_first_unless_they_are_kept() {
    for keeps in [false, true] {
        in_every_mode(|system, spawn| {
            let (middle, child) = (Scene::new(), Scene::new());
            let spawn = every_hook(spawn);
            let of_middle = if keeps { spawn.keep_children() } else { spawn };
            let under = system.spawn_with(middle.life(), &of_middle).unwrap();
            system.spawn_with(child.life(), &spawn.supervisor(under.id())).unwrap();
            system.settle(PATIENCE).unwrap();
            system.restart_actor(under).unwrap();
            system.settle(PATIENCE).unwrap();
            assert_eq!(middle.log.text(), "SrR");
            assert_eq!(child.log.text(), if keeps { "S" } else { "StT" });
        });
    }
}

#[test]
fn an_actor_restarts_another_after_what_that_has_in_its_mailbox() {
    in_every_mode(|system, spawn| {
        let (one, other) = (Scene::new(), Scene::new());
        let from = system.spawn_with(one.life(), &spawn).unwrap();
        let to = system.spawn_with(other.life(), &every_hook(spawn)).unwrap();
        tell_all(system, to, [Act::Work, Act::Work]);
        tell_all(system, from, [Act::RestartOther(to.id())]);
        tell_all(system, to, [Act::Work]);
        assert_eq!(other.log.text(), "S12rR1");
        assert_eq!(system.failures(0).len(), 0);
    });
}

#[test]
fn a_killed_actor_hears_nothing_nor_do_its_children_and_all_are_dropped() {
    for by_message in [false, true] {
        in_every_mode(|system, spawn| {
            let policy = Supervision::new(Strategy::Restart);
            let (above, boss, below, child) = two(system, spawn, policy);
            let killer = system.spawn_with(Scene::new().life(), &spawn).unwrap();
            system.settle(PATIENCE).unwrap();
            if by_message {
                tell_all(system, killer, [Act::KillOther(above.id())]);
            } else {
                system.kill_actor(above).unwrap();
                system.settle(PATIENCE).unwrap();
            }
            assert_eq!((boss.log.text(), child.log.text()), ("S".into(), "S".into()));
            assert_eq!((dropped(&boss.dropped), dropped(&child.dropped)), (1, 1));
            assert!(!system.is_alive(above) && !system.is_alive(below));
        });
    }
}

#[test]
fn a_family_can_be_seen_from_outside_and_from_inside() {
    in_every_mode(|system, spawn| {
        let boss = Scene::new();
        let above = system.spawn_with(boss.life(), &spawn).unwrap();
        let lives = (0..40).map(|_| Scene::new().life());
        let children = system.spawn_many(lives, &spawn.supervisor(above.id())).unwrap();
        let ids: Vec<ActorId> = children.iter().map(|child| child.id()).collect();
        assert_eq!(system.children(above).unwrap(), ids, "in the order of their spawn");
        assert_eq!(system.supervisor(ids[7]).unwrap(), Some(above.id()));
        assert_eq!(system.supervisor(above).unwrap(), None);
        assert_eq!(system.supervision_stats(above).unwrap().children, 40);
        tell_all(system, above, [Act::Look, Act::Restart]);
        tell_all(system, above, [Act::Look]);
        assert_eq!(boss.log.text(), "(40, false) after 0R(0, false) after 1");
        system.stop_actor(above, false).unwrap();
        system.settle(PATIENCE).unwrap();
        let late = Spawn::new().supervisor(above.id());
        let refused = system.spawn_with(Scene::new().life(), &late).unwrap_err();
        assert_eq!(refused.status(), Status::E_STALE);
        assert_eq!(system.children(above).unwrap_err().status(), Status::E_STALE);
    });
}

#[test]
fn a_failure_in_each_step_of_a_life_loses_nothing() {
    let (restart, stop) = (Strategy::Restart, Strategy::Stop);
    for (strategy, fails_at, hears) in [
        (restart, "S", "SrR12!rR12"),
        (restart, "r", "S12!rR12"),
        (restart, "R", "S12!rRrR12"),
        (stop, "t", "S12!tT"),
        (stop, "T", "S12!tT"),
    ] {
        in_every_mode(|system, spawn| {
            let (boss, child, spawn) = (Scene::new(), Scene::new(), every_hook(spawn));
            let policy = Supervision::new(strategy);
            let above = system.spawn_with(boss.life(), &spawn.children(policy)).unwrap();
            let below = spawn.supervisor(above.id());
            let life = Life { fails_at, ..child.life() };
            let below = system.spawn_with(life, &below).unwrap();
            tell_five(system, below, Act::Panic);
            assert_eq!(child.log.text(), hears);
            assert_eq!(dropped(&child.dropped), u64::from(strategy == stop));
        });
    }
}

#[test]
fn timers_end_with_a_restart_but_for_those_that_are_kept() {
    let system = System::builder().seeded(1).build().unwrap();
    let life = Scene::new();
    let actor = system.spawn(life.life()).unwrap();
    tell_all(&system, actor, [Act::StartTimers, Act::Restart]);
    system.advance(3 * MS).unwrap();
    assert_eq!(life.log.text(), "Rtick 2");
}

#[test]
fn a_question_in_hand_fails_though_its_actor_restarts() {
    in_every_mode(|system, spawn| {
        let (_, _, below, _) = two(system, spawn, Supervision::new(Strategy::Restart));
        let failed = system.ask::<Act, _>(below, Act::Panic, PATIENCE).err().unwrap();
        assert_eq!(failed.status(), Status::E_FAILED);
        assert!(system.is_alive(below));
    });
}

#[test]
fn a_seed_gives_one_trace_of_a_family_in_every_mode() {
    let traced = |mode| {
        let system = System::builder().seeded(21).build().unwrap();
        in_mode(&system, mode, |system, spawn| {
            let policy = Supervision::new(Strategy::RestForOne).backoff(MS, 9 * MS);
            let (above, _, below, _) = two(system, spawn, policy.jitter_percent(50));
            let other = every_hook(spawn).supervisor(above.id());
            let other = system.spawn_with(Scene::new().life(), &other).unwrap();
            tell_five(system, below, Act::Fail);
            tell_five(system, other, Act::Panic);
            system.trace_hash().unwrap()
        })
    };
    assert_eq!(traced(DispatcherMode::INLINE), traced(DispatcherMode::ATTACHED));
}
