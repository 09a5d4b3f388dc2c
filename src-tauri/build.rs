//! Embeds the window's configuration, permissions and icons.

#[allow(clippy::print_stdout, reason = "a build script talks to cargo through its standard output")]
fn main() {
    // The built window is embedded; without this line a rebuilt window would not reach the binary.
    println!("cargo:rerun-if-changed=../ui/dist");
    tauri_build::build();
}
