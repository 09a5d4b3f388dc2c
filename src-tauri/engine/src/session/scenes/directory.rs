use super::office::{Office, PICTURE};
use crate::events::EngineEvent;
use crate::model::TreeBatch;
use crate::organization::tests::toy_directory::ToyDirectory;
use crate::organization::tests::{department, person};

fn company() -> ToyDirectory {
    let mut directory = ToyDirectory::new(2);
    directory.edit(|now| {
        now.departments.insert("d1".to_owned(), department("d1", "", "总部", "zong bu", 0));
        for (id, name, pinyin) in
            [("p1", "张三", "zhang san"), ("p2", "李四", "li si"), ("p3", "王五", "wang wu")]
        {
            now.people.insert(id.to_owned(), person(id, name, pinyin, &[("d1", 0)]));
        }
    });
    directory
}

fn changed(event: EngineEvent) -> Option<()> {
    (event == EngineEvent::OrganizationChanged).then_some(())
}

async fn names(office: &Office) -> Vec<String> {
    let mut batches: Vec<TreeBatch> = Vec::new();
    office.session.organization().batches(|batch| batches.push(batch)).await.unwrap();
    batches.into_iter().flat_map(|batch| batch.people).map(|row| row.name).collect()
}

#[tokio::test]
async fn the_whole_directory_is_read_before_presence_is_sent() {
    let mut office = Office::open(company()).await;
    office.is_told(changed).await;
    assert_eq!(names(&office).await, ["李四", "王五", "张三"]);
    office.hall.hears(|said| said.contains(&"presence online".to_owned())).await;
    assert_eq!(office.hall.said(), ["query all", "query all", "presence online"]);
}

#[tokio::test]
async fn after_a_restart_the_tree_is_there_at_once_and_only_changes_are_asked_for() {
    let mut office = Office::open(company()).await;
    office.is_told(changed).await;
    office.hall.directory.lock().edit(|now| drop(now.people.remove("p2")));
    office.restart().await;
    assert_eq!(names(&office).await, ["李四", "王五", "张三"], "before the server has said anything");
    office.is_told(changed).await;
    assert_eq!(names(&office).await, ["王五", "张三"]);
    assert!(office.hall.said().contains(&"query 1".to_owned()), "{:?}", office.hall.said());
}

#[tokio::test]
async fn a_push_changes_the_tree_and_a_gap_is_asked_for() {
    let mut office = Office::open(company()).await;
    office.is_told(changed).await;
    office.hall.hears(|said| said.contains(&"presence online".to_owned())).await;
    let push = {
        let mut directory = office.hall.directory.lock();
        directory.edit(|now| now.people.get_mut("p1").unwrap().name = "张三丰".to_owned());
        directory.push(1)
    };
    office.hall.push(push);
    office.is_told(changed).await;
    let found = office.session.organization().search("三丰", 10).await.unwrap();
    assert_eq!(found.len(), 1);

    let push = {
        let mut directory = office.hall.directory.lock();
        directory.edit(|now| drop(now.people.remove("p2")));
        directory.edit(|now| drop(now.people.remove("p3")));
        directory.push(3)
    };
    office.hall.push(push);
    office.is_told(changed).await;
    assert_eq!(names(&office).await, ["张三丰"]);
    assert_eq!(office.hall.said().last().map(String::as_str), Some("query 2"));
}

#[tokio::test]
async fn many_pushes_are_few_changes_for_the_window() {
    let mut office = Office::open(company()).await;
    office.is_told(changed).await;
    office.hall.hears(|said| said.contains(&"presence online".to_owned())).await;
    for version in 1..=30 {
        let push = {
            let mut directory = office.hall.directory.lock();
            directory.edit(|now| now.people.get_mut("p1").unwrap().name = format!("张三{version}"));
            directory.push(version)
        };
        office.hall.push(push);
    }
    let last = || async { names(&office).await.contains(&"张三30".to_owned()) };
    while !last().await {
        tokio::task::yield_now().await;
    }
    office.is_told(changed).await;
    let more = office.told_so_far().into_iter().filter_map(changed).count();
    assert!(more <= 4, "told {more} times more");
}

#[tokio::test]
async fn a_picture_is_fetched_once_however_often_it_is_shown() {
    let mut directory = company();
    directory.edit(|now| {
        now.people.get_mut("p1").unwrap().avatar =
            Some("129610DC7C3522ECF7EC223E56B0CB1A1A4073E4".to_owned());
    });
    let mut office = Office::open(directory).await;
    office.is_told(changed).await;
    let zhang = "zhang.san@house.test".parse().unwrap();
    let li = "li.si@house.test".parse().unwrap();
    let organization = office.session.organization();
    let (one, other) = tokio::join!(organization.avatar(&zhang), organization.avatar(&zhang));
    let picture = one.unwrap().unwrap();
    assert_eq!((picture.media_type.as_str(), picture.bytes.as_slice()), ("image/png", PICTURE));
    assert_eq!(other.unwrap(), Some(picture.clone()));
    assert_eq!(organization.avatar(&li).await.unwrap(), None);
    office.restart().await;
    assert_eq!(office.session.organization().avatar(&zhang).await.unwrap(), Some(picture));
    assert_eq!(office.hall.said().iter().filter(|word| *word == "card").count(), 1);
}
