//! What is printed: the same text in every language but for lines that start with `~`.

use std::io::{self, Write};

use actorcore::{Error, Ledger, Resolve};

use crate::options::Options;
use crate::run::{Run, ARCHETYPES};

pub fn print(
    run: &Run,
    options: &Options,
    ledger: &Ledger,
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(
        out,
        "actorcore world: {} entities, {} archetypes, {} subsystems, {} changes, seed {}",
        options.entities,
        ARCHETYPES.len(),
        run.subsystems,
        options.all_changes(),
        options.picks(),
    )?;
    table(run, out)?;
    entities(run, options.show as usize, out)?;
    let holds = if ledger.holds() {
        "holds"
    } else {
        "DOES NOT HOLD"
    };
    writeln!(
        out,
        "ledger: accepted {} = handled {} + queued {} + dead {}: {holds}",
        ledger.accepted,
        ledger.handled,
        ledger.queued,
        ledger.all_dead(),
    )?;
    if let Some(hash) = run.trace_hash {
        writeln!(out, "trace hash: {hash:016x}")?;
    }
    measured(run, options, out)?;
    writeln!(out, "actorcore world: done")
}

fn table(run: &Run, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "{:<24} {:>20} {:>19} {:>19}",
        "dimension", "total", "mean", "max"
    )?;
    let table = run
        .table
        .lock()
        .map_err(|_| io::Error::other("the totals actor panicked"))?;
    let rows = run.world.entities.len();
    for (column, dimension) in run.world.dimensions.iter().enumerate() {
        let (mut total, mut max) = (0.0, f64::NEG_INFINITY);
        for value in table.values.iter().skip(column).step_by(table.columns) {
            total += value;
            max = value.max(max);
        }
        let name = run.world.engine.text(*dimension).unwrap_or_default();
        let mean = total / rows as f64;
        writeln!(out, "{name:<24} {total:>20.4} {mean:>19.4} {max:>19.4}")?;
    }
    Ok(())
}

fn entities(run: &Run, show: usize, out: &mut impl Write) -> io::Result<()> {
    let fresh = Resolve {
        fresh: true,
        ..Resolve::default()
    };
    let named = run.world.entities.iter().zip(ARCHETYPES.iter().cycle());
    for (index, (entity, archetype)) in named.enumerate().take(show) {
        let json = entity
            .resolve_as(fresh)
            .and_then(|snapshot| snapshot.json());
        writeln!(
            out,
            "entity-{index} ({archetype}): {}",
            json.map_err(other)?
        )?;
    }
    Ok(())
}

fn other(error: Error) -> io::Error {
    io::Error::other(error)
}

fn measured(run: &Run, options: &Options, out: &mut impl Write) -> io::Result<()> {
    let (count, changes) = (options.entities, options.all_changes());
    let rate = |count: u64, seconds: f64| count as f64 / seconds.max(1e-9);
    let (spawn, bytes) = (run.spawn_seconds, run.spawn_bytes as f64 / count as f64);
    let each = rate(count, spawn);
    writeln!(
        out,
        "~ spawned {count} actors in {spawn:.3} s: {each:.0} a second, {bytes:.0} bytes an actor"
    )?;
    let (took, each) = (run.changes_seconds, rate(changes, run.changes_seconds));
    writeln!(
        out,
        "~ changes: {changes} in {took:.3} s, {each:.0} a second"
    )?;
    let table = run
        .table
        .lock()
        .map_err(|_| io::Error::other("the totals actor panicked"))?;
    let mut latencies = table.latencies.clone();
    latencies.sort_unstable();
    let at = |percent: usize| f64::from(latencies[latencies.len() * percent / 100]) / 1e3;
    let (took, each) = (run.reports_seconds, rate(count, run.reports_seconds));
    writeln!(
        out,
        "~ reports: {count} in {took:.3} s, {each:.0} a second; latency p50 {:.1} us, p99 {:.1} us",
        at(50),
        at(99),
    )
}
