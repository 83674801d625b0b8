//! The functions that a translated template calls. Names begin with two underscores, which no
//! name in a template may.

use tera::value::Key;
use tera::{Error, Kwargs, State, Tera, TeraResult, Value};

use super::budget::{Exceeded, charge, exceed, weigh};
use crate::{place::Place, slot};

/// What an item of a list takes.
const ITEM: u64 = 32;
/// Steps of looking at a text of this many bytes.
const BYTES_A_STEP: u64 = 64;
const RANGE_LIMIT: i64 = 10_000;

/// Registers what templates may use and what translation adds.
pub(in super::super) fn register(tera: &mut Tera) {
    tera.register_function("range", range);
    tera.register_function("throw", throw);
    tera.register_function("__out", out);
    tera.register_function("__iter", iterate);
    tera.register_function("__cat", concatenate);
    tera.register_function("__val", value);
    tera.register_function("__keep", keep);
    tera.register_function("__in", contains);
    tera.register_function("__idx", item);
    tera.register_function("__slice", slice);
}

fn undefined_or(kwargs: &Kwargs, name: &'static str) -> TeraResult<Value> {
    Ok(kwargs.get::<Value>(name)?.unwrap_or_else(Value::undefined))
}

/// A value as text; lists and maps as Tera shows them.
pub(super) fn text(value: &Value) -> TeraResult<String> {
    if let Some(text) = value.as_str() {
        charge(1 + text.len() as u64 / BYTES_A_STEP, text.len() as u64)?;
        return Ok(text.to_owned());
    }
    let weight = weigh(value)?;
    // A text inside a list is shown quoted, and a quoted character takes up to ten bytes.
    charge(
        weight.items + weight.bytes / 8,
        weight.items * ITEM + weight.bytes * 12,
    )?;
    if value.is_none() {
        return Ok(String::new());
    }
    Ok(value.to_string())
}

/// `{{ value }}`: the value written for its place.
fn out(kwargs: Kwargs, _: &State) -> TeraResult<Value> {
    let value = undefined_or(&kwargs, "v")?;
    if value.is_undefined() {
        return Err(Error::message("there is no such value"));
    }
    let place = kwargs.must_get::<usize>("p")?;
    let lines = kwargs.get::<bool>("l")?.unwrap_or(false);
    let text = text(&value)?;
    // Escaping makes a text up to six times as long.
    charge(1, text.len() as u64 * 2)?;
    let place = Place::ALL.get(place).copied().unwrap_or(Place::Nowhere);
    Ok(slot::computed(text, lines, place))
}

/// What a loop goes through: paid for all its turns, `w` steps each.
fn iterate(kwargs: Kwargs, _: &State) -> TeraResult<Value> {
    let value = undefined_or(&kwargs, "v")?;
    let body = kwargs.must_get::<u64>("w")?;
    let bytes = value.as_str().map_or(0, |text| text.len() as u64);
    charge(bytes / BYTES_A_STEP, 0)?;
    let turns = value.len().unwrap_or(0) as u64;
    // A list is shared with the loop; a map or text is gone through piece by piece.
    let made = if value.as_array().is_some() {
        0
    } else {
        turns * ITEM + bytes
    };
    charge(turns.saturating_mul(body.saturating_add(1)), made)?;
    Ok(value)
}

fn concatenate(kwargs: Kwargs, _: &State) -> TeraResult<Value> {
    let mut out = String::new();
    let mut index = 0;
    while let Some(part) = kwargs.get::<Value>(&format!("a{index}"))? {
        let part = text(&part)?;
        charge(1, part.len() as u64)?;
        out.push_str(&part);
        index += 1;
    }
    Ok(Value::from(out))
}

/// The value itself, paid for looking at all of it; `c` is how many times its length is made.
fn value(kwargs: Kwargs, _: &State) -> TeraResult<Value> {
    let value = undefined_or(&kwargs, "v")?;
    let copies = kwargs.get::<u64>("c")?.unwrap_or(0);
    let weight = weigh(&value)?;
    charge(
        weight.items + weight.bytes / BYTES_A_STEP,
        (weight.items * ITEM + weight.bytes).saturating_mul(copies),
    )?;
    Ok(value)
}

/// A list or map that was just made.
fn keep(kwargs: Kwargs, _: &State) -> TeraResult<Value> {
    let value = undefined_or(&kwargs, "v")?;
    let items = weigh(&value)?.items;
    charge(items, items * ITEM)?;
    Ok(value)
}

fn contains(kwargs: Kwargs, _: &State) -> TeraResult<bool> {
    let (needle, whole) = (undefined_or(&kwargs, "a")?, undefined_or(&kwargs, "b")?);
    let (small, large) = (weigh(&needle)?, weigh(&whole)?);
    charge(
        1 + small.items.saturating_mul(large.items) / 8 + (small.bytes + large.bytes) / 16,
        0,
    )?;
    if let Some(items) = whole.as_array() {
        return Ok(items.contains(&needle));
    }
    if let Some(map) = whole.as_map() {
        let key = needle.as_str().map(|key| Key::from(key.to_owned()));
        return Ok(key.is_some_and(|key| map.contains_key(&key)));
    }
    match (whole.as_str(), needle.as_str()) {
        (Some(text), Some(part)) => Ok(text.contains(part)),
        (Some(_), None) => Ok(false),
        _ => Err(Error::message("`in` looks into texts, lists and maps")),
    }
}

