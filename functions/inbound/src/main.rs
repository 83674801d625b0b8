//! The Lambda function `inbound`: wiring alone.

use std::sync::Arc;

use platform::{aws::Aws, telemetry};
use service::{App, settings::Settings};
use storage::{dynamodb::DynamoDb, files::s3::S3};
use web::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    telemetry::start(env!("CARGO_PKG_NAME"));
    let settings = Settings::from_env()?;
    let aws = Aws::load().await?;
    let bucket = settings
        .files_bucket
        .clone()
        .ok_or("FILES_BUCKET is not set")?;
    let store = DynamoDb::new(aws.dynamodb(), settings.table_name.clone());
    let files = S3::new(aws.lazy(Aws::s3), bucket).keeping(settings.retention);
    let app = &App::new(Arc::new(store), settings).with_files(Arc::new(files));
    let events = |event| async move { inbound::handle(app, event).await };
    lambda::serve_with_events(inbound::router(app.clone()), events).await
}
