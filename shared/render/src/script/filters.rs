//! Filters and tests of `syntax: tera`: Tera's own where their result is no larger than what they
//! get, ours where it can be, and dates in the mail's language.

use jiff::civil::{Date, DateTime};
use tera::{Error, Kwargs, State, Tera, TeraResult, Value};

use super::budget::{charge, locale};
use super::functions::text;
use crate::texts;
use domain::catalog::{DateOrder, Language, Locale};

/// Tera's filters that are available, with how many times their input's length they may make.
pub(super) const SIZED: [(&str, u8); 23] = [
    ("upper", 4),
    ("lower", 4),
    ("capitalize", 4),
    ("title", 4),
    ("trim", 1),
    ("trim_start", 1),
    ("trim_end", 1),
    ("truncate", 2),
    ("wordcount", 0),
    ("length", 0),
    ("reverse", 1),
    ("sort", 8),
    ("unique", 8),
    ("keys", 1),
    ("values", 1),
    ("str", 12),
    ("first", 0),
    ("last", 0),
    ("nth", 0),
    ("get", 0),
    ("abs", 0),
    ("round", 0),
    ("pluralize", 1),
];

/// Ours, which pay for themselves.
const OWN: [&str; 12] = [
    "int",
    "float",
    "replace",
    "indent",
    "split",
    "join",
    "date",
    "date_time",
    "default",
    "escape",
    "escape_html",
    "escape_xml",
];

/// Writes newlines as `<br>`: only last in an output, where markup can be written.
pub(in super::super) const LINES: &str = "newlines_to_br";

const TESTS: [&str; 17] = [
    "string",
    "number",
    "map",
    "bool",
    "array",
    "integer",
    "float",
    "none",
    "iterable",
    "defined",
    "undefined",
    "odd",
    "even",
    "divisible_by",
    "starting_with",
    "ending_with",
    "containing",
];

/// Names of the filters that are available.
pub(in super::super) fn filters() -> impl Iterator<Item = &'static str> {
    SIZED.iter().map(|(name, _)| *name).chain(OWN)
}

/// Names of the tests that are available.
pub(in super::super) fn tests() -> impl Iterator<Item = &'static str> {
    TESTS.into_iter()
}

/// Names of the functions that are available.
pub(in super::super) fn functions() -> impl Iterator<Item = &'static str> {
    ["range"].into_iter()
}

/// Tests that look at all of what they get.
pub(super) fn looks_at_all(test: &str) -> bool {
    matches!(test, "starting_with" | "ending_with" | "containing")
}

/// Registers our filters, over Tera's of the same name.
pub(in super::super) fn register(tera: &mut Tera) {
    tera.register_filter("replace", replace);
    tera.register_filter("indent", indent);
    tera.register_filter("split", split);
    tera.register_filter("join", join);
    tera.register_filter("date", date);
    tera.register_filter("date_time", date_time);
    tera.register_filter("default", default);
    tera.register_filter("int", int);
    tera.register_filter("float", float);
    tera.register_test("defined", |value: &Value, _: Kwargs, _: &State| {
        has_value(value)
    });
    tera.register_test("undefined", |value: &Value, _: Kwargs, _: &State| {
        !has_value(value)
    });
    for name in ["escape", "escape_html", "escape_xml"] {
        tera.register_filter(name, already_escaped);
    }
}

/// What is written is escaped for its place in any case; twice would be wrong.
fn already_escaped(value: Value, _: Kwargs, _: &State) -> Value {
    value
}

/// Whether there is something. A key without a value is an empty text in every expression, so that
/// none fails on it; what asks whether there is a value takes it for none.
fn has_value(value: &Value) -> bool {
    !value.is_undefined() && !value.is_none() && value.as_str() != Some("")
}

/// `{{ CATEGORIA | default(value="-") }}`: what stands for a key without a value.
fn default(value: Value, kwargs: Kwargs, _: &State) -> TeraResult<Value> {
    let otherwise = kwargs.must_get::<Value>("value")?;
    let false_too = kwargs.get::<bool>("boolean")?.unwrap_or(false);
    let there = has_value(&value) && (!false_too || value.is_truthy());
    Ok(if there { value } else { otherwise })
}

