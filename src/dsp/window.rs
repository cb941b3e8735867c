//! Window functions.

use std::f64::consts::TAU;
use std::fmt;
use std::str::FromStr;

use super::error::DspError;

/// Largest β of a Kaiser window. Single precision holds no side lobes below those of a β of about 20.
pub(super) const MAX_BETA: f64 = 100.0;

/// The weights that the samples of a spectrum are multiplied with before the Fourier transform.
///
/// A window is a function on 0..1, taken at the middle of each sample, `(n + ½) / size`. It is symmetric about the middle
/// of the samples, and the period of its cosines is exactly `size`, so what is true of the window's spectrum in theory is
/// true of its bins. A Hann window gives no sample the weight 0: with a hop as long as the FFT, every sample still
/// counts.
///
/// SciPy samples elsewhere: `scipy.signal.get_window(name, size)` takes a window at `n / size` ("periodic", "DFT-even"),
/// and `scipy.signal.windows.hann(size)` at `n / (size − 1)` ("symmetric"). The weights here are those of the periodic
/// window, half a sample later. The gain, the ENBW and the levels of steady signals are the same as with SciPy's
/// periodic windows; single weights are not, nor are the phases, which a row does not show. To compare with SciPy sample
/// by sample, pass it [`Window::coefficients`].
///
/// | window | highest side lobe | ENBW | scalloping | good for |
/// |---|---|---|---|---|
/// | rectangular | −13 dB | 1.0000 bins | 3.92 dB | bursts, signals locked to the bins |
/// | Hann | −31 dB | 1.5000 bins | 1.42 dB | nearly everything |
/// | Hamming | −43 dB | 1.3628 bins | 1.75 dB | close, equally strong carriers |
/// | Blackman-Harris | −92 dB | 2.0044 bins | 0.83 dB | weak carriers next to strong ones |
/// | flat top | −93 dB | 3.7702 bins | 0.01 dB | reading off a carrier's level |
/// | Kaiser(5) | −37 dB | 1.3590 bins | 1.75 dB | between Hann and Hamming |
/// | Kaiser(8.6) | −63 dB | 1.7214 bins | 1.11 dB | between Hamming and Blackman-Harris |
/// | Kaiser(12.25) | −92 dB | 2.0288 bins | 0.81 dB | nearly the same as Blackman-Harris |
///
/// Kaiser's β sets the trade-off: 0 is rectangular, and larger values give lower side lobes and a wider main lobe.
///
/// The text form, for command lines and files, is `rectangular`, `hann`, `hamming`, `blackman-harris`, `flat-top` and
/// `kaiser:8.6`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Window {
    /// No window: every weight is 1.
    Rectangular,
    /// Raised cosine (J. von Hann): ½ − ½ cos.
    #[default]
    Hann,
    /// R. W. Hamming's: 0.54 − 0.46 cos.
    Hamming,
    /// The minimum 4-term Blackman-Harris window, with the coefficients of F. J. Harris, "On the Use of Windows for
    /// Harmonic Analysis with the Discrete Fourier Transform", Proc. IEEE 66 (1978), table 1.
    BlackmanHarris,
    /// The 5-term flat top window with the coefficients of G. D'Antona and A. Ferrero, "Digital Signal Processing for
    /// Measurement Systems" (2006), p. 70, which MATLAB's `flattopwin` and SciPy's `flattop` also have. A few of its
    /// weights are negative.
    FlatTop,
    /// J. F. Kaiser's approximation to the prolate window: I₀(β √(1 − x²)) / I₀(β) for x from −1 to 1. β is from 0 to
    /// 100; more means lower side lobes and a wider main lobe.
    Kaiser(f64),
}

impl Window {
    /// The names that [`FromStr`] accepts; `BETA` stands for a number.
    pub const NAMES: &[&str] = &["rectangular", "hann", "hamming", "blackman-harris", "flat-top", "kaiser:BETA"];

    /// The weights for `size` samples, largest about 1; neither normalised nor scaled.
    ///
    /// A Kaiser β out of its bounds gives meaningless weights; [`Settings::validate`](super::Settings::validate)
    /// refuses it.
    pub fn coefficients(self, size: usize) -> Vec<f64> {
        let divisor = match self {
            Self::Kaiser(beta) => bessel_i0(beta),
            _ => 1.0,
        };
        let mut weights = vec![0.0; size];
        for n in 0..size.div_ceil(2) {
            let weight = self.at((n as f64 + 0.5) / size as f64) / divisor;
            weights[n] = weight;
            weights[size - 1 - n] = weight;
        }
        weights
    }

