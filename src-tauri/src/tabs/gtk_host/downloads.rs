//! Files that pages bring to this computer.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use gtk::glib;
use posthouse_engine::model::TabDownloadState;
use webkit2gtk::{Download, DownloadError, DownloadExt};

use crate::tabs::file_place::name_of;
use crate::tabs::host::{Listener, Report};

/// Files on their way.
#[derive(Default)]
pub(super) struct Downloads {
    last: Cell<u32>,
    running: RefCell<BTreeMap<u32, Download>>,
}

impl Downloads {
    /// Tells how a download goes.
    pub(super) fn follow(self: &Rc<Self>, tab: u32, download: &Download, listener: &Rc<dyn Listener>) {
        let number = self.last.get().saturating_add(1);
        self.last.set(number);
        self.running.borrow_mut().insert(number, download.clone());
        let tell = {
            let listener = Rc::clone(listener);
            Rc::new(move |download: &Download, state: TabDownloadState| {
                let name = download.destination().map(|to| name_of(Path::new(&*to))).unwrap_or_default();
                let progress = download.estimated_progress();
                listener.report(tab, Report::Download { download: number, name, progress, state });
            })
        };
        let (running, told) = (Rc::clone(&tell), Cell::new(None));
        // The library's own notice of progress leaves out what comes quickly, and with it the last of a file that stops.
        download.connect_received_data(move |download, _| {
            let hundredths = Some((download.estimated_progress() * 100.0).floor());
            // The name is known before anything has come.
            if told.replace(hundredths) != hundredths {
                running(download, TabDownloadState::Running);
            }
        });
        let (finished, desk) = (Rc::clone(&tell), Rc::clone(self));
        download.connect_finished(move |download| {
            // One that has failed has told so and ends as well.
            if desk.ended(number) {
                finished(download, TabDownloadState::Finished);
            }
        });
        let desk = Rc::clone(self);
        download.connect_failed(move |download, error| {
            if desk.ended(number) {
                tell(download, failure_of(error));
            }
        });
    }

    /// Ends a download that nobody wants any more.
    pub(super) fn cancel(&self, number: u32) {
        let download = self.running.borrow().get(&number).cloned();
        if let Some(download) = download {
            download.cancel();
        }
    }

    /// Whether it was on its way until now.
    fn ended(&self, number: u32) -> bool {
        self.running.borrow_mut().remove(&number).is_some()
    }
}

fn failure_of(error: &glib::Error) -> TabDownloadState {
    if error.matches(DownloadError::CancelledByUser) {
        TabDownloadState::Cancelled
    } else {
        TabDownloadState::Failed
    }
}
