//! A sender and a receiver.

use std::collections::VecDeque;
use std::time::Duration;

use anyhow::Context;
use tokio::time::Instant;

use super::PAIRS;
use super::shared::Shared;
use crate::client::{Line, PATIENCE};
use crate::counting::MessageCounter;
use crate::house::House;
use crate::people::Person;
use crate::servers::{Kind, Server};
use crate::sign_in::appear;

/// Messages of one sender that may be under way at full speed.
const WINDOW: usize = 8;

/// 64 bytes.
const BODY: &str = "Sixty-four bytes: shall we meet at three, or rather on Thursday?";

/// Two connections, and what is said over them.
#[derive(Debug)]
pub(super) struct Pair {
    number: u32,
    sender: Line,
    receiver: Line,
    counter: MessageCounter,
    message: Vec<u8>,
}

type Talked = anyhow::Result<(Pair, Vec<Duration>)>;

impl Pair {
    /// Brings both into the server.
    pub(super) async fn open(number: usize, server: &Server, house: &House) -> anyhow::Result<Self> {
        let to = Person(number.saturating_mul(2));
        let from = Person(to.0.saturating_add(1));
        let mut receiver = house.enter(server, to).await?;
        let mut sender = house.enter(server, from).await?;
        if server.kind != Kind::Relay {
            appear(&mut receiver).await?;
            appear(&mut sender).await?;
        }
        let message = format!(
            "<message to='{}' type='chat' id='load-{number:04}'><body>{BODY}</body></message>",
            to.address()
        );
        Ok(Self {
            number: u32::try_from(number)?,
            sender,
            receiver,
            counter: MessageCounter::new(),
            message: message.into_bytes(),
        })
    }

    /// Always sends as many as may be under way, each by itself as people do, until the round is over and
    /// everything has come.
    pub(super) async fn talk_at_full_speed(mut self, shared: &Shared) -> Talked {
        let mut under_way = 0_usize;
        loop {
            if !shared.is_over() {
                while under_way < WINDOW {
                    self.sender.write(&self.message).await?;
                    under_way = under_way.saturating_add(1);
                }
            } else if under_way == 0 {
                return Ok((self, Vec::new()));
            }
            let waiting = tokio::time::timeout(PATIENCE, self.receive());
            let received = waiting.await.context("messages do not come")??;
            under_way = under_way.saturating_sub(received);
            shared.count(received);
        }
    }

    /// Sends one message after each pause, until the round is over and everything has come. Delays are counted
    /// from just before a message is sent.
    pub(super) async fn talk_steadily(mut self, pause: Duration, shared: &Shared) -> Talked {
        let pairs = u32::try_from(PAIRS)?;
        // The senders take turns.
        let mut next = Instant::now() + pause.saturating_mul(self.number) / pairs;
        let mut under_way = VecDeque::new();
        let mut delays = Vec::new();
        let mut is_over = false;
        while !is_over || !under_way.is_empty() {
            tokio::select! {
                () = tokio::time::sleep_until(next), if !is_over => {
                    is_over = shared.is_over();
                    if !is_over {
                        under_way.push_back(Instant::now());
                        self.sender.write(&self.message).await?;
                        next += pause;
                    }
                }
                received = self.receiver.read() => {
                    anyhow::ensure!(received? > 0, "the server closed a receiver");
                    let (count, now) = (self.counter.take(&mut self.receiver.received), Instant::now());
                    let sent = under_way.drain(..count.min(under_way.len()));
                    if shared.is_recording() {
                        delays.extend(sent.map(|sent| now.duration_since(sent)));
                    }
                    shared.count(count);
                }
                () = tokio::time::sleep(PATIENCE), if is_over => anyhow::bail!("messages do not come"),
            }
        }
        Ok((self, delays))
    }

    /// Waits for bytes; how many messages ended in them.
    async fn receive(&mut self) -> anyhow::Result<usize> {
        anyhow::ensure!(self.receiver.read().await? > 0, "the server closed a receiver");
        Ok(self.counter.take(&mut self.receiver.received))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_has_the_length_that_figures_of_others_have() {
        assert_eq!(BODY.len(), 64);
    }
}
