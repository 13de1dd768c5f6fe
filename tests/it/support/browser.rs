//! A browser without a window, in which a person reads a page and types into it.

use super::programs::{absent, on_path};
use super::temp::TempDir;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

/// Its debugging pipe is at 3 (in) and 4 (out).
const START: &str = "exec \"$0\" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
                     --remote-debugging-pipe --user-data-dir=\"$1\" about:blank \
                     3<&0 4>&1 0</dev/null 1>/dev/null 2>/dev/null";
/// How often, each a twentieth of a second after the one before, it is looked for something.
const LOOKS: usize = 1_200;

/// One window of Chromium, closed when dropped.
pub struct Browser {
    child: Child,
    into: ChildStdin,
    from: BufReader<ChildStdout>,
    number: u64,
    window: Option<String>,
    _profile: TempDir,
}

impl Browser {
    /// `None`, with a notice, where Chromium is not installed; a failure where
    /// `ALMONER_REQUIRE_BROWSER` is 1.
    pub fn start() -> Option<Self> {
        let Some(program) = on_path("chromium") else {
            return absent("chromium", "ALMONER_REQUIRE_BROWSER");
        };
        let profile = TempDir::new("browser");
        let mut child = Command::new("sh")
            .args(["-c", START])
            .arg(program)
            .arg(profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("sh");
        let into = child.stdin.take().expect("it is piped");
        let from = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut browser = Self { child, into, from, number: 0, window: None, _profile: profile };
        let made = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let target = json!({ "targetId": made["targetId"], "flatten": true });
        let window = browser.call("Target.attachToTarget", target);
        browser.window = window["sessionId"].as_str().map(str::to_owned);
        Some(browser)
    }
    /// Goes to an address, as from a mail: nothing of the page before is left.
    pub fn open(&mut self, address: &str) {
        for url in ["about:blank", address] {
            self.call("Page.navigate", json!({ "url": url }));
            let there = format!("location.href === {} && document.readyState", json!(url));
            self.until(&format!("({there}) === 'complete'"));
        }
    }
    /// What an expression comes to on the page.
    pub fn look(&mut self, expression: &str) -> Value {
        let asked = json!({ "expression": expression, "returnByValue": true });
        let told = self.call("Runtime.evaluate", asked);
        assert!(told["exceptionDetails"].is_null(), "{expression}: {told}");
        told["result"]["value"].clone()
    }
    /// Waits until an expression is true on the page.
    #[track_caller]
    pub fn until(&mut self, expression: &str) {
        for _ in 0..LOOKS {
            if self.look(expression) == json!(true) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let page = self.look("document.body.innerText");
        panic!("this does not come true: {expression}; the page says {page}");
    }
    /// Whether somebody sees this part of the page.
    pub fn sees(&mut self, id: &str) -> bool {
        self.look(&format!("document.getElementById('{id}').checkVisibility()")) == json!(true)
    }
    /// Waits until somebody sees it.
    #[track_caller]
    pub fn awaits(&mut self, id: &str) {
        self.until(&format!("document.getElementById('{id}').checkVisibility()"));
    }
    /// What a part of the page says.
    pub fn text(&mut self, id: &str) -> String {
        let told = self.look(&format!("document.getElementById('{id}').textContent"));
        told.as_str().unwrap_or_default().to_owned()
    }
    /// Types into a field.
    pub fn types(&mut self, id: &str, text: &str) {
        let text = json!(text);
        self.look(&format!("void (document.getElementById('{id}').value = {text})"));
    }
    /// Presses what this selector finds, once it can be pressed.
    #[track_caller]
    pub fn press(&mut self, selector: &str) {
        let found = format!("document.querySelector({})", json!(selector));
        self.until(&format!("{found}.checkVisibility() && !{found}.disabled"));
        self.look(&format!("void {found}.click()"));
    }
    fn call(&mut self, method: &str, params: Value) -> Value {
        self.number += 1;
        let mut asked = json!({ "id": self.number, "method": method, "params": params });
        if let Some(window) = &self.window {
            asked["sessionId"] = json!(window);
        }
        write!(self.into, "{asked}\0").and_then(|()| self.into.flush()).expect("it listens");
        loop {
            let mut bytes = Vec::new();
            self.from.read_until(0, &mut bytes).expect("it answers");
            assert_eq!(bytes.pop(), Some(0), "the browser has ended");
            let told: Value = serde_json::from_slice(&bytes).expect("JSON");
            // What it tells of its own accord has no number.
            if told["id"] == json!(self.number) {
                assert!(told["error"].is_null(), "{method}: {told}");
                return told["result"].clone();
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Its helpers go with it where it may end by itself.
        drop(write!(self.into, "{{\"id\":0,\"method\":\"Browser.close\"}}\0"));
        drop(self.into.flush());
        for _ in 0..100 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
