//! How much a scanner looks at: a test counts it, so that no input makes it grow with the square of
//! the text. Outside of tests it counts nothing and costs nothing.

#[cfg(test)]
std::thread_local! {
    static LOOKED_AT: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// Notes that so many bytes were looked at.
#[cfg(test)]
pub(super) fn looked_at(bytes: usize) {
    LOOKED_AT.with(|all| all.set(all.get() + bytes as u64));
}

/// Notes that so many bytes were looked at.
#[cfg(not(test))]
#[inline(always)]
pub(super) fn looked_at(_: usize) {}

/// How many bytes `work` looks at.
#[cfg(test)]
pub(super) fn count(work: impl FnOnce()) -> u64 {
    let before = LOOKED_AT.get();
    work();
    LOOKED_AT.get() - before
}
