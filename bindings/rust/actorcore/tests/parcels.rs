//! Objects that move in messages end exactly once.

mod support;

use std::sync::atomic::AtomicU64;
use std::sync::Arc;

use actorcore::{messages, Actor, Address, Bytes, Context, Failure, Parcel, System};
use support::{dropped, in_mode, Dropped, MODES, PATIENCE};

messages! {
    enum Post {
        Object(Parcel<Object>) = 1,
        Forward(Address<Post>) = 2,
        Back = 3,
        Stop = 4,
    }

    struct Answer(Parcel<Object>) = 5;
    struct Forged(Bytes) = 1;
    struct Other(Parcel<String>) = 1;
}

struct Object {
    text: String,
    _dropped: Dropped,
}

impl Object {
    fn new(count: &Arc<AtomicU64>) -> Object {
        Object { text: "object".repeat(100), _dropped: Dropped(count.clone()) }
    }
}

#[derive(Default)]
struct Depot {
    kept: Vec<Object>,
}

impl Actor for Depot {
    type Msg = Post;

    fn handle(&mut self, context: &mut Context<'_>, message: Post) -> Result<(), Failure> {
        match message {
            Post::Object(object) => {
                assert_eq!(object.text.len(), 600);
                self.kept.push(object.into_inner());
            }
            Post::Forward(to) => {
                for object in self.kept.drain(..) {
                    context.send(to, Post::Object(Parcel::new(object)))?;
                }
            }
            Post::Back => {
                let object = self.kept.pop().ok_or(Failure::new("empty"))?;
                context.reply(Answer(Parcel::new(object)))?;
            }
            Post::Stop => context.stop(),
        }
        Ok(())
    }
}

fn tell(system: &System, depot: Address<Post>, count: &Arc<AtomicU64>) {
    support::tell::<Depot>(system, depot, Post::Object(Parcel::new(Object::new(count))));
}

#[test]
fn an_object_moves_from_actor_to_actor_and_back() {
    for mode in MODES {
        let (system, count) = (System::new().unwrap(), Dropped::count());
        in_mode(&system, mode, |system, spawn| {
            let one = system.spawn_with(Depot::default(), &spawn).unwrap();
            let two = system.spawn_with(Depot::default(), &spawn).unwrap();
            tell(system, one, &count);
            tell(system, one, &count);
            support::tell::<Depot>(system, one, Post::Forward(two));
            let Answer(object) = system.ask(two, Post::Back, PATIENCE).unwrap();
            assert_eq!((object.text.len(), dropped(&count)), (600, 0));
            drop(object);
            assert_eq!(dropped(&count), 1);
        });
        assert_eq!(dropped(&count), 2, "the other one ended with its depot");
    }
}

#[test]
fn an_object_that_nobody_received_ends_once() {
    let (system, count) = (System::builder().seeded(3).build().unwrap(), Dropped::count());
    let depot = system.spawn(Depot::default()).unwrap();
    let gone = system.spawn(Depot::default()).unwrap();
    support::tell::<Depot>(&system, gone, Post::Stop);

    let refused = system.tell(gone, Post::Object(Parcel::new(Object::new(&count))));
    assert!(refused.is_err());
    tell(&system, depot, &count);
    assert_eq!(dropped(&count), 1, "the refused one ended at the next turn");

    support::tell::<Depot>(&system, depot, Post::Forward(gone));
    support::tell::<Depot>(&system, depot, Post::Forward(gone));
    assert_eq!(dropped(&count), 2, "the dead letter ended at the next turn");

    system.tell(depot, Post::Stop).unwrap();
    for _ in 0..10 {
        system.tell(depot, Post::Object(Parcel::new(Object::new(&count)))).unwrap();
    }
    system.stop(PATIENCE).unwrap();
    assert_eq!(dropped(&count), 12);
    assert!(system.ledger().holds());
}

#[test]
fn a_forged_parcel_is_no_object() {
    let (system, count) = (System::new().unwrap(), Dropped::count());
    for number in [0, 1, u64::MAX] {
        let depot = system.spawn(Depot::default()).unwrap();
        let mut payload = [0; 40];
        payload[..8].copy_from_slice(&number.to_le_bytes());
        let forged = Forged(Bytes::copy_of(&payload).unwrap());
        system.tell(depot.id(), forged).unwrap();
        system.settle(PATIENCE).unwrap();
        assert!(!system.is_alive(depot), "it failed on a message that it does not understand");
    }
    let depot = system.spawn(Depot::default()).unwrap();
    system.tell(depot.id(), Other(Parcel::new("another type".to_owned()))).unwrap();
    system.settle(PATIENCE).unwrap();
    assert!(!system.is_alive(depot));
    assert_eq!((system.failures(0).len(), dropped(&count)), (4, 0));
}

/// An object whose end calls the library.
struct Calling(Arc<System>, Address<Post>);

impl Drop for Calling {
    fn drop(&mut self) {
        self.0.tell(self.1, Post::Stop).unwrap();
    }
}

messages! {
    struct CallingParcel(Parcel<Calling>) = 9;
}

#[test]
fn an_object_may_call_the_library_when_it_ends() {
    let system = Arc::new(System::new().unwrap());
    let gone = system.spawn(Depot::default()).unwrap();
    let depot = system.spawn(Depot::default()).unwrap();
    let told = system.spawn(Depot::default()).unwrap();
    support::tell::<Depot>(&system, gone, Post::Stop);
    let parcel = Parcel::new(Calling(system.clone(), told));
    assert!(system.tell(gone.id(), CallingParcel(parcel)).is_err());
    support::tell::<Depot>(&system, depot, Post::Forward(told));
    system.settle(PATIENCE).unwrap();
    assert!(!system.is_alive(told));
}
