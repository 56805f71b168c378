//! The page of `rcsim report`, opened by a real browser.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::browser::{Browser, BrowserError};
use crate::cases;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The page of the quick start, everywhere, with time lines.
fn page(name: &str) -> PathBuf {
    let folder = cases::scratch(name);
    let arguments = "run --timeline --format json --arch all --epoch all workloads/quickstart.toml";
    let run = cases::rcsim(root()).args(arguments.split(' ')).output().expect("rcsim starts");
    fs::write(folder.join("results.json"), run.stdout).expect("a writable folder");
    let report = cases::rcsim(&folder).args(["report", "results.json", "-o", "report.html"]).output();
    let report = report.expect("rcsim starts");
    assert!(report.status.success(), "{}", String::from_utf8_lossy(&report.stderr));
    folder.join("report.html")
}

const NUMBERS: &str =
    "return [...document.querySelectorAll('#runs tbody tr')].map(row => Number(row.cells[5].textContent))";

/// What the time line says of the moment at hand.
fn now(browser: &Browser) -> Result<String, BrowserError> {
    let text = browser.run("return document.getElementById('now').textContent")?;
    Ok(text.as_str().unwrap_or_default().to_owned())
}

fn sorts(browser: &Browser) -> Result<(), BrowserError> {
    let numbers = || -> Result<Vec<u64>, BrowserError> {
        Ok(serde_json::from_value(browser.run(NUMBERS)?).expect("a column of numbers"))
    };
    let before = numbers()?;
    assert!(!before.is_sorted(), "sorting must have something to do");
    browser.click("#runs thead th:nth-child(6) button")?;
    let mut sorted = before;
    sorted.sort_unstable();
    assert_eq!(numbers()?, sorted);
    let state = "return document.querySelector('#runs thead th:nth-child(6)').getAttribute('aria-sort')";
    assert_eq!(browser.run(state)?, "ascending");
    browser.click("#runs thead th:nth-child(6) button")?;
    sorted.reverse();
    assert_eq!(numbers()?, sorted);
    assert_eq!(browser.run(state)?, "descending");
    browser.type_into("#filter", "RC0101 amd64")?;
    let left =
        "return [...document.querySelectorAll('#runs tbody tr:not([hidden])')].map(row => row.textContent)";
    let left = browser.run(left)?;
    let left = left.as_array().expect("rows");
    assert!(
        !left.is_empty() && left.iter().all(|row| row.as_str().is_some_and(|row| row.contains("RC0101")))
    );
    Ok(())
}

/// The keys of WebDriver, section 17.4.2.
const RIGHT: &str = "\u{e014}";
const END: &str = "\u{e010}";
const HOME: &str = "\u{e011}";

fn steps(browser: &Browser) -> Result<(), BrowserError> {
    // The epoch of Go issue 49363: an object goes out of sight before the call, and a GC point comes while it is.
    let choose = "const which = document.getElementById('which');
        const wanted = [...which.options].find(one => one.text.includes('quickstart') && one.text.includes('amd64, 2020-e021531'));
        which.value = wanted.value; which.dispatchEvent(new Event('change')); return wanted.text";
    browser.run(choose)?;
    let first = now(browser)?;
    assert!(first.starts_with("1 of "), "{first}");
    browser.type_into("#viewer", RIGHT)?;
    assert!(now(browser)?.starts_with("2 of "), "{}", now(browser)?);
    browser.type_into("#viewer", "h")?;
    let lost = now(browser)?;
    assert!(lost.contains("out of sight: #1, #2") && lost.contains("runtime.reflectcall"), "{lost}");
    browser.type_into("#viewer", "g")?;
    let point = now(browser)?;
    assert!(point.contains("GC point 2: runtime.call32: stack check"), "{point}");
    let objects = browser.run("return document.querySelector('#objects tbody').textContent")?;
    let objects = objects.as_str().unwrap_or_default();
    assert!(objects.contains("misses it, and read the results uses it"), "{objects}");
    browser.type_into("#viewer", END)?;
    let registers = "return document.querySelectorAll('#registers tbody tr').length";
    assert!(browser.run(registers)?.as_u64() > Some(0));
    browser.type_into("#viewer", HOME)?;
    assert_eq!(now(browser)?, first);
    Ok(())
}

/// Everything that can be seen without a script: headings in order, one name for each drawing, nothing wider than the page.
fn is_accessible(browser: &Browser) -> Result<(), BrowserError> {
    let levels = browser
        .run("return [...document.querySelectorAll('h1,h2,h3')].map(one => Number(one.tagName[1]))")?;
    let levels: Vec<u64> = serde_json::from_value(levels).expect("numbers");
    assert_eq!(levels.first(), Some(&1));
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
    let nameless =
        "return [...document.querySelectorAll('svg')].filter(one => !one.getAttribute('aria-label')).length";
    assert_eq!(browser.run(nameless)?, 0);
    assert!(browser.run("return document.querySelectorAll('svg').length")?.as_u64() >= Some(10));
    Ok(())
}

