//! The provider's own pages: few, without scripts, in Chinese and English. Whatever comes from elsewhere is escaped.

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The HTML.
    pub html: String,
    /// Value of `Content-Security-Policy`.
    pub policy: String,
}

/// A button that posts a form to our own host.
#[derive(Debug, Clone, Copy)]
pub struct Button<'a> {
    /// Path of the form.
    pub action: &'a str,
    /// Fields that are not shown.
    pub fields: &'a [(&'a str, &'a str)],
    /// What stands on it.
    pub label: &'a str,
    /// Where the answer leads, beside our own host. Browsers hold every redirect after a form to the policy, and nobody
    /// knows over which hosts a system sends people on: any address that is as safe as this one is allowed.
    pub leads_to: Option<&'a str>,
}

/// Headers that every answer of the provider has.
pub const HEADERS: &[(&str, &str)] = &[
    ("cache-control", "no-store"),
    ("pragma", "no-cache"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
];

/// A page with a heading, lines, and a button.
pub fn page(heading: &str, lines: &[&str], button: Option<&Button<'_>>) -> Page {
    let form_action = match button {
        None => "'none'".to_owned(),
        Some(button) => {
            let target = button.leads_to.and_then(crate::address::origin);
            let scheme = target.as_deref().and_then(|origin| Some(origin.split_once(':')?.0));
            format!("'self'{}", scheme.map(|scheme| format!(" {scheme}:")).unwrap_or_default())
        }
    };
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; form-action {form_action}; frame-ancestors 'none'; \
         base-uri 'none'"
    );
    let form = button.map(form).unwrap_or_default();
    Page { html: whole(heading, lines, &form), policy }
}

/// A page with a number to compare, which is loaded again until it leads on.
pub fn waiting(heading: &str, lines: &[&str], number: u8) -> Page {
    let policy = page(heading, lines, None).policy;
    Page { html: whole(heading, lines, &format!("<p class=\"number\">{number}</p>")), policy }
}

fn whole(heading: &str, lines: &[&str], end: &str) -> String {
    let text: String = lines.iter().map(|line| format!("<p>{}</p>", escape(line))).collect();
    format!(
        "<!DOCTYPE html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title}</title><style>body{{font:16px system-ui,sans-serif;\
         max-width:32em;margin:4em auto;padding:0 1em}}button{{font:inherit;padding:.5em 1.5em}}\
         .number{{font-size:3em;font-weight:600;letter-spacing:.1em}}</style></head>\
         <body><h1>{title}</h1>{text}{end}</body></html>",
        title = escape(heading),
    )
}

fn form(button: &Button<'_>) -> String {
    let fields: String = button
        .fields
        .iter()
        .map(|(name, value)| {
            format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(name), escape(value))
        })
        .collect();
    format!(
        "<form method=\"post\" action=\"{}\">{fields}<button>{}</button></form>",
        escape(button.action),
        escape(button.label)
    )
}

/// The one page of all refusals: nothing of the request stands in it, and not the reason either.
pub fn refusal() -> Page {
    page(
        "无法登录 · Sign-in failed",
        &["请从驿站应用中重新打开此系统。", "Open the system from the Posthouse app again."],
        None,
    )
}

/// Text for HTML, in elements and in quoted attributes.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{Button, escape, page, refusal};

    #[test]
    fn nothing_runs_and_nothing_frames_our_pages() {
        for page in [refusal(), page("x", &[], None)] {
            assert!(page.policy.starts_with("default-src 'none'"), "{}", page.policy);
            assert!(
                page.policy.contains("frame-ancestors 'none'") && page.policy.contains("form-action 'none'")
            );
            assert!(!page.policy.contains("script"));
        }
    }

    #[test]
    fn what_comes_from_elsewhere_stays_text() {
        let fields = [("t", "\"><script>alert(1)</script>")];
        let leads_to = Some("https://oa.example.org/x");
        let button = Button { action: "/sso/confirm", fields: &fields, label: "<b>", leads_to };
        let page = page("<h2>", &["'\"&<>"], Some(&button));
        assert!(!page.html.contains("<script>") && !page.html.contains("<h2>") && !page.html.contains("<b>"));
        assert!(page.policy.contains("form-action 'self' https:;"), "{}", page.policy);
        assert_eq!(escape("'\u{0}"), "&#39;\u{fffd}");
    }
}
