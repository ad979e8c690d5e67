//! world: one actor for each entity, subsystem actors that post changes to them, and a totals actor
//! to which every entity reports what it resolves. The plain run uses every core; with --seed it is
//! deterministic and prints its trace hash.

mod actors;
mod options;
mod progress;
mod report;
mod run;

use std::io::{stdout, Write};
use std::process::ExitCode;
use std::time::Duration;

use actorcore::{Error, Status, System};
use options::{Options, USAGE};

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(why) => {
            eprintln!("world: {why}; --help lists the options");
            return ExitCode::from(2);
        }
    };
    if options.help {
        print!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    match simulate(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("world: the ledger does not hold");
            ExitCode::FAILURE
        }
        // With every detail.
        Err(error) => {
            eprintln!("world: {error:?}");
            ExitCode::FAILURE
        }
    }
}

/// Does the ledger hold?
fn simulate(options: &Options) -> Result<bool, Error> {
    let builder = System::builder()
        .name("world")
        .workers(options.workers as u32);
    let system = match options.seed {
        Some(seed) => builder.seeded(seed).build()?,
        None => builder.build()?,
    };
    let run = run::run(&system, options)?;
    let ledger = system.ledger();
    let mut text = Vec::new();
    let printed = report::print(&run, options, &ledger, &mut text);
    let printed = printed.and_then(|()| stdout().write_all(&text));
    printed.map_err(|why| Error::new(Status::E_IO, why.to_string()))?;
    system.stop(Duration::from_secs(10))?;
    Ok(ledger.holds())
}
