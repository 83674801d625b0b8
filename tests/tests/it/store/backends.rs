//! Where the tests run. An emulator is started once for all of them.

use std::sync::OnceLock;

use tests::emulator::Emulator;

static MOTO: OnceLock<Emulator> = OnceLock::new();
static MINISTACK: OnceLock<Emulator> = OnceLock::new();

pub(super) fn moto() -> &'static Emulator {
    MOTO.get_or_init(Emulator::moto)
}

pub(super) fn ministack() -> &'static Emulator {
    MINISTACK.get_or_init(Emulator::ministack)
}
