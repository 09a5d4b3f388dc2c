//! Tells every task of the door to stop, and waits until all have.

use tokio::sync::{mpsc, watch};

/// Handed to every task; dropping it says that the task is done.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    stop: watch::Receiver<bool>,
    _done: mpsc::Sender<()>,
}

/// The other end.
#[derive(Debug)]
pub(crate) struct Shutdown {
    stop: watch::Sender<bool>,
    done: mpsc::Receiver<()>,
}

pub(crate) fn pair() -> (Shutdown, Task) {
    let (stop, stopped) = watch::channel(false);
    let (sender, done) = mpsc::channel(1);
    (Shutdown { stop, done }, Task { stop: stopped, _done: sender })
}

impl Shutdown {
    /// Listeners and logins stop at once; sessions are told by their own way.
    pub(crate) fn begin(&self) {
        self.stop.send_replace(true);
    }

    /// Waits until every task has dropped its end.
    pub(crate) async fn finished(&mut self) {
        // Nobody ever sends: this ends when the last sender is gone.
        let _ = self.done.recv().await;
    }
}

impl Task {
    /// Returns once the door closes.
    pub(crate) async fn stopped(&self) {
        let mut stop = self.stop.clone();
        let _ = stop.wait_for(|stopped| *stopped).await;
    }

    pub(crate) fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }
}
