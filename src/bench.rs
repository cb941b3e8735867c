//! `ringfall bench`: frame times, side by side with the other ways of drawing a waterfall.

mod allocations;
mod args;
mod bare;
mod blit;
mod canvas;
mod case;
mod clock;
mod decorations;
mod frames;
mod machine;
mod pipeline;
mod reference;
mod render_pipeline;
mod report;
mod stats;
mod stft;
mod strategy;
mod window;

use anyhow::Result;
use ringfall::gpu::Gpu;
use serde_json::json;

pub(crate) use args::Args;

use case::name;

use crate::terminal::{StdoutError, say, text};

/// Measures what `args` ask for.
pub(crate) fn run(args: &Args) -> Result<()> {
    let result = measure(args);
    if let (Err(error), true) = (&result, args.json)
        && !error.is::<StdoutError>()
    {
        // Whoever reads the lines finds the reason there too.
        say(json!({ "peer": "ringfall", "error": format!("{error:#}") }))?;
    }
    result
}

fn measure(args: &Args) -> Result<()> {
    args.check()?;
    if args.stft {
        return stft::run(args);
    }
    if args.window {
        return window::run(args);
    }
    let gpu = Gpu::open(Gpu::new_instance(), None, args.adapter.as_deref())?;
    if args.pipeline {
        return pipeline::run(args, &gpu);
    }
    if !args.json {
        say(format_args!("Machine: {}", machine::processor()))?;
        say(format_args!("Adapter: {}", report::adapter_line(&gpu)))?;
        if let Some(load) = machine::load() {
            say(format_args!("Load of the last minute: {load:.2}"))?;
        }
    }
    let cases = args.cases();
    for (title, case) in &cases {
        if !args.json {
            let title = if title.is_empty() { String::new() } else { format!("{title}: ") };
            say(format_args!(
                "\n{title}{}x{}, {} bins, {} rows a frame, {} rows of history, {}, {}, view {}\n",
                case.width,
                case.height,
                case.bins,
                case.rows_per_frame,
                report::grouped(case.history.into()),
                name(case.texel),
                name(case.output),
                name(case.motion),
            ))?;
        }
        let mut measured = Vec::new();
        let kinds = args.kinds();
        for kind in &kinds {
            match frames::run(&gpu, *kind, case) {
                Ok(m) if args.json => say(report::json_of(&m, &gpu))?,
                Ok(m) => measured.push(m),
                // In a comparison, a strategy that fails does not stop the others.
                Err(error) if kinds.len() > 1 && *kind != strategy::Kind::Strip => {
                    if args.json {
                        let line =
                            json!({ "peer": "ringfall", "strategy": name(*kind), "error": format!("{error:#}") });
                        say(line)?;
                    } else {
                        say(format_args!("{}: {error:#}\n", name(*kind)))?;
                    }
                    gpu.check()?;
                }
                Err(error) => return Err(error),
            }
        }
        if !measured.is_empty() {
            text(report::text(&measured))?;
        }
    }
    Ok(())
}
