//! What a directory of 100,000 people costs. Prints figures and proves nothing, so it runs only when asked for:
//! `cargo test --release -p posthouse-engine --lib figures -- --ignored --nocapture`.

use std::time::Instant;

use posthouse_protocol::organization::{Department, Entries, Person};

use super::super::answer::{Taken, take_page};
use super::super::{load, rows, search};
use super::{department, person};
use crate::store::{ACCOUNT, Store};

const SURNAMES: &[(&str, &str)] = &[
    ("张", "zhang"),
    ("王", "wang"),
    ("李", "li"),
    ("赵", "zhao"),
    ("刘", "liu"),
    ("陈", "chen"),
    ("杨", "yang"),
    ("黄", "huang"),
    ("周", "zhou"),
    ("吴", "wu"),
    ("徐", "xu"),
    ("孙", "sun"),
    ("朱", "zhu"),
    ("吕", "lü"),
];
const GIVEN: &[(&str, &str)] = &[
    ("伟", "wei"),
    ("芳", "fang"),
    ("娜", "na"),
    ("秀", "xiu"),
    ("英", "ying"),
    ("敏", "min"),
    ("静", "jing"),
    ("丽", "li"),
    ("强", "qiang"),
    ("磊", "lei"),
    ("军", "jun"),
    ("洋", "yang"),
    ("勇", "yong"),
    ("艳", "yan"),
    ("杰", "jie"),
    ("娟", "juan"),
    ("涛", "tao"),
    ("明", "ming"),
    ("超", "chao"),
    ("兰", "lan"),
    ("霞", "xia"),
];

fn company() -> (Vec<Department>, Vec<Person>) {
    let departments = (1..=1_000).map(|id| {
        let parent = if id == 1 { String::new() } else { format!("d{}", id / 10) };
        department(&format!("d{id}"), &parent, &format!("部门{id}"), &format!("bu men {id}"), 0)
    });
    let people = (0..100_000_usize).map(|id| {
        let (surname, s) = SURNAMES[id % SURNAMES.len()];
        let (one, o) = GIVEN[id / 7 % GIVEN.len()];
        let (two, t) = GIVEN[id / 150 % GIVEN.len()];
        let departments = [format!("d{}", id % 1_000 + 1), format!("d{}", (id + 7) % 1_000 + 1)];
        let posts = departments.each_ref().map(|department| (department.as_str(), 0));
        let posts = posts.get(..if id % 10 == 0 { 2 } else { 1 }).unwrap();
        let mut it =
            person(&format!("p{id}"), &format!("{surname}{one}{two}"), &format!("{s} {o} {t}"), posts);
        it.jid = format!("{s}.{o}{t}{id}@house.test").parse().unwrap();
        it.mobile = Some(format!("+86138{:08}", id * 37 % 100_000_000));
        it.phones = vec![format!("010-{:08}", id * 91 % 100_000_000)];
        it.email = Some(format!("{s}.{o}{t}{id}@house.test"));
        it
    });
    (departments.collect(), people.collect())
}

fn measured<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let outcome = work();
    eprintln!("{what}: {:.1} ms", start.elapsed().as_secs_f64() * 1_000.0);
    outcome
}

#[ignore = "prints figures"]
#[tokio::test]
async fn a_directory_of_a_hundred_thousand_people() {
    let (departments, people) = company();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("store.sqlite"), ACCOUNT).unwrap();
    let count = u32::try_from(people.len().div_ceil(500)).unwrap();
    let pages = (0..).zip(people.chunks(500)).map(|(page, people)| Entries {
        version: 1,
        page,
        next: (page + 1 < count).then(|| page.to_string()),
        departments: if page == 0 { departments.clone() } else { Vec::new() },
        people: people.to_vec(),
        ..Entries::default()
    });
    let pages: Vec<Entries> = pages.collect();
    let start = Instant::now();
    let mut slowest = 0.0_f64;
    for page in pages {
        let start = Instant::now();
        let taken = store.write(move |transaction| take_page(transaction, page)).await.unwrap();
        if taken == Taken::More {
            slowest = slowest.max(start.elapsed().as_secs_f64() * 1_000.0);
        } else {
            eprintln!("last page, put in force: {:.1} ms", start.elapsed().as_secs_f64() * 1_000.0);
        }
    }
    eprintln!(
        "all pages into the store: {:.1} ms, the slowest but the last {slowest:.1}",
        start.elapsed().as_secs_f64() * 1_000.0
    );
    let tree = measured("tree out of the store", || load(&store).unwrap());
    let batches = measured("batches for the window", || rows::batches(&tree));
    eprintln!("{} batches", batches.len());
    for text in [
        "张",
        "张伟",
        "z",
        "zw",
        "zhang",
        "zhangwei",
        "yang",
        "zhang.wei",
        "1380",
        "5678",
        "部门7",
        "bm",
        "张 部门77",
        "无",
    ] {
        let hits = measured(text, || search::search(&tree, text, 50));
        eprintln!("   {} hits, first {:?}", hits.len(), hits.first().map(|hit| &hit.name));
    }
}
