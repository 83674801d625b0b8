//! The figures of sending as tables, beside their targets.

use std::io::Write;

use super::{
    batch::{Batch, SES, STORAGE},
    burst::Burst,
    cpu::Cpu,
    growth::{Conversation, Size},
    polling::Look,
    throttled::Throttled,
    units::Spent,
};
use crate::{
    Failure,
    stats::{milliseconds, verdict},
};

/// Most times of a batch of one that one of ten may take.
const BATCH: f64 = 1.3;
/// Most storage calls a mail beyond those of the batch.
const CALLS: f64 = 2.0;
/// Most own processor time a mail, milliseconds.
const CPU: f64 = 1.0;
/// Most times the ideal time that a throttled burst may take.
const IDEAL: f64 = 1.15;
/// Most of its calls that may be throttled.
const REFUSED: f64 = 0.05;
/// Most times the bytes and the time of a message that a larger store may need.
const FLAT: f64 = 1.25;

/// Writes the batch and the processor time.
///
/// # Errors
/// When it cannot be written.
pub fn batch(out: &mut impl Write, batch: &Batch, cpu: &Cpu) -> Result<(), Failure> {
    let (one, ten) = (batch.one.median(), batch.ten.median());
    let times = ten.as_secs_f64() / one.as_secs_f64();
    let (storage, ses) = (STORAGE.as_millis(), SES.as_millis());
    writeln!(
        out,
        "\nA batch, storage at {storage} ms a call, SES at {ses} ms\n"
    )?;
    writeln!(
        out,
        "| one mail ms | ten mails ms | × (≤ {BATCH}) | storage calls of one, of ten (reads, queries, commits, the schedule's) | a further mail (≤ {CALLS}) | |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    let calls = batch.calls_a_mail();
    writeln!(
        out,
        "| {} | {} | {times:.2} | {:?}, {:?} | {calls:.2} | {} |",
        milliseconds(one),
        milliseconds(ten),
        batch.calls[0],
        batch.calls[1],
        verdict(times <= BATCH && calls <= CALLS),
    )?;
    writeln!(out, "\nProcessor time of a mail in batches of ten\n")?;
    writeln!(
        out,
        "| own ms (≤ {CPU}) | own ms, all of one ticket | with the AWS clients ms | |"
    )?;
    writeln!(out, "|---|---|---|---|")?;
    writeln!(
        out,
        "| {} | {} | {} | {} |",
        milliseconds(cpu.own),
        milliseconds(cpu.of_one_ticket),
        milliseconds(cpu.with_clients),
        verdict(cpu.own.as_secs_f64() * 1e3 <= CPU),
    )?;
    Ok(())
}

/// Writes the request units of the table.
///
/// # Errors
/// When it cannot be written.
pub fn units(out: &mut impl Write, spent: &Spent) -> Result<(), Failure> {
    writeln!(
        out,
        "\nRequest units of the table for a message with one mail\n"
    )?;
    writeln!(out, "| | read | write |")?;
    writeln!(out, "|---|---|---|")?;
    for (name, units) in [
        ("posted", spent.posted),
        ("sent, in batches of ten", spent.sent),
        ("two events of SES", spent.told),
    ] {
        writeln!(out, "| {name} | {:.1} | {:.1} |", units.read, units.write)?;
    }
    writeln!(out, "\nWhere the written ones go\n")?;
    writeln!(out, "| | item | table | index |")?;
    writeln!(out, "|---|---|---|---|")?;
    for (name, written) in &spent.written {
        for (entity, [table, index]) in written {
            writeln!(out, "| {name} | {entity} | {table:.1} | {index:.1} |")?;
        }
    }
    Ok(())
}

/// Writes the units of looks at lists.
///
/// # Errors
/// When it cannot be written.
pub fn polling(out: &mut impl Write, looks: &[Look]) -> Result<(), Failure> {
    writeln!(
        out,
        "\nRead units of the table for a look at the list of tickets\n"
    )?;
    writeln!(
        out,
        "| | first page | check, nothing new | check, one ticket changed |"
    )?;
    writeln!(out, "|---|---|---|---|")?;
    for Look {
        role,
        list,
        quiet,
        news,
    } in looks
    {
        writeln!(out, "| {role} | {list:.1} | {quiet:.1} | {news:.1} |")?;
    }
    Ok(())
}

/// Writes the throttled run.
///
/// # Errors
/// When it cannot be written.
pub fn throttled(out: &mut impl Write, run: &Throttled) -> Result<(), Failure> {
    let (over, part) = (run.over_ideal(), run.part_throttled());
    writeln!(
        out,
        "\n{} messages, SES at {} a second, two senders\n",
        run.messages, run.rate
    )?;
    writeln!(
        out,
        "| took s | × ideal (≤ {IDEAL}) | calls | throttled (≤ {:.0} %) | failed (0) | |",
        REFUSED * 100.0
    )?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    writeln!(
        out,
        "| {:.1} | {over:.3} | {} | {:.2} % | {} | {} |",
        run.took.as_secs_f64(),
        run.calls,
        part * 100.0,
        run.failed,
        verdict(over <= IDEAL && part <= REFUSED && run.failed == 0),
    )?;
    Ok(())
}

/// Writes the burst.
///
/// # Errors
/// When it cannot be written.
pub fn burst(out: &mut impl Write, run: &Burst) -> Result<(), Failure> {
    let ideal = super::float(run.messages) / run.rate;
    let drained = run.drained.as_secs_f64();
    writeln!(
        out,
        "\nA burst of {} messages, SES at {} a second, one sender, embedded store in memory\n",
        run.messages, run.rate
    )?;
    writeln!(
        out,
        "| in the queue after s | drained in s | at the rate s | mails/s | failed (0) | |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    writeln!(
        out,
        "| {:.1} | {drained:.1} | {ideal:.1} | {:.0} | {} | {} |",
        run.posted.as_secs_f64(),
        super::float(run.messages) / drained,
        run.failed,
        verdict(run.failed == 0),
    )?;
    Ok(())
}

/// Writes growth and conversations.
///
/// # Errors
/// When it cannot be written.
pub fn growth(
    out: &mut impl Write,
    sizes: &[Size],
    conversations: &[Conversation],
) -> Result<(), Failure> {
    writeln!(
        out,
        "\nEmbedded store on disk, every commit synced, each message posted and sent\n"
    )?;
    writeln!(
        out,
        "| messages | bytes a message (flat) | ms a message (flat) | |"
    )?;
    writeln!(out, "|---|---|---|---|")?;
    // A small store has room that it does not use yet: what matters is that nothing grows.
    let first = sizes.first().copied();
    for size in sizes {
        let flat = first.is_some_and(|first| {
            size.bytes <= first.bytes * FLAT && size.time <= first.time.mul_f64(FLAT)
        });
        writeln!(
            out,
            "| {} | {:.0} | {} | {} |",
            size.messages,
            size.bytes,
            milliseconds(size.time),
            verdict(flat),
        )?;
    }
    writeln!(out, "\nThe first page of a conversation\n")?;
    writeln!(
        out,
        "| messages | page ms | reads, queries (1), commits, the schedule's | ms of the last post | |"
    )?;
    writeln!(out, "|---|---|---|---|---|")?;
    for row in conversations {
        writeln!(
            out,
            "| {} | {} | {:?} | {} | {} |",
            row.messages,
            milliseconds(row.page),
            row.calls,
            milliseconds(row.post),
            verdict(row.calls[1] == 1),
        )?;
    }
    Ok(())
}
