//! Reports: text and JSON.

use std::fmt::Write as _;

use ringfall::gpu::Gpu;
use ringfall::{Shading, wgpu};
use serde_json::{Value, json};

use super::case::name;
use super::frames::Measured;
use super::stats::Times;
use super::strategy::Kind;

/// Three decimals, as times of microseconds are noise.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

pub(super) fn adapter(gpu: &Gpu) -> Value {
    let info = gpu.adapter().get_info();
    json!({
        "name": info.name,
        "type": device_type(info.device_type),
        "backend": info.backend.to_str(),
        "driver": format!("{} {}", info.driver, info.driver_info).trim(),
    })
}

fn device_type(kind: wgpu::DeviceType) -> &'static str {
    match kind {
        wgpu::DeviceType::Cpu => "cpu",
        wgpu::DeviceType::DiscreteGpu => "discrete",
        wgpu::DeviceType::IntegratedGpu => "integrated",
        wgpu::DeviceType::VirtualGpu => "virtual",
        wgpu::DeviceType::Other => "other",
    }
}

/// The adapter in words.
pub(super) fn adapter_line(gpu: &Gpu) -> String {
    let info = gpu.adapter().get_info();
    format!(
        "{} ({}, {}, {})",
        info.name,
        device_type(info.device_type),
        info.backend.to_str(),
        format!("{} {}", info.driver, info.driver_info).trim()
    )
}

/// One run as a JSON object.
pub(super) fn json_of(m: &Measured, gpu: &Gpu) -> Value {
    json!({
        "peer": "ringfall",
        "version": env!("CARGO_PKG_VERSION"),
        "strategy": name(m.kind),
        "mode": name(m.kind),
        "width": m.case.width,
        "height": m.case.height,
        "bins": m.case.bins,
        "rows_per_frame": m.case.rows_per_frame,
        "history": m.case.history,
        "texel": name(m.case.texel),
        "shading": m.shading.map(|shading| if shading == Shading::Cpu { "cpu" } else { "gpu" }),
        "output": name(m.case.output),
        "view": name(m.case.motion),
        "warmup": m.case.warmup,
        "frames": m.times.count(),
        "ms_median": rounded(m.times.median()),
        "ms_p95": rounded(m.times.percentile(95.0)),
        "ms_p99": rounded(m.times.percentile(99.0)),
        "ms_max": rounded(m.times.max()),
        "cpu_ms_per_frame": m.cpu_ms_per_frame.map(rounded),
        "gpu_ms_median": m.gpu_ms_median.map(rounded),
        "uploaded_bytes_per_frame": m.uploaded_bytes_per_frame.round() as u64,
        "allocations_per_frame": rounded(m.allocations_per_frame),
        "allocations_per_frame_wgpu": m.allocations_per_frame_wgpu.map(rounded),
        "peak_rss_mb": m.peak_rss_mb.map(|mb| (mb * 10.0).round() / 10.0),
        "sync": m.sync,
        "adapter": adapter(gpu),
        "max_diff": m.difference.max,
        "wrong_pct": rounded(m.difference.wrong_pct),
        "load": m.load,
    })
}

/// A table in Markdown, columns aligned, so that it reads as it is.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = head.iter().map(|text| text.chars().count()).collect();
    for row in rows {
        for (width, text) in widths.iter_mut().zip(row) {
            *width = (*width).max(text.chars().count());
        }
    }
    let mut out = String::new();
    let line = |out: &mut String, cells: &mut dyn Iterator<Item = &str>| {
        for (column, (text, width)) in cells.zip(&widths).enumerate() {
            let _ = if column == 0 { write!(out, "| {text:<width$} ") } else { write!(out, "| {text:>width$} ") };
        }
        out.push_str("|\n");
    };
    line(&mut out, &mut head.iter().copied());
    let dashes: Vec<String> = (0..head.len())
        .map(|column| {
            let dashes = "-".repeat(widths[column].saturating_sub(usize::from(column > 0)));
            if column == 0 { dashes } else { dashes + ":" }
        })
        .collect();
    line(&mut out, &mut dashes.iter().map(String::as_str));
    for row in rows {
        line(&mut out, &mut row.iter().map(String::as_str));
    }
    out
}

