//! How far it is: a bar on a terminal, a line for each phase otherwise.

use std::io::{stderr, IsTerminal};

pub struct Progress {
    is_terminal: bool,
    phase: &'static str,
}

impl Progress {
    pub fn new() -> Progress {
        Progress {
            is_terminal: stderr().is_terminal(),
            phase: "",
        }
    }

    pub fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    pub fn begin(&mut self, phase: &'static str) {
        self.phase = phase;
        if self.is_terminal {
            self.show(0, 1);
        } else {
            eprintln!("{phase}");
        }
    }

    pub fn show(&self, done: u64, all: u64) {
        const WIDTH: usize = 40;
        if self.is_terminal {
            let full = (done.min(all) as usize * WIDTH) / all.max(1) as usize;
            let (full, rest) = ("=".repeat(full), " ".repeat(WIDTH - full));
            eprint!("\r{:<18} [{full}{rest}]", self.phase);
        }
    }

    pub fn end(&self) {
        if self.is_terminal {
            self.show(1, 1);
            eprintln!();
        }
    }
}
