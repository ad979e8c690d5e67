//! Typed messages: a number, and a payload in a fixed little-endian layout that every language can
//! read.
//!
//! [`messages!`](crate::messages) declares them. Nothing here trusts a payload: a letter whose
//! number or length is not as declared is no message of that type, and its actor gets it as
//! [`Event::Unknown`](crate::Event::Unknown).
//!
//! Cost: up to 32 bytes are written into and read from the envelope in place; longer ones take a
//! buffer.

use std::marker::PhantomData;
use std::mem::size_of;

use actorcore_sys::{self as sys, Status};

use crate::buffer::{Buffer, Bytes, Payload};
use crate::{ActorId, Error, Result};

#[cfg(target_endian = "big")]
compile_error!("message layouts are little-endian");

const INLINE: usize = sys::AC_INLINE_BYTES as usize;

/// Numbers and arrays and structs of numbers: every bit pattern is a value, and there is no
/// padding.
///
/// [`plain!`](crate::plain) declares structs of this kind without `unsafe`.
///
/// # Safety
/// The type has no padding and no invalid bit pattern.
pub unsafe trait Plain: Copy + Send + 'static {}

macro_rules! plain_numbers {
    ($($number:ty),+) => { $( unsafe impl Plain for $number {} )+ };
}
plain_numbers!(u8, u16, u32, u64, u128, i8, i16, i32, i64, i128, f32, f64);
unsafe impl<T: Plain, const N: usize> Plain for [T; N] {}
unsafe impl Plain for ActorId {}

