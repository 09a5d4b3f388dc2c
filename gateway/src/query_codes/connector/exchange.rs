//! One request over one connection: to an address that was looked at, inside TLS where the address says so.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper::header::{self, HeaderValue};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{AskError, Connector, Method, Request};

pub(super) async fn exchange(connector: &Connector, request: &Request) -> Result<Vec<u8>, AskError> {
    let unreachable = |error: std::io::Error| AskError::Unreachable(error.to_string());
    let host = request.url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let port = request.url.port_or_known_default().unwrap_or_default();
    let found = tokio::net::lookup_host((host, port)).await.map_err(unreachable)?;
    let addresses: Vec<SocketAddr> = found.collect();
    let ips: Vec<IpAddr> = addresses.iter().map(SocketAddr::ip).collect();
    connector.guard.judge_addresses(&request.url, &ips)?;
    // Not by name: that could mean something else a moment later.
    let stream = TcpStream::connect(addresses.as_slice()).await.map_err(unreachable)?;
    stream.set_nodelay(true).map_err(unreachable)?;
    if request.url.scheme() == "http" {
        return talk(stream, connector, request).await;
    }
    let config =
        connector.tls.as_ref().ok_or_else(|| AskError::Unreachable("TLS is not set up".to_owned()))?;
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| AskError::Unreachable(format!("{host} is no name of a certificate")))?;
    let secured = TlsConnector::from(Arc::clone(config)).connect(name, stream).await.map_err(unreachable)?;
    talk(secured, connector, request).await
}

async fn talk<S>(stream: S, connector: &Connector, request: &Request) -> Result<Vec<u8>, AskError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let broken = |error: hyper::Error| AskError::Unreachable(error.to_string());
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let request = written(request)?;
    let mut answering = std::pin::pin!(async {
        let answer = sender.send_request(request).await.map_err(broken)?;
        let status = answer.status().as_u16();
        if status != 200 {
            return Err(AskError::Refused(status));
        }
        let body = Limited::new(answer.into_body(), connector.longest).collect().await;
        body.map(|body| body.to_bytes().to_vec()).map_err(|error| {
            if error.is::<LengthLimitError>() {
                AskError::TooLong(connector.longest)
            } else {
                AskError::Unreachable(error.to_string())
            }
        })
    });
    tokio::select! {
        answer = answering.as_mut() => answer,
        ended = connection => {
            ended.map_err(broken)?;
            // The system has closed behind its answer.
            answering.await
        }
    }
}

fn written(request: &Request) -> Result<hyper::Request<Full<Bytes>>, AskError> {
    let url = &request.url;
    let host = match url.port() {
        Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
        None => url.host_str().unwrap_or_default().to_owned(),
    };
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let method = match request.method {
        Method::Get => hyper::Method::GET,
        Method::Post => hyper::Method::POST,
    };
    let mut building = hyper::Request::builder()
        .method(method)
        .uri(target)
        .header(header::HOST, host)
        .header(header::ACCEPT, "application/json")
        .header(header::USER_AGENT, concat!("Posthouse/", env!("CARGO_PKG_VERSION")))
        .header(header::CONNECTION, "close");
    if request.body.is_some() {
        building = building.header(header::CONTENT_TYPE, "application/json");
    }
    let wrong = |problem: String| AskError::Unreachable(problem);
    for header in &request.headers {
        let mut value = HeaderValue::from_str(header.value())
            .map_err(|_| wrong(format!("the header {} has signs that no header may have", header.name)))?;
        value.set_sensitive(true);
        building = building.header(header.name.as_str(), value);
    }
    let body = Full::new(Bytes::from(request.body.clone().unwrap_or_default()));
    building.body(body).map_err(|_| wrong("the request cannot be written".to_owned()))
}
