//! The Lambda function `sender`: wiring alone.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use platform::{aws::Aws, telemetry};
use sender::{FILE_ATTEMPT, Options, Sender};
use serde_json::value::RawValue;
use service::{
    App,
    outgoing::open_transport::{self, Makers},
    settings::Settings,
};
use storage::{dynamodb::DynamoDb, files::s3::S3};
use transport::{ses::Ses, smtp::Patience};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start(env!("CARGO_PKG_NAME"));
    let settings = Settings::from_env()?;
    let aws = Aws::load().await?;
    let ses = || -> transport::SharedTransport {
        Arc::new(Ses::new(
            aws.lazy(Aws::ses),
            settings.configuration_set.clone(),
        ))
    };
    let makers = Makers {
        ses: Some(&ses),
        smtp: Patience::FUNCTION,
        outbox: None,
    };
    let transport = open_transport::open(&settings, makers)?;
    let store = Arc::new(DynamoDb::new(aws.dynamodb(), settings.table_name.clone()));
    let options = Options::of_function(settings.connections, transport.longest_call());
    let bucket = settings.files_bucket.clone();
    let mut app = App::new(store, settings);
    if let Some(bucket) = bucket {
        app = app.with_files(Arc::new(S3::new(
            aws.lazy(|aws| aws.s3_within(FILE_ATTEMPT)),
            bucket,
        )));
    }
    let sender = &Sender::with_options(app, transport, options);
    lambda_runtime::run(service_fn(|event: LambdaEvent<Box<RawValue>>| async move {
        let payload = serde_json::from_str(event.payload.get())?;
        Box::pin(sender::handle(sender, payload))
            .await
            .map_err(Error::from)
    }))
    .await
}
