//! The page inside the window (`ui/`) and the icons around it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;

use crate::{process, project};

/// Version of the icon maker; it is needed only when the drawing changes.
const ICON_MAKER: &str = "@tauri-apps/cli@2.12";

fn folder() -> PathBuf {
    project::root().join("ui")
}

/// `npm` in `ui/`.
pub(crate) fn npm(arguments: &[&str]) -> Command {
    let mut npm = process::command(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.current_dir(folder()).args(arguments);
    npm
}

/// Installs the page's dependencies when the lock file changed since the last time.
///
/// # Errors
/// npm fails.
pub(crate) fn install() -> anyhow::Result<()> {
    let lock = fs::read(folder().join("package-lock.json")).context("ui/package-lock.json")?;
    let note = folder().join("node_modules/.installed-lock.json");
    if fs::read(&note).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    process::run(&mut npm(&["ci", "--no-audit", "--no-fund"]))?;
    fs::write(&note, lock).with_context(|| note.display().to_string())
}

/// Builds the page into `ui/dist`, from where the shell embeds it.
///
/// # Errors
/// npm or the build fails.
pub(crate) fn build() -> anyhow::Result<()> {
    install()?;
    process::run(&mut npm(&["run", "build"]))
}

/// Draws every icon from `icons/posthouse.svg`, and the one with the unread mark.
///
/// # Errors
/// The drawing is missing or the icon maker fails.
pub(crate) fn icons() -> anyhow::Result<()> {
    let icons = project::root().join("icons");
    let drawing = fs::read_to_string(icons.join("posthouse.svg")).context("icons/posthouse.svg")?;
    let scratch = project::root().join("target/icons");
    fs::create_dir_all(&scratch)?;
    draw(&drawing, &scratch, "plain")?;
    draw(&with_unread_mark(&drawing)?, &scratch, "unread")?;
    let plain = scratch.join("plain");
    for name in ["32x32.png", "128x128.png", "128x128@2x.png", "icon.icns", "icon.ico", "icon.png"] {
        fs::copy(plain.join(name), icons.join(name)).with_context(|| name.to_owned())?;
    }
    fs::copy(plain.join("64x64.png"), icons.join("tray.png"))?;
    fs::copy(scratch.join("unread/64x64.png"), icons.join("tray-unread.png"))?;
    Ok(())
}

fn draw(drawing: &str, scratch: &std::path::Path, name: &str) -> anyhow::Result<()> {
    let source = scratch.join(format!("{name}.svg"));
    fs::write(&source, drawing)?;
    let mut maker = process::command(if cfg!(windows) { "npx.cmd" } else { "npx" });
    maker.args(["--yes", ICON_MAKER, "icon"]).arg(&source).arg("-o").arg(scratch.join(name));
    process::run(&mut maker)
}

/// The drawing with a red dot in its upper right corner.
fn with_unread_mark(drawing: &str) -> anyhow::Result<String> {
    let side = view_box(drawing).context("icons/posthouse.svg needs a square viewBox that starts at 0 0")?;
    let (centre, height, radius, edge) = (side * 0.78, side * 0.22, side * 0.19, side * 0.04);
    let dot = format!(
        "<circle cx=\"{centre}\" cy=\"{height}\" r=\"{radius}\" fill=\"#e5484d\" stroke=\"#fff\" stroke-width=\"{edge}\"/></svg>"
    );
    let (inside, _) = drawing.rsplit_once("</svg>").context("icons/posthouse.svg does not end in </svg>")?;
    Ok(format!("{inside}{dot}"))
}

fn view_box(drawing: &str) -> Option<f64> {
    let (_, behind) = drawing.split_once("viewBox=\"")?;
    let (numbers, _) = behind.split_once('"')?;
    let numbers: Vec<f64> = numbers.split_whitespace().filter_map(|number| number.parse().ok()).collect();
    match numbers.as_slice() {
        [0.0, 0.0, width, height] if width.total_cmp(height).is_eq() => Some(*width),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::with_unread_mark;

    #[test]
    fn the_unread_mark_scales_with_the_drawing() {
        let marked = with_unread_mark("<svg viewBox=\"0 0 100 100\"><path/></svg>\n").unwrap();
        assert!(
            marked.starts_with("<svg viewBox=\"0 0 100 100\"><path/><circle cx=\"78\" cy=\"22\" r=\"19\"")
        );
        assert!(marked.ends_with("</svg>"));
        assert!(with_unread_mark("<svg viewBox=\"0 0 100 50\"></svg>").is_err());
    }
}