    /// The mean of the `size` weights, by which a carrier's amplitude is multiplied. All rows are divided by it,
    /// which makes a full-scale sine 0 dBFS whatever the window.
    pub fn coherent_gain(self, size: usize) -> f64 {
        self.coefficients(size).iter().sum::<f64>() / size as f64
    }

    /// The equivalent noise bandwidth for `size` weights, in bins: `size` · Σw² / (Σw)². Noise of a density of
    /// D dBFS/Hz reads D + 10 log₁₀(ENBW · bin width in Hz) dBFS in every bin, and 3.01 dB less in the two end bins of a
    /// real spectrum (see [the module](super)).
    pub fn enbw_bins(self, size: usize) -> f64 {
        enbw_bins(&self.coefficients(size))
    }

    /// The window at `x`, from 0 (its start) to 1 (its end); Kaiser's times I₀(β).
    fn at(self, x: f64) -> f64 {
        match self {
            Self::Rectangular => 1.0,
            Self::Hann => cosine_sum(x, &[0.5, 0.5]),
            Self::Hamming => cosine_sum(x, &[0.54, 0.46]),
            Self::BlackmanHarris => cosine_sum(x, &[0.35875, 0.48829, 0.14128, 0.01168]),
            Self::FlatTop => cosine_sum(x, &[0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368]),
            Self::Kaiser(beta) => {
                // 1 − (2x − 1)² without the cancellation near both ends.
                let arc = 4.0 * x * (1.0 - x);
                bessel_i0(beta * arc.sqrt())
            }
        }
    }

    pub(super) fn validate(self) -> Result<(), DspError> {
        match self {
            Self::Kaiser(got) if !(0.0..=MAX_BETA).contains(&got) => Err(DspError::KaiserBeta { got }),
            _ => Ok(()),
        }
    }
}

/// `size` · Σw² / (Σw)².
pub(super) fn enbw_bins(weights: &[f64]) -> f64 {
    let sum: f64 = weights.iter().sum();
    let squares: f64 = weights.iter().map(|w| w * w).sum();
    weights.len() as f64 * squares / (sum * sum)
}

/// Σ (−1)ᵏ aₖ cos(2πkx).
fn cosine_sum(x: f64, terms: &[f64]) -> f64 {
    let mut sign = 1.0;
    let mut sum = 0.0;
    for (k, a) in terms.iter().enumerate() {
        sum += sign * a * (TAU * k as f64 * x).cos();
        sign = -sign;
    }
    sum
}

/// The modified Bessel function of the first kind and order 0: Σ ((x/2)ᵏ / k!)² (Abramowitz and Stegun, 9.6.12). All
/// terms are positive, so the sum is accurate to the last digits at any `x`.
fn bessel_i0(x: f64) -> f64 {
    let quarter = 0.25 * x * x;
    let mut term = 1.0;
    let mut sum = 1.0;
    let mut k = 1.0;
    while term > sum * 1e-17 {
        term *= quarter / (k * k);
        sum += term;
        k += 1.0;
    }
    sum
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rectangular => f.write_str("rectangular"),
            Self::Hann => f.write_str("hann"),
            Self::Hamming => f.write_str("hamming"),
            Self::BlackmanHarris => f.write_str("blackman-harris"),
            Self::FlatTop => f.write_str("flat-top"),
            Self::Kaiser(beta) => write!(f, "kaiser:{beta}"),
        }
    }
}

impl FromStr for Window {
    type Err = DspError;

