//! Objects that move in a message.
//!
//! Threads: any.
//! Invariants: the object stays in a table of this process and the message carries its number, so
//! nothing that anyone writes into a payload can make an object of another type, or one object
//! twice. The message's buffer tells when it is gone.
//! Cost: a buffer and a locked table; send plain numbers where speed counts.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::mem::size_of;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use actorcore_sys as sys;

use crate::behavior::contain;
use crate::buffer::{Buffer, Payload};
use crate::context::Context;
use crate::message::{Body, Letter};

/// An object on its way to another actor of this program: a [`Body`] that is moved, not copied.
///
/// Whatever becomes of the message, the object is dropped exactly once: by its receiver, or, when
/// nobody received it, at the start of the next turn of any actor of this program that runs
/// callbacks, and at the latest in [`System::stop`](crate::System::stop). A question cannot carry
/// one, for the library copies its payload.
pub struct Parcel<T> {
    object: Box<T>,
    /// Under which it came; 0 when it did not come in a message.
    number: u64,
}

impl<T: Send + 'static> Parcel<T> {
    /// Packs an object.
    pub fn new(object: T) -> Parcel<T> {
        Parcel { object: Box::new(object), number: 0 }
    }

    /// Unpacks it.
    pub fn into_inner(self) -> T {
        *self.object
    }

    /// Puts it back into the message in hand that it came in, before that is
    /// [stashed](crate::Context::stash). One that came otherwise comes back.
    pub fn put_back(self, context: &Context<'_>) -> Result<(), Parcel<T>> {
        let its = self.number != 0 && number_in(&context.letter()) == Some(self.number);
        if !its {
            return Err(self);
        }
        with_table(|table| table.stored.insert(self.number, self.object));
        Ok(())
    }
}

impl<T> Deref for Parcel<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.object
    }
}

impl<T> DerefMut for Parcel<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.object
    }
}

impl<T> fmt::Debug for Parcel<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Parcel<{}>", crate::actor::short_name::<T>())
    }
}

impl<T: Send + 'static> Body for Parcel<T> {
    fn put<R>(self, put: impl FnOnce(Payload<'_>) -> R) -> R {
        let number = store(self.object);
        match unsafe { Buffer::with_end(PAYLOAD, message_ended, number as usize) } {
            Ok(mut buffer) => {
                buffer[..size_of::<u64>()].copy_from_slice(&number.to_le_bytes());
                put(Payload::Parcel(buffer.freeze()))
            }
            Err(error) => {
                unsafe { message_ended(number as usize) };
                put(Payload::Failed(error))
            }
        }
    }

    fn take(letter: &Letter<'_>) -> Option<Parcel<T>> {
        let number = number_in(letter)?;
        take(number).map(|object| Parcel { object, number })
    }
}

fn number_in(letter: &Letter<'_>) -> Option<u64> {
    let bytes = letter.payload().first_chunk().filter(|_| letter.len() == PAYLOAD)?;
    Some(u64::from_le_bytes(*bytes))
}

/// Too long for the envelope: only a buffer has an end that can be told.
const PAYLOAD: usize = sys::AC_INLINE_BYTES as usize + size_of::<u64>();

#[derive(Default)]
struct Table {
    /// Under way, by number.
    stored: HashMap<u64, Box<dyn Any + Send>>,
    /// Their messages are gone.
    lost: Vec<Box<dyn Any + Send>>,
    last: u64,
}

static TABLE: Mutex<Option<Table>> = Mutex::new(None);

/// Is there anything in `lost`? Looked at once a turn, without the lock.
static LOST: AtomicBool = AtomicBool::new(false);

fn with_table<R>(run: impl FnOnce(&mut Table) -> R) -> R {
    let mut table = TABLE.lock().unwrap_or_else(PoisonError::into_inner);
    run(table.get_or_insert_default())
}

fn store(object: Box<dyn Any + Send>) -> u64 {
    with_table(|table| {
        table.last += 1;
        table.stored.insert(table.last, object);
        table.last
    })
}

fn take<T: 'static>(number: u64) -> Option<Box<T>> {
    with_table(|table| {
        if !table.stored.get(&number)?.is::<T>() {
            return None;
        }
        table.stored.remove(&number)?.downcast().ok()
    })
}

/// The message is gone. Nothing is dropped here, for a destructor may call the library and this may
/// not.
unsafe extern "C" fn message_ended(number: usize) {
    with_table(|table| {
        if let Some(object) = table.stored.remove(&(number as u64)) {
            table.lost.push(object);
            LOST.store(true, Ordering::Relaxed);
        }
    });
}

/// Drops what was not received, where a destructor may do as it likes.
#[inline(always)]
pub(crate) fn drop_lost() {
    // Relaxed: the lock orders what is in the list; a flag seen late is seen by the next turn.
    if LOST.load(Ordering::Relaxed) {
        drop_all();
    }
}

#[cold]
fn drop_all() {
    let lost = with_table(|table| {
        LOST.store(false, Ordering::Relaxed);
        std::mem::take(&mut table.lost)
    });
    lost.into_iter().for_each(|object| contain(|| drop(object)));
}
