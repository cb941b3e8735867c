//! `--norm`: how it is explained, and which ranges it refuses.

use ringfall::{Norm, Scale};

/// Columns of the help of a flag, on a screen of 100 or more.
const COLUMNS: usize = 90;

/// The help of `--norm` in a line, from the library's list.
pub(super) fn short_help() -> String {
    let names: Vec<_> = Norm::LIST.iter().map(|norm| norm.usage).collect();
    format!("How the colours are spread over the range: {}", names.join(", "))
}

/// The same, with what each norm does.
pub(super) fn help() -> String {
    let mut text = "How the colours are spread over the range, as Matplotlib's norm of that name:".to_owned();
    for norm in Norm::LIST {
        text += &format!("\n  {:<18}", norm.usage);
        let mut column = 20;
        for word in norm.help.split(' ') {
            if column + 1 + word.len() > COLUMNS {
                text += &format!("\n{:20}", "");
                column = 20;
            }
            text += &format!(" {word}");
            column += 1 + word.len();
        }
    }
    text
}

/// Refuses ends of the range that no picture with this norm can have, and names the flags.
pub(super) fn check(norm: Norm, vmin: Option<f32>, vmax: Option<f32>) -> Result<(), String> {
    if norm == Norm::Log && vmin.is_none_or(|vmin| vmin <= 0.0) {
        return Err(match vmin {
            Some(vmin) => format!("--norm log --vmin {vmin}: expected --vmin above 0"),
            None => {
                "--norm log: levels in dB reach below 0, which has no logarithm: expected --vmin above 0".to_owned()
            }
        });
    }
    if let Norm::TwoSlope { vcenter } = norm {
        if let Some(vmin) = vmin.filter(|vmin| f64::from(*vmin) >= vcenter) {
            return Err(format!("--norm {norm} --vmin {vmin}: expected --vmin below the centre, {vcenter}"));
        }
        if let Some(vmax) = vmax.filter(|vmax| f64::from(*vmax) <= vcenter) {
            return Err(format!("--norm {norm} --vmax {vmax}: expected --vmax above the centre, {vcenter}"));
        }
    }
    let (Some(vmin), Some(vmax)) = (vmin, vmax) else { return Ok(()) };
    if vmin >= vmax {
        return Err(format!("--vmin {vmin} --vmax {vmax}: expected --vmin below --vmax"));
    }
    let scale = Scale::new(norm, vmin, vmax);
    let flags =
        if norm == Norm::Linear { "--vmin, --vmax".to_owned() } else { format!("--norm {norm}, --vmin, --vmax") };
    scale.map(|_| ()).map_err(|error| format!("{flags}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_ranges_name_the_flags() {
        let two_slope = Norm::TwoSlope { vcenter: -60.0 };
        let centered = Norm::Centered { vcenter: 1e39 };
        for (norm, vmin, vmax, flags) in [
            (Norm::Log, None, None, "--norm log: levels in dB reach below 0"),
            (Norm::Log, Some(0.0), Some(1.0), "--norm log --vmin 0: expected --vmin above 0"),
            (two_slope, Some(-60.0), None, "--norm twoslope:-60 --vmin -60: expected --vmin below the centre"),
            (two_slope, None, Some(-70.0), "--norm twoslope:-60 --vmax -70: expected --vmax above the centre"),
            (Norm::Linear, Some(1.0), Some(1.0), "--vmin 1 --vmax 1: expected --vmin below --vmax"),
            (
                centered,
                Some(0.0),
                Some(1.0),
                "--norm centred:1000000000000000000000000000000000000000, --vmin, --vmax: vmin and vmax must be finite",
            ),
        ] {
            let message = check(norm, vmin, vmax).unwrap_err();
            assert!(message.contains(flags), "{message}");
        }
        for (norm, vmin, vmax) in [
            (Norm::Log, Some(1.0), None),
            (two_slope, Some(-61.0), None),
            (two_slope, None, None),
            (Norm::Power { gamma: 0.5 }, Some(-100.0), Some(0.0)),
            (Norm::Linear, None, None),
        ] {
            assert_eq!(check(norm, vmin, vmax), Ok(()), "{norm}");
        }
    }

    #[test]
    fn help_lists_every_norm() {
        assert!(Norm::LIST.iter().all(|norm| help().contains(norm.usage) && short_help().contains(norm.usage)));
    }
}
