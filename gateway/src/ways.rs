//! All ways to phones: the modems and the lines to carriers.

use std::sync::Arc;

use crate::pool::PoolRoute;
use crate::route::Route;
use crate::smpp::LineRoute;

/// The ways. Cheap to clone.
#[derive(Clone)]
pub struct Ways {
    /// The modems.
    pub modems: PoolRoute,
    /// The lines.
    pub lines: Vec<LineRoute>,
}

impl Ways {
    /// For whoever gives texts to routes: where several know as much of a number, the first goes first.
    pub fn routes(&self) -> Vec<Arc<dyn Route>> {
        let mut routes: Vec<Arc<dyn Route>> = vec![Arc::new(self.modems.clone())];
        for line in &self.lines {
            routes.push(Arc::new(line.clone()));
        }
        routes
    }

    /// The names of ways that a conversation with this number may have for its own, the best first.
    pub fn healthy(&self, number: &str) -> Vec<String> {
        let best = self.lines.iter().filter_map(|line| line.matches(number)).max();
        let modems = self.modems.matches(number);
        let mut names = if modems >= best { self.modems.healthy() } else { Vec::new() };
        let is_best = |line: &&LineRoute| best.is_some() && line.matches(number) == best;
        if best >= modems {
            let healthy = self.lines.iter().filter(is_best).filter(|line| line.is_healthy());
            names.extend(healthy.map(|line| line.view().name));
        }
        names
    }
}
