//! What can be wrong with the flags for an input.

use std::io::{self, IsTerminal as _};

use ringfall::dsp::SampleKind;

use super::{Asked, Kind};
use crate::cli::network;
use crate::cli::spectrum::SpectrumArgs;
use crate::flags::{Usage, wrong};

impl Asked {
    /// Rejects flags that contradict each other or would have no effect.
    pub(crate) fn check(&self, spectrum: &SpectrumArgs) -> Result<(), Usage> {
        let (kind, name, raw) = (self.kind(), self.name(), &self.raw);
        if self.is_stdin() && io::stdin().is_terminal() {
            wrong!(
                "-: standard input is a terminal: expected samples from another program, such as \
                 rtl_sdr -f 7.1M -s 2.4M - | ringfall view - --format cu8 --rate 2.4M --centre 7.1M"
            );
        }
        if kind != Kind::Network && network::has_scheme(&self.path) {
            wrong!(
                "{name}: expected a file (./{name} is one of that name), or an address that begins with rtl_tcp://, spyserver://, zmq://, \
                 udp://, shm://, soapy:// or igtl://; view --ffmpeg \"-i {name}\" shows what ffmpeg can open"
            );
        }
        if raw.bins.is_some() {
            match self.format {
                None => wrong!("--bins: expected --format too, with the type of the levels, such as --format f32"),
                Some(format) if format.kind() == SampleKind::Complex => {
                    wrong!("--format {format}: rows (--bins) consist of real numbers: expected a format such as f32");
                }
                Some(_) => {}
            }
            if raw.centre.is_some() && raw.rate.is_none() {
                wrong!("--centre: expected --rate too, with the band in Hz that the rows of {name} cover");
            }
            spectrum.check_rows()?;
        } else if raw.row_time.is_some() {
            wrong!("--row-time: expected --bins too: it applies only to input that is already rows");
        }
        match kind {
            Kind::Pipe | Kind::Raw | Kind::Rows => {
                if let Some(format) = self.format.or(self.told().format)
                    && raw.bins.is_none()
                    && raw.rate.or(self.told().rate_hz).is_none()
                {
                    let why = if self.is_stdin() { "nothing gives" } else { "its name does not give" };
                    wrong!(
                        "{name}: {why} the sample rate of its {format} samples: expected --rate, such as --rate 2.4M"
                    );
                }
                let is_wave = self.is_stdin() && self.format.is_none();
                if let Some(rate) = raw.rate.filter(|_| is_wave) {
                    wrong!(
                        "--rate {rate}: without --format standard input is a WAV file, and its header tells the rate; \
                         expected --format too, such as --format cs16"
                    );
                }
                if let Some(channel) = self.channel.filter(|_| !is_wave) {
                    wrong!(
                        "--channel {channel}: raw samples have one channel; for interleaved I and Q expected a complex --format, such as cs16"
                    );
                }
            }
            Kind::SigMf => {}
            Kind::Scan | Kind::ScanPipe => {
                spectrum.check_rows()?;
                raw.check_no_samples(&self.path)?;
                if let Some(channel) = self.channel {
                    wrong!("--channel {channel}: the scan {name} has no channels");
                }
            }
            Kind::Network => {
                if raw.bins.is_some() {
                    wrong!("--bins: {name} sends samples: expected no --bins");
                }
                if let Some(channel) = self.channel {
                    wrong!("--channel {channel}: {name} has one channel");
                }
                if network::ring(&self.path).is_some() {
                    if self.format.is_some() || raw.rate.is_some() || raw.centre.is_some() {
                        wrong!("--format, --rate, --centre: {name} has its own, from its producer");
                    }
                    raw.network.check_file(&name)?;
                } else if network::soapy(&self.path).is_some() {
                    raw.network.check_soapy(&name, &self.of_peer())?;
                } else {
                    raw.network.check(&name, &self.of_peer())?;
                }
            }
            Kind::Audio => {
                if let Some(rate) = raw.rate {
                    wrong!(
                        "--rate {rate}: {name} has its own rate; for raw samples expected --format too, such as cs16"
                    );
                }
            }
        }
        if kind != Kind::Network {
            raw.network.check_file(&name)?;
        }
        if kind == Kind::Rows && self.start.is_some() {
            wrong!("--start: the times of rows (--bins) are counted from the beginning");
        }
        Ok(())
    }
}
