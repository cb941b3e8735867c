//! The system's sound device, for playing.

use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{
    BufferSize, Device, ErrorKind, FromSample, I24, OutputCallbackInfo, SampleFormat, SizedSample, StreamConfig,
    SupportedStreamConfigRange, U24,
};

use super::outlet::Outlet;
use crate::source::SourceError;
use crate::source::sound_card::{preference, quieten};

/// Something that plays: the seam at which the tests put their own device. It may hang in any of its calls.
pub(super) trait Output: Send + Sync {
    /// Plays until `stop` has no other end, or until the device goes away. `open` is called once, with the device's rate in
    /// Hz, which is `rate_hz` if the device has it.
    fn play(&self, rate_hz: f64, open: &mut dyn FnMut(u32) -> Outlet, stop: &Receiver<()>) -> Result<(), SourceError>;
}

/// The system's default.
pub(super) struct DefaultDevice;

impl Output for DefaultDevice {
    fn play(&self, rate_hz: f64, open: &mut dyn FnMut(u32) -> Outlet, stop: &Receiver<()>) -> Result<(), SourceError> {
        quieten();
        let device = cpal::default_host().default_output_device();
        let device = device.ok_or_else(|| error("none was found"))?;
        let offers: Vec<_> = device.supported_output_configs().map_err(error)?.collect();
        let default_hz = device.default_output_config().ok().map(|config| config.sample_rate());
        let (channels, device_hz, format) = choose(&offers, rate_hz, default_hz)
            .ok_or_else(|| error("expected 8 to 32-bit or floating-point samples, which it does not play"))?;
        let config = StreamConfig { channels, sample_rate: device_hz, buffer_size: BufferSize::Default };
        let outlet = open(device_hz);
        let stream = match format {
            SampleFormat::F32 => stream::<f32>(&device, config, outlet),
            SampleFormat::F64 => stream::<f64>(&device, config, outlet),
            SampleFormat::I8 => stream::<i8>(&device, config, outlet),
            SampleFormat::I16 => stream::<i16>(&device, config, outlet),
            SampleFormat::I24 => stream::<I24>(&device, config, outlet),
            SampleFormat::I32 => stream::<i32>(&device, config, outlet),
            SampleFormat::U8 => stream::<u8>(&device, config, outlet),
            SampleFormat::U16 => stream::<u16>(&device, config, outlet),
            SampleFormat::U24 => stream::<U24>(&device, config, outlet),
            _ => stream::<u32>(&device, config, outlet),
        };
        let stream = stream.map_err(error)?;
        // Until there is no other end.
        while stop.recv().is_ok() {}
        drop(stream);
        Ok(())
    }
}

fn error(reason: impl ToString) -> SourceError {
    SourceError::Device { device: super::DEVICE.to_owned(), reason: reason.to_string() }
}

/// Starts to play what is in the queue.
fn stream<T>(device: &Device, config: StreamConfig, mut outlet: Outlet) -> Result<cpal::Stream, cpal::Error>
where
    T: SizedSample + FromSample<f32>,
{
    let heard = outlet.heard();
    let channels = usize::from(config.channels);
    let stream = device.build_output_stream(
        config,
        move |out: &mut [T], info: &OutputCallbackInfo| {
            let times = info.timestamp();
            outlet.fill(out, channels, times.playback.duration_since(times.callback));
        },
        move |error| {
            // After an underrun the stream goes on.
            if let ErrorKind::DeviceNotAvailable | ErrorKind::StreamInvalidated | ErrorKind::HostUnavailable =
                error.kind()
            {
                heard.gone.store(true, Ordering::Release);
            }
        },
        None,
    )?;
    stream.play()?;
    Ok(stream)
}

/// Channels, rate and format to play with: at the rate of the samples if that is possible, else at the device's own.
fn choose(
    offers: &[SupportedStreamConfigRange],
    rate_hz: f64,
    default_hz: Option<u32>,
) -> Option<(u16, u32, SampleFormat)> {
    let wanted = (rate_hz.fract() == 0.0).then_some(rate_hz as u32);
    let rates = [wanted, default_hz, Some(48_000), Some(44_100)];
    let rate = |offer: &SupportedStreamConfigRange| {
        let known = rates.iter().enumerate().filter_map(|(order, rate)| Some((order, (*rate)?)));
        let mut fits = known.filter(|&(_, rate)| offer.contains_rate(rate));
        fits.next().unwrap_or((rates.len(), offer.max_sample_rate()))
    };
    offers
        .iter()
        .filter(|offer| offer.channels() > 0)
        .filter_map(|offer| Some((offer, rate(offer), preference(offer.sample_format())?)))
        // Two channels is what most devices have; then as few as will do.
        .min_by_key(|&(offer, (order, _), format)| (order, offer.channels() != 2, offer.channels(), format))
        .map(|(offer, (_, rate), _)| (offer.channels(), rate, offer.sample_format()))
}

#[cfg(test)]
mod tests {
    use cpal::SupportedBufferSize::Unknown;

    use super::*;

    fn offer(channels: u16, rates: (u32, u32), format: SampleFormat) -> SupportedStreamConfigRange {
        SupportedStreamConfigRange::new(channels, rates.0, rates.1, Unknown, format)
    }

    #[test]
    fn plays_at_the_rate_of_the_samples_if_it_can() {
        use SampleFormat::{DsdU8, F32, I16};
        let offers = [
            offer(1, (44_100, 48_000), I16),
            offer(2, (44_100, 48_000), I16),
            offer(2, (44_100, 48_000), F32),
            offer(6, (96_000, 192_000), F32),
        ];
        assert_eq!(choose(&offers, 44_100.0, Some(48_000)), Some((2, 44_100, F32)));
        assert_eq!(choose(&offers, 96_000.0, Some(48_000)), Some((6, 96_000, F32)));
        assert_eq!(choose(&offers, 8000.0, Some(48_000)), Some((2, 48_000, F32)));
        assert_eq!(choose(&offers, 44_100.5, Some(44_100)), Some((2, 44_100, F32)));
        assert_eq!(choose(&offers, 8000.0, None), Some((2, 48_000, F32)));
        assert_eq!(choose(&offers[..1], 8000.0, None), Some((1, 48_000, I16)));
        assert_eq!(choose(&[offer(2, (16_000, 16_000), I16)], 8000.0, None), Some((2, 16_000, I16)));
        assert_eq!(choose(&[offer(2, (8000, 8000), DsdU8), offer(0, (8000, 8000), I16)], 8000.0, None), None);
        assert_eq!(choose(&[], 8000.0, None), None);
    }
}
