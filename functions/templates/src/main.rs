//! The Lambda function `templates`: wiring alone.

use std::sync::Arc;

use platform::{aws::Aws, telemetry};
use service::{App, settings::Settings};
use storage::dynamodb::DynamoDb;
use transport::ses::Ses;
use web::lambda;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::Error> {
    telemetry::start(env!("CARGO_PKG_NAME"));
    let settings = Settings::from_env()?;
    let aws = Aws::load().await?;
    let store = DynamoDb::new(aws.dynamodb(), settings.table_name.clone());
    let mailer = Arc::new(Ses::new(
        aws.lazy(Aws::ses),
        settings.configuration_set.clone(),
    ));
    lambda::serve(templates::router(
        App::new(Arc::new(store), settings),
        mailer,
    ))
    .await
}
