//! The Lambda function `events`: wiring alone.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use platform::{aws::Aws, telemetry};
use serde_json::value::RawValue;
use service::{App, json, settings::Settings};
use storage::dynamodb::DynamoDb;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start(env!("CARGO_PKG_NAME"));
    let settings = Settings::from_env()?;
    let aws = Aws::load().await?;
    let store = DynamoDb::new(aws.dynamodb(), settings.table_name.clone());
    let app = &App::new(Arc::new(store), settings);
    lambda_runtime::run(service_fn(|event: LambdaEvent<Box<RawValue>>| async move {
        let payload = json::parse(event.payload.get().as_bytes())?;
        events::handle(app, payload).await.map_err(Error::from)
    }))
    .await
}
