//! Files in a bucket of Amazon S3.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_s3::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    presigning::PresigningConfig,
    primitives::ByteStream,
    types::{Object, TaggingDirective},
};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use platform::aws::Lazy;

use super::{ATTACHMENTS, Files, FilesError, Listing, Presigned, StoredFile, disposition, is_name};

/// How often a call is tried: reads and puts of the same bytes may be repeated.
const TRIES: u32 = 3;

/// Files as objects of one S3 bucket.
#[derive(Clone, Debug)]
pub struct S3 {
    client: Lazy<Client>,
    bucket: String,
    keep: Option<String>,
}

impl S3 {
    /// The files of this bucket.
    pub fn new(client: impl Into<Lazy<Client>>, bucket: impl Into<String>) -> Self {
        Self {
            client: client.into(),
            bucket: bucket.into(),
            keep: None,
        }
    }

    /// With files of messages, from now on, that end after so many days; none, never. Each is tagged
    /// with its days (`keep`), and the bucket's lifecycle has a rule for each number: a rule for the
    /// folder would take files of earlier messages too, which are kept for another time.
    #[must_use]
    pub fn keeping(mut self, time: Option<SignedDuration>) -> Self {
        self.keep = time.map(|time| format!("keep={}", time.as_hours() / 24));
        self
    }

    fn tags(&self, name: &str) -> Option<String> {
        self.keep.clone().filter(|_| name.starts_with(ATTACHMENTS))
    }
}

#[async_trait]
impl Files for S3 {
    async fn put(&self, name: &str, content: Vec<u8>) -> Result<(), FilesError> {
        check(name)?;
        let mut tries = 0;
        // Shared by the tries, not copied.
        let content = Bytes::from(content);
        loop {
            tries += 1;
            let request = self.client.put_object().bucket(&self.bucket).key(name);
            // Whatever a sender calls the type of a file, it is never served as that.
            let request = request
                .content_type("application/octet-stream")
                .set_tagging(self.tags(name))
                .body(ByteStream::from(content.clone()));
            match request.send().await {
                Ok(_) => return Ok(()),
                Err(error) => again(trouble(&error), tries).await?,
            }
        }
    }

    async fn get(&self, name: &str, most: u64) -> Result<Option<Vec<u8>>, FilesError> {
        check(name)?;
        let mut tries = 0;
        loop {
            tries += 1;
            let request = self.client.get_object().bucket(&self.bucket).key(name);
            let found = match request.send().await {
                Ok(found) => found,
                Err(error) if code(&error) == Some("NoSuchKey") => return Ok(None),
                Err(error) => {
                    again(trouble(&error), tries).await?;
                    continue;
                }
            };
            let size = found
                .content_length()
                .and_then(|n| u64::try_from(n).ok())
                .unwrap_or(u64::MAX);
            if size > most {
                return Err(FilesError::TooLarge { size, most });
            }
            match read(found.body, size).await {
                Ok(content) => return Ok(Some(content)),
                Err(error) => again(error, tries).await?,
            }
        }
    }

    async fn remove(&self, name: &str) -> Result<bool, FilesError> {
        check(name)?;
        let mut tries = 0;
        loop {
            tries += 1;
            // S3 does not say whether there was one.
            let head = self.client.head_object().bucket(&self.bucket).key(name);
            match head.send().await {
                Ok(_) => {}
                Err(error)
                    if error
                        .raw_response()
                        .is_some_and(|r| r.status().as_u16() == 404) =>
                {
                    return Ok(false);
                }
                Err(error) => {
                    again(trouble(&error), tries).await?;
                    continue;
                }
            }
            let request = self.client.delete_object().bucket(&self.bucket).key(name);
            match request.send().await {
                Ok(_) => return Ok(true),
                Err(error) => again(trouble(&error), tries).await?,
            }
        }
    }

