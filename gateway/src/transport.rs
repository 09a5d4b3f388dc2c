//! Where modems are plugged in: serial and USB ports, and terminal servers over TCP.

mod ports;
mod serial;
mod tcp;

use std::io;

use tokio::io::{AsyncRead, AsyncWrite};

pub use ports::{FoundPort, UsbDevice, ports};

/// An open line to a modem.
pub trait Port: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Port for T {}

/// Where a modem is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PortAddress {
    /// A serial or USB port: `/dev/ttyUSB2`, `COM7`.
    Serial {
        /// Its name.
        path: String,
        /// Bits a second; USB modems do not care.
        baud: u32,
    },
    /// A terminal server: `tcp://host:port`.
    Tcp {
        /// Host and port.
        address: String,
    },
    /// Wherever the modem with this number is: `imei:867012030405060`.
    Imei {
        /// The number.
        imei: String,
        /// Bits a second.
        baud: u32,
    },
}

impl PortAddress {
    /// Reads `tcp://host:port`, `imei:number` or the name of a port.
    pub fn parse(text: &str, baud: u32) -> Self {
        if let Some(imei) = text.strip_prefix("imei:") {
            return Self::Imei { imei: imei.to_owned(), baud };
        }
        match text.strip_prefix("tcp://") {
            Some(address) => Self::Tcp { address: address.to_owned() },
            None => Self::Serial { path: text.to_owned(), baud },
        }
    }

    /// Opens it for us alone.
    ///
    /// # Errors
    /// The system's: it is not there, or another program has it.
    pub async fn open(&self) -> io::Result<Box<dyn Port>> {
        match self {
            Self::Serial { path, baud } => serial::open(path, *baud),
            Self::Tcp { address } => tcp::open(address).await,
            // Whoever has one of these looks for the modem first.
            Self::Imei { .. } => Err(io::Error::from(io::ErrorKind::NotFound)),
        }
    }
}

impl std::fmt::Display for PortAddress {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Serial { path, .. } => formatter.write_str(path),
            Self::Tcp { address } => write!(formatter, "tcp://{address}"),
            Self::Imei { imei, .. } => write!(formatter, "imei:{imei}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PortAddress;

    #[test]
    fn an_address_is_shown_as_it_was_written() {
        for text in ["/dev/ttyUSB2", "COM7", "tcp://10.0.0.7:4001", "imei:867012030405060"] {
            assert_eq!(PortAddress::parse(text, 115_200).to_string(), text);
        }
    }
}
