use super::Tree;
use crate::storage::organization::{DepartmentRow, PersonRow, PostRow};

fn department(id: i64, parent: i64, name: &str, priority: i32) -> DepartmentRow {
    DepartmentRow { id, parent, name: name.to_owned(), priority }
}

fn person(id: i64, name: &str, posts: &[(i64, i32)]) -> PersonRow {
    let post = |(department, priority): &(i64, i32)| PostRow {
        department: *department,
        priority: *priority,
        title: String::new(),
    };
    PersonRow {
        id,
        login: format!("p{id}"),
        name: name.to_owned(),
        posts: posts.iter().map(post).collect(),
        ..PersonRow::default()
    }
}

fn draw(tree: &Tree, department: i64, depth: usize, text: &mut String) {
    for person in tree.members(department) {
        text.push_str(&format!("{}- {}\n", "  ".repeat(depth), person.name));
    }
    for below in tree.children(department) {
        text.push_str(&format!("{}{}\n", "  ".repeat(depth), below.name));
        draw(tree, below.id, depth + 1, text);
    }
}

fn organization() -> Tree {
    Tree::new(
        vec![
            department(1, 0, "总部", 1),
            department(2, 0, "分公司", 2),
            department(3, 1, "研发部", 20),
            department(4, 1, "财务部", 10),
            department(5, 3, "开发组", 0),
            department(6, 3, "测试组", 0),
        ],
        vec![
            person(1, "王小二", &[(1, 5), (6, 0)]),
            person(2, "单雄信", &[(1, 5)]),
            person(3, "陈董", &[(1, 1)]),
            person(4, "曾小贤", &[(4, 0)]),
            person(5, "Alice", &[(4, 0)]),
            person(6, "尉迟敬德", &[(4, -1)]),
            person(7, "林涛", &[(5, 0)]),
            person(8, "李雷", &[(5, 0)]),
        ],
    )
}

#[test]
fn the_order_is_the_one_that_was_agreed() {
    let mut text = String::new();
    draw(&organization(), 0, 0, &mut text);
    assert_eq!(text, include_str!("golden.txt"));
}

#[test]
fn everybody_stands_in_the_list_once() {
    let tree = organization();
    let names: Vec<&str> = tree.people_in_order().iter().map(|person| person.name.as_str()).collect();
    assert_eq!(names, ["陈董", "单雄信", "王小二", "尉迟敬德", "Alice", "曾小贤", "李雷", "林涛"]);
}

#[test]
fn a_path_leads_to_its_department_and_back() {
    let tree = organization();
    let path = ["总部", "研发部", "测试组"].map(str::to_owned);
    assert_eq!(tree.department_at(&path).map(|row| row.id), Some(6));
    assert_eq!(tree.path(6), "总部/研发部/测试组");
    assert!(tree.department_at(&["财务部".to_owned()]).is_none());
}

#[test]
fn a_hundred_thousand_people_are_put_in_order_at_once() {
    let departments = (1..=1_000).map(|id| department(id, id / 10, &format!("部门{id}"), 0)).collect();
    let people = (1..=100_000).map(|id| person(id, &format!("王小{id}"), &[(id % 1_000 + 1, 0)])).collect();
    let tree = Tree::new(departments, people);
    assert_eq!(tree.people_in_order().len(), 100_000);
    assert_eq!(tree.departments().len(), 1_000);
}
