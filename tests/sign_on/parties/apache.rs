//! An Apache of its own, with a page that shows who it takes somebody for.

use std::time::Duration;

use posthouse_tests::browser::Browser;
use posthouse_tests::daemon::Daemon;
use tokio::net::TcpStream;
use tokio::process::Command;

use super::site;
use crate::house::{House, PATIENCE};

/// Modules of Debian's packages.
const MODULES: [&str; 11] = [
    "mpm_event",
    "authn_core",
    "authz_core",
    "authz_user",
    "include",
    "mime",
    "dir",
    "env",
    "headers",
    "ssl",
    "socache_shmcb",
];
const PAGE: &str = "user=<!--#echo encoding=\"none\" var=\"REMOTE_USER\" -->
openid-name=<!--#echo encoding=\"none\" var=\"OIDC_CLAIM_name\" -->
cas-name=<!--#echo encoding=\"none\" var=\"HTTP_CAS_DISPLAYNAME\" -->
";

/// It ends when this is dropped.
pub(crate) struct Apache {
    // It ends before its folder is removed.
    _daemon: Daemon,
    folder: tempfile::TempDir,
}

impl Apache {
    /// Starts with lines for its site, and lines outside of every site.
    pub(crate) async fn start(house: &House, port: u16, site_lines: &str, global: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("apache-").tempdir().unwrap();
        let root = folder.path();
        site::certificate(&house.server, root);
        std::fs::create_dir_all(root.join("pages")).unwrap();
        std::fs::create_dir_all(root.join("cas")).unwrap();
        std::fs::write(root.join("pages/index.shtml"), PAGE).unwrap();
        let root_text = root.display().to_string();
        let module =
            |name: &str| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n");
        let mut modules: String = MODULES.iter().copied().map(module).collect();
        modules += &module(if global.is_empty() { "auth_openidc" } else { "auth_cas" });
        // The folder of the printed lines belongs to the system's own Apache.
        let global = global.replace("/var/cache/apache2/mod_auth_cas/", &format!("{root_text}/cas/"));
        let configuration = format!(
            "ServerRoot {root_text}\nServerName 127.0.0.1\nPidFile {root_text}/pid\nDefaultRuntimeDir {root_text}\n\
             Mutex file:{root_text}\n{modules}TypesConfig /etc/mime.types\nErrorLog {root_text}/log\nLogLevel info\n\
             User www-data\nGroup www-data\nListen 127.0.0.1:{port}\n{global}\n\
             <VirtualHost 127.0.0.1:{port}>\nSSLEngine on\nSSLCertificateFile {root_text}/site.pem\n\
             SSLCertificateKeyFile {root_text}/site-key.pem\nDocumentRoot {root_text}/pages\n\
             <Directory {root_text}/pages>\nOptions +Includes\nAddType text/html .shtml\n\
             AddOutputFilter INCLUDES .shtml\n</Directory>\n{site_lines}\n</VirtualHost>\n"
        );
        std::fs::write(root.join("apache.conf"), configuration).unwrap();
        open_to_everybody(root);
        open_to_everybody(&house.server.data());
        let mut command = Command::new("apache2");
        command.args(["-D", "FOREGROUND", "-f"]).arg(root.join("apache.conf"));
        let daemon = Daemon::start(&mut command).unwrap();
        let apache = Self { _daemon: daemon, folder };
        let end = tokio::time::Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            assert!(tokio::time::Instant::now() < end, "Apache does not listen:\n{}", apache.log());
            // It is another process.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        apache
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Waits until it has heard that the session is over: from then on the page is refused.
    pub(crate) async fn refuses(&self, browser: &mut Browser, url: &str, state: &dyn Fn() -> String) {
        let end = tokio::time::Instant::now() + PATIENCE;
        loop {
            let answer = browser.ask("GET", url, None, "none").await.unwrap();
            if answer.status != 200 {
                assert_eq!(answer.status, 302, "{}\n{}", answer.text, state());
                return;
            }
            assert!(tokio::time::Instant::now() < end, "it goes on letting them in\n{}", state());
            // It is another process.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Apache gives up its rights, and reads the authority and writes its sessions as somebody else.
fn open_to_everybody(folder: &std::path::Path) {
    let done = std::process::Command::new("chmod").args(["-R", "a+rwX"]).arg(folder).status();
    assert!(done.unwrap().success());
    let above = folder.parent().unwrap();
    let done = std::process::Command::new("chmod").arg("a+x").arg(above).status();
    assert!(done.unwrap().success());
}
