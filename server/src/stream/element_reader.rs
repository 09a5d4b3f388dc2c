//! Reads headers and elements during negotiation, within a budget of bytes.

use std::io;

use bytes::{Bytes, BytesMut};
use posthouse_protocol::wire::{Frame, Limits, Progress, Scanner, StreamHeader};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::stream_error::StreamError;

/// The longest stream header, in bytes.
const LONGEST_HEADER: usize = 4_096;

/// Why nothing more can be read.
#[derive(Debug)]
pub(crate) enum ReadEnd {
    /// The client has closed the stream or the connection.
    Closed,
    /// We have closed the stream.
    Said,
    /// The connection is broken.
    Broken(io::Error),
    /// The client has broken the rules.
    Error(StreamError),
}

impl From<io::Error> for ReadEnd {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

/// What was read and not yet used, and how much more may come.
#[derive(Debug)]
pub(crate) struct ElementReader {
    buffer: BytesMut,
    scanner: Scanner,
    limits: Limits,
    budget: usize,
}

impl ElementReader {
    /// `limits.stanza_bytes` is also the budget until [`ElementReader::restart`].
    pub(crate) fn new(limits: Limits) -> Self {
        Self { buffer: BytesMut::new(), scanner: Scanner::new(limits), limits, budget: limits.stanza_bytes }
    }

    /// The stream starts anew with a fresh budget; what was read stays.
    pub(crate) fn restart(&mut self) {
        self.scanner = Scanner::new(self.limits);
        self.budget = self.limits.stanza_bytes;
    }

    /// Whether the client sent more than it may have: bytes before TLS must not count after it.
    pub(crate) fn has_leftover(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// What was read and not used.
    pub(crate) fn into_leftover(self) -> BytesMut {
        self.buffer
    }

    /// Reads a stream header.
    pub(crate) async fn header<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
    ) -> Result<StreamHeader, ReadEnd> {
        loop {
            match StreamHeader::read(&self.buffer, LONGEST_HEADER) {
                Ok(Some((header, length))) => {
                    self.take(length);
                    return Ok(header);
                }
                Ok(None) => self.more(stream).await?,
                Err(error) => return Err(ReadEnd::Error(error.into())),
            }
        }
    }

    /// Reads an element.
    pub(crate) async fn element<S: AsyncRead + Unpin>(&mut self, stream: &mut S) -> Result<Frame, ReadEnd> {
        loop {
            match self.scanner.scan(&self.buffer).map_err(|error| ReadEnd::Error(error.into()))? {
                Progress::Incomplete => self.more(stream).await?,
                Progress::Whitespace { length } => {
                    self.take(length);
                }
                Progress::StreamEnd { .. } => return Err(ReadEnd::Closed),
                Progress::Stanza { length, head } => return Ok(Frame::new(self.take(length), head)),
            }
        }
    }

    fn take(&mut self, length: usize) -> Bytes {
        self.buffer.split_to(length.min(self.buffer.len())).freeze()
    }

    async fn more<S: AsyncRead + Unpin>(&mut self, stream: &mut S) -> Result<(), ReadEnd> {
        if self.budget == 0 {
            return Err(ReadEnd::Error(StreamError::PolicyViolation));
        }
        let mut scratch = [0_u8; 2_048];
        let room = self.budget.min(scratch.len());
        let count = stream.read(scratch.get_mut(..room).unwrap_or_default()).await?;
        if count == 0 {
            return Err(ReadEnd::Closed);
        }
        self.budget = self.budget.saturating_sub(count);
        self.buffer.extend_from_slice(scratch.get(..count).unwrap_or_default());
        Ok(())
    }
}
