//! Breaks a small valid book in one place at a time, and checks that the problem names the place and the remedy.

use levertide::inputs::{self, Inputs};
use levertide::model::case::{Case, Data, Programme, Report, Scenario, Severity};
use levertide::problem::Problems;
use levertide::units::Day;
use std::path::Path;

const PRICES: &str = "date,symbol,close,high,low,volume,amount\n\
    2015-06-08,600030.SH,10.00,10.10,9.90,1000,10000\n\
    2015-06-08,000001.SZ,20.00,20.10,19.90,1000,20000\n\
    2015-06-09,600030.SH,11.00,11.00,10.50,1000,11000\n\
    2015-06-09,000001.SZ,18.00,18.00,18.00,1000,18000\n\
    2015-06-10,600030.SH,11.00,11.00,11.00,0,0\n\
    2015-06-10,000001.SZ,18.90,19.00,18.00,1000,18900\n\
    2015-06-11,000001.SZ,18.90,19.00,18.00,1000,18900\n\
    2015-06-12,600030.SH,12.10,12.10,11.50,2000,24200\n\
    2015-06-12,000001.SZ,18.90,19.00,18.00,1000,18900\n";
const INSTRUMENTS: &str = "symbol,name,board,st,sector,haircut,adv_amount,free_float_value\n\
    600030.SH,CITIC Securities,main,0,brokers,70%,,\n\
    000001.SZ,平安银行,main,0,banks,0.65,5000000,\n";
const ACCOUNTS: &str = "account_id,tier,grade,product,cash,loan,accrued_interest,rate_annual,open_date,maturity_date,liquidation\n\
    a-2,B,two,margin,\"1,234.5\",5000,0,8%,2015-06-01,2015-06-20,115%\n\
    a-1,A,one,margin,0,10000,12.5,0.06,20150601,2015/12/1,\n";
const POSITIONS: &str = "account_id,symbol,quantity,sellable_quantity,cost\n\
    a-1,600030.SH,1000,900,9.5\n\
    a-1,000001.SZ,500,,\n\
    a-2,600030.SH,300,300,\n";
const FUNDING: &str = "source_id,tier,amount,rate_annual,maturity_date,runnable\n\
    own,A,100000,0,,no\n\
    fund,B,50000,5%,2016-06-30,yes\n";
const FILES: [(&str, &str); 5] = [
    ("prices.csv", PRICES),
    ("instruments.csv", INSTRUMENTS),
    ("accounts.csv", ACCOUNTS),
    ("positions.csv", POSITIONS),
    ("funding.csv", FUNDING),
];

/// A programme over the five files of a folder.
pub fn programme(folder: &Path) -> Programme {
    let file = |name: &str| Some(format!("{name}.csv"));
    Programme {
        name: "faults".into(),
        as_of: Day::from_ymd(2015, 6, 12).unwrap(),
        currency: "CNY".into(),
        seed: 1,
        data: Data {
            prices: file("prices"),
            instruments: file("instruments"),
            accounts: file("accounts"),
            positions: file("positions"),
            funding: file("funding"),
            ..Data::default()
        },
        folder: folder.to_path_buf(),
        scenarios: vec![Scenario { name: "base".into(), severity: Severity::Base, narrative: String::new(), case: Case::default() }],
        limits: Vec::new(),
        report: Report::default(),
        resolved_toml: String::new(),
    }
}

/// Loads the base book after `change` has had its way with its files and its programme.
fn load(change: impl FnOnce(&Path, &mut Programme)) -> Result<Inputs, Problems> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in FILES {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let mut programme = programme(folder.path());
    change(folder.path(), &mut programme);
    inputs::load(&programme)
}

#[test]
fn the_five_inputs_become_a_book_and_a_market() {
    let inputs = load(|_, _| {}).unwrap_or_else(|problems| panic!("{problems}"));
    let (book, market) = (&inputs.book, &inputs.market);
    assert_eq!(book.account_id, ["a-1", "a-2"]);
    assert_eq!(market.history.symbols, ["000001.SZ", "600030.SH"]);
    assert_eq!(market.prices(), [18.90, 12.10]);
    assert_eq!(book.cash, [0.0, 1234.5]);
    assert_eq!(book.rate_annual, [0.06, 0.08]);
    assert_eq!(book.lines[1].liquidation, Some(1.15));
    assert_eq!(book.position_start, [0, 2, 3]);
    assert_eq!(book.position_sellable, [500.0, 900.0, 300.0]);
    assert_eq!(book.funding[0].source_id, "fund");
    assert_eq!(book.tiers, ["A", "B"]);
    assert_eq!(market.instruments[1].haircut, 0.7);
    assert_eq!(market.instruments[0].adv_amount, Some(5e6));
    assert_eq!(market.instruments[1].adv_amount, Some((10_000.0 + 11_000.0 + 24_200.0) / 3.0));
    assert_eq!(
        inputs.lineage.iter().map(|f| (f.role.as_str(), f.rows)).collect::<Vec<_>>(),
        [("prices", 9), ("instruments", 2), ("accounts", 2), ("positions", 3), ("funding", 2)]
    );
    assert_eq!(inputs.lineage[4].sha256.len(), 64);
}
