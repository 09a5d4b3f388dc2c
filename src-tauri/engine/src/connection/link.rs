//! Reads and writes a stream at the same time, in one task: neither direction ever waits for the other.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_util::{Sink, Stream, StreamExt};
use tokio_xmpp::xmlstream::{
    FallibleStreamElement, RawStanzaHeader, ReadError, StreamElementError, XmppStream, XmppStreamElement,
};
use xmpp_parsers::sm;
use xmpp_parsers::stanza::Stanza;
use xso::AsXml;

use super::connector::Io;
use super::fault::Fault;
use super::stream_fault;

/// What came in.
#[derive(Debug)]
pub(super) enum Incoming {
    Stanza(Box<Stanza>),
    /// A stanza that does not have the form of its kind; it counts all the same.
    Unreadable(RawStanzaHeader),
    /// XEP-0198
    Management(sm::Nonza),
    /// Nothing, for a while.
    Silence,
    /// Something of no importance.
    Other,
}

/// What goes out.
#[derive(Debug)]
pub(super) enum Outgoing {
    Stanza(Arc<Stanza>),
    Management(sm::Nonza),
}

/// A stream after login.
pub(super) struct Link {
    stream: XmppStream<Io>,
    outgoing: VecDeque<Outgoing>,
    is_flushed: bool,
}

impl Link {
    pub(super) fn new(stream: XmppStream<Io>) -> Self {
        Self { stream, outgoing: VecDeque::new(), is_flushed: true }
    }

    /// Puts something behind what is to go out; it goes out while [`Link::next`] is awaited.
    pub(super) fn push(&mut self, outgoing: Outgoing) {
        self.outgoing.push_back(outgoing);
    }

    /// How much waits to go out.
    pub(super) fn backlog(&self) -> usize {
        self.outgoing.len()
    }

    /// Writes all there is to write, and answers what came in; without `reading` it only writes and never answers
    /// but with an error. May be dropped at any time without losing anything.
    pub(super) async fn next(&mut self, reading: bool) -> Result<Incoming, Fault> {
        poll_fn(|context| self.poll_next(context, reading)).await
    }

    /// Ends the stream, and waits until the server has ended it too.
    pub(super) async fn close(mut self) -> Result<(), Fault> {
        poll_fn(|context| self.poll_write(context)).await.map_err(broken)?;
        self.stream.shutdown().await.map_err(broken)?;
        while self.stream.next().await.is_some_and(|item| item.is_ok()) {}
        Ok(())
    }

    fn poll_next(&mut self, context: &mut Context<'_>, reading: bool) -> Poll<Result<Incoming, Fault>> {
        if let Poll::Ready(Err(error)) = self.poll_write(context) {
            return Poll::Ready(Err(broken(error)));
        }
        if !reading {
            return Poll::Pending;
        }
        let item = ready!(Pin::new(&mut self.stream).poll_next(context));
        Poll::Ready(understand(item))
    }

    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(outgoing) = self.outgoing.front() {
            let stream = Pin::new(&mut self.stream);
            ready!(match outgoing {
                Outgoing::Stanza(stanza) => poll_send(stream, &**stanza, context),
                Outgoing::Management(nonza) => poll_send(stream, nonza, context),
            })?;
            self.outgoing.pop_front();
            self.is_flushed = false;
        }
        if !self.is_flushed {
            ready!(<XmppStream<Io> as Sink<&Stanza>>::poll_flush(Pin::new(&mut self.stream), context))?;
            self.is_flushed = true;
        }
        Poll::Ready(Ok(()))
    }
}

fn poll_send<T: AsXml>(
    mut stream: Pin<&mut XmppStream<Io>>,
    item: &T,
    context: &mut Context<'_>,
) -> Poll<io::Result<()>> {
    ready!(Sink::<&T>::poll_ready(stream.as_mut(), context))?;
    Poll::Ready(stream.start_send(item))
}

fn understand(item: Option<Result<FallibleStreamElement, ReadError>>) -> Result<Incoming, Fault> {
    match item {
        Some(Ok(FallibleStreamElement::Ok(element))) => match element {
            XmppStreamElement::Stanza(stanza) => Ok(Incoming::Stanza(Box::new(stanza))),
            XmppStreamElement::SM(nonza) => Ok(Incoming::Management(nonza)),
            XmppStreamElement::StreamError(error) => Err(stream_fault(error.0)),
            XmppStreamElement::Sasl(_)
            | XmppStreamElement::Starttls(_)
            | XmppStreamElement::ComponentHandshake(_) => Ok(Incoming::Other),
        },
        Some(Ok(FallibleStreamElement::Err(error))) => Ok(unreadable(error)),
        Some(Err(ReadError::SoftTimeout)) => Ok(Incoming::Silence),
        Some(Err(ReadError::ParseError(error))) => {
            tracing::warn!(%error, "an element of the server is not understood");
            Ok(Incoming::Other)
        }
        Some(Err(ReadError::HardError(error))) => Err(broken(error)),
        Some(Err(ReadError::StreamFooterReceived)) | None => {
            Err(Fault::Broken("the server has ended the stream".to_owned()))
        }
    }
}

fn unreadable(error: StreamElementError) -> Incoming {
    tracing::warn!(%error, "an element of the server is not understood");
    match error {
        StreamElementError::InvalidStanza { header, .. } => Incoming::Unreadable(header),
        // The library wants a count in `<failed/>` where the protocol does not (XEP-0198 section 5).
        StreamElementError::InvalidNonza { qname: (namespace, name), .. }
            if namespace == xmpp_parsers::ns::SM && name == "failed" =>
        {
            Incoming::Management(sm::Nonza::Failed(sm::Failed { h: None, error: None }))
        }
        StreamElementError::InvalidNonza { .. } => Incoming::Other,
    }
}

fn broken(error: io::Error) -> Fault {
    Fault::Broken(error.to_string())
}
