//! The gate that every try passes, shared by the clones of a client.
//!
//! A call that has to wait reserves the time at which it may leave and sleeps
//! until then on its own, so one that is not polled holds nobody up. What is
//! counted is when a call really leaves.

use std::{
    collections::VecDeque,
    fmt,
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};

/// What Segment documents for this API.
pub(crate) const DOCUMENTED_PER_MINUTE: u32 = 200;

/// Lets a limited number of requests a minute through, roughly first come,
/// first served, and none while the server has asked for a pause.
pub(crate) struct Gate {
    line: Mutex<Line>,
    /// Told when others have gone and those behind them may leave earlier.
    moved_up: Notify,
}

/// A call's place will come too late for it.
pub(crate) struct TooLate;

impl Gate {
    pub fn new(per_minute: Option<NonZeroU32>) -> Self {
        Self {
            line: Mutex::new(Line::new(per_minute)),
            moved_up: Notify::new(),
        }
    }

    /// Waits until a request may leave, and says how long that took.
    ///
    /// Those who were let through before go first. A wait is announced with
    /// its likely length, and ends as soon as it is known to go on after `latest`.
    /// Dropping the future gives the place to the next in line.
    pub async fn pass(
        &self,
        rank: Rank,
        latest: Option<Instant>,
        announce: impl FnOnce(Duration),
    ) -> Result<Duration, TooLate> {
        let arrived = Instant::now();
        let place = Place {
            gate: self,
            turn: self.line().join(rank, arrived),
        };
        let mut announce = Some(announce);
        loop {
            // Before looking, so that nothing is missed in between.
            let moved_up = self.moved_up.notified();
            let now = Instant::now();
            let Err(time) = self.line().leave(place.turn, now) else {
                break;
            };
            if latest.is_some_and(|latest| time > latest) {
                return Err(TooLate);
            }
            if let Some(announce) = announce.take() {
                announce(time - now);
            }
            let _ = timeout_at(time, moved_up).await;
        }
        let waited = arrived.elapsed();
        if waited > Duration::from_secs(1) {
            tracing::info!(
                waited_ms = waited.as_millis() as u64,
                "held back by the rate limit"
            );
        }
        Ok(waited)
    }

    /// Lets nothing through for `time`, or longer if a longer pause is on.
    pub fn pause(&self, time: Duration) {
        self.line().pause(Instant::now(), time);
    }

    /// Never held across an await.
    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// A call that has been let through before: its time limit is running.
    Again,
    First,
}

/// A place in the line, given back when dropped.
struct Place<'a> {
    gate: &'a Gate,
    turn: Turn,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let others_move_up = self.gate.line().give_back(self.turn);
        if others_move_up {
            self.gate.moved_up.notify_waiters();
        }
    }
}

/// Rank, and the number of those who came before.
type Turn = (Rank, u64);

/// Those who wait, and the times at which the first, the second and so on may leave.
///
/// A time that has passed while its owner was not polled is spent: the others keep theirs.
struct Line {
    waiting: VecDeque<Turn>,
    times: VecDeque<Instant>,
    joined: u64,
    /// The time from one request to the next.
    period: Duration,
    /// How far the requests that have left may be ahead of that pace.
    ahead: Duration,
    /// When the requests that have left will be as many as the pace allows.
    even: Instant,
    paused_until: Instant,
}

impl Line {
    /// A tenth of `per_minute` at once, the rest evenly spaced.
    fn new(per_minute: Option<NonZeroU32>) -> Self {
        // A second more than a minute, as requests are not equally long under way.
        let minute = Duration::from_secs(61);
        let (period, at_once) = per_minute.map_or((Duration::ZERO, 1), |per_minute| {
            let at_once = (per_minute.get() / 10).max(1);
            // In a minute that begins with these, the next comes after one period.
            (minute / (per_minute.get() - at_once + 1), at_once)
        });
        let now = Instant::now();
        Self {
            waiting: VecDeque::new(),
            times: VecDeque::new(),
            joined: 0,
            period,
            ahead: period * (at_once - 1),
            even: now,
            paused_until: now,
        }
    }

    /// When the next request may leave, as far as those that have left go.
    fn earliest(&self, now: Instant) -> Instant {
        let too_far_ahead = self.even.saturating_duration_since(now + self.ahead);
        self.paused_until.max(now + too_far_ahead)
    }

    fn join(&mut self, rank: Rank, now: Instant) -> Turn {
        let turn = (rank, self.joined);
        self.joined += 1;
        let earliest = self.earliest(now);
        let last = self.times.back().map_or(now, |last| *last + self.period);
        self.times.push_back(earliest.max(last));
        let place = self.waiting.partition_point(|other| *other < turn);
        self.waiting.insert(place, turn);
        turn
    }

    /// Lets a request leave, or says when to ask again.
    fn leave(&mut self, turn: Turn, now: Instant) -> Result<(), Instant> {
        let Ok(place) = self.waiting.binary_search(&turn) else {
            return Ok(());
        };
        // Others may have left later than they could, and so too short ago.
        let time = self.times[place].max(self.earliest(now));
        if time > now {
            return Err(time);
        }
        self.waiting.remove(place);
        self.times.remove(place);
        self.even = self.even.max(now) + self.period;
        Ok(())
    }

    /// Whether others take the place of one who goes without having left.
    fn give_back(&mut self, turn: Turn) -> bool {
        let Ok(place) = self.waiting.binary_search(&turn) else {
            return false;
        };
        self.waiting.remove(place);
        self.times.pop_back();
        place < self.waiting.len()
    }

    fn pause(&mut self, now: Instant, time: Duration) {
        self.paused_until = self.paused_until.max(now + time);
        let mut next = self.paused_until;
        for time in self.times.iter_mut().filter(|time| **time > now) {
            *time = next.max(*time);
            next = *time + self.period;
        }
    }
}

/// A call that waits for the rate limit, as it is told to
/// [`on_wait`](crate::ClientBuilder::on_wait).
#[derive(Clone, Debug)]
pub struct Wait {
    pub(crate) operation: &'static str,
    pub(crate) expected: Duration,
}

impl Wait {
    /// The call, as the document names it (`get_source`); `raw_call` for any [raw one](crate::RawCall).
    pub fn operation(&self) -> &str {
        self.operation
    }

    /// How long it is likely to wait. Less if calls before it are dropped; more if
    /// the server asks for a pause or calls before it are tried again.
    pub fn expected(&self) -> Duration {
        self.expected
    }
}

/// Whom to tell of waits.
#[derive(Clone)]
pub(crate) struct OnWait(pub Arc<dyn Fn(&Wait) + Send + Sync>);

impl fmt::Debug for OnWait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnWait")
    }
}
