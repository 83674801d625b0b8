//! The Lambda function `sender`: wiring alone.

use std::{sync::Arc, time::Duration};

use lambda_runtime::{Error, LambdaEvent, service_fn};
use platform::{aws::Aws, telemetry};
use sender::{LIFE, MARGIN, Options, PACE, SWEEP, Sender};
use serde_json::value::RawValue;
use service::{
    App,
    outgoing::open_transport::{self, Makers},
    settings::Settings,
};
use storage::{dynamodb::DynamoDb, files::s3::S3};
use transport::{
    ses::{CALL_TIMEOUT, Ses},
    smtp::Patience,
};

/// Longest attempt to read a file from the bucket: three of them fit into what a sweep leaves. A mail
/// links to what does not come.
const FILE: Duration = Duration::from_secs(5);
/// The stream brings new deliveries within a second or two; the sweep takes what it did not.
const GRACE: Duration = Duration::from_secs(20);

// Whatever is under way when a sweep or a batch ends its work is done when the function must end.
const _: () = assert!(
    LIFE.as_secs() >= SWEEP.as_secs() + CALL_TIMEOUT.as_secs() + MARGIN.as_secs()
        && LIFE.as_secs() >= PACE.as_secs() + CALL_TIMEOUT.as_secs() + MARGIN.as_secs()
);

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
    let options = Options {
        sweep: SWEEP.min(LIFE.saturating_sub(transport.longest_call() + MARGIN)),
        grace: GRACE,
        concurrency: settings.connections,
        ..Options::default()
    };
    let bucket = settings.files_bucket.clone();
    let mut app = App::new(store, settings);
    if let Some(bucket) = bucket {
        app = app.with_files(Arc::new(S3::new(
            aws.lazy(|aws| aws.s3_within(FILE)),
            bucket,
        )));
    }
    let sender = &Sender::with_options(app, transport, options);
    lambda_runtime::run(service_fn(|event: LambdaEvent<Box<RawValue>>| async move {
        let payload = serde_json::from_str(event.payload.get())?;
        sender::handle(sender, payload).await.map_err(Error::from)
    }))
    .await
}
