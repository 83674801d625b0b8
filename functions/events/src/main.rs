//! The Lambda function `events`: wiring alone.

use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use shared::{app::App, aws, settings::Settings, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    telemetry::start();
    let settings = Settings::from_env()?;
    let store = aws::storage(&settings).await?;
    let app = &App::new(store, settings);
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| async move {
        events::handle(app, event.payload).await
    }))
    .await
}
