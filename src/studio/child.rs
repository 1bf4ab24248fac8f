//! The server's side of one child: starts it, speaks with it, and sees to it that it ends.

use std::{
    io::{self, BufReader, Read},
    mem,
    os::unix::process::{CommandExt, ExitStatusExt},
    path::Path,
    process::{Child as Process, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use bytes::Bytes;
use rustix::process::Signal;
use tokio::sync::oneshot;

use super::{
    Fault, frames,
    words::{Ask, Said, Terms},
};
use crate::priority::Metronome;

/// The hidden command that makes a program a child.
pub(crate) const COMMAND: &str = "workbench";

/// How much is kept of what a child says on standard error: a panic with its place.
const LONGEST_LAST_WORDS: u64 = 2_000;

/// What a program of Rust says when it is refused memory.
const OUT_OF_MEMORY: &str = "memory allocation of";

/// More bytes than a child has: what it frees, it keeps for what it makes next.
const HEAP: &str = "1073741824";

/// What the threads that speak with a child have for their stacks: as much as others.
const STACK: usize = 2 << 20;

/// What others end a process with: people, and a machine that has no memory left. What a process does wrong ends it by other signals.
const OTHERS_SIGNALS: [Signal; 4] = [Signal::KILL, Signal::TERM, Signal::INT, Signal::HUP];

/// A process that does one thing after the other. Ends when this is dropped, whatever it is doing.
pub(super) struct Child {
    tasks: Option<mpsc::Sender<Task>>,
    life: Arc<Life>,
}

/// What it is to do next, and whoever waits for it.
struct Task {
    ask: Ask,
    files: Vec<Bytes>,
    told: oneshot::Sender<Answer>,
}

type Answer = Result<(Said, Vec<Bytes>), Fault>;

/// The process as far as others may end it.
#[derive(Default)]
pub(super) struct Life(Mutex<Stage>);

#[derive(Default)]
enum Stage {
    #[default]
    Unborn,
    Alive(Process),
    Over,
}

impl Life {
    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the process, unless it was ended before.
    fn begin(&self, command: &mut Command) -> Result<Pipes, Fault> {
        let mut stage = self.stage();
        if matches!(*stage, Stage::Over) {
            return Err(Fault::Died("it was stopped before it began".to_owned()));
        }
        let mut process = command.spawn().map_err(not_started)?;
        let pipes = Pipes { into: process.stdin.take(), out: process.stdout.take(), aside: process.stderr.take() };
        *stage = Stage::Alive(process);
        Ok(pipes)
    }

    /// Kills the process. The thread that speaks with it hears its end and takes leave of it.
    pub(super) fn end(&self) {
        let mut stage = self.stage();
        match &mut *stage {
            // It can't be another process of the same number: nobody has waited for it yet.
            Stage::Alive(process) => drop(process.kill()),
            Stage::Unborn => *stage = Stage::Over,
            Stage::Over => {}
        }
    }

    /// Waits for the process, which is at its end, so that nothing is left of it. How it ended.
    fn bury(&self) -> io::Result<ExitStatus> {
        let stage = mem::replace(&mut *self.stage(), Stage::Over);
        let Stage::Alive(mut process) = stage else { return Err(io::Error::other("it is gone")) };
        // Where there is nothing to kill any more, there is something to wait for.
        let _ = process.kill();
        process.wait()
    }
}

struct Pipes {
    into: Option<ChildStdin>,
    out: Option<ChildStdout>,
    aside: Option<ChildStderr>,
}

impl Child {
    /// Starts a child under these terms, beside a metronome if it stands behind others.
    ///
    /// The thread that starts it lives as long as it does: the signal that ends a child with its parent is sent when that
    /// thread ends.
    ///
    /// # Errors
    /// [`Fault::NotStarted`] if there is no such thread to be had. If there is no process, or no thread for its last words, whoever
    /// asks first hears that.
    pub(super) fn start(
        program: &Path,
        purpose: &str,
        terms: Terms,
        threads: usize,
        metronome: Option<Arc<Metronome>>,
    ) -> Result<Self, Fault> {
        Self::start_on(STACK, program, purpose, terms, threads, metronome)
    }

    fn start_on(
        stack: usize,
        program: &Path,
        purpose: &str,
        terms: Terms,
        threads: usize,
        metronome: Option<Arc<Metronome>>,
    ) -> Result<Self, Fault> {
        let (tasks, asked) = mpsc::channel();
        let life = Arc::new(Life::default());
        let mut command = Command::new(program);
        command
            .arg0("headroom")
            .args([COMMAND, purpose])
            .env_clear()
            .env("RAYON_NUM_THREADS", threads.to_string())
            .env("RTEN_NUM_THREADS", threads.to_string())
            // One heap for all threads: less memory for the same work.
            .env("MALLOC_ARENA_MAX", "1")
            // Pictures come and go by the dozen. Given back each time, their pages would have to be cleared each time.
            .env("MALLOC_MMAP_THRESHOLD_", HEAP)
            .env("MALLOC_TRIM_THRESHOLD_", HEAP)
            // And come in pages of two megabytes where the kernel has them: a quarter less work, most of it the kernel's.
            .env("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1")
            .current_dir("/")
            // A group of its own: Ctrl-C in a terminal is for the server, which then ends its children.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let its = life.clone();
        let speaks = thread::Builder::new().name("workbench".to_owned()).stack_size(stack).spawn(move || {
            speak(stack, &its, &mut command, &terms, &asked);
            drop(metronome);
        });
        speaks.map_err(not_started)?;
        Ok(Self { tasks: Some(tasks), life })
    }

    /// What others may end it by.
    pub(super) fn life(&self) -> Arc<Life> {
        self.life.clone()
    }

    /// Has it do something, within a time. After a fault of its own it does nothing more.
    pub(super) async fn ask(&mut self, ask: Ask, files: Vec<Bytes>, within: Duration) -> Answer {
        let gone = || Fault::Died("it is gone".to_owned());
        let (told, answer) = oneshot::channel();
        let tasks = self.tasks.as_ref().ok_or_else(gone)?;
        tasks.send(Task { ask, files, told }).map_err(|_| gone())?;
        match tokio::time::timeout(within, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(gone()),
            Err(_) => {
                self.tasks = None;
                self.life.end();
                Err(Fault::TimedOut)
            }
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.life.end();
    }
}

/// Speaks with a child from its beginning to its end.
fn speak(stack: usize, life: &Life, command: &mut Command, terms: &Terms, asked: &mpsc::Receiver<Task>) {
    let (mut into, mut out, aside) = match begin(stack, life, command) {
        Ok(begun) => begun,
        Err(fault) => {
            let _ = life.bury();
            if let Ok(task) = asked.recv() {
                let _ = task.told.send(Err(fault));
            }
            return;
        }
    };
    let mut said = frames::write(&mut into, terms, &[]);
    while let Ok(Task { ask, files, told }) = asked.recv() {
        let answer = said.and_then(|()| frames::write(&mut into, &ask, &files)).and_then(|()| frames::read(&mut out));
        drop(files);
        match answer {
            Ok(Some(answer)) => {
                said = Ok(());
                let _ = told.send(Ok(answer));
            }
            ended => {
                let status = life.bury();
                let words = aside.join().unwrap_or_default();
                let _ = told.send(Err(fate(ended.err(), status, &words)));
                return;
            }
        }
    }
    drop(into);
    let _ = life.bury();
    let _ = aside.join();
}

type Begun = (ChildStdin, BufReader<ChildStdout>, JoinHandle<String>);

/// Starts a child's process, and a thread that listens to what it says on standard error.
fn begin(stack: usize, life: &Life, command: &mut Command) -> Result<Begun, Fault> {
    let Pipes { into: Some(into), out: Some(out), aside } = life.begin(command)? else {
        return Err(Fault::NotStarted("it has no pipes".to_owned()));
    };
    let aside = thread::Builder::new().stack_size(stack).spawn(move || last_words(aside)).map_err(not_started)?;
    Ok((into, BufReader::new(out), aside))
}

fn not_started(cause: io::Error) -> Fault {
    Fault::NotStarted(cause.to_string())
}

/// Why a child is gone: its picture, or somebody who ended it.
fn fate(broken: Option<io::Error>, status: io::Result<ExitStatus>, words: &str) -> Fault {
    // One that talks on, and nonsense, we ended ourselves.
    let by_itself = broken
        .as_ref()
        .is_none_or(|error| matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe));
    let signal = status.as_ref().ok().and_then(ExitStatusExt::signal);
    let status = status.map_or_else(|cause| cause.to_string(), |status| status.to_string());
    let spoken = broken.map(|error| format!(" ({error})")).unwrap_or_default();
    let how = format!("{status}{spoken}: {words}");
    if words.contains(OUT_OF_MEMORY) {
        Fault::TooMuch(how)
    } else if by_itself && signal.is_some_and(|signal| OTHERS_SIGNALS.map(Signal::as_raw).contains(&signal)) {
        Fault::Killed(how)
    } else {
        Fault::Died(how)
    }
}

/// The beginning of what a child says on standard error. All of it is read, or the child would wait for room.
fn last_words(aside: Option<ChildStderr>) -> String {
    let Some(mut aside) = aside else { return String::new() };
    let mut first = Vec::new();
    let _ = Read::by_ref(&mut aside).take(LONGEST_LAST_WORDS).read_to_end(&mut first);
    let _ = io::copy(&mut aside, &mut io::sink());
    String::from_utf8_lossy(&first).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::studio::words::Turn;

    /// For a thread that no machine has room for, as for any while there is none to be had.
    const TOO_MUCH: usize = 1 << 60;

    fn terms() -> Terms {
        Terms { memory: 1 << 29, seconds: 10, turn: Turn::Nice(0), thresholds: headroom_studio::Thresholds::default() }
    }

    #[test]
    fn a_child_that_nobody_could_speak_with_is_not_started() {
        let started = Child::start_on(TOO_MUCH, Path::new("/bin/cat"), "upload", terms(), 1, None);
        assert!(matches!(started.map(drop), Err(Fault::NotStarted(_))));
    }

    #[test]
    fn a_child_whose_last_words_nobody_could_hear_counts_as_not_started() {
        let mut command = Command::new("/bin/cat");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let (tasks, asked) = mpsc::channel();
        let (told, mut answer) = oneshot::channel();
        assert!(tasks.send(Task { ask: Ask::Open, files: Vec::new(), told }).is_ok());
        let life = Life::default();
        speak(TOO_MUCH, &life, &mut command, &terms(), &asked);
        assert!(matches!(answer.try_recv(), Ok(Err(Fault::NotStarted(_)))));
        assert!(matches!(*life.stage(), Stage::Over), "nothing is left of it");
    }
}
