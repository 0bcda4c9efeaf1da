//! Used signatures.

use crate::engine::{Engine, SqlStore};
use crate::unit_of_work::UnitOfWork;
use async_trait::async_trait;
use domain::Result;
use domain::ports::Signatures;

#[async_trait]
impl<E: Engine> Signatures for SqlStore<E> {
    async fn use_signature(&self, digest: [u8; 32]) -> Result<bool> {
        self.write_account(move |unit: &mut UnitOfWork| unit.use_signature(&digest)).await
    }
}