fn item(kwargs: Kwargs, _: &State) -> TeraResult<Value> {
    let (of, index) = (undefined_or(&kwargs, "v")?, undefined_or(&kwargs, "i")?);
    if of.is_undefined() || of.is_none() {
        return match kwargs.get::<bool>("o")? {
            Some(true) => Ok(Value::undefined()),
            _ => Err(Error::message("there is nothing to take an item from")),
        };
    }
    let found = if let Some(map) = of.as_map() {
        let key = index.as_str().map(|key| Key::from(key.to_owned()));
        key.and_then(|key| map.get(&key).cloned())
    } else {
        let at = index
            .as_i128()
            .ok_or_else(|| Error::message("an index is a whole number"))?;
        if let Some(items) = of.as_array() {
            position(at, items.len()).and_then(|at| items.get(at).cloned())
        } else if let Some(text) = of.as_str() {
            charge(1 + text.len() as u64 / BYTES_A_STEP, 8)?;
            let at = position(at, text.chars().count());
            at.and_then(|at| text.chars().nth(at))
                .map(|c| Value::from(c.to_string()))
        } else {
            None
        }
    };
    Ok(found.unwrap_or_else(Value::undefined))
}

/// An index from the front, or from the back when it is negative.
fn position(at: i128, length: usize) -> Option<usize> {
    let at = if at < 0 {
        at.checked_add(length as i128)?
    } else {
        at
    };
    usize::try_from(at).ok().filter(|at| *at < length)
}

fn slice(kwargs: Kwargs, _: &State) -> TeraResult<Value> {
    let of = undefined_or(&kwargs, "v")?;
    let weight = weigh(&of)?;
    let bytes = weight.bytes.saturating_mul(5);
    charge(
        weight.items + weight.bytes / 16,
        weight.items * ITEM + bytes,
    )?;
    let bound = |name: &'static str| kwargs.get::<i64>(name);
    let (from, to, step) = (bound("a")?, bound("b")?, bound("s")?);
    if let Some(items) = of.as_array() {
        Ok(Value::from(sliced(items, from, to, step)?))
    } else if let Some(text) = of.as_str() {
        let characters: Vec<char> = text.chars().collect();
        let part: String = sliced(&characters, from, to, step)?.into_iter().collect();
        Ok(Value::from(part))
    } else {
        Err(Error::message("only texts and lists have parts"))
    }
}

/// As in Python and Tera.
fn sliced<T: Clone>(
    items: &[T],
    from: Option<i64>,
    to: Option<i64>,
    step: Option<i64>,
) -> TeraResult<Vec<T>> {
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let step = step.unwrap_or(1);
    if step == 0 {
        return Err(Error::message("the step of a part cannot be 0"));
    }
    let (low, high) = if step > 0 {
        (0, length)
    } else {
        (-1, length - 1)
    };
    let resolve = |bound: Option<i64>, default: i64| match bound {
        None => default,
        Some(at) if at < 0 => at.saturating_add(length).clamp(low, high),
        Some(at) => at.clamp(low, high),
    };
    let (first, last) = if step > 0 { (low, high) } else { (high, low) };
    let (mut at, end) = (resolve(from, first), resolve(to, last));
    let mut part = Vec::new();
    while if step > 0 { at < end } else { at > end } {
        part.extend(
            usize::try_from(at)
                .ok()
                .and_then(|at| items.get(at))
                .cloned(),
        );
        at = at.saturating_add(step);
    }
    Ok(part)
}

fn range(kwargs: Kwargs, _: &State) -> TeraResult<Vec<i64>> {
    let start = kwargs.get::<i64>("start")?.unwrap_or(0);
    let end = kwargs.must_get::<i64>("end")?;
    let step = kwargs.get::<i64>("step_by")?.unwrap_or(1);
    if step == 0 {
        return Err(Error::message("the step of a range cannot be 0"));
    }
    let span = i128::from(end) - i128::from(start);
    let length = (span / i128::from(step)).max(0) + 1;
    if length > i128::from(RANGE_LIMIT) + 1 {
        return Err(exceed(Exceeded::Items));
    }
    let mut numbers = Vec::new();
    let mut at = start;
    while if step > 0 { at < end } else { at > end } {
        numbers.push(at);
        match at.checked_add(step) {
            Some(next) => at = next,
            None => break,
        }
    }
    charge(numbers.len() as u64, numbers.len() as u64 * ITEM)?;
    Ok(numbers)
}

/// No mail is stopped on purpose by its template.
fn throw(_: Kwargs, _: &State) -> TeraResult<bool> {
    Err(Error::message(
        "`throw` is not available in templates of mails",
    ))
}
