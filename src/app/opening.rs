//! Opening another source on a thread, while the window shows the one before.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;

use anyhow::{Result, anyhow};
use ringfall::View;
use ringfall::source::SourceError;

use super::App;
use super::analysis::Analysis;
use super::command::Request;
use super::messages::Message;
use super::range::Range;
use super::switch::{Opened, Reopen};

/// A source that is being opened.
pub(super) struct Pending {
    /// Only what this one reports counts.
    number: u64,
    name: String,
    open: Reopen,
    analysis: Analysis,
    why: Why,
}

/// What it is opened for.
enum Why {
    /// The user has asked for it.
    Asked(Request),
    /// The recording on show is to be analysed in another way; its view stays.
    Analysis(Option<View>),
}

/// Sources that are being opened: one at a time.
#[derive(Default)]
pub(super) struct Openings {
    count: u64,
    pending: Option<Pending>,
    /// The settings of an analysis that were asked for while another one was being prepared.
    next: Option<Analysis>,
}

impl Openings {
    /// The name of what is being opened.
    pub(super) fn name(&self) -> Option<&str> {
        self.pending.as_ref().map(|pending| &*pending.name)
    }

    /// The analysis that was asked for, if it is not on show yet.
    pub(super) fn analysis(&self) -> Option<Analysis> {
        let pending = self.pending.as_ref().filter(|pending| matches!(pending.why, Why::Analysis(_)));
        self.next.or(pending.map(|pending| pending.analysis))
    }
}

impl App {
    /// Recent sources at most.
    const MOST_RECENT: usize = 12;

    /// Opens another source in place of the one on show, which stays until the other is open. Its rows start a new history.
    pub(super) fn open_request(&mut self, request: Request) {
        let analysis = self.analysis.unwrap_or(self.wish.analysis);
        let (opener, asked) = (Arc::clone(&self.wish.opener), request.clone());
        let open: Reopen = Arc::new(move |analysis| opener(&asked, analysis));
        self.openings.next = None;
        self.begin_opening(request.name(), open, analysis, Why::Asked(request));
    }

    /// Opens the recording on show again, to analyse it in another way.
    pub(super) fn analyse_again(&mut self, open: Reopen, analysis: Analysis) {
        if self.openings.analysis().is_some() {
            // A value that is dragged changes often: the last one counts.
            self.openings.next = Some(analysis);
            return;
        }
        let (name, view) = (self.intake.feed().info().name.clone(), self.navigator.view(self.intake.rows()));
        self.begin_opening(name, open, analysis, Why::Analysis(view));
    }

    fn begin_opening(&mut self, name: String, open: Reopen, analysis: Analysis, why: Why) {
        self.openings.count += 1;
        let number = self.openings.count;
        let opening = Arc::clone(&open);
        self.openings.pending = Some(Pending { number, name, open, analysis, why });
        self.messages.run("open a source", move || {
            let opened = catch_unwind(AssertUnwindSafe(|| opening(&analysis)));
            let opened = opened.unwrap_or_else(|_| Err(anyhow!("it could not be opened, by a fault of ringfall")));
            Some(Message::Opened(number, Box::new(opened)))
        });
        self.touch();
        self.tell();
        self.request_redraw();
    }

    /// Gives up what is being opened; its thread is left behind, and ends when the opening does. False if nothing is.
    pub(super) fn give_up_opening(&mut self) -> bool {
        self.openings.next = None;
        let Some(pending) = self.openings.pending.take() else { return false };
        self.face.toasts.info(format!("Given up: {}", pending.name));
        self.touch();
        self.tell();
        self.request_redraw();
        true
    }

    /// A source has been opened, or could not be.
    pub(super) fn opened(&mut self, number: u64, opened: Result<Opened>) {
        let Some(pending) = self.openings.pending.take_if(|pending| pending.number == number) else {
            // It was given up, and to close it may take long.
            let _ = thread::Builder::new().spawn(move || drop(opened));
            return;
        };
        let Pending { name, open, analysis, why, .. } = pending;
        let view = if let Why::Analysis(view) = &why { *view } else { None };
        let is_again = matches!(why, Why::Analysis(_));
        let unit = self.looks.unit;
        let installed = opened.and_then(|opened| self.install(opened, view, is_again));
        match (installed, why) {
            (Ok(()), Why::Asked(request)) => {
                self.reopen = Some(open);
                self.analysis = Some(analysis).filter(|_| self.intake.is_analysed());
                self.auto.restart();
                if self.looks.unit != unit {
                    // A range of levels says nothing about other values, even if flags gave it.
                    self.auto.set_on(true);
                    self.put_range(Range::unknown(self.looks.unit).with_norm(self.range.norm()));
                }
                self.face.plot.clear_marks();
                self.remember(request);
            }
            (Ok(()), Why::Analysis(_)) => {
                self.touched.analysis = true;
                self.analysis = Some(analysis);
                if let Some(next) = self.openings.next.take().filter(|next| *next != analysis) {
                    self.analyse_again(open, next);
                }
            }
            (Err(error), why) => {
                self.openings.next = None;
                self.complain(told(&name, &error));
                if let Why::Asked(request) = why {
                    self.forget_request(&request);
                }
            }
        }
        self.tell();
    }

    /// Puts a file at the head of the recent ones.
    fn remember(&mut self, request: Request) {
        if let Request::File(_) = request {
            self.face.recent.retain(|recent| *recent != request);
            self.face.recent.insert(0, request);
            self.face.recent.truncate(Self::MOST_RECENT);
            self.keep_later();
        }
    }

    fn forget_request(&mut self, request: &Request) {
        self.face.recent.retain(|recent| recent != request);
        if let Request::File(path) = request {
            self.kept.settings.forget(path);
            self.keep_later();
        }
    }
}

/// An error in words. Those of sources, and others that begin with the name of what was to be opened, need no name in front.
fn told(name: &str, error: &anyhow::Error) -> String {
    if let Some(error) = error.downcast_ref::<SourceError>() {
        return error.to_string();
    }
    let text = format!("{error:#}");
    // What was typed may have flags behind the name.
    let file = name.split(" --").next().unwrap_or(name);
    if !file.is_empty() && text.starts_with(file) { text } else { format!("{name}: {text}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_the_name_once() {
        let error = |text: &str| anyhow!(text.to_owned());
        assert_eq!(told("a.wav", &error("a.wav: it is empty")), "a.wav: it is empty");
        assert_eq!(told("udp://:9 --rate 5M", &error("udp://:9: expected --format")), "udp://:9: expected --format");
        assert_eq!(told("a.wav --as rows", &error("--as: no address")), "a.wav --as rows: --as: no address");
        assert_eq!(told("--ffmpeg \"-i x\"", &error("ffmpeg: no")), "--ffmpeg \"-i x\": ffmpeg: no");
        let empty = SourceError::EmptyFile { path: "other.wav".into() };
        assert!(told("a.wav", &empty.into()).starts_with("other.wav is empty"));
    }
}
