//! The Lambda function `parameters`: wiring alone.

use std::sync::Arc;

use platform::{aws::Aws, telemetry};
use service::{App, settings::Settings};
use storage::dynamodb::DynamoDb;
use web::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    telemetry::start(env!("CARGO_PKG_NAME"));
    let settings = Settings::from_env()?;
    let aws = Aws::load().await?;
    let store = DynamoDb::new(aws.dynamodb(), settings.table_name.clone());
    lambda::serve(parameters::router(App::new(Arc::new(store), settings))).await
}
