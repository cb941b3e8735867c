//! Opening another source without leaving, and what threads report.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use anyhow::Result;
use ringfall::source::{RowSource, WhenFull};
use ringfall::{ComputedOptions, View};
use winit::event_loop::EventLoopProxy;

use super::analysis::Analysis;
use super::command::Request;
use super::late::{Brought, When};
use super::{App, Wake};
use crate::settings::Settings;

/// Opens sources: the front knows how.
pub(crate) type Opener = Arc<dyn Fn(&Request, &Analysis) -> Result<Opened> + Send + Sync>;

/// Opens a source again, to analyse it in another way.
pub(crate) type Reopen = Arc<dyn Fn(&Analysis) -> Result<Opened> + Send + Sync>;

/// A source that was opened, and how it is to be read.
pub(crate) struct Opened {
    pub(crate) source: Box<dyn RowSource>,
    pub(crate) when_full: WhenFull,
}

/// What other threads report to the window.
pub(super) enum Message {
    Error(String),
    Info(String),
    /// A file was chosen in the system's dialog.
    Chosen(Request),
    Devices(Vec<String>),
    /// The source of this number has been opened, or could not be.
    Opened(u64, Box<Result<Opened>>),
    /// A file to save to was chosen in the system's dialog.
    SaveTo(PathBuf),
    /// The settings were saved, or could not be.
    Saved(std::result::Result<Box<Settings>, String>),
}

/// The window's end of the reports.
pub(super) struct Messages {
    sender: Sender<Message>,
    pub(super) receiver: Receiver<Message>,
    proxy: EventLoopProxy<Wake>,
}

impl Messages {
    pub(super) fn new(proxy: EventLoopProxy<Wake>) -> Self {
        let (sender, receiver) = channel();
        Self { sender, receiver, proxy }
    }

    pub(super) fn proxy(&self) -> EventLoopProxy<Wake> {
        self.proxy.clone()
    }

    /// Runs `work` on a thread of its own; what it returns reaches the window.
    pub(super) fn run(&self, name: &str, work: impl FnOnce() -> Option<Message> + Send + 'static) {
        let (sender, proxy) = (self.sender.clone(), self.proxy.clone());
        let spawned = thread::Builder::new().name(format!("ringfall {name}")).spawn(move || {
            if let Some(message) = work() {
                // Both fail only if the window is gone.
                let _ = sender.send(message);
                let _ = proxy.send_event(Wake::Message);
            }
        });
        if let Err(error) = spawned {
            let _ = self.sender.send(Message::Error(format!("no thread to {name}: {error}")));
            let _ = self.proxy.send_event(Wake::Message);
        }
    }
}

impl App {
    /// Puts a source in place of the one on show. A view is kept where one is given. `is_again`: it is the same recording, analysed in
    /// another way.
    pub(super) fn install(&mut self, opened: Opened, view: Option<View>, is_again: bool) -> Result<()> {
        let Opened { source, when_full } = opened;
        let when = When { when_full, options: ComputedOptions::default(), saved: None, view, times: None, is_again };
        self.put_on_show(Brought::by(source), when)?;
        // Whatever was still being opened for the window is not waited for any more.
        self.late = None;
        Ok(())
    }

    /// Analyses samples with other settings from now on. The rows so far stay; those of a recording that is shown as a whole
    /// are computed anew, and the view stays.
    pub(super) fn set_analysis(&mut self, analysis: Analysis) {
        if let Some(open) = self.reopen.clone().filter(|_| self.intake.is_whole()) {
            return self.analyse_again(open, analysis);
        }
        let feed = self.intake.feed();
        match analysis.settings(feed.info()).and_then(|settings| Ok(feed.set_settings(&settings)?)) {
            Ok(()) => {
                self.touched.analysis = true;
                self.analysis = Some(analysis);
            }
            Err(error) => self.complain(format!("{error:#}")),
        }
    }

    /// Asks for a file by the system's dialog, which may take as long as the user likes.
    pub(super) fn browse(&mut self) {
        let dialog = rfd::FileDialog::new().set_title("Open a recording");
        self.messages.run("ask for a file", move || Some(Message::Chosen(Request::File(dialog.pick_file()?))));
    }

    /// Asks for a file to save to by the system's dialog.
    pub(super) fn browse_to_save(&mut self, path: &Path) {
        let mut dialog =
            rfd::FileDialog::new().set_title("Save a picture").add_filter("Pictures", &["png", "jpg", "webp"]);
        if let Some(folder) = path.parent() {
            dialog = dialog.set_directory(folder);
        }
        if let Some(name) = path.file_name() {
            dialog = dialog.set_file_name(name.to_string_lossy());
        }
        self.messages.run("ask for a file", move || Some(Message::SaveTo(dialog.save_file()?)));
    }

    /// Looks for the sound devices, which may take long with a sound server that hangs.
    pub(super) fn find_devices(&mut self) {
        self.face.devices = Some(Vec::new());
        self.messages.run("find sound devices", || {
            let devices = ringfall::source::devices().unwrap_or_default();
            Some(Message::Devices(devices.into_iter().map(|device| device.name).collect()))
        });
    }

    /// Takes over what other threads have reported.
    pub(super) fn take_messages(&mut self) {
        while let Ok(message) = self.messages.receiver.try_recv() {
            match message {
                Message::Error(text) => self.complain(text),
                Message::Info(text) => self.face.toasts.info(text),
                Message::Chosen(request) => self.open_request(request),
                Message::Devices(names) => self.face.devices = Some(names),
                Message::Opened(number, opened) => self.opened(number, *opened),
                Message::SaveTo(path) => self.face.save_to(&path),
                Message::Saved(saved) => self.kept(saved),
            }
        }
        self.touch();
        self.request_redraw();
    }

    /// Says an error in the window, until it is closed, and on the terminal.
    pub(super) fn complain(&mut self, text: String) {
        log::error!("{text}");
        self.face.toasts.error(text);
        self.touch();
        self.request_redraw();
    }
}
