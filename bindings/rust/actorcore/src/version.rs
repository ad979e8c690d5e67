//! Which library this program runs with.

use actorcore_sys as sys;

use crate::text;

/// The library's version, such as `1.0.0`.
pub fn version() -> String {
    let version = unsafe { sys::ac_version() };
    format!("{}.{}.{}", version >> 16, version >> 8 & 0xff, version & 0xff)
}

/// Compiler, flags and allocator of the library's build.
pub fn build_info() -> &'static str {
    let mut info = text::NONE;
    unsafe {
        sys::ac_build_info(&mut info);
        text::view(info)
    }
}
