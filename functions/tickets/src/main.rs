//! The Lambda function `tickets`: wiring alone.

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
    let store = DynamoDb::new(aws.dynamodb(), settings.table_name.clone());
    let (bucket, retention) = (settings.files_bucket.clone(), settings.retention);
    let mut app = App::new(Arc::new(store), settings);
    if let Some(bucket) = bucket {
        let files = S3::new(aws.lazy(Aws::s3), bucket).keeping(retention);
        app = app.with_files(Arc::new(files));
    }
    lambda::serve(tickets::router(app)).await
}
