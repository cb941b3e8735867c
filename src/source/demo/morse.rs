//! Morse code, as a score of units: one dot long each.

/// How long a dot, a dash and the pauses are, and which tones they have: the ways in which it is keyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keying {
    /// Key up is silence.
    OnOff,
    /// Key up is the lower tone, key down the upper one (FSKCW).
    Shift,
    /// Dots have the lower tone, dashes the upper one, and both have the same length (DFCW).
    Dual,
}

/// The signs of ITU-R M.1677-1 that are used here.
fn signs(letter: char) -> &'static str {
    match letter {
        'A' => ".-",
        'B' => "-...",
        'C' => "-.-.",
        'D' => "-..",
        'E' => ".",
        'F' => "..-.",
        'G' => "--.",
        'H' => "....",
        'I' => "..",
        'J' => ".---",
        'K' => "-.-",
        'L' => ".-..",
        'M' => "--",
        'N' => "-.",
        'O' => "---",
        'P' => ".--.",
        'Q' => "--.-",
        'R' => ".-.",
        'S' => "...",
        'T' => "-",
        'U' => "..-",
        'V' => "...-",
        'W' => ".--",
        'X' => "-..-",
        'Y' => "-.--",
        'Z' => "--..",
        '0' => "-----",
        '1' => ".----",
        '2' => "..---",
        '3' => "...--",
        '4' => "....-",
        '5' => ".....",
        '6' => "-....",
        '7' => "--...",
        '8' => "---..",
        '9' => "----.",
        '/' => "-..-.",
        '=' => "-...-",
        '+' => ".-.-.",
        '?' => "..--..",
        _ => "",
    }
}

/// One unit after the other: 0 is silence, 1 the lower tone, 2 the upper one. It ends with a pause between words.
///
/// Dots last one unit, dashes three; pauses one within a letter, three between letters, seven between words. With
/// [`Keying::Dual`] dots and dashes last three.
pub(super) fn score(text: &str, keying: Keying) -> Vec<u8> {
    let (up, dot, dash) = match keying {
        Keying::OnOff => (0, 1, 1),
        Keying::Shift => (1, 2, 2),
        Keying::Dual => (0, 1, 2),
    };
    let mut units = Vec::new();
    for word in text.split_whitespace() {
        for letter in word.chars() {
            for sign in signs(letter).chars() {
                let (tone, length) = match (sign, keying) {
                    ('.', Keying::Dual) => (dot, 3),
                    ('.', _) => (dot, 1),
                    _ => (dash, 3),
                };
                units.extend(std::iter::repeat_n(tone, length));
                units.push(up);
            }
            units.extend([up; 2]);
        }
        units.extend([up; 4]);
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PARIS is 50 units long: that is how words a minute are counted.
    #[test]
    fn paris() {
        let units = score("PARIS", Keying::OnOff);
        assert_eq!(units.len(), 50);
        let text: String = units.iter().map(|&unit| if unit == 1 { '=' } else { ' ' }).collect();
        assert_eq!(text, "= === === =   = ===   = === =   = =   = = =       ");
        assert_eq!(score("PARIS PARIS", Keying::Shift).len(), 100);
    }

    #[test]
    fn shift_and_dual() {
        assert_eq!(score("A", Keying::Shift), [2, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1]);
        assert_eq!(score("A", Keying::Dual), [1, 1, 1, 0, 2, 2, 2, 0, 0, 0, 0, 0, 0, 0]);
    }
}
