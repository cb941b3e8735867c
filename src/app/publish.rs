//! Rows or the picture on show, sent on to other programs.

use std::time::{Duration, Instant};

use anyhow::Result;
use ringfall::publish::{PublishAddress, PublishStatus, Publisher};
use ringfall::{Canvas, Stamp, Unit};

/// What is sent on, and where.
#[derive(Clone, Debug)]
pub(crate) struct Publish {
    pub(crate) address: PublishAddress,
    /// The finished picture, and not the rows.
    pub(crate) picture: bool,
}

/// Sends on what is shown.
pub(super) struct Publishing {
    publisher: Publisher,
    picture: bool,
    /// The picture has changed since it was last sent, which was then.
    changed: bool,
    last: Option<Instant>,
    /// Readers when they were last looked at.
    clients: usize,
}

impl Publishing {
    /// A picture is computed once more for the readers, so there are fewer of them than frames.
    const EVERY: Duration = Duration::from_millis(40);

    /// Starts to listen. `wake` is called when there are new readers.
    pub(super) fn start(publish: &Publish, wake: Box<dyn Fn() + Send>) -> Result<Self> {
        let publisher = Publisher::start(&publish.address, wake)?;
        log::info!("publishing at {}", publisher.local_addr());
        Ok(Self { publisher, picture: publish.picture, changed: true, last: None, clients: 0 })
    }

    /// Whether rows are sent, and not the picture.
    pub(super) fn sends_rows(&self) -> bool {
        !self.picture
    }

    /// A row has come.
    pub(super) fn row(&self, stamp: &Stamp, unit: Unit, row: &[f32]) {
        if !self.picture {
            self.publisher.offer(stamp, unit, row);
        }
    }

    /// Another picture is shown.
    pub(super) fn shown(&mut self) {
        self.changed = true;
    }

    /// Looks for readers that have come or left; new ones have not seen the picture. Returns whether there are any.
    pub(super) fn look(&mut self) -> bool {
        let new = self.publisher.take_joined();
        self.changed |= new;
        let clients = self.publisher.status().clients;
        new | (std::mem::replace(&mut self.clients, clients) != clients)
    }

    /// Sends the picture if it has changed. Returns when to do so, if it is too early.
    pub(super) fn picture(&mut self, canvas: &Canvas, now: Instant) -> Option<Instant> {
        if !self.picture || !self.changed || self.publisher.status().clients == 0 {
            return None;
        }
        let due = self.last.map_or(now, |last| last + Self::EVERY);
        if now < due || !self.publisher.wants_picture() {
            return Some(due.max(now + Duration::from_millis(5)));
        }
        let (width, height) = canvas.size();
        self.publisher.offer_picture(width, height, canvas.painting().rows(0..height));
        (self.changed, self.last) = (false, Some(now));
        None
    }

    pub(super) fn status(&self) -> PublishStatus {
        self.publisher.status()
    }
}
