//! Serial ports.

use std::io;

use tokio_serial::{DataBits, FlowControl, Parity, SerialPort, SerialPortBuilderExt, StopBits};

use super::Port;

/// Eight bits, no parity, one stop bit: what every modem understands.
pub(super) fn open(path: &str, baud: u32) -> io::Result<Box<dyn Port>> {
    let mut port = tokio_serial::new(path, baud)
        .data_bits(DataBits::Eight)
        .parity(Parity::None)
        .stop_bits(StopBits::One)
        .flow_control(FlowControl::None)
        .open_native_async()?;
    // Many modems say nothing before this line is up; pseudo terminals do not have it.
    if let Err(error) = port.write_data_terminal_ready(true) {
        tracing::debug!(port = path, %error, "the ready line cannot be set");
    }
    Ok(Box::new(port))
}
