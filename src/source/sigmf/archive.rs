//! SigMF archives: tar files that hold the metadata and the data of a recording. Their samples are read where they are.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::{MOST_METADATA, Part, wrong};
use crate::source::SourceError;

/// Bytes of a block of a tar file.
const BLOCK: u64 = 512;

/// Headers that are looked at, at most.
const MOST_FILES: usize = 100_000;

/// Finds the metadata and the data of the first recording.
pub(super) fn parts(path: &Path, file: &mut File) -> Result<(Part, Part), SourceError> {
    let io_error = |cause| SourceError::Io { path: path.to_owned(), cause };
    let length = file.metadata().map_err(io_error)?.len();
    // Metadata and data by the name that they share; those that are complete first.
    let mut found: Vec<(String, Option<Part>, Option<Part>)> = Vec::new();
    let mut places = HashMap::new();
    let mut at = 0;
    let mut long: Option<String> = None;
    let mut long_size = None;
    for _ in 0..MOST_FILES {
        let mut header = [0; BLOCK as usize];
        if at + BLOCK > length {
            break;
        }
        file.seek(SeekFrom::Start(at)).map_err(io_error)?;
        file.read_exact(&mut header).map_err(io_error)?;
        if header.iter().all(|&byte| byte == 0) {
            break;
        }
        if !sum_is_right(&header) {
            let got = match header {
                [0x1F, 0x8B, ..] => "one that is compressed by gzip: unpack it first".to_owned(),
                [0xFD, b'7', b'z', ..] => "one that is compressed by xz: unpack it first".to_owned(),
                [0x28, 0xB5, 0x2F, 0xFD, ..] => "one that is compressed by zstd: unpack it first".to_owned(),
                _ => "another checksum than that of the header there".to_owned(),
            };
            return Err(wrong(path, format!("byte {at}"), "a tar archive", got));
        }
        let size = long_size.take().or_else(|| number(&header[124..136]));
        let end = size.and_then(|size| at.checked_add(BLOCK)?.checked_add(size));
        let Some((size, _)) = size.zip(end.filter(|end| *end <= length)) else {
            return Err(wrong(path, format!("byte {at}"), "a file that ends within the archive", "a longer one"));
        };
        let contents = Part { offset: at + BLOCK, length: size };
        let name = long.take().unwrap_or_else(|| name(&header));
        match header[156] {
            b'0' | 0 | b'7' => {
                let (stem, is_meta) = match (name.strip_suffix(".sigmf-meta"), name.strip_suffix(".sigmf-data")) {
                    (Some(stem), _) => (Some(stem), true),
                    (_, stem) => (stem, false),
                };
                if let Some(stem) = stem {
                    let place = *places.entry(stem.to_owned()).or_insert(found.len());
                    if place == found.len() {
                        found.push((stem.to_owned(), None, None));
                    }
                    let (_, meta, data) = &mut found[place];
                    *(if is_meta { meta } else { data }) = Some(contents);
                }
            }
            // The next file's name, by GNU and by POSIX, and its size.
            b'L' => long = Some(string(&text(path, file, &contents)?)),
            b'x' => (long, long_size) = extended(&text(path, file, &contents)?),
            _ => {}
        }
        at = at.saturating_add(BLOCK).saturating_add(size.div_ceil(BLOCK).saturating_mul(BLOCK));
    }
    let (count, names) = (found.len(), first_names(&found));
    let mut whole = found.into_iter().filter_map(|(name, meta, data)| Some((name, meta?, data?)));
    let Some((name, meta, data)) = whole.next() else {
        let got = if count == 0 { "none".to_owned() } else { format!("a part of {names}") };
        return Err(wrong(path, "the archive", "a .sigmf-meta and a .sigmf-data of the same name", got));
    };
    if whole.next().is_some() {
        log::warn!("{}: it holds {count} recordings: {name} is shown", path.display());
    }
    Ok((meta, data))
}

/// The names of a few recordings, for a message.
fn first_names(found: &[(String, Option<Part>, Option<Part>)]) -> String {
    const SHOWN: usize = 5;
    let names: Vec<&str> = found.iter().take(SHOWN).map(|(name, ..)| name.as_str()).collect();
    let more = found.len().saturating_sub(SHOWN);
    if more == 0 { names.join(", ") } else { format!("{} and {more} more", names.join(", ")) }
}

/// The contents of a small file.
pub(super) fn text(path: &Path, file: &mut File, part: &Part) -> Result<Vec<u8>, SourceError> {
    let io_error = |cause| SourceError::Io { path: path.to_owned(), cause };
    if part.length > MOST_METADATA {
        let expected = format!("metadata of at most {MOST_METADATA} bytes");
        return Err(wrong(path, format!("byte {}", part.offset), expected, part.length));
    }
    file.seek(SeekFrom::Start(part.offset)).map_err(io_error)?;
    let mut text = Vec::new();
    file.take(part.length).read_to_end(&mut text).map_err(io_error)?;
    Ok(text)
}

/// The sum of all bytes, in which the field for it counts as spaces.
fn sum_is_right(header: &[u8; BLOCK as usize]) -> bool {
    let sum = header.iter().enumerate();
    let sum: u64 = sum.map(|(at, &byte)| u64::from(if (148..156).contains(&at) { b' ' } else { byte })).sum();
    number(&header[148..156]) == Some(sum)
}

/// Octal digits; or, where the first bit is set, a number of which the most significant byte comes first.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        let mut number = u64::from(field[0] & 0x7F);
        for &byte in &field[1..] {
            number = number.checked_mul(256)?.checked_add(u64::from(byte))?;
        }
        return Some(number);
    }
    let text = string(field);
    let digits = text.trim();
    if digits.is_empty() { Some(0) } else { u64::from_str_radix(digits, 8).ok() }
}

/// Text up to the first zero.
fn string(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

fn name(header: &[u8; BLOCK as usize]) -> String {
    let (name, prefix) = (string(&header[..100]), string(&header[345..500]));
    // GNU tar keeps other things there.
    let posix = &header[257..263] == b"ustar\0";
    if posix && !prefix.is_empty() { format!("{prefix}/{name}") } else { name }
}

/// Name and size out of POSIX's records, `LENGTH KEY=VALUE\n` each.
fn extended(text: &[u8]) -> (Option<String>, Option<u64>) {
    let (mut name, mut size) = (None, None);
    for record in String::from_utf8_lossy(text).lines() {
        let Some((key, value)) = record.split_once(' ').and_then(|(_, record)| record.split_once('=')) else {
            continue;
        };
        match key {
            "path" => name = Some(value.to_owned()),
            "size" => size = value.parse().ok(),
            _ => {}
        }
    }
    (name, size)
}
