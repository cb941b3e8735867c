//! `ringfall devices`.

use anyhow::Result;
use ringfall::source::{DeviceInfo, devices};

use crate::terminal::say;
use crate::units::hertz;

/// Lists the sound devices that can be recorded from.
pub(crate) fn run() -> Result<()> {
    let devices = devices()?;
    if devices.is_empty() {
        say("There is no sound device to record from. `ringfall demo` needs none.")?;
    }
    for device in devices {
        say(line(&device))?;
    }
    Ok(())
}

/// A device on two lines: what to ask for it by, then what it is.
fn line(device: &DeviceInfo) -> String {
    let rates: Vec<String> = device.rates_hz.iter().map(|&rate| hertz(f64::from(rate))).collect();
    let rates = if rates.is_empty() { "in use by another program".to_owned() } else { rates.join(", ") };
    let channels = match device.channels {
        1 => "1 channel".to_owned(),
        count => format!("{count} channels"),
    };
    let default = if device.is_default { " (the default)" } else { "" };
    format!("{}{default}\n    {}: {channels}, {rates}", device.id, device.name)
}
