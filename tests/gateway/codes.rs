//! Codes that phones ask with, answered by a business system over HTTP.

use posthouse_gateway::query_codes::QueryCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::house::House;
use crate::office::PHONE;

/// A business system: everybody has three tasks. Gives its address and what it is asked.
async fn business_system() -> (String, tokio::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (asked, questions) = tokio::sync::mpsc::channel(16);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.windows(4).any(|end| end == b"\r\n\r\n") {
                assert!(stream.read_buf(&mut request).await.unwrap() > 0);
            }
            let request = String::from_utf8(request).unwrap();
            asked.send(request.lines().next().unwrap().to_owned()).await.unwrap();
            let body = "{\"count\": 3}";
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
                 connection: close\r\n\r\n",
                body.len()
            );
            stream.write_all((head + body).as_bytes()).await.unwrap();
        }
    });
    (address, questions)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleagues_phone_asks_for_its_tasks_and_a_strangers_gets_nothing() {
    let (address, mut questions) = business_system().await;
    let code = QueryCode {
        code: "001".to_owned(),
        url: format!("{address}/todo?person={{person}}"),
        reply: "在办公自动化系统中，您有{count}个待办任务。".to_owned(),
        seconds: 5,
    };
    let house = House::open_with("", vec![code]).await;
    house.yard.network.write("+8613700000007", "modem1", "001");
    house.yard.network.write(PHONE, "modem1", "001");
    let texts = house.texts(1).await;
    assert_eq!(texts.len(), 1);
    assert_eq!(texts[0].as_bytes(), "在办公自动化系统中，您有3个待办任务。".as_bytes());
    assert_eq!(questions.recv().await.unwrap(), "GET /todo?person=wang.lei HTTP/1.1");
    house.yard.network.write("+8613700000007", "modem1", "001");
    house.yard.network.write(PHONE, "modem1", "001");
    assert_eq!(house.texts(2).await.len(), 2, "a stranger is not answered");
    let office = house.gateway.as_ref().unwrap();
    assert_eq!(office.counter("ignored").await, 2);
}