/// The results of one case as text: table, histogram, comparison.
pub(super) fn text(measured: &[Measured]) -> String {
    let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |v| format!("{v:.3}"));
    let rows: Vec<Vec<String>> = measured
        .iter()
        .map(|m| {
            vec![
                name(m.kind),
                format!("{:.3}", m.times.median()),
                format!("{:.3}", m.times.percentile(95.0)),
                format!("{:.3}", m.times.percentile(99.0)),
                format!("{:.3}", m.times.max()),
                number(m.cpu_ms_per_frame),
                number(m.gpu_ms_median),
                grouped(m.uploaded_bytes_per_frame.round() as u64),
                match m.allocations_per_frame_wgpu {
                    Some(own) => format!("{:.1} ({own:.1})", m.allocations_per_frame),
                    None => format!("{:.1}", m.allocations_per_frame),
                },
                m.peak_rss_mb.map_or_else(|| "-".to_owned(), |mb| format!("{mb:.0}")),
                m.times.count().to_string(),
                format!("{} / {} %", m.difference.max, rounded(m.difference.wrong_pct)),
            ]
        })
        .collect();
    let head = [
        "ms a frame",
        "median",
        "p95",
        "p99",
        "max",
        "CPU",
        "device",
        "bytes up",
        "allocations (wgpu's)",
        "peak MB",
        "frames",
        "worst step / wrong",
    ];
    let mut out = table(&head, &rows);
    for m in measured {
        let _ = write!(out, "\n{}\n{}", name(m.kind), histogram(&m.times));
    }
    if let Some(sentence) = compare(measured) {
        let _ = write!(out, "\n{sentence}\n");
    }
    out
}

/// How often which time was needed: 10 equal steps from the least to the 99th percentile, and what is above.
pub(super) fn histogram(times: &Times) -> String {
    const BARS: usize = 10;
    const WIDE: usize = 50;
    let (low, high) = (times.percentile(0.0), times.percentile(99.0));
    let step = ((high - low) / BARS as f64).max(1e-6);
    let mut counts = [0_usize; BARS + 1];
    for ms in times.sorted() {
        let bar = if *ms > high { BARS } else { (((ms - low) / step) as usize).min(BARS - 1) };
        counts[bar] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(1).max(1);
    let mut out = String::new();
    for (bar, count) in counts.iter().enumerate() {
        let from = low + step * bar as f64;
        let range = if bar == BARS { format!("over {high:.3}") } else { format!("{from:.3} to {:.3}", from + step) };
        let blocks = "█".repeat((count * WIDE).div_ceil(most));
        let _ = writeln!(out, "{range:>18} ms {count:>6} {blocks}");
    }
    out
}

/// One sentence that says how the first compares with the others.
fn compare(measured: &[Measured]) -> Option<String> {
    let (first, others) = measured.split_first()?;
    if first.kind != Kind::Strip || others.is_empty() {
        return None;
    }
    let ratios: Vec<String> = others
        .iter()
        .map(|other| {
            let ratio = other.times.median() / first.times.median();
            if ratio >= 1.0 {
                format!("{ratio:.1} times as fast as {}", name(other.kind))
            } else {
                format!("{:.1} times as slow as {}", 1.0 / ratio, name(other.kind))
            }
        })
        .collect();
    let same = measured.iter().all(|m| m.difference.wrong_pct == 0.0);
    let picture = if same { "the pictures are the same" } else { "but the pictures are NOT the same" };
    Some(format!("Here strip is {} (medians); {picture}.", ratios.join(" and ")))
}

/// 1234567 as 1,234,567.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_tables_read_well() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"].map(str::to_owned));
        let text = table(&["a", "ms"], &[vec!["strip".into(), "0.2".into()]]);
        assert_eq!(text, "| a     |  ms |\n| ----- | --: |\n| strip | 0.2 |\n");
    }

    #[test]
    fn the_histogram_counts_every_frame() {
        let times = Times::new((0..200).map(f64::from).collect()).unwrap();
        let text = histogram(&times);
        let counts: Vec<usize> = text
            .lines()
            .map(|line| line.split(" ms ").nth(1).unwrap().split_whitespace().next().unwrap().parse().unwrap())
            .collect();
        assert_eq!(counts.len(), 11);
        assert_eq!(counts.iter().sum::<usize>(), 200);
        // Rank 197.01 is the 99th percentile: two values are above.
        assert_eq!(counts[10], 2);
    }
}
