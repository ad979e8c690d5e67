//! What went wrong: [`Error`] from calls, [`Failure`] from handlers.
//!
//! Threads: every type here is `Send` and `Sync`.
//! Cost: an error of a call on the message path is two words; one of a control call allocates.

use std::borrow::Cow;
use std::fmt;

use actorcore_sys::{self as sys, Status};

use crate::text;

/// What calls give.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed: a status, what to do about it, and key/value details.
///
/// A document that is refused gives a detail for each defect, its key `file:line:column`.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    status: Status,
    told: Option<Box<Told>>,
}

#[derive(Clone, PartialEq, Eq, Default)]
struct Told {
    message: Cow<'static, str>,
    details: Vec<(String, String)>,
}

impl Error {
    /// An error of the caller's own making.
    pub fn new(status: Status, message: impl Into<Cow<'static, str>>) -> Error {
        let told = Told { message: message.into(), details: Vec::new() };
        Error { status, told: Some(Box::new(told)) }
    }

    /// The status that the call returned.
    pub fn status(&self) -> Status {
        self.status
    }

    /// What went wrong and what to do.
    pub fn message(&self) -> &str {
        match &self.told {
            Some(told) if !told.message.is_empty() => &told.message,
            _ => meaning(self.status),
        }
    }

    /// May the same call succeed later without any change by the caller?
    pub fn is_retryable(&self) -> bool {
        unsafe { sys::ac_status_is_retryable(self.status.0) != 0 }
    }

    /// Does what was called no longer exist, and never will again?
    pub fn is_gone(&self) -> bool {
        unsafe { sys::ac_status_is_gone(self.status.0) != 0 }
    }

    /// Key and value of each detail.
    pub fn details(&self) -> &[(String, String)] {
        self.told.as_ref().map_or(&[], |told| &told.details)
    }

    /// Reads and releases what a control call told.
    #[cold]
    unsafe fn told(status: i32, error: sys::ac_error) -> Error {
        let mut told = Told::default();
        let (mut key, mut value) = (text::NONE, text::NONE);
        unsafe {
            if sys::ac_error_message(error, &mut value) == sys::AC_OK {
                told.message = text::owned(value).into();
            }
            let mut index = 0;
            while sys::ac_error_detail(error, index, &mut key, &mut value) == sys::AC_OK {
                told.details.push((text::owned(key), text::owned(value)));
                index += 1;
            }
            sys::ac_error_release(error);
        }
        let known = !told.message.is_empty() || !told.details.is_empty();
        Error { status: Status(status), told: known.then(|| Box::new(told)) }
    }
}

impl From<Status> for Error {
    fn from(status: Status) -> Error {
        Error { status, told: None }
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.status, self.message())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self}")?;
        self.details().iter().try_for_each(|(key, value)| write!(out, "\n  {key}: {value}"))
    }
}

/// One sentence; empty for a number that the library does not know.
fn meaning(status: Status) -> &'static str {
    let (mut name, mut meaning) = (text::NONE, text::NONE);
    match unsafe { sys::ac_status_text(status.0, &mut name, &mut meaning) } {
        sys::AC_OK => unsafe { text::view(meaning) },
        _ => "",
    }
}

/// Turns the status of a call on the message path into a result.
#[inline(always)]
pub(crate) fn check(status: i32) -> Result<()> {
    if status == sys::AC_OK {
        Ok(())
    } else {
        Err(Status(status).into())
    }
}

/// Makes a control call, which tells why it failed.
pub(crate) fn control(call: impl FnOnce(*mut sys::ac_error) -> i32) -> Result<()> {
    let mut error = sys::ac_error { bits: 0 };
    match call(&mut error) {
        sys::AC_OK => Ok(()),
        status => Err(unsafe { Error::told(status, error) }),
    }
}

/// Why a handler gives up: the failure is recorded with the actor's type, and its supervisor
/// decides what follows.
///
/// `?` makes one of any error; [`Failure::new`] makes one of a text.
pub struct Failure(Box<(Status, String)>);

impl Failure {
    /// A failure with a reason, recorded as `AC_E_HANDLER`.
    #[cold]
    pub fn new(reason: impl fmt::Display) -> Failure {
        Failure::with_status(Status::E_HANDLER, reason)
    }

    /// A failure with a number of the program's own, below -1001.
    #[cold]
    pub fn with_status(status: Status, reason: impl fmt::Display) -> Failure {
        Failure(Box::new((status, reason.to_string())))
    }

    /// What it will be recorded as.
    pub fn status(&self) -> Status {
        self.0 .0
    }

    /// Why.
    pub fn reason(&self) -> &str {
        &self.0 .1
    }
}

impl<E: std::error::Error> From<E> for Failure {
    #[cold]
    fn from(error: E) -> Failure {
        Failure::new(error)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.status(), self.reason())
    }
}
