//! The Lambda function `console`: wiring alone.

use console::{Config, Files};
use platform::telemetry;
use web::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    telemetry::start(env!("CARGO_PKG_NAME"));
    let config = Config::from_variables(|name| std::env::var(name).ok())?;
    lambda::serve(console::router(config, Files::Embedded)).await
}
