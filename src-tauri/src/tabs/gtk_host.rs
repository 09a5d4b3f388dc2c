//! Pages over the window's own page on GTK: an overlay whose upper child lies where the window has left room.

use std::cell::Cell;
use std::rc::Rc;

use gtk::prelude::*;
use posthouse_engine::model::TabPlace;
use tauri::{AppHandle, Manager, Wry};

use super::host::{Listener, Memory, Page, TabHost, Visit};
use crate::window;

mod certificate;
mod downloads;
mod memory;
mod page;
mod search;

use downloads::Downloads;
use memory::Processes;
use page::GtkPage;

/// The overlay, and the pile of pages on it.
struct GtkHost {
    overlay: gtk::Overlay,
    stack: gtk::Stack,
    place: Rc<Cell<gtk::gdk::Rectangle>>,
    processes: Rc<Processes>,
    downloads: Rc<Downloads>,
}

/// Takes the window's page out of the window and puts it back below an overlay.
pub(super) fn open(app: &AppHandle<Wry>) -> Result<Box<dyn TabHost>, String> {
    let window = app.get_webview_window(window::LABEL).ok_or("there is no window")?;
    let content = window.default_vbox().map_err(|error| error.to_string())?;
    let own = content.children().into_iter().next_back().ok_or("the window is empty")?;
    let overlay = gtk::Overlay::new();
    let stack = gtk::Stack::new();
    let place = Rc::new(Cell::new(gtk::gdk::Rectangle::new(0, 0, 1, 1)));
    content.remove(&own);
    overlay.add(&own);
    overlay.add_overlay(&stack);
    let (pile, wanted) = (stack.clone(), Rc::clone(&place));
    overlay.connect_get_child_position(move |_, child| {
        (child == pile.upcast_ref::<gtk::Widget>()).then(|| wanted.get())
    });
    content.pack_start(&overlay, true, true, 0);
    overlay.show();
    own.show();
    stack.hide();
    let (processes, downloads) = (Rc::new(Processes::of_window()), Rc::default());
    Ok(Box::new(GtkHost { overlay, stack, place, processes, downloads }))
}

impl TabHost for GtkHost {
    fn make(&self, visit: &Visit, listener: Rc<dyn Listener>) -> Result<Box<dyn Page>, String> {
        let page = GtkPage::new(self, visit, listener)?;
        Ok(Box::new(page))
    }

    #[allow(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "there is no other way from a number with a fraction; it saturates"
    )]
    fn place(&self, place: TabPlace) {
        let whole = |value: f64| value.round().clamp(0.0, 32_000.0) as i32;
        let TabPlace { x, y, width, height } = place;
        let (width, height) = (whole(width).max(1), whole(height).max(1));
        self.place.set(gtk::gdk::Rectangle::new(whole(x), whole(y), width, height));
        self.overlay.queue_resize();
    }

    fn hide(&self) {
        self.stack.hide();
    }

    fn memory(&self) -> Memory {
        self.processes.measure()
    }

    fn cancel_download(&self, download: u32) {
        self.downloads.cancel(download);
    }
}
