//! Background work in tests.

use super::Harness;
use super::web::Web;
use almoner::platform::auth::keys::Keys;
use almoner::platform::config::Config;
use almoner::platform::context::Env;
use almoner::platform::jobs::{self, Bell};
use almoner::platform::mail::Mailer;
use std::sync::Arc;

impl Harness {
    /// What a service without a front door is started with, with listeners of its own.
    pub fn env(
        &self,
        config: Config,
        subscriptions: &'static [(&'static str, &'static str)],
    ) -> Arc<Env> {
        let mailer = Mailer::new(&config).expect("good settings");
        Arc::new(Env {
            config,
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            keys: Keys::ephemeral(),
            subscriptions,
            mailer,
            bell: Bell::new(),
        })
    }
}

impl Web {
    /// No job is due, running or given up.
    #[track_caller]
    pub fn nothing_left_undone(&self) {
        let now = self.env().clock.now();
        let list = self.app.db.read_now("test.unfinished", |conn| jobs::unfinished(conn, now));
        assert_eq!(list.unwrap_or_else(|p| panic!("{p}")), [], "work is left");
    }
}
