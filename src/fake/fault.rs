//! What goes wrong on demand.

use std::{collections::BTreeMap, time::Duration};

/// Something that is to go wrong with a request; see [`Segment::fail_next`](super::Segment::fail_next).
///
/// ```
/// use segment_config_api::fake::Fault;
/// use std::time::Duration;
///
/// Fault::status(503).body("upstream connect error or disconnect/reset before headers");
/// Fault::refusal(403, 7, "insufficient scope").of("update_destination");
/// Fault::status(429).header("retry-after", "1").of("create_source").times(3);
/// Fault::lost().of("create_source");
/// Fault::delay(Duration::from_secs(2)).of("list_sources");
/// Fault::status(503).chance(0.05);
/// ```
#[derive(Clone, Debug)]
pub struct Fault {
    pub(super) kind: Kind,
    operation: Option<String>,
    /// How often it may still happen.
    times: usize,
    /// The share of the requests that it happens to.
    chance: f64,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Answer(Canned),
    Delay(Duration),
    Reset,
    ResetAfterReading,
    Lost,
    Truncated,
    Stall,
}

/// An answer that is not worked out.
#[derive(Clone, Debug)]
pub(super) struct Canned {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Fault {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            operation: None,
            times: 1,
            chance: 1.0,
        }
    }

    /// The request has no effect, and the answer has this status and an empty body.
    pub fn status(status: u16) -> Self {
        Self::new(Kind::Answer(Canned {
            status,
            headers: BTreeMap::new(),
            body: String::new(),
        }))
    }

    /// The request has no effect, and is refused as Segment does it, with a status and an error
    /// object of this code and text.
    pub fn refusal(status: u16, code: i64, error: &str) -> Self {
        let body = serde_json::json!({"error": error, "code": code});
        Self::status(status).body(body.to_string())
    }

    /// The text of the answer. It only has a meaning after [`status`](Self::status).
    pub fn body(mut self, text: impl Into<String>) -> Self {
        if let Kind::Answer(canned) = &mut self.kind {
            canned.body = text.into();
        }
        self
    }

    /// A header of the answer. It only has a meaning after [`status`](Self::status) or
    /// [`refusal`](Self::refusal).
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if let Kind::Answer(canned) = &mut self.kind {
            canned.headers.insert(name.into(), value.into());
        }
        self
    }

    /// The request takes effect, and its answer comes so much later.
    pub fn delay(time: Duration) -> Self {
        Self::new(Kind::Delay(time))
    }

    /// The connection is reset before the body of the request is read; it has no effect.
    pub fn reset() -> Self {
        Self::new(Kind::Reset)
    }

    /// The connection is reset after the request is read; it has no effect.
    pub fn reset_after_reading() -> Self {
        Self::new(Kind::ResetAfterReading)
    }

    /// The request takes effect, and the connection is reset instead of an answer.
    pub fn lost() -> Self {
        Self::new(Kind::Lost)
    }

    /// The request takes effect, and its answer ends in the middle of the body.
    pub fn truncated() -> Self {
        Self::new(Kind::Truncated)
    }

    /// The request takes effect, and half of its answer's body never comes.
    pub fn stall() -> Self {
        Self::new(Kind::Stall)
    }

    /// Only requests of this operation count, for example `create_source`. Without it all do.
    pub fn of(mut self, operation: impl Into<String>) -> Self {
        self.operation = Some(operation.into());
        self
    }

    /// How many requests it happens to; one by default.
    pub fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    /// Happens to this share of the requests, at random, from now on: 0.05 is one in twenty. So often in
    /// all as [`times`](Self::times) says, if that follows. The same requests meet the same chances each time.
    pub fn chance(mut self, share: f64) -> Self {
        (self.chance, self.times) = (share, usize::MAX);
        self
    }
}

/// The faults that are still to happen, in the order in which they were asked for.
#[derive(Debug)]
pub(super) struct Faults {
    all: Vec<Fault>,
    random: fastrand::Rng,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            random: fastrand::Rng::with_seed(0),
        }
    }
}

impl Faults {
    pub fn add(&mut self, fault: Fault) {
        self.all.push(fault);
    }

    /// What is to happen to a request that may be for any of these operations.
    pub fn next(&mut self, operations: &[&str]) -> Option<Kind> {
        let Self { all, random } = self;
        let mut happens = |fault: &Fault| {
            let concerned = match &fault.operation {
                Some(operation) => operations.contains(&operation.as_str()),
                None => true,
            };
            concerned && random.f64() < fault.chance
        };
        all.retain(|fault| fault.times > 0);
        let fault = all.iter_mut().find(|fault| happens(fault))?;
        fault.times -= 1;
        Some(fault.kind.clone())
    }
}
