//! From the outbox to the network: what has gathered goes out together.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, BytesMut};
use smallvec::SmallVec;
use tokio::io::AsyncWrite;

use super::management::Management;
use super::{Connection, Ending, Line};
use crate::routing::passage::StoredId;
use crate::routing::session::Outgoing;

/// Most bytes put together for one write: one TLS record.
const BATCH: usize = 16 * 1_024;

/// Places for stanzas on their way out that an idle connection may keep.
const FEW: usize = 8;

thread_local! {
    /// Where stanzas are put together.
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(Vec::with_capacity(2 * BATCH));
}

/// What is on its way out.
#[derive(Debug, Default)]
pub(super) struct Writing {
    /// Our own nonzas, which go before the next stanza.
    nonzas: Vec<u8>,
    /// What the network did not take at once.
    rest: BytesMut,
    /// Something lies in the TLS layer.
    needs_flush: bool,
    /// Without stream management: what to reroute or to report when written.
    unflushed: VecDeque<Outgoing>,
}

impl Writing {
    /// Puts a nonza behind everything that is out already.
    pub(super) fn say(&mut self, nonza: &[u8]) {
        self.nonzas.extend_from_slice(nonza);
    }

    /// The network connection is gone, and what was on its way with it.
    pub(super) fn forget(&mut self) {
        self.nonzas = Vec::new();
        self.rest = BytesMut::new();
        self.needs_flush = false;
    }

    /// What is left to be written.
    pub(super) fn take_bytes(&mut self) -> Vec<u8> {
        let mut bytes = Vec::from(std::mem::take(&mut self.rest));
        bytes.append(&mut self.nonzas);
        bytes
    }

    /// What was never written, oldest first.
    pub(super) fn take_unflushed(&mut self) -> VecDeque<Outgoing> {
        std::mem::take(&mut self.unflushed)
    }

    fn has_rest(&self) -> bool {
        !self.rest.is_empty()
    }
}

impl Connection {
    /// Writes what has gathered; answers whether anything happened.
    pub(super) fn poll_writing(&mut self, context: &mut Context<'_>) -> Result<bool, Ending> {
        if self.line.is_none() || self.is_resuming() {
            return Ok(false);
        }
        let mut has_happened = false;
        loop {
            if self.writing.has_rest() {
                if !self.poll_rest(context)? {
                    return Ok(has_happened);
                }
            } else if !self.poll_gathered(context)? {
                return Ok(self.poll_flush(context)? || has_happened);
            }
            has_happened = true;
        }
    }

    /// Writes what an earlier call left over.
    fn poll_rest(&mut self, context: &mut Context<'_>) -> Result<bool, Ending> {
        let Some(line) = &mut self.line else { return Ok(false) };
        let written = poll_write(line, context, &self.writing.rest)?;
        self.writing.rest.advance(written);
        if self.writing.rest.is_empty() {
            self.writing.rest = BytesMut::new();
        }
        self.writing.needs_flush = true;
        Ok(written > 0)
    }

    /// Puts stanzas together and writes them.
    fn poll_gathered(&mut self, context: &mut Context<'_>) -> Result<bool, Ending> {
        SCRATCH.with_borrow_mut(|scratch| {
            scratch.clear();
            self.gather(context, scratch);
            if scratch.is_empty() {
                return Ok(false);
            }
            let Some(line) = &mut self.line else { return Ok(false) };
            let written = poll_write(line, context, scratch)?;
            self.writing.rest.extend_from_slice(scratch.get(written..).unwrap_or_default());
            self.writing.needs_flush = true;
            if scratch.capacity() > 8 * BATCH {
                *scratch = Vec::with_capacity(2 * BATCH);
            }
            Ok(written > 0)
        })
    }

    fn gather(&mut self, context: &mut Context<'_>, batch: &mut Vec<u8>) {
        batch.append(&mut self.writing.nonzas);
        if self.writing.nonzas.capacity() > 256 {
            self.writing.nonzas = Vec::new();
        }
        while batch.len() < BATCH && self.management.as_ref().is_none_or(|management| management.has_room()) {
            let Poll::Ready(Some(outgoing)) = self.outbox.poll_recv(context) else { break };
            batch.extend_from_slice(&outgoing.bytes);
            self.note_sent(outgoing);
        }
        if let Some(management) = &mut self.management {
            management.ask(self.door.limits.acknowledgement, batch);
        }
    }

    /// Remembers what the client has not taken yet.
    pub(super) fn note_sent(&mut self, outgoing: Outgoing) {
        match &mut self.management {
            Some(management) if outgoing.is_stanza => management.sent(outgoing),
            _ if outgoing.reroute || outgoing.stored.is_some() => {
                self.writing.unflushed.push_back(outgoing);
            }
            _ => {}
        }
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Result<bool, Ending> {
        let Some(line) = &mut self.line else { return Ok(false) };
        if !self.writing.needs_flush {
            return Ok(false);
        }
        match Pin::new(&mut line.stream).poll_flush(context) {
            Poll::Pending => Ok(false),
            Poll::Ready(Err(_)) => Err(Ending::Broken),
            Poll::Ready(Ok(())) => {
                self.writing.needs_flush = false;
                self.report_flushed();
                Ok(true)
            }
        }
    }

    /// Without stream management a message counts as taken when the network has it.
    pub(super) fn report_flushed(&mut self) {
        if self.writing.unflushed.is_empty() {
            return;
        }
        let flushed = self.writing.take_unflushed();
        self.report_taken(flushed.iter());
        if self.writing.unflushed.capacity() == 0 && flushed.capacity() <= FEW {
            // Who gets messages one by one needs no new memory for each.
            self.writing.unflushed = flushed;
            self.writing.unflushed.clear();
        }
    }

    /// Tells the observers which stored messages the client has.
    pub(super) fn report_taken<'a>(&self, taken: impl Iterator<Item = &'a Outgoing>) {
        let stored: SmallVec<[StoredId; 16]> = taken.filter_map(|outgoing| outgoing.stored).collect();
        if !stored.is_empty() {
            self.door.router.report_taken(&self.session, &stored);
        }
    }
}

/// Bytes written now; 0 when the network takes none.
fn poll_write(line: &mut Line, context: &mut Context<'_>, bytes: &[u8]) -> Result<usize, Ending> {
    match Pin::new(&mut line.stream).poll_write(context, bytes) {
        Poll::Pending => Ok(0),
        Poll::Ready(Ok(0) | Err(_)) => Err(Ending::Broken),
        Poll::Ready(Ok(written)) => Ok(written),
    }
}

/// Whether stream management lets more go out.
impl Management {
    fn has_room(&self) -> bool {
        self.unacknowledged_count() < MOST_UNACKNOWLEDGED
    }
}

/// Stanzas that may wait for an acknowledgement; with more the outbox fills instead.
const MOST_UNACKNOWLEDGED: usize = 1_024;
