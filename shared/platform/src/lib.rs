//! What a process needs of its surroundings: AWS clients, logs and metrics, private folders.

#[cfg(feature = "aws")]
pub mod aws;
pub mod folder;
pub mod telemetry;
