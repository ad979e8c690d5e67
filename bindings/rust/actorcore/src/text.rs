//! Views of text and bytes, on their way in and out.

use std::ops::{Bound, RangeBounds};
use std::time::Duration;

use actorcore_sys as sys;

pub(crate) const NONE: sys::ac_text = sys::ac_text { data: std::ptr::null(), size: 0 };

/// A view for the length of one call.
pub(crate) fn of(text: &str) -> sys::ac_text {
    sys::ac_text { data: text.as_ptr(), size: text.len() as u64 }
}

/// A view for the length of one call.
pub(crate) fn bytes_of(bytes: &[u8]) -> sys::ac_bytes {
    sys::ac_bytes { data: bytes.as_ptr(), size: bytes.len() as u64 }
}

/// A slice of the library's memory; a null one is empty.
///
/// # Safety
/// The memory holds `count` items for as long as the caller lets `'a` be.
pub(crate) unsafe fn slice<'a, T>(data: *const T, count: u64) -> &'a [T] {
    if data.is_null() || count == 0 {
        return &[];
    }
    unsafe { std::slice::from_raw_parts(data, count as usize) }
}

/// The text up to its first byte that is not UTF-8: the library may cut a text to fit.
///
/// # Safety
/// As for [`slice`].
pub(crate) unsafe fn view<'a>(text: sys::ac_text) -> &'a str {
    valid(unsafe { slice(text.data, text.size) })
}

pub(crate) fn valid(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or(""),
    }
}

pub(crate) unsafe fn owned(text: sys::ac_text) -> String {
    unsafe { view(text) }.to_owned()
}

/// Nanoseconds; what does not fit, such as `Duration::MAX`, is without a limit.
pub(crate) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(sys::AC_TIMEOUT_NEVER)
}

/// Where a range begins, and its length, 0 for all there is; `None` when it is empty.
pub(crate) fn extent(part: impl RangeBounds<u64>) -> Option<(u64, u64)> {
    let first = match part.start_bound() {
        Bound::Included(first) => *first,
        Bound::Excluded(before) => before.checked_add(1)?,
        Bound::Unbounded => 0,
    };
    let size = match part.end_bound() {
        Bound::Included(last) => last.checked_sub(first)?.saturating_add(1),
        Bound::Excluded(end) => end.checked_sub(first).filter(|size| *size != 0)?,
        Bound::Unbounded => 0,
    };
    Some((first, size))
}

/// Calls twice: for the size, then into a string of that size.
pub(crate) fn copied(call: impl Fn(*mut u8, u64, *mut u64) -> i32) -> crate::Result<String> {
    let mut bytes = Vec::new();
    loop {
        let mut size = 0;
        let status = call(bytes.as_mut_ptr(), bytes.capacity() as u64, &mut size);
        if status != sys::AC_E_BUFFER_TOO_SMALL
            && (status != sys::AC_OK || size as usize <= bytes.capacity())
        {
            crate::error::check(status)?;
            unsafe { bytes.set_len(size as usize) };
            return Ok(String::from_utf8_lossy(&bytes).into_owned());
        }
        // Another thread may have made it longer in between.
        bytes = Vec::with_capacity(size as usize);
    }
}
