//! The face of the connection test; its steps move in here.

use crate::connection::{Environment, Target};
use crate::model::ConnectionTestStep;
pub(crate) async fn run(
    _target: Target,
    _environment: &std::sync::Arc<Environment>,
    _tell: impl FnMut(ConnectionTestStep) + Send,
) {
}
