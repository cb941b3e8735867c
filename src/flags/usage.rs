//! Flags that are right one by one and wrong together.

/// A command line that is wrong, whatever files and devices there are. The program exits with 2 for it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

/// Returns a [`Usage`] error with this text.
macro_rules! wrong {
    ($($text:tt)*) => { return Err($crate::flags::Usage(format!($($text)*)).into()) };
}
pub(crate) use wrong;
