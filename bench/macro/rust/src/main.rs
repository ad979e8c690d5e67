//! The peers' workloads through the Rust binding: `macro WORKLOAD [SIZE...]` prints one line of
//! JSON.
//!
//! PEER_THREADS is the number of the system's threads (2), PEER_WARMUP how often a workload runs
//! unmeasured first (1, never for idle and rest), PEER_NAME the name in the output.

mod chaos;
mod exchange;
mod flow;
mod lives;
mod load;
mod measure;
mod tree;

use std::time::Duration;

use actorcore::{Error, System};
use measure::{must, Measured};

type Workload = fn(&System, &[u64]) -> Result<Measured, Error>;

/// Name, sizes when none are given, and the program.
const WORKLOADS: &[(&str, &[u64], Workload)] = &[
    ("pingpong", &[2_000_000], exchange::pingpong),
    ("fanin", &[8, 500_000], flow::fanin),
    ("fanout", &[64, 100_000], flow::fanout),
    ("ring", &[1_000, 2_000], exchange::ring),
    ("skynet", &[1_000_000], tree::skynet),
    ("big", &[100, 10_000, 1], exchange::big),
    ("bigmix", &[100, 10_000, 10_000], exchange::big),
    ("ask", &[200_000], exchange::ask),
    ("idle", &[1_000_000], tree::idle),
    ("churn", &[1_000_000], lives::churn),
    ("crash", &[8, 200_000], lives::crash),
    ("alarms", &[1_000, 500_000], lives::alarms),
    ("contend", &[8, 200_000], load::contend),
    ("load", &[100_000, 8, 1_000], load::load),
    ("rest", &[100_000, 10_000, 5_000], lives::rest),
    ("chaos", &[1_000, 200_000], chaos::chaos),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let line = match arguments.split_first() {
        Some((name, sizes)) => run(name, sizes),
        None => Err(usage()),
    };
    match line {
        Ok(line) => println!("{line}"),
        Err(told) => {
            eprintln!("macro: {told}");
            std::process::exit(2);
        }
    }
}

fn usage() -> String {
    let names: Vec<&str> = WORKLOADS.iter().map(|(name, ..)| *name).collect();
    format!(
        "give a workload and perhaps sizes: macro {} [SIZE...]",
        names.join("|")
    )
}

fn run(name: &str, given: &[String]) -> Result<String, String> {
    let &(_, default_sizes, workload) = WORKLOADS
        .iter()
        .find(|(known, ..)| *known == name)
        .ok_or_else(usage)?;
    let mut sizes = default_sizes.to_vec();
    for (size, text) in sizes.iter_mut().zip(given) {
        *size = text
            .parse()
            .ok()
            .filter(|size| *size > 0)
            .ok_or("a size is a number from 1")?;
    }
    let threads = environment("PEER_THREADS", 2)?;
    // Fresh memory is what idle measures, and rest waits for nothing to happen.
    let warmups = match name {
        "idle" | "rest" => 0,
        _ => environment("PEER_WARMUP", 1)?,
    };
    let system = must(
        System::builder()
            .workers(threads as u32)
            .name("macro")
            .build(),
    );
    for _ in 0..warmups {
        must(workload(&system, &sizes));
    }
    let measured = must(workload(&system, &sizes));
    check(&system, matches!(name, "crash" | "chaos"));
    let peer = std::env::var("PEER_NAME").unwrap_or_else(|_| "actorcore-rust".to_owned());
    Ok(measured.json(&peer, name))
}

/// At the end every message must be in its place.
fn check(system: &System, may_fail: bool) {
    must(system.settle(Duration::MAX));
    let ledger = system.ledger();
    if !ledger.holds() || ledger.failed != 0 && !may_fail {
        eprintln!("macro: the ledger does not hold: {ledger:?}");
        std::process::exit(1);
    }
}

fn environment(name: &str, default: u64) -> Result<u64, String> {
    match std::env::var(name) {
        Err(_) => Ok(default),
        Ok(text) => text
            .parse()
            .map_err(|_| format!("{name} is a number, not `{text}`")),
    }
}
