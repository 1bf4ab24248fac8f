//! Who gets a processor when several want it: what nobody waits for stands behind what somebody does.
//!
//! On Linux, threads that [`stand_behind`] have the policy `SCHED_IDLE`. By itself that is not enough for a server to answer beside
//! them as it would alone; see [`Metronome`]. Elsewhere they go on as any other.

use std::{
    convert::Infallible,
    io,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        mpsc::{self, RecvTimeoutError},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::sync::oneshot;

use crate::config::{Priority, cores};

/// About how long a processor may stay with someone who stands behind, while someone in front of them waits for it.
const BEAT: Duration = Duration::from_millis(1);

/// As long as this is held, each processor is asked every millisecond who is to have it.
///
/// A thread that stands behind still has a share of its processor, three thousandths. Linux (since 6.6) gives a processor to
/// whoever has had less than their share, and lets them keep it until its clock has ticked, every four milliseconds as most are
/// built. A request that has just had a processor, and needs it for another moment, would wait for as long. Whenever a thread wakes
/// up, the kernel chooses anew; so one does, on each processor, at ordinary priority, and goes back to sleep.
///
/// There is one for the whole process, however many hold it, on the processors it was allowed when it began.
pub struct Metronome {
    /// Dropping one ends its thread.
    _beats: Vec<mpsc::Sender<Infallible>>,
}

static BEATING: Mutex<Weak<Metronome>> = Mutex::new(Weak::new());

impl Metronome {
    /// The one that beats, or that begins to. For somebody who doesn't stand behind: it would, too.
    pub fn hold() -> Arc<Self> {
        let mut beating = BEATING.lock().unwrap_or_else(PoisonError::into_inner);
        beating.upgrade().unwrap_or_else(|| {
            let beats = processors().into_iter().filter_map(|processor| beat_on(processor).ok());
            let begun = Arc::new(Self { _beats: beats.map(|(beat, _)| beat).collect() });
            *beating = Arc::downgrade(&begun);
            begun
        })
    }

    /// The one to hold beside work of this priority, if it needs one.
    pub fn beside(priority: Priority) -> Option<Arc<Self>> {
        matches!(priority, Priority::Idle).then(Self::hold)
    }
}

/// Has this thread, and those it starts, get a processor when nobody else wants it. Where that is forbidden, it takes few turns.
///
/// Threads beside it are served sooner while a [`Metronome`] is held, by somebody who doesn't stand behind.
pub fn stand_behind() {
    #[cfg(target_os = "linux")]
    {
        use thread_priority::{
            NormalThreadSchedulePolicy::Idle, ThreadPriority, ThreadSchedulePolicy, set_thread_priority_and_policy,
            thread_native_id,
        };
        let _ =
            set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, ThreadSchedulePolicy::Normal(Idle));
    }
    be_nice();
}

/// Has some work done on a thread of its own, which gets a processor as this priority says. What is returned hears its result, or an
/// error if it panicked.
///
/// # Errors
/// No thread could be started.
pub fn work_apart<T: Send + 'static>(
    name: &str,
    priority: Priority,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<oneshot::Receiver<T>> {
    let (told, result) = oneshot::channel();
    let metronome = Metronome::beside(priority);
    thread::Builder::new().name(name.to_owned()).spawn(move || {
        match priority {
            Priority::Idle => stand_behind(),
            Priority::Low => be_nice(),
            Priority::Normal => {}
        }
        // Nobody is left to be told only when they don't want it any more.
        let _ = told.send(work());
        drop(metronome);
    })?;
    Ok(result)
}

/// The processors to beat on, by their numbers; none where one that nobody has is to be had, or where it makes no difference.
fn processors() -> Vec<usize> {
    #[cfg(target_os = "linux")]
    {
        use rustix::thread::{CpuSet, sched_getaffinity};
        // Of a machine with more processors than a set holds, none is known.
        let allowed = sched_getaffinity(None).unwrap_or_default();
        let numbers: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|&number| allowed.is_set(number)).collect();
        // A container that may use but a part of their time would lose much of it to beats on all of them.
        if numbers.len() <= cores() { numbers } else { Vec::new() }
    }
    #[cfg(not(target_os = "linux"))]
    Vec::new()
}

/// Starts a thread that wakes up on this processor at each beat, until what comes with it is dropped.
fn beat_on(processor: usize) -> io::Result<(mpsc::Sender<Infallible>, JoinHandle<()>)> {
    let (beat, ended) = mpsc::channel();
    let thread = thread::Builder::new().name("metronome".to_owned()).spawn(move || {
        // Anywhere else it would wake up in vain.
        if stay_on(processor).is_ok() {
            while ended.recv_timeout(BEAT) == Err(RecvTimeoutError::Timeout) {}
        }
    })?;
    Ok((beat, thread))
}

#[cfg(target_os = "linux")]
fn stay_on(processor: usize) -> io::Result<()> {
    use rustix::thread::{CpuSet, sched_setaffinity};
    let mut only = CpuSet::new();
    only.set(processor);
    Ok(sched_setaffinity(None, &only)?)
}

#[cfg(not(target_os = "linux"))]
fn stay_on(_: usize) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Has this thread take as few turns at a processor as an ordinary one can.
fn be_nice() {
    // Elsewhere this would be for the whole process.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::nice(19);
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use thread_priority::{NormalThreadSchedulePolicy, ThreadSchedulePolicy, thread_schedule_policy};

    use super::*;

    const IDLE: ThreadSchedulePolicy = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);

    #[tokio::test]
    async fn work_apart_waits_its_turn_and_whoever_waits_for_it_does_not() {
        let policy = |priority| work_apart("test", priority, || thread_schedule_policy().unwrap()).unwrap();
        assert_eq!(policy(Priority::Idle).await.unwrap(), IDLE);
        let own = thread_schedule_policy().unwrap();
        assert_ne!(own, IDLE);
        assert_eq!(policy(Priority::Normal).await.unwrap(), own);
        let niceness = |priority| work_apart("test", priority, || rustix::process::getpriority_process(None).unwrap());
        assert_eq!(niceness(Priority::Low).unwrap().await.unwrap(), 19);
        assert_ne!(rustix::process::getpriority_process(None).unwrap(), 19);
    }

    #[tokio::test]
    async fn whoever_waits_hears_that_the_work_broke() {
        let broken = work_apart("test", Priority::Normal, || assert!(std::hint::black_box(false), "it breaks"));
        assert!(broken.unwrap().await.is_err());
    }

    #[test]
    fn there_is_one_metronome_for_all() {
        assert!(Arc::ptr_eq(&Metronome::hold(), &Metronome::hold()));
        assert!(Metronome::beside(Priority::Idle).is_some() && Metronome::beside(Priority::Low).is_none());
        assert!(processors().len() <= cores());
    }

    #[test]
    fn a_beat_ends_with_whoever_holds_it() {
        let (beat, thread) = beat_on(0).unwrap();
        drop(beat);
        thread.join().unwrap();
    }
}
