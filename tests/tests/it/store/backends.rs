//! Where the tests run. An emulator is started once for all of them.

use std::sync::OnceLock;

use tests::emulator::Emulator;

static MOTO: OnceLock<Option<Emulator>> = OnceLock::new();
static MINISTACK: OnceLock<Option<Emulator>> = OnceLock::new();

/// moto; `None`, with a line that says so, when it is not installed.
pub(super) fn moto() -> Option<&'static Emulator> {
    started(&MOTO, Emulator::moto)
}

/// ministack; `None`, with a line that says so, when it is not installed.
pub(super) fn ministack() -> Option<&'static Emulator> {
    started(&MINISTACK, Emulator::ministack)
}

fn started(
    emulator: &'static OnceLock<Option<Emulator>>,
    start: fn() -> Option<Emulator>,
) -> Option<&'static Emulator> {
    let emulator = emulator.get_or_init(start).as_ref();
    if emulator.is_none() {
        println!("skipped: the emulator is not installed");
    }
    emulator
}
