//! A little office system over HTTP: it answers every path with what was set for it, and tells what it is asked.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::world::PATIENCE;

/// The status of a system that says nothing.
const SILENCE: u16 = 0;

/// The system; it ends with its scene.
pub(super) struct System {
    pub(super) address: String,
    answers: Arc<Mutex<HashMap<String, (u16, String)>>>,
    asked: Arc<watch::Sender<Vec<String>>>,
}

impl System {
    pub(super) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let system = Self { address, answers: Arc::default(), asked: Arc::new(watch::Sender::default()) };
        let (answers, asked) = (Arc::clone(&system.answers), Arc::clone(&system.asked));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, Arc::clone(&answers), Arc::clone(&asked)));
            }
        });
        system
    }

    /// What it says at this path from now on.
    pub(super) fn answers(&self, path: &str, status: u16, body: &str) {
        self.answers.lock().insert(path.to_owned(), (status, body.to_owned()));
    }

    /// From now on it takes questions at this path and says nothing.
    pub(super) fn keeps_silent(&self, path: &str) {
        self.answers(path, SILENCE, "");
    }

    /// Everything it was asked, whole requests.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.borrow().clone()
    }

    /// Waits for the first question.
    pub(super) async fn is_asked(&self) {
        let mut asked = self.asked.subscribe();
        tokio::time::timeout(PATIENCE, asked.wait_for(|asked| !asked.is_empty())).await.unwrap().unwrap();
    }
}

async fn serve(
    mut stream: TcpStream,
    answers: Arc<Mutex<HashMap<String, (u16, String)>>>,
    asked: Arc<watch::Sender<Vec<String>>>,
) {
    let mut bytes = Vec::new();
    let request = loop {
        assert!(stream.read_buf(&mut bytes).await.unwrap() > 0, "the request is whole");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head
            .lines()
            .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            break text;
        }
    };
    let path = request.split(' ').nth(1).unwrap().split('?').next().unwrap().to_owned();
    asked.send_modify(|asked| asked.push(request));
    let (status, body) = answers.lock().get(&path).cloned().unwrap_or((404, String::new()));
    if status == SILENCE {
        return std::future::pending().await;
    }
    let head = format!(
        "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         location: /todo\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).await.unwrap();
}
