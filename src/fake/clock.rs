//! The time that the fake lives in.

use crate::values::time::Timestamp;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The system's clock, or a time that stands still, and what it was put forward by.
#[derive(Clone, Debug, Default)]
pub(super) struct Clock {
    fixed: Option<SystemTime>,
    ahead: Duration,
}

impl Clock {
    pub fn standing_at(time: Option<SystemTime>) -> Self {
        Self {
            fixed: time,
            ahead: Duration::ZERO,
        }
    }

    pub fn advance(&mut self, by: Duration) {
        self.ahead = self.ahead.saturating_add(by);
    }

    /// The time since 1970.
    pub fn now(&self) -> Duration {
        let time = self.fixed.unwrap_or_else(SystemTime::now);
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        since.saturating_add(self.ahead)
    }
}

/// A time as the service writes it, to the millisecond.
pub(super) fn written(since_1970: Duration) -> String {
    let second = i64::try_from(since_1970.as_secs()).unwrap_or_default();
    let time = Timestamp::new(second, since_1970.subsec_millis() * 1_000_000);
    time.map(|time| time.to_string()).unwrap_or_default()
}
