//! What one subsystem contributes to one entity.
//!
//! Threads: everything here is `Send` and `Sync`.
//! Cost: rows are laid out as the library reads them; an owned output copies nothing but its
//! modifiers' heads when it is put. An output of an [`Outputs`] list is borrowed and copies
//! nothing.

use std::fmt;
use std::marker::PhantomData;

use actorcore_sys as sys;

use crate::engine::Name;
use crate::error::check;
use crate::text;
use crate::{Bucket, CapKind, CapMode, List};

/// One value for one dimension.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Contribution(sys::ac_contribution);

impl Contribution {
    /// A row of the primary list.
    pub fn new(dimension: Name, bucket: Bucket, value: f64) -> Contribution {
        let mut row = sys::ac_contribution::new();
        row.dimension = dimension.number();
        row.bucket = bucket.0;
        row.value = value;
        Contribution(row)
    }

    /// Added.
    pub fn flat(dimension: Name, value: f64) -> Contribution {
        Contribution::new(dimension, Bucket::FLAT, value)
    }

    /// Multiplies by 1 + value.
    pub fn mult(dimension: Name, value: f64) -> Contribution {
        Contribution::new(dimension, Bucket::MULT, value)
    }

    /// Added after the multiplication.
    pub fn post_add(dimension: Name, value: f64) -> Contribution {
        Contribution::new(dimension, Bucket::POST_ADD, value)
    }

    /// Replaces the result.
    pub fn replacing(dimension: Name, value: f64) -> Contribution {
        Contribution::new(dimension, Bucket::OVERRIDE, value)
    }

    /// Of the derived list.
    pub fn derived(mut self) -> Contribution {
        self.0.list = List::DERIVED.0;
        self
    }

    /// Higher goes first.
    pub fn priority(mut self, priority: i64) -> Contribution {
        self.0.priority = priority;
        self
    }

    /// In another system's name than the output's.
    pub fn of(mut self, system: Name) -> Contribution {
        self.0.system = system.number();
        self
    }

    /// A label of the caller's.
    pub fn tags(mut self, tags: u64) -> Contribution {
        self.0.tags = tags;
        self
    }

    pub(crate) fn raw(&self) -> &sys::ac_contribution {
        &self.0
    }

    /// The dimension.
    pub fn dimension(&self) -> Name {
        Name::from_number(self.0.dimension)
    }

    /// The value.
    pub fn value(&self) -> f64 {
        self.0.value
    }
}

/// One bound of one dimension in one layer.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Cap(sys::ac_cap);

impl Cap {
    /// A bound in the layer `TOTAL`.
    pub fn new(dimension: Name, mode: CapMode, kind: CapKind, value: f64) -> Cap {
        let mut row = sys::ac_cap::new();
        row.dimension = dimension.number();
        row.mode = mode.0;
        row.kind = kind.0;
        row.value = value;
        Cap(row)
    }

    pub(crate) fn raw(&self) -> &sys::ac_cap {
        &self.0
    }

    /// In another layer.
    pub fn scope(mut self, layer: Name) -> Cap {
        self.0.scope = layer.number();
        self
    }

    /// The realm, which the layer `REALM` requires.
    pub fn realm(mut self, realm: Name) -> Cap {
        self.0.realm = realm.number();
        self
    }

    /// Higher goes first.
    pub fn priority(mut self, priority: i64) -> Cap {
        self.0.priority = priority;
        self
    }

    /// In another system's name than the output's.
    pub fn of(mut self, system: Name) -> Cap {
        self.0.system = system.number();
        self
    }

    /// A label of the caller's.
    pub fn tags(mut self, tags: u64) -> Cap {
        self.0.tags = tags;
        self
    }

    /// The dimension.
    pub fn dimension(&self) -> Name {
        Name::from_number(self.0.dimension)
    }

    /// The value.
    pub fn value(&self) -> f64 {
        self.0.value
    }
}

/// What an output adds to one context.
#[derive(Clone, Debug)]
pub struct Modifier {
    /// The context.
    pub context: Name,
    /// Multiplied in this order.
    pub multipliers: Vec<f64>,
    /// Summed.
    pub additive_percent: f64,
    /// Summed.
    pub post_add: f64,
}

impl Modifier {
    fn raw(&self) -> sys::ac_modifier {
        sys::ac_modifier {
            context: self.context.number(),
            multiplier_count: self.multipliers.len() as u32,
            multipliers: self.multipliers.as_ptr(),
            additive_percent: self.additive_percent,
            post_add: self.post_add,
        }
    }
}

mod sealed {
    /// Rows are raw pointers on their way to the library: no other crate may make them up.
    pub trait Sealed {}
}

impl sealed::Sealed for Output {}
impl sealed::Sealed for OutputView<'_> {}

/// What an entity takes and a question is answered with: an [`Output`] or an [`OutputView`].
pub trait AsOutput: sealed::Sealed {
    /// Lends the rows for one call.
    #[doc(hidden)]
    fn with_raw(&self, call: &mut dyn FnMut(&sys::ac_output) -> i32) -> i32;
}

