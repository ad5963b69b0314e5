//! File dialogs of the system: one at a time, on a thread of their own.

use std::future::Future;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use rfd::{AsyncFileDialog, FileHandle};

/// An answer that comes sooner was not given by a person: there is no dialog on this system.
const TOO_SOON: Duration = Duration::from_millis(250);

/// What a dialog is for; the app decides what to do with the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Request<P> {
    pub purpose: P,
    pub kind: Kind,
    pub title: String,
    /// Name and endings of the files shown first.
    pub filter: Option<(String, Vec<String>)>,
    /// Proposed file name, when saving.
    pub file_name: String,
    pub folder: Option<PathBuf>,
}

/// Kind of a dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Files,
    Folder,
    Save,
}

/// How a dialog ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer<P> {
    Chosen {
        purpose: P,
        paths: Vec<PathBuf>,
    },
    /// Closed without a choice.
    Dismissed,
    /// No dialog could be shown; a path can be typed instead.
    NotAvailable {
        purpose: P,
    },
}

/// The dialog that is open, if any.
pub struct Dialogs<P> {
    open: Option<(P, Instant, Receiver<Vec<PathBuf>>)>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl<P: Clone> Dialogs<P> {
    pub fn new(wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self { open: None, wake }
    }

    /// Show a dialog; nothing happens while one is open.
    pub fn show(&mut self, request: Request<P>, frame: &eframe::Frame) {
        if self.open.is_some() {
            return;
        }
        let mut dialog = AsyncFileDialog::new().set_title(&request.title).set_parent(frame);
        if let Some((name, endings)) = &request.filter {
            dialog = dialog.add_filter(name, endings).add_filter("All files", &["*"]);
        }
        if let Some(folder) = &request.folder {
            dialog = dialog.set_directory(folder);
        }
        let (sender, receiver) = channel();
        let wake = Arc::clone(&self.wake);
        // The future is made here, since macOS wants that on the main thread; it is waited for elsewhere.
        let one = |handle: FileHandle| vec![handle.path().to_path_buf()];
        let many = |handles: Vec<FileHandle>| handles.iter().map(|handle| handle.path().to_path_buf()).collect();
        let wait: Box<dyn FnOnce() -> Vec<PathBuf> + Send> = match request.kind {
            Kind::Files => {
                let future = dialog.pick_files();
                Box::new(move || block_on(future).map(many).unwrap_or_default())
            }
            Kind::Folder => {
                let future = dialog.pick_folder();
                Box::new(move || block_on(future).map(one).unwrap_or_default())
            }
            Kind::Save => {
                let future = dialog.set_file_name(&request.file_name).save_file();
                Box::new(move || block_on(future).map(one).unwrap_or_default())
            }
        };
        let started = thread::Builder::new().name("dialog".to_owned()).spawn(move || {
            // The receiver is gone only when the program is ending.
            let _ = sender.send(wait());
            wake();
        });
        // Without a thread the receiver reports at once that nobody answers.
        drop(started);
        self.open = Some((request.purpose, Instant::now(), receiver));
    }

    /// The answer, once there is one.
    pub fn poll(&mut self) -> Option<Answer<P>> {
        let (purpose, since, receiver) = self.open.as_ref()?;
        let answer = match receiver.try_recv() {
            Err(TryRecvError::Empty) => return None,
            Ok(paths) if !paths.is_empty() => Answer::Chosen { purpose: purpose.clone(), paths },
            Ok(_) if since.elapsed() > TOO_SOON => Answer::Dismissed,
            Ok(_) | Err(TryRecvError::Disconnected) => Answer::NotAvailable { purpose: purpose.clone() },
        };
        self.open = None;
        Some(answer)
    }
}

/// Wait for a future on this thread.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::block_on;

    #[test]
    fn waits_for_a_value_from_another_thread() {
        let (sender, receiver) = std::sync::mpsc::channel::<std::task::Waker>();
        let ready = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let flag = ready.clone();
        std::thread::spawn(move || {
            let waker = receiver.recv().unwrap();
            flag.store(true, std::sync::atomic::Ordering::Release);
            waker.wake();
        });
        let mut sent = false;
        let value = block_on(std::future::poll_fn(|context| {
            if ready.load(std::sync::atomic::Ordering::Acquire) {
                return std::task::Poll::Ready(7);
            }
            if !sent {
                sent = true;
                sender.send(context.waker().clone()).unwrap();
            }
            std::task::Poll::Pending
        }));
        assert_eq!(value, 7);
    }
}
