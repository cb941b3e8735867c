//! What the values of rows are.

/// What the values of rows are: it decides what their mean is, and what stands behind them in a read-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Unit {
    /// Decibels: their mean is that of the power they stand for.
    #[default]
    Decibel,
    /// A linear quantity: the mean is the plain one.
    Linear,
    /// Plain numbers: the mean is the plain one.
    None,
}
