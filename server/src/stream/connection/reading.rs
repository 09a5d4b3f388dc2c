//! From the network to the router.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::BytesMut;
use posthouse_protocol::wire::{Frame, Progress, StanzaKind};
use tokio::io::{AsyncRead, ReadBuf};

use super::{Connection, Ending};
use crate::routing::durability::Ticket;
use crate::stream::negotiation::STREAM_MANAGEMENT;
use crate::stream::stream_error::StreamError;

const CLIENT_STATE: &str = "urn:xmpp:csi:0";

thread_local! {
    /// What is read goes here first: idle connections need no buffer of their own.
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; 32 * 1_024]);
}

impl Connection {
    /// Reads and routes; answers whether anything happened.
    pub(super) fn poll_reading(&mut self, context: &mut Context<'_>) -> Result<bool, Ending> {
        if self.handling.is_some() || self.is_resuming() || self.line.is_none() {
            return Ok(false);
        }
        if self.is_pausing(context) {
            return Ok(false);
        }
        if self.has_unseen {
            self.take_next(context)?;
            return Ok(true);
        }
        if self.is_read_closed {
            return Err(Ending::Broken);
        }
        self.poll_line(context)
    }

    /// Too much came lately: the network holds back what the client goes on sending.
    fn is_pausing(&mut self, context: &mut Context<'_>) -> bool {
        let is_pausing = self.pause.as_mut().is_some_and(|pause| pause.as_mut().poll(context).is_pending());
        if !is_pausing {
            self.pause = None;
        }
        is_pausing
    }

    fn poll_line(&mut self, context: &mut Context<'_>) -> Result<bool, Ending> {
        let Some(line) = &mut self.line else { return Ok(false) };
        let (buffer, pace, pause) = (&mut self.buffer, &mut self.pace, &mut self.pause);
        let rate = self.door.limits.bytes_per_second;
        SCRATCH.with_borrow_mut(|scratch| {
            let mut unfilled = ReadBuf::new(scratch);
            match Pin::new(&mut line.stream).poll_read(context, &mut unfilled) {
                Poll::Pending => Ok(false),
                Poll::Ready(Err(_)) => Err(Ending::Broken),
                Poll::Ready(Ok(())) if unfilled.filled().is_empty() => {
                    self.is_read_closed = true;
                    Ok(true)
                }
                Poll::Ready(Ok(())) => {
                    let received = unfilled.filled();
                    buffer.extend_from_slice(received);
                    let wait = pace.took(received.len(), rate, Instant::now());
                    *pause = wait.map(|wait| Box::pin(tokio::time::sleep(wait)));
                    self.has_unseen = true;
                    Ok(true)
                }
            }
        })
    }

    /// Takes one element, or white space, from what was received.
    fn take_next(&mut self, context: &mut Context<'_>) -> Result<(), Ending> {
        match self.scanner.scan(&self.buffer).map_err(|error| Ending::Error(error.into()))? {
            Progress::Incomplete => {
                self.has_unseen = false;
                if self.buffer.is_empty() {
                    self.buffer = BytesMut::new();
                }
                Ok(())
            }
            Progress::Whitespace { length } => {
                self.drop_received(length);
                Ok(())
            }
            Progress::StreamEnd { .. } => Err(Ending::Closed),
            Progress::Stanza { length, head } => {
                let bytes = self.drop_received(length).freeze();
                self.take(&Frame::new(bytes, head), context)
            }
        }
    }

    fn drop_received(&mut self, length: usize) -> BytesMut {
        let taken = self.buffer.split_to(length.min(self.buffer.len()));
        if self.buffer.is_empty() {
            // Its memory goes with the stanza, or at once.
            self.buffer = BytesMut::new();
            self.has_unseen = false;
        }
        taken
    }

    fn take(&mut self, frame: &Frame, context: &mut Context<'_>) -> Result<(), Ending> {
        match frame.kind() {
            StanzaKind::Message | StanzaKind::Presence | StanzaKind::Iq => {
                self.route(frame);
                // Most stanzas are done at once.
                self.poll_handling(context);
                Ok(())
            }
            StanzaKind::Nonza if frame.namespace() == STREAM_MANAGEMENT => self.manage(frame),
            StanzaKind::Nonza if frame.namespace() == CLIENT_STATE => {
                self.set_client_state(frame.name());
                Ok(())
            }
            StanzaKind::Nonza => Err(Ending::Error(StreamError::UnsupportedStanzaType)),
        }
    }

    fn route(&mut self, frame: &Frame) {
        let lang = self.lang.as_deref();
        let admitted = self.door.router.admit(&self.session, frame, lang, &mut self.addressee);
        let Some(mut passage) = admitted else {
            self.note_handled(Ticket::default());
            return;
        };
        let router = self.door.router.clone();
        self.handling = Some(Box::pin(async move {
            router.route(&mut passage).await;
            passage.durable_at
        }));
    }

    /// XEP-0352.
    fn set_client_state(&self, name: &str) {
        match name {
            "inactive" => self.session.switches().inactive.store(true, Ordering::Release),
            "active" => {
                self.session.switches().inactive.store(false, Ordering::Release);
                for observer in self.door.router.observers() {
                    observer.session_active(&self.session);
                }
            }
            _ => {}
        }
    }
}
