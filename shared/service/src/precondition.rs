//! Optimistic locking of what people change: a change names the state that it was made for.

use crate::{Code, Error, Result, texts};

/// The state that a change counts on, as `If-Match` (RFC 9110, 13.1.1) says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// No header, which a change needs: see [`Precondition::check`].
    None,
    /// `*`: any present state.
    Any,
    /// One of these marks.
    OneOf(Vec<String>),
}

impl Precondition {
    /// Holds the demand against the present mark; a thing that is not there yet needs none.
    ///
    /// # Errors
    /// [`Code::PreconditionRequired`] without one, [`Code::Stale`] when it does not hold.
    pub fn check(&self, present: Option<&str>) -> Result<()> {
        match (self, present) {
            (Self::None, None) | (Self::Any, Some(_)) => Ok(()),
            (Self::None, Some(_)) => Err(Error::new(
                Code::PreconditionRequired,
                texts::precondition::IT_EXISTS_ALREADY.phrase(),
            )),
            (Self::OneOf(marks), Some(present)) if marks.iter().any(|mark| mark == present) => {
                Ok(())
            }
            (Self::Any | Self::OneOf(_), _) => Err(Error::new(
                Code::Stale,
                texts::precondition::IT_CHANGED_SINCE_YOU_READ.phrase(),
            )),
        }
    }
}
