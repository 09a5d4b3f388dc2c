//! A desktop of one person: a display, a window manager, a session bus and a home of its own. Scenes on it
//! neither see nor disturb anything else on the computer.

use std::path::{Path, PathBuf};

use anyhow::Context;
use tokio::process::Command;

use crate::daemon::Daemon;

mod browser;
mod business_tabs;
mod keyring;
mod messenger;
mod notification_service;
mod session_bus;
mod tab_tools;
mod window;

pub use business_tabs::ShownTab;
pub use messenger::ShownMessage;
pub use notification_service::{NotificationService, ShownNotification};
pub use tab_tools::{ShownDownload, ShownMemory};
pub use window::Window;

/// Size of the display in pixels.
const SCREEN: &str = "1280x860x24";

/// A desktop; everything on it ends when it is dropped.
#[derive(Debug)]
pub struct Desktop {
    // Programs end before the display and the bus they talk to: fields are dropped in this order.
    _window_manager: Daemon,
    _keyring: Option<Daemon>,
    _display: Daemon,
    _bus: Daemon,
    display: String,
    bus: String,
    folder: tempfile::TempDir,
}

impl Desktop {
    /// A desktop without keyring and without notification service.
    ///
    /// # Errors
    /// A program is missing or does not start.
    pub async fn start() -> anyhow::Result<Self> {
        Self::build(false).await
    }

    /// A desktop with an unlocked keyring.
    ///
    /// # Errors
    /// A program is missing or does not start.
    pub async fn with_keyring() -> anyhow::Result<Self> {
        Self::build(true).await
    }

    async fn build(with_keyring: bool) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("desktop-").tempdir()?;
        for name in ["home", "runtime", "data", "config", "cache"] {
            make_private(&folder.path().join(name))?;
        }
        browser::install(folder.path())?;
        let (bus_daemon, bus) = session_bus::start(folder.path()).await?;
        let (display_daemon, number) = Daemon::start_and_listen(Command::new("Xvfb").args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            SCREEN,
            "-nolisten",
            "tcp",
        ]))
        .await?;
        let display = format!(":{}", number.trim());
        let environment = environment(&display, &bus, folder.path());
        let mut window_manager = Command::new("openbox");
        window_manager
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stderr(std::process::Stdio::null());
        let window_manager = Daemon::start(&mut window_manager)?;
        let keyring = if with_keyring { Some(keyring::start(&environment).await?) } else { None };
        Ok(Self {
            _window_manager: window_manager,
            _keyring: keyring,
            _display: display_daemon,
            _bus: bus_daemon,
            display,
            bus,
            folder,
        })
    }

    /// Where the app on this desktop keeps its data.
    #[must_use]
    pub fn data_folder(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The addresses that the system's browser was asked to open, oldest first.
    #[must_use]
    pub fn opened_in_browser(&self) -> Vec<String> {
        browser::opened(self.folder.path())
    }

    /// Where the desktop's person finds what was downloaded.
    #[must_use]
    pub fn downloads_folder(&self) -> PathBuf {
        self.folder.path().join("home/Downloads")
    }

    /// A file on this desktop that only its owner can read.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write_file(&self, name: &str, text: &str) -> anyhow::Result<PathBuf> {
        let file = self.folder.path().join(name);
        std::fs::write(&file, text).with_context(|| file.display().to_string())?;
        Ok(file)
    }

    /// Whether some words stand in any file of the app's data, as they are.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn stored_anywhere(&self, words: &str) -> anyhow::Result<bool> {
        let mut folders = vec![self.data_folder()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder)? {
                let entry = entry?;
                if entry.file_type()?.is_dir() {
                    folders.push(entry.path());
                } else if entry.file_type()?.is_file()
                    && std::fs::read(entry.path())?
                        .windows(words.len())
                        .any(|window| window == words.as_bytes())
                {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Address of the session bus.
    #[must_use]
    pub fn bus_address(&self) -> &str {
        &self.bus
    }

    /// A notification service on this desktop, which notes what it is asked to show.
    ///
    /// # Errors
    /// The bus refuses.
    pub async fn notification_service(&self) -> anyhow::Result<NotificationService> {
        NotificationService::start(&self.bus).await
    }

    /// Opens the app; the window belongs to this desktop's person.
    ///
    /// # Errors
    /// It does not start, or its page does not load.
    pub async fn open_app(&self, arguments: &[&str]) -> anyhow::Result<Window> {
        let data = self.data_folder();
        let mut all = vec!["--data-folder", data.to_str().context("the data folder's name is no text")?];
        all.extend(arguments);
        Window::open(&self.environment(), &all).await
    }

    /// Opens the app once more while one hangs, and ends that by force when it has been asked to show itself.
    ///
    /// # Errors
    /// It is not asked, or the second app does not start.
    pub async fn open_app_instead_of(&self, hanging: Window) -> anyhow::Result<Window> {
        hanging.freeze().await?;
        let ending = async {
            session_bus::called(&self.bus, "ExecuteCallback").await?;
            hanging.kill().await
        };
        let (ended, opened) = tokio::join!(ending, self.open_app(&[]));
        ended?;
        opened
    }

    /// What a program needs to know to run on this desktop.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        environment(&self.display, &self.bus, self.folder.path())
    }
}

fn environment(display: &str, bus: &str, folder: &Path) -> Vec<(String, String)> {
    let under = |name: &str| folder.join(name).to_string_lossy().into_owned();
    [
        ("DISPLAY", display.to_owned()),
        ("DBUS_SESSION_BUS_ADDRESS", bus.to_owned()),
        ("HOME", under("home")),
        ("XDG_RUNTIME_DIR", under("runtime")),
        ("XDG_CONFIG_HOME", under("config")),
        ("XDG_DATA_HOME", under("data")),
        ("XDG_CACHE_HOME", under("cache")),
        ("GDK_BACKEND", "x11".to_owned()),
        ("LIBGL_ALWAYS_SOFTWARE", "1".to_owned()),
        ("NO_AT_BRIDGE", "1".to_owned()),
        // Understood everywhere, unlike a locale that somebody has to generate first.
        ("LC_ALL", "C.UTF-8".to_owned()),
        ("LANGUAGE", "zh_CN".to_owned()),
        ("NO_COLOR", "1".to_owned()),
        ("PATH", browser::path(folder)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

fn make_private(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().mode(0o700).create(folder).with_context(|| folder.display().to_string())
}