/// `{{ PRIORIDADE | int(default=9) }}`: a whole number. Tera's own has no way out for a text that is
/// not one, and a key may hold any text.
fn int(value: &Value, kwargs: Kwargs, _: &State) -> TeraResult<Value> {
    let base = kwargs.get::<u32>("base")?.unwrap_or(10);
    if !(2..=36).contains(&base) {
        return Err(Error::message("the base of a number is from 2 to 36"));
    }
    let whole = |number: f64| -> Option<i128> {
        let fits = number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0;
        fits.then(|| number.to_string().parse().ok())?
    };
    let read = match value.as_str().map(str::trim) {
        Some(text) => i128::from_str_radix(text, base)
            .ok()
            .or_else(|| text.parse().ok().filter(|_| base == 10).and_then(whole)),
        None => value.as_i128().or_else(|| value.as_f64().and_then(whole)),
    };
    number(read.map(Value::from), &kwargs, "a whole number")
}

/// `{{ TEMPOGASTOHORA | float(default=0.0) }}`: a number.
fn float(value: &Value, kwargs: Kwargs, _: &State) -> TeraResult<Value> {
    let read = match value.as_str() {
        Some(text) => text.trim().parse::<f64>().ok(),
        None => value.as_f64(),
    };
    let read = read.filter(|number| number.is_finite());
    number(read.map(Value::from), &kwargs, "a number")
}

fn number(read: Option<Value>, kwargs: &Kwargs, what: &str) -> TeraResult<Value> {
    let otherwise = kwargs.get::<Value>("default")?;
    read.or(otherwise).ok_or_else(|| {
        Error::message(format!(
            "a text is not {what}; with `default=…` there is always one"
        ))
    })
}

fn replace(value: &Value, kwargs: Kwargs, _: &State) -> TeraResult<String> {
    let whole = text(value)?;
    let (from, to) = (
        kwargs.must_get::<&str>("from")?,
        kwargs.must_get::<&str>("to")?,
    );
    if from.is_empty() {
        return Err(Error::message("`replace` needs something to replace"));
    }
    charge(1 + whole.len() as u64 / 16, 0)?;
    let times = whole.matches(from).count() as u64;
    charge(
        times,
        whole.len() as u64 + times.saturating_mul(to.len() as u64),
    )?;
    Ok(whole.replace(from, to))
}

fn indent(value: &Value, kwargs: Kwargs, _: &State) -> TeraResult<String> {
    let whole = text(value)?;
    let width = kwargs.get::<usize>("width")?.unwrap_or(4);
    let first = kwargs.get::<bool>("first")?.unwrap_or(false);
    let blank = kwargs.get::<bool>("blank")?.unwrap_or(false);
    // The margin itself is made even where no line takes it.
    let lines = 1 + whole.lines().count() as u64;
    let margins = lines.saturating_mul((width as u64).saturating_add(1));
    charge(lines, margins.saturating_add(whole.len() as u64))?;
    let margin = " ".repeat(width);
    let mut out = String::new();
    for (index, line) in whole.split_inclusive('\n').enumerate() {
        let empty = line.trim_end_matches(['\r', '\n']).is_empty();
        if (index > 0 || first) && (!empty || blank) {
            out.push_str(&margin);
        }
        out.push_str(line);
    }
    Ok(out)
}

fn split(value: &Value, kwargs: Kwargs, _: &State) -> TeraResult<Vec<Value>> {
    let whole = text(value)?;
    let separator = kwargs.must_get::<&str>("pat")?;
    if separator.is_empty() {
        return Err(Error::message("`split` needs something to split at"));
    }
    let parts = whole.matches(separator).count() as u64 + 1;
    charge(parts, parts.saturating_mul(64) + whole.len() as u64)?;
    let parts: Vec<Value> = whole.split(separator).map(Value::from).collect();
    super::budget::weigh(&Value::from(parts.clone()))?;
    Ok(parts)
}

