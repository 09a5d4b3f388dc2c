//! Frames of SMPP (SMPP 5.0 section 3.1): cut by their length first and read afterwards, so that one nobody can
//! read does no harm to those behind it.

use std::io;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use rusmpp::tokio_codec::CommandCodec;
use rusmpp::{Command, CommandStatus, Pdu};
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio_util::codec::{Decoder, Encoder};

use crate::tls::Duplex;

/// The ids we tell apart (SMPP 5.0 section 4.7.5).
pub(super) mod id {
    pub(in super::super) const GENERIC_NACK: u32 = 0x8000_0000;
    pub(in super::super) const DELIVER: u32 = 0x0000_0005;
    pub(in super::super) const DATA: u32 = 0x0000_0103;
    pub(in super::super) const UNBIND: u32 = 0x0000_0006;
    pub(in super::super) const ENQUIRE_LINK: u32 = 0x0000_0015;
    /// Set in every answer.
    pub(in super::super) const ANSWER: u32 = 0x8000_0000;
}

const HEADER: usize = 16;
const LONGEST: usize = 70_000;
/// How long a write may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// One frame.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) id: u32,
    pub(super) status: u32,
    pub(super) sequence: u32,
    /// `None`: there is none, or nobody can read it.
    pub(super) body: Option<Pdu>,
    /// All of it, for the administrator.
    pub(super) bytes: Bytes,
}

/// The carrier's half.
pub(super) struct Reader {
    half: ReadHalf<Box<dyn Duplex>>,
    buffer: BytesMut,
}

/// Our half.
pub(super) struct Writer(WriteHalf<Box<dyn Duplex>>);

pub(super) fn halves(stream: Box<dyn Duplex>) -> (Reader, Writer) {
    let (half, writer) = tokio::io::split(stream);
    (Reader { half, buffer: BytesMut::new() }, Writer(writer))
}

/// Cuts one frame off; `None` when it is not all there.
fn cut(buffer: &mut BytesMut) -> io::Result<Option<Frame>> {
    let Some(mut length) = buffer.get(..4) else { return Ok(None) };
    let length = usize::try_from(length.get_u32()).unwrap_or(usize::MAX);
    if !(HEADER..=LONGEST).contains(&length) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("a frame of {length} bytes")));
    }
    if buffer.len() < length {
        return Ok(None);
    }
    Ok(Some(read(buffer.split_to(length).freeze())))
}

/// Reads a frame that is whole.
fn read(bytes: Bytes) -> Frame {
    let mut head = bytes.slice(4..HEADER.min(bytes.len()));
    let (id, status, sequence) = (head.get_u32(), head.get_u32(), head.get_u32());
    let mut copy = BytesMut::from(&bytes[..]);
    let command = CommandCodec::new().with_max_length(LONGEST).decode(&mut copy);
    let body = command.ok().flatten().and_then(|command| command.pdu().cloned());
    Frame { id, status, sequence, body, bytes }
}

impl Reader {
    /// The next frame. Can be dropped at any time without losing a byte.
    pub(super) async fn frame(&mut self) -> io::Result<Frame> {
        loop {
            if let Some(frame) = cut(&mut self.buffer)? {
                return Ok(frame);
            }
            if self.half.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

impl Writer {
    pub(super) async fn write(&mut self, status: u32, sequence: u32, pdu: Pdu) -> io::Result<()> {
        let command = Command::new(CommandStatus::from(status), sequence, pdu);
        let mut bytes = BytesMut::new();
        CommandCodec::new().encode(command, &mut bytes).map_err(io::Error::other)?;
        let writing = async {
            self.0.write_all(&bytes).await?;
            self.0.flush().await
        };
        tokio::time::timeout(PATIENCE, writing).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }
}

#[cfg(test)]
mod tests {
    use bytes::{BufMut, BytesMut};
    use proptest::prelude::*;

    use super::{cut, id};

    fn frame(id: u32, status: u32, body: &[u8]) -> BytesMut {
        let mut bytes = BytesMut::new();
        bytes.put_u32(u32::try_from(16 + body.len()).unwrap());
        bytes.put_u32(id);
        bytes.put_u32(status);
        bytes.put_u32(7);
        bytes.put_slice(body);
        bytes
    }

    #[test]
    fn a_refusal_without_body_is_read() {
        let mut buffer = frame(0x8000_0004, 0x58, b"");
        let read = cut(&mut buffer).unwrap().unwrap();
        assert_eq!((read.id, read.status, read.sequence, read.body), (0x8000_0004, 0x58, 7, None));
    }

    #[test]
    fn what_nobody_can_read_does_no_harm_to_what_follows() {
        let mut buffer = frame(id::DELIVER, 0, &[0xff; 40]);
        buffer.extend_from_slice(&frame(id::ENQUIRE_LINK, 0, b""));
        assert_eq!(cut(&mut buffer).unwrap().unwrap().body, None);
        assert_eq!(cut(&mut buffer).unwrap().unwrap().id, id::ENQUIRE_LINK);
        assert!(cut(&mut buffer).unwrap().is_none());
    }

    #[test]
    fn a_length_nobody_sends_ends_the_connection() {
        assert!(cut(&mut BytesMut::from(&[0, 0, 0, 3, 0][..])).is_err());
        assert!(cut(&mut BytesMut::from(&[0xff, 0, 0, 0][..])).is_err());
    }

    proptest! {
        #[test]
        fn any_body_is_survived(which in prop::sample::select(vec![4_u32, 5, 0x8000_0004, 0x8000_0009, 0x15]),
                                body in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut buffer = frame(which, 0, &body);
            let read = cut(&mut buffer).unwrap().unwrap();
            if let Some(body) = &read.body {
                let _ = crate::smpp::reading::read(body, crate::smpp::CarrierAlphabet::Gsm);
            }
        }
    }
}
