//! The task that owns the stream.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::{Command, Environment, LineEvent, Shared, Target};

/// Everything of one line.
pub(super) struct Worker {
    target: Target,
    environment: Arc<Environment>,
    shared: Arc<Shared>,
    commands: mpsc::Receiver<Command>,
    events: mpsc::Sender<LineEvent>,
}

impl Worker {
    pub(super) fn new(
        target: Target,
        environment: Arc<Environment>,
        shared: Arc<Shared>,
        commands: mpsc::Receiver<Command>,
        events: mpsc::Sender<LineEvent>,
    ) -> Self {
        Self { target, environment, shared, commands, events }
    }

    pub(super) async fn run(self) {
        let error = super::Fault::NotFound(self.target.server.clone()).into();
        let _ = self.events.send(LineEvent::Stopped { error }).await;
    }
}
