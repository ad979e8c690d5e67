//! Payloads: [`Buffer`] and [`BufferMut`] are the library's reference-counted blocks, [`Bytes`] is
//! a payload of any length.
//!
//! Threads: `Buffer` and `Bytes` are `Send` and `Sync`; a `BufferMut` has one owner, so that
//! nothing is written after the first send.
//! Invariants: every value holds exactly one reference and gives it back once.
//! Cost: a clone is one call; `Bytes` of at most 32 bytes is a copy.

use std::fmt;
use std::ops::{Deref, DerefMut, RangeBounds};
use std::path::Path;
use std::ptr::NonNull;

use actorcore_sys::{self as sys, Status};

use crate::error::{check, control, Error, Result};
use crate::text;

const INLINE: usize = sys::AC_INLINE_BYTES as usize;

/// A shared, immutable block of bytes.
///
/// It is also how actors share what they only read: each gets a clone in a message ([`Bytes`]), or
/// is spawned with one, and there is one copy, which goes with the last of them. Blocks of up to
/// 4 KiB, and those of more than 1 MiB and up to 2 MiB, come from pools ([`Memory`](crate::Memory)).
pub struct Buffer {
    raw: sys::ac_buffer,
    data: NonNull<u8>,
    size: usize,
}

// Its bytes are never written once it exists, and the count is the library's.
unsafe impl Send for Buffer {}
unsafe impl Sync for Buffer {}

impl Buffer {
    /// A block of `size` zeroed bytes, 1 to 1 GiB, to be filled before it is shared.
    #[allow(clippy::new_ret_no_self)]
    pub fn new(size: usize) -> Result<BufferMut> {
        let mut raw = sys::ac_buffer::default();
        let mut data = std::ptr::null_mut();
        let made = unsafe { sys::ac_buffer_create(size as u64, &mut raw, &mut data) };
        Buffer::filled(made, raw, data, size)
    }

    /// A block over a file, or over the part of it that the range of bytes says, without reading
    /// it: pages come when they are first read, and go when the last reference does. 1 GiB is the
    /// longest.
    ///
    /// The file has to stay as it is meanwhile: bytes that are written to it may show up here, and
    /// the attempt to read what was cut off it ends the process (SIGBUS).
    ///
    /// `AC_E_NOT_FOUND`: there is no such file. `AC_E_IO`: it is no regular file, or not to be read.
    /// `AC_E_INVALID_ARGUMENT`: the range is empty, or the file has not so many bytes.
    ///
    /// ```
    /// use actorcore::Buffer;
    ///
    /// let path = std::env::temp_dir().join(format!("mapped-{}", std::process::id()));
    /// std::fs::write(&path, b"head and body")?;
    /// let whole = Buffer::map(&path, ..)?;
    /// let body = Buffer::map(&path, 9..)?;
    /// assert_eq!((whole.len(), &body[..]), (13, &b"body"[..]));
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn map(path: impl AsRef<Path>, part: impl RangeBounds<u64>) -> Result<Buffer> {
        let path = path.as_ref().as_os_str().as_encoded_bytes();
        let path = sys::ac_text { data: path.as_ptr(), size: path.len() as u64 };
        let (offset, size) = text::extent(part).ok_or_else(nothing_to_map)?;
        let mut raw = sys::ac_buffer::default();
        let mut view = text::bytes_of(&[]);
        control(|error| unsafe {
            sys::ac_buffer_map(path, offset, size, &mut raw, &mut view, error)
        })?;
        let data = NonNull::new(view.data.cast_mut()).ok_or(Status::E_INTERNAL)?;
        Ok(Buffer { raw, data, size: view.size as usize })
    }

    /// The same as [`new`](Self::new), and `end(word)` runs once when the last reference is gone.
    ///
    /// # Safety
    /// `end` takes any word from any thread, once, and does not call the library.
    pub(crate) unsafe fn with_end(
        size: usize,
        end: unsafe extern "C" fn(usize),
        word: usize,
    ) -> Result<BufferMut> {
        let mut raw = sys::ac_buffer::default();
        let mut data = std::ptr::null_mut();
        let made = unsafe {
            sys::ac_buffer_create_with(size as u64, Some(end), word, &mut raw, &mut data)
        };
        Buffer::filled(made, raw, data, size)
    }

    fn filled(made: i32, raw: sys::ac_buffer, data: *mut u8, size: usize) -> Result<BufferMut> {
        check(made)?;
        let data = NonNull::new(data).ok_or(Status::E_INTERNAL)?;
        Ok(BufferMut(Buffer { raw, data, size }))
    }

    /// Takes a reference to a block that a message borrows.
    pub(crate) unsafe fn retained(
        raw: sys::ac_buffer,
        data: *const u8,
        size: usize,
    ) -> Option<Buffer> {
        let data = NonNull::new(data.cast_mut())?;
        let held = unsafe { sys::ac_buffer_retain(raw) } == sys::AC_OK;
        held.then_some(Buffer { raw, data, size })
    }

    /// Hands this reference to the library.
    pub(crate) fn into_raw(self) -> sys::ac_buffer {
        std::mem::ManuallyDrop::new(self).raw
    }
}

#[cold]
fn nothing_to_map() -> Error {
    let told = "the range has no byte in it; a buffer has at least one";
    Error::new(Status::E_INVALID_ARGUMENT, told)
}