fn join(value: &Value, kwargs: Kwargs, _: &State) -> TeraResult<String> {
    let separator = kwargs.get::<&str>("sep")?.unwrap_or_default();
    let Some(items) = value.as_array() else {
        return Err(Error::message("`join` joins the items of a list"));
    };
    let mut out = String::new();
    for (index, item) in items.iter().enumerate() {
        let item = text(item)?;
        charge(1, item.len() as u64 + separator.len() as u64)?;
        if index > 0 {
            out.push_str(separator);
        }
        out.push_str(&item);
    }
    Ok(out)
}

/// `{{ DATAHORA | date }}`, `{{ DATAHORA | date(format="%d de %B") }}`: a day, as the mail's
/// language writes it or as the format says. Text that is not a date stays as it is.
fn date(value: &Value, kwargs: Kwargs, _: &State) -> TeraResult<String> {
    formatted(value, &kwargs, |at, locale| {
        crate::format_date(at.date(), locale)
    })
}

/// `{{ DATAHORA | date_time }}`: as `date`, with the time.
fn date_time(value: &Value, kwargs: Kwargs, _: &State) -> TeraResult<String> {
    formatted(value, &kwargs, |at, locale| {
        let day = crate::format_date(at.date(), locale);
        format!("{day} {:02}:{:02}", at.hour(), at.minute())
    })
}

fn formatted(
    value: &Value,
    kwargs: &Kwargs,
    default: impl Fn(DateTime, Locale) -> String,
) -> TeraResult<String> {
    /// Longer than any format that people write.
    const FORMAT_LIMIT: usize = 100;
    let whole = text(value)?;
    let Some(at) = parse(whole.trim(), locale().dates) else {
        return Ok(whole);
    };
    let Some(format) = kwargs.get::<&str>("format")? else {
        return Ok(default(at, locale()));
    };
    if format.len() > FORMAT_LIMIT || format.contains(|c: char| c.is_control()) {
        return Err(Error::message("a date format has at most 100 characters"));
    }
    charge(10, 1_000)?;
    let localised = localise(format, at, locale().language);
    let mut out = String::new();
    jiff::fmt::strtime::format(&localised, at)
        .map(|text| out = text)
        .map_err(|_| Error::message("the date format has a part that means nothing"))?;
    Ok(out)
}

/// Dates as keys hold them (written for the mail's language) or as ISO 8601.
fn parse(text: &str, dates: DateOrder) -> Option<DateTime> {
    let format = match dates {
        DateOrder::MonthDayYear => "%m/%d/%Y",
        DateOrder::DayMonthYear => "%d/%m/%Y",
        DateOrder::YearMonthDay => "%Y-%m-%d",
    };
    if text.len() > 40 {
        return None;
    }
    DateTime::strptime(format!("{format} %H:%M"), text)
        .or_else(|_| Date::strptime(format, text).map(|day| day.at(0, 0, 0, 0)))
        .or_else(|_| text.parse::<DateTime>())
        .or_else(|_| text.parse::<Date>().map(|day| day.at(0, 0, 0, 0)))
        .ok()
}

/// Names of months and days in the mail's language; the library of dates knows English alone.
fn localise(format: &str, at: DateTime, language: Language) -> String {
    let months = texts::filters::MONTHS.get(language);
    let days = texts::filters::DAYS.get(language);
    let nth = |names: &'static str, index: i8| {
        let index = usize::try_from(index).unwrap_or_default();
        names.split(' ').nth(index).unwrap_or_default()
    };
    let month = nth(months, at.month() - 1);
    let day = nth(days, at.weekday().to_monday_zero_offset());
    let short = |name: &str| name.chars().take(3).collect::<String>();
    format
        .replace("%B", month)
        .replace("%b", &short(month))
        .replace("%A", day)
        .replace("%a", &short(day))
}
