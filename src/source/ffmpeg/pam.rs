//! PAM: pictures one after the other, each with a header in text that has its size and its type.

use std::io::{self, ErrorKind, Read};

use crate::source::frames::FrameLayout;
use crate::source::igtl::Scalar;

/// Bytes of a header at most; those of ffmpeg have some 70.
const MOST_HEADER: usize = 1024;

/// The largest side, as for the images of OpenIGTLink.
const MOST_SIDE: usize = u16::MAX as usize;

/// Bytes of a picture at most.
const MOST_BYTES: usize = 512 << 20;

fn wrong(what: String) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}

/// Reads a header. `None` at the end of the input.
///
/// # Errors
/// [`ErrorKind::InvalidData`] for anything else than a header, or one of a type or size that cannot be shown;
/// [`ErrorKind::UnexpectedEof`] within one; and the errors of the input.
pub(in crate::source) fn header(input: &mut impl Read) -> io::Result<Option<FrameLayout>> {
    let mut line = Vec::new();
    let mut left = MOST_HEADER;
    if !read_line(input, &mut line, &mut left)? {
        return Ok(None);
    }
    if line != b"P7" {
        return Err(wrong(format!("expected a picture in the format PAM, got {:?}", String::from_utf8_lossy(&line))));
    }
    let (mut width, mut height, mut depth, mut most) = (0, 0, 0, 0);
    loop {
        if !read_line(input, &mut line, &mut left)? {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let text = String::from_utf8_lossy(&line);
        let mut words = text.split_ascii_whitespace();
        let field = match words.next() {
            Some("ENDHDR") => break,
            Some("WIDTH") => &mut width,
            Some("HEIGHT") => &mut height,
            Some("DEPTH") => &mut depth,
            Some("MAXVAL") => &mut most,
            _ => continue,
        };
        let number = words.next().and_then(|word| word.parse::<usize>().ok());
        *field = number.ok_or_else(|| wrong(format!("expected a number in the header of a picture: {text:?}")))?;
    }
    let scalar = match most {
        1..=255 => Scalar::U8,
        256..=65535 => Scalar::U16,
        _ => return Err(wrong(format!("MAXVAL of a picture: expected 1 to 65535, got {most}"))),
    };
    if !(1..=MOST_SIDE).contains(&width) || !(1..=MOST_SIDE).contains(&height) {
        return Err(wrong(format!("size of a picture: expected 1x1 to {MOST_SIDE}x{MOST_SIDE}, got {width}x{height}")));
    }
    if !matches!(depth, 1 | 3 | 4) {
        return Err(wrong(format!("DEPTH of a picture: expected 1, 3 or 4, got {depth}; -pix_fmt rgb24 gives 3")));
    }
    let layout = FrameLayout {
        columns: width,
        rows: height,
        components: depth,
        scalar,
        big_endian: true,
        color_range: (depth > 1).then_some((0.0, most as f32)),
    };
    if layout.bytes() > MOST_BYTES {
        let bytes = layout.bytes();
        return Err(wrong(format!("a picture of {width}x{height}: expected {MOST_BYTES} bytes at most, got {bytes}")));
    }
    Ok(Some(layout))
}

/// Reads a line without its end. False if there is no further byte.
fn read_line(input: &mut impl Read, line: &mut Vec<u8>, left: &mut usize) -> io::Result<bool> {
    line.clear();
    let mut byte = [0];
    loop {
        let count = loop {
            match input.read(&mut byte) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        match byte {
            _ if count == 0 && line.is_empty() => return Ok(false),
            _ if count == 0 => return Err(ErrorKind::UnexpectedEof.into()),
            [b'\n'] => return Ok(true),
            [byte] => line.push(byte),
        }
        *left = left.checked_sub(1).ok_or_else(|| wrong(format!("a header of more than {MOST_HEADER} bytes")))?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> io::Result<Option<FrameLayout>> {
        header(&mut text.as_bytes())
    }

    #[test]
    fn headers_of_ffmpeg() {
        let rest = &mut &b"P7\nWIDTH 64\nHEIGHT 48\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\nrest"[..];
        let layout = header(rest).unwrap().unwrap();
        assert_eq!((layout.columns, layout.rows, layout.components, layout.scalar), (64, 48, 3, Scalar::U8));
        assert_eq!((layout.range(), *rest), (Some((0.0, 255.0)), &b"rest"[..]));
        let deep = read("P7\n# a comment\nWIDTH 6\nHEIGHT 4\nDEPTH 1\nMAXVAL 65535\nTUPLTYPE GRAYSCALE\nENDHDR\n")
            .unwrap()
            .unwrap();
        assert_eq!((deep.components, deep.scalar, deep.big_endian, deep.bytes()), (1, Scalar::U16, true, 48));
        assert!(read("").unwrap().is_none());
    }

    #[test]
    fn bad_headers_are_errors_that_say_what_was_expected() {
        let with = |fields: &str| read(&format!("P7\n{fields}ENDHDR\n")).unwrap_err().to_string();
        for (fields, expected) in [
            ("WIDTH 6\nHEIGHT 4\nDEPTH 3\nMAXVAL 65536\n", "1 to 65535"),
            ("WIDTH 6\nHEIGHT 4\nDEPTH 3\n", "1 to 65535"),
            ("WIDTH 0\nHEIGHT 4\nDEPTH 3\nMAXVAL 255\n", "1x1"),
            ("WIDTH 65536\nHEIGHT 4\nDEPTH 3\nMAXVAL 255\n", "65535x65535"),
            ("WIDTH 18446744073709551615\nHEIGHT 4\nDEPTH 3\nMAXVAL 255\n", "65535x65535"),
            ("WIDTH 18446744073709551616\nHEIGHT 4\nDEPTH 3\nMAXVAL 255\n", "a number"),
            ("WIDTH x\nHEIGHT 4\nDEPTH 3\nMAXVAL 255\n", "a number"),
            ("WIDTH 6\nHEIGHT 4\nDEPTH 2\nMAXVAL 255\n", "rgb24"),
            ("WIDTH 65535\nHEIGHT 65535\nDEPTH 4\nMAXVAL 65535\n", "bytes at most"),
        ] {
            assert!(with(fields).contains(expected), "{fields}: {}", with(fields));
        }
        assert!(read("P6\n").unwrap_err().to_string().contains("P6"));
        assert_eq!(read("P7\nWIDTH").unwrap_err().kind(), ErrorKind::UnexpectedEof);
        assert_eq!(read("P7\n").unwrap_err().kind(), ErrorKind::UnexpectedEof);
        assert!(read(&"x".repeat(5000)).unwrap_err().to_string().contains("more than 1024"));
        assert!(read(&format!("P7\n{}", "#\n".repeat(5000))).unwrap_err().to_string().contains("more than 1024"));
    }

    #[test]
    fn damaged_streams_are_errors_or_pictures_of_a_bounded_size() {
        let good = b"P7\nWIDTH 6\nHEIGHT 4\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n".repeat(3);
        // SplitMix64.
        let mut state = 1_u64;
        let mut below = |n: usize| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((z ^ (z >> 31)) % n as u64) as usize
        };
        let (mut headers, mut errors) = (0, 0);
        for _ in 0..20_000 {
            let mut bytes = good.clone();
            for _ in 0..1 + below(4) {
                let at = below(bytes.len());
                match below(4) {
                    0 => bytes[at] = below(256) as u8,
                    1 => bytes.truncate(at + 1),
                    2 => bytes.insert(at, b'0' + below(10) as u8),
                    _ => drop(bytes.remove(at)),
                }
                if bytes.is_empty() {
                    break;
                }
            }
            let mut rest = &bytes[..];
            loop {
                match header(&mut rest) {
                    Ok(None) => break,
                    Ok(Some(layout)) => {
                        headers += 1;
                        assert!(layout.bytes() > 0 && layout.bytes() <= MOST_BYTES);
                    }
                    Err(error) => {
                        errors += 1;
                        assert!(error.to_string().len() < 2 * MOST_HEADER + 200);
                        break;
                    }
                }
            }
        }
        assert!(headers > 1000 && errors > 1000, "{headers} headers, {errors} errors");
    }
}