impl fmt::Debug for Contribution {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (list, bucket) = (List(self.0.list), Bucket(self.0.bucket));
        write!(out, "{:?} {list} {bucket} {}", self.dimension(), self.0.value)
    }
}

impl fmt::Debug for Cap {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, mode) = (CapKind(self.0.kind), CapMode(self.0.mode));
        write!(out, "{:?} {kind} {mode} {}", self.dimension(), self.0.value)
    }
}

/// An output that is put together here.
#[derive(Clone, Debug)]
pub struct Output {
    system: Name,
    priority: i64,
    contributions: Vec<Contribution>,
    caps: Vec<Cap>,
    modifiers: Vec<Modifier>,
}

impl Output {
    /// An empty one of a subsystem.
    pub fn new(system: Name) -> Output {
        Output {
            system,
            priority: 0,
            contributions: Vec::new(),
            caps: Vec::new(),
            modifiers: Vec::new(),
        }
    }

    /// Of the subsystem; higher goes first. An answer to a question has the registered one.
    pub fn priority(mut self, priority: i64) -> Output {
        self.priority = priority;
        self
    }

    /// Adds a contribution.
    pub fn with(mut self, row: Contribution) -> Output {
        self.contributions.push(row);
        self
    }

    /// Adds a cap.
    pub fn cap(mut self, row: Cap) -> Output {
        self.caps.push(row);
        self
    }

    /// Adds a modifier.
    pub fn modifier(mut self, modifier: Modifier) -> Output {
        self.modifiers.push(modifier);
        self
    }
}

impl AsOutput for Output {
    fn with_raw(&self, call: &mut dyn FnMut(&sys::ac_output) -> i32) -> i32 {
        let modifiers: Vec<sys::ac_modifier> = self.modifiers.iter().map(Modifier::raw).collect();
        call(&sys::ac_output {
            system: self.system.number(),
            priority: self.priority,
            contributions: self.contributions.as_ptr().cast(),
            contribution_count: self.contributions.len() as u64,
            caps: self.caps.as_ptr().cast(),
            cap_count: self.caps.len() as u64,
            modifiers: modifiers.as_ptr(),
            modifier_count: modifiers.len() as u64,
            ..sys::ac_output::new()
        })
    }
}

/// The answer of a subsystem that failed.
pub(crate) fn failed() -> sys::ac_output {
    sys::ac_output { failed: 1, ..sys::ac_output::new() }
}

/// An output of an [`Outputs`] list.
#[derive(Clone, Copy)]
pub struct OutputView<'a> {
    raw: sys::ac_output,
    list: PhantomData<&'a Outputs>,
}

// Its rows are immutable.
unsafe impl Send for OutputView<'_> {}
unsafe impl Sync for OutputView<'_> {}

impl<'a> OutputView<'a> {
    /// The subsystem.
    pub fn system(&self) -> Name {
        Name::from_number(self.raw.system)
    }

    /// The subsystem's.
    pub fn priority(&self) -> i64 {
        self.raw.priority
    }

    /// Rows of both lists.
    pub fn contributions(&self) -> &'a [Contribution] {
        unsafe { text::slice(self.raw.contributions.cast(), self.raw.contribution_count) }
    }

    /// Caps.
    pub fn caps(&self) -> &'a [Cap] {
        unsafe { text::slice(self.raw.caps.cast(), self.raw.cap_count) }
    }
}

impl AsOutput for OutputView<'_> {
    fn with_raw(&self, call: &mut dyn FnMut(&sys::ac_output) -> i32) -> i32 {
        call(&self.raw)
    }
}

impl fmt::Debug for OutputView<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = out.debug_struct("OutputView");
        shown.field("system", &self.system()).field("contributions", &self.contributions());
        shown.field("caps", &self.caps()).finish()
    }
}

/// A parsed list of outputs; see [`Engine::outputs`](crate::Engine::outputs).
#[derive(Debug)]
pub struct Outputs {
    raw: sys::ac_outputs,
    count: usize,
}

impl Outputs {
    pub(crate) fn new(raw: sys::ac_outputs) -> crate::Result<Outputs> {
        let mut list = Outputs { raw, count: 0 };
        let mut count = 0;
        check(unsafe { sys::ac_outputs_count(raw, &mut count) })?;
        list.count = count as usize;
        Ok(list)
    }

    pub(crate) fn raw(&self) -> sys::ac_outputs {
        self.raw
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// One of them, in the document's order.
    pub fn get(&self, index: usize) -> Option<OutputView<'_>> {
        let mut raw = sys::ac_output::new();
        let status = unsafe { sys::ac_outputs_at(self.raw, index as u64, &mut raw) };
        (status == sys::AC_OK).then_some(OutputView { raw, list: PhantomData })
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = OutputView<'_>> {
        (0..self.count).filter_map(|index| self.get(index))
    }
}

impl Drop for Outputs {
    fn drop(&mut self) {
        unsafe { sys::ac_outputs_release(self.raw) };
    }
}
