//! What people see of the office automation system.

use super::{Task, User};

const STYLE: &str = "
  * { box-sizing: border-box } body { margin: 0; background: #f3f5f8; color: #1d2733; font: 15px/1.6 sans-serif }
  header { display: flex; align-items: center; padding: 14px 28px; background: #9c2b2b; color: #fff }
  header b { font-size: 18px; font-weight: 600 } header span { margin-left: auto }
  main { max-width: 760px; margin: 28px auto; padding: 0 24px } h1 { font-size: 20px; font-weight: 600 }
  .card { background: #fff; border: 1px solid #dde2ea; border-radius: 8px; padding: 18px 22px; margin-bottom: 12px }
  a.card { display: block; color: inherit; text-decoration: none } a.card:hover { border-color: #9c2b2b }
  small { color: #647184 } button { font: inherit; padding: 6px 18px; margin-right: 8px; border-radius: 6px;
  border: 1px solid #c7cfda; background: #fff } button.main { background: #9c2b2b; border-color: #9c2b2b; color: #fff }
";

/// All tasks of somebody.
pub(super) fn overview(user: &User, tasks: &[&Task]) -> String {
    let cards: String = tasks
        .iter()
        .map(|task| {
            format!(
                "<a class='card' href='/todo/{}'>{}<br><small>{} 提交</small></a>",
                task.number,
                escaped(&task.title),
                escaped(&task.applicant)
            )
        })
        .collect();
    let body = format!("<h1>我的待办（{}）</h1>{cards}", tasks.len());
    page(&format!("({}) 办公自动化", tasks.len()), Some(user), &body)
}

/// One task.
pub(super) fn task(user: &User, task: &Task) -> String {
    let title = escaped(&task.title);
    let body = format!(
        "<h1>{title}</h1><div class='card'>申请人：{}<br>编号：{}</div>\
         <button class='main'>同意</button><button>退回</button>",
        escaped(&task.applicant),
        task.number
    );
    page(&format!("{title} - 办公自动化"), Some(user), &body)
}

/// Something does not work.
pub(super) fn trouble(what: &str) -> String {
    page("办公自动化", None, &format!("<div class='card'>{}</div>", escaped(what)))
}

fn page(title: &str, user: Option<&User>, body: &str) -> String {
    let who =
        user.map(|user| format!("<span id='who'>{}，您好</span>", escaped(&user.name))).unwrap_or_default();
    format!(
        "<!doctype html><html lang='zh-CN'><meta charset='utf-8'><title>{title}</title><style>{STYLE}</style>\
         <header><b>办公自动化系统</b>{who}</header><main>{body}</main></html>"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\'', "&#39;")
        .replace('"', "&quot;")
}
