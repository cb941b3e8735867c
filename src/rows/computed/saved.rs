//! Finished blocks in a file, so that a recording is not computed again each time it is opened.
//!
//! | field | bytes |
//! |---|---|
//! | `ringfall` | 8 |
//! | version of this format | 4 |
//! | length of the identity, and the identity | 8, … |
//! | bytes of a value (1 for a channel of a colour, else 2 or 4), the level of the blocks, their number | 4, 4, 8 |
//! | each block: values (bins, or four channels a bin), NaN counts (0 or as many), rows, rows without NaN, scale, | 4, 4, 8, 4, 4 |
//! | … maxima, minima, sums, NaN counts | … |
//! | CRC-32 of everything before it | 4 |
//!
//! All numbers begin with the least significant byte. The identity is text: what was computed how, and the size and the
//! modification time of the files that it was computed from. Whatever is not as expected makes the file useless, and it is computed
//! anew.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read as _, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::state::Shared;
use super::store::Kept;
use super::work;
use crate::rows::block::Block;
use crate::rows::cells::Precision;
use crate::unit::Unit;
use crate::view::Reduce;

const MAGIC: &[u8; 8] = b"ringfall";
const VERSION: u32 = 1;

/// Where [`Computed`](super::Computed) keeps what it has computed, and of what that is valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    path: PathBuf,
    sources: Vec<PathBuf>,
    how: String,
}

impl Saved {
    /// A file at `path` for what is computed from the files `sources`. `how` tells all settings that matter.
    pub fn new(path: impl Into<PathBuf>, sources: Vec<PathBuf>, how: impl Into<String>) -> Self {
        Self { path: path.into(), sources, how: how.into() }
    }

    /// `NAME.ringfall` beside the file `NAME`.
    pub fn beside(source: &Path) -> PathBuf {
        let mut name = source.file_name().unwrap_or_default().to_owned();
        name.push(".ringfall");
        source.with_file_name(name)
    }

    /// What it is valid for, now.
    fn identity(&self) -> io::Result<String> {
        let mut identity = self.how.clone();
        for source in &self.sources {
            let data = fs::metadata(source)?;
            let time = data.modified()?;
            // Before 1970 or after it.
            let ns = time.duration_since(UNIX_EPOCH).unwrap_or_else(|error| error.duration()).as_nanos();
            identity += &format!("\n{} bytes, {ns} ns", data.len());
        }
        Ok(identity)
    }

