//! Players on devices of the tests.

use std::path::PathBuf;

use super::outlet::Outlet;
use super::*;
use crate::rows::RowsError;
use crate::source::Stretch;

const TURN: Duration = Duration::from_millis(2);

/// Samples in memory: two stretches with an hour between them.
struct Memory {
    info: SourceInfo,
    samples: Vec<f32>,
    stretches: Vec<Stretch>,
    /// From this sample on the file cannot be read.
    broken: usize,
}

impl Memory {
    fn new(rate_hz: f64, samples: Vec<f32>) -> Arc<Self> {
        let half = samples.len() as u64 / 2;
        let stretch = |first, samples, time_ns| Stretch { first, samples, time_ns, centre_hz: 0.0 };
        let stretches = vec![stretch(0, half, 0), stretch(half, samples.len() as u64 - half, 3_600_000_000_000)];
        Arc::new(Self {
            info: SourceInfo::new("memory", rate_hz, SampleKind::Real),
            samples,
            stretches,
            broken: usize::MAX,
        })
    }

    fn ramp(rate_hz: f64, count: usize) -> Arc<Self> {
        Self::new(rate_hz, (0..count).map(|n| (n + 1) as f32 / (count + 1) as f32).collect())
    }
}

impl Samples for Memory {
    fn info(&self) -> &SourceInfo {
        &self.info
    }

    fn stretches(&self) -> &[Stretch] {
        &self.stretches
    }

    fn reader(&self) -> Box<dyn SampleReader + '_> {
        Box::new(MemoryReader(self))
    }
}

struct MemoryReader<'a>(&'a Memory);

impl SampleReader for MemoryReader<'_> {
    fn read_at(&mut self, first: u64, count: usize, out: &mut Vec<f32>) -> Result<(), RowsError> {
        out.clear();
        let first = first as usize;
        if first + count > self.0.broken {
            let message = "it has become shorter".to_owned();
            return Err(RowsError::File { path: PathBuf::from("memory"), offset: self.0.broken as u64, message });
        }
        out.extend_from_slice(&self.0.samples[first..first + count]);
        Ok(())
    }
}

/// A device of a millisecond's buffer, or one that does something else.
struct Fake {
    rate_hz: u32,
    does: Does,
    heard: Mutex<Vec<f32>>,
    released: AtomicBool,
}

#[derive(Clone, Copy, PartialEq)]
enum Does {
    /// It plays as fast as a device of its rate.
    Play,
    /// It takes samples as fast as it gets them.
    Race,
    Refuse,
    HangAtOnce,
    /// It hangs after this many callbacks, until it is released.
    HangAfter(u32),
    Vanish,
}

impl Fake {
    fn new(rate_hz: u32, does: Does) -> Arc<Self> {
        Arc::new(Self { rate_hz, does, heard: Mutex::default(), released: AtomicBool::new(false) })
    }

    fn hang(&self) {
        while !self.released.load(Ordering::SeqCst) {
            thread::sleep(TURN);
        }
    }
}

impl Output for Fake {
    fn play(&self, _: f64, open: &mut dyn FnMut(u32) -> Outlet, stop: &Receiver<()>) -> Result<(), SourceError> {
        match self.does {
            Does::Refuse => {
                return Err(SourceError::Device { device: "fake".to_owned(), reason: "it is busy".to_owned() });
            }
            Does::HangAtOnce => {
                self.hang();
                return Ok(());
            }
            _ => {}
        }
        let mut outlet = open(self.rate_hz);
        let begun = Instant::now();
        let (mut done, mut calls) = (0, 0);
        while matches!(stop.try_recv(), Err(TryRecvError::Empty)) {
            let due = (begun.elapsed().as_secs_f64() * f64::from(self.rate_hz)) as usize;
            let count = if self.does == Does::Race { 4096 } else { due - done };
            done += count;
            let mut out = vec![9.0; 2 * count];
            outlet.fill(&mut out, 2, Duration::ZERO);
            assert!(out.as_chunks().0.iter().all(|&[left, right]: &[f32; 2]| left == right));
            // The samples of the tests are never 0.
            self.heard.lock().unwrap().extend(out.iter().step_by(2).filter(|&&value| value != 0.0));
            calls += 1;
            match self.does {
                Does::HangAfter(most) if calls > most => self.hang(),
                Does::Vanish if calls > 20 => outlet.heard().gone.store(true, Ordering::SeqCst),
                _ => {}
            }
            thread::sleep(TURN);
        }
        Ok(())
    }
}

fn start(samples: &Arc<Memory>, first: u64, fake: &Arc<Fake>) -> Player {
    let (samples, fake) = (Arc::clone(samples) as Arc<dyn Samples>, Arc::clone(fake));
    Player::with_output(samples, first, PlayerOptions::default(), fake).unwrap()
}

/// Waits until it is done, and says how long that took; the position never goes back.
fn play(player: &Player) -> Duration {
    let begun = Instant::now();
    let mut before = player.position();
    while !player.is_done() {
        assert!(begun.elapsed() < Duration::from_secs(30), "it does not end: {player:?}");
        thread::sleep(TURN);
        let now = player.position();
        assert!(now >= before);
        before = now;
    }
    begun.elapsed()
}

#[test]
fn every_sample_is_heard_once_and_in_order() {
    for does in [Does::Play, Does::Race] {
        let (samples, fake) = (Memory::ramp(8000.0, 6000), Fake::new(8000, does));
        let player = start(&samples, 1000, &fake);
        let took = play(&player);
        assert_eq!(player.position(), 6000);
        drop(player);
        assert_eq!(*fake.heard.lock().unwrap(), samples.samples[1000..]);
        // 5000 samples at 8000 Hz last 625 ms; of those, half a second may be in the queue of a device without a clock.
        let least = if does == Does::Race { 100 } else { 600 };
        assert!(took >= Duration::from_millis(least), "{took:?}");
    }
}

