//! One message to the network.

use super::failure::{Class, class_of};
use super::line::{Broken, Line};
use super::receive::Receiver;
use super::{SendFailure, SendResult};
use crate::at::{Command, answers};
use crate::pdu::ModemPdu;

/// Sends, and says how that ended; `Err` when the line broke on the way, with what is known about the text.
pub(super) async fn send(
    line: &mut Line,
    receiver: &mut Receiver,
    pdu: &ModemPdu,
) -> (SendResult, Result<(), Broken>) {
    let first = line.ask(Command::send(pdu)).await;
    match first {
        Ok(reply) if !reply.is_ok() && class_of(reply.result) == Class::Memory => {
            if let Err(broken) = receiver.sweep_home(line).await {
                return (Err(SendFailure::NotReady), Err(broken));
            }
            let second = line.ask(Command::send(pdu)).await;
            outcome(second)
        }
        other => outcome(other),
    }
}

fn outcome(asked: Result<crate::at::Reply, Broken>) -> (SendResult, Result<(), Broken>) {
    match asked {
        Ok(reply) if reply.is_ok() => (Ok(answers::sent_reference(&reply)), Ok(())),
        Ok(reply) => (Err(SendFailure::Refused(reply.result)), Ok(())),
        Err(broken) if broken.may_be_out() => (Err(SendFailure::Unknown), Err(broken)),
        Err(broken) => (Err(SendFailure::NotReady), Err(broken)),
    }
}