/// The ratio of contrast of WCAG 2.1 between the text of an element and the page, for those that carry meaning by colour.
const CONTRAST: &str = "
    const light = (text) => {
        const parts = text.match(/[\\d.]+/g).slice(0, 3).map(Number).map(one => one / 255);
        const [r, g, b] = parts.map(one => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const paper = light(getComputedStyle(document.body).backgroundColor);
    return ['body', 'a', '.pass', '.fail', '.void', '.keys', 'caption', 'svg text'].map(selector => {
        const style = getComputedStyle(document.querySelector(selector));
        const ink = light(selector.startsWith('svg') ? style.fill : style.color);
        return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    })";

fn has_contrast(browser: &Browser) -> Result<(), BrowserError> {
    for scheme in ["light", "dark"] {
        browser.prefer(scheme)?;
        let ratios: Vec<f64> = serde_json::from_value(browser.run(CONTRAST)?).expect("numbers");
        assert!(ratios.iter().all(|ratio| *ratio >= 4.5), "{scheme}: {ratios:?}");
    }
    Ok(())
}

fn fits_a_telephone(browser: &Browser) -> Result<(), BrowserError> {
    browser.narrow_to(380, 760)?;
    let wide = "return [...document.querySelectorAll('main *, header *')]
        .filter(one => one.getBoundingClientRect().right > 381 && !one.closest('.wide, .pane, pre, .band'))
        .map(one => `${one.tagName} ${one.id} ${one.className}`)";
    assert_eq!(browser.run(wide)?, json!([]), "these are too wide");
    let sizes = browser.run("return [document.documentElement.scrollWidth, innerWidth]")?;
    assert_eq!(sizes, json!([380, 380]), "the page must not be wider than the window");
    Ok(())
}

fn shows(browser: &Browser, page: &Path) -> Result<(), BrowserError> {
    browser.open(page)?;
    sorts(browser)?;
    steps(browser)?;
    is_accessible(browser)?;
    for scheme in ["light", "dark"] {
        browser.prefer(scheme)?;
        browser.run("document.getElementById('timelines').scrollIntoView({ behavior: 'instant' })")?;
        browser.type_into("#viewer", &format!("{HOME}hg"))?;
        let picture = browser.screenshot()?;
        assert!(picture.starts_with(b"\x89PNG") && picture.len() > 20_000, "{} bytes", picture.len());
        fs::write(page.with_file_name(format!("{scheme}.png")), picture).expect("a writable folder");
    }
    has_contrast(browser)?;
    fits_a_telephone(browser)?;
    fs::write(page.with_file_name("narrow.png"), browser.screenshot()?).expect("a writable folder");
    assert_eq!(browser.complaints()?, [""; 0], "the page loads and runs without errors");
    Ok(())
}

#[test]
fn page_works_in_a_browser() {
    let page = page("report-in-browser");
    let browser = Browser::start(1300, 1000).unwrap_or_else(|error| panic!("{error}"));
    shows(&browser, &page).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn page_needs_no_network_and_is_the_same_each_time() {
    let pages = ["report-once", "report-again"].map(|name| fs::read_to_string(page(name)).expect("a page"));
    assert_eq!(pages[0], pages[1]);
    let text = pages[0].replace("http://www.w3.org/2000/svg", "");
    for foreign in ["http:", "https:", "src=", "@import", "url("] {
        assert!(!text.contains(foreign), "{foreign}");
    }
}

#[test]
fn findings_stand_there_as_in_the_terminal() {
    let folder = cases::scratch("report-findings");
    let run = |extra: &[&str]| {
        let arguments = ["run", "--arch", "amd64", "--epoch", "2020-e021531", "workloads/quickstart.toml"];
        cases::rcsim(root()).args(arguments).args(extra).output().expect("rcsim starts").stdout
    };
    let terminal = String::from_utf8(run(&["--full"])).expect("text");
    fs::write(folder.join("r.json"), run(&["--format", "json"])).expect("a writable folder");
    let report = cases::rcsim(&folder).args(["report", "r.json", "-o", "r.html"]).status();
    assert!(report.expect("rcsim starts").success());
    let page = fs::read_to_string(folder.join("r.html")).expect("a page");
    let plain = |text: &str| {
        let signs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
        signs.iter().fold(text.to_owned(), |text, (name, sign)| text.replace(name, sign))
    };
    let shown = page.split("<pre tabindex=\"0\">").skip(1);
    let shown: Vec<String> = shown.map(|part| plain(part.split("</pre>").next().expect("its end"))).collect();
    assert!(shown.len() >= 2 && shown[0].contains("   |  read the results    reads #2"), "{shown:?}");
    for finding in shown {
        assert!(terminal.contains(&finding), "{finding}\nis not in\n{terminal}");
    }
}

#[test]
fn timeline_changes_nothing_else_in_the_record() {
    let run = |extra: &[&str]| -> Value {
        let arguments =
            ["run", "--format", "json", "--arch", "all", "--epoch", "all", "workloads/quickstart.toml"];
        let output = cases::rcsim(root()).args(arguments).args(extra).output().expect("rcsim starts");
        serde_json::from_slice(&output.stdout).expect("one JSON document")
    };
    let (plain, mut recorded) = (run(&[]), run(&["--timeline"]));
    for one in recorded["runs"].as_array_mut().expect("runs") {
        let timeline = one.as_object_mut().and_then(|run| run.remove("timeline")).expect("a time line");
        let moments = timeline["moments"].as_array().expect("moments");
        let executed = moments.iter().filter(|moment| moment["kind"] == "instruction");
        let mut steps: Vec<u64> = executed.filter_map(|moment| moment["step"].as_u64()).collect();
        steps.extend(one["execution"]["instructions"].as_u64());
        // A branch and its delay slot are one moment.
        let each = steps.windows(2).all(|pair| (1..=2).contains(&(pair[1] - pair[0])));
        assert!(each && steps[0] == 0, "each instruction is in a moment: {steps:?}");
        let points = moments.iter().filter(|moment| moment["kind"] == "gc-point").count() as u64;
        assert_eq!(Some(points), one["execution"]["gc_points"].as_u64(), "each point is a moment");
    }
    assert_eq!(plain, recorded);
}