    /// Takes over the blocks of the file, if it is valid.
    pub(super) fn load(&self, shared: &Shared) -> Loaded {
        let Ok(identity) = self.identity() else { return Loaded::default() };
        match self.read(shared, &identity) {
            Ok(blocks) => {
                log::debug!("{}: {} blocks", self.path.display(), blocks.len());
                Loaded { identity: Some(identity), complete: put(shared, blocks) }
            }
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    log::info!("{}: computed again: {error}", self.path.display());
                }
                Loaded { identity: Some(identity), complete: false }
            }
        }
    }

    fn read(&self, shared: &Shared, identity: &str) -> io::Result<Vec<Kept>> {
        let mut file = self.open()?;
        let data = file.metadata()?;
        if data.len() > shared.budget {
            return Err(wrong("it is larger than the memory for rows"));
        }
        let mut bytes = Vec::with_capacity(data.len() as usize);
        (&mut file).take(data.len()).read_to_end(&mut bytes)?;
        let layer = &shared.layers[0];
        let shape = |block: u64| {
            let rows = layer.runs.rows_of(shared.base, block).unwrap_or_default();
            let bins = layer.compute.entry(rows.start).map_or(0, |(_, bins)| bins);
            (bins, rows.end - rows.start)
        };
        parse(&bytes, identity, (shared.precision, shared.base, layer.runs.count(shared.base)), shape)
    }

    /// Reads a file of `blocks` blocks, each of so many rows and bins in half floats, and all that its blocks can give: for the targets in
    /// `fuzz/`.
    #[doc(hidden)]
    pub fn check(bytes: &[u8], identity: &str, blocks: u64, (rows, bins): (u64, u32)) -> io::Result<usize> {
        let kept = parse(bytes, identity, (Precision::F16, 1, blocks), |_| (bins, rows))?;
        let (mut above, mut out) = (Block::default(), Vec::new());
        for kept in &kept {
            above.take(&mut kept.block());
            for reduce in [Reduce::Max, Reduce::Mean, Reduce::Min] {
                kept.read(Unit::Decibel, reduce, &mut out);
                kept.read(Unit::None, reduce, &mut out);
            }
        }
        let above = Kept::new(Precision::F16, &above, rows.saturating_mul(blocks));
        above.read(Unit::Decibel, Reduce::Mean, &mut out);
        Ok(kept.len())
    }

    /// Writes all blocks to the file, unless the sources have changed since `identity`. Nothing is left of a file that could not
    /// be finished.
    pub(super) fn save(&self, shared: &Shared, identity: &str) -> io::Result<()> {
        if self.identity()? != identity {
            return Err(io::Error::other("the file has changed since it was opened"));
        }
        match self.open() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
            Ok(mut file) => {
                let mut start = [0; 8];
                if file.read_exact(&mut start).is_err() || start != *MAGIC {
                    return Err(io::Error::other("there is a file of this name that ringfall did not write"));
                }
            }
        }
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.tmp", std::process::id()));
        let temporary = self.path.with_file_name(name);
        // One that is there already is somebody else's.
        let file = File::create_new(&temporary)?;
        let written = write(shared, identity, file).and_then(|()| fs::rename(&temporary, &self.path));
        if written.is_err() {
            // The first error is the one to report.
            let _ = fs::remove_file(&temporary);
        }
        written
    }

    /// Opens the file. A pipe of its name would wait for a writer, and a device need not end.
    fn open(&self) -> io::Result<File> {
        if !fs::metadata(&self.path)?.is_file() {
            return Err(wrong("it is not a regular file"));
        }
        File::open(&self.path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// What came of a file of saved blocks.
#[derive(Default)]
pub(super) struct Loaded {
    /// What the files were when they were opened; none if that cannot be told.
    pub(super) identity: Option<String>,
    /// All blocks are there.
    pub(super) complete: bool,
}

fn wrong(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// The blocks of a file, if they are those of this identity, precision, level and number, and have the bins and rows that `shape` tells.
fn parse(
    bytes: &[u8],
    identity: &str,
    (precision, base, count): (Precision, u32, u64),
    shape: impl Fn(u64) -> (u32, u64),
) -> io::Result<Vec<Kept>> {
    let (body, sum) = bytes.split_last_chunk::<4>().ok_or_else(|| wrong("it is cut short"))?;
    let body_bytes = body;
    let mut body = Body(body);
    if body.bytes(8)? != MAGIC || body.u32()? != VERSION {
        return Err(wrong("another format"));
    }
    let length = usize::try_from(body.u64()?).map_err(|_| wrong("its identity has no end"))?;
    if body.bytes(length)? != identity.as_bytes() {
        return Err(wrong("it belongs to another file or other settings"));
    }
    if crc32fast::hash(body_bytes) != u32::from_le_bytes(*sum) {
        return Err(wrong("it is damaged: its checksum is another"));
    }
    if (body.u32()?, body.u32()?, body.u64()?) != (precision.bytes() as u32, base, count) {
        return Err(wrong("it was computed for another budget"));
    }
    let lanes = precision.lanes() as u32;
    let mut blocks = Vec::new();
    for block in 0..count {
        let (bins, rows_of_block) = shape(block);
        let (got_bins, more, weight) = (body.u32()?, body.u32()?, body.u64()?);
        let others = || wrong("its blocks are others");
        let bins = bins.checked_mul(lanes).ok_or_else(others)?;
        if got_bins != bins || (more != 0 && more != bins) || weight != rows_of_block {
            return Err(others());
        }
        let (rows, scale) = (f32::from_bits(body.u32()?), f32::from_bits(body.u32()?));
        let [max, min] = [body.values(bins, precision)?, body.values(bins, precision)?];
        let [sum, more] = [body.values(bins, Precision::F32)?, body.values(more, Precision::F32)?];
        blocks.push(Kept::of_values(precision, &max, &min, &sum, &more, (scale, rows, weight)));
    }
    if body.0.is_empty() { Ok(blocks) } else { Err(wrong("it is longer than its blocks")) }
}

/// Adds blocks, and makes those above them.
fn put(shared: &Shared, blocks: Vec<Kept>) -> bool {
    let runs = &shared.layers[0].runs;
    for (block, kept) in (0..).zip(blocks) {
        if shared.is_stopped() {
            return false;
        }
        shared.put_kept(&mut shared.lock(), shared.base, block, kept);
        let first = runs.rows_of(shared.base, block).map_or(0, |rows| rows.start);
        work::parents(shared, shared.base, first);
    }
    shared.announce(shared.lock(), true);
    true
}

fn write(shared: &Shared, identity: &str, file: File) -> io::Result<()> {
    let mut out = Summed { out: BufWriter::with_capacity(1 << 18, file), sum: crc32fast::Hasher::new() };
    let count = shared.layers[0].runs.count(shared.base);
    out.write_all(MAGIC)?;
    out.write_all(&VERSION.to_le_bytes())?;
    out.write_all(&(identity.len() as u64).to_le_bytes())?;
    out.write_all(identity.as_bytes())?;
    out.write_all(&(shared.precision.bytes() as u32).to_le_bytes())?;
    out.write_all(&shared.base.to_le_bytes())?;
    out.write_all(&count.to_le_bytes())?;
    let mut bytes = Vec::new();
    for block in 0..count {
        if shared.is_stopped() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let kept = shared.lock().kept.get(shared.base, block).cloned();
        let kept = kept.ok_or_else(|| io::Error::other("a block is missing"))?;
        bytes.clear();
        kept.write(&mut bytes);
        out.write_all(&bytes)?;
    }
    let Summed { mut out, sum } = out;
    out.write_all(&sum.finalize().to_le_bytes())?;
    out.flush()
}

/// Sums what is written.
struct Summed {
    out: BufWriter<File>,
    sum: crc32fast::Hasher,
}

impl Write for Summed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.sum.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// What is still to be read.
struct Body<'a>(&'a [u8]);

impl<'a> Body<'a> {
    fn bytes(&mut self, count: usize) -> io::Result<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count).ok_or_else(|| wrong("it is cut short"))?;
        self.0 = rest;
        Ok(bytes)
    }

    fn u32(&mut self) -> io::Result<u32> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or_else(|| wrong("it is cut short"))?;
        self.0 = rest;
        Ok(u32::from_le_bytes(*bytes))
    }

    fn u64(&mut self) -> io::Result<u64> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or_else(|| wrong("it is cut short"))?;
        self.0 = rest;
        Ok(u64::from_le_bytes(*bytes))
    }

    fn values(&mut self, count: u32, precision: Precision) -> io::Result<Vec<f32>> {
        let bytes =
            self.bytes((count as usize).checked_mul(precision.bytes()).ok_or_else(|| wrong("it is cut short"))?)?;
        Ok(match precision {
            Precision::F16 => bytes.as_chunks().0.iter().map(|two| half::f16::from_le_bytes(*two).to_f32()).collect(),
            Precision::F32 => bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect(),
            Precision::Rgba8 => bytes.iter().map(|byte| f32::from(*byte)).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_width_that_no_memory_has_is_refused() {
        let mut bytes = [&MAGIC[..], &VERSION.to_le_bytes(), &0_u64.to_le_bytes()].concat();
        for number in [Precision::Rgba8.bytes() as u32, 1, 1, 0, u32::MAX, u32::MAX, 5, 0, 0, 0] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        for bins in [u32::MAX, 1 << 30, u32::MAX / 4] {
            let kept = parse(&bytes, "", (Precision::Rgba8, 1, 1), |_| (bins, 5));
            assert_eq!(kept.err().map(|error| error.to_string()), Some("its blocks are others".to_owned()), "{bins}");
        }
    }
}
