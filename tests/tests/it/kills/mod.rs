//! `kill -9` of the real sender at every moment of an attempt, and at random with two senders at
//! once: no mail is accepted twice without somebody asking, and none is lost. `FAULT_MAILS` says how
//! many mails; `make faults` runs ten thousand.

mod emulated;
mod process;
mod smtp;
mod trap;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use domain::delivery::{Delivery, DeliveryStatus};
use fake_ses::{
    Behaviour,
    script::{Chance, Script},
};
use serde_json::{Value, json};
use tokio::{sync::Semaphore, task::JoinSet};
use uuid::Uuid;

use self::{
    emulated::{Emulated, Mailed},
    process::Process,
    trap::Moment,
};

/// Mails when nobody says how many.
const MAILS: usize = 300;
/// People who write at once.
const POSTERS: usize = 4;
/// Senders at once.
const SENDERS: usize = 2;
/// Times that the stream brings a record, at most.
const BROUGHT: usize = 5;
/// Records of a batch, as in `template.yaml`.
const BATCH: usize = 10;
/// One of so many batches has a trap.
const TRAPPED: u8 = 4;
/// Of a thousand requests to storage, those that it does not serve well.
const UNWELL: u16 = 10;
/// What the provider allows a second: the kills are the matter here, not the pace.
const RATE: f64 = 500.0;
/// Mails of a ticket. They leave in order, so of a long conversation whose records come shuffled nearly
/// all would wait for the schedule, and no batch had anything to be killed at.
const CONVERSATION: usize = 5;
/// How long what is left may take: leases of killed processes last 90 seconds.
const END: Duration = Duration::from_secs(900);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the emulators: make test"]
async fn nothing_is_sent_twice_or_lost_however_the_sender_dies() {
    let desk = Emulated::open().await;
    let desk = Arc::new(desk);
    let program = process::program();
    desk.ses
        .state()
        .with(|ses| ses.settings.max_send_rate = Some(RATE));
    // The schedule asks for the rate.
    Process::start(&desk, program.clone(), 0)
        .await
        .sweep()
        .await;
    let mut each = Vec::new();
    for moment in Moment::ALL {
        each.push((moment, at_each_moment(&desk, program.clone(), moment).await));
    }
    let number = std::env::var("FAULT_MAILS").map_or(MAILS, |text| text.parse().unwrap());
    let mut run = Run::of(&desk, number).await;
    desk.ses.state().with(|ses| ses.script = weather());
    run.send(&program).await;
    desk.ses.state().with(|ses| ses.script = Script::default());
    run.mails.extend(each.iter().map(|(_, mail)| mail.clone()));
    run.settle(&program).await;
    let deliveries = desk.deliveries(&run.mails).await;
    run.judge(&deliveries);
    for (moment, mail) in &each {
        let found = deliveries.iter().find(|one| one.id == mail.id());
        let wanted = match moment {
            // The stream brings its record again.
            Moment::BeforeLease => DeliveryStatus::Delivered,
            _ if moment.is_accepted() => DeliveryStatus::Delivered,
            _ => DeliveryStatus::Unknown,
        };
        assert_eq!(found.unwrap().status, wanted, "killed {moment:?}");
    }
    run.send_again(&program, &deliveries).await;
}

/// Posts one mail, and kills its sender at this moment.
async fn at_each_moment(desk: &Emulated, program: std::path::PathBuf, moment: Moment) -> Mailed {
    let ticket = format!("moment-{moment:?}");
    desk.ticket(&ticket).await;
    let mail = desk.post(&ticket, "Olá").await;
    let mut process = Process::start(desk, program, 0).await;
    process.traps.set(moment, 0);
    let event = batch(std::slice::from_ref(&mail.record));
    assert!(process.invoke(&event).await.is_none(), "{moment:?}");
    let accepted = desk
        .ses
        .mails()
        .iter()
        .filter(|sent| is(sent, &mail))
        .count();
    assert_eq!(accepted, usize::from(moment.is_accepted()), "{moment:?}");
    let again = process.invoke(&event).await;
    assert_eq!(again, Some(json!({ "batchItemFailures": [] })));
    mail
}

