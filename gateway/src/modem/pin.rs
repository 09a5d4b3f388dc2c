//! PINs: a wrong one is tried once, ever. Three wrong ones lock the SIM.

use async_trait::async_trait;

/// Remembers which PINs were tried, beyond this program's life.
#[async_trait]
pub trait PinMemory: Send + Sync {
    /// Notes durably that this PIN is about to be tried in this modem. False when it was before and was not
    /// accepted, or when it cannot be noted.
    async fn may_try(&self, imei: &str, pin: &str) -> bool;

    /// The SIM took what was tried last in this modem.
    async fn accepted(&self, imei: &str);
}
