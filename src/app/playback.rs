//! Playing the recording on show, from its play head on.

use std::mem::replace;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ringfall::Frame;
use ringfall::source::{Player, PlayerOptions, Samples};

use super::App;

/// The head is looked after at least so often: a picture that was zoomed has other lines.
const TURN: Duration = Duration::from_millis(100);

/// A recording as something to hear.
pub(super) struct Playback {
    /// `None`: what is on show cannot be played.
    samples: Option<Arc<dyn Samples>>,
    mute: bool,
    /// Number of the sample at the play head, once there is one.
    head: Option<u64>,
    player: Option<Player>,
    /// When to see where the head is.
    next: Option<Instant>,
    /// The line of the picture and the second at which it is drawn.
    drawn: Option<(i64, u64)>,
    /// The view when the head was last in it.
    seen: Option<Frame>,
    /// The warning of a player has been told, and is not repeated.
    warned: bool,
}

impl Playback {
    pub(super) fn new(samples: Option<Arc<dyn Samples>>, mute: bool) -> Self {
        let samples = samples.filter(|samples| samples.count() > 0);
        Self { samples, mute, head: None, player: None, next: None, drawn: None, seen: None, warned: false }
    }

    /// There are other samples; `same`: of the same recording.
    pub(super) fn replace(&mut self, samples: Option<Arc<dyn Samples>>, same: bool) {
        if same {
            self.samples = samples.or(self.samples.take());
        } else {
            *self = Self { warned: self.warned, ..Self::new(samples, self.mute) };
        }
    }

    /// Whether there is something to play.
    pub(super) fn is_possible(&self) -> bool {
        self.samples.is_some()
    }

    /// Whether it is being played.
    fn plays(&self) -> bool {
        self.player.is_some()
    }

    /// When to look after the head; none unless it moves.
    pub(super) fn next(&self) -> Option<Instant> {
        self.next
    }

    /// How far it is, for the status line.
    pub(super) fn words(&self) -> Option<String> {
        let (samples, head) = (self.samples.as_ref()?, self.head?);
        let rate_hz = samples.info().rate_hz;
        let time = |sample: u64| clock((sample as f64 / rate_hz) as u64);
        let how = if self.player.is_some() { "playing" } else { "play head at" };
        Some(format!("{how} {} / {}", time(head), time(samples.count())))
    }

    /// Time of the play head, in nanoseconds on the clock of the rows.
    pub(super) fn head_ns(&self) -> Option<i64> {
        Some(self.samples.as_ref()?.time_ns(self.head?))
    }
}

/// What Space and the button for it do with what is on show, and how that is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Space {
    /// Frames are played, or the newest one is followed; or one stands still.
    Frames { moves: bool },
    /// A recording that is there as a whole is played from its play head, or stops.
    Recording { plays: bool },
    /// Rows come: a file waits, and of live input the picture stands still.
    Rows { paused: bool },
}

/// Hours, minutes and seconds, as players show them.
fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

impl App {
    /// What Space does now.
    pub(super) fn space(&self) -> Space {
        match self.intake.frames() {
            Some(frames) => Space::Frames { moves: frames.is_playing() },
            None if self.playback.is_possible() => Space::Recording { plays: self.playback.plays() },
            None => Space::Rows { paused: self.paused },
        }
    }

    /// Plays from the play head, or from the beginning of what is on show if the head is outside of it; or pauses.
    pub(super) fn play_or_pause(&mut self) {
        if self.playback.player.is_some() {
            return self.stop_playing();
        }
        let frame = self.navigator.frame(self.intake.rows(), self.size);
        let (Some(samples), Some(frame)) = (&self.playback.samples, frame) else { return };
        let (from_ns, to_ns) = span_ns(&frame);
        let head = self.playback.head.filter(|&head| {
            let head_ns = samples.time_ns(head);
            head < samples.count() && from_ns <= head_ns && head_ns < to_ns
        });
        let first = head.unwrap_or_else(|| samples.sample_at(from_ns));
        // What is on show may begin at the end.
        self.play_from(if first < samples.count() { first } else { 0 });
    }

