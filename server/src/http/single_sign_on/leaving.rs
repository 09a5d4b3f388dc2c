//! How every way out ends: the page that asks first, and the page that says it is done.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use posthouse_sign_on::page::{self, Button};
use posthouse_sign_on::parameters::Parameters;
use posthouse_sign_on::refusal::Refusal;
use posthouse_sign_on::secret::Digest;
use posthouse_sign_on::session::{self, SignedIn};
use posthouse_sign_on::ticket::{CONFIRM_COOKIE, check_mark};

use super::browser::{self, Browser};
use super::desk::{Desk, Stop};

/// Seconds that the question may be left open.
const OPEN: i64 = 600;

/// Asks the person; the button leads to `action` with `fields`, and from there to `then`.
pub(super) fn ask(
    desk: &Desk,
    action: &str,
    fields: &[(&str, &str)],
    then: Option<&str>,
) -> Result<Response, Stop> {
    let cookie = desk.provider.random()?.secret();
    let mark = Digest::of(cookie.as_str()).to_text();
    let fields = [fields, &[("mark", &mark)]].concat();
    let button = Button { action, fields: &fields, label: "退出 · Sign out", leads_to: then };
    let lines = ["要退出此标签页中的所有业务系统吗？", "Sign out of all business systems in this tab?"];
    let response = browser::show(StatusCode::OK, &page::page("退出 · Sign out", &lines, Some(&button)));
    Ok(browser::with_cookie(response, &session::set_cookie(CONFIRM_COOKIE, cookie.as_str(), Some(OPEN))))
}

/// The form of the question, when it is ours.
pub(super) fn answered(headers: &HeaderMap, body: &[u8]) -> Result<Parameters, Refusal> {
    let (browser, form) = (Browser(headers), browser::form(headers, body)?);
    check_mark(form.value("mark"), browser.cookie(CONFIRM_COOKIE), browser.fetch_site())?;
    Ok(form)
}

/// Ends the session of a tab and says so, or goes where the system wants the browser.
pub(super) async fn over(
    desk: &Desk,
    session: Option<&SignedIn>,
    then: Option<String>,
) -> Result<Response, Stop> {
    if let Some(session) = session {
        desk.end(session.child.cookie).await?;
    }
    let lines = ["您已退出登录，可以关闭此页。", "You have signed out and can close this page."];
    let response = match then {
        Some(to) => browser::go(&to),
        None => browser::show(StatusCode::OK, &page::page("已退出 · Signed out", &lines, None)),
    };
    let response = browser::with_cookie(response, &session::forget_cookie(session::COOKIE));
    Ok(browser::with_cookie(response, &session::forget_cookie(CONFIRM_COOKIE)))
}
