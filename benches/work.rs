//! What a work is: the same bytes in and the same outcome, done in one way after the other.

/// A work, and the ways of doing it.
pub struct Work {
    /// What is done: `refusal/garbage`.
    pub name: String,
    /// How many times it is done in one run, for example records in a buffer.
    pub each: u64,
    /// How many bytes go in, in one run.
    pub bytes: u64,
    /// How many runs it takes for a figure that holds.
    pub runs: u32,
    /// The ways, ours first.
    pub ways: Vec<Way>,
}

/// A way of doing a work.
pub struct Way {
    /// Whose it is: `lastword`, `rustls Acceptor`.
    pub name: &'static str,
    run: Run,
}

enum Run {
    /// All of it is measured.
    Whole(Box<dyn FnMut()>),
    /// It says what is.
    Parts(Box<Parts>),
}

type Parts = dyn FnMut(&mut dyn Meter);

/// What measures.
pub trait Meter {
    /// Runs a part that counts.
    fn measure(&mut self, part: &mut dyn FnMut());
}

impl Work {
    /// A work that is done once in a run, for `bytes` that go in.
    #[must_use]
    pub fn new(name: impl Into<String>, bytes: usize) -> Self {
        Self {
            name: name.into(),
            each: 1,
            bytes: bytes as u64,
            runs: 16,
            ways: Vec::new(),
        }
    }

    /// Adds a way of which all is measured.
    #[must_use]
    pub fn way(mut self, name: &'static str, run: impl FnMut() + 'static) -> Self {
        let run = Run::Whole(Box::new(run));
        self.ways.push(Way { name, run });
        self
    }

    /// Adds a way of which parts are measured: the server's, and not the client's.
    #[must_use]
    pub fn parts(mut self, name: &'static str, run: impl FnMut(&mut dyn Meter) + 'static) -> Self {
        let run = Run::Parts(Box::new(run));
        self.ways.push(Way { name, run });
        self
    }
}

impl Way {
    /// Runs it once.
    pub fn run(&mut self, meter: &mut dyn Meter) {
        match &mut self.run {
            Run::Whole(run) => meter.measure(run),
            Run::Parts(run) => run(meter),
        }
    }

    /// The run, where all of it is measured.
    pub fn whole(&mut self) -> Option<&mut dyn FnMut()> {
        match &mut self.run {
            Run::Whole(run) => Some(run),
            Run::Parts(_) => None,
        }
    }
}

/// Runs it and measures nothing, to have done what is done once in a process.
pub struct WarmUp;

impl Meter for WarmUp {
    fn measure(&mut self, part: &mut dyn FnMut()) {
        part();
    }
}
