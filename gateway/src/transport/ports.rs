//! Which ports this computer has.

use std::io;

use tokio_serial::SerialPortType;

/// The USB device a port belongs to. One modem shows several ports.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UsbDevice {
    /// Vendor.
    pub vendor: u16,
    /// Product.
    pub product: u16,
    /// Serial number, when it has one.
    pub serial_number: Option<String>,
    /// What it calls itself.
    pub name: Option<String>,
}

/// A port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundPort {
    /// Its name.
    pub path: String,
    /// The device, for USB ports.
    pub usb: Option<UsbDevice>,
}

/// All ports at which a modem may answer.
///
/// # Errors
/// The system does not tell.
pub fn ports() -> io::Result<Vec<FoundPort>> {
    let mut found: Vec<FoundPort> = tokio_serial::available_ports()?
        .into_iter()
        .filter(|port| !matches!(port.port_type, SerialPortType::BluetoothPort))
        .map(|port| FoundPort {
            path: port.port_name,
            usb: match port.port_type {
                SerialPortType::UsbPort(usb) => Some(UsbDevice {
                    vendor: usb.vid,
                    product: usb.pid,
                    serial_number: usb.serial_number,
                    name: usb.product,
                }),
                SerialPortType::PciPort | SerialPortType::BluetoothPort | SerialPortType::Unknown => None,
            },
        })
        .collect();
    found.sort_by(|one, other| (&one.usb, &one.path).cmp(&(&other.usb, &other.path)));
    Ok(found)
}
