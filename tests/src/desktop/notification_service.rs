//! A notification service (`org.freedesktop.Notifications`) that notes what it is asked to show and clicks
//! when a scene wants it to.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::sync::{Mutex, mpsc};
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;

use super::window::GLANCE;

const PATH: &str = "/org/freedesktop/Notifications";
const PATIENCE: Duration = Duration::from_secs(20);

/// What the service was asked to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownNotification {
    /// Number the service gave it.
    pub number: u32,
    /// First line.
    pub summary: String,
    /// Text below.
    pub body: String,
}

/// What the service was asked to do.
#[derive(Debug)]
enum Asked {
    Show(ShownNotification),
    Close(u32),
}

struct Notifications {
    asked: mpsc::Sender<Asked>,
    last: u32,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Notifications {
    fn get_capabilities(&self) -> Vec<&'static str> {
        vec!["body", "body-markup", "actions"]
    }

    fn get_server_information(&self) -> (&'static str, &'static str, &'static str, &'static str) {
        ("scene", "posthouse", "1", "1.2")
    }

    #[allow(clippy::too_many_arguments, reason = "the specification gives this method eight")]
    async fn notify(
        &mut self,
        _app_name: String,
        replaces: u32,
        _icon: String,
        summary: String,
        body: String,
        _actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _expires: i32,
    ) -> u32 {
        let number = if replaces > 0 { replaces } else { self.last + 1 };
        self.last = self.last.max(number);
        let shown = ShownNotification { number, summary, body };
        // The scene may have ended.
        let _ = self.asked.send(Asked::Show(shown)).await;
        number
    }

    async fn close_notification(&mut self, number: u32) {
        let _ = self.asked.send(Asked::Close(number)).await;
    }

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, number: u32, action: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn notification_closed(emitter: &SignalEmitter<'_>, number: u32, reason: u32) -> zbus::Result<()>;
}

/// What a hand needs from the eye to the click.
const HAND: Duration = Duration::from_millis(500);

/// The running service.
#[derive(Debug)]
pub struct NotificationService {
    connection: zbus::Connection,
    asked: Mutex<mpsc::Receiver<Asked>>,
}

impl NotificationService {
    /// Takes the service's name on a bus.
    pub(super) async fn start(bus: &str) -> anyhow::Result<Self> {
        let (asked, receiver) = mpsc::channel(64);
        let connection = zbus::connection::Builder::address(bus)?
            .serve_at(PATH, Notifications { asked, last: 0 })?
            .name("org.freedesktop.Notifications")?
            .build()
            .await?;
        Ok(Self { connection, asked: Mutex::new(receiver) })
    }

    /// Waits for the next notification.
    ///
    /// # Errors
    /// None comes in time.
    pub async fn next(&self) -> anyhow::Result<ShownNotification> {
        loop {
            if let Asked::Show(shown) = self.next_asked("no notification came").await? {
                return Ok(shown);
            }
        }
    }

    /// Waits until a notification is taken away.
    ///
    /// # Errors
    /// It stays.
    pub async fn closed(&self, number: u32) -> anyhow::Result<()> {
        loop {
            if matches!(self.next_asked("the notification stayed").await?, Asked::Close(closed) if closed == number)
            {
                return Ok(());
            }
        }
    }

    async fn next_asked(&self, otherwise: &'static str) -> anyhow::Result<Asked> {
        let mut asked = self.asked.lock().await;
        tokio::time::timeout(PATIENCE, asked.recv()).await.context(otherwise)?.context("the service ended")
    }

    /// Waits until a program on the bus listens to a signal: nobody clicks so fast that it does not yet.
    async fn somebody_waits_for(&self, signal: &str) -> anyhow::Result<()> {
        let bus = zbus::Proxy::new(
            &self.connection,
            "org.freedesktop.DBus",
            "/org/freedesktop/DBus",
            "org.freedesktop.DBus.Debug.Stats",
        )
        .await?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let rules: HashMap<String, Vec<String>> = bus.call("GetAllMatchRules", &()).await?;
            if rules.values().flatten().any(|rule| rule.contains(signal)) {
                return Ok(());
            }
            anyhow::ensure!(Instant::now() < deadline, "nobody waits for {signal}");
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Clicks a notification, as its person would.
    ///
    /// # Errors
    /// The bus refuses.
    pub async fn click(&self, number: u32) -> anyhow::Result<()> {
        // The app's library asks for this signal last, and begins to listen behind it.
        self.somebody_waits_for("NotificationClosed").await?;
        tokio::time::sleep(HAND).await;
        let emitter = SignalEmitter::new(&self.connection, PATH)?;
        Notifications::action_invoked(&emitter, number, "default").await?;
        Notifications::notification_closed(&emitter, number, 2).await?;
        Ok(())
    }
}