    /// Reads what [`Display`](fmt::Display) writes, in upper or lower case.
    ///
    /// # Errors
    /// [`DspError::WindowName`] for any other text, [`DspError::KaiserBeta`] for a β out of bounds.
    fn from_str(text: &str) -> Result<Self, DspError> {
        let unknown = || DspError::WindowName { got: text.to_owned() };
        let lower = text.trim().to_ascii_lowercase();
        let window = match lower.split_once(':') {
            Some(("kaiser", beta)) => Self::Kaiser(beta.trim().parse().map_err(|_| unknown())?),
            Some(_) => return Err(unknown()),
            None => match lower.as_str() {
                "rectangular" | "rect" => Self::Rectangular,
                "hann" => Self::Hann,
                "hamming" => Self::Hamming,
                "blackman-harris" => Self::BlackmanHarris,
                "flat-top" | "flattop" => Self::FlatTop,
                _ => return Err(unknown()),
            },
        };
        window.validate()?;
        Ok(window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Window; 6] = [
        Window::Rectangular,
        Window::Hann,
        Window::Hamming,
        Window::BlackmanHarris,
        Window::FlatTop,
        Window::Kaiser(8.6),
    ];

    #[test]
    fn enbw_is_the_published_one() {
        // Harris 1978, table 1 (two decimals there), and the closed form (a₀² + ½ Σ aₖ²) / a₀² to four.
        for (window, published) in [
            (Window::Rectangular, 1.0),
            (Window::Hann, 1.5),
            (Window::Hamming, 1.3628),
            (Window::BlackmanHarris, 2.0044),
            (Window::FlatTop, 3.7702),
            (Window::Kaiser(0.0), 1.0),
            // Harris gives α = β/π: 2.0, 2.5, 3.0, 3.5.
            (Window::Kaiser(2.0 * std::f64::consts::PI), 1.50),
            (Window::Kaiser(2.5 * std::f64::consts::PI), 1.65),
            (Window::Kaiser(3.0 * std::f64::consts::PI), 1.80),
            (Window::Kaiser(3.5 * std::f64::consts::PI), 1.93),
            (Window::Kaiser(5.0), 1.3590),
            (Window::Kaiser(8.6), 1.7214),
            (Window::Kaiser(12.25), 2.0288),
        ] {
            let digits = if matches!(window, Window::Kaiser(_)) { 0.006 } else { 0.00005 };
            for size in [16, 17, 1000, 4096] {
                // A Kaiser window is no sum of cosines: its figure holds for long windows.
                if size < 1000 && matches!(window, Window::Kaiser(_)) {
                    continue;
                }
                let enbw = window.enbw_bins(size);
                assert!((enbw - published).abs() < digits, "{window}, {size}: {enbw}, not {published}");
            }
        }
    }

    #[test]
    fn coherent_gain_is_the_constant_term() {
        for (window, gain) in [
            (Window::Rectangular, 1.0),
            (Window::Hann, 0.5),
            (Window::Hamming, 0.54),
            (Window::BlackmanHarris, 0.35875),
            (Window::FlatTop, 0.21557895),
        ] {
            for size in [16, 31, 2048] {
                assert!((window.coherent_gain(size) - gain).abs() < 1e-12, "{window}, {size}");
            }
        }
    }

    #[test]
    fn bessel_function_against_tables() {
        // Abramowitz and Stegun, table 9.8 (eˣ-scaled there) and the NIST handbook; I₀(1) to I₀(100).
        for (x, value) in [
            (0.0, 1.0),
            (0.5, 1.063_483_370_741_323_5),
            (1.0, 1.266_065_877_752_008_4),
            (2.0, 2.279_585_302_336_067),
            (5.0, 27.239_871_823_604_44),
            (10.0, 2_815.716_628_466_254),
            (20.0, 4.355_828_255_955_353e7),
            (100.0, 1.073_751_707_131_073_8e42),
        ] {
            let got = bessel_i0(x);
            assert!((got / value - 1.0).abs() < 1e-13, "I0({x}) = {got}, not {value}");
        }
    }

    #[test]
    fn weights_are_symmetric_and_none_is_zero() {
        for window in ALL {
            for size in [16, 17, 100, 1024, 65_536] {
                let weights = window.coefficients(size);
                assert_eq!(weights.len(), size);
                assert!(weights.iter().eq(weights.iter().rev()), "{window}, {size}: not symmetric");
                assert!(weights.iter().all(|&w| w != 0.0 && w as f32 != 0.0), "{window}, {size}: a weight is 0");
                assert!(weights.iter().all(|&w| w <= 1.0 + 1e-8), "{window}, {size}: a weight is over 1");
                let peak = weights[size / 2];
                assert!(peak > 0.95, "{window}, {size}: {peak} in the middle");
            }
        }
        assert!(Window::Hann.coefficients(0).is_empty());
    }

    #[test]
    fn weights_are_half_a_sample_later_than_scipys_periodic_ones() {
        // scipy.signal.get_window("hann", 8), to 8 digits: at n / 8.
        let scipy = [0.0, 0.14644661, 0.5, 0.85355339, 1.0, 0.85355339, 0.5, 0.14644661];
        // The same function at (n + ½) / 8, as the entries of odd number of get_window("hann", 16).
        let ours = [0.03806023, 0.30865828, 0.69134172, 0.96193977, 0.96193977, 0.69134172, 0.30865828, 0.03806023];
        let weights = Window::Hann.coefficients(8);
        assert!(weights.iter().zip(ours).all(|(w, o)| (w - o).abs() < 5e-9), "{weights:?}");
        // The visible figures are the same: gain and ENBW.
        let (sum, squares) = (scipy.iter().sum::<f64>(), scipy.iter().map(|w| w * w).sum::<f64>());
        assert!((Window::Hann.coherent_gain(8) - sum / 8.0).abs() < 1e-8);
        assert!((Window::Hann.enbw_bins(8) - 8.0 * squares / (sum * sum)).abs() < 1e-7);
    }

    /// Highest side lobe in dB under the main lobe, from a direct sum over a fine grid of frequencies.
    fn highest_side_lobe(window: Window) -> f64 {
        let size = 256;
        let weights = window.coefficients(size);
        let sum: f64 = weights.iter().sum();
        let level = |bins: f64| {
            let (mut re, mut im) = (0.0, 0.0);
            for (n, w) in weights.iter().enumerate() {
                let (s, c) = (TAU * bins * n as f64 / size as f64).sin_cos();
                re += w * c;
                im += w * s;
            }
            20.0 * (re.hypot(im) / sum).log10()
        };
        let curve: Vec<f64> = (0..256).map(|i| level(f64::from(i) / 16.0)).collect();
        let first_null = (1..255).find(|&i| curve[i] < curve[i - 1] && curve[i] < curve[i + 1] && curve[i] < -10.0);
        curve[first_null.expect("a main lobe ends")..].iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }

    #[test]
    fn side_lobes_are_the_published_ones() {
        for (window, published) in [
            (Window::Rectangular, -13.3),
            (Window::Hann, -31.5),
            (Window::Hamming, -42.7),
            (Window::BlackmanHarris, -92.0),
            // α = 2.5 and 3: Harris has −57 and −69.
            (Window::Kaiser(2.5 * std::f64::consts::PI), -57.5),
            (Window::Kaiser(3.0 * std::f64::consts::PI), -69.5),
            // Kaiser's own rule (1980): β = 0.12438 (A + 6.3) for side lobes A dB down, from 60 to 120 dB.
            (Window::Kaiser(8.6), -(8.6 / 0.12438 - 6.3)),
            (Window::Kaiser(12.25), -(12.25 / 0.12438 - 6.3)),
            // The figures of the table in the documentation.
            (Window::Kaiser(5.0), -37.0),
            (Window::Kaiser(8.6), -63.0),
            (Window::Kaiser(12.25), -92.0),
            (Window::FlatTop, -93.0),
        ] {
            let lobe = highest_side_lobe(window);
            assert!((lobe - published).abs() < 0.9, "{window}: {lobe}, not {published}");
        }
    }

    #[test]
    fn every_window_is_in_the_list() {
        let names: Vec<String> = ALL.iter().map(|window| window.to_string().replace("8.6", "BETA")).collect();
        assert_eq!(names, Window::NAMES);
        assert!(Window::NAMES.iter().all(|name| name.replace("BETA", "8.6").parse::<Window>().is_ok()));
    }

    #[test]
    fn text_goes_both_ways() {
        for window in ALL.into_iter().chain([Window::Kaiser(0.0), Window::Kaiser(12.25)]) {
            assert_eq!(window.to_string().parse(), Ok(window));
            assert_eq!(format!(" {} ", window.to_string().to_uppercase()).parse(), Ok(window));
        }
        for text in ["", "blackman", "kaiser", "kaiser:", "kaiser:x", "hann:2", "hann hamming"] {
            let error = text.parse::<Window>().expect_err(text);
            assert_eq!(error, DspError::WindowName { got: text.to_owned() });
            assert!(error.to_string().contains(&format!("{text:?}")), "{error}");
        }
        for text in ["kaiser:-1", "kaiser:101", "kaiser:inf", "kaiser:nan"] {
            assert!(matches!(text.parse::<Window>(), Err(DspError::KaiserBeta { .. })), "{text}");
        }
    }
}
