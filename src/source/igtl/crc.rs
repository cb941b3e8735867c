//! CRC-64 of ECMA-182, most significant bit first.

/// The polynomial, without its highest term.
const POLYNOMIAL: u64 = 0x42F0_E1EB_A9EA_3693;

/// `TABLES[k][b]` is the remainder of byte `b` followed by `k` zero bytes. Eight bytes then take eight independent look-ups.
static TABLES: [[u64; 256]; 8] = tables();

const fn tables() -> [[u64; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut rest = (byte as u64) << 56;
        let mut bit = 0;
        while bit < 8 {
            rest = if rest >> 63 == 1 { (rest << 1) ^ POLYNOMIAL } else { rest << 1 };
            bit += 1;
        }
        tables[0][byte] = rest;
        byte += 1;
    }
    let mut table = 1;
    while table < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[table - 1][byte];
            tables[table][byte] = (before << 8) ^ tables[0][(before >> 56) as usize];
            byte += 1;
        }
        table += 1;
    }
    tables
}

/// The checksum of these bytes as OpenIGTLink defines it: initial value 0, no reflection, no inversion.
pub fn crc64(bytes: &[u8]) -> u64 {
    let (eights, rest) = bytes.as_chunks::<8>();
    let crc = eights.iter().fold(0, |crc, eight| {
        let word = (crc ^ u64::from_be_bytes(*eight)).to_be_bytes();
        word.iter().zip(TABLES.iter().rev()).fold(0, |sum, (byte, table)| sum ^ table[usize::from(*byte)])
    });
    rest.iter().fold(crc, |crc, byte| (crc << 8) ^ TABLES[0][usize::from((crc >> 56) as u8 ^ byte)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_and_every_length() {
        // The check value of the catalogue of CRCs (CRC-64/ECMA-182).
        assert_eq!(crc64(b"123456789"), 0x6c40_df5f_0b49_7347);
        assert_eq!(crc64(b""), 0);
        let bytes: Vec<u8> = (0..100_u32).map(|n| (n * n * 7 + 3) as u8).collect();
        for length in 0..bytes.len() {
            // Bit by bit, as in the definition.
            let mut slow = 0_u64;
            for byte in &bytes[..length] {
                for bit in (0..8).rev() {
                    let top = slow >> 63 ^ u64::from(byte >> bit & 1);
                    slow = (slow << 1) ^ if top == 1 { POLYNOMIAL } else { 0 };
                }
            }
            assert_eq!(crc64(&bytes[..length]), slow, "{length}");
        }
    }
}
