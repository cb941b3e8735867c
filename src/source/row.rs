//! Sources of finished rows.

use std::sync::Arc;

use super::frames::LiveFrames;
use super::samples::Samples;
use super::{Clock, Control, Read, SourceError, SourceInfo};
use crate::dsp::{SampleKind, Settings};
use crate::rows::{Compute, Frames};
use crate::stamp::Stamp;
use crate::unit::Unit;

/// Properties of a source's rows. They hold until the source returns [`Read::Changed`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RowInfo {
    /// The source. Its rate, kind and centre frequency tell the band of frequencies that there is to see.
    pub source: SourceInfo,
    /// Bins of a row, as a rule: rows of other lengths may come, and their stamps say where they lie.
    pub bins: usize,
    /// Frequency of the centre of the first bin, in Hz.
    pub first_hz: f64,
    /// Distance between two bins, in Hz.
    pub bin_hz: f64,
    /// Noise bandwidth of a bin, in Hz.
    pub rbw_hz: f64,
    /// Time from one row to the next, in nanoseconds.
    pub row_duration_ns: f64,
    /// The unit of the values.
    pub unit: Unit,
    /// How the rows are made of samples. `None`: they come ready.
    pub settings: Option<Settings>,
}

impl RowInfo {
    /// Rows of `bins` values whose first bin has its centre at `first_hz`, and that come every `row_duration_ns`
    /// nanoseconds. The noise bandwidth is taken to be `bin_hz`, the unit dB.
    ///
    /// # Errors
    /// [`SourceError::Row`] unless there is at least one bin, the frequencies are finite, `bin_hz` is above 0, and a row
    /// lasts at least a nanosecond and less than 2⁶³ of them.
    pub fn new(
        name: impl Into<String>,
        clock: Clock,
        bins: usize,
        (first_hz, bin_hz): (f64, f64),
        row_duration_ns: f64,
    ) -> Result<Self, SourceError> {
        let width_hz = bins as f64 * bin_hz;
        let centre_hz = first_hz + 0.5 * (width_hz - bin_hz);
        let source = SourceInfo::new(name, width_hz, SampleKind::Complex).with_centre_hz(centre_hz).with_clock(clock);
        let info = Self {
            source,
            bins,
            first_hz,
            bin_hz,
            rbw_hz: bin_hz,
            row_duration_ns,
            unit: Unit::Decibel,
            settings: None,
        };
        info.check()?;
        Ok(info)
    }

    /// The same rows in another unit.
    #[must_use]
    pub fn with_unit(mut self, unit: Unit) -> Self {
        self.unit = unit;
        self
    }

    /// Fails on an invalid field.
    pub(super) fn check(&self) -> Result<(), SourceError> {
        let wrong = |field, expected, got: f64| {
            Err(SourceError::Row { name: self.source.name.clone(), field, expected, got: got.to_string() })
        };
        if self.bins == 0 {
            return wrong("bins", "at least 1", 0.0);
        }
        if !(self.bin_hz > 0.0 && self.bin_hz.is_finite()) {
            return wrong("bin_hz", "a finite number of Hz above 0", self.bin_hz);
        }
        if !self.first_hz.is_finite() {
            return wrong("first_hz", "a finite number of Hz", self.first_hz);
        }
        if !(self.row_duration_ns >= 1.0 && self.row_duration_ns < 2_f64.powi(63)) {
            return wrong("row_duration_ns", "at least 1 ns and less than 2^63 ns", self.row_duration_ns);
        }
        Ok(())
    }
}

/// Something that delivers finished rows. See the module's text for what may block, and for times and gaps.
pub trait RowSource: Send {
    /// Properties of the rows until [`RowSource::read`] returns [`Read::Changed`].
    fn info(&self) -> &RowInfo;

    /// Calls `row` with the next rows and their stamps, as many as are there, and returns within about 100 ms.
    /// [`Read::Samples`] means that something came, even if it was not yet a whole row.
    ///
    /// # Errors
    /// An error that ends the source.
    fn read(&mut self, row: &mut dyn FnMut(Stamp, &[f32])) -> Result<Read, SourceError>;

    /// Reads and discards input, for a live source that is paused.
    ///
    /// # Errors
    /// An error that ends the source.
    fn discard(&mut self) -> Result<Read, SourceError> {
        self.read(&mut |_, _| {})
    }

    /// The same rows in any order, for [`Computed`](crate::Computed), if they are recorded and can be had so. Whoever takes them
    /// gets no rows from [`read`](Self::read).
    fn compute(&mut self) -> Option<Arc<dyn Compute>> {
        None
    }

    /// The frames of which [`compute`](Self::compute) gives the first, if there are several.
    fn frames(&mut self) -> Option<Arc<dyn Frames>> {
        None
    }

    /// The frames of a live source, if it has frames and no rows. It adds to them whenever it is [read](Self::read).
    fn live_frames(&mut self) -> Option<Arc<LiveFrames>> {
        None
    }

    /// The samples that the rows are computed from, if those are recorded and can be had in any order.
    fn samples(&self) -> Option<Arc<dyn Samples>> {
        None
    }

    /// How many samples (per channel), or rows, have been lost because they were not fetched in time.
    fn overruns(&self) -> u64 {
        0
    }

    /// How often samples or rows have been missing, for any reason.
    fn gaps(&self) -> u64 {
        0
    }

    /// What was wrong with the input although it could be read.
    fn warning(&self) -> Option<Arc<SourceError>> {
        None
    }

    /// Sets a control. It takes effect with a [`Read::Changed`] of a later read.
    ///
    /// # Errors
    /// [`SourceError::NoControl`] if the source has no such control, and the errors of the device.
    fn control(&mut self, control: Control) -> Result<(), SourceError> {
        Err(SourceError::NoControl { name: self.info().source.name.clone(), control: control.name() })
    }

    /// Makes rows with other settings from now on: a [`Read::Changed`] of a later read says when.
    ///
    /// # Errors
    /// [`SourceError::NoControl`] if the rows are not made here, and [`SourceError::Settings`] if the settings do not fit the
    /// source. The settings then stay as they were.
    fn set_settings(&mut self, settings: &Settings) -> Result<(), SourceError> {
        let _ = settings;
        Err(SourceError::NoControl { name: self.info().source.name.clone(), control: "analysis" })
    }
}
