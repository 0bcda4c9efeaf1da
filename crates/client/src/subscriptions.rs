//! The subscriptions of the caller: messages to a chat of one user.

use crate::error::Error;
use crate::paging::{Page, Paged};
use crate::transport::{Client, Request};
use crate::webhooks::MAX_PAGE;
use reqwest::Method;
pub use wire::native::subscriptions::{NewSubscription, Subscription, SubscriptionChange, SubscriptionList};
use wire::native::webhooks::{Delivery, DeliveryList};

impl Client {
    /// The caller's subscriptions, oldest first, without their URLs and secrets.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn subscriptions(&self) -> Result<Vec<Subscription>, Error> {
        let list: SubscriptionList = self.get(self.url(&["native", "v1", "subscriptions"], &[])).await?;
        Ok(list.subscriptions)
    }

    /// Adds a subscription of the caller.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn subscribe(&self, new: &NewSubscription) -> Result<Subscription, Error> {
        let url = self.url(&["native", "v1", "subscriptions"], &[]);
        self.call(&Request::json(Method::POST, url, new)?).await
    }

    /// Changes a subscription.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn change_subscription(
        &self,
        id: i32,
        change: &SubscriptionChange,
    ) -> Result<Subscription, Error> {
        let url = self.url(&["native", "v1", "subscriptions", &id.to_string()], &[]);
        self.call(&Request::json(Method::PATCH, url, change)?).await
    }

    /// Deletes a subscription and its pending messages.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn unsubscribe(&self, id: i32) -> Result<(), Error> {
        let url = self.url(&["native", "v1", "subscriptions", &id.to_string()], &[]);
        self.call_empty(&Request::new(Method::DELETE, url)).await
    }

    /// A page of the deliveries of a subscription, newest first, without bodies. `before` is the last page's
    /// `next_before`.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn list_subscription_deliveries(
        &self,
        id: i32,
        before: Option<String>,
        limit: usize,
    ) -> Result<DeliveryList, Error> {
        let query = [("before", before), ("limit", Some(limit.clamp(1, MAX_PAGE).to_string()))];
        self.get(self.url(&["native", "v1", "subscriptions", &id.to_string(), "deliveries"], &query)).await
    }

    /// The newest deliveries of a subscription: at most `limit`, or all.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn subscription_deliveries(
        &self,
        id: i32,
        limit: Option<usize>,
    ) -> Result<Vec<Delivery>, Error> {
        let paged = Paged::new(
            self.clone(),
            |last: &String, next| next != last,
            move |client, before, limit| async move {
                let page = client.list_subscription_deliveries(id, before, limit).await?;
                let next = page.next_before.filter(|_| !page.deliveries.is_empty());
                Ok(Page { items: page.deliveries, next })
            },
        );
        paged.at_most(limit).all().await
    }

    /// Sends a test message.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn test_subscription(&self, id: i32) -> Result<(), Error> {
        let url = self.url(&["native", "v1", "subscriptions", &id.to_string(), "test"], &[]);
        self.call_empty(&Request::new(Method::POST, url)).await
    }
}
