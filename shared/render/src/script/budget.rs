//! The budget of a rendering: steps, bytes and time.
//!
//! Every operation that can cost more than a moment charges before it runs: a loop for all its
//! turns and everything in its body, a text for its length, a list for its items. Bytes are what
//! was ever made, not what is still there, so they bound memory too. The clock is read with every
//! charge, and between two charges there is never more to do than the template is long.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use tera::{Error, TeraResult, Value};

use crate::texts;
use domain::catalog::{Locale, Texts};

/// Most steps of one rendering: a step is an operation of the template.
const STEPS: u64 = 500_000;
/// Most bytes that one rendering may ever make.
const BYTES: u64 = 12 * 1024 * 1024;
/// Longest rendering. The contract says one second; the rest is for what comes after.
const TIME: Duration = Duration::from_millis(800);
/// Most items of a list or map, those inside its items counted.
const ITEMS: u64 = 10_000;
/// Deepest list or map.
const DEPTH: u32 = 6;

/// What was used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Exceeded {
    Steps,
    Memory,
    Time,
    Items,
    Output,
    /// Of a template in keys, which may say more.
    KeysOutput,
}

impl Exceeded {
    pub(in super::super) fn words(self) -> Texts {
        match self {
            Self::Steps => texts::budget::STEPS,
            Self::Memory => texts::budget::MEMORY,
            Self::Time => texts::budget::TIME,
            Self::Items => texts::budget::ITEMS,
            Self::Output => texts::budget::OUTPUT,
            Self::KeysOutput => texts::budget::KEYS_OUTPUT,
        }
    }
}

struct Budget {
    steps: u64,
    bytes: u64,
    deadline: Instant,
    exceeded: Option<Exceeded>,
    locale: Locale,
}

/// What is left for checking a template: all its languages, each tried several times, share it.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Allowance {
    steps: u64,
    bytes: u64,
    time: Duration,
}

impl Allowance {
    /// What one rendering may use up.
    pub(in super::super) const RENDERING: Self = Self {
        steps: STEPS,
        bytes: BYTES,
        time: TIME,
    };

    /// What checking a whole template may use up.
    pub(in super::super) const TEMPLATE: Self = Self {
        steps: 2 * STEPS,
        bytes: 2 * BYTES,
        time: Duration::from_millis(1_600),
    };

    /// What the next rendering of a check may use up.
    fn next(self) -> Self {
        Self {
            steps: self.steps.min(STEPS),
            bytes: self.bytes.min(BYTES),
            time: self.time.min(TIME),
        }
    }
}

thread_local! {
    /// Tera's functions get no state of ours; rendering stays on one thread.
    static BUDGET: RefCell<Option<Budget>> = const { RefCell::new(None) };
}

/// Takes the budget away even when a rendering panics.
struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        BUDGET.with_borrow_mut(|budget| *budget = None);
    }
}

/// Renders within an allowance, takes from it what was used, and says what was used
/// up, if something was.
pub(in super::super) fn within<T>(
    locale: Locale,
    allowance: &mut Allowance,
    render: impl FnOnce() -> T,
) -> (T, Option<Exceeded>) {
    let mine = allowance.next();
    let started = Instant::now();
    BUDGET.with_borrow_mut(|budget| {
        *budget = Some(Budget {
            steps: mine.steps,
            bytes: mine.bytes,
            deadline: started + mine.time,
            exceeded: None,
            locale,
        });
    });
    let guard = Guard;
    let result = render();
    let (exceeded, steps, bytes) = BUDGET.with_borrow(|budget| {
        budget.as_ref().map_or((None, 0, 0), |budget| {
            (budget.exceeded, budget.steps, budget.bytes)
        })
    });
    drop(guard);
    allowance.steps -= mine.steps - steps;
    allowance.bytes -= mine.bytes - bytes;
    allowance.time = allowance.time.saturating_sub(started.elapsed());
    (result, exceeded)
}

/// Language of the mail that is being rendered, and how it writes days.
pub(super) fn locale() -> Locale {
    BUDGET.with_borrow(|budget| {
        budget
            .as_ref()
            .map(|budget| budget.locale)
            .unwrap_or_default()
    })
}

/// Pays for an operation.
pub(super) fn charge(steps: u64, bytes: u64) -> TeraResult<()> {
    let refused = BUDGET.with_borrow_mut(|budget| {
        let budget = budget.as_mut()?;
        let left = (
            budget.steps.checked_sub(steps),
            budget.bytes.checked_sub(bytes),
        );
        match left {
            (Some(steps), Some(bytes)) if Instant::now() <= budget.deadline => {
                budget.steps = steps;
                budget.bytes = bytes;
            }
            (None, _) => budget.exceeded = budget.exceeded.or(Some(Exceeded::Steps)),
            (_, None) => budget.exceeded = budget.exceeded.or(Some(Exceeded::Memory)),
            _ => budget.exceeded = budget.exceeded.or(Some(Exceeded::Time)),
        }
        budget.exceeded
    });
    match refused {
        Some(exceeded) => Err(Error::message(exceeded.words().en)),
        None => Ok(()),
    }
}

pub(in super::super) fn exceed(exceeded: Exceeded) -> Error {
    BUDGET.with_borrow_mut(|budget| {
        if let Some(budget) = budget {
            budget.exceeded = budget.exceeded.or(Some(exceeded));
        }
    });
    Error::message(exceeded.words().en)
}

/// How much a value is: items, those inside items counted, and bytes of text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Weight {
    pub(super) items: u64,
    pub(super) bytes: u64,
}

/// Weighs a value. What is too large or too deep ends the rendering, so no value ever is.
pub(super) fn weigh(value: &Value) -> TeraResult<Weight> {
    let mut weight = Weight::default();
    add(value, 0, &mut weight)?;
    Ok(weight)
}

fn add(value: &Value, depth: u32, weight: &mut Weight) -> TeraResult<()> {
    weight.items += 1;
    if depth > DEPTH || weight.items > ITEMS {
        return Err(exceed(Exceeded::Items));
    }
    if let Some(text) = value.as_str() {
        weight.bytes = weight.bytes.saturating_add(text.len() as u64);
    } else if let Some(items) = value.as_array() {
        for item in items {
            add(item, depth + 1, weight)?;
        }
    } else if let Some(map) = value.as_map() {
        for (key, item) in map {
            weight.bytes += key.as_str().map_or(16, str::len) as u64;
            add(item, depth + 1, weight)?;
        }
    }
    Ok(())
}
