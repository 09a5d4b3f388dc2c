//! Runs a modem: reads what it is told, waits for its network, says what it has to say.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;

use super::commands::{self, Answer};
use super::faults::Fault;
use super::pdus::{self, Submitted};
use super::port::{Connection, Socket};
use super::state::State;

/// Restarts the modem.
const RESTART: &str = "AT+CFUN=1,1";

/// Why a connection ended.
enum Ending {
    /// The program closed it.
    Closed,
    /// The modem was pulled out.
    Unplugged(Duration),
}

/// One program at the modem.
struct Session {
    state: Arc<Mutex<State>>,
    changed: Arc<Notify>,
    connection: Box<dyn Connection>,
    /// What was read and not yet obeyed.
    input: Vec<u8>,
    /// The length that was announced for the text that is being given.
    announced: usize,
}

pub(super) async fn run(state: Arc<Mutex<State>>, changed: Arc<Notify>, mut socket: Socket) {
    loop {
        let connected = tokio::select! {
            connected = socket.connection() => Some(connected),
            () = pulled_out(&state, &changed) => None,
        };
        let ending = match connected {
            None => Ending::Unplugged(take_unplug(&state)),
            Some(Err(error)) => {
                eprintln_once(&error);
                return;
            }
            Some(Ok((connection, _held))) => {
                state.lock().is_told("(opened)");
                let session = Session {
                    state: Arc::clone(&state),
                    changed: Arc::clone(&changed),
                    connection,
                    input: Vec::new(),
                    announced: 0,
                };
                session.run().await
            }
        };
        if let Ending::Unplugged(time) = ending {
            socket.unplug();
            tokio::time::sleep(time).await;
            state.lock().restart(true);
        }
    }
}

fn eprintln_once(error: &anyhow::Error) {
    // The scene that waits for this modem fails and shows this.
    let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("modem: {error:#}\n").as_bytes());
}

async fn pulled_out(state: &Mutex<State>, changed: &Notify) {
    while !matches!(state.lock().fault_now, Some(Fault::Unplug(_))) {
        changed.notified().await;
    }
}

fn take_unplug(state: &Mutex<State>) -> Duration {
    match state.lock().fault_now.take() {
        Some(Fault::Unplug(time)) => time,
        _ => Duration::ZERO,
    }
}

impl Session {
    async fn run(mut self) -> Ending {
        loop {
            if let Some(ending) = self.mishap().await {
                return ending;
            }
            let Ok(()) = self.say_unasked().await else { return Ending::Closed };
            match self.obey().await {
                Ok(None) => {}
                Ok(Some(ending)) => return ending,
                Err(_) => return Ending::Closed,
            }
            let changed = Arc::clone(&self.changed);
            let mut buffer = [0_u8; 1_024];
            tokio::select! {
                read = self.connection.read(&mut buffer) => match read {
                    Ok(0) | Err(_) => return Ending::Closed,
                    Ok(length) => self.input.extend_from_slice(buffer.get(..length).unwrap_or_default()),
                },
                () = changed.notified() => {}
            }
        }
    }

    /// Something that goes wrong now.
    async fn mishap(&mut self) -> Option<Ending> {
        let fault = self.state.lock().fault_now.take()?;
        match fault {
            Fault::Unplug(time) => return Some(Ending::Unplugged(time)),
            Fault::Hang(time) => tokio::time::sleep(time).await,
            Fault::Restart => self.restart(),
            Fault::Deaf(restarts) => self.state.lock().deafness = restarts,
            Fault::LoseResultOfSent | Fault::LoseText | Fault::Refuse(_) | Fault::None => {}
        }
        None
    }

    fn restart(&mut self) {
        self.input.clear();
        let mut state = self.state.lock();
        state.restart(false);
        state.say_unasked("^BOOT:20735712,0,0,0,20");
    }

    async fn say_unasked(&mut self) -> std::io::Result<()> {
        loop {
            let line = self.state.lock().unasked.pop_front();
            match line {
                Some(line) => self.say(&format!("\r\n{line}\r\n")).await?,
                None => return Ok(()),
            }
        }
    }

    /// All complete commands and texts that were read.
    async fn obey(&mut self) -> std::io::Result<Option<Ending>> {
        loop {
            let expects_text = self.state.lock().expects_text;
            let is_end = |byte: &u8| {
                if expects_text { matches!(byte, 0x1a | 0x1b) } else { matches!(byte, b'\r' | 0x1b) }
            };
            let Some(end) = self.input.iter().position(is_end) else { return Ok(None) };
            let rest = self.input.split_off(end + 1);
            let piece = std::mem::replace(&mut self.input, rest);
            let (last, text) = piece.split_last().map_or((b'\r', &[][..]), |(last, text)| (*last, text));
            let text = String::from_utf8_lossy(text).trim().to_owned();
            if last == 0x1b {
                self.state.lock().is_told("(escape)");
            }
            if self.state.lock().deafness > 0 {
                self.hear_little(&text).await?;
            } else if last == 0x1b {
                self.state.lock().expects_text = false;
            } else if expects_text {
                self.state.lock().expects_text = false;
                if let Some(ending) = self.send(&text).await? {
                    return Ok(Some(ending));
                }
            } else if !text.is_empty() {
                self.command(&text).await?;
            }
        }
    }

