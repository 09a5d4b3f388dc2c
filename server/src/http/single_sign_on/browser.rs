//! What a browser brings and what it is sent.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use posthouse_sign_on::page::Page;
use posthouse_sign_on::parameters::Parameters;
use posthouse_sign_on::refusal::Refusal;
use posthouse_sign_on::session;

/// The head of a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Browser<'a>(pub(super) &'a HeaderMap);

impl<'a> Browser<'a> {
    /// A header, when it is there once and is text.
    pub(super) fn header(&self, name: &str) -> Option<&'a str> {
        let mut values = self.0.get_all(name).iter();
        let first = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(first)
    }

    /// A cookie, when it has one value.
    pub(super) fn cookie(&self, name: &str) -> Option<&'a str> {
        let mut headers = self.0.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let found = headers.find_map(|header| session::cookie(header, name));
        found.filter(|_| headers.all(|other| session::cookie(other, name).is_none()))
    }

    /// `Sec-Fetch-Site`
    pub(super) fn fetch_site(&self) -> Option<&'a str> {
        self.header("sec-fetch-site")
    }
}

/// The text behind the question mark.
pub(super) fn query(text: Option<&str>) -> Result<Parameters, Refusal> {
    Parameters::parse(text.unwrap_or_default()).map_err(|_| Refusal::Malformed)
}

/// The fields of a form.
pub(super) fn form(headers: &HeaderMap, body: &[u8]) -> Result<Parameters, Refusal> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Refusal::Malformed);
    }
    let text = std::str::from_utf8(body).map_err(|_| Refusal::Malformed)?;
    Parameters::parse(text).map_err(|_| Refusal::Malformed)
}

/// Sends the browser on, always by GET (RFC 9110 section 15.4.4). Addresses come from registered ones, encoded.
pub(super) fn go(to: &str) -> Response {
    match HeaderValue::from_str(to) {
        Ok(to) => (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Shows a page of the provider.
pub(super) fn show(status: StatusCode, page: &Page) -> Response {
    let mut response = (status, Body::from(page.html.clone())).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    put(headers, header::CONTENT_SECURITY_POLICY, &page.policy);
    response
}

/// Adds a cookie to an answer.
pub(super) fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
