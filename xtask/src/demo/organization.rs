//! The demo's organisation: departments three and four levels deep and about 120 people, the same every time.

use std::collections::HashMap;
use std::fmt::Write;

/// Every demo person's password. It is printed by the demo and opens nothing else.
pub(crate) const PASSWORD: &str = "demo-2026-Yizhan";

/// The two people whose windows the demo opens.
pub(crate) const ALICE: (&str, &str) = ("chen.jing", "陈静");
/// The second one.
pub(crate) const BOB: (&str, &str) = ("wang.lei", "王磊");

/// Path of a department under the top one, its priority among its siblings, and how many people work there.
const DEPARTMENTS: &[(&str, u32, usize)] = &[
    ("总经理办公室", 10, 4),
    ("行政部", 20, 3),
    ("行政部/文秘处", 10, 4),
    ("行政部/后勤处", 20, 4),
    ("行政部/后勤处/车队", 10, 4),
    ("人力资源部", 30, 3),
    ("人力资源部/招聘组", 10, 4),
    ("人力资源部/培训组", 20, 3),
    ("财务部", 40, 4),
    ("财务部/会计处", 10, 5),
    ("财务部/审计处", 20, 3),
    ("信息技术部", 50, 3),
    ("信息技术部/研发中心", 10, 4),
    ("信息技术部/研发中心/平台组", 10, 7),
    ("信息技术部/研发中心/客户端组", 20, 7),
    ("信息技术部/研发中心/测试组", 30, 5),
    ("信息技术部/运维组", 20, 5),
    ("市场部", 60, 3),
    ("市场部/华北区", 10, 5),
    ("市场部/华东区", 20, 6),
    ("市场部/华南区", 30, 5),
    ("生产部", 70, 3),
    ("生产部/一车间", 10, 8),
    ("生产部/二车间", 20, 8),
    ("生产部/质检处", 30, 4),
    ("客户服务部", 80, 6),
];

const TOP: &str = "远山集团";

const FAMILY_NAMES: &[(&str, &str)] = &[
    ("李", "li"),
    ("张", "zhang"),
    ("刘", "liu"),
    ("杨", "yang"),
    ("赵", "zhao"),
    ("黄", "huang"),
    ("周", "zhou"),
    ("吴", "wu"),
    ("徐", "xu"),
    ("孙", "sun"),
    ("胡", "hu"),
    ("朱", "zhu"),
    ("高", "gao"),
    ("林", "lin"),
    ("何", "he"),
    ("郭", "guo"),
    ("马", "ma"),
    ("罗", "luo"),
    ("梁", "liang"),
    ("宋", "song"),
    ("郑", "zheng"),
    ("谢", "xie"),
    ("韩", "han"),
    ("唐", "tang"),
    ("冯", "feng"),
    ("董", "dong"),
    ("萧", "xiao"),
    ("程", "cheng"),
    ("曹", "cao"),
    ("欧阳", "ouyang"),
];

const WOMEN: &[(&str, &str)] = &[
    ("芳", "fang"),
    ("秀英", "xiuying"),
    ("敏", "min"),
    ("丽", "li"),
    ("娜", "na"),
    ("雪", "xue"),
    ("婷", "ting"),
    ("玉兰", "yulan"),
    ("晓燕", "xiaoyan"),
    ("思琪", "siqi"),
    ("梅", "mei"),
    ("欣怡", "xinyi"),
];

const MEN: &[(&str, &str)] = &[
    ("伟", "wei"),
    ("强", "qiang"),
    ("军", "jun"),
    ("勇", "yong"),
    ("杰", "jie"),
    ("涛", "tao"),
    ("明", "ming"),
    ("建国", "jianguo"),
    ("志远", "zhiyuan"),
    ("浩然", "haoran"),
    ("斌", "bin"),
    ("鹏", "peng"),
    ("文博", "wenbo"),
];

/// One post of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Post {
    /// Path from the top, with slashes.
    pub(crate) department: String,
    /// Title.
    pub(crate) title: &'static str,
}

/// One person of the demo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    /// ID to sign in with.
    pub(crate) id: String,
    /// Name.
    pub(crate) name: String,
    /// `male` or `female`.
    pub(crate) gender: &'static str,
    /// Position in the department; the smaller, the higher.
    pub(crate) priority: u32,
    /// The main post first.
    pub(crate) posts: Vec<Post>,
    /// Mobile number, from a range that is never given out.
    pub(crate) mobile: String,
    /// Office phone.
    pub(crate) phone: String,
}

/// Departments in display order: path from the top and priority.
pub(crate) fn departments() -> Vec<(String, u32)> {
    let mut all = vec![(TOP.to_owned(), 10)];
    all.extend(DEPARTMENTS.iter().map(|(path, priority, _)| (format!("{TOP}/{path}"), *priority)));
    all
}

/// Everybody, department by department.
pub(crate) fn people() -> Vec<Person> {
    let mut names = Names::default();
    let mut people = Vec::new();
    for (path, _, size) in DEPARTMENTS {
        for place in 0..*size {
            let (id, name, gender) = names.next(path, place);
            let number = people.len();
            people.push(Person {
                id,
                name,
                gender,
                priority: priority(place),
                posts: vec![Post { department: format!("{TOP}/{path}"), title: title(path, place) }],
                mobile: format!("1380000{:04}", number + 1),
                phone: format!("010-5550{:04}", 1000 + number),
            });
        }
    }
    second_posts(&mut people);
    people
}

