//! Answers cut into pages, built once for all who ask the same and kept while they are being read.

use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use posthouse_protocol::organization::{Department, Entries, Gone, PAGE_ENTRIES, Person};
use tokio::sync::OnceCell;

use crate::organization::directory::{Directory, Seen};
use crate::organization::visibility::View;

/// Page sizes that are made; a request gets the largest that it allows.
const SIZES: [usize; 3] = [500, 100, 20];

/// Most answers kept; the one not used for longest goes first.
const KEPT: usize = 24;

/// A whole answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) version: u64,
    pub(super) pages: Vec<Bytes>,
}

/// What an answer is about.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    view: Arc<str>,
    token: Token,
}

/// The part of the key that travels in [`Entries::next`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    since: Option<u64>,
    version: u64,
    size: usize,
}

impl Token {
    /// A token and the page that it stands for.
    pub(super) fn read(text: &str) -> Option<(Self, usize)> {
        let mut parts = text.split('.');
        let since = match parts.next()? {
            "-" => None,
            version => Some(version.parse().ok()?),
        };
        let version = parts.next()?.parse().ok()?;
        let size = parts.next()?.parse().ok()?;
        let page = parts.next()?.parse().ok()?;
        parts.next().is_none().then_some((Self { since, version, size }, page))
    }

    fn write(self, page: usize) -> String {
        let Self { since, version, size } = self;
        let since = since.map_or_else(|| "-".to_owned(), |since| since.to_string());
        format!("{since}.{version}.{size}.{page}")
    }
}

type Place = Arc<OnceCell<Arc<Answer>>>;

/// The answers that are kept.
#[derive(Debug)]
pub(super) struct Pages {
    directory: Arc<Directory>,
    kept: Mutex<Vec<(Key, Place)>>,
}

impl Pages {
    pub(super) fn new(directory: Arc<Directory>) -> Self {
        Self { directory, kept: Mutex::default() }
    }

    /// The answer that a token belongs to, when it is still kept.
    pub(super) fn kept(&self, view: &View, token: Token) -> Option<Arc<Answer>> {
        let key = Key { view: Arc::clone(view.id()), token };
        let mut kept = self.kept.lock();
        let place = kept.iter().position(|(other, _)| *other == key)?;
        let entry = kept.remove(place);
        let answer = entry.1.get().cloned();
        kept.push(entry);
        answer
    }

    /// What changed since, or everything; `None` only when the runtime stops.
    pub(super) async fn answer(
        &self,
        view: &Arc<View>,
        since: Option<u64>,
        max: Option<u32>,
    ) -> Option<Arc<Answer>> {
        let version = self.directory.version();
        let max = usize::try_from(max.unwrap_or(PAGE_ENTRIES)).unwrap_or(usize::MAX);
        let [_, _, smallest] = SIZES;
        let size = SIZES.into_iter().find(|size| *size <= max).unwrap_or(smallest);
        let key = Key { view: Arc::clone(view.id()), token: Token { since, version, size } };
        let place = self.place(key.clone());
        let made = place.get_or_try_init(|| {
            let (directory, view) = (Arc::clone(&self.directory), Arc::clone(view));
            // A hundred thousand entries take a quarter of a second to write.
            tokio::task::spawn_blocking(move || Arc::new(build(&directory, &view, since, size)))
        });
        let answer = made.await.ok().cloned();
        if answer.as_ref().is_none_or(|answer| answer.version != version) {
            // The directory moved on meanwhile: the key would lie.
            self.kept.lock().retain(|(other, _)| *other != key);
        }
        if let Some(answer) = answer.as_ref().filter(|answer| answer.version != version) {
            let token = Token { since, version: answer.version, size };
            let place = self.place(Key { view: Arc::clone(view.id()), token });
            if place.set(Arc::clone(answer)).is_err() {
                tracing::debug!("the newer answer is kept already");
            }
        }
        answer
    }

    fn place(&self, key: Key) -> Place {
        let mut kept = self.kept.lock();
        let found = kept.iter().position(|(other, _)| *other == key);
        let entry = found.map_or_else(|| (key, Place::default()), |place| kept.remove(place));
        let place = Arc::clone(&entry.1);
        kept.push(entry);
        if kept.len() > KEPT {
            kept.remove(0);
        }
        place
    }
}

fn build(directory: &Directory, view: &View, since: Option<u64>, size: usize) -> Answer {
    let changes = since.and_then(|since| directory.changes_since(view, since));
    // A token names the version asked about even when the answer is everything.
    let is_whole = changes.is_none();
    let seen = changes.unwrap_or_else(|| directory.everything(view));
    let version = seen.version;
    let token = Token { since, version, size };
    let mut pages = cut(seen, size);
    let total = pages.iter().map(Entries::count).sum::<usize>();
    let last = pages.len().saturating_sub(1);
    for (number, page) in pages.iter_mut().enumerate() {
        page.version = version;
        page.since = since.filter(|_| !is_whole);
        page.view = view.id().to_string();
        page.page = u32::try_from(number).unwrap_or(u32::MAX);
        page.total = u32::try_from(total).unwrap_or(u32::MAX);
        page.next = (number < last).then(|| token.write(number.saturating_add(1)));
    }
    let written = pages.iter().map(|page| {
        xso::to_vec(page).map(Bytes::from).unwrap_or_else(|error| {
            tracing::error!(%error, "a directory page cannot be written");
            Bytes::new()
        })
    });
    Answer { version, pages: written.collect() }
}

/// Cuts entries into pages: departments first, then people, then what is gone. At least one page.
fn cut(seen: Seen, size: usize) -> Vec<Entries> {
    let departments = seen.departments.into_iter().map(Entry::Department);
    let people = seen.people.into_iter().map(Entry::Person);
    let gone = seen.gone.into_iter().map(Entry::Gone);
    let mut pages = vec![Entries::default()];
    for entry in departments.chain(people).chain(gone) {
        if pages.last().is_none_or(|page| page.count() >= size) {
            pages.push(Entries::default());
        }
        let Some(page) = pages.last_mut() else { continue };
        match entry {
            Entry::Department(department) => page.departments.push(department),
            Entry::Person(person) => page.people.push(Arc::unwrap_or_clone(person)),
            Entry::Gone(gone) => page.gone.push(gone),
        }
    }
    pages
}

enum Entry {
    Department(Department),
    Person(Arc<Person>),
    Gone(Gone),
}
