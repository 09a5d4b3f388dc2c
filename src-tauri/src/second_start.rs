//! What a second start does when the app it asked to show itself was ending or hung until it was killed.

/// How often one start begins anew; each time another app has to end in the same moment.
#[cfg(target_os = "linux")]
const MOST: u8 = 5;

/// Begins this start anew when the first app went away without an answer: the name on the session bus is free now.
/// Comes back with the error when that is not the reason, or does not help.
///
/// The whole program begins anew, since a process can have the window system only once.
#[cfg(target_os = "linux")]
pub(crate) fn again_if_the_first_is_gone(error: tauri::Error, started_anew: u8) -> tauri::Error {
    use std::os::unix::process::CommandExt as _;

    let is_gone = matches!(&error, tauri::Error::PluginInitialization(name, _) if name == "single-instance");
    let Some(program) = std::env::current_exe().ok().filter(|_| is_gone && started_anew < MOST) else {
        return error;
    };
    tracing::info!(%error, "starting anew");
    // The bus may tell of a program's end a moment before it takes back its name.
    std::thread::sleep(std::time::Duration::from_millis(200));
    let fault =
        std::process::Command::new(program).args(std::env::args_os().skip(1)).arg("--started-anew").exec();
    tracing::warn!(%fault, "cannot start anew");
    error
}

/// Elsewhere a second start asks nobody who could be gone.
#[cfg(not(target_os = "linux"))]
pub(crate) fn again_if_the_first_is_gone(error: tauri::Error, _started_anew: u8) -> tauri::Error {
    error
}
