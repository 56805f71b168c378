//! A real browser, driven over the WebDriver protocol (W3C Recommendation, 5 June 2018): Chromium and its driver from Debian.
//!
//! Owns starting and ending both, and the few commands that tests of pages need. The driver listens on this machine only; the
//! browser gets a new empty profile and is told to fetch nothing by itself.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::cases;

/// A page takes this long at most to answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// More than any answer has.
const MAX_ANSWER_BYTES: u64 = 64 << 20;

/// A browser with one page.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    profile: PathBuf,
}

/// Where a test is when the browser fails it: what was asked, and what came.
#[derive(Debug)]
pub enum BrowserError {
    /// A program is not there.
    Missing(&'static str),
    /// The driver cannot be started or talked to.
    Driver(io::Error),
    /// The driver answers with an error.
    Refused {
        /// What was asked.
        command: String,
        /// Its words.
        answer: String,
    },
}

impl std::fmt::Display for BrowserError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(program) => {
                write!(f, "{program} is not installed; tests/oracles/install.sh installs it")
            }
            Self::Driver(error) => write!(f, "the driver of the browser: {error}"),
            Self::Refused { command, answer } => write!(f, "the browser refused {command}: {answer}"),
        }
    }
}

impl std::error::Error for BrowserError {}

impl From<io::Error> for BrowserError {
    fn from(error: io::Error) -> Self {
        Self::Driver(error)
    }
}

impl Browser {
    /// Starts a browser whose window has this size in CSS pixels.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub fn start(width: u32, height: u32) -> Result<Self, BrowserError> {
        installed("chromium")?;
        installed("chromedriver")?;
        let profile = cases::scratch(&format!("browser-{}", std::process::id()));
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let port = port_of(&mut driver);
        let mut browser = Self { driver, port: port?, session: String::new(), profile: profile.clone() };
        browser.open_session(&profile, width, height)?;
        Ok(browser)
    }

    fn open_session(&mut self, profile: &Path, width: u32, height: u32) -> Result<(), BrowserError> {
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            &format!("--user-data-dir={}", profile.display()),
            &format!("--window-size={width},{height}"),
        ];
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        } } });
        let answer = self.ask("POST", "/session", Some(&wanted))?;
        self.session = answer["sessionId"].as_str().unwrap_or_default().to_owned();
        Ok(())
    }

    /// Opens a file.
    ///
    /// # Errors
    /// When the driver fails.
    pub fn open(&self, page: &Path) -> Result<(), BrowserError> {
        let url = json!({ "url": format!("file://{}", page.display()) });
        self.command("POST", "url", Some(&url)).map(|_| ())
    }

    /// Runs a function body in the page; what it returns.
    ///
    /// # Errors
    /// When it throws, or the driver fails.
    pub fn run(&self, script: &str) -> Result<Value, BrowserError> {
        self.command("POST", "execute/sync", Some(&json!({ "script": script, "args": [] })))
    }

    /// Clicks on the first element that a CSS selector finds, as a mouse does.
    ///
    /// # Errors
    /// When there is none or it cannot be clicked.
    pub fn click(&self, selector: &str) -> Result<(), BrowserError> {
        let element = self.find(selector)?;
        self.command("POST", &format!("element/{element}/click"), Some(&json!({}))).map(|_| ())
    }

    /// Types keys into an element.
    ///
    /// # Errors
    /// As [`Browser::click`].
    pub fn type_into(&self, selector: &str, keys: &str) -> Result<(), BrowserError> {
        let element = self.find(selector)?;
        self.command("POST", &format!("element/{element}/value"), Some(&json!({ "text": keys }))).map(|_| ())
    }

    fn find(&self, selector: &str) -> Result<String, BrowserError> {
        let wanted = json!({ "using": "css selector", "value": selector });
        let found = self.command("POST", "element", Some(&wanted))?;
        let id = found.as_object().and_then(|object| object.values().next()).and_then(Value::as_str);
        Ok(id.unwrap_or_default().to_owned())
    }

    /// Messages of the page's console since the last call: errors, and what the policy of the page has kept from loading.
    ///
    /// # Errors
    /// When the driver fails.
    pub fn complaints(&self) -> Result<Vec<String>, BrowserError> {
        let entries = self.command("POST", "se/log", Some(&json!({ "type": "browser" })))?;
        let entries = entries.as_array().cloned().unwrap_or_default();
        Ok(entries.iter().map(|entry| entry["message"].to_string()).collect())
    }

    /// Makes the page believe that the user wants a dark one, or a light one.
    ///
    /// # Errors
    /// When the driver fails.
    pub fn prefer(&self, scheme: &str) -> Result<(), BrowserError> {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        let wanted = json!({ "cmd": "Emulation.setEmulatedMedia", "params": { "features": features } });
        self.command("POST", "goog/cdp/execute", Some(&wanted)).map(|_| ())
    }

    /// Makes the page as wide as this, as on a telephone.
    ///
    /// # Errors
    /// When the driver fails.
    pub fn narrow_to(&self, width: u32, height: u32) -> Result<(), BrowserError> {
        let params = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": true });
        let wanted = json!({ "cmd": "Emulation.setDeviceMetricsOverride", "params": params });
        self.command("POST", "goog/cdp/execute", Some(&wanted)).map(|_| ())
    }

    /// A PNG of what the window shows.
    ///
    /// # Errors
    /// When the driver fails.
    pub fn screenshot(&self) -> Result<Vec<u8>, BrowserError> {
        let answer = self.command("GET", "screenshot", None)?;
        Ok(from_base64(answer.as_str().unwrap_or_default()))
    }

    fn command(&self, method: &str, command: &str, body: Option<&Value>) -> Result<Value, BrowserError> {
        self.ask(method, &format!("/session/{}/{command}", self.session), body)
    }

    /// One command, on a connection of its own.
    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, BrowserError> {
        let body = body.map_or_else(String::new, Value::to_string);
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}",
            self.port,
        )?;
        let content = read_answer(stream)?;
        let answer: Value = serde_json::from_slice(&content).map_err(io::Error::other)?;
        match &answer["value"] {
            value if value["error"].is_string() => {
                Err(BrowserError::Refused { command: path.to_owned(), answer: value["message"].to_string() })
            }
            value => Ok(value.clone()),
        }
    }
}