/// Heads come first, then everybody else by pinyin.
fn priority(place: usize) -> u32 {
    match place {
        0 => 10,
        1 => 20,
        _ => 100,
    }
}

fn title(path: &str, place: usize) -> &'static str {
    let last = path.rsplit('/').next().unwrap_or(path);
    match (path, place) {
        ("总经理办公室", 0) => "总经理",
        ("总经理办公室", 1) => "副总经理",
        ("总经理办公室", _) => "助理",
        (_, 0) if last.ends_with('部') => "部长",
        (_, 1) if last.ends_with('部') => "副部长",
        (_, 0) if last.ends_with('处') => "处长",
        (_, 0) if last.ends_with("中心") || last.ends_with("车间") => "主任",
        (_, 0) if last.ends_with('区') => "区域经理",
        (_, 0) if last == "车队" => "队长",
        (_, 0) => "组长",
        _ if path.starts_with("信息技术部") => "工程师",
        _ if path.starts_with("财务部") => "会计",
        _ if path.starts_with("市场部") => "客户经理",
        _ if path.starts_with("生产部") => "技术员",
        _ if last == "车队" => "司机",
        _ => "专员",
    }
}

/// Some people stand in the tree twice.
fn second_posts(people: &mut [Person]) {
    for (id, department, title) in [(BOB.0, "总经理办公室", "信息化顾问"), (ALICE.0, "行政部", "预算联系人")]
    {
        if let Some(person) = people.iter_mut().find(|person| person.id == id) {
            person.posts.push(Post { department: format!("{TOP}/{department}"), title });
        }
    }
    // Every deputy head of a department also helps in the general manager's office.
    let deputies = people.iter_mut().filter(|person| person.posts.iter().any(|post| post.title == "副部长"));
    for deputy in deputies.step_by(2) {
        deputy.posts.push(Post { department: format!("{TOP}/总经理办公室"), title: "列席" });
    }
}

/// Gives out names; nobody gets an ID twice.
#[derive(Default)]
struct Names {
    given_out: usize,
    ids: HashMap<String, u32>,
}

impl Names {
    fn next(&mut self, path: &str, place: usize) -> (String, String, &'static str) {
        match (path, place) {
            ("财务部/会计处", 0) => return (ALICE.0.to_owned(), ALICE.1.to_owned(), "female"),
            ("信息技术部/研发中心/客户端组", 0) => {
                return (BOB.0.to_owned(), BOB.1.to_owned(), "male");
            }
            _ => {}
        }
        let number = self.given_out;
        self.given_out += 1;
        let is_woman = number.is_multiple_of(2);
        let given = if is_woman { WOMEN } else { MEN };
        // Steps without a common divisor with the list lengths: neighbours differ, and the list repeats late.
        let family = FAMILY_NAMES.get(number * 7 % FAMILY_NAMES.len()).copied().unwrap_or_default();
        let given = given.get(number / 2 * 5 % given.len()).copied().unwrap_or_default();
        let id = self.unique(&format!("{}.{}", family.1, given.1));
        (id, format!("{}{}", family.0, given.0), if is_woman { "female" } else { "male" })
    }

    fn unique(&mut self, id: &str) -> String {
        let times = self.ids.entry(id.to_owned()).or_default();
        *times += 1;
        match times {
            1 => id.to_owned(),
            times => format!("{id}{times}"),
        }
    }
}

/// The sheet that `posthouse-server import` reads: one row for each department, one for each post.
pub(crate) fn sheet() -> String {
    let mut sheet =
        String::from("kind,id,name,department,title,priority,gender,phone,mobile,email,password\n");
    for (path, priority) in departments() {
        // Writing to a text cannot fail.
        let _ = writeln!(sheet, "department,,,{path},,{priority},,,,,");
    }
    for Person { id, name, gender, priority, posts, mobile, phone } in people() {
        for Post { department, title } in posts {
            let _ = writeln!(
                sheet,
                "person,{id},{name},{department},{title},{priority},{gender},{phone},{mobile},{id}@example.com,{PASSWORD}"
            );
        }
    }
    sheet
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{ALICE, BOB, departments, people};

    #[test]
    fn the_organisation_has_about_120_people_with_an_id_each() {
        let people = people();
        assert!((110..=130).contains(&people.len()), "{}", people.len());
        let ids: HashSet<&str> = people.iter().map(|person| person.id.as_str()).collect();
        assert_eq!(ids.len(), people.len());
        let names: HashSet<&str> = people.iter().map(|person| person.name.as_str()).collect();
        assert!(names.len() + 5 > people.len(), "hardly anybody shares a name: {}", names.len());
    }

    #[test]
    fn every_post_stands_in_a_department_of_the_tree() {
        let departments: HashSet<String> = departments().into_iter().map(|(path, _)| path).collect();
        for person in people() {
            for post in &person.posts {
                assert!(departments.contains(&post.department), "{}: {}", person.id, post.department);
            }
        }
        for path in &departments {
            let parent = path.rsplit_once('/').map(|(parent, _)| parent);
            assert!(parent.is_none_or(|parent| departments.contains(parent)), "{path}");
        }
    }

    #[test]
    fn the_two_who_talk_exist_and_have_two_posts() {
        let people = people();
        for (id, name) in [ALICE, BOB] {
            let person = people.iter().find(|person| person.id == id).unwrap();
            assert_eq!(person.name, name);
            assert_eq!(person.posts.len(), 2);
        }
    }
}
