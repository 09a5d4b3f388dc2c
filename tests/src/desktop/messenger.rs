//! What a person does with the messenger, in the words of the messenger: the one place that knows the names
//! of the page's parts.

mod conversation;
mod settings;
mod sign_in;
mod systems;
mod tree;

use std::time::{Duration, Instant};

pub use self::conversation::ShownMessage;
use super::window::{PATIENCE, Window};

/// Selector of a part of the page.
pub(super) fn part(name: &str) -> String {
    format!("[data-testid=\"{name}\"]")
}

impl Window {
    /// Waits until a question is answered with yes.
    ///
    /// # Errors
    /// It never is, or it cannot be asked.
    pub async fn until<Answer>(&self, wish: &str, question: impl Fn() -> Answer) -> anyhow::Result<()>
    where
        Answer: Future<Output = anyhow::Result<bool>>,
    {
        let deadline = Instant::now() + PATIENCE;
        while !question().await? {
            anyhow::ensure!(Instant::now() < deadline, "never came true: {wish}");
            tokio::time::sleep(Duration::from_millis(80)).await;
        }
        Ok(())
    }
}
