//! The figures as tables, beside their targets.

use std::{fs, io::Write, path::Path};

use crate::{
    Failure,
    cold::Measured,
    counted::processor,
    local::Throughput,
    own::Own,
    program::{Job, Program, Side},
    start::{End, Starts},
    stats::{milliseconds, verdict},
    warm::Warm,
};

/// Most times a hello world's cold path that one of ours may take.
const HELLO: f64 = 4.0;
/// Least times that the peer in Python takes of ours.
const PYTHON: f64 = 20.0;
/// Most memory, MiB.
const MEMORY: f64 = 20.0;
/// Largest zip, MiB.
const ZIP: f64 = 6.0;
/// Most time from the start of the local runner to its first answer after a clean end, milliseconds.
const START: f64 = 300.0;
/// Most memory of the local runner, MiB.
const RESIDENT: f64 = 64.0;
/// Most own time of a posted message, milliseconds.
const OWN: f64 = 1.0;
/// Most storage calls of a posted message.
const CALLS: usize = 2;

/// Writes the table of the cold path.
///
/// # Errors
/// When it cannot be written, or a zip is missing.
pub fn cold(
    out: &mut impl Write,
    place: &str,
    programs: &[Program],
    measured: &[Measured],
    zips: &Path,
) -> Result<(), Failure> {
    let runs = "process start to the answer of a first request; storage:";
    writeln!(out, "\nCold path, {runs} {place}\n")?;
    writeln!(
        out,
        "| function | median ms | p95 ms | CPU ms | × hello (≤ {HELLO}) | Python ms | × faster (≥ {PYTHON}) | peak MiB (≤ {MEMORY}) | Python MiB | zip MiB (≤ {ZIP}) | |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|---|---|---|---|")?;
    let of = |job, side| of(programs, measured, job, side);
    let seconds = |m: &Measured| m.time.median().as_secs_f64();
    let hello = of(Job::Hello, Side::Ours).map(seconds);
    for (program, ours) in programs.iter().zip(measured) {
        if program.side != Side::Ours {
            continue;
        }
        let job = program.job;
        let peer = of(job, Side::Python);
        let over_hello = hello.map(|hello| seconds(ours) / hello);
        let faster = peer.map(|peer| seconds(peer) / seconds(ours));
        let peak = mebibytes(ours.peak);
        let zip = mebibytes(fs::metadata(zips.join(format!("{}.zip", job.name())))?.len());
        let holds = over_hello.is_none_or(|times| times <= HELLO)
            && faster.is_none_or(|times| times >= PYTHON)
            && peak <= MEMORY
            && zip <= ZIP;
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {peak:.1} | {} | {zip:.2} | {} |",
            job.name(),
            milliseconds(ours.time.median()),
            milliseconds(ours.time.quantile(0.95)),
            milliseconds(ours.cpu.median()),
            ratio(over_hello),
            peer.map_or_else(|| "–".to_owned(), |peer| milliseconds(peer.time.median())),
            ratio(faster),
            peer.map_or_else(
                || "–".to_owned(),
                |peer| format!("{:.1}", mebibytes(peer.peak))
            ),
            verdict(holds),
        )?;
    }
    counts(out, programs, measured)
}

fn of<'a>(
    programs: &[Program],
    measured: &'a [Measured],
    job: Job,
    side: Side,
) -> Option<&'a Measured> {
    let at = programs
        .iter()
        .position(|p| p.job == job && p.side == side)?;
    measured.get(at)
}

/// Writes what of another commit was measured in turn with ours: its figures, then ours.
///
/// # Errors
/// When it cannot be written, or a zip is missing.
pub fn compared(
    out: &mut impl Write,
    programs: &[Program],
    measured: &[Measured],
    zips: [&Path; 2],
) -> Result<(), Failure> {
    writeln!(out, "\nThe other commit → this one\n")?;
    writeln!(
        out,
        "| function | median ms | CPU ms | million instructions | page faults | peak MiB | zip MiB |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|")?;
    for (program, ours) in programs.iter().zip(measured) {
        let job = program.job;
        let Some(before) = of(programs, measured, job, Side::Before) else {
            continue;
        };
        if program.side != Side::Ours {
            continue;
        }
        let file = format!("{}.zip", job.name());
        let zip = |folder: &Path| fs::metadata(folder.join(&file)).map(|found| found.len());
        let (zip_before, zip) = (zip(zips[0])?, zip(zips[1])?);
        writeln!(
            out,
            "| {} | {} → {} | {} → {} | {} → {} | {} → {} | {:.1} → {:.1} | {:.2} → {:.2} |",
            job.name(),
            milliseconds(before.time.median()),
            milliseconds(ours.time.median()),
            milliseconds(before.cpu.median()),
            milliseconds(ours.cpu.median()),
            millions(before.instructions),
            millions(ours.instructions),
            before.faults,
            ours.faults,
            mebibytes(before.peak),
            mebibytes(ours.peak),
            mebibytes(zip_before),
            mebibytes(zip),
        )?;
    }
    Ok(())
}

