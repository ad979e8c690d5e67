//! Engines: registry, names, subsystems and entities.
//!
//! Threads: `Send` and `Sync`. Only [`Engine::load_file`] waits.
//! Invariants: a registry is replaced as a whole or not at all; names keep their numbers for the
//! engine's life.

use actorcore_sys::{self as sys, Format, Status};

use crate::error::{check, control, Result};
use crate::ledger::mirror;
use crate::output::Outputs;
use crate::snapshot::Snapshot;
use crate::system::System;
use crate::text;
use crate::Resolve;

/// A name of an engine: a dimension, system, context, layer or realm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(transparent)]
pub struct Name(u32);

impl Name {
    /// Its number in the ABI, the same for the engine's life.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// From its number.
    pub const fn from_number(number: u32) -> Name {
        Name(number)
    }
}

/// A document in memory.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    text: &'a str,
    format: Format,
    label: &'a str,
    member: &'a str,
}

impl<'a> Source<'a> {
    /// JSON or YAML, whichever its first character tells.
    pub fn new(text: &'a str) -> Source<'a> {
        Source { text, format: Format::AUTO, label: "", member: "" }
    }

    /// In this format.
    pub fn format(mut self, format: Format) -> Source<'a> {
        self.format = format;
        self
    }

    /// What errors call it.
    pub fn label(mut self, label: &'a str) -> Source<'a> {
        self.label = label;
        self
    }

    /// Only this member of the document's top-level mapping.
    pub fn member(mut self, member: &'a str) -> Source<'a> {
        self.member = member;
        self
    }

    fn raw(&self) -> sys::ac_source {
        sys::ac_source {
            format: self.format.0,
            text: text::of(self.text),
            label: text::of(self.label),
            member: text::of(self.member),
            ..sys::ac_source::new()
        }
    }
}

mirror! {
    /// What an engine did.
    Metrics of ac_engine_metrics {
        /// Resolves that computed a snapshot.
        resolved: u64,
        /// Resolves and reads that a cached snapshot served.
        cached: u64,
        /// Cached reads that found none, or one out of date.
        missed: u64,
        /// Resolves that failed.
        failed: u64,
        /// Entries in the errors of the resolved snapshots.
        rejected: u64,
        /// Questions put to subsystems.
        asked: u64,
        /// Of these, the ones without an answer in time.
        late: u64,
        /// Cached snapshots dropped by a call.
        invalidated: u64,
        /// Entities alive.
        entities: u64,
        /// Snapshots alive, cached ones among them.
        snapshots: u64,
        /// How often a registry or layers were loaded.
        registry_version: u64,
        /// Of the resolves that computed a snapshot, those that folded only what had changed since
        /// the one before.
        updated: u64,
    }
}

/// A snapshot engine.
#[derive(Debug)]
pub struct Engine {
    raw: sys::ac_engine,
}

/// Makes an [`Engine`].
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct EngineBuilder<'a> {
    system: Option<&'a System>,
    names_max: u32,
}

impl<'a> EngineBuilder<'a> {
    /// With a system: subsystems are asked concurrently, and resolves may complete in a turn.
    pub fn system(mut self, system: &'a System) -> Self {
        self.system = Some(system);
        self
    }

    /// Most names that it interns; 1,048,576 when not given.
    pub fn names_max(mut self, names_max: u32) -> Self {
        self.names_max = names_max;
        self
    }

    /// Makes it.
    pub fn build(self) -> Result<Engine> {
        let options =
            sys::ac_engine_options { names_max: self.names_max, ..sys::ac_engine_options::new() };
        let system = self.system.map(System::raw).unwrap_or_default();
        let mut raw = sys::ac_engine { bits: 0 };
        control(|error| unsafe { sys::ac_engine_create(system, &options, &mut raw, error) })?;
        Ok(Engine { raw })
    }
}

impl Engine {
    /// Without a system.
    pub fn new() -> Result<Engine> {
        Engine::builder().build()
    }

    /// With options.
    pub fn builder<'a>() -> EngineBuilder<'a> {
        EngineBuilder::default()
    }

    pub(crate) fn raw(&self) -> sys::ac_engine {
        self.raw
    }

    /// Loads a registry, and layers if it has any. A malformed one names every line and reason in
    /// the error's details, and the one in force stays.
    pub fn load(&self, source: &Source<'_>) -> Result<()> {
        control(|error| unsafe { sys::ac_engine_load(self.raw, &source.raw(), error) })
    }

    /// The same from a file.
    pub fn load_file(&self, path: &str) -> Result<()> {
        control(|error| unsafe { sys::ac_engine_load_file(self.raw, text::of(path), error) })
    }

    /// Replaces the layers of caps.
    pub fn load_layers(&self, source: &Source<'_>) -> Result<()> {
        control(|error| unsafe { sys::ac_engine_load_layers(self.raw, &source.raw(), error) })
    }

    /// Interns a name of 1 to 255 bytes.
    pub fn name(&self, name: &str) -> Result<Name> {
        let mut number = 0;
        check(unsafe { sys::ac_engine_name(self.raw, text::of(name), &mut number) })?;
        Ok(Name(number))
    }

    /// The text of a name; `None` when it is none of this engine's.
    pub fn text(&self, name: Name) -> Option<&str> {
        let mut view = text::NONE;
        let status = unsafe { sys::ac_engine_text(self.raw, name.0, &mut view) };
        (status == sys::AC_OK).then(|| unsafe { text::view(view) })
    }

    /// The registry's dimensions, by name.
    pub fn dimensions(&self) -> Result<Vec<Name>> {
        let mut names: Vec<Name> = Vec::new();
        loop {
            let (capacity, mut count) = (names.capacity() as u64, 0);
            let data = names.as_mut_ptr().cast();
            match unsafe { sys::ac_engine_dimensions(self.raw, data, capacity, &mut count) } {
                sys::AC_OK if count <= capacity => {
                    unsafe { names.set_len(count as usize) };
                    return Ok(names);
                }
                // A registry with more may have come in between.
                sys::AC_OK | sys::AC_E_BUFFER_TOO_SMALL => {
                    names = Vec::with_capacity(count as usize)
                }
                status => return Err(Status(status).into()),
            }
        }
    }

    /// Parses a list of outputs once, to be put often.
    pub fn outputs(&self, source: &Source<'_>) -> Result<Outputs> {
        let mut raw = sys::ac_outputs { bits: 0 };
        control(|error| unsafe { sys::ac_outputs_load(self.raw, &source.raw(), &mut raw, error) })?;
        Outputs::new(raw)
    }

    /// Resolves one self-contained case of the spec's form, with its own registry.
    pub fn resolve_case(&self, source: &Source<'_>, resolve: Resolve) -> Result<Snapshot> {
        let mut raw = sys::ac_snapshot { bits: 0 };
        let flags = resolve.flags();
        control(|error| unsafe {
            sys::ac_resolve_case(self.raw, &source.raw(), flags, &mut raw, error)
        })?;
        Ok(unsafe { Snapshot::owned(raw) })
    }

    /// Drops every cached snapshot.
    pub fn clear(&self) {
        unsafe { sys::ac_engine_clear(self.raw) };
    }

    /// What it did.
    pub fn metrics(&self) -> Metrics {
        let mut metrics = sys::ac_engine_metrics::new();
        unsafe { sys::ac_engine_get_metrics(self.raw, &mut metrics) };
        Metrics::new(&metrics)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        unsafe { sys::ac_engine_release(self.raw) };
    }
}
