//! Somebody's authenticator: shows codes, enrols where a factor is asked for, and steps up where
//! the last one is too old, so that tests of other things need not think of it.

use super::web::{Client, Reply};
use almoner::kernel::time::{Clock, Instant};
use almoner::platform::auth::totp::{self, Secret};
use serde_json::json;
use std::sync::{Mutex, MutexGuard, PoisonError};

const FACTOR: &str = "/api/v1/me/factor";

/// What shows the codes of one person.
pub struct Device {
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    secret: Option<Secret>,
    /// The newest step whose code was shown: each is good once.
    last: i64,
}

impl Device {
    pub fn new(clock: Clock, secret: Option<Secret>) -> Self {
        Self { clock, state: State { secret, last: 0 }.into() }
    }
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// A code that was not shown yet; none is left where the clock has stood still for too long.
    pub fn code(&self) -> Option<String> {
        self.state().code(&self.clock)
    }
    /// The code of the step this far from now, whatever was shown before.
    pub fn code_at(&self, offset: i64) -> String {
        let state = self.state();
        let secret = state.secret.as_ref().expect("enrolled");
        secret.code(totp::step(self.clock.now()) + offset).to_string()
    }
    /// Does what the refusal asks for, if that is possible; whether it was. Others who were refused
    /// at the same moment wait, and then find it done.
    pub fn satisfy(&self, who: &Client, refusal: &str) -> bool {
        let mut state = self.state();
        let status = who.get(FACTOR);
        let status = if status.status == 200 { status.json() } else { return false };
        let shown = status["shown_at"].as_str().and_then(|at| at.parse::<Instant>().ok());
        let now = self.clock.now();
        let enrolled = status["enrolled_at"].is_string();
        if enrolled && shown.is_some_and(|at| at > now.plus_seconds(-300) && at <= now) {
            return true;
        }
        if refusal == "factor_required" && !enrolled {
            return state.enrol(who, super::web::PASSWORD, &self.clock);
        }
        if refusal != "step_up_required" {
            return false;
        }
        let Some(code) = state.code(&self.clock) else { return false };
        who.post("/api/v1/auth/step-up", json!({ "code": code })).status == 200
    }
    /// Enrols somebody whose password is not that of everybody.
    pub fn enrol_with(&self, who: &Client, password: &str) {
        assert!(self.state().enrol(who, password, &self.clock), "enrolled");
    }
}

impl State {
    /// Begins a factor and confirms it; whether it was.
    fn enrol(&mut self, who: &Client, password: &str, clock: &Clock) -> bool {
        let begun = who.post(FACTOR, json!({ "password": password }));
        if begun.status != 201 {
            return false;
        }
        let base32 = begun.json()["secret"].as_str().expect("a secret").to_owned();
        *self = State { secret: Some(secret(&base32)), last: 0 };
        let code = self.code(clock);
        who.post(&format!("{FACTOR}/confirm"), json!({ "code": code })).status == 200
    }
    fn code(&mut self, clock: &Clock) -> Option<String> {
        let present = totp::step(clock.now());
        let step = present.max(self.last + 1);
        if step > present + 1 {
            return None;
        }
        self.last = step;
        Some(self.secret.as_ref()?.code(step).to_string())
    }
}

/// A secret as it is typed into a device.
pub fn secret(base32: &str) -> Secret {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in base32.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'2'..=b'7' => letter - b'2' + 26,
            _ => panic!("{base32} is no base32"),
        };
        held = (held << 5 | u32::from(value)) & 0xFFFF;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xFF).expect("a byte"));
        }
    }
    Secret::from_bytes(&bytes).expect("160 bits")
}

/// What a refusal asks of the second factor, if it is one of those.
pub fn asked(reply: &Reply) -> Option<String> {
    if reply.status != 403 {
        return None;
    }
    let code = reply.json()["code"].as_str()?.to_owned();
    ["factor_required", "step_up_required"].contains(&code.as_str()).then_some(code)
}
