//! Receipts: how one value of a snapshot came about, step by step.
//!
//! Threads: `Send` and `Sync`.
//! Cost: made on demand; a clone is one call, and [`Receipt::view`] is one call, with everything in
//! it borrowed.

use std::marker::PhantomData;
use std::mem::{align_of, offset_of, size_of};

use actorcore_sys as sys;

use crate::engine::Name;
use crate::error::{check, control, Result};
use crate::text;
use crate::{Across, Bound, Bucket, CapMode, Entity, Fold, List, Origin, Reject, Step};

/// An immutable receipt.
#[derive(Debug)]
pub struct Receipt {
    raw: sys::ac_receipt,
}

impl Entity {
    /// How a resolve comes to one value. It waits as a resolve does.
    pub fn explain(&self, list: List, dimension: Name) -> Result<Receipt> {
        self.explain_with(list, dimension, 0)
    }

    /// How a resolve of the stored outputs alone comes to one value: nobody is asked and nothing
    /// waits.
    pub fn explain_stored(&self, list: List, dimension: Name) -> Result<Receipt> {
        self.explain_with(list, dimension, sys::AC_EXPLAIN_STORED)
    }

    fn explain_with(&self, list: List, dimension: Name, flags: u32) -> Result<Receipt> {
        let mut raw = sys::ac_receipt { bits: 0 };
        control(|error| unsafe {
            let (entity, dimension) = (self.raw(), dimension.number());
            sys::ac_entity_explain(entity, list.0, dimension, flags, &mut raw, error)
        })?;
        Ok(Receipt { raw })
    }
}

impl Receipt {
    /// Everything in it, borrowed.
    pub fn view(&self) -> ReceiptView<'_> {
        let mut raw = sys::ac_receipt_view::new();
        // Cannot fail: a reference is held. A view that was not filled would be empty.
        unsafe { sys::ac_receipt_get(self.raw, &mut raw) };
        ReceiptView { raw, receipt: PhantomData }
    }

    /// One line of JSON: of every step what its kind has, names as texts.
    pub fn json(&self) -> Result<String> {
        text::copied(|data, capacity, size| unsafe {
            sys::ac_receipt_json(self.raw, data, capacity, size)
        })
    }
}

impl Clone for Receipt {
    fn clone(&self) -> Receipt {
        // A live reference can always be taken again.
        let status = unsafe { sys::ac_receipt_retain(self.raw) };
        assert_eq!(status, sys::AC_OK, "a receipt was released behind its owner's back");
        Receipt { raw: self.raw }
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        unsafe { sys::ac_receipt_release(self.raw) };
    }
}

/// One step. What its kind does not mention is zero.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct ReceiptStep {
    /// What it does.
    pub kind: Step,
    /// Of the rule: how contributions make the candidate.
    pub fold: Fold,
    /// Of the rule: how the bounds of layers go together.
    pub policy: Across,
    /// Of a contribution and a bucket's end.
    pub bucket: Bucket,
    /// Of a cap.
    pub mode: CapMode,
    /// Of caps, layers and the clamp.
    pub bound: Bound,
    /// Of the rule and of a term's final value.
    pub list: List,
    /// Why an output was left out, or the candidate replaced.
    pub code: Reject,
    /// A dimension or a layer.
    pub name: Name,
    /// The row's system.
    pub system: Name,
    /// The system of the output that the row is in.
    pub output: Name,
    /// What brought that output.
    pub origin: Origin,
    /// The row's.
    pub priority: i64,
    /// What the step brings.
    pub value: f64,
    /// What it multiplies by.
    pub factor: f64,
    /// The product, rounded.
    pub product: f64,
    /// What has come of it.
    pub result: f64,
    reserved: u64,
}

/// Takes steps once more: a receipt's come to its value, bit for bit, changed ones to what would
/// have been.
pub fn replay(steps: &[ReceiptStep]) -> Result<f64> {
    let mut value = 0.0;
    let (first, count) = (steps.as_ptr().cast(), steps.len() as u64);
    check(unsafe { sys::ac_receipt_replay(first, count, &mut value) })?;
    Ok(value)
}

/// Everything in a receipt, in place.
#[derive(Clone, Copy)]
pub struct ReceiptView<'r> {
    raw: sys::ac_receipt_view,
    receipt: PhantomData<&'r Receipt>,
}

// What it borrows is immutable.
unsafe impl Send for ReceiptView<'_> {}
unsafe impl Sync for ReceiptView<'_> {}

impl<'r> ReceiptView<'r> {
    /// The profile's id.
    pub fn actor_id(&self) -> &'r str {
        unsafe { text::view(self.raw.actor_id) }
    }

    /// The profile's version.
    pub fn version(&self) -> u64 {
        self.raw.version
    }

    /// In which list.
    pub fn list(&self) -> List {
        List(self.raw.list)
    }

    /// Of which dimension.
    pub fn dimension(&self) -> Name {
        Name::from_number(self.raw.dimension)
    }

    /// The value.
    pub fn value(&self) -> f64 {
        self.raw.value
    }

    /// The bound that clipped it.
    pub fn bound(&self) -> Bound {
        Bound(self.raw.bound)
    }

    /// In order, from [`Step::RULE`] to [`Step::CLAMP`].
    pub fn steps(&self) -> &'r [ReceiptStep] {
        unsafe { text::slice(self.raw.steps.cast(), self.raw.step_count) }
    }
}

impl std::fmt::Debug for ReceiptView<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = out.debug_struct("ReceiptView");
        shown.field("actor_id", &self.actor_id()).field("version", &self.version());
        shown.field("list", &self.list()).field("dimension", &self.dimension());
        shown.field("value", &self.value()).field("steps", &self.steps()).finish_non_exhaustive()
    }
}

// The library's steps are read in place.
const _: () = {
    type Raw = sys::ac_receipt_step;
    assert!(size_of::<ReceiptStep>() == size_of::<Raw>());
    assert!(align_of::<ReceiptStep>() == align_of::<Raw>());
    assert!(offset_of!(ReceiptStep, bound) == offset_of!(Raw, bound));
    assert!(offset_of!(ReceiptStep, origin) == offset_of!(Raw, origin));
    assert!(offset_of!(ReceiptStep, result) == offset_of!(Raw, result));
};
