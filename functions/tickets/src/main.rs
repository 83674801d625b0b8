//! The Lambda function `tickets`: wiring alone.

use shared::{app::App, aws, http::lambda, settings::Settings, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    telemetry::start();
    let settings = Settings::from_env()?;
    let store = aws::storage(&settings).await?;
    lambda::serve(tickets::router(App::new(store, settings))).await
}
