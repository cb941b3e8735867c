//! Out-of-memory as an error.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::error::Error;

/// Makes textures; a device out of memory becomes an error of ours, not one in the host's error scope.
///
/// Nothing waits: natively the answer is there immediately. In a browser it comes later and is ignored.
pub(super) fn guard<T>(device: &wgpu::Device, what: &'static str, make: impl FnOnce() -> T) -> Result<T, Error> {
    let scope = device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
    let made = make();
    let answer = pin!(scope.pop());
    match answer.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Some(error)) => Err(Error::OutOfMemory { what, message: error.to_string() }),
        _ => Ok(made),
    }
}
