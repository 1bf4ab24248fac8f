//! How each queue is worked off: the one table of its numbers.

use std::time::Duration;

use super::Queue;

/// The numbers of a queue.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Jobs that run at the same time.
    pub concurrency: usize,
    /// Jobs claimed at once. What is claimed but not begun loses an attempt too if the process is killed, so a queue whose
    /// jobs could bring it down claims one at a time.
    pub batch: usize,
    /// How long a claim holds without being renewed.
    pub lease: Duration,
    /// How long one run may take.
    pub time_limit: Duration,
    /// Runs until a job is parked.
    pub attempts: u32,
    /// The pause after the first failure; each further one is twice as long.
    pub first_pause: Duration,
    /// No pause is longer.
    pub longest_pause: Duration,
}

impl Policy {
    /// The pause after failure number `attempt`, before jitter.
    pub fn pause(&self, attempt: u32) -> Duration {
        let doublings = attempt.saturating_sub(1).min(31);
        self.first_pause.saturating_mul(1 << doublings).min(self.longest_pause)
    }

    /// The same with up to a quarter more, so that what failed together doesn't come back together.
    pub(super) fn jittered_pause(&self, attempt: u32) -> Duration {
        let pause = self.pause(attempt);
        pause + pause.mul_f64(rand::random::<f64>() / 4.0)
    }

    const fn new(concurrency: usize, batch: usize, seconds: Seconds, attempts: u32) -> Self {
        Self {
            concurrency,
            batch,
            lease: Duration::from_secs(30),
            time_limit: Duration::from_secs(seconds.time_limit),
            attempts,
            first_pause: Duration::from_secs(seconds.first_pause),
            longest_pause: Duration::from_secs(seconds.longest_pause),
        }
    }
}

struct Seconds {
    time_limit: u64,
    first_pause: u64,
    longest_pause: u64,
}

impl Queue {
    /// Its numbers.
    pub const fn policy(self) -> Policy {
        match self {
            // Ten attempts last about 85 minutes: longer than servers make a stranger wait (greylisting).
            Self::Mail => Policy::new(16, 32, Seconds { time_limit: 60, first_pause: 10, longest_pause: 3600 }, 10),
            // Deliveries have a schedule of their own. An attempt here is lost only to a failure of ours.
            // They wait on others nearly all the time; so many that a dozen hosts can hang with all their lanes.
            Self::Webhooks => Policy::new(256, 64, Seconds { time_limit: 120, first_pause: 1, longest_pause: 300 }, 10),
            Self::Shoots => Policy::new(4, 1, Seconds { time_limit: 600, first_pause: 5, longest_pause: 600 }, 5),
            Self::Housekeeping => {
                Policy::new(2, 1, Seconds { time_limit: 600, first_pause: 60, longest_pause: 900 }, 5)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let policy = Queue::Mail.policy();
        let pauses: Vec<u64> = (1..=10).map(|attempt| policy.pause(attempt).as_secs()).collect();
        assert_eq!(pauses, [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600]);
        assert_eq!(policy.pause(u32::MAX), policy.longest_pause);
    }

    #[test]
    fn jitter_adds_up_to_a_quarter_and_differs() {
        let policy = Queue::Mail.policy();
        let pauses: Vec<Duration> = (0..100).map(|_| policy.jittered_pause(3)).collect();
        let pause = policy.pause(3);
        assert!(pauses.iter().all(|jittered| (pause..=pause + pause / 4).contains(jittered)), "{pauses:?}");
        assert!(pauses.iter().any(|jittered| *jittered != pauses[0]));
    }
}
