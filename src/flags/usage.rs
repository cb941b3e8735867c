//! Errors for flags that are valid alone but not together.

/// A command line that is wrong regardless of files and devices. The program then exits with 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

/// Returns a [`Usage`] error with this text.
macro_rules! wrong {
    ($($text:tt)*) => { return Err($crate::flags::Usage(format!($($text)*)).into()) };
}
pub(crate) use wrong;