#[test]
fn the_position_follows_the_device() {
    let (samples, fake) = (Memory::ramp(8000.0, 80_000), Fake::new(48_000, Does::Play));
    let player = start(&samples, 8000, &fake);
    thread::sleep(Duration::from_millis(500));
    let begun = Instant::now();
    let position = loop {
        let (position, heard) = (player.position(), fake.heard.lock().unwrap().len());
        // A frame of the device is a sixth of a sample. Between the two numbers, a busy machine may lose a moment.
        if (position as f64 - (8000.0 + heard as f64 / 6.0)).abs() < 400.0 {
            break position;
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "{position}, and the device has {heard} frames");
        thread::sleep(TURN);
    };
    assert!(position > 8000 && !player.is_done() && player.warning().is_none());
}

#[test]
fn by_the_clock_where_there_is_to_be_no_sound() {
    let fake = Fake::new(8000, Does::Play);
    let mut complex = SourceInfo::new("complex", 8000.0, SampleKind::Complex);
    let fast = SourceInfo::new("fast", 250_000.0, SampleKind::Real);
    complex.centre_hz = 1e6;
    let muted = SourceInfo::new("muted", 8000.0, SampleKind::Real);
    for (info, mute) in [(complex, false), (fast, false), (muted, true)] {
        let count = (0.3 * info.rate_hz) as usize;
        let memory = Memory { info, ..Arc::into_inner(Memory::ramp(1.0, count)).unwrap() };
        let output = Arc::clone(&fake) as Arc<dyn Output>;
        let player = Player::with_output(Arc::new(memory), 0, PlayerOptions { mute }, output).unwrap();
        let took = play(&player);
        assert!(took >= Duration::from_millis(280), "{took:?}");
        assert_eq!((player.position(), player.warning().is_none()), (count as u64, true));
    }
    assert_eq!(fake.heard.lock().unwrap().len(), 0);
}

#[test]
fn without_a_device_it_goes_on_by_the_clock_and_says_why() {
    for (does, word) in [(Does::Refuse, "it is busy"), (Does::Vanish, "it went away")] {
        let (samples, fake) = (Memory::ramp(8000.0, 4000), Fake::new(8000, does));
        let player = start(&samples, 0, &fake);
        let took = play(&player);
        assert!(took >= Duration::from_millis(450), "{took:?}");
        let warning = player.warning().expect("a warning").to_string();
        assert!(warning.contains(word), "{warning}");
    }
}

#[test]
fn a_device_that_hangs_is_left_behind() {
    for does in [Does::HangAtOnce, Does::HangAfter(20)] {
        let (samples, fake) = (Memory::ramp(8000.0, 800_000), Fake::new(8000, does));
        let player = start(&samples, 0, &fake);
        let begun = Instant::now();
        while player.warning().is_none() {
            assert!(begun.elapsed() < Duration::from_secs(20), "nobody notices");
            thread::sleep(TURN);
        }
        assert!(player.warning().unwrap().to_string().contains("does not answer"));
        let before = player.position();
        thread::sleep(Duration::from_millis(50));
        assert!(player.position() > before, "it goes on by the clock");
        let begun = Instant::now();
        drop(player);
        // It waits for 200 ms; what a busy machine adds to that is not counted.
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        fake.released.store(true, Ordering::SeqCst);
    }
}

#[test]
fn a_file_that_cannot_be_read_further_is_the_end() {
    let memory = Memory { broken: 3000, ..Arc::into_inner(Memory::ramp(8000.0, 20_000)).unwrap() };
    let (samples, fake) = (Arc::new(memory), Fake::new(8000, Does::Play));
    let player = start(&samples, 0, &fake);
    play(&player);
    assert!(player.position() < 20_000);
    assert!(player.warning().unwrap().to_string().contains("memory: at byte 3000"), "{:?}", player.warning());
}

#[test]
fn the_ends_of_numbers() {
    let fake = Fake::new(8000, Does::Play);
    for first in [0, 1, u64::MAX] {
        let player = start(&Memory::new(8000.0, Vec::new()), first, &fake);
        assert!(player.is_done());
        assert_eq!(player.position(), 0);
    }
    let player = start(&Memory::ramp(8000.0, 100), u64::MAX, &fake);
    assert_eq!((player.position(), player.is_done()), (100, true));
    // Rates that no device has.
    for rate_hz in [1e-3, 1.5, 191_999.5] {
        let player = start(&Memory::ramp(rate_hz, 1000), 0, &fake);
        thread::sleep(Duration::from_millis(30));
        assert!(player.position() <= 1000 && player.warning().is_none());
    }
}

#[test]
fn times_and_samples_belong_together() {
    // 500 samples a second, then an hour of nothing, then 500 more.
    let memory = Memory::ramp(500.0, 1000);
    let hour_ns = 3_600_000_000_000;
    for (sample, time_ns) in [(0, 0), (250, 500_000_000), (500, hour_ns), (750, hour_ns + 500_000_000)] {
        assert_eq!((memory.time_ns(sample), memory.sample_at(time_ns)), (time_ns, sample));
    }
    assert_eq!((memory.time_ns(1000), memory.time_ns(u64::MAX)), (hour_ns + 1_000_000_000, hour_ns + 1_000_000_000));
    assert_eq!(
        (memory.sample_at(2_000_000_000), memory.sample_at(i64::MIN), memory.sample_at(i64::MAX)),
        (500, 0, 1000)
    );
    assert_eq!(Memory::new(500.0, Vec::new()).sample_at(5), 0);
}
