//! One session's connection in its steady state: a small task that reads, routes and writes by turns.

mod arrival;
mod ending;
mod management;
mod reading;
mod writing;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::BytesMut;
use posthouse_protocol::wire::Scanner;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::Sleep;
use tokio_rustls::server::TlsStream;
use tracing::{Instrument, Span};

pub(crate) use self::arrival::Arrival;
use self::management::Management;
use self::writing::Writing;
use super::admission::Place;
use super::door::Door;
use super::pace::Pace;
use super::resumption::Handover;
use super::stream_error::StreamError;
use crate::routing::addressee::Addressee;
use crate::routing::durability::Ticket;
use crate::routing::session::{EndReason, Outgoing, Session};

/// What a connection starts with.
pub(crate) struct Start {
    pub(crate) stream: Box<TlsStream<TcpStream>>,
    pub(crate) place: Place,
    pub(crate) leftover: BytesMut,
    pub(crate) session: Session,
    pub(crate) outbox: mpsc::Receiver<Outgoing>,
    pub(crate) lang: Option<String>,
}

/// Why the steady state is over.
#[derive(Debug)]
enum Ending {
    /// The client has closed the stream.
    Closed,
    /// The connection is broken or silent.
    Broken,
    /// The server ends the session.
    Told(EndReason),
    /// The client has broken the rules, or we cannot go on.
    Error(StreamError),
    /// Nobody resumed the session in time.
    Expired,
}

impl Ending {
    /// For the log.
    fn word(&self) -> &'static str {
        match self {
            Self::Closed => "closed by the client",
            Self::Broken => "connection lost",
            Self::Told(EndReason::Conflict) => "replaced by a newer one",
            Self::Told(EndReason::Overflow) => "the client takes nothing more",
            Self::Told(EndReason::Shutdown) => "the server stops",
            Self::Told(EndReason::AccountClosed) => "account disabled, removed or with a new password",
            Self::Error(_) => "the client has broken the rules",
            Self::Expired => "not resumed in time",
        }
    }
}

type Handling = Pin<Box<dyn Future<Output = Ticket> + Send>>;

/// The connection. One for each session, so it is kept small: what is rare is boxed.
pub(crate) struct Connection {
    door: Arc<Door>,
    session: Session,
    outbox: mpsc::Receiver<Outgoing>,
    /// `None` while the session waits to be resumed.
    line: Option<Line>,
    /// The stanza being routed; the next one waits for it.
    handling: Option<Handling>,
    scanner: Scanner,
    /// Received, not yet a whole stanza.
    buffer: BytesMut,
    pace: Pace,
    /// Until when nothing more is read, as too much came.
    pause: Option<Pin<Box<Sleep>>>,
    /// The peer will send nothing more.
    is_read_closed: bool,
    /// Bytes in `buffer` that the scanner has not seen.
    has_unseen: bool,
    writing: Writing,
    management: Option<Box<Management>>,
    lang: Option<Box<str>>,
    addressee: Addressee,
    /// What the lines of this session in the log belong to; entered where something is to be told, not for
    /// every wake-up.
    span: Span,
}

/// The network connection.
struct Line {
    stream: Box<TlsStream<TcpStream>>,
    _place: Place,
}

impl Connection {
    /// Starts the connection's task.
    pub(crate) fn spawn(door: Arc<Door>, start: Start, arrival: Box<Arrival>) {
        let scanner = Scanner::new(door.limits.stanza);
        let has_unseen = !start.leftover.is_empty();
        let connection = Self {
            door,
            session: start.session,
            outbox: start.outbox,
            line: Some(Line { stream: start.stream, _place: start.place }),
            handling: None,
            scanner,
            buffer: start.leftover,
            pace: Pace::new(Instant::now()),
            pause: None,
            is_read_closed: false,
            has_unseen,
            writing: Writing::default(),
            management: None,
            lang: start.lang.map(String::into_boxed_str),
            addressee: Addressee::default(),
            // The lines of the session go on under the span of its login.
            span: Span::current(),
        };
        tokio::spawn(connection.run(arrival));
    }

    fn run(self, arrival: Box<Arrival>) -> impl Future<Output = ()> + Send {
        let mut connection = Box::new(self);
        async move {
            let task = connection.door.task();
            if task.is_stopped() {
                connection.session.end(EndReason::Shutdown);
            }
            let span = connection.span.clone();
            Box::pin(connection.arrive(arrival)).instrument(span.clone()).await;
            loop {
                let ending = std::future::poll_fn(|context| connection.poll(context)).await;
                if matches!(ending, Ending::Broken) && span.in_scope(|| connection.detach()) {
                    continue;
                }
                Box::pin(connection.finish(ending)).instrument(span).await;
                break;
            }
            drop(task);
        }
    }

    /// Everything that can be done now; ready when the steady state is over.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Ending> {
        if let Poll::Ready(reason) = self.session.poll_end(context) {
            return Poll::Ready(Ending::Told(reason));
        }
        self.take_seat();
        loop {
            match self.poll_once(context) {
                Ok(true) => {}
                Ok(false) => return Poll::Pending,
                Err(ending) => return Poll::Ready(ending),
            }
        }
    }

    /// One turn; answers whether anything happened.
    fn poll_once(&mut self, context: &mut Context<'_>) -> Result<bool, Ending> {
        let has_handled = self.poll_handling(context);
        let has_managed = self.poll_management(context)?;
        let has_read = self.poll_reading(context)?;
        // What reading made us say goes out together.
        let has_written =
            if self.handling.is_none() || !has_read { self.poll_writing(context)? } else { false };
        Ok(has_handled || has_managed || has_read || has_written)
    }

    fn poll_handling(&mut self, context: &mut Context<'_>) -> bool {
        let Some(handling) = &mut self.handling else { return false };
        let entered = self.span.enter();
        let Poll::Ready(ticket) = handling.as_mut().poll(context) else { return false };
        drop(entered);
        self.handling = None;
        self.note_handled(ticket);
        true
    }

    fn note_handled(&mut self, ticket: Ticket) {
        if let Some(management) = &mut self.management {
            management.handled(ticket);
        }
    }

    /// A new network connection for this session, if one came (XEP-0198 section 5).
    fn take_seat(&mut self) {
        let handover = self.management.as_ref().and_then(|management| management.seat.take());
        if let Some(handover) = handover {
            self.span.clone().in_scope(|| self.resume(*handover));
        }
    }

    fn resume(&mut self, handover: Handover) {
        tracing::info!("resumed");
        self.line = Some(Line { stream: handover.stream, _place: handover.place });
        self.scanner = Scanner::new(self.door.limits.stanza);
        self.has_unseen = !handover.leftover.is_empty();
        self.buffer = handover.leftover;
        self.is_read_closed = false;
        self.writing.forget();
        if let Some(management) = &mut self.management {
            management.begin_resuming(handover.handled);
        }
    }

    /// The network connection is gone; whether the session waits for another one.
    fn detach(&mut self) -> bool {
        let Some(management) = &mut self.management else { return false };
        if !management.detach(self.door.limits.resumption) {
            return false;
        }
        tracing::info!("connection lost; the session can be resumed");
        self.line = None;
        self.buffer = BytesMut::new();
        self.has_unseen = false;
        self.writing.forget();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_session_costs_less_than_a_kilobyte_beside_its_tls() {
        let size = size_of::<Connection>();
        assert!(size < 640, "{size} bytes");
    }
}
