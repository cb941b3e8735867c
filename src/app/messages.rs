//! What other threads report to the window, and the work that they do for it: the system's dialogs, looking for devices.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use anyhow::Result;
use winit::event_loop::EventLoopProxy;

use super::command::Request;
use super::switch::Opened;
use super::{App, Wake};
use crate::settings::Settings;

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
    Saved(Result<Box<Settings>, String>),
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