/// What the provider does now and then.
fn weather() -> Script {
    let chance = |per_mille, behaviour| Chance {
        per_mille,
        behaviour,
    };
    let mix = vec![
        // Each of these slows all senders down, as it must.
        chance(2, Behaviour::Throttle),
        chance(10, Behaviour::AcceptThenDrop),
        chance(5, Behaviour::AcceptThenReset),
        chance(5, Behaviour::Drop),
        chance(5, Behaviour::AcceptThenFail { status: 500 }),
        chance(20, Behaviour::Delay { ms: 50 }),
    ];
    let mut script = Script::default();
    (script.mix, script.seed) = (mix, fastrand::u64(..));
    script
}

fn is(sent: &fake_ses::Mail, mail: &Mailed) -> bool {
    sent.tag("delivery_id") == Some(&mail.id().to_string())
}

fn batch(records: &[Value]) -> Value {
    json!({ "Records": records })
}

impl Mailed {
    fn id(&self) -> Uuid {
        self.posted.deliveries[0].id
    }
}

/// Mails on their way.
struct Run {
    desk: Arc<Emulated>,
    mails: Vec<Mailed>,
    applied: usize,
    started: Instant,
}

/// What the senders share.
#[derive(Default)]
struct Work {
    batches: Vec<(Value, usize)>,
    kills: BTreeMap<Moment, usize>,
    records: usize,
}

type Shared = Arc<Mutex<Work>>;

