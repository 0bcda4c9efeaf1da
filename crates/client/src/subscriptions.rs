//! The subscriptions of the caller: messages to a chat of one user.

use crate::error::Error;
use crate::transport::{Client, Request};
use reqwest::Method;
pub use wire::native::subscriptions::{NewSubscription, Subscription, SubscriptionChange, SubscriptionList};

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

    /// Sends a test message.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn test_subscription(&self, id: i32) -> Result<(), Error> {
        let url = self.url(&["native", "v1", "subscriptions", &id.to_string(), "test"], &[]);
        self.call_empty(&Request::new(Method::POST, url)).await
    }
}
