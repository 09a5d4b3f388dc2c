//! A certificate for sites of other makers that the server's authority has signed.

use std::path::Path;
use std::process::{Command, Stdio};

use posthouse_tests::server_process::ServerProcess;

/// Makes `site.pem` and `site-key.pem` in a folder, for 127.0.0.1.
pub(crate) fn certificate(server: &ServerProcess, folder: &Path) {
    let run = |words: &[&str]| {
        let done = Command::new("openssl").args(words).current_dir(folder).stderr(Stdio::null()).status();
        assert!(done.unwrap().success(), "openssl {words:?}");
    };
    let names = "subjectAltName=IP:127.0.0.1";
    run(&[
        "req",
        "-new",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "site-key.pem",
        "-out",
        "site.csr",
        "-subj",
        "/CN=site",
        "-addext",
        names,
    ]);
    let (authority, key) = (server.authority(), server.data().join("ca-key.pem"));
    run(&[
        "x509",
        "-req",
        "-in",
        "site.csr",
        "-CA",
        authority.to_str().unwrap(),
        "-CAkey",
        key.to_str().unwrap(),
        "-days",
        "2",
        "-copy_extensions",
        "copy",
        "-out",
        "site.pem",
    ]);
}
