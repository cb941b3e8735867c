//! TIFF files of grey pixels, whose cells are numbers of any type, and which may be stacks of pages.

use std::io::{BufRead, Seek};

use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::{ColorType, TiffError};

use super::super::dtype::Dtype;

/// How a TIFF file begins: both orders of bytes, and BigTIFF.
pub(super) const MAGIC: [&[u8]; 4] = [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"];

/// Pages of one size, one after the other.
pub(super) struct Pages {
    pub(super) dtype: Dtype,
    pub(super) count: u64,
    pub(super) height: u32,
    pub(super) width: u32,
    pub(super) bytes: Vec<u8>,
}

/// Reads the pages of a TIFF file of grey pixels, if it is one; otherwise the reader is at its beginning again. If the pages differ,
/// only the first is taken. They may have `most` bytes.
pub(super) fn pages(read: &mut (impl BufRead + Seek), most: u64) -> Result<Option<Pages>, TiffError> {
    let is_tiff = MAGIC.iter().any(|magic| read.fill_buf().is_ok_and(|start| start.starts_with(magic)));
    if !is_tiff {
        return Ok(None);
    }
    match grey(&mut *read, most) {
        Ok(Some(decoder)) => return all(decoder, most).map(Some),
        Err(TiffError::IoError(error)) if error.raw_os_error().is_some() => return Err(error.into()),
        // Whatever is wrong, the decoder of other images finds it too, and has the words for it.
        Ok(None) | Err(_) => {}
    }
    read.rewind()?;
    Ok(None)
}

/// A decoder at the first page, if that has grey pixels.
fn grey<R: BufRead + Seek>(read: R, most: u64) -> Result<Option<Decoder<R>>, TiffError> {
    let mut limits = Limits::default();
    limits.decoding_buffer_size = usize::try_from(most).unwrap_or(usize::MAX);
    let mut decoder = Decoder::new(read)?.with_limits(limits);
    let is_grey = matches!(decoder.colortype()?, ColorType::Gray(8 | 16 | 32 | 64));
    Ok(is_grey.then_some(decoder))
}

fn all<R: BufRead + Seek>(mut decoder: Decoder<R>, most: u64) -> Result<Pages, TiffError> {
    let (width, height) = decoder.dimensions()?;
    let mut first = decoder.read_image()?;
    let (dtype, mut bytes) = (dtype(&first), first.as_buffer(0).as_bytes().to_vec());
    drop(first);
    let (page, mut count) = (bytes.len(), 1);
    while decoder.more_images() {
        decoder.next_image()?;
        let is_grey = matches!(decoder.colortype(), Ok(ColorType::Gray(8 | 16 | 32 | 64)));
        if !is_grey || decoder.dimensions()? != (width, height) {
            count = 1;
            break;
        }
        if (bytes.len() + page) as u64 > most {
            return Err(TiffError::LimitsExceeded);
        }
        let mut next = decoder.read_image()?;
        if self::dtype(&next) != dtype {
            count = 1;
            break;
        }
        bytes.extend_from_slice(next.as_buffer(0).as_bytes());
        count += 1;
    }
    bytes.truncate(count as usize * page);
    Ok(Pages { dtype, count, height, width, bytes })
}

/// The type of decoded cells, which are in the machine's order of bytes.
fn dtype(cells: &DecodingResult) -> Dtype {
    Dtype::native(match cells {
        DecodingResult::U8(_) => "u1",
        DecodingResult::U16(_) => "u2",
        DecodingResult::U32(_) => "u4",
        DecodingResult::U64(_) => "u8",
        DecodingResult::F16(_) => "f2",
        DecodingResult::F32(_) => "f4",
        DecodingResult::F64(_) => "f8",
        DecodingResult::I8(_) => "i1",
        DecodingResult::I16(_) => "i2",
        DecodingResult::I32(_) => "i4",
        DecodingResult::I64(_) => "i8",
    })
}
