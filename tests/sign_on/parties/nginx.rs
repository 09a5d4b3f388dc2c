//! An nginx of its own, and a site behind it that shows what it is told.

use std::time::Duration;

use posthouse_tests::daemon::Daemon;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;

use super::site;
use crate::house::{House, PATIENCE};

/// It ends when this is dropped.
pub(crate) struct Nginx {
    // It ends before its folder is removed.
    _daemon: Daemon,
    folder: tempfile::TempDir,
}

/// A site that knows no single sign-on: it answers with the head of the request.
async fn mirror() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                if stream.read_buf(&mut request).await.unwrap() == 0 {
                    break;
                }
            }
            let body = String::from_utf8(request)
                .unwrap()
                .to_lowercase()
                .replace("%e5%bc%a0%e7%88%b1%e4%b8%bd", "%E5%BC%A0%E7%88%B1%E4%B8%BD");
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            stream.write_all((head + &body).as_bytes()).await.unwrap();
        }
    });
    port
}

impl Nginx {
    pub(crate) async fn start(house: &House, port: u16, configuration: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("nginx-").tempdir().unwrap();
        let root = folder.path();
        site::certificate(&house.server, root);
        let root_text = root.display().to_string();
        let behind = mirror().await;
        let lines = configuration.replace("http://127.0.0.1:8080", &format!("http://127.0.0.1:{behind}"));
        let configuration = format!(
            "daemon off;\npid {root_text}/pid;\nerror_log {root_text}/log info;\nworker_processes 1;\nuser root;\n\
             events {{ worker_connections 64; }}\nhttp {{\naccess_log off;\nclient_body_temp_path {root_text}/b;\n\
             proxy_temp_path {root_text}/p;\nfastcgi_temp_path {root_text}/f;\nuwsgi_temp_path {root_text}/u;\n\
             scgi_temp_path {root_text}/s;\nserver {{\nlisten 127.0.0.1:{port} ssl;\n\
             ssl_certificate {root_text}/site.pem;\nssl_certificate_key {root_text}/site-key.pem;\n{lines}\n}}\n}}\n"
        );
        std::fs::write(root.join("nginx.conf"), configuration).unwrap();
        let mut command = Command::new("nginx");
        command.arg("-c").arg(root.join("nginx.conf")).arg("-p").arg(root);
        let daemon = Daemon::start(&mut command).unwrap();
        let nginx = Self { _daemon: daemon, folder };
        let end = tokio::time::Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            assert!(tokio::time::Instant::now() < end, "nginx does not listen:\n{}", nginx.log());
            // It is another process.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        nginx
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}
