//! Named threads, one slot per kind of work; starting a job cancels the previous one of its slot.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use super::progress::{JobCx, Progress};

/// How a job of slot `S` ended.
#[derive(Debug)]
pub enum Outcome<T> {
    Done(T),
    /// The job panicked; the message is for the user.
    Panicked(String),
}

struct Running {
    generation: u64,
    cx: JobCx,
}

struct Message<S, T> {
    slot: S,
    generation: u64,
    outcome: Outcome<T>,
}

/// The running jobs. `S` names the slot, `T` is what jobs return.
pub struct Jobs<S, T> {
    running: BTreeMap<S, Running>,
    generation: u64,
    sender: Sender<Message<S, T>>,
    receiver: Receiver<Message<S, T>>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl<S: Copy + Ord + Send + std::fmt::Debug + 'static, T: Send + 'static> Jobs<S, T> {
    /// `wake` is called from the worker when a result waits (request a repaint, unpark a test).
    pub fn new(wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        let (sender, receiver) = channel();
        Self { running: BTreeMap::new(), generation: 0, sender, receiver, wake }
    }

    /// Start `work` in `slot`; an older job of the slot is cancelled and its result dropped.
    pub fn start(&mut self, slot: S, work: impl FnOnce(&JobCx) -> T + Send + 'static) {
        self.cancel(slot);
        self.generation += 1;
        let generation = self.generation;
        let cx = JobCx::new();
        self.running.insert(slot, Running { generation, cx: cx.clone() });
        let (sender, wake) = (self.sender.clone(), self.wake.clone());
        let job = move || {
            let outcome = match catch_unwind(AssertUnwindSafe(|| work(&cx))) {
                Ok(value) => Outcome::Done(value),
                Err(payload) => Outcome::Panicked(panic_message(payload.as_ref())),
            };
            // The receiver is gone only when the program is ending.
            let _ = sender.send(Message { slot, generation, outcome });
            wake();
        };
        if let Err(error) = thread::Builder::new().name(format!("{slot:?}")).spawn(job) {
            let outcome = Outcome::Panicked(format!("no thread could be started: {error}"));
            let _ = self.sender.send(Message { slot, generation, outcome });
        }
    }

    pub fn cancel(&mut self, slot: S) {
        if let Some(job) = self.running.remove(&slot) {
            job.cx.cancel();
        }
    }

    /// Progress of each running job, in slot order.
    pub fn progress(&self) -> impl Iterator<Item = (S, &Arc<Progress>)> {
        self.running.iter().map(|(slot, job)| (*slot, job.cx.progress()))
    }

    pub fn is_running(&self, slot: S) -> bool {
        self.running.contains_key(&slot)
    }

    pub fn is_idle(&self) -> bool {
        self.running.is_empty()
    }

    /// Results that have arrived; those of replaced or cancelled jobs are dropped.
    pub fn drain(&mut self) -> Vec<(S, Outcome<T>)> {
        let mut finished = Vec::new();
        while let Ok(message) = self.receiver.try_recv() {
            let current = self.running.get(&message.slot).is_some_and(|job| job.generation == message.generation);
            if current {
                self.running.remove(&message.slot);
                finished.push((message.slot, message.outcome));
            }
        }
        finished
    }
}

fn panic_message(payload: &(dyn std::any::Any + Send)) -> String {
    payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "the job ended unexpectedly".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_job_of_a_slot_replaces_the_older_one() {
        let (woken, wakes) = channel();
        let mut jobs = Jobs::new(Arc::new(move || woken.send(()).unwrap_or(())));
        let (release, gate) = channel::<()>();
        jobs.start(0u8, move |cx| {
            let _ = gate.recv();
            cx.check().map(|()| 1)
        });
        jobs.start(0u8, |cx| cx.check().map(|()| 2));
        release.send(()).unwrap();
        wakes.recv().unwrap();
        wakes.recv().unwrap();
        let done = jobs.drain();
        assert_eq!(done.len(), 1);
        assert!(matches!(done[0].1, Outcome::Done(Ok(2))));
        assert!(jobs.is_idle());
    }

    #[test]
    fn panic_becomes_a_message() {
        let (woken, wakes) = channel();
        let mut jobs: Jobs<u8, ()> = Jobs::new(Arc::new(move || woken.send(()).unwrap_or(())));
        jobs.start(0, |_| panic!("row 7 is odd"));
        wakes.recv().unwrap();
        let done = jobs.drain();
        assert!(matches!(&done[0].1, Outcome::Panicked(text) if text == "row 7 is odd"));
    }
}