    async fn list(&self, folder: &str, after: Option<&str>) -> Result<Listing, FilesError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let request = self.client.list_objects_v2().bucket(&self.bucket);
            let request = request
                .prefix(folder)
                .set_start_after(after.map(str::to_owned));
            match request.send().await {
                Ok(found) => {
                    return Ok(Listing {
                        more: found.is_truncated().unwrap_or_default(),
                        files: found.contents().iter().filter_map(stored).collect(),
                    });
                }
                Err(error) => again(trouble(&error), tries).await?,
            }
        }
    }

    async fn copy(&self, from: &str, to: &str) -> Result<bool, FilesError> {
        check(from)?;
        check(to)?;
        let mut tries = 0;
        loop {
            tries += 1;
            let request = self.client.copy_object().bucket(&self.bucket).key(to);
            let request = request.copy_source(format!("{}/{from}", self.bucket));
            // Without it the copy has the tags of what is copied.
            let request = match self.tags(to) {
                Some(tags) => request
                    .tagging_directive(TaggingDirective::Replace)
                    .tagging(tags),
                None => request,
            };
            match request.send().await {
                Ok(_) => return Ok(true),
                Err(error) if code(&error) == Some("NoSuchKey") => return Ok(false),
                Err(error) => again(trouble(&error), tries).await?,
            }
        }
    }

    async fn offer(
        &self,
        name: &str,
        size: u64,
        sha256: &[u8; 32],
        life: Duration,
    ) -> Result<Option<Presigned>, FilesError> {
        check(name)?;
        let unusable = |_| FilesError::Unusable("the link could not be signed".to_owned());
        let life = PresigningConfig::expires_in(life)
            .map_err(|_| FilesError::Unusable("a link lives at most a week".to_owned()))?;
        let request = self.client.put_object().bucket(&self.bucket).key(name);
        // Both are signed: S3 takes this very file and no other.
        let request = request
            .content_type("application/octet-stream")
            .content_length(i64::try_from(size).unwrap_or(i64::MAX))
            .checksum_sha256(data_encoding::BASE64.encode(sha256));
        let signed = request.presigned(life).await.map_err(unusable)?;
        // Whoever sends says the length and the host by sending: browsers let nobody set them.
        let headers = signed
            .headers()
            .filter(|(name, _)| !["content-length", "host"].contains(name))
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(Some(Presigned {
            headers: headers.collect(),
            url: signed.uri().to_owned(),
        }))
    }

    async fn link(
        &self,
        name: &str,
        shown_as: &str,
        life: Duration,
    ) -> Result<Option<String>, FilesError> {
        check(name)?;
        let unusable = |_| FilesError::Unusable("the link could not be signed".to_owned());
        let life = PresigningConfig::expires_in(life)
            .map_err(|_| FilesError::Unusable("a link lives at most a week".to_owned()))?;
        let request = self.client.get_object().bucket(&self.bucket).key(name);
        let request = request
            .response_content_type("application/octet-stream")
            .response_content_disposition(disposition(shown_as))
            .response_cache_control("private, no-store");
        let signed = request.presigned(life).await.map_err(unusable)?;
        Ok(Some(signed.uri().to_owned()))
    }
}

/// A body in one piece of the size that S3 told: no doubling of a buffer on the way.
async fn read(mut body: ByteStream, size: u64) -> Result<Vec<u8>, FilesError> {
    let mut content = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    while let Some(part) = body.next().await {
        let part = part.map_err(|_| FilesError::Busy("the body broke off".to_owned()))?;
        content.extend_from_slice(&part);
    }
    if content.len() as u64 != size {
        return Err(FilesError::Busy("the body broke off".to_owned()));
    }
    Ok(content)
}

fn stored(object: &Object) -> Option<StoredFile> {
    let written_at = object.last_modified()?.to_millis().ok()?;
    Some(StoredFile {
        name: object.key()?.to_owned(),
        size: u64::try_from(object.size()?).ok()?,
        written_at: Timestamp::from_millisecond(written_at).ok()?,
    })
}

fn check(name: &str) -> Result<(), FilesError> {
    is_name(name).then_some(()).ok_or(FilesError::Name)
}

/// Waits a moment before the next try; the error when there is none.
async fn again(error: FilesError, tries: u32) -> Result<(), FilesError> {
    if !error.is_retryable() || tries >= TRIES {
        return Err(error);
    }
    let wait = Duration::from_millis(50 << tries);
    tokio::time::sleep(wait.mul_f64(0.5 + fastrand::f64())).await;
    Ok(())
}

fn code<E: ProvideErrorMetadata>(error: &SdkError<E>) -> Option<&str> {
    error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code)
}

fn trouble<E: ProvideErrorMetadata>(error: &SdkError<E>) -> FilesError {
    let code = code(error);
    let status = error.raw_response().map(|r| r.status().as_u16());
    match (code, status) {
        (Some(code), Some(status)) if status < 500 && status != 429 && code != "RequestTimeout" => {
            FilesError::Unusable(code.to_owned())
        }
        (code, _) => FilesError::Busy(code.unwrap_or("no answer").to_owned()),
    }
}