/// What one message number carries.
pub trait Body: Sized + Send + 'static {
    /// Hands the payload to `put`.
    fn put<R>(self, put: impl FnOnce(Payload<'_>) -> R) -> R;

    /// Reads the payload; `None` when it is not of this type.
    fn take(letter: &Letter<'_>) -> Option<Self>;
}

/// One type of message, or an enum of several: what an actor handles.
/// [`messages!`](crate::messages) declares them.
pub trait Message: Sized + Send + 'static {
    /// Hands number and payload to `put`.
    fn encode<R>(self, put: impl FnOnce(u32, Payload<'_>) -> R) -> R;

    /// Reads a letter; `None` when it is not of this type.
    fn decode(letter: &Letter<'_>) -> Option<Self>;
}

impl<T: Plain> Body for T {
    #[inline(always)]
    fn put<R>(self, put: impl FnOnce(Payload<'_>) -> R) -> R {
        let data = std::ptr::addr_of!(self).cast::<u8>();
        // A `Plain` has no padding: all its bytes are initialised.
        put(Payload::Bytes(unsafe { std::slice::from_raw_parts(data, size_of::<T>()) }))
    }

    #[inline(always)]
    fn take(letter: &Letter<'_>) -> Option<T> {
        if letter.len() != size_of::<T>() {
            return None;
        }
        Some(unsafe { letter.data_of(size_of::<T>()).cast::<T>().read_unaligned() })
    }
}

impl Body for () {
    #[inline(always)]
    fn put<R>(self, put: impl FnOnce(Payload<'_>) -> R) -> R {
        put(Payload::Bytes(&[]))
    }

    #[inline(always)]
    fn take(letter: &Letter<'_>) -> Option<()> {
        letter.is_empty().then_some(())
    }
}

macro_rules! tuple_bodies {
    ($($packed:ident: $($part:ident $index:tt),+;)+) => { $(
        #[derive(Clone, Copy)]
        #[repr(C, packed)]
        struct $packed<$($part),+>($($part),+);
        unsafe impl<$($part: Plain),+> Plain for $packed<$($part),+> {}

        /// One after the other, without padding.
        impl<$($part: Plain),+> Body for ($($part,)+) {
            #[inline(always)]
            fn put<R>(self, put: impl FnOnce(Payload<'_>) -> R) -> R {
                $packed($(self.$index),+).put(put)
            }

            #[inline(always)]
            fn take(letter: &Letter<'_>) -> Option<Self> {
                <$packed<$($part),+>>::take(letter).map(|packed| ($({ packed.$index },)+))
            }
        }
    )+ };
}
tuple_bodies! {
    Packed1: A 0;
    Packed2: A 0, B 1;
    Packed3: A 0, B 1, C 2;
    Packed4: A 0, B 1, C 2, D 3;
    Packed5: A 0, B 1, C 2, D 3, E 4;
    Packed6: A 0, B 1, C 2, D 3, E 4, F 5;
    Packed7: A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    Packed8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
}

/// Any bytes; not copied when they are more than 32.
impl Body for Bytes {
    fn put<R>(self, put: impl FnOnce(Payload<'_>) -> R) -> R {
        self.into_payload(put)
    }

    fn take(letter: &Letter<'_>) -> Option<Bytes> {
        letter.bytes()
    }
}

/// Any bytes, copied.
impl Body for Vec<u8> {
    fn put<R>(self, put: impl FnOnce(Payload<'_>) -> R) -> R {
        put(Payload::Bytes(&self))
    }

    fn take(letter: &Letter<'_>) -> Option<Vec<u8>> {
        Some(letter.payload().to_vec())
    }
}

/// UTF-8, copied.
impl Body for String {
    fn put<R>(self, put: impl FnOnce(Payload<'_>) -> R) -> R {
        put(Payload::Bytes(self.as_bytes()))
    }

    fn take(letter: &Letter<'_>) -> Option<String> {
        std::str::from_utf8(letter.payload()).ok().map(str::to_owned)
    }
}

/// A message as it arrived, borrowed while the handler runs.
#[derive(Clone, Copy)]
pub struct Letter<'m> {
    // Not a reference: the library writes other fields of the envelope while this is read.
    raw: *const sys::ac_message,
    life: PhantomData<&'m sys::ac_message>,
}

impl<'m> Letter<'m> {
    #[inline(always)]
    pub(crate) unsafe fn new(raw: *const sys::ac_message) -> Letter<'m> {
        Letter { raw, life: PhantomData }
    }

    /// Its number.
    #[inline(always)]
    pub fn kind(&self) -> u32 {
        unsafe { (*self.raw).type_ }
    }

    /// Who sent it; nobody when it came from outside the handlers.
    #[inline(always)]
    pub fn sender(&self) -> Option<ActorId> {
        let sender = unsafe { (*self.raw).sender };
        (sender.bits != 0).then_some(ActorId::from_raw(sender))
    }

    pub(crate) fn raw(&self) -> *const sys::ac_message {
        self.raw
    }

    #[inline(always)]
    pub(crate) fn raw_sender(&self) -> sys::ac_actor {
        unsafe { (*self.raw).sender }
    }

    #[inline(always)]
    pub(crate) fn correlation(&self) -> u64 {
        unsafe { (*self.raw).correlation }
    }

    /// Bytes of payload.
    #[inline(always)]
    pub fn len(&self) -> usize {
        unsafe { (*self.raw).length as usize }
    }

    /// Has it no payload?
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The payload.
    #[inline(always)]
    pub fn payload(&self) -> &'m [u8] {
        let size = self.len();
        unsafe { std::slice::from_raw_parts(self.data_of(size), size) }
    }

    /// The payload, to keep: a buffer is not copied but retained.
    pub fn bytes(&self) -> Option<Bytes> {
        let size = self.len();
        if size <= INLINE {
            return Some(Bytes::short(self.payload()));
        }
        let buffer = unsafe { Buffer::retained(self.raw_buffer(), self.data_of(size), size) };
        buffer.map(Bytes::from)
    }

    /// Reads it as a message.
    pub fn read<M: Message>(&self) -> Result<M> {
        M::decode(self).ok_or_else(|| self.mismatch::<M>())
    }

    #[cold]
    fn mismatch<M>(&self) -> Error {
        let (kind, size) = (self.kind(), self.len());
        let wanted = crate::actor::short_name::<M>();
        let told = format!(
            "a message of number {kind} with {size} bytes is no {wanted}; send one as declared"
        );
        Error::new(Status::E_INVALID_ARGUMENT, told)
    }

    #[inline(always)]
    pub(crate) unsafe fn raw_buffer(&self) -> sys::ac_buffer {
        unsafe { std::ptr::addr_of!((*self.raw).data).cast::<sys::ac_buffer>().read_unaligned() }
    }

    /// What the library adds to a message with a buffer.
    pub(crate) fn note(&self) -> u64 {
        let data = unsafe { std::ptr::addr_of!((*self.raw).data).cast::<u8>() };
        unsafe { data.add(2 * size_of::<u64>()).cast::<u64>().read_unaligned() }
    }

    /// Where a payload of `size` bytes is.
    #[inline(always)]
    unsafe fn data_of(&self, size: usize) -> *const u8 {
        unsafe {
            let data = std::ptr::addr_of!((*self.raw).data).cast::<u8>();
            if size <= INLINE {
                data
            } else {
                data.add(size_of::<sys::ac_buffer>()).cast::<*const u8>().read_unaligned()
            }
        }
    }
}

impl std::fmt::Debug for Letter<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            out,
            "Letter(number {}, {} bytes, from {:?})",
            self.kind(),
            self.len(),
            self.sender()
        )
    }
}