    /// Only the restart does anything.
    async fn hear_little(&mut self, line: &str) -> std::io::Result<()> {
        let restarts = {
            let mut state = self.state.lock();
            if !line.is_empty() {
                state.is_told(line);
            }
            state.deafness = state.deafness.saturating_sub(u8::from(line == RESTART));
            state.done.send_replace(());
            line == RESTART && state.deafness == 0
        };
        if restarts {
            self.restart();
            self.say_unasked().await?;
        }
        Ok(())
    }

    async fn command(&mut self, line: &str) -> std::io::Result<()> {
        if line == RESTART {
            return self.hear_little(line).await;
        }
        let (echo, answer) = {
            let mut state = self.state.lock();
            state.commands += 1;
            state.is_told(line);
            let echo = state.settings.echo || state.habits.always_echoes;
            let answer = commands::execute(&mut state, line);
            state.done.send_replace(());
            (echo, answer)
        };
        if echo {
            self.say(&format!("{line}\r")).await?;
        }
        match answer {
            Answer::Lines(lines) => self.answer(&lines).await,
            Answer::Prompt(announced) => {
                self.announced = announced;
                self.say("\r\n> ").await
            }
        }
    }

    /// A text was given: the network has its time, or something goes wrong.
    async fn send(&mut self, digits: &str) -> std::io::Result<Option<Ending>> {
        let (fault, habits) = {
            let mut state = self.state.lock();
            (state.send_faults.pop_front().unwrap_or(Fault::None), state.habits)
        };
        match fault {
            Fault::Refuse(number) => {
                self.answer(&[format!("+CMS ERROR: {number}")]).await?;
                return Ok(None);
            }
            Fault::LoseText => return Ok(None),
            Fault::Unplug(time) => return Ok(Some(Ending::Unplugged(time))),
            Fault::Restart => {
                self.restart();
                self.say_unasked().await?;
                return Ok(None);
            }
            Fault::Hang(time) => {
                tokio::time::sleep(time).await;
                return Ok(None);
            }
            Fault::LoseResultOfSent | Fault::Deaf(_) | Fault::None => {}
        }
        let Some(text) = pdus::read_submit(digits, self.announced) else {
            self.answer(&["+CMS ERROR: 304".to_owned()]).await?;
            return Ok(None);
        };
        self.wait_for_network(habits.network_time).await?;
        let reference = self.submit(text, habits.report_time);
        if fault == Fault::None {
            self.answer(&[format!("+CMGS: {reference}"), "OK".to_owned()]).await?;
            self.state.lock().free_since = Some(Instant::now());
        }
        Ok(None)
    }

    fn submit(&self, text: Submitted, report_time: Duration) -> u8 {
        let (name, network, reference) = {
            let mut state = self.state.lock();
            (state.name.clone(), state.network.clone(), state.next_reference())
        };
        network.submit(&name, reference, text, report_time);
        reference
    }

    /// Notices come while a text is under way.
    async fn wait_for_network(&mut self, time: Duration) -> std::io::Result<()> {
        let end = tokio::time::Instant::now() + time;
        let changed = Arc::clone(&self.changed);
        loop {
            self.say_unasked().await?;
            tokio::select! {
                () = tokio::time::sleep_until(end) => return Ok(()),
                () = changed.notified() => {}
            }
        }
    }

    async fn answer(&mut self, lines: &[String]) -> std::io::Result<()> {
        let (habits, count) = {
            let mut state = self.state.lock();
            state.answers += 1;
            (state.habits, state.answers)
        };
        for line in lines {
            if habits.is_noisy {
                self.say("\r\n^RSSI:17\r\n").await?;
            }
            let garbage = if habits.has_garbage && count.is_multiple_of(2) { "\u{fffd}\0" } else { "" };
            self.say(&format!("\r\n{garbage}{line}{garbage}\r\n")).await?;
        }
        Ok(())
    }

    async fn say(&mut self, text: &str) -> std::io::Result<()> {
        let piece = self.state.lock().habits.piece.unwrap_or(usize::MAX).max(1);
        for bytes in text.as_bytes().chunks(piece) {
            self.connection.write_all(bytes).await?;
            self.connection.flush().await?;
            if piece != usize::MAX {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        Ok(())
    }
}
