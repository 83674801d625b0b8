//! The Lambda function `feedback`: takes in what SES tells about mails of ours, as EventBridge brings it.
//!
//! An error makes Lambda bring the event again, and after the last time put it into the dead-letter queue.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use platform::{aws::Aws, telemetry};
use serde_json::{Value, value::RawValue};
use service::{App, feedback, settings::Settings};
use storage::dynamodb::DynamoDb;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start(env!("CARGO_PKG_NAME"));
    let settings = Settings::from_env()?;
    let aws = Aws::load().await?;
    let store = DynamoDb::new(aws.dynamodb(), settings.table_name.clone());
    let app = &App::new(Arc::new(store), settings);
    lambda_runtime::run(service_fn(|event: LambdaEvent<Box<RawValue>>| async move {
        let payload = serde_json::from_str(event.payload.get())?;
        feedback::apply(app, &payload)
            .await
            .map(|_| Value::Null)
            .map_err(Error::from)
    }))
    .await
}
