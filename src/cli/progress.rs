//! One line on the terminal that says what is being done.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::job::JobCx;
use crate::present::format::count;

/// Shows the progress of a job until dropped. Silent where standard error is no terminal.
pub(super) struct ProgressLine {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl ProgressLine {
    pub(super) fn of(cx: &JobCx) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        if !stderr().is_terminal() {
            return Self { stop, thread: None };
        }
        let (stopped, progress) = (stop.clone(), cx.progress().clone());
        let show = move || {
            while !stopped.load(Ordering::Relaxed) {
                let (stage, done, total) = progress.read();
                let far =
                    if total > 0 { format!(" {} of {}", count(done.min(total)), count(total)) } else { String::new() };
                if !stage.is_empty() {
                    let _ = write!(stderr(), "\r\x1b[K{stage}{far}");
                }
                thread::sleep(Duration::from_millis(80));
            }
            let _ = write!(stderr(), "\r\x1b[K");
        };
        Self { stop, thread: thread::Builder::new().name("progress".to_owned()).spawn(show).ok() }
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
