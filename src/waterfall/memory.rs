//! Refusals of memory as errors.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::error::Error;

/// Makes textures; what the device says about memory becomes an error of ours, not one in the host's error scope.
///
/// Nothing waits: natively the answer is there at once. In a browser it comes later, and goes unheard.
pub(super) fn guard<T>(device: &wgpu::Device, what: &'static str, make: impl FnOnce() -> T) -> Result<T, Error> {
    let scope = device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
    let made = make();
    let answer = pin!(scope.pop());
    match answer.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Some(error)) => Err(Error::OutOfMemory { what, message: error.to_string() }),
        _ => Ok(made),
    }
}
