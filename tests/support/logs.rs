//! What is logged, at every level, by this crate and by those below it.
#![allow(dead_code, reason = "not every test uses everything")]

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
};
use tracing::{Level, subscriber::DefaultGuard};
use tracing_subscriber::{
    fmt::{MakeWriter, format::FmtSpan},
    util::SubscriberInitExt,
};

/// The log so far.
#[derive(Clone, Default)]
pub struct Logs(Arc<Mutex<Vec<u8>>>);

impl Logs {
    /// Collects what the whole process logs from now on, records of the `log` crate too.
    pub fn of_the_process() -> Self {
        let logs = Self::default();
        logs.subscriber(Level::TRACE).init();
        logs
    }

    /// Collects what this thread logs until the guard is dropped.
    pub fn of_the_thread() -> (Self, DefaultGuard) {
        Self::of_the_thread_from(Level::TRACE)
    }

    /// The same from a level upwards.
    pub fn of_the_thread_from(level: Level) -> (Self, DefaultGuard) {
        let logs = Self::default();
        let guard = logs.subscriber(level).set_default();
        (logs, guard)
    }

    fn subscriber(&self, level: Level) -> impl SubscriberInitExt + use<> {
        tracing_subscriber::fmt()
            .with_max_level(level)
            .with_span_events(FmtSpan::CLOSE)
            .with_ansi(false)
            .with_writer(self.clone())
            .finish()
    }

    /// Takes what has been logged since the last time.
    pub fn take(&self) -> String {
        let mut bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&std::mem::take(&mut *bytes)).into_owned()
    }
}

impl io::Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Logs {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