    /// Plays from the time at the pointer on.
    pub(super) fn play_here(&mut self) {
        match (&self.playback.samples, self.face.plot.pointed()) {
            (None, _) => self.face.toasts.info("Only a recording that is shown as a whole can be played."),
            (_, None) => self.face.toasts.info("Point at the picture to play from there."),
            (Some(samples), Some(point)) => {
                let first = samples.sample_at(point.time_ns);
                self.play_from(first);
            }
        }
    }

    fn play_from(&mut self, first: u64) {
        let Some(samples) = &self.playback.samples else { return };
        // Before the next one, so that it gets a device that only one may have.
        self.playback.player = None;
        match Player::start(Arc::clone(samples), first, PlayerOptions { mute: self.playback.mute }) {
            Ok(player) => {
                self.playback.player = Some(player);
                self.playback.head = Some(first);
                self.playback.seen = None;
                self.face.plot.head_ns = self.playback.head_ns();
                self.playback.next = Some(Instant::now());
            }
            Err(error) => self.complain(error.to_string()),
        }
        self.touch();
        self.request_redraw();
    }

    fn stop_playing(&mut self) {
        if let Some(player) = self.playback.player.take() {
            self.playback.head = Some(player.position());
        }
        self.playback.next = None;
        self.face.plot.head_ns = self.playback.head_ns();
        self.touch();
        self.request_redraw();
    }

    /// Moves the play head to where it is now, and the view after it when the head leaves it.
    pub(super) fn play_on(&mut self, now: Instant) {
        let Some((samples, player)) = self.playback.samples.as_ref().zip(self.playback.player.as_ref()) else {
            self.playback.next = None;
            return;
        };
        let (position, done) = (player.position(), player.is_done());
        let (head_ns, rate_hz) = (samples.time_ns(position), samples.info().rate_hz);
        match player.warning() {
            // It could not be read further.
            Some(warning) if done && position < samples.count() => {
                self.complain(format!("playing ended early: {warning}"))
            }
            Some(warning) if !replace(&mut self.playback.warned, true) => {
                log::warn!("playing without sound: {warning}");
                self.face.toasts.info(format!("Playing without sound: {warning}"));
                self.touch();
                self.request_redraw();
            }
            _ => {}
        }
        self.playback.head = Some(position);
        if done {
            return self.stop_playing();
        }
        self.playback.next = Some(now + TURN);
        let Some(frame) = self.navigator.frame(self.intake.rows(), self.size) else { return };
        let (from_ns, to_ns) = span_ns(&frame);
        if (from_ns..to_ns).contains(&head_ns) {
            self.playback.seen = Some(frame);
        } else if head_ns >= to_ns && self.playback.seen == Some(frame) {
            // It has left by itself; a user who looks elsewhere is left alone.
            self.navigator.show_from(self.intake.rows(), self.size, head_ns);
            self.playback.seen = self.navigator.frame(self.intake.rows(), self.size);
            self.moved();
        }
        // No screen shows more than some hundred pictures a second.
        let line = Duration::from_secs_f64((frame.line_ns() * 1e-9).clamp(0.004, 1.0));
        self.playback.next = Some(now + line.min(TURN));
        let drawn = (frame.line_at(head_ns), (position as f64 / rate_hz) as u64);
        if self.playback.drawn != Some(drawn) {
            self.playback.drawn = Some(drawn);
            self.face.plot.head_ns = Some(head_ns);
            self.touch();
            self.request_redraw();
        }
    }
}

/// The times on show: from the beginning of the first line to the end of the last one.
fn span_ns(frame: &Frame) -> (i64, i64) {
    let lines = frame.lines();
    (frame.time_of(lines.start as f64), frame.time_of(lines.end as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_players_show_them() {
        for (seconds, text) in [(0, "0:00"), (83, "1:23"), (1200, "20:00"), (3600, "1:00:00"), (90_061, "25:01:01")] {
            assert_eq!(clock(seconds), text);
        }
    }
}
