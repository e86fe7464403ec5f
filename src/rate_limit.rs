//! The gate that every try passes, shared by the clones of a client.

use governor::{
    Quota, RateLimiter,
    clock::Clock,
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};
use std::{
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, sleep, sleep_until};

/// What Segment documents for this API.
pub(crate) const DOCUMENTED_PER_MINUTE: u32 = 200;

/// Lets a limited number of requests a minute through, first come, first
/// served, and none while the server has asked for a pause.
pub(crate) struct Gate {
    limiter: Option<RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Duration>>>,
    paused_until: Mutex<Option<Instant>>,
    /// Held by the one that waits for the next place.
    turn: tokio::sync::Mutex<()>,
}

impl Gate {
    pub fn new(per_minute: Option<NonZeroU32>) -> Self {
        let limiter = per_minute
            .map(|n| RateLimiter::direct_with_clock(quota(n), TokioClock(Instant::now())));
        Self {
            limiter,
            paused_until: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// Waits until a request may leave, and says how long that took.
    ///
    /// Dropping the future gives the turn to the next in line.
    pub async fn pass(&self) -> Duration {
        let arrived = Instant::now();
        let _turn = self.turn.lock().await;
        loop {
            if let Some(end) = self.pause_end() {
                sleep_until(end).await;
            } else if let Some(wait) = self.limited() {
                sleep(wait).await;
            } else {
                break;
            }
        }
        let waited = arrived.elapsed();
        if waited > Duration::from_secs(1) {
            tracing::info!(
                waited_ms = waited.as_millis() as u64,
                "held back by the rate limit"
            );
        }
        waited
    }

    /// Lets nothing through for `time`, or longer if a longer pause is on.
    pub fn pause(&self, time: Duration) {
        let end = Instant::now() + time;
        let mut until = self
            .paused_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *until = until.max(Some(end));
    }

    fn pause_end(&self) -> Option<Instant> {
        let until = self
            .paused_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        until.filter(|end| *end > Instant::now())
    }

    /// How long to wait for a place; none if one was taken.
    fn limited(&self) -> Option<Duration> {
        let limiter = self.limiter.as_ref()?;
        let not_until = limiter.check().err()?;
        // Timers have a resolution of a millisecond: less would be none.
        Some(
            not_until
                .wait_time_from(limiter.clock().now())
                .max(Duration::from_millis(1)),
        )
    }
}

/// At most `per_minute` in any minute: a tenth of it at once, the rest evenly spaced.
fn quota(per_minute: NonZeroU32) -> Quota {
    let at_once = NonZeroU32::new(per_minute.get() / 10).unwrap_or(NonZeroU32::MIN);
    // In a minute that begins with the burst, the first of these comes after one period.
    let spaced = per_minute.get() - at_once.get() + 1;
    let minute = Duration::from_secs(60);
    // Neither part is zero, so there is a quota for them.
    let quota = Quota::with_period(minute / spaced).unwrap_or(Quota::per_minute(per_minute));
    quota.allow_burst(at_once)
}

/// tokio's time, which tests can pause.
struct TokioClock(Instant);

impl Clock for TokioClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}