impl Clone for Buffer {
    fn clone(&self) -> Buffer {
        // A live reference can always be taken again.
        let status = unsafe { sys::ac_buffer_retain(self.raw) };
        assert_eq!(status, sys::AC_OK, "a buffer was released behind its owner's back");
        Buffer { ..*self }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        unsafe { sys::ac_buffer_release(self.raw) };
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        unsafe { std::slice::from_raw_parts(self.data.as_ptr(), self.size) }
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Buffer({} bytes)", self.size)
    }
}

/// A block of bytes that is being filled.
#[derive(Debug)]
pub struct BufferMut(Buffer);

impl BufferMut {
    /// Ends the filling.
    pub fn freeze(self) -> Buffer {
        self.0
    }
}

impl Deref for BufferMut {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for BufferMut {
    fn deref_mut(&mut self) -> &mut [u8] {
        unsafe { std::slice::from_raw_parts_mut(self.0.data.as_ptr(), self.0.size) }
    }
}

/// A payload of any length that is never copied when it is longer than 32 bytes.
#[derive(Clone)]
pub struct Bytes(Place);

#[derive(Clone)]
enum Place {
    Inline([u8; INLINE], u8),
    Shared(Buffer),
}

impl Bytes {
    /// A payload with a copy of these bytes.
    pub fn copy_of(bytes: &[u8]) -> Result<Bytes> {
        if bytes.len() > INLINE {
            let mut buffer = Buffer::new(bytes.len())?;
            buffer.copy_from_slice(bytes);
            return Ok(buffer.freeze().into());
        }
        Ok(Bytes::short(bytes))
    }

    pub(crate) fn short(bytes: &[u8]) -> Bytes {
        let mut data = [0; INLINE];
        data[..bytes.len()].copy_from_slice(bytes);
        Bytes(Place::Inline(data, bytes.len() as u8))
    }

    pub(crate) fn into_payload<R>(self, put: impl FnOnce(Payload<'_>) -> R) -> R {
        match self.0 {
            Place::Inline(data, size) => put(Payload::Bytes(&data[..size as usize])),
            Place::Shared(buffer) => put(Payload::Buffer(buffer)),
        }
    }
}

impl From<Buffer> for Bytes {
    fn from(buffer: Buffer) -> Bytes {
        // What fits into the envelope has to travel there.
        if buffer.len() <= INLINE {
            Bytes::short(&buffer)
        } else {
            Bytes(Place::Shared(buffer))
        }
    }
}

impl From<BufferMut> for Bytes {
    fn from(buffer: BufferMut) -> Bytes {
        buffer.freeze().into()
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Place::Inline(data, size) => &data[..*size as usize],
            Place::Shared(buffer) => buffer,
        }
    }
}

impl PartialEq for Bytes {
    fn eq(&self, other: &Bytes) -> bool {
        self[..] == other[..]
    }
}

impl Eq for Bytes {}

impl fmt::Debug for Bytes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Bytes({:?})", &self[..])
    }
}

/// A payload on its way into an envelope.
#[derive(Debug)]
#[non_exhaustive]
pub enum Payload<'a> {
    /// Copied: into the envelope, or into a buffer when there are more than 32.
    Bytes(&'a [u8]),
    /// Handed over.
    Buffer(Buffer),
    /// Handed over; stands for an object of this process and is worth nothing once copied.
    #[doc(hidden)]
    Parcel(Buffer),
    /// There was no memory for it.
    #[doc(hidden)]
    Failed(Error),
}

impl Payload<'_> {
    /// Writes `length` and `data` of an envelope. The envelope owns the buffer in it when this
    /// succeeds.
    #[inline(always)]
    pub(crate) unsafe fn fill(self, message: *mut sys::ac_message) -> Result<()> {
        match self {
            Payload::Bytes(bytes) if bytes.len() <= INLINE => unsafe {
                (*message).length = bytes.len() as u32;
                let data = std::ptr::addr_of_mut!((*message).data).cast::<u8>();
                std::ptr::copy_nonoverlapping(bytes.as_ptr(), data, bytes.len());
                Ok(())
            },
            Payload::Bytes(bytes) => unsafe { long(bytes, message) },
            Payload::Buffer(buffer) | Payload::Parcel(buffer) => unsafe {
                hand_over(buffer, message);
                Ok(())
            },
            Payload::Failed(error) => Err(error),
        }
    }
}

#[inline(never)]
unsafe fn long(bytes: &[u8], message: *mut sys::ac_message) -> Result<()> {
    let mut buffer = Buffer::new(bytes.len())?;
    buffer.copy_from_slice(bytes);
    unsafe { hand_over(buffer.freeze(), message) };
    Ok(())
}

unsafe fn hand_over(buffer: Buffer, message: *mut sys::ac_message) {
    unsafe {
        (*message).length = buffer.len() as u32;
        let data = std::ptr::addr_of_mut!((*message).data);
        if buffer.len() <= INLINE {
            std::ptr::copy_nonoverlapping(buffer.as_ptr(), data.cast::<u8>(), buffer.len());
        } else {
            data.cast::<sys::ac_buffer>().write_unaligned(buffer.into_raw());
        }
    }
}
