//! Measures how cost grows with paths, accounts, days and scenarios over a factor of 16, and memory with paths.

use super::Args;
use super::shared::{self, volatility};
use levertide::model::case::Programme;

/// Sizes, as multiples of the smallest.
const STEPS: [usize; 3] = [1, 4, 16];

/// One book of the series: accounts, days, paths, scenarios.
#[derive(Clone, Copy)]
struct Size {
    accounts: usize,
    days: usize,
    paths: u64,
    scenarios: usize,
    /// Volatility over that of the book: where days grow and the risk of the whole horizon does not.
    volatility: f64,
}

/// What grows, and how a size grows by a factor.
type Series = (&'static str, fn(Size, usize) -> Size);

pub fn run(args: &Args) {
    let base = match args.tiny {
        true => Size { accounts: 20, days: 3, paths: 64, scenarios: 1, volatility: 1.0 },
        false => Size { accounts: 500, days: 5, paths: 4_096, scenarios: 1, volatility: 1.0 },
    };
    println!("cost over a factor of 16, one thread, least of {} runs; {}", args.runs, shared::machine());
    println!("{:<18} {:>31} {:>26} {:>24}", "", "seconds at 1, 4 and 16", "16 over 16 times 1", "slope of 4–16 over 1–4");
    let grown: [Series; 5] = [
        ("paths", |s, k| Size { paths: s.paths * k as u64, ..s }),
        ("accounts", |s, k| Size { accounts: s.accounts * k, ..s }),
        ("days", |s, k| Size { days: s.days * k, ..s }),
        ("days of less risk", |s, k| Size { days: s.days * k, volatility: (k as f64).sqrt().recip(), ..s }),
        ("scenarios", |s, k| Size { scenarios: k, ..s }),
    ];
    for (name, grow) in grown {
        let books = STEPS.map(|k| book(grow(base, k)));
        let each: Vec<_> =
            books.iter().map(|b| move || shared::hash_of(&shared::run(&b.programme, &b.inputs.book, &b.inputs, 1))).collect();
        let works: Vec<shared::Work<'_>> = each.iter().map(|work| ("", work as &dyn Fn() -> String)).collect();
        let [one, four, sixteen] = [0, 1, 2].map({
            let timed = shared::in_turn(&works, args.runs);
            move |k: usize| shared::least(&timed[k].seconds)
        });
        // what is the same at every size (the fit, the market of a tile where accounts grow) cancels in the slopes
        let slope = (sixteen - four) / (four - one) / 4.0;
        println!(
            "{name:<18} {one:>10.4} {four:>10.4} {sixteen:>9.3} {:>+24.1} % {:>+22.1} %",
            100.0 * (sixteen / one / 16.0 - 1.0),
            100.0 * (slope - 1.0)
        );
    }
    memory(args, base);
}

/// Peak memory at 1, 4 and 16 times the paths, each in a process of its own.
fn memory(args: &Args, base: Size) {
    println!("memory in paths, {} accounts, 2 threads:", base.accounts);
    for k in STEPS {
        let paths = (base.paths * k as u64).to_string();
        if args.here {
            peak(args, &paths);
        } else {
            args.child(&["--peak", &paths]);
        }
    }
}

/// Prints the memory one run adds to what it has read.
pub fn peak(args: &Args, paths: &str) {
    let paths: u64 = paths.parse().expect("--peak takes a number of paths");
    let accounts = if args.tiny { 20 } else { 500 };
    let book = book(Size { accounts, days: 5, paths, scenarios: 1, volatility: 1.0 });
    let before = shared::memory_mib("VmRSS");
    shared::forget_peak();
    let outcome = shared::run(&book.programme, &book.inputs.book, &book.inputs, 2);
    let added = shared::memory_mib("VmHWM") - before;
    println!(
        "  {paths:>9} paths: {added:>8.1} MiB more, {:>6.0} bytes a path  {}",
        added * 1048576.0 / paths as f64,
        shared::hash_of(&outcome)
    );
}

fn book(size: Size) -> shared::Reference {
    let flags = ["--accounts", &size.accounts.to_string(), "--days", &size.days.to_string()].map(String::from);
    let mut reference = shared::reference("desk", &flags, size.paths);
    reference.programme = repeated(&reference.programme, size.scenarios, size.volatility);
    reference
}

/// The base scenario so many times, each under a shock of its own: draws are shared, prices are not.
///
/// The shocks differ by too little to touch more accounts.
fn repeated(programme: &Programme, scenarios: usize, multiple: f64) -> Programme {
    let mut more = programme.clone();
    let base = more.scenarios.remove(0);
    for k in 0..scenarios {
        let mut scenario = base.clone();
        scenario.name = format!("scenario {k}");
        scenario.case.shocks.push(volatility(multiple * (1.0 + 1e-6 * k as f64)));
        more.scenarios.push(scenario);
    }
    more
}
