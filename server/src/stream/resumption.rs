//! Sessions that can be resumed (XEP-0198 section 5): by token, for a while after their connection broke.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use bytes::BytesMut;
use jid::BareJid;
use parking_lot::Mutex;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::admission::Place;
use crate::routing::session::Session;

/// How many lost sessions are remembered, for the count they had handled.
const REMEMBERED: usize = 10_000;

/// A new connection for an old session.
#[derive(Debug)]
pub(crate) struct Handover {
    pub(crate) stream: Box<TlsStream<TcpStream>>,
    pub(crate) place: Place,
    /// Read and not used.
    pub(crate) leftover: BytesMut,
    /// Stanzas of ours that the client has handled.
    pub(crate) handled: u32,
}

/// Where an old session finds its new connection.
#[derive(Debug, Default)]
pub(crate) struct Seat(Mutex<SeatState>);

#[derive(Debug, Default)]
struct SeatState {
    handover: Option<Box<Handover>>,
    is_closed: bool,
}

impl Seat {
    /// The new connection, if one came.
    pub(crate) fn take(&self) -> Option<Box<Handover>> {
        self.0.lock().handover.take()
    }

    fn put(&self, handover: Box<Handover>) -> Result<(), Box<Handover>> {
        let mut state = self.0.lock();
        if state.is_closed {
            return Err(handover);
        }
        state.handover = Some(handover);
        Ok(())
    }

    fn close(&self) {
        let mut state = self.0.lock();
        state.is_closed = true;
        state.handover = None;
    }
}

/// What is known about a token.
#[derive(Debug)]
enum Entry {
    Alive { session: Session, seat: Arc<Seat> },
    Lost { account: BareJid, handled: u32 },
}

/// All tokens.
#[derive(Debug, Default)]
pub(crate) struct Resumption(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    entries: HashMap<String, Entry>,
    lost: VecDeque<String>,
}

/// What [`Resumption::find`] knows.
#[derive(Debug)]
pub(crate) enum Found {
    /// The session is there.
    Alive(Session, Arc<Seat>),
    /// It is over; it had handled this many stanzas.
    Lost(u32),
    /// Nobody knows the token, or it is somebody else's.
    Nothing,
}

impl Resumption {
    pub(crate) fn add(&self, token: String, session: Session, seat: Arc<Seat>) {
        self.0.lock().entries.insert(token, Entry::Alive { session, seat });
    }

    /// The session is over, having handled so many stanzas for good.
    pub(crate) fn lose(&self, token: &str, seat: &Seat, account: BareJid, handled: u32) {
        seat.close();
        let mut table = self.0.lock();
        table.entries.insert(token.to_owned(), Entry::Lost { account, handled });
        table.lost.push_back(token.to_owned());
        if table.lost.len() > REMEMBERED
            && let Some(oldest) = table.lost.pop_front()
        {
            table.entries.remove(&oldest);
        }
    }

    pub(crate) fn find(&self, token: &str, account: &BareJid) -> Found {
        match self.0.lock().entries.get(token) {
            Some(Entry::Alive { session, seat }) if session.bare() == account => {
                Found::Alive(session.clone(), Arc::clone(seat))
            }
            Some(Entry::Lost { account: owner, handled }) if owner == account => Found::Lost(*handled),
            _ => Found::Nothing,
        }
    }
}

/// Gives the session its new connection; it comes back when the session ended meanwhile.
pub(crate) fn hand_over(
    session: &Session,
    seat: &Seat,
    handover: Box<Handover>,
) -> Result<(), Box<Handover>> {
    seat.put(handover)?;
    session.wake();
    Ok(())
}
