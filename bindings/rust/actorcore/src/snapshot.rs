//! Snapshots: immutable, reference-counted, read in place.
//!
//! Threads: `Send` and `Sync`.
//! Cost: a clone is one call; [`Snapshot::view`] is one call, and everything in it is borrowed.

use std::marker::PhantomData;
use std::mem::size_of;

use actorcore_sys as sys;

use crate::engine::Name;
use crate::error::{check, Result};
use crate::text;
use crate::{About, List, Reject};

/// An immutable snapshot.
#[derive(Debug)]
pub struct Snapshot {
    raw: sys::ac_snapshot,
}

impl Snapshot {
    /// # Safety
    /// The caller hands over one reference.
    pub(crate) unsafe fn owned(raw: sys::ac_snapshot) -> Snapshot {
        Snapshot { raw }
    }

    /// Everything in it, borrowed.
    pub fn view(&self) -> SnapshotView<'_> {
        let mut raw = sys::ac_snapshot_view::new();
        // Cannot fail: a reference is held. A view that was not filled would be empty.
        unsafe { sys::ac_snapshot_get(self.raw, &mut raw) };
        SnapshotView { raw, snapshot: PhantomData }
    }

    /// One value of one list.
    pub fn value(&self, list: List, dimension: Name) -> Option<f64> {
        let mut value = 0.0;
        let status =
            unsafe { sys::ac_snapshot_value(self.raw, list.0, dimension.number(), &mut value) };
        (status == sys::AC_OK).then_some(value)
    }

    /// One primary value.
    pub fn primary(&self, dimension: Name) -> Option<f64> {
        self.value(List::PRIMARY, dimension)
    }

    /// One derived value.
    pub fn derived(&self, dimension: Name) -> Option<f64> {
        self.value(List::DERIVED, dimension)
    }

    /// Applies a context to a number; an unknown context leaves it as it is.
    pub fn apply(&self, context: Name, base: f64) -> Result<f64> {
        let mut value = base;
        check(unsafe { sys::ac_snapshot_apply(self.raw, context.number(), base, &mut value) })?;
        Ok(value)
    }

    /// One line of JSON with the spec's names, numbers in shortest round-trip form.
    pub fn json(&self) -> Result<String> {
        text::copied(|data, capacity, size| unsafe {
            sys::ac_snapshot_json(self.raw, data, capacity, size)
        })
    }
}

impl Clone for Snapshot {
    fn clone(&self) -> Snapshot {
        // A live reference can always be taken again.
        let status = unsafe { sys::ac_snapshot_retain(self.raw) };
        assert_eq!(status, sys::AC_OK, "a snapshot was released behind its owner's back");
        Snapshot { raw: self.raw }
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        unsafe { sys::ac_snapshot_release(self.raw) };
    }
}

/// Names and values of one list, by name in ascending byte order.
#[derive(Clone, Copy, Debug)]
pub struct Column<'s> {
    /// Dimensions.
    pub names: &'s [Name],
    /// Their values.
    pub values: &'s [f64],
}

impl<'s> Column<'s> {
    unsafe fn new(names: *const u32, values: *const f64, count: u32) -> Column<'s> {
        let count = u64::from(count);
        unsafe {
            Column { names: text::slice(names.cast(), count), values: text::slice(values, count) }
        }
    }

    /// Dimension and value, one by one.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (Name, f64)> + 's {
        self.names.iter().copied().zip(self.values.iter().copied())
    }
}

/// One merged context.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct AppliedContext {
    /// Which.
    pub name: Name,
    reserved: u32,
    /// Sum.
    pub additive_percent: f64,
    /// Product.
    pub multiplier: f64,
    /// Sum.
    pub post_add: f64,
}

/// Why an output was left out, or a number replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotError {
    /// Why.
    pub code: Reject,
    /// What `name` names.
    pub about: About,
    /// The system, dimension or context.
    pub name: Name,
    /// Which list, for dimensions.
    pub list: List,
}

/// Everything in a snapshot, in place.
#[derive(Clone, Copy)]
pub struct SnapshotView<'s> {
    raw: sys::ac_snapshot_view,
    snapshot: PhantomData<&'s Snapshot>,
}

// What it borrows is immutable.
unsafe impl Send for SnapshotView<'_> {}
unsafe impl Sync for SnapshotView<'_> {}

impl<'s> SnapshotView<'s> {
    /// The profile's id.
    pub fn actor_id(&self) -> &'s str {
        unsafe { text::view(self.raw.actor_id) }
    }

    /// The profile's version.
    pub fn version(&self) -> u64 {
        self.raw.version
    }

    /// When it was resolved: nanoseconds since 1970, or of the virtual clock.
    pub fn created_at(&self) -> i64 {
        self.raw.created_at
    }

    /// Primary values.
    pub fn primary(&self) -> Column<'s> {
        unsafe {
            Column::new(self.raw.primary_names, self.raw.primary_values, self.raw.primary_count)
        }
    }

    /// Derived values.
    pub fn derived(&self) -> Column<'s> {
        unsafe {
            Column::new(self.raw.derived_names, self.raw.derived_values, self.raw.derived_count)
        }
    }

    /// The least that each dimension with a contribution, a formula or a cap could have become.
    pub fn minima(&self) -> Column<'s> {
        unsafe { Column::new(self.raw.cap_names, self.raw.cap_mins, self.raw.cap_count) }
    }

    /// The most that each of them could have become.
    pub fn maxima(&self) -> Column<'s> {
        unsafe { Column::new(self.raw.cap_names, self.raw.cap_maxs, self.raw.cap_count) }
    }

    /// Contexts, by name.
    pub fn contexts(&self) -> &'s [AppliedContext] {
        unsafe { text::slice(self.raw.contexts.cast(), u64::from(self.raw.context_count)) }
    }

    /// What was left out or replaced, in the spec's order.
    pub fn errors(&self) -> impl ExactSizeIterator<Item = SnapshotError> + 's {
        let raw: &'s [sys::ac_snapshot_error] =
            unsafe { text::slice(self.raw.errors, u64::from(self.raw.error_count)) };
        raw.iter().map(|error| SnapshotError {
            code: Reject(error.code),
            about: About(error.about),
            name: Name::from_number(error.name),
            list: List(error.list),
        })
    }
}

impl std::fmt::Debug for SnapshotView<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = out.debug_struct("SnapshotView");
        shown.field("actor_id", &self.actor_id()).field("version", &self.version());
        shown
            .field("primary", &self.primary())
            .field("derived", &self.derived())
            .finish_non_exhaustive()
    }
}

// The library's rows are read in place.
const _: () = assert!(size_of::<AppliedContext>() == size_of::<sys::ac_context>());