/// The content of an answer, whose length its head tells.
fn read_answer(stream: TcpStream) -> io::Result<Vec<u8>> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
    }
    let mut content = Vec::new();
    reader.take(MAX_ANSWER_BYTES.min(length)).read_to_end(&mut content)?;
    Ok(content)
}

fn installed(program: &'static str) -> Result<(), BrowserError> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let there = std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    if there { Ok(()) } else { Err(BrowserError::Missing(program)) }
}

/// The driver says on which port it listens.
fn port_of(driver: &mut Child) -> io::Result<u16> {
    let out = driver.stdout.take().ok_or_else(|| io::Error::other("the driver has no output"))?;
    for line in BufReader::new(out).lines() {
        let line = line?;
        let port =
            line.split_once("started successfully on port ").map(|(_, rest)| rest.trim_end_matches('.'));
        if let Some(port) = port.and_then(|port| port.trim().parse().ok()) {
            return Ok(port);
        }
    }
    Err(io::Error::other("the driver ended before it listened"))
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Whatever fails here has failed the test already, or does not matter any more.
        let _ = self.ask("DELETE", &format!("/session/{}", self.session), None);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

/// What RFC 4648 encodes so; letters that it does not know are passed over.
fn from_base64(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        (bits, count) = (bits << 6 | u32::from(value), count + 6);
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    out
}

#[test]
fn base64_is_read() {
    assert_eq!(from_base64("iVBORw0KGgo="), b"\x89PNG\r\n\x1a\n");
    assert_eq!(from_base64("Zm9v"), b"foo");
}
