//! Webhooks: their settings, their deliveries, and the verification of a message by its receiver.

use crate::error::Error;
use crate::paging::{Page, Paged};
use crate::transport::{Client, Request};
use reqwest::{Method, Url};
pub use wire::native::webhooks::{
    Data, Delivery, DeliveryList, Message, NewSecret, NewWebhook, RepositoryRef, Webhook, WebhookChange,
    WebhookList,
};
pub use wire::webhooks::{VerifyError, verify};

/// The largest page of deliveries, set by the server.
pub(crate) const MAX_PAGE: usize = 100;

impl Client {
    /// The webhooks of a repository, oldest first, without their secrets.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn webhooks(&self, repository: i32) -> Result<Vec<Webhook>, Error> {
        let list: WebhookList = self.get(self.webhook_url(repository, &[])).await?;
        Ok(list.webhooks)
    }

    /// Creates a webhook. Only this response contains its secret.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn create_webhook(&self, repository: i32, new: &NewWebhook) -> Result<Webhook, Error> {
        self.call(&Request::json(Method::POST, self.webhook_url(repository, &[]), new)?).await
    }

    /// One webhook, without its secret.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn webhook(&self, repository: i32, id: i32) -> Result<Webhook, Error> {
        self.get(self.webhook_url(repository, &[&id.to_string()])).await
    }

    /// Changes a webhook.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn change_webhook(
        &self,
        repository: i32,
        id: i32,
        change: &WebhookChange,
    ) -> Result<Webhook, Error> {
        let url = self.webhook_url(repository, &[&id.to_string()]);
        self.call(&Request::json(Method::PATCH, url, change)?).await
    }

    /// Deletes a webhook and its pending deliveries.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn remove_webhook(&self, repository: i32, id: i32) -> Result<(), Error> {
        let url = self.webhook_url(repository, &[&id.to_string()]);
        self.call_empty(&Request::new(Method::DELETE, url)).await
    }

    /// Replaces the secret of a webhook. Only this response contains it. The previous secret also signs for
    /// one day.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn rotate_webhook_secret(
        &self,
        repository: i32,
        id: i32,
        new: &NewSecret,
    ) -> Result<Webhook, Error> {
        let url = self.webhook_url(repository, &[&id.to_string(), "secret"]);
        self.call(&Request::json(Method::POST, url, new)?).await
    }

    /// Sends a test message. [`Client::delivery`] returns its result.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn test_webhook(&self, repository: i32, id: i32) -> Result<Delivery, Error> {
        let url = self.webhook_url(repository, &[&id.to_string(), "test"]);
        self.call(&Request::new(Method::POST, url)).await
    }

    /// One page of the deliveries of a webhook, newest first, without their bodies. `before` is the last
    /// page's `next_before`.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn list_deliveries(
        &self,
        repository: i32,
        id: i32,
        before: Option<String>,
        limit: usize,
    ) -> Result<DeliveryList, Error> {
        let (repository, id) = (repository.to_string(), id.to_string());
        let path = ["native", "v1", "repositories", &repository, "webhooks", &id, "deliveries"];
        let query = [("before", before), ("limit", Some(limit.clamp(1, MAX_PAGE).to_string()))];
        self.get(self.url(&path, &query)).await
    }

    /// The stored deliveries of a webhook, newest first, page by page.
    pub fn paged_deliveries(&self, repository: i32, id: i32) -> Paged<Delivery> {
        Paged::new(
            self.clone(),
            |last: &String, next| next != last,
            move |client, before, limit| async move {
                let page = client.list_deliveries(repository, id, before, limit).await?;
                let next = page.next_before.filter(|_| !page.deliveries.is_empty());
                Ok(Page { items: page.deliveries, next })
            },
        )
    }

    /// One delivery with its body.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn delivery(&self, repository: i32, id: i32, delivery: &str) -> Result<Delivery, Error> {
        self.get(self.webhook_url(repository, &[&id.to_string(), "deliveries", delivery])).await
    }

    /// The newest deliveries of a webhook: at most `limit`, or all.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn all_deliveries(
        &self,
        repository: i32,
        id: i32,
        limit: Option<usize>,
    ) -> Result<Vec<Delivery>, Error> {
        self.paged_deliveries(repository, id).at_most(limit).all().await
    }

    /// Sends a message again with the same id and body.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn redeliver(&self, repository: i32, id: i32, delivery: &str) -> Result<Delivery, Error> {
        let url = self.webhook_url(repository, &[&id.to_string(), "deliveries", delivery, "redeliver"]);
        self.call(&Request::new(Method::POST, url)).await
    }

    fn webhook_url(&self, repository: i32, segments: &[&str]) -> Url {
        let repository = repository.to_string();
        let mut path = vec!["native", "v1", "repositories", &repository, "webhooks"];
        path.extend(segments);
        self.url(&path, &[])
    }
}