fn locked(work: &Shared) -> std::sync::MutexGuard<'_, Work> {
    work.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Run {
    /// Posts so many messages, on several tickets at once.
    async fn of(desk: &Arc<Emulated>, number: usize) -> Self {
        let started = Instant::now();
        let mut tickets = JoinSet::new();
        let permits = Arc::new(Semaphore::new(POSTERS));
        for (place, first) in (0..number).step_by(CONVERSATION).enumerate() {
            let (desk, permits) = (Arc::clone(desk), Arc::clone(&permits));
            tickets.spawn(async move {
                let _permit = permits.acquire().await;
                let ticket = format!("T{place}");
                desk.ticket(&ticket).await;
                let mut mails = Vec::new();
                for n in first..number.min(first + CONVERSATION) {
                    mails.push(desk.post(&ticket, &format!("Mensagem {n}")).await);
                }
                mails
            });
        }
        let mails = tickets.join_all().await.into_iter().flatten().collect();
        println!("{number} messages posted after {:?}", started.elapsed());
        Self {
            desk: Arc::clone(desk),
            mails,
            applied: 0,
            started,
        }
    }

    /// Brings every record one to five times, in any order, to senders that are killed now and then.
    async fn send(&mut self, program: &std::path::Path) {
        let mut records = Vec::new();
        for mail in &self.mails {
            records.extend(std::iter::repeat_n(
                &mail.record,
                fastrand::usize(1..=BROUGHT),
            ));
        }
        fastrand::shuffle(&mut records);
        let batches = records.chunks(BATCH).map(|some| {
            let records: Vec<Value> = some.iter().map(|record| (*record).clone()).collect();
            (batch(&records), BROUGHT)
        });
        let work: Shared = Arc::new(Mutex::new(Work {
            batches: batches.collect(),
            records: records.len(),
            ..Work::default()
        }));
        let mut senders = JoinSet::new();
        for _ in 0..SENDERS {
            let process = Process::start(&self.desk, program.to_owned(), UNWELL).await;
            senders.spawn(work_off(process, Arc::clone(&work)));
        }
        let process = Process::start(&self.desk, program.to_owned(), UNWELL).await;
        senders.spawn(sweep_along(process, Arc::clone(&work)));
        while !senders.is_empty() {
            tokio::select! {
                Some(ended) = senders.join_next() => ended.unwrap(),
                () = tokio::time::sleep(Duration::from_millis(200)) => {}
            }
            self.applied = self.desk.apply_events(self.applied).await;
        }
        let work = locked(&work);
        let kills: usize = work.kills.values().sum();
        println!(
            "{} mails, {SENDERS} senders and the schedule, {} stream records, {kills} kills: {:?}, after {:?}",
            self.mails.len(),
            work.records,
            work.kills,
            self.started.elapsed(),
        );
        assert!(kills > 0, "nobody was killed");
    }

    /// Lets the schedule do what is left, until every mail has come to an end.
    async fn settle(&mut self, program: &std::path::Path) {
        let mut process = Process::start(&self.desk, program.to_owned(), 0).await;
        let deadline = Instant::now() + END;
        loop {
            process.sweep().await;
            self.applied = self.desk.apply_events(self.applied).await;
            let deliveries = self.desk.deliveries(&self.mails).await;
            let waits = |one: &&Delivery| {
                matches!(
                    one.status,
                    DeliveryStatus::Queued | DeliveryStatus::Sending | DeliveryStatus::Held
                )
            };
            let left = deliveries.iter().filter(waits).count();
            if left == 0 {
                return;
            }
            assert!(Instant::now() < deadline, "{left} mails came to no end");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Accepted mails by delivery.
    fn accepted(&self) -> HashMap<String, usize> {
        let mut accepted = HashMap::new();
        for sent in self.desk.ses.mails() {
            let id = sent.tag("delivery_id").unwrap().to_owned();
            *accepted.entry(id).or_default() += 1;
        }
        accepted
    }

    /// Holds what the table says against what the provider has.
    fn judge(&self, deliveries: &[Delivery]) {
        let accepted = self.accepted();
        let mut states: BTreeMap<String, usize> = BTreeMap::new();
        let (mut twice, mut lost, mut untrue) = (0, 0, 0);
        for delivery in deliveries {
            let times = accepted.get(&delivery.id.to_string()).copied().unwrap_or(0);
            *states.entry(format!("{:?}", delivery.status)).or_default() += 1;
            let delivered = delivery.status == DeliveryStatus::Delivered;
            let seen = matches!(
                delivery.status,
                DeliveryStatus::Unknown | DeliveryStatus::Failed
            );
            twice += usize::from(times > 1);
            lost += usize::from(times == 0 && !seen);
            untrue += usize::from(delivered != (times > 0));
        }
        println!("{states:?} after {:?}", self.started.elapsed());
        println!("accepted twice: {twice}, lost: {lost}, told wrongly: {untrue}");
        assert_eq!((twice, lost, untrue), (0, 0, 0));
    }

    /// People send again what is unknown: then every mail was accepted exactly once.
    async fn send_again(&mut self, program: &std::path::Path, deliveries: &[Delivery]) {
        let unknown = |one: &&Delivery| one.status == DeliveryStatus::Unknown;
        let again: Vec<Uuid> = deliveries
            .iter()
            .filter(unknown)
            .map(|one| one.id)
            .collect();
        for mail in self.mails.iter().filter(|mail| again.contains(&mail.id())) {
            self.desk.resend(mail).await;
        }
        self.settle(program).await;
        let deliveries = self.desk.deliveries(&self.mails).await;
        let delivered = |one: &Delivery| one.status == DeliveryStatus::Delivered;
        assert!(deliveries.iter().all(delivered));
        assert!(self.accepted().values().all(|times| *times == 1));
        assert_eq!(self.accepted().len(), self.mails.len());
        println!("{} sent again on request; all arrived once", again.len());
    }
}

/// The schedule beside the stream, killed in every other run, while there are batches.
async fn sweep_along(mut process: Process, work: Shared) {
    while !locked(&work).batches.is_empty() {
        let moment = fastrand::bool().then(|| Moment::ALL[fastrand::usize(0..Moment::ALL.len())]);
        if let Some(moment) = moment {
            process.traps.set(moment, fastrand::usize(0..10));
        }
        if process.sweep().await.is_none() {
            let mut work = locked(&work);
            *work.kills.entry(moment.expect("a trap")).or_default() += 1;
        }
    }
}

/// Takes batches until there are none; one that its sender died of comes again.
async fn work_off(mut process: Process, work: Shared) {
    loop {
        let Some((event, brought)) = locked(&work).batches.pop() else {
            return;
        };
        let moment = (fastrand::u8(0..TRAPPED) == 0)
            .then(|| Moment::ALL[fastrand::usize(0..Moment::ALL.len())]);
        if let Some(moment) = moment {
            process.traps.set(moment, fastrand::usize(0..3));
        }
        if process.invoke(&event).await.is_some() {
            continue;
        }
        let mut work = locked(&work);
        *work.kills.entry(moment.expect("a trap")).or_default() += 1;
        if brought > 1 {
            let place = fastrand::usize(0..=work.batches.len());
            work.batches.insert(place, (event, brought - 1));
        }
    }
}
