//! `ringfall devices`.

use anyhow::Result;

/// Lists the sound devices; fails where there is none.
pub(crate) fn run() -> Result<()> {
    for device in ringfall::source::devices()? {
        println!("{device:?}");
    }
    Ok(())
}
