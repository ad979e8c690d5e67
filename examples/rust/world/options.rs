//! The command line.

pub const USAGE: &str = "\
usage: world [--entities N] [--changes N] [--seed N] [--data DIR] [--show K] [--workers N]

  --entities N  actors, one an entity (100000)
  --changes N   changes for each entity, on average (4)
  --seed N      run deterministically and print the trace hash (picks from seed 42 otherwise)
  --data DIR    where registry.yaml, outputs.json and changes.json are (examples/data)
  --show K      entities to print in full (3)
  --workers N   threads, 0 is one a core (0)
  --help        print this
";

pub struct Options {
    pub entities: u64,
    pub changes: u64,
    pub seed: Option<u64>,
    pub data: String,
    pub show: u64,
    pub workers: u64,
    pub help: bool,
}

impl Options {
    /// Says in one line what to do about an argument that is unknown or malformed.
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
        let mut options = Options {
            entities: 100_000,
            changes: 4,
            seed: None,
            data: "examples/data".to_owned(),
            show: 3,
            workers: 0,
            help: false,
        };
        while let Some(name) = arguments.next() {
            let mut text = || arguments.next().ok_or(format!("{name} needs a value"));
            let mut number = || {
                let text = text()?;
                text.parse()
                    .map_err(|_| format!("{name} takes a number, not `{text}`"))
            };
            match name.as_str() {
                "--help" => options.help = true,
                "--data" => options.data = text()?,
                "--entities" => options.entities = number()?,
                "--changes" => options.changes = number()?,
                "--seed" => options.seed = Some(number()?),
                "--show" => options.show = number()?,
                "--workers" => options.workers = number()?,
                _ => return Err(format!("`{name}` is no option")),
            }
        }
        options.checked()
    }

    fn checked(self) -> Result<Options, String> {
        if self.entities == 0 || self.entities > u64::from(u32::MAX) {
            return Err(format!("--entities takes a number from 1 to {}", u32::MAX));
        }
        if self.workers > 256 {
            return Err("--workers takes a number up to 256".to_owned());
        }
        if self.entities.checked_mul(self.changes).is_none() {
            return Err("--changes is too large".to_owned());
        }
        Ok(self)
    }

    /// What the picks start from.
    pub fn picks(&self) -> u64 {
        self.seed.unwrap_or(42)
    }

    pub fn all_changes(&self) -> u64 {
        self.entities * self.changes
    }
}
