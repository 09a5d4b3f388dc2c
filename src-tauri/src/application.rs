//! Puts the parts of the shell together and runs them.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tauri::{App, Manager, RunEvent, WindowEvent, Wry};
use tauri_plugin_window_state::StateFlags;
use tracing::info;

use crate::launch::Launch;
use crate::notifications::Notifications;
use crate::session::{self, Session};
use crate::tabs::{self, Tabs};
use crate::tray::{self, Tray};
use crate::{commands, second_start, window};

/// Runs until the user quits.
///
/// # Errors
/// The data folder cannot be made, the password file cannot be read, or the system refuses a window.
pub(crate) fn run(launch: Launch) -> anyhow::Result<()> {
    let automatic = launch.automatic_sign_in()?;
    let started_anew = launch.started_anew;
    let mut context = tauri::generate_context!();
    let identifier = launch.identifier(&context.config().identifier);
    context.config_mut().identifier = identifier;

    let window_state = launch.data_folder.as_ref().map(|folder| folder.join("window.json"));
    let app = tauri::Builder::<Wry>::default()
        // First, so that a second start ends here before it touches the data.
        .plugin(tauri_plugin_single_instance::init(|app, _arguments, _folder| window::show(app)))
        .plugin(remember_the_window(window_state))
        .invoke_handler(commands::handler())
        .setup(move |app| {
            set_up(app, &launch, automatic)?;
            Ok(())
        })
        .build(context)
        .map_err(|error| second_start::again_if_the_first_is_gone(error, started_anew))
        .context("the window system is not available")?;
    app.run(|app, event| match event {
        RunEvent::WindowEvent { event: WindowEvent::CloseRequested { api, .. }, .. }
            if !tray::is_leaving(app) =>
        {
            api.prevent_close();
            tray::window_closed(app);
        }
        RunEvent::WindowEvent { event: WindowEvent::Focused(_) | WindowEvent::Resized(_), .. } => {
            session::window_attention(app);
        }
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => window::show(app),
        _ => {}
    });
    Ok(())
}

fn remember_the_window(file: Option<PathBuf>) -> tauri::plugin::TauriPlugin<Wry> {
    let builder = tauri_plugin_window_state::Builder::default()
        .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED);
    match file.as_deref().and_then(Path::to_str) {
        Some(file) => builder.with_filename(file).build(),
        None => builder.build(),
    }
}

fn set_up(
    app: &mut App,
    launch: &Launch,
    automatic: Option<posthouse_engine::model::SignIn>,
) -> anyhow::Result<()> {
    let data_folder = match &launch.data_folder {
        Some(folder) => std::path::absolute(folder)?,
        None => app.path().app_data_dir()?,
    };
    std::fs::create_dir_all(&data_folder)
        .with_context(|| format!("the data folder {} cannot be made", data_folder.display()))?;
    info!(folder = %data_folder.display(), "data folder");
    app.manage(Tray::<Wry>::default());
    app.manage(Notifications::default());
    app.manage(Tabs::default());
    app.manage(Session::start(app.handle(), &data_folder, launch, automatic)?);
    window::open(app.handle(), &data_folder)?;
    let (unused, memory) = launch.rest_of_tabs();
    tabs::rest_when_unused(app.handle().clone(), unused, memory);
    tray::start(app.handle());
    #[cfg(unix)]
    quit_when_told(app.handle().clone());
    Ok(())
}

/// The end of a desktop session and Ctrl-C in a terminal end the program in good order.
#[cfg(unix)]
fn quit_when_told(app: tauri::AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};

    tauri::async_runtime::spawn(async move {
        let (Ok(mut terminate), Ok(mut interrupt)) =
            (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
        else {
            return;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tray::quit(&app);
    });
}
