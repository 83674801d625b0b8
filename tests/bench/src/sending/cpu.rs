//! Own processor time of a mail: a sender with the clients of AWS, over a table and a mail service
//! that answer at once and that other threads serve.

use std::{fs, sync::Arc, time::Duration};

use ::tests::memory::Memory;
use platform::aws::Aws;
use service::outgoing::sending::Sender;
use storage::dynamodb::DynamoDb;
use tokio::runtime;
use transport::{Transport, ses::Ses};

use super::{batch::MAILS, desk, items, post, shared_storage, slow::Accepting};
use crate::{Failure, table::Table};

/// Processor time of one mail.
#[derive(Clone, Copy, Debug)]
pub struct Cpu {
    /// Of the application alone: lease, rendering, MIME, record; each mail of a batch is about a ticket of
    /// its own.
    pub own: Duration,
    /// The same where all mails of a batch are about one ticket.
    pub of_one_ticket: Duration,
    /// With what the clients of DynamoDB and SES add: signatures, JSON, HTTP.
    pub with_clients: Duration,
}

/// Sends `mails` mails in batches of ten, each way.
///
/// # Errors
/// When one is not sent.
pub async fn measure(mails: usize) -> Result<Cpu, Failure> {
    let table = Table::start().await?;
    let url = table.url().to_owned();
    let alone = |order| move || of_thread(async move { in_memory(mails, order).await });
    let own = tokio::task::spawn_blocking(alone(Order::InTurn)).await??;
    let of_one_ticket = tokio::task::spawn_blocking(alone(Order::ByTicket)).await??;
    let over = move || of_thread(async move { over_http(&url, mails).await });
    let with_clients = tokio::task::spawn_blocking(over).await??;
    Ok(Cpu {
        own,
        of_one_ticket,
        with_clients,
    })
}

/// Runs on this thread alone.
fn of_thread<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(work)
}

/// In which order mails of many tickets come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// One of each ticket in turn.
    InTurn,
    /// All of a ticket, then those of the next.
    ByTicket,
}

async fn in_memory(mails: usize, order: Order) -> Result<Duration, Failure> {
    let desk = desk(Arc::new(Memory::default())).await?;
    let mut keys = post(&desk, mails + MAILS).await?;
    if order == Order::ByTicket {
        keys.sort_unstable();
    }
    let transport = Arc::new(Accepting::new(Duration::ZERO, None));
    send(desk.app, transport, &keys).await
}

async fn over_http(url: &str, mails: usize) -> Result<Duration, Failure> {
    let environment = |name: &str| match name {
        "AWS_REGION" => Some("us-east-1".to_owned()),
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("bench".to_owned()),
        "AWS_ENDPOINT_URL" => Some(url.to_owned()),
        _ => None,
    };
    let aws = Aws::from_environment(&environment)?;
    let store = shared_storage(DynamoDb::new(aws.dynamodb(), "mensageria"));
    let desk = desk(store).await?;
    let keys = post(&desk, mails + MAILS).await?;
    let transport = Ses::new(aws.ses(), Some("events".to_owned()));
    send(desk.app, Arc::new(transport), &keys).await
}

/// Processor time of a mail, without that of the first batch.
async fn send(
    app: service::App,
    transport: Arc<dyn Transport>,
    keys: &[storage::Key],
) -> Result<Duration, Failure> {
    let sender = Sender::new(app.clone(), transport);
    let mut used = Duration::ZERO;
    for (number, part) in keys.chunks(MAILS).enumerate() {
        let items = items(&app, part).await?;
        let before = thread_time()?;
        let sent = sender.send_queued(items).await;
        let after = thread_time()?;
        if !sent
            .iter()
            .all(|one| matches!(one, service::outgoing::sending::Sent::Accepted))
        {
            return Err(format!("not all were accepted: {sent:?}").into());
        }
        if number > 0 {
            used += after - before;
        }
    }
    Ok(used / u32::try_from(keys.len() - MAILS)?)
}

/// Time that this thread was on a processor (`proc(5)`, `schedstat`).
fn thread_time() -> Result<Duration, Failure> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    let first = text.split_whitespace().next().ok_or("no schedstat")?;
    Ok(Duration::from_nanos(first.parse()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn both_ways_are_measured() {
        let cpu = measure(MAILS).await.unwrap();
        assert!(cpu.of_one_ticket > Duration::ZERO && cpu.with_clients > cpu.own);
    }
}
