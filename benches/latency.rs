//! Time from a row that another program sends, to the finished picture of 1280×720 pixels in main memory.
//!
//! `cargo bench --bench latency`: 600 rows of 2048 floats, 60 a second, over OpenIGTLink on the loopback interface. What is measured is
//! the way that rows take in the window without a GPU, up to the point where the picture is shown: the socket, the source's thread,
//! the queue, the history, the loader, the strip, and a copy of the whole picture.

use std::error::Error;
use std::io::Write as _;
use std::net::TcpStream;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use ringfall::source::igtl::{IgtlOptions, IgtlRows, Image, Message, Scalar};
use ringfall::source::{Feed, WhenFull};
use ringfall::{Canvas, History, Loader, Options, Precision, Scale, Strip, Unit, View};

const ROWS: usize = 600;
const BINS: usize = 2048;
const SIZE: (u32, u32) = (1280, 720);
const EVERY: Duration = Duration::from_nanos(1_000_000_000 / 60);

/// A message with a row that begins with its number.
fn message(number: usize) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut values: Vec<f32> = (0..BINS).map(|bin| ((bin * 7 + number * 13) % 100) as f32).collect();
    values[0] = number as f32;
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    Ok(Message::new("IMAGE", "bench", Image::new(Scalar::F32, [BINS as u16, 1, 1], bytes).encode()).encode()?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let source = IgtlRows::open(&IgtlOptions::new("igtl://:0".parse()?))?;
    let mut peer = TcpStream::connect(("127.0.0.1", source.port()))?;
    peer.set_nodelay(true)?;
    let (wake, woken) = channel();
    let mut feed = Feed::run(Box::new(source), None, WhenFull::Drop, move || {
        // It fails when the measurement is over.
        let _ = wake.send(());
    })?;
    let messages = (0..ROWS).map(message).collect::<Result<Vec<_>, _>>()?;
    let (send, sent) = channel();
    let sender = thread::spawn(move || {
        let begun = Instant::now();
        for (number, message) in messages.iter().enumerate() {
            thread::sleep((EVERY * number as u32).saturating_sub(begun.elapsed()));
            let _ = send.send(Instant::now());
            if peer.write_all(message).is_err() {
                return;
            }
        }
        // The connection is open until all rows have been seen.
        thread::sleep(Duration::from_secs(2));
    });
    let mut history = History::with_unit(64 << 20, Precision::F32, Unit::None);
    let mut canvas = Canvas::new(&Options::default().bins(BINS as u32).size(SIZE.0, SIZE.1).unit(Unit::None))?;
    canvas.set_scale(Scale::linear(0.0, 100.0)?);
    let (mut loader, mut strip) = (Loader::new(View::default())?, Strip::new());
    let mut picture = vec![0; (SIZE.0 * SIZE.1) as usize];
    let (mut times, mut count) = (Vec::new(), 0);
    while count < ROWS && woken.recv_timeout(Duration::from_secs(5)).is_ok() {
        let (mut fresh, mut pushed) = (0, Ok(()));
        feed.drain(usize::MAX, |stamp, row| {
            fresh += 1;
            if pushed.is_ok() {
                pushed = history.push(stamp, row);
            }
        });
        pushed?;
        if fresh == 0 {
            continue;
        }
        loader.update_canvas(&mut canvas, &history)?;
        strip.prepare(&mut canvas)?;
        strip.copy_to(0..SIZE.0, 0..SIZE.1, &mut picture, SIZE.0 as usize)?;
        let done = Instant::now();
        for _ in 0..fresh {
            times.push(done.saturating_duration_since(sent.recv()?));
        }
        count += fresh;
    }
    let _ = sender.join();
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    if times.is_empty() {
        return Err("no row came".into());
    }
    println!(
        "{} of {ROWS} rows of {BINS} bins, 60 a second, to a picture of {}x{} in memory: median {:.3} ms, 95 % {:.3} ms, 99 % {:.3} ms, \
         longest {:.3} ms",
        times.len(),
        SIZE.0,
        SIZE.1,
        at(0.5),
        at(0.95),
        at(0.99),
        at(1.0)
    );
    Ok(())
}
