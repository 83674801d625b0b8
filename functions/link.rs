//! Build script of the functions: a release binary is linked at a fixed address.
//!
//! Thirty thousand pointers need no adjusting at the start then, and the pages that hold them no
//! copy: a tenth of a cold start. See `docs/decisions/0016-what-a-start-costs.md`.

use std::env;

pub(crate) fn main() {
    println!("cargo::rerun-if-changed=../link.rs");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|found| found == value);
    if is("PROFILE", "release") && is("CARGO_CFG_TARGET_OS", "linux") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
