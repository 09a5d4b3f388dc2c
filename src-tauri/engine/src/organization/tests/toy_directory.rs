//! A server's directory in a few lines: every version it ever had, answers in pages, pushes.

use std::collections::BTreeMap;

use posthouse_protocol::organization::{Department, Entries, Gone, Person, Query};

/// One version.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Snapshot {
    pub(crate) departments: BTreeMap<String, Department>,
    pub(crate) people: BTreeMap<String, Person>,
}

/// The server. Version n is `versions[n]`.
#[derive(Debug)]
pub(crate) struct ToyDirectory {
    versions: Vec<Snapshot>,
    view: String,
    /// Entries of a page.
    page: usize,
    /// Versions before this one are not built upon any more.
    floor: usize,
    /// Pages of answers under way, by the first part of their token.
    answers: Vec<Vec<Entries>>,
}

impl ToyDirectory {
    pub(crate) fn new(page: usize) -> Self {
        Self {
            versions: vec![Snapshot::default()],
            view: "all".to_owned(),
            page,
            floor: 0,
            answers: Vec::new(),
        }
    }

    pub(crate) fn now(&self) -> &Snapshot {
        self.versions.last().unwrap()
    }

    pub(crate) fn version(&self) -> u64 {
        u64::try_from(self.versions.len()).unwrap() - 1
    }

    pub(crate) fn edit(&mut self, edit: impl FnOnce(&mut Snapshot)) {
        let mut next = self.now().clone();
        edit(&mut next);
        self.versions.push(next);
    }

    /// Answers under way are lost, as at a restart.
    pub(crate) fn forget_answers(&mut self) {
        self.answers.clear();
    }

    /// Nobody may build on an older version than the newest.
    pub(crate) fn forget_history(&mut self) {
        self.floor = self.versions.len() - 1;
    }

    /// The user may see something else now.
    pub(crate) fn change_view(&mut self, view: &str) {
        self.view = view.to_owned();
    }

    pub(crate) fn answer(&mut self, query: &Query) -> Entries {
        let token = query.after.as_deref().and_then(|token| token.split_once('.'));
        if let Some((answer, page)) = token {
            let kept = self.answers.get(answer.parse::<usize>().unwrap());
            if let Some(page) = kept.and_then(|pages| pages.get(page.parse::<usize>().unwrap()))
                && page.view == self.view
            {
                return page.clone();
            }
        }
        let since = query.version.filter(|version| {
            let known = self.floor..self.versions.len();
            query.view.as_ref() == Some(&self.view) && known.contains(&usize::try_from(*version).unwrap())
        });
        let whole = self.changes(since);
        let pages = self.pages(&whole);
        self.answers.push(pages.clone());
        pages[0].clone()
    }

    /// The push from one version to the newest.
    pub(crate) fn push(&self, since: u64) -> Entries {
        self.changes(Some(since))
    }

    fn changes(&self, since: Option<u64>) -> Entries {
        let before = since.map(|since| self.versions[usize::try_from(since).unwrap()].clone());
        let before = before.unwrap_or_default();
        let now = self.now();
        let is_new = |is_same: bool| since.is_none() || !is_same;
        let departments = now.departments.values();
        let departments = departments.filter(|it| is_new(before.departments.get(&it.id) == Some(it)));
        let people = now.people.values().filter(|it| is_new(before.people.get(&it.id) == Some(it)));
        let lost = before.departments.keys().filter(|id| !now.departments.contains_key(*id));
        let mut gone: Vec<Gone> =
            lost.map(|id| Gone { department: Some(id.clone()), person: None }).collect();
        let lost = before.people.keys().filter(|id| !now.people.contains_key(*id));
        gone.extend(lost.map(|id| Gone { department: None, person: Some(id.clone()) }));
        Entries {
            version: self.version(),
            since,
            view: self.view.clone(),
            departments: departments.cloned().collect(),
            people: people.cloned().collect(),
            gone,
            ..Entries::default()
        }
    }

    fn pages(&self, whole: &Entries) -> Vec<Entries> {
        let mut departments = whole.departments.iter().cloned();
        let mut people = whole.people.iter().cloned();
        let mut gone = whole.gone.iter().cloned();
        let count = whole.count().div_ceil(self.page).max(1);
        let answer = self.answers.len();
        let page = |number: usize| {
            let departments: Vec<_> = departments.by_ref().take(self.page).collect();
            let room = self.page - departments.len();
            let people: Vec<_> = people.by_ref().take(room).collect();
            let gone = gone.by_ref().take(room - people.len()).collect();
            Entries {
                version: whole.version,
                since: whole.since,
                view: whole.view.clone(),
                page: u32::try_from(number).unwrap(),
                next: (number + 1 < count).then(|| format!("{answer}.{}", number + 1)),
                departments,
                people,
                gone,
                ..Entries::default()
            }
        };
        (0..count).map(page).collect()
    }
}
