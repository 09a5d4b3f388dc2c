//! PINs: a wrong one is tried once, ever. Three wrong ones lock the SIM.

use async_trait::async_trait;

/// Remembers which PINs were tried, beyond this program's life.
#[async_trait]
pub trait PinMemory: Send + Sync {
    /// Notes durably that this PIN is about to be tried with this card (its number, or its modem's when it does not
    /// tell). False when it was before and was not accepted, or when it cannot be noted.
    async fn may_try(&self, card: &str, pin: &str) -> bool;

    /// The card took what was tried last.
    async fn accepted(&self, card: &str);
}
