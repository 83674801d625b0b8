//! Folders of this machine.

use std::{fs, io, path::Path};

/// Makes a folder that its owner alone can look into: mails and addresses are in it. One that is
/// there is left as it is.
///
/// # Errors
/// What the system says of the folder.
pub fn make_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
