//! Whether a JPEG file is whole: a walk along its markers (ITU-T T.81, annex B).

use std::io::{self, BufRead, Read as _, Seek, SeekFrom};

/// Whether a file that begins as a JPEG goes on to its end-of-image marker; `true` for other files. Leaves the reader at its
/// beginning.
pub(super) fn is_whole(read: &mut (impl BufRead + Seek)) -> io::Result<bool> {
    let mut start = [0; 2];
    let whole =
        match read.read_exact(&mut start).and_then(|()| if start == [0xff, 0xd8] { walk(read) } else { Ok(true) }) {
            Ok(whole) => whole,
            // Files of other formats may be shorter than this; their decoders say so.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => start != [0xff, 0xd8],
            Err(error) => return Err(error),
        };
    read.seek(SeekFrom::Start(0))?;
    Ok(whole)
}

/// From marker to marker. An error of the kind `UnexpectedEof` means that the file ends first.
fn walk(read: &mut impl BufRead) -> io::Result<bool> {
    loop {
        // Entropy-coded data, in which 0xff is followed by 0, and bytes that belong to nothing.
        loop {
            read.skip_until(0xff)?;
            if read.fill_buf()?.is_empty() {
                return Ok(false);
            }
            if read.fill_buf()?.first().is_some_and(|byte| !matches!(byte, 0 | 0xff)) {
                break;
            }
        }
        let mut marker = [0];
        read.read_exact(&mut marker)?;
        match marker[0] {
            0xd9 => return Ok(true),
            // Restarts and others without a segment.
            0xd0..=0xd8 | 0x01 => {}
            _ => {
                let mut length = [0; 2];
                read.read_exact(&mut length)?;
                let rest = u64::from(u16::from_be_bytes(length)).saturating_sub(2);
                if io::copy(&mut read.by_ref().take(rest), &mut io::sink())? < rest {
                    return Ok(false);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8]) -> bool {
        let mut read = io::Cursor::new(bytes);
        let whole = is_whole(&mut read).unwrap();
        assert_eq!(read.position(), 0);
        whole
    }

    #[test]
    fn markers() {
        assert!(check(b"") && check(b"x") && check(b"\x89PNG"));
        // A comment that holds the marker of an end, a scan with an escaped 0xff, a restart, fill bytes.
        let file = b"\xff\xd8\xff\xfe\x00\x05\xff\xd9!\xff\xda\x00\x02\x12\xff\x00\xff\xd3\x34\xff\xff\xd9";
        assert!(check(file));
        assert!(check(&[file, &b"more"[..]].concat()));
        for length in 2..file.len() {
            assert!(!check(&file[..length]), "{length}");
        }
    }
}