/// Writes what of a first request the SDK takes for the calls alone.
///
/// # Errors
/// When it cannot be written.
pub fn floor(
    out: &mut impl Write,
    programs: &[Program],
    measured: &[Measured],
) -> Result<(), Failure> {
    writeln!(
        out,
        "\nThe same calls made by the SDK alone → the function\n"
    )?;
    writeln!(
        out,
        "| function | median ms | × hello | CPU ms | million instructions | page faults |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    let of = |job, side| of(programs, measured, job, side);
    let hello = of(Job::Hello, Side::Ours).map(|hello| hello.time.median().as_secs_f64());
    let over_hello = |m: &Measured| ratio(hello.map(|hello| m.time.median().as_secs_f64() / hello));
    for (program, sdk) in programs.iter().zip(measured) {
        let Some(ours) = of(program.job, Side::Ours).filter(|_| program.side == Side::Sdk) else {
            continue;
        };
        writeln!(
            out,
            "| {} | {} → {} | {} → {} | {} → {} | {} → {} | {} → {} |",
            program.job.name(),
            milliseconds(sdk.time.median()),
            milliseconds(ours.time.median()),
            over_hello(sdk),
            over_hello(ours),
            milliseconds(sdk.cpu.median()),
            milliseconds(ours.cpu.median()),
            millions(sdk.instructions),
            millions(ours.instructions),
            sdk.faults,
            ours.faults,
        )?;
    }
    Ok(())
}

/// A count in millions; nobody reads more than two digits after the point.
#[expect(clippy::cast_precision_loss)]
fn millions(count: Option<u64>) -> String {
    count.map_or_else(
        || "–".to_owned(),
        |count| format!("{:.2}", count as f64 / 1e6),
    )
}

/// Writes what repeats where times do not.
fn counts(
    out: &mut impl Write,
    programs: &[Program],
    measured: &[Measured],
) -> Result<(), Failure> {
    writeln!(
        out,
        "\nThe same, counted; times above are of {}\n",
        processor()
    )?;
    writeln!(out, "| function | million instructions | page faults |")?;
    writeln!(out, "|---|---|---|")?;
    for (program, measured) in programs.iter().zip(measured) {
        if program.side != Side::Ours {
            continue;
        }
        writeln!(
            out,
            "| {} | {} | {} |",
            program.job.name(),
            millions(measured.instructions),
            measured.faults,
        )?;
    }
    Ok(())
}

/// Writes what functions take that run already.
///
/// # Errors
/// When it cannot be written.
pub fn warm(out: &mut impl Write, programs: &[Program], measured: &[Warm]) -> Result<(), Failure> {
    writeln!(
        out,
        "\nA request to a function that runs already; storage and SES answer at once\n"
    )?;
    writeln!(out, "| function | side | median ms | CPU ms | peak MiB |")?;
    writeln!(out, "|---|---|---|---|---|")?;
    for (program, warm) in programs.iter().zip(measured) {
        writeln!(
            out,
            "| {} | {:?} | {} | {} | {:.1} |",
            program.job.name(),
            program.side,
            milliseconds(warm.time.median()),
            milliseconds(warm.cpu),
            mebibytes(warm.peak),
        )?;
    }
    Ok(())
}

/// Writes the own time of a posted message.
///
/// # Errors
/// When it cannot be written.
pub fn own(out: &mut impl Write, own: &Own) -> Result<(), Failure> {
    let median = own.time.median();
    let calls = own.calls.total();
    writeln!(
        out,
        "\nPOST /tickets/{{id}}/messages, own time without storage\n"
    )?;
    writeln!(
        out,
        "| median ms (≤ {OWN}) | p95 ms | storage calls (≤ {CALLS}) | |"
    )?;
    writeln!(out, "|---|---|---|---|")?;
    writeln!(
        out,
        "| {} | {} | {calls} | {} |",
        milliseconds(median),
        milliseconds(own.time.quantile(0.95)),
        verdict(median.as_secs_f64() * 1e3 <= OWN && calls <= CALLS),
    )?;
    Ok(())
}

/// Writes the throughput of the local runner.
///
/// # Errors
/// When it cannot be written.
pub fn local(out: &mut impl Write, messages: usize, rows: &[Throughput]) -> Result<(), Failure> {
    writeln!(
        out,
        "\nLocal runner, embedded store and outbox, everything on disk (fsync), {messages} messages\n"
    )?;
    writeln!(
        out,
        "| clients | messages stored/s | messages to mails in the outbox/s |"
    )?;
    writeln!(out, "|---|---|---|")?;
    for Throughput {
        clients,
        stored,
        mailed,
    } in rows
    {
        writeln!(out, "| {clients} | {stored:.0} | {mailed:.0} |")?;
    }
    Ok(())
}

/// Writes how the local runner starts.
///
/// # Errors
/// When it cannot be written.
pub fn start(out: &mut impl Write, measured: &Starts) -> Result<(), Failure> {
    let Starts {
        messages,
        store,
        starts,
    } = measured;
    let store = mebibytes(*store);
    writeln!(
        out,
        "\nLocal runner beside {messages} messages and their mails, store of {store:.0} MiB: process start to the first answer\n"
    )?;
    writeln!(
        out,
        "| last end | median ms (≤ {START} after SIGTERM) | longest ms | peak MiB at the first answer (≤ {RESIDENT}) | after more requests (≤ {RESIDENT}) | |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    for start in starts {
        let (longest, first, later) = (
            start.time.quantile(1.0),
            mebibytes(start.memory),
            mebibytes(start.memory_later),
        );
        let in_time = start.end != End::Clean || longest.as_secs_f64() * 1e3 <= START;
        writeln!(
            out,
            "| {} | {} | {} | {first:.1} | {later:.1} | {} |",
            start.end.name(),
            milliseconds(start.time.median()),
            milliseconds(longest),
            verdict(in_time && first.max(later) <= RESIDENT),
        )?;
    }
    Ok(())
}

fn ratio(times: Option<f64>) -> String {
    times.map_or_else(|| "–".to_owned(), |times| format!("{times:.2}"))
}

fn mebibytes(bytes: u64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "far below the precision of a float"
    )]
    let bytes = bytes as f64;
    bytes / (1024.0 * 1024.0)
}
