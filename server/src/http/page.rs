//! `GET /api/` and `/api/v1/`: the description as people read it, one page without scripts that loads nothing. Made once
//! from the same text that programs read.

mod calls;
mod types;

use aws_lc_rs::digest::{SHA256, digest};
use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::Value;
use utoipa::openapi::OpenApi as Description;

const STYLE: &str = include_str!("page/style.css");

const INTRODUCTION: &str = "\
<p>Business systems and personnel systems talk to the server here. Bodies are JSON in UTF-8. Every request shows a key, \
which the administrator makes with <code>posthouse-server application create</code>. The lines for the command line \
want two variables, and <code>--cacert</code> with the file <code>ca.pem</code> of the server's data folder where its \
authority is not known to the computer:</p>\
<pre>POSTHOUSE=https://chat.example.org:5281\nKEY=ph_1_…</pre>\
<p>Programs read the same as <a href=\"/api/v1/openapi.json\">OpenAPI 3.1</a>.</p>";

/// The route that shows it.
pub(super) fn route(description: &Description) -> Router {
    let whole = serde_json::to_value(description).unwrap_or_default();
    let page = Bytes::from(render(&whole));
    let policy = policy();
    let show = move || async move { show(page, policy) };
    Router::new().route("/api/", get(show.clone())).route("/api/v1/", get(show))
}

/// Nothing may be loaded or run; the style is the one of the page.
fn policy() -> HeaderValue {
    let style = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    let text = format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

fn show(page: Bytes, policy: HeaderValue) -> Response {
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (headers, page).into_response()
}

fn render(whole: &Value) -> String {
    let calls = calls::all(whole);
    let entries: String = calls.iter().map(calls::Call::entry).collect();
    let sections: String = calls.iter().map(|call| call.section(whole)).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Posthouse: HTTP interface</title>\
         <style>{STYLE}</style></head><body><nav><h2>Calls</h2><ul>{entries}</ul>\
         <p><a href=\"#types\">Types</a></p></nav><main><h1>Posthouse: HTTP interface</h1>{INTRODUCTION}{sections}\
         <h2 id=\"types\">Types</h2>{}</main></body></html>\n",
        types::all(whole)
    )
}

/// Text as HTML; what stands between backticks is code.
fn text(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for (index, piece) in text.split('`').enumerate() {
        let piece = escaped(piece);
        html.push_str(&if index % 2 == 1 { format!("<code>{piece}</code>") } else { piece });
    }
    html
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A member that is text, or nothing.
fn word<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests;
