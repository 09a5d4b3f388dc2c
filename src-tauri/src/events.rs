//! What the engine tells: most of it goes to the page as it is, some of it to the desktop.

use posthouse_engine::events::EngineEvent;
use tauri::{AppHandle, Emitter, Manager, Runtime};
use tokio::sync::mpsc;
use tracing::debug;

use crate::notifications::{Notice, Notifications};
use crate::{tray, window};

/// The name under which the page hears of the engine.
const ENGINE_EVENT: &str = "engine-event";

/// Hands the engine's events on, in order, until the engine ends.
pub(crate) async fn forward<R: Runtime>(app: AppHandle<R>, mut told: mpsc::Receiver<EngineEvent>) {
    while let Some(event) = told.recv().await {
        tell_the_desktop(&app, &event);
        if let Err(error) = app.emit_to(window::LABEL, ENGINE_EVENT, &event) {
            debug!(?error, "the page did not hear of an event");
        }
    }
}

fn tell_the_desktop<R: Runtime>(app: &AppHandle<R>, event: &EngineEvent) {
    match event {
        EngineEvent::Notify { peer, name, text, message } => {
            let notice =
                Notice { peer: peer.clone(), title: name.clone(), text: text.clone(), message: *message };
            app.state::<Notifications>().show(app, notice);
            window::ask_for_attention(app);
        }
        EngineEvent::WithdrawNotifications { peer } => app.state::<Notifications>().withdraw(peer),
        EngineEvent::UnreadChanged { total } => tray::show_unread(app, *total),
        EngineEvent::AccountChanged { account: None } => {
            app.state::<Notifications>().withdraw_all();
            tray::show_unread(app, 0);
        }
        EngineEvent::AccountChanged { account: Some(_) }
        | EngineEvent::ConnectionChanged { .. }
        | EngineEvent::OrganizationChanged
        | EngineEvent::BadgesChanged { .. }
        | EngineEvent::PasswordMustChange
        | EngineEvent::ProofWanted { .. }
        | EngineEvent::PresenceChanged { .. }
        | EngineEvent::ConversationChanged { .. }
        | EngineEvent::ConversationClosed { .. }
        | EngineEvent::MessageAdded { .. }
        | EngineEvent::MessageChanged { .. }
        | EngineEvent::MessageRemoved { .. }
        | EngineEvent::TypingChanged { .. } => {}
    }
}
