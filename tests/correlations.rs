//! Gives correlations in a file, good and bad, and checks what the models and the problems say of them.

use crate::faults::programme;
use levertide::inputs::{self, Inputs};
use levertide::problem::{Problems, exit};

const PRICES: &str = "date,symbol,close\n\
    2015-06-10,600030.SH,10\n2015-06-10,000001.SZ,20\n2015-06-10,600000.SH,30\n\
    2015-06-11,600030.SH,11\n2015-06-11,000001.SZ,21\n2015-06-11,600000.SH,30\n\
    2015-06-12,600030.SH,10\n2015-06-12,000001.SZ,20\n2015-06-12,600000.SH,31\n";
const POSITIONS: &str = "account_id,symbol,quantity\na-1,600030.SH,1000\na-1,000001.SZ,500\n";

fn load(correlations: &str) -> Result<Inputs, Problems> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let accounts = "account_id,tier,cash,loan\na-1,A,0,1000\n";
    for (name, text) in [("prices", PRICES), ("positions", POSITIONS), ("accounts", accounts), ("correlations", correlations)] {
        std::fs::write(folder.path().join(format!("{name}.csv")), text).expect("a file can be written");
    }
    let mut programme = programme(folder.path());
    (programme.data.instruments, programme.data.funding) = (None, None);
    programme.data.correlations = Some("correlations.csv".into());
    inputs::load(&programme)
}

#[test]
fn long_and_wide_files_give_the_matrix_of_what_is_held() {
    let long = "symbol_a,symbol_b,correlation\n600030.SH,000001.SZ,45%\n000001.SZ,600030.SH,0.45\n600030.SH,600030.SH,1\n";
    let more = "证券1,证券2,相关系数\n600030,sz.000001,0.45\n600000.SH,600030,-0.2\n000001.SZ,600000.SH,0\n";
    let wide = "symbol,600030.SH,000001.SZ\n600030.SH,1,\n000001.SZ,0.45,1\n";
    for text in [long, more, wide] {
        let inputs = load(text).unwrap_or_else(|problems| panic!("{text}\n{problems}"));
        let given = inputs.market.correlations.expect("given");
        let names: Vec<&str> = given.symbols.iter().map(|s| inputs.market.history.symbols[*s].as_str()).collect();
        assert_eq!(
            (names.as_slice(), given.matrix.as_slice().expect("row by row")),
            (&["000001.SZ", "600030.SH"][..], &[1.0, 0.45, 0.45, 1.0][..]),
            "{text}"
        );
        assert!(inputs.lineage.iter().any(|file| file.role == "correlations" && file.rows > 1));
    }
}

#[test]
fn what_is_no_matrix_is_named() {
    let long = |rows: &str| format!("symbol_a,symbol_b,correlation\n{rows}");
    let cases = [
        (long("600030.SH,000001.SZ,1.2\n"), vec!["correlations.csv:2", "a correlation lies within -1 and 1"]),
        (long("600030.SH,000001.SZ,0.4\n000001.SZ,600030.SH,0.5\n"), vec!["correlations.csv:3", "0.5 and 0.4", "the same both ways round"]),
        (long("600030.SH,000001.SZ,0.4\n600030.SH,000001.SZ,0.4\n"), vec!["correlations.csv:3", "a pair has one correlation"]),
        (long("600030.SH,000001.SZ,0.4\n600030.SH,600030.SH,0.9\n"), vec!["correlations.csv:3", "correlated with itself by 1"]),
        (long("600030.SH,600000.SH,0.4\n"), vec!["symbol 000001.SZ is missing"]),
        (long("600030.SH,000001.SZ,0.4\n600030.SH,999999.XX,0.1\n999999.XX,000001.SZ,0.1\n"), vec!["found symbol \"999999.XX\""]),
        (long("600030.SH,000001.SZ,0.4\n600030.SH,600000.SH,0.1\n"), vec!["1 of 3 pairs are missing", "000001.SZ and 600000.SH"]),
        (long("600030.SH,000001.SZ,\n"), vec!["correlations.csv:2", "is empty"]),
        ("symbol,600030.SH,000001.SZ\n600030.SH,1,0.3\n000001.SZ,0.45,1\n".to_string(), vec!["the same both ways round"]),
        ("symbol,600030.SH,600030.SH\n600030.SH,1,0.3\n".to_string(), vec!["stands twice"]),
        ("symbol,600030.SH\n600030.SH,1\n000001.SZ,1\n".to_string(), vec!["correlations.csv:3", "no column has this symbol"]),
        ("symbol,600030.SH,000001.SZ\n600030.SH,1,\n".to_string(), vec!["1 of 1 pairs are missing"]),
    ];
    for (text, says) in cases {
        let problems = load(&text).err().unwrap_or_else(|| panic!("accepted:\n{text}"));
        let said = problems.to_string();
        assert_eq!(problems.exit_code(), exit::DATA, "{said}");
        for words in says {
            assert!(said.contains(words), "{text}\nsays nothing of {words:?}:\n{said}");
        }
    }
}

#[test]
fn a_run_draws_under_the_given_correlations_and_says_what_was_repaired() {
    let desk = crate::cli::Desk::new();
    desk.edit("programme.toml", "[data]", "[data]\ncorrelations = \"correlations.csv\"");
    desk.put("correlations.csv", "symbol_a,symbol_b,correlation\n600001.SH,600002.SH,0.9\n");
    let notes = |out: &str| {
        let text = std::fs::read_to_string(desk.path(out).join("summary.json")).expect("there");
        text.contains("correlations are those given in the data")
    };
    let run = |model: &str, out: &str| {
        let set = format!("market={{ {model} }}");
        desk.expect(0, &["run", "programme.toml", "--paths", "300", "--set", &set, "--out", out, "--quiet"]);
        notes(out)
    };
    assert!(run("gaussian = {}", "a") && run("student-t = { covariance = \"given\" }", "b"));
    assert!(!run("gaussian = { covariance = \"sample\" }", "c") && !run("gaussian = { correlation = 0.1 }", "d"));
}
