//! The commands of the window, one thin function each; `posthouse_engine::commands` has the table.

use tauri::Wry;
use tauri::ipc::Invoke;

mod conversations;
mod desktop;
mod gateway;
mod notices;
mod organization;
mod settings;
mod sign_in;
mod tabs;

/// The one list of commands. `permissions/window.toml` allows the same ones.
pub(crate) fn handler() -> impl Fn(Invoke<Wry>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        conversations::close_conversation,
        conversations::conversations,
        conversations::delete_message,
        conversations::mark_read,
        conversations::newer_messages,
        conversations::older_messages,
        conversations::open_conversation,
        conversations::pin_conversation,
        conversations::query_contact,
        conversations::retry_message,
        conversations::send_message,
        conversations::set_draft,
        conversations::set_typing,
        desktop::open_external,
        desktop::window_ready,
        gateway::gateway_status,
        notices::choose_action,
        notices::mark_done,
        notices::notice_timeline,
        notices::notices,
        notices::notices_seen,
        organization::avatar,
        organization::system_picture,
        organization::organization,
        organization::person_card,
        organization::search_people,
        organization::set_own_presence,
        organization::watch_presence,
        settings::save_settings,
        settings::settings,
        sign_in::change_password,
        sign_in::connection,
        sign_in::reconnect_now,
        sign_in::resume,
        sign_in::saved_sign_in,
        sign_in::sign_in,
        sign_in::sign_out,
        sign_in::test_connection,
        tabs::act_on_tab,
        tabs::answer_proof,
        tabs::business_systems,
        tabs::cancel_download,
        tabs::close_tab,
        tabs::close_tabs,
        tabs::evaluate_in_tab,
        tabs::find_in_tab,
        tabs::lay_out_tab,
        tabs::memory_use,
        tabs::open_tab,
        tabs::pin_systems,
        tabs::place_tab,
        tabs::show_tab,
    ]
}
