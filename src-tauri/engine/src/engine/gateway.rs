//! The gateway to phones, for its administrators.

use super::Engine;
use crate::error::EngineError;
use crate::model::GatewayStatus;

impl Engine {
    /// How the gateway is.
    ///
    /// # Errors
    /// `NotSignedIn`, `Forbidden` for all but its administrators, `GatewayAway`, or what became of the line.
    pub async fn gateway_status(&self) -> Result<GatewayStatus, EngineError> {
        self.session()?.gateway_status().await
    }
}
