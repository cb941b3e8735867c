//! Opens what is asked for in the window.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use ringfall::Side;
use ringfall::dsp::Average;
use ringfall::source::igtl::IgtlRows;
use ringfall::source::{Channel, RowSource, Spectra, Speed, WhenFull};

use super::array::ArrayArgs;
use super::igtl::{self, IgtlArgs};
use super::input::{self, DemoArgs, Input, SoundCardArgs};
use super::recording::Asked;
use super::window;
use crate::app::analysis::Analysis;
use crate::app::{Opened, Opener, Request};

/// Opens what is asked for, without flags: as `ringfall view FILE`, `live` and `demo` do.
pub(super) fn opener() -> Opener {
    Arc::new(|request, analysis| match request {
        Request::Demo => {
            let demo = input::demo(&DemoArgs { seed: None }, Speed::Real, None)?;
            rows(Input::samples(demo), analysis, WhenFull::Drop)
        }
        Request::SoundCard(device) => {
            let args = SoundCardArgs { device: device.clone(), channel: Channel::Mix, rate: None };
            rows(Input::samples(input::sound_card(&args)?), analysis, WhenFull::Drop)
        }
        Request::File(path) => file(path, analysis),
    })
}

fn file(path: &Path, analysis: &Analysis) -> Result<Opened> {
    if let Some(address) = igtl::address(path)? {
        let options = IgtlArgs { shown: None, device_name: None }.options(address, None);
        let (source, late) = igtl::rows_or_frames(IgtlRows::open(&options)?, None, true);
        return Ok(Opened { source, when_full: WhenFull::Drop, newest: None, late: Some(late) });
    }
    let array = ArrayArgs::default();
    if array.is_array(path) {
        let opened = rows(window::array_rows(&array, path, (None, None))?, analysis, WhenFull::Wait)?;
        return Ok(Opened { newest: Some(Side::Bottom), ..opened });
    }
    let asked = Asked::of_file(path);
    let live = asked.may_be_live();
    let when_full = if live { WhenFull::Drop } else { WhenFull::Wait };
    let whole = !live && !matches!(analysis.average, Some(Average::Exponential(_)));
    rows(window::whole_or_played(&asked, analysis, whole, (Speed::Real, live))?, analysis, when_full)
}

pub(super) fn rows(input: Input, analysis: &Analysis, when_full: WhenFull) -> Result<Opened> {
    let source: Box<dyn RowSource> = match input {
        Input::Rows(rows) => rows,
        Input::Samples(source) => {
            let settings = analysis.settings(source.info())?;
            Box::new(Spectra::new(source, &settings)?)
        }
    };
    Ok(Opened { source, when_full, newest: None, late: None })
}
