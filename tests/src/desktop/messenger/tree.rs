//! The tree of the organisation, and searching in it.

use anyhow::Context;
use serde_json::json;

use super::part;
use crate::desktop::window::Window;

impl Window {
    /// Shows the organisation with every department open.
    ///
    /// # Errors
    /// There is no tree.
    pub async fn open_the_whole_tree(&self) -> anyhow::Result<()> {
        self.click(&part("rail-organization")).await?;
        self.click(&part("expand-all")).await?;
        self.find(&part("person-row")).await.map(|_| ())
    }

    /// The rows of the tree from the top, as far as they are drawn: names of departments and people.
    ///
    /// # Errors
    /// There is no tree.
    pub async fn tree(&self) -> anyhow::Result<Vec<String>> {
        let script =
            "return Array.from(document.querySelectorAll('[role=treeitem] .name'), e => e.innerText.trim())";
        serde_json::from_value(self.run(script, Vec::new()).await?).context("the tree")
    }

    /// Scrolls the tree until a person is on the screen; answers with the selector of the row.
    ///
    /// # Errors
    /// The person is not in the tree.
    pub async fn find_in_tree(&self, person: &str) -> anyhow::Result<String> {
        let row = format!("{}[data-person=\"{person}\"]", part("person-row"));
        let script = "const tree = document.querySelector('[data-testid=organization-tree] > *');\
                      const row = document.querySelector(arguments[0]);\
                      if (row) { row.scrollIntoView({block: 'center'}); return true; }\
                      const ended = tree.scrollTop + tree.clientHeight >= tree.scrollHeight - 1;\
                      tree.scrollTop = ended ? 0 : tree.scrollTop + tree.clientHeight * 0.8;\
                      return false";
        self.until("the person is in the tree", || async {
            Ok(self.run(script, vec![json!(row)]).await? == json!(true))
        })
        .await?;
        Ok(row)
    }

    /// Double-clicks a person in the tree.
    ///
    /// # Errors
    /// The person is not in the tree.
    pub async fn double_click_in_tree(&self, person: &str) -> anyhow::Result<()> {
        let row = self.find_in_tree(person).await?;
        // Once more after the list has settled: a row may be drawn anew while it scrolls.
        self.find_in_tree(person).await?;
        self.double_click(&row).await?;
        self.find(&part("conversation")).await.map(|_| ())
    }

    /// How a person's dot in the tree looks: `online`, `offline` and so on.
    ///
    /// # Errors
    /// It never looks as expected.
    pub async fn sees_in_tree(&self, person: &str, availability: &str) -> anyhow::Result<()> {
        let row = self.find_in_tree(person).await?;
        self.find(&format!("{row}[data-availability=\"{availability}\"]")).await.map(|_| ())
    }

    /// Searches people; returns when there are hits.
    ///
    /// # Errors
    /// There are none.
    pub async fn search(&self, words: &str) -> anyhow::Result<Vec<String>> {
        self.fill(&part("search-field"), words).await?;
        self.wait_for_texts(&part("search-hit"), |hits| !hits.is_empty()).await
    }

    /// Empties the search field.
    ///
    /// # Errors
    /// There is none.
    pub async fn leave_search(&self) -> anyhow::Result<()> {
        self.fill(&part("search-field"), "").await
    }
}
