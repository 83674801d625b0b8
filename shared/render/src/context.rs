//! What rendering needs beside the values, and how it fails.

use jiff::tz::TimeZone;
use thiserror::Error;

use super::{Part, TokenSpec};
use domain::catalog::{Locale, Texts};

/// Makes the link that a `{TOKEN(…)}` asks for.
pub type LinkMaker<'a> = dyn Fn(&TokenSpec) -> String + Sync + 'a;

/// What rendering needs beside the values.
#[derive(Clone)]
pub struct RenderContext<'a> {
    /// Language of the mail and how it writes days.
    pub locale: Locale,
    /// Time zone of the mail.
    pub time_zone: TimeZone,
    /// Makes token links; without it they are plain links to the ticket.
    pub link_maker: Option<&'a LinkMaker<'a>>,
}

impl Default for RenderContext<'_> {
    fn default() -> Self {
        Self {
            locale: Locale::default(),
            time_zone: TimeZone::UTC,
            link_maker: None,
        }
    }
}

impl std::fmt::Debug for RenderContext<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RenderContext")
            .field("locale", &self.locale)
            .field("time_zone", &self.time_zone)
            .field("link_maker", &self.link_maker.is_some())
            .finish()
    }
}

/// Why a compiled template could not be rendered. Holds no value of the ticket.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RenderError {
    /// It went beyond a limit: output, steps, memory or time.
    #[error("the template goes beyond a limit: {}", .0.en)]
    Limit(Texts),
    /// An expression of a part fails on these values.
    #[error("an expression of the template's {0:?} fails on the values of this ticket")]
    Tera(Part),
}

impl RenderError {
    /// The code of this error in answers and timelines; part of the API's contract.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Limit(_) => "TERA_LIMIT",
            Self::Tera(_) => "TERA_SYNTAX",
        }
    }
}
