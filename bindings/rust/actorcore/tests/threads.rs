//! What may cross threads is what the header says; what may not is in doc tests.

use actorcore::*;

fn send<T: Send>() {}
fn sync<T: Sync>() {}

#[test]
fn handles_of_any_thread_are_send_and_sync() {
    fn both<T: Send + Sync>() {}
    both::<System>();
    both::<Dispatcher>();
    both::<ActorId>();
    both::<Address<Vec<std::cell::Cell<u8>>>>();
    both::<Buffer>();
    both::<BufferMut>();
    both::<Bytes>();
    both::<Engine>();
    both::<Entity>();
    both::<Outputs>();
    both::<OutputView<'static>>();
    both::<Output>();
    both::<Snapshot>();
    both::<SnapshotView<'static>>();
    both::<Query>();
    both::<Request>();
    both::<Waker>();
    both::<Error>();
    both::<Failure>();
    both::<Status>();
    both::<Name>();
    both::<Spawn<'static>>();
    both::<Mailbox>();
    both::<Supervision>();
    both::<Failed>();
    both::<Ended>();
    both::<Ticket>();
}

#[test]
fn a_worker_moves_between_threads_and_has_one_caller() {
    send::<Worker>();
}

#[test]
fn a_parcel_is_as_its_object() {
    send::<Parcel<std::cell::Cell<u8>>>();
    sync::<Parcel<u8>>();
}
